"""Shapes without weights: the 7B's as its public config gives it, and a small one to measure with.

No network: what is said of the 7B's shape is what ``LanguageBind/Video-LLaVA-7B-hf``
publishes as its config.json.
"""

from __future__ import annotations

from typing import Any


def video_llava_7b() -> Any:
    """The VideoLlavaConfig of the 7B: Vicuna-7B, two CLIP ViT-L/14 towers, a projector.

    A new object each time, so that a caller may change it.
    """
    from transformers import CLIPVisionConfig, LlamaConfig, VideoLlavaConfig

    text = LlamaConfig(
        vocab_size=32064,
        hidden_size=4096,
        intermediate_size=11008,
        num_hidden_layers=32,
        num_attention_heads=32,
        max_position_embeddings=4096,
        rms_norm_eps=1e-5,
        pad_token_id=0,
    )
    vision = CLIPVisionConfig(
        hidden_size=1024,
        intermediate_size=4096,
        num_hidden_layers=24,
        num_attention_heads=16,
        image_size=224,
        patch_size=14,
        projection_dim=768,
    )
    return VideoLlavaConfig(
        text_config=text,
        vision_config=vision,
        image_token_index=32000,
        video_token_index=32001,
        image_seq_length=256,
        video_seq_length=2056,
    )


def small_video_llava(**text: int) -> Any:
    """A VideoLlavaConfig to measure with on a processor; fields of its language model by name."""
    from transformers import CLIPVisionConfig, LlamaConfig, VideoLlavaConfig

    fields = {
        "vocab_size": 1400,
        "hidden_size": 128,
        "intermediate_size": 352,
        "num_hidden_layers": 5,
        "num_attention_heads": 4,
        "max_position_embeddings": 4096,
        "pad_token_id": 0,
    } | text
    vision = CLIPVisionConfig(
        hidden_size=128,
        intermediate_size=512,
        num_hidden_layers=4,
        num_attention_heads=4,
        image_size=28,
        patch_size=14,
        projection_dim=128,
    )
    return VideoLlavaConfig(
        text_config=LlamaConfig(**fields),
        vision_config=vision,
        image_token_index=fields["vocab_size"] - 2,
        video_token_index=fields["vocab_size"] - 1,
    )
