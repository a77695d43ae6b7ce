"""Which class an explanation speaks of, and how the classes of the videos are confused with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from suggest_material import WordEncoder, confused, said, taught

from physprior.eval.confusion import Confusion, confuse
from physprior.eval.explanations.items import sentences_of
from physprior.eval.predictions import Predictions
from physprior.eval.report.evaluation import evaluate
from physprior.eval.spoken import BOUND, LEAD
from physprior.knowledge.load import KnowledgeBase
from physprior.verdict import render

Read = Callable[..., Predictions]
PRESS, REBOUND = "unable_to_press", "unable_to_rebound"


def spoken(found: Confusion) -> list[str | None]:
    return list(found.spoken.values())


def of_texts(read: Read, kb: KnowledgeBase, *texts: str | None, **named: Any) -> list[str | None]:
    rows = [("clip", PRESS, 1.0, text) for text in texts]
    return spoken(confused(read(rows), kb, **named))


def test_a_taught_sentence_speaks_of_its_class_whatever_the_video_shows(
    read: Read, kb: KnowledgeBase
) -> None:
    answers = [said(kb, name) for name in ("normal", PRESS, REBOUND)]
    assert of_texts(read, kb, *answers, encoder=None) == ["normal", PRESS, REBOUND]


def test_a_reference_speaks_of_its_class_too(read: Read, kb: KnowledgeBase) -> None:
    reference = kb.category("clip").anomalies[1].references[0]
    assert of_texts(read, kb, render(True, reference), encoder=None) == [REBOUND]


def test_case_blanks_and_the_final_stop_do_not_count(read: Read, kb: KnowledgeBase) -> None:
    text = taught(kb, REBOUND).upper().replace(" ", "  ").rstrip(".")
    assert of_texts(read, kb, render(True, text), encoder=None) == [REBOUND]


def test_other_words_speak_of_the_class_of_the_nearest_sentence(
    read: Read, kb: KnowledgeBase
) -> None:
    text = taught(kb, PRESS).replace("rusted", "wholly rusted")
    assert of_texts(read, kb, render(True, text)) == [PRESS]


def test_without_an_encoder_other_words_speak_of_no_class(read: Read, kb: KnowledgeBase) -> None:
    text = taught(kb, PRESS).replace("rusted", "wholly rusted")
    assert of_texts(read, kb, render(True, text), encoder=None) == [None]


@pytest.mark.parametrize(
    "text",
    [
        render(True, "Colourless green ideas sleep furiously."),
        "Verdict: Anomalous.",
        "I would rather not say.",
        "",
        None,
    ],
    ids=["far from all", "no reason", "unparsed", "empty", "no text"],
)
def test_what_cannot_be_told_speaks_of_no_class(
    read: Read, kb: KnowledgeBase, text: str | None
) -> None:
    assert of_texts(read, kb, said(kb, PRESS), text) == [PRESS, None]


def test_an_unparsed_answer_speaks_of_no_class_even_in_taught_words(
    read: Read, kb: KnowledgeBase
) -> None:
    assert of_texts(read, kb, taught(kb, REBOUND)) == [None]


def test_a_sentence_of_another_object_speaks_of_no_class(read: Read, kb: KnowledgeBase) -> None:
    # Word for word a fan's: however near a clip's may lie, it is not of a clip.
    assert of_texts(read, kb, said(kb, "stuck", category="fan")) == [None]


def test_a_sentence_that_two_classes_share_speaks_of_neither(read: Read, kb: KnowledgeBase) -> None:
    clip = kb.category("clip")
    one, other = clip.anomalies
    shared = other.model_copy(update={"explanations": one.explanations})
    mixed = clip.model_copy(update={"anomalies": (one, shared)})
    doubled = KnowledgeBase({"clip": mixed}, kb.sources)
    assert of_texts(read, doubled, said(kb, PRESS)) == [None]


def test_two_classes_that_are_as_near_are_a_tie(read: Read, kb: KnowledgeBase) -> None:
    class Blind(WordEncoder):
        def encode(self, sentences: Any, **_: Any) -> np.ndarray:
            return np.ones((len(sentences), 1))

    assert of_texts(read, kb, render(True, "Something is wrong."), encoder=Blind()) == [None]


def test_the_encoder_sees_each_distinct_explanation_once(read: Read, kb: KnowledgeBase) -> None:
    seen: list[str] = []

    class Counting(WordEncoder):
        def encode(self, sentences: Any, **_: Any) -> np.ndarray:
            seen.extend(sentences)
            return super().encode(sentences)

    text = render(True, "The rusted hinge is locked.")
    of_texts(read, kb, *[text] * 50, said(kb, PRESS), encoder=Counting())
    assert seen.count("The rusted hinge is locked.") == 1
    assert len(seen) == len({*seen})


def test_the_matrix_has_a_row_a_true_class_and_a_last_column_for_none(
    read: Read, kb: KnowledgeBase
) -> None:
    rows = [
        ("clip", "normal", -1.0, said(kb, "normal")),
        ("clip", "normal", 1.0, said(kb, REBOUND)),
        ("clip", PRESS, 1.0, said(kb, REBOUND)),
        ("clip", PRESS, -1.0, "no verdict"),
    ]
    (one,) = confused(read(rows), kb).categories
    assert one.classes == ("normal", PRESS, REBOUND)
    assert one.counts == ((1, 0, 1, 0), (0, 0, 1, 1), (0, 0, 0, 0))


def test_every_video_is_in_the_matrix_once(read: Read, kb: KnowledgeBase) -> None:
    rows = [("clip", PRESS, 0.5, text) for text in (said(kb, PRESS), "?", "", None)] * 3
    (one,) = confused(read(rows), kb).categories
    assert sum(map(sum, one.counts)) == len(rows)


def test_a_video_is_called_what_its_score_says_and_without_one_what_its_words_say(
    read: Read, kb: KnowledgeBase
) -> None:
    rows = [
        ("clip", PRESS, 1.0, said(kb, "normal")),
        ("clip", PRESS, -1.0, said(kb, PRESS)),
        ("clip", PRESS, -1.0, "no verdict"),
    ]
    (one,) = confused(read(rows), kb).categories
    assert (one.normal[1], one.anomalous[1]) == (2, 1)
    (imported,) = confused(read(rows, source="import", name="b.jsonl"), kb).categories
    assert (imported.normal[1], imported.anomalous[1]) == (1, 1)


def test_scores_without_any_text_have_no_confusion(read: Read, kb: KnowledgeBase) -> None:
    file = read([("clip", "normal", -1.0, None), ("clip", PRESS, 1.0, None)])
    assert confuse(evaluate(file), kb, None) is None


def test_a_class_that_the_kb_does_not_know_has_a_row_all_the_same(
    read: Read, kb: KnowledgeBase
) -> None:
    rows = [("clip", "melted", 1.0, said(kb, PRESS)), ("kettle", "normal", 1.0, said(kb, PRESS))]
    clip, kettle = confused(read(rows), kb).categories
    assert clip.classes[-1] == "melted"
    assert clip.counts[-1] == (0, 1, 0, 0, 0)
    assert (kettle.classes, kettle.counts) == (("normal",), ((0, 1),))


def test_how_the_class_is_told_is_said(read: Read, kb: KnowledgeBase) -> None:
    rows = [("clip", "normal", -1.0, said(kb, "normal"))]
    assert "word counts" in confused(read(rows), kb).by
    assert str(BOUND) in confused(read(rows), kb).by
    assert "word counts" not in confused(read(rows), kb, encoder=None).by


@pytest.mark.slow
def test_the_bounds_are_what_they_are_said_to_be_of_the_shipped_kb(kb: KnowledgeBase) -> None:
    from physprior.eval.explanations.encoder import load_encoder

    known = [
        (category, class_id, text)
        for category, classes in sentences_of(kb).classes.items()
        for class_id, one in classes.items()
        for text in (*one.taught, *one.explanations)
    ]
    rows = load_encoder(device="cpu").encode([text for *_, text in known])
    cosines = rows @ rows.T
    np.fill_diagonal(cosines, -1)
    categories = np.array([category for category, *_ in known])
    classes = np.array([f"{category}/{class_id}" for category, class_id, _ in known])
    own, foreign, close = [], [], []
    for at, row in enumerate(cosines):
        here, same = categories == categories[at], classes == classes[at]
        inside, beside = row[same].max(), row[here & ~same].max()
        own.append(max(inside, beside) >= BOUND)
        foreign += [row[categories == name].max() >= BOUND for name in {*categories[~here]}]
        if abs(inside - beside) < LEAD:
            close.append(inside > beside)
    assert round(np.mean(foreign), 2) == 0.04
    assert round(np.mean(own), 2) >= 0.93
    assert np.mean(close) < 0.65
