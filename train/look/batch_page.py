"""A batch as one HTML file: frames, tokens and checks; no scripts, and nothing from elsewhere."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from physprior import files, verdict
from physprior.train.look.shown import LABEL, VIDEO_RUN, PartSum, ShownBatch, ShownRecord, Token

PARTS = ("component", "subject", "motion", "plain", "verdict", LABEL, "prompt", VIDEO_RUN)
"""Parts that the page has a colour for; a token of any other is shown as a fault."""
_MEANINGS = {
    "component": "which component makes it work",
    "subject": "which parts move",
    "motion": "which motion should be seen",
    "plain": "an answer's words outside its parts",
    "verdict": "the verdict's other words: its mark and its reason",
    LABEL: "the verdict's label: what the anomaly score reads",
    "prompt": "questions and the form's marks: to be read only",
    VIDEO_RUN: "one token a feature of the video: to be read only",
    "padding": "fills the shorter dialogues up: neither read nor taught",
}


@dataclass(frozen=True)
class Piece:
    """One token, or the video, as it is written on the page."""

    text: str
    style: str
    title: str


@dataclass(frozen=True)
class Run:
    """Neighbouring tokens of one part and one weight."""

    pieces: tuple[Piece, ...]
    weight: str
    """Empty where it is 1, or where nothing is taught."""


@dataclass(frozen=True)
class Line:
    """A stretch of a dialogue that has one part."""

    name: str
    taught: bool
    fault: str
    """What is wrong with it; empty where nothing is."""
    count: int
    runs: tuple[Run, ...]


def write_page(batch: ShownBatch, facts: Sequence[tuple[str, str]], path: Path) -> None:
    """Write the page of a batch; ``facts`` (name, text) say what it is of. Raises OutputError."""
    files.write_text(path, page(batch, facts))


def page(batch: ShownBatch, facts: Sequence[tuple[str, str]]) -> str:
    """The page of a batch, as one HTML text."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("batch.html.j2").render(
        facts=facts,
        batch=batch,
        wrong=[check for check in batch.checks if not check.holds],
        sums=[_sum_cells(one) for one in batch.sums],
        weight=f"{sum(one.weight for one in batch.sums):,.1f}",
        taught=f"{sum(one.taught for one in batch.sums):,}",
        tokens=f"{sum(one.tokens for one in batch.sums):,}",
        records=[
            {
                "shown": row,
                "number": number,
                "label": verdict.label(bool(row.record.label)),
                "frames": list(_pictures(row)),
                "taught": sum(token.count for token in row.tokens if token.taught),
                "weight": f"{sum(token.weight * token.count for token in row.tokens):.1f}",
                "lines": list(lines(row)),
            }
            for number, row in enumerate(batch.records, 1)
        ],
    )


def _sum_cells(one: PartSum) -> dict[str, str | float]:
    return {
        "part": one.part,
        "style": style(one.part),
        "means": _MEANINGS.get(one.part, "no part that there is: something is wrong"),
        "tokens": f"{one.tokens:,}",
        "taught": f"{one.taught:,}" if one.taught else "–",
        "weight": f"{one.weight:,.1f}" if one.weight else "–",
        "each": weight_text(one.weight / one.taught) if one.taught else "–",
        "share": f"{one.share:.1%}" if one.share else "–",
        "percent": round(100 * one.share, 2),
    }


def lines(row: ShownRecord) -> Iterator[Line]:
    """The dialogue of a row by its parts, as the page shows it."""
    for part, taught, tokens in row.stretches:
        yield Line(
            part, taught, fault(part, taught), sum(one.count for one in tokens), _runs(tokens)
        )


def fault(part: str, taught: bool) -> str:
    """What is wrong with tokens that are taught and should not be, or the other way round."""
    if taught and part in ("prompt", VIDEO_RUN):
        return "taught, and of no part"
    if not taught and part not in ("prompt", VIDEO_RUN):
        return "not taught"
    return "" if part in PARTS else "no part that there is"


def _runs(tokens: Sequence[Token]) -> tuple[Run, ...]:
    runs: list[list[Token]] = []
    for token in tokens:
        if runs and (runs[-1][-1].part, runs[-1][-1].weight) == (token.part, token.weight):
            runs[-1].append(token)
        else:
            runs.append([token])
    return tuple(Run(tuple(_piece(token) for token in run), _marked_weight(run[0])) for run in runs)


def _marked_weight(token: Token) -> str:
    text = weight_text(token.weight)
    return text if text not in ("0", "1") else ""


def weight_text(weight: float) -> str:
    """A weight in as few digits as tell it from 1."""
    return f"{weight:.3g}"


def _piece(token: Token) -> Piece:
    text = f"{token.text} × {token.count}" if token.part == VIDEO_RUN else token.text
    last = f"–{token.place + token.count - 1}" if token.count > 1 else ""
    taught = f"taught, weight {weight_text(token.weight)}" if token.taught else "not taught"
    title = f"{token.part}, {taught}; id {token.id}, place {token.place}{last}"
    classes = f"t {style(token.part)}{' taught' if token.taught else ''}"
    return Piece(text.replace("\n", "↵\n") or "·", classes, title)


def style(part: str) -> str:
    """The page's class for a part."""
    return f"p-{part}" if part in (*PARTS, "padding") else "p-fault"


def _pictures(row: ShownRecord) -> Iterator[tuple[str, str]]:
    """Each frame with what stands below it: its number in the video, and its time, where known."""
    for number, frame in enumerate(row.frames):
        if number < len(row.moments):
            index, seconds = row.moments[number]
            yield _picture(frame), f"frame {index}, {seconds:.2f}\u00a0s"
        else:
            yield _picture(frame), str(number + 1)


def _picture(frame: np.ndarray) -> str:
    # PNG keeps every byte of a pixel: what is shown is what the model gets.
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(frame.transpose(1, 2, 0))).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
