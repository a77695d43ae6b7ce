"""What suggestions are tried on: a KB of one's own, and an encoder that any test can afford."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from physprior.eval.confusion import Confusion, confuse
from physprior.eval.predictions import Predictions
from physprior.eval.report.cards.deck import make_deck
from physprior.eval.report.evaluation import evaluate
from physprior.eval.suggest import Suggestion, suggest
from physprior.eval.thresholds import Thresholds
from physprior.knowledge.load import KnowledgeBase, load_knowledge
from physprior.paths import kb_folder
from physprior.verdict import render


@dataclass(frozen=True)
class WordEncoder:
    """Counts words: two sentences are as near as the words that they share."""

    name: str = "word counts"

    def encode(self, sentences: Sequence[str], **_: object) -> np.ndarray:
        """A unit row for each sentence: a column for each word of all of them."""
        bags = [re.findall(r"\w+", sentence.casefold()) for sentence in sentences]
        columns = {word: at for at, word in enumerate(sorted({w for bag in bags for w in bag}))}
        rows = np.zeros((len(bags), max(1, len(columns))))
        for row, bag in zip(rows, bags, strict=True):
            for word in bag:
                row[columns[word]] += 1
            row /= math.hypot(*row) or 1
        return rows


def own_kb(folder: Path, edits: Mapping[str, str] | None = None, category: str = "clip") -> Path:
    """A KB folder with a shipped category in it, in which sentences are replaced."""
    text = (kb_folder() / f"{category}.yaml").read_text(encoding="utf-8")
    for old, new in (edits or {}).items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    folder.mkdir(exist_ok=True)
    (folder / f"{category}.yaml").write_text(text, encoding="utf-8")
    return folder


def line_of(folder: Path, words: str, category: str = "clip") -> int:
    """The line of a KB file that holds ``words``."""
    lines = (folder / f"{category}.yaml").read_text(encoding="utf-8").splitlines()
    found = [number for number, line in enumerate(lines, 1) if words in line]
    assert len(found) == 1, words
    return found[0]


def taught(knowledge: KnowledgeBase, class_id: str, at: int = 0, category: str = "clip") -> str:
    """A sentence that is taught of a class."""
    return dict(knowledge.category(category).classes())[class_id].explanations[at]


def said(knowledge: KnowledgeBase, class_id: str, at: int = 0, category: str = "clip") -> str:
    """An answer that gives a taught sentence of a class as its reason."""
    return render(class_id != "normal", taught(knowledge, class_id, at, category))


def suggested(
    predictions: Predictions,
    folder: Path | None = None,
    *,
    encoder: WordEncoder | None = WordEncoder(),
    thresholds: Thresholds | None = None,
    severities: Mapping[str, float] | None = None,
) -> tuple[Suggestion, ...]:
    """What is suggested of a predictions file, by a KB folder or the shipped one."""
    evaluation = evaluate(predictions, thresholds=thresholds)
    knowledge = load_knowledge(folder or kb_folder())
    deck = make_deck(evaluation, knowledge=folder, severities=severities)
    confusion = confuse(evaluation, knowledge, encoder)  # type: ignore[arg-type]
    return suggest(evaluation, confusion, deck, knowledge, encoder)  # type: ignore[arg-type]


def confused(
    predictions: Predictions,
    knowledge: KnowledgeBase,
    encoder: WordEncoder | None = WordEncoder(),
) -> Confusion:
    """The confusion of a predictions file."""
    found = confuse(evaluate(predictions), knowledge, encoder)  # type: ignore[arg-type]
    assert found is not None
    return found
