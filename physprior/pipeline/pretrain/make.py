"""From nothing to a pre-trained checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from physprior import files
from physprior.dialogue import Templates
from physprior.errors import OutputError
from physprior.knowledge.load import KnowledgeBase
from physprior.pipeline.pretrain.captions import vocabulary
from physprior.pipeline.pretrain.course import Measured, Pretraining, Schedule
from physprior.vlm.tiny import (
    TinyShape,
    corpus,
    make_model,
    make_processor,
    make_tokenizer,
    write_checkpoint,
)

SHAPE = TinyShape(
    vocabulary=4000,
    heads=2,
    image_size=48,
    patch_size=16,
    feature_layer=-1,
    rope_theta=300.0,
    embedding=1.0,
    projector_gain=1.0,
    look_back=True,
)
"""The pre-trained base: 3 × 3 patches and the CLS token a frame."""


def make_pretrained(
    out: Path,
    knowledge: KnowledgeBase,
    templates: Templates,
    schedule: Schedule,
    *,
    shape: TinyShape = SHAPE,
    device: str = "cpu",
    workers: int = 0,
    progress: Callable[[int, int, Measured], None] = lambda *_: None,
) -> Path:
    """Pre-train a base of a shape and write its checkpoint into ``out``; killed, it goes on.

    ``device`` learns; ``workers`` processes draw ahead for it, or none (see ``Pretraining``).
    Of KB and templates only the words are taken, for the tokenizer; no sentence of theirs is
    learned. The same settings give the same weights on the same machine with as many threads;
    elsewhere sums are rounded otherwise. Raises OutputError where ``out`` holds something already.
    """
    out = out.absolute()
    state = out.with_name(f"{out.name}.state")
    if out.exists() and any(out.iterdir()):
        raise OutputError(f"{out} is not empty", remedy="name a new folder, or remove it")
    files.make_folder(out)
    words = [*corpus(knowledge, templates), *vocabulary()]
    tokenizer = make_tokenizer(words, shape.vocabulary)
    image_processor = make_processor(shape)
    model = make_model(shape, tokenizer, schedule.seed).to(device)
    course = Pretraining(model, tokenizer, image_processor, schedule, workers=workers)
    course.run(state, progress)
    # In half the room; what trains on is float32 again once it is loaded.
    write_checkpoint(out, model.half().cpu(), tokenizer, image_processor)
    state.unlink(missing_ok=True)
    return out
