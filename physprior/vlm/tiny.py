"""A tiny random Video-LLaVA in the hub's own format: what demo and tests train on a CPU.

Same class, same files, same loading path as the 7B; nothing later knows that it is tiny. Its
vocabulary is a byte-pair encoding of the KB's and the templates' text.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from physprior import files
from physprior.dialogue import Templates
from physprior.errors import OutputError
from physprior.knowledge.load import KnowledgeBase
from physprior.vlm.chat import CHAT_TEMPLATE, END, write_chat
from physprior.vlm.look_back import look_back


class TinyShape(BaseModel):
    """The sizes of a tiny Video-LLaVA; the defaults are what the demo learns with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vocabulary: int = 1400
    """Most tokens that the vocabulary may hold."""
    width: int = 128
    """Width of the language model and of both towers."""
    layers: int = 4
    """Layers of the language model."""
    heads: int = 4
    """Attention heads of the language model."""
    tower_layers: int = 2
    """Layers of a vision tower."""
    feature_layer: int = -2
    """Which of a tower's layers is read; the last but one, as for the 7B."""
    rope_theta: float = 10_000.0
    """Base of the rotary positions' wavelengths: 10,000 is made for thousands of tokens."""
    look_back: bool = False
    """Let the first language layer begin as the difference to the frame before (see
    ``vlm.look_back``): random attention takes very long to find a thing's place of a frame ago."""
    image_size: int = 28
    """Side of the square that a frame is resized and cropped to, in pixels."""
    patch_size: int = 14
    """Side of a patch, in pixels: 28 and 14 give 2 × 2 patches and the CLS token, 5 in all."""
    initial: float = 0.06
    """Standard deviation of the language layers' and the projector's random weights; the usual
    0.02 is made for widths of thousands and leaves layers of this width almost without effect."""
    embedding: float = 0.2
    """Standard deviation of the embeddings."""
    head: float = 0.2
    """Standard deviation of the head: like the embeddings it stays frozen, and with the usual 0.02
    a frozen head cannot make a peaked distribution."""
    projector_gain: float = 10.0
    """How much the projector's last layer is scaled up, so that features stand out like words."""
    patch_gain: float = 5.0
    """How much the patch filters are scaled up once their means are taken out: a random filter
    with a mean mostly sees how bright the background is."""


def make_tiny(
    out: Path,
    knowledge: KnowledgeBase,
    templates: Templates,
    *,
    seed: int = 0,
    shape: TinyShape | None = None,
) -> Path:
    """Write a tiny checkpoint into ``out`` and return it. Same seed and texts, same weights.

    Raises OutputError where ``out`` holds something already.
    """
    shape = shape or TinyShape()
    if out.exists() and any(out.iterdir()):
        raise OutputError(f"{out} is not empty", remedy="name a new folder, or remove it")
    files.make_folder(out)
    tokenizer = make_tokenizer(corpus(knowledge, templates), shape.vocabulary)
    model = make_model(shape, tokenizer, seed)
    return write_checkpoint(out, model, tokenizer, make_processor(shape))


def write_checkpoint(out: Path, model: Any, tokenizer: Any, image_processor: Any) -> Path:
    """Write a checkpoint into the empty folder ``out``, whole or not at all, and return it."""
    out = out.absolute()
    # Written beside it and renamed: a checkpoint is whole, or is not there.
    part = out.with_name(f"{out.name}.part")
    with files.writing_to(out):
        shutil.rmtree(part, ignore_errors=True)
        tokenizer.save_pretrained(part)
        image_processor.save_pretrained(part)
        model.save_pretrained(part)
        out.rmdir()
        part.rename(out)
    return out


def corpus(knowledge: KnowledgeBase, templates: Templates) -> list[str]:
    """Every text that a dialogue of this KB can say, references left out."""
    texts: list[str] = []
    for category in knowledge.categories.values():
        for mode in templates.modes():
            for class_id, texts_of_class in category.classes():
                for reason in texts_of_class.explanations:
                    dialogue = templates.render(
                        category, mode, anomalous=class_id != "normal", reason=reason
                    )
                    texts.append(write_chat(dialogue).text)
    return texts


