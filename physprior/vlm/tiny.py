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
    """Attention heads, everywhere."""
    image_size: int = 28
    """Side of the square that a frame is resized and cropped to, in pixels."""
    patch_size: int = 14
    """Side of a patch, in pixels: 28 and 14 give 2 × 2 patches and the CLS token, 5 in all."""
    initial: float = 0.06
    """Standard deviation of the language layers' and the projector's random weights; the usual
    0.02 is made for widths of thousands and leaves layers of this width almost without effect."""
    embedding: float = 0.2
    """Standard deviation of embeddings and head: they stay frozen, and with the usual 0.02 a frozen
    head cannot make a peaked distribution."""
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
    tokenizer = _make_tokenizer(corpus(knowledge, templates), shape.vocabulary)
    model = _make_model(shape, tokenizer, seed)
    # Written beside it and renamed: a checkpoint is whole, or is not there.
    part = out.with_name(f"{out.name}.part")
    with files.writing_to(out):
        shutil.rmtree(part, ignore_errors=True)
        tokenizer.save_pretrained(part)
        _make_processor(shape).save_pretrained(part)
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


def _make_tokenizer(texts: Iterable[str], size: int) -> Any:
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


def _make_model(shape: TinyShape, tokenizer: Any, seed: int) -> Any:
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
        num_hidden_layers=2,
        num_attention_heads=shape.heads,
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
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = VideoLlavaForConditionalGeneration(config)
    with torch.no_grad():
        for words in (model.get_input_embeddings(), model.get_output_embeddings()):
            words.weight.mul_(shape.embedding / shape.initial)
        model.model.multi_modal_projector.linear_2.weight.mul_(shape.projector_gain)
        for tower in (model.model.video_tower, model.model.image_tower):
            filters = tower.embeddings.patch_embedding.weight
            filters.sub_(filters.mean(dim=(2, 3), keepdim=True)).mul_(shape.patch_gain)
    model.generation_config.do_sample = False
    return model


def _make_processor(shape: TinyShape) -> Any:
    from transformers import VideoLlavaImageProcessor

    side = shape.image_size
    return VideoLlavaImageProcessor(
        size={"shortest_edge": side}, crop_size={"height": side, "width": side}
    )
