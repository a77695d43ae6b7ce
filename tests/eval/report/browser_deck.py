"""Decks whose every video is another, and pages of them, for the browser to open."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from physprior.eval.report.cards.card import (
    Card,
    CardAnswer,
    CardTurn,
    CategoryTexts,
    ClassTexts,
    Deck,
    Mark,
    Place,
    Sentence,
    Word,
)
from physprior.eval.report.page import html_report
from physprior.eval.report.report import Report
from physprior.eval.report.strips import Strips
from physprior.verdict import render

THRESHOLD = 0.5
SAID = {
    "anomalous": (render(True, "The hinge is jammed by rust."), "The hinge is jammed by rust."),
    "normal": (render(False, "It gives its energy back."), "It gives its energy back."),
    "unparsed": ("I would rather talk of the café.", None),
}
CLASSES = {"normal": "normal", "stuck": "cannot be pressed", "loose": "falls apart"}
OBJECTS = {"clip": "spring clip", "fan": "desk fan"}


def answer(score: float, label: int, words: Word, **more: Any) -> CardAnswer:
    """An answer that is decided by its score."""
    above = score > THRESHOLD
    sure = abs(score - THRESHOLD) / (abs(score - THRESHOLD) + 1)
    text, reason = SAID[words]
    fields: dict[str, Any] = {
        "score": score,
        "threshold": THRESHOLD,
        "above": above,
        "words": words,
        "right": above == bool(label),
        "trouble": 1 - sure if above == bool(label) else 1 + sure,
        "text": text,
        "explanation": reason,
        "truncated": False,
        "turns": (),
        "description": None,
        "copied": None,
        "marks": (),
    }
    return CardAnswer(**(fields | more))


def drawn(draw: random.Random, label: int) -> CardAnswer:
    """What some model says of some video."""
    score = round(draw.gauss(2 * label - 0.5, 1.5), 3)
    words: Word = "anomalous" if (score > THRESHOLD) != (draw.random() < 0.1) else "normal"
    if draw.random() < 0.06:
        words = "unparsed"
    marks = (Mark("SBERT score", round(draw.random(), 3), "Rust has fused the joint."),)
    return answer(score, label, words, marks=marks, copied=draw.random() < 0.5)


def card(name: str, answers: Sequence[CardAnswer | None], **more: Any) -> Card:
    """A card by its id: ``category/test/class/number``."""
    category, _, class_id, _ = name.split("/")
    fields: dict[str, Any] = {
        "id": name,
        "video": f"{name}.mp4",
        "category": category,
        "class_id": class_id,
        "label": int(class_id != "normal"),
        "instance": f"{category}-01",
        "severity": None,
        "skipped": "",
        "answers": tuple(answers),
    }
    return Card(**(fields | more))


def texts(category: str) -> CategoryTexts:
    """What the cards of a category share, with places in a KB that is nowhere."""

    def said(text: str, line: int, name: str = "") -> Sentence:
        return Sentence(text, (Place(f"kb/{category}.yaml", line, name),))

    classes = {
        class_id: ClassTexts(
            name,
            (said(f"A reference of {name}.", 60 + line), said(f"Another one of {name}.", 70)),
            (said("The jaws close fully.", 41),) if class_id != "normal" else (),
            Place(f"kb/{category}.yaml", 80 + line, ""),
        )
        for line, (class_id, name) in enumerate(CLASSES.items())
    }
    dialogue = (
        CardTurn("user", "prompt", (said("What makes it work?", 3),)),
        CardTurn(
            "assistant", "component", (said("A spring does.", 12, "prior.component.statement"),)
        ),
        CardTurn("user", "prompt", (said("Is it normal?", 21),)),
    )
    return CategoryTexts(OBJECTS.get(category, category), dialogue, classes)


def deck(count: int = 130, runs: int = 2, seed: int = 8) -> Deck:
    """A deck of two categories: wrong, right, unparsed, skipped and unanswered videos."""
    draw = random.Random(seed)
    cards = []
    for number in range(count):
        class_id = draw.choice([*CLASSES])
        name = f"{draw.choice([*OBJECTS])}/test/{class_id}/{number:04d}"
        label = int(class_id != "normal")
        severity = round(draw.random(), 2) if label else None
        if number % 40 == 7:
            cards.append(card(name, [None] * runs, skipped="empty file", severity=severity))
            continue
        answers = [drawn(draw, label) for _ in range(runs)]
        cards.append(card(name, answers, severity=severity, instance=f"clip-{number % 17:02d}"))
    cards.sort(key=lambda one: -one.answers[0].trouble if one.answers[0] else 2)
    names = ("mine", "base", "third")[:runs]
    return Deck(names, {name: texts(name) for name in OBJECTS}, tuple(cards))


def strips(of: Deck, *, without: Callable[[Card], bool] = lambda card: False) -> Strips:
    """A strip of four frames for each card that the model saw: red, green, blue, white."""
    picture = Image.new("RGB", (64, 16))
    for at, colour in enumerate(("red", "lime", "blue", "white")):
        picture.paste(colour, (at * 16, 0, at * 16 + 16, 16))
    file = io.BytesIO()
    picture.save(file, "WEBP", lossless=True)
    seen = [one for one in of.cards if not one.skipped]
    return Strips(
        images={one.id: file.getvalue() for one in seen if not without(one)},
        frames=4,
        width=16,
        height=16,
        note="The note of the strips.",
        missing={one.id: "the video is not there any more" for one in seen if without(one)},
        faithful=True,
    )


def write_page(folder: Path, of: Deck, strips_: Strips | None = None, **report: Any) -> Path:
    """The report's page of a deck, in a file."""
    path = folder / "report.html"
    made = Report(None, deck=of, strips=strips_ or strips(of))
    path.write_text(html_report(replace(made, **report)), encoding="utf-8")
    return path


def until(page: Any, expression: str, seconds: float = 5) -> None:
    """Wait until JavaScript says so; playwright's own way evaluates, which the page forbids."""
    last = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < last, f"never came: {expression}"
        time.sleep(0.01)


def shown_ids(page: Any) -> list[str]:
    """The ids of the cards that stand in the page, once they all do."""
    until(
        page,
        "document.querySelectorAll('#videos-list .video').length"
        " >= Math.min(50, parseInt(document.getElementById('videos-count').textContent"
        ".replace(/,/g, '')) || 0)",
    )
    return page.locator("#videos-list .video .id").all_inner_texts()
