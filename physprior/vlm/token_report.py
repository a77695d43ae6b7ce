"""How many tokens dialogues have for a given model, by what they are, and whether they fit it.

Counted with the encoder that training uses, so that a dialogue that is too long is found here, and
not on the GPU.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from physprior.dataset.records import Record
from physprior.dialogue import Dialogue, Templates
from physprior.errors import DatasetError
from physprior.knowledge.load import KnowledgeBase
from physprior.knowledge.schema import NORMAL
from physprior.vlm.tokens import DialogueEncoder

KINDS = ("prompt", "component", "subject", "motion", "plain", "verdict", "video")
"""What a token can be: asked (with the form's marks), of a part of an answer, or of the video."""
DEFAULT_FRAMES = 8
_SUPERVISED = KINDS[1:-1]
_LISTED = 10


@dataclass(frozen=True)
class Counted:
    """One dialogue with its tokens."""

    name: str
    """The record's id, or for a dialogue of the KB its class and explanation."""
    category: str
    mode: str
    tokens: dict[str, int]
    """By kind, all of KINDS."""

    @property
    def total(self) -> int:
        """All its tokens, those of the video included."""
        return sum(self.tokens.values())


@dataclass(frozen=True)
class Row:
    """Dialogues of one mode: those of a category, or all."""

    mode: str
    category: str
    """Empty for all."""
    count: int
    """How many dialogues."""
    means: dict[str, float]
    """Tokens of a dialogue, by kind."""
    share: float
    """The verdict's share of all supervised tokens."""
    longest: Counted


@dataclass(frozen=True)
class TokenReport:
    """The tokens of dialogues for one model."""

    model: str
    context: int
    """How many tokens the model can hold (``max_position_embeddings`` of its text part)."""
    frames: int
    """Frames of a video."""
    tokens_per_frame: int
    rows: tuple[Row, ...]
    """By mode; in each the categories, then all of them."""
    unfit: tuple[Counted, ...]
    """The dialogues that are longer than the context, the longest first."""

    @property
    def longest(self) -> Counted:
        """The longest dialogue of all."""
        return max((row.longest for row in self.rows), key=lambda counted: counted.total)

    def remedy(self, counted: Counted) -> str:
        """What to shorten so that a dialogue fits."""
        over = counted.total - self.context
        texts = {kind: n for kind, n in counted.tokens.items() if kind != "video"}
        kind = max(texts, key=lambda name: texts[name])
        what = "the template's questions" if kind == "prompt" else f"the {kind} text"
        ways = [f"shorten {what} of {counted.category} by {over:,} of its {texts[kind]:,} tokens"]
        if texts[kind] <= over:
            ways = [] if kind == "prompt" else [f"shorten its texts by {over:,} tokens"]
        frames = (self.context - sum(texts.values())) // self.tokens_per_frame
        if frames >= 2:
            ways.append(f"use at most {frames} frames of a video")
        return ", or ".join(ways) or "use a model with a longer context"


@dataclass(frozen=True)
class TokenModel:
    """What of a model decides about tokens."""

    source: str
    encoder: DialogueEncoder
    context: int
    frames: int
    tokens_per_frame: int


def open_token_model(source: str | Path, frames: int | None = None) -> TokenModel:
    """The tokenizer and sizes of a checkpoint (folder or hub id) or run folder, without weights.

    ``frames`` of a video: those of the run, else 8, where nothing is said. Raises CheckpointError.
    """
    from physprior.vlm.checkpoint import encoder_of, load_tokenizing, tokens_per_frame
    from physprior.vlm.run_folder import MODEL, is_run, read_run

    place = str(source)
    if is_run(Path(source)):
        run = read_run(Path(source))
        frames = frames or run.sampling.frames
        place = run.base if run.tune == "lora" else str(Path(source) / MODEL)
    frames = frames or DEFAULT_FRAMES
    config, tokenizer, _ = load_tokenizing(place)
    return TokenModel(
        source=str(source),
        encoder=encoder_of(config, tokenizer, frames),
        context=int(config.text_config.max_position_embeddings),
        frames=frames,
        tokens_per_frame=tokens_per_frame(config),
    )


def count_tokens(dialogues: Iterable[tuple[str, Dialogue]], model: TokenModel) -> TokenReport:
    """Count named dialogues; equal ones are tokenised once.

    Raises DatasetError where there are none; TemplateError for one that holds a mark of the chat
    form.
    """
    known: dict[Dialogue, dict[str, int]] = {}
    counted: list[Counted] = []
    for name, dialogue in dialogues:
        if dialogue not in known:
            known[dialogue] = _tokens(dialogue, model)
        counted.append(Counted(name, dialogue.category, dialogue.mode, known[dialogue]))
    if not counted:
        raise DatasetError(
            "there is no dialogue to count the tokens of", remedy="name a dataset that has records"
        )
    return TokenReport(
        model=model.source,
        context=model.context,
        frames=model.frames,
        tokens_per_frame=model.tokens_per_frame,
        rows=tuple(_rows(counted)),
        unfit=tuple(
            sorted(
                (one for one in counted if one.total > model.context),
                key=lambda one: (-one.total, one.name),
            )
        ),
    )


def fits(
    records: Iterable[Record], model: str | Path | TokenModel, frames: int | None = None
) -> TokenReport:
    """The tokens of records. Raises DatasetError, naming those that the model cannot hold."""
    if not isinstance(model, TokenModel):
        model = open_token_model(model, frames)
    report = count_tokens(dialogues_of(records), model)
    refuse_unfit(report)
    return report


def refuse_unfit(report: TokenReport) -> None:
    """Raise DatasetError where a dialogue does not fit, with what to shorten."""
    if report.unfit:
        listed = "\n".join(f"  {line}" for line in unfit_lines(report))
        raise DatasetError(
            f"{unfit_count(report)} the {report.context:,} tokens of {report.model}:\n{listed}",
            remedy=report.remedy(report.unfit[0]),
        )


def unfit_count(report: TokenReport) -> str:
    """How many dialogues do not fit."""
    return (
        "1 dialogue does not fit"
        if len(report.unfit) == 1
        else f"{len(report.unfit)} dialogues do not fit"
    )


def unfit_lines(report: TokenReport) -> Iterator[str]:
    """The longest of the dialogues that do not fit, each with what its tokens are."""
    for counted in report.unfit[:_LISTED]:
        parts = sorted(counted.tokens.items(), key=lambda part: -part[1])
        listed = ", ".join(f"{kind} {n:,}" for kind, n in parts if n)
        yield f"{counted.name}: {counted.total:,} tokens ({listed})"
    if len(report.unfit) > _LISTED:
        yield f"and {len(report.unfit) - _LISTED} more"


def dialogues_of(records: Iterable[Record]) -> Iterator[tuple[str, Dialogue]]:
    """The dialogues of records, by their ids."""
    for record in records:
        yield record.id, record.dialogue()


def kb_dialogues(knowledge: KnowledgeBase, templates: Templates) -> Iterator[tuple[str, Dialogue]]:
    """Every dialogue that a KB and templates make: each explanation once, in every mode."""
    for mode in templates.modes():
        for category in knowledge.categories.values():
            for class_id, texts in category.classes():
                for number, reason in enumerate(texts.explanations, 1):
                    yield (
                        f"{mode} {category.id}/{class_id}, explanation {number}",
                        templates.render(
                            category, mode, anomalous=class_id != NORMAL, reason=reason
                        ),
                    )


def _tokens(dialogue: Dialogue, model: TokenModel) -> dict[str, int]:
    encoded = model.encoder.dialogue(dialogue)
    tokens = {kind: encoded.kinds.count(kind) for kind in _SUPERVISED}
    video = model.frames * model.tokens_per_frame
    asked = len(encoded.input_ids) - sum(tokens.values()) - video
    return {"prompt": asked, **tokens, "video": video}


def _rows(counted: Sequence[Counted]) -> Iterator[Row]:
    by_mode: dict[str, dict[str, list[Counted]]] = defaultdict(lambda: defaultdict(list))
    for one in counted:
        by_mode[one.mode][one.category].append(one)
    for mode, by_category in sorted(by_mode.items()):
        for category, own in sorted(by_category.items()):
            yield _row(mode, category, own)
        yield _row(mode, "", [one for own in by_category.values() for one in own])


def _row(mode: str, category: str, own: Sequence[Counted]) -> Row:
    sums = {kind: sum(one.tokens[kind] for one in own) for kind in KINDS}
    supervised = sum(sums[kind] for kind in _SUPERVISED)
    return Row(
        mode=mode,
        category=category,
        count=len(own),
        means={kind: n / len(own) for kind, n in sums.items()},
        share=sums["verdict"] / supervised if supervised else 0.0,
        longest=max(own, key=lambda one: one.total),
    )
