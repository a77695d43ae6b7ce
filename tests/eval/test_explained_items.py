"""What is explained: whose words, held against what, and in which group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from physprior.dataset.references import ClassReferences, References
from physprior.errors import PredictionError
from physprior.eval.explanations.content import predictions_hash
from physprior.eval.explanations.items import Item, Sentences, items_of, sentences_of
from physprior.eval.explanations.means import earned, summarise
from physprior.eval.predictions import Predictions
from physprior.knowledge.load import KnowledgeBase
from physprior.verdict import ParseStatus, render

Read = Callable[..., Predictions]
SPRING = "The spring is tired."


@pytest.fixture
def sentences(kb: KnowledgeBase) -> Sentences:
    return sentences_of(kb)


def one(read: Read, sentences: Sentences, text: str | None, class_id: str = "normal") -> Item:
    # A second line with a text: a file without any is refused.
    rows = [("clip", class_id, 0.0, text), ("clip", "normal", 0.0, render(False, SPRING))]
    return items_of(read(rows), sentences)[0]


@pytest.mark.parametrize(
    ("text", "explanation"),
    [
        (render(True, SPRING), SPRING),
        (f"The jaws stay open.\nVerdict: Normal. Reason:  {SPRING}\n", SPRING),
        (f" {SPRING}\n", SPRING),
        ("Verdict: Normal.", "Verdict: Normal."),
        ("Verdict: Normal. Reason: ", "Verdict: Normal. Reason:"),
        (
            f"Verdict: Normal or Anomalous. Reason: {SPRING}",
            f"Verdict: Normal or Anomalous. Reason: {SPRING}",
        ),
        ("", ""),
    ],
)
def test_the_explanation_is_the_reason_of_the_verdict_else_the_whole_text(
    read: Read, sentences: Sentences, text: str, explanation: str
) -> None:
    item = one(read, sentences, text)

    assert item.explanation == explanation
    assert item.answer == text


@pytest.mark.parametrize("class_id", ["normal", "unable_to_press"])
@pytest.mark.parametrize("text", ["I cannot tell.", "", "Verdict: Normal or Anomalous. Reason: x."])
def test_what_cannot_be_read_is_wrong_of_a_normal_video_too(
    read: Read, sentences: Sentences, text: str, class_id: str
) -> None:
    item = one(read, sentences, text, class_id)

    assert item.right is False
    assert "wrong" in item.groups
    assert "right" not in item.groups


@pytest.mark.parametrize(
    ("class_id", "anomalous", "groups"),
    [
        ("normal", False, ("all", "right")),
        ("normal", True, ("all", "wrong")),
        ("unable_to_press", False, ("all", "wrong", "anomalous")),
        ("unable_to_press", True, ("all", "right", "anomalous")),
    ],
)
def test_the_groups_follow_verdict_and_truth(
    read: Read, sentences: Sentences, class_id: str, anomalous: bool, groups: tuple[str, ...]
) -> None:
    assert one(read, sentences, render(anomalous, SPRING), class_id).groups == groups


def test_without_a_text_a_video_is_neither_right_nor_wrong(
    read: Read, sentences: Sentences
) -> None:
    item = one(read, sentences, None, "unable_to_press")

    assert (item.right, item.explanation, item.parsed) == (None, None, None)
    assert item.groups == ("all", "anomalous")


def test_a_mark_of_an_unknown_verdict_is_kept_as_earned(read: Read, sentences: Sentences) -> None:
    # So it is with the raw output of another judge, which holds no verdicts.
    item = one(read, sentences, None)

    assert earned({item.id: 0.8}, [item]) == {item.id: 0.8}


def test_an_answer_that_was_cut_is_read_as_a_cut_one(read: Read, sentences: Sentences) -> None:
    predictions = read([("clip", "normal", 0.0, "Verdict: Ano")])
    [line] = predictions.predictions

    cut = replace(predictions, predictions=(line.model_copy(update={"truncated": True}),))
    found = [items_of(file, sentences)[0].parsed for file in (predictions, cut)]

    assert [one and one.status for one in found] == [ParseStatus.MISSING, ParseStatus.TRUNCATED]


def test_the_references_are_those_of_the_true_class(read: Read, kb: KnowledgeBase) -> None:
    item = one(read, sentences_of(kb), render(False, SPRING), "unable_to_press")

    classes = dict(kb.category("clip").classes())
    assert item.references == classes["unable_to_press"].references
    assert item.description_references == classes["unable_to_press"].descriptions


def test_a_label_file_takes_the_place_of_references_and_of_what_is_seen(kb: KnowledgeBase) -> None:
    theirs = ClassReferences(descriptions=("The jaws gape.",), explanations=("No force is left.",))
    labels = References(
        physprior_version="0",
        source="labels.json",
        source_sha256="0" * 64,
        knowledge={},
        categories={"clip": {"unable_to_press": theirs}},
        taught=(),
        unplaced=(),
        remarks=(),
    )

    found = sentences_of(kb, labels)

    assert found.source == "labels.json"
    assert found.explanations("clip", "unable_to_press") == ("No force is left.",)
    assert found.descriptions("clip", "unable_to_press") == ("The jaws gape.",)
    assert found.explanations("clip", "normal") == found.descriptions("clip", "normal") == ()
    assert found.taught("clip") == sentences_of(kb).taught("clip")


def test_what_is_taught_is_no_part_of_the_references_hash(kb: KnowledgeBase) -> None:
    def changed(name: str) -> str:
        clip = kb.category("clip")
        first, *rest = clip.anomalies
        anomaly = first.model_copy(update={name: (*getattr(first, name), "One sentence more.")})
        entry = clip.model_copy(update={"anomalies": (anomaly, *rest)})
        return sentences_of(KnowledgeBase({"clip": entry}, {})).hash

    own = sentences_of(kb.only(["clip"])).hash
    assert changed("explanations") == own
    assert own not in (changed("references"), changed("descriptions"))


def test_objects_of_two_categories_are_two_though_they_have_one_name(
    read: Read, sentences: Sentences
) -> None:
    rows = [(name, "normal", 0.0, render(False, SPRING)) for name in ("ball", "clip") * 20]
    items = [
        Item(item.line.model_copy(update={"instance": f"{at // 2 % 5}"}), item.parsed, (), ())
        for at, item in enumerate(items_of(read(rows), sentences))
    ]
    values: dict[str, float | None] = {item.id: 0.1 * int(item.line.instance) for item in items}

    pooled = summarise(values, items).pooled["all"]

    # Five objects each; taken for five in all, they would be too few to count.
    assert pooled.interval is not None
    assert "by instance" in pooled.interval.method


def test_predictions_with_another_description_are_other_predictions(read: Read) -> None:
    [line] = read([("clip", "normal", 0.0, SPRING)]).predictions
    described = line.model_copy(update={"description": "The jaws close."})
    rescored = line.model_copy(update={"score": 2.0})

    assert predictions_hash([described]) != predictions_hash([line])
    assert predictions_hash([rescored]) == predictions_hash([line])


def test_predictions_without_any_text_are_refused(read: Read, sentences: Sentences) -> None:
    with pytest.raises(PredictionError, match="holds no text"):
        items_of(read([("clip", "normal", 0.5, None)]), sentences)


def test_a_class_that_the_kb_does_not_know_is_refused_by_its_name(
    read: Read, sentences: Sentences
) -> None:
    with pytest.raises(PredictionError, match="clip/rusty, which the KB does not know"):
        items_of(read([("clip", "rusty", 0.5, SPRING)]), sentences)