def make_tokenizer(texts: Iterable[str], size: int) -> Any:
    """A Llama tokenizer of at most ``size`` tokens, learned from ``texts``."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import LlamaTokenizer

    marks = ["<unk>", "<s>", END]
    octets = [f"<0x{octet:02X}>" for octet in range(256)]
    learner = Tokenizer(models.BPE(unk_token="<unk>"))
    # Llama's vocabulary keeps words apart from marks, so ours must: else "Normal." is one token.
    learner.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(prepend_scheme="always"), pre_tokenizers.Punctuation()]
    )
    room = size - len(octets) - len(marks) - 3
    learner.train_from_iterator(
        (text.replace(END, " ") for text in texts),
        trainers.BpeTrainer(vocab_size=room, special_tokens=[], show_progress=False),
    )
    learned = sorted(learner.get_vocab().items(), key=lambda item: item[1])
    vocabulary = {token: index for index, token in enumerate(marks + octets)}
    for token, _ in learned:
        vocabulary.setdefault(token, len(vocabulary))
    tokenizer = LlamaTokenizer(
        vocab=vocabulary,
        merges=_merges(learner),
        pad_token="<pad>",
        extra_special_tokens=["<image>", "<video>"],
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def _merges(learner: Any) -> list[tuple[str, str]]:
    merges = json.loads(learner.to_str())["model"]["merges"]
    return [tuple(merge) for merge in merges]


def make_model(shape: TinyShape, tokenizer: Any, seed: int) -> Any:
    """A random Video-LLaVA of a shape, for a tokenizer."""
    import torch
    from transformers import (
        CLIPVisionConfig,
        LlamaConfig,
        VideoLlavaConfig,
        VideoLlavaForConditionalGeneration,
    )

    width = shape.width
    vision = CLIPVisionConfig(
        hidden_size=width,
        intermediate_size=4 * width,
        num_hidden_layers=shape.tower_layers,
        num_attention_heads=4,
        image_size=shape.image_size,
        patch_size=shape.patch_size,
        projection_dim=width,
    )
    text = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=2 * width + 96,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        max_position_embeddings=4096,
        rms_norm_eps=1e-5,
        # Only a bias can make a head look by place alone.
        attention_bias=shape.look_back,
        rope_parameters={"rope_type": "default", "rope_theta": shape.rope_theta},
        initializer_range=shape.initial,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    patches = (shape.image_size // shape.patch_size) ** 2
    config = VideoLlavaConfig(
        vision_config=vision,
        text_config=text,
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        video_token_index=tokenizer.convert_tokens_to_ids("<video>"),
        image_seq_length=patches,
        video_seq_length=8 * (patches + 1),
        vision_feature_layer=shape.feature_layer,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = VideoLlavaForConditionalGeneration(config)
    with torch.no_grad():
        model.get_input_embeddings().weight.mul_(shape.embedding / shape.initial)
        model.get_output_embeddings().weight.mul_(shape.head / shape.initial)
        model.model.multi_modal_projector.linear_2.weight.mul_(shape.projector_gain)
        for tower in (model.model.video_tower, model.model.image_tower):
            filters = tower.embeddings.patch_embedding.weight
            filters.sub_(filters.mean(dim=(2, 3), keepdim=True)).mul_(shape.patch_gain)
    if shape.look_back:
        look_back(model, tokens_per_frame=patches + 1, seed=seed)
    model.generation_config.do_sample = False
    return model


def make_processor(shape: TinyShape) -> Any:
    """The image processor that goes with a shape."""
    from transformers import VideoLlavaImageProcessor

    side = shape.image_size
    return VideoLlavaImageProcessor(
        size={"shortest_edge": side}, crop_size={"height": side, "width": side}
    )
