"""Reports by hand for the tests of the page, and the page as a reader without script has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from physprior.eval.confusion import CategoryConfusion, Confusion
from physprior.eval.predictions import read_predictions
from physprior.eval.report import Report, evaluate
from physprior.eval.report.cards.card import Card, CardAnswer, Deck, Place, Sentence
from physprior.eval.report.training.run import TrainingRun
from physprior.eval.report.training.series import Series
from physprior.eval.suggest.suggestion import Look, Said, Suggestion
from physprior.verdict import render

VOID = {"meta", "link", "img", "br", "wbr", "input", "line", "rect", "circle", "polyline"}


@dataclass
class Element:
    """An element of the page with what stands in it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""
    inside: list[Element] = field(default_factory=list)

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Every element of a name below this one, in order."""
        found = []
        for one in self.inside:
            if one.tag == tag and attributes.items() <= one.attributes.items():
                found.append(one)
            found += one.all(tag, **attributes)
        return found


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(made)
        if tag not in VOID:
            self.open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].inside.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            closed = self.open.pop()
            assert closed.tag == tag, f"<{closed.tag}> is closed by </{tag}>"

    def handle_data(self, data: str) -> None:
        for one in self.open:
            one.text += data


def parse(page: str) -> Element:
    """The page. Fails where an element is not closed as it was opened."""
    parser = _Parser()
    parser.feed(page)
    parser.close()
    assert len(parser.open) == 1
    return parser.open[0]


def section(page: Element, name: str) -> Element | None:
    """A section by its anchor."""
    return next(iter(page.all("section", id=name)), None)


def sentence(text: str, line: int = 12) -> Sentence:
    return Sentence(text, (Place("kb/clip.yaml", line, "prior.motion"),))


def suggestion(category: str = "ball", text: str = "The ball keeps its air.") -> Suggestion:
    return Suggestion(
        category=category,
        class_id="leak",
        kind="missed",
        failures=1,
        of=2,
        auroc=0.75,
        summary=f"One of two is missed: {text}",
        instead=(Said(text, 3, "normal"),),
        confused_with="normal",
        near=((sentence(text, 7), sentence("It loses air.", 8), 0.83),),
        look=(Look(sentence(text, 41), "the phase that it violates"),),
        videos=("ball/test/leak/0002",),
        advice=("Try more frames.",),
    )


def confusion(category: str = "ball") -> Confusion:
    one = CategoryConfusion(category, ("normal", "leak"), ((8, 2, 0), (5, 5, 0)), (8, 5), (2, 5))
    return Confusion((one,), {}, "Told by hand.")


def answer(right: bool | None, trouble: float, text: str = "Verdict: Normal.") -> CardAnswer:
    return CardAnswer(
        score=-2.0,
        threshold=0.5,
        above=False,
        words="normal",
        right=right,
        trouble=trouble,
        text=text,
        explanation=text,
        truncated=False,
        turns=(),
        description=None,
        copied=None,
        marks=(),
    )


def card(name: str, said: CardAnswer | None, skipped: str = "") -> Card:
    return Card(name, f"{name}.mp4", "ball", "leak", 1, "", None, skipped, (said,))


def deck(*cards: Card) -> Deck:
    return Deck(("this run",), {}, cards)


def hostile_report(text: str, write_file: Callable[..., Path]) -> Report:
    """A report all of whose names and texts are one text."""
    category = text.replace("/", "_")
    rows: list[Any] = [
        (category, kind, mark, render(kind != "normal", text))
        for kind, mark in [("normal", -1.0), (category, 1.0), (f"{category}2", 0.5)] * 3
    ]
    run = TrainingRun(
        Path(text),
        text,
        {"loss/verdict": Series((1, 2), (2.0, 1.0)), f"val/auroc/{text}": Series((1,), (0.5,))},
        1,
        text,
        ((text, text),),
        (text,),
    )
    return Report(
        evaluate(read_predictions(write_file(rows, model=text))),
        training=(run,),
        deck=deck(card(text, answer(False, 1.5, text))),
        confusion=confusion(text),
        suggestions=(suggestion(text, text),),
        data=((text, ((text, text),)),),
        commands=(text,),
        missing=(text,),
    )
