"""How the videos of each category are asked about: the run's mode, frames and prompts, or others.

A model is asked as it was trained; other prompts are refused, unless the user accepts them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from physprior.dataset.render import Rendered, render_category
from physprior.dialogue import Dialogue, History, Templates
from physprior.eval.diagnosis import Asked, PriorTold
from physprior.eval.identity import Identity
from physprior.eval.refusals import changed_prompts, own_sampling, refuse_changed
from physprior.knowledge.load import KnowledgeBase
from physprior.knowledge.schema import NORMAL
from physprior.video.sample import Sampling
from physprior.vlm.load import LoadedModel
from physprior.vlm.run_folder import RunRecord

if TYPE_CHECKING:
    from physprior.eval.thresholds import Thresholds

DEFAULT_MODE = "multi_turn"
"""The mode in which a bare checkpoint is asked, where none is said."""


@dataclass(frozen=True)
class DiagnoseOptions:
    """How videos are diagnosed."""

    mode: str | None = None
    """The dialogue's mode; the run's own if None, ``multi_turn`` for a bare checkpoint."""
    history: History = "given"
    """What stands before the verdict: the KB's text, or what the model says itself."""
    score_only: bool = False
    """Leave the words out: one forward pass a video."""
    max_new_tokens: int = 128
    """Most tokens of an answer."""
    batch_size: int = 16
    """Videos on the device at once."""
    sampling: Sampling | None = None
    """Frames for a bare checkpoint; a run's own sampling cannot be changed."""
    accept_changed_prior: bool = False
    """Diagnose although a category's prompts differ from those trained on."""
    cache: Path | None = None
    """Where decoded frames are kept; the user's cache if None."""
    workers: int = 2
    """Processes that decode videos."""


@dataclass(frozen=True)
class AskedCategory:
    """What all videos of a category share."""

    asked: Asked
    """How they are asked about, as it is told."""
    dialogue: Dialogue
    """What they are asked with; its verdict is not looked at."""


def asked_categories(
    source: str,
    model: LoadedModel,
    categories: Iterable[str],
    options: DiagnoseOptions,
    knowledge: KnowledgeBase,
    templates: Templates,
) -> dict[str, AskedCategory]:
    """Render what the videos of each category are asked with, by category and sorted by it.

    Raises PredictionError for other frames than the run's, and for prompts that differ from those
    it was trained on, unless they are accepted; and the errors of KB and templates.
    """
    run = model.run
    asked = Asked(
        model=source,
        run_fingerprint=run.fingerprint if run else None,
        mode=options.mode or (run.mode if run else DEFAULT_MODE),
        history=options.history,
        sampling=own_sampling(source, run, options.sampling),
        prompt_hash="",
        trained=None,
        prompt_changed=False,
        prior=None,
    )
    found = {
        name: _category(asked, run, render_category(knowledge, templates, name, asked.mode))
        for name in sorted(set(categories))
    }
    if not options.accept_changed_prior:
        changed = [name for name, one in found.items() if one.asked.prompt_changed]
        remedy = (
            "leave --mode out, restore the KB entry or template, train again on what they say now"
        )
        refuse_changed(source, run, asked.mode, changed, remedy=remedy)
    return found


def _category(asked: Asked, run: RunRecord | None, rendered: Rendered) -> AskedCategory:
    # Nothing of the verdict is asked with, so that any class's dialogue will do.
    dialogue = rendered.classes[NORMAL][0].dialogue
    own = {
        "prompt_hash": rendered.prompt_hash,
        "trained": None if run is None else dialogue.category in run.prompts,
        "prompt_changed": bool(changed_prompts(run, {dialogue.category: rendered.prompt_hash})),
        "prior": _prior(dialogue) if asked.history == "given" else None,
    }
    return AskedCategory(asked.model_copy(update=own), dialogue)


def _prior(dialogue: Dialogue) -> PriorTold | None:
    parts = [part for turn in dialogue.until_verdict().turns for part in turn.parts]
    told = {
        kind: " ".join(part.text for part in parts if part.kind == kind) or None
        for kind in PriorTold.model_fields
    }
    return PriorTold.model_validate(told) if any(told.values()) else None


def refuse_other_thresholds(
    thresholds: Thresholds, model: LoadedModel, categories: Mapping[str, AskedCategory]
) -> None:
    """Raise PredictionError where thresholds belong to another model, mode, history or sampling."""
    asked = next(iter(categories.values())).asked
    changed = {name for name, one in categories.items() if one.asked.prompt_changed}
    # Of categories that are not asked about now, nothing is known that could differ.
    said = thresholds.identity.accepted_changed_prior if thresholds.identity else ()
    thresholds.refuse_other(
        Identity(
            source="predict",
            model=asked.model,
            base_fingerprint=model.checkpoint.fingerprint,
            run_fingerprint=asked.run_fingerprint,
            mode=asked.mode,
            history=asked.history,
            sampling=asked.sampling,
            accepted_changed_prior=tuple(sorted(changed | (set(said) - categories.keys()))),
        )
    )
