from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from decks import ANOMALOUS, NORMAL, placed

from physprior import fingerprint
from physprior.errors import DatasetError, KnowledgeError, TemplateError
from physprior.eval.predictions import read_predictions
from physprior.eval.report.cards import Deck, make_deck, texts
from physprior.eval.report.evaluation import evaluate
from physprior.paths import kb_folder, templates_folder

ROWS = [
    ("ball", "leak", 1.0, ANOMALOUS),
    ("ball", "normal", -1.0, NORMAL),
    ("clip", "unable_to_press", 1.0, ANOMALOUS),
    ("clip", "normal", -1.0, NORMAL),
]
DeckOf = Callable[..., Deck]


@pytest.fixture
def deck_of(write_file: Callable[..., Path], dataset: Path) -> DeckOf:
    """The deck of predictions of a built dataset; ``header`` changes what its header says."""
    known = {
        "dataset": str(dataset),
        "dataset_hash": fingerprint.of_file(dataset / "manifest.json"),
    }

    def made(header: dict[str, Any] | None = None, **sources: Any) -> Deck:
        path = write_file(ROWS, **(known | (header or {})))
        return make_deck(evaluate(read_predictions(path)), **sources)

    return made


@pytest.fixture
def own_kb(tmp_path: Path) -> Path:
    return Path(shutil.copytree(kb_folder(), tmp_path / "kb"))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def line_of(path: str, number: int) -> str:
    return Path(path).read_text().splitlines()[number - 1]


def dialogue_of(deck: Deck, category: str) -> list[tuple[str, str, str]]:
    return [
        (turn.role, turn.kind, " ".join(one.text for one in turn.sentences))
        for turn in deck.categories[category].dialogue
    ]


def test_the_dialogue_goes_up_to_the_question_before_the_verdict(deck_of: DeckOf, kb: Any) -> None:
    deck = deck_of()
    prior = kb.categories["clip"].prior
    found = dialogue_of(deck, "clip")
    assert deck.missing == ()
    assert [(role, kind) for role, kind, _ in found] == [
        *(("user", "prompt"), ("assistant", "component")),
        *(("user", "prompt"), ("assistant", "subject")),
        *(("user", "prompt"), ("assistant", "motion")),
        ("user", "prompt"),
    ]
    assert found[1][2] == " ".join(prior.component.statement.split())
    assert found[-1][2].startswith("Compare the video with this motion.")


def test_every_place_in_the_kb_is_the_line_where_its_sentence_begins(deck_of: DeckOf) -> None:
    found = [
        (sentence, sentence.places[0])
        for _, sentence in placed(deck_of())
        if sentence.places[0].name not in ("", "name")
    ]
    assert len(found) > 20
    for sentence, place in found:
        assert " ".join(sentence.text.split()[:3]) in line_of(place.path, place.line)


def test_a_prompt_names_the_template_behind_the_kb(deck_of: DeckOf) -> None:
    first, second = deck_of().categories["clip"].dialogue[0].sentences
    kb, template = first.places
    assert (kb.name, Path(kb.path).name, template.name) == ("name", "clip.yaml", "")
    assert line_of(template.path, template.line).startswith("Watch the {{ category.name }}")
    assert second.places == (template,)


def test_paths_are_as_one_types_them_below_this_folder(
    deck_of: DeckOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(kb_folder().parent)
    assert {place.path for _, one in placed(deck_of()) for place in one.places} == {
        *("kb/ball.yaml", "kb/clip.yaml", "templates/multi_turn.j2"),
    }


def test_a_class_has_its_references_and_the_phases_that_it_breaks(deck_of: DeckOf, kb: Any) -> None:
    known = kb.categories["clip"].anomaly("unable_to_press")
    found = deck_of().categories["clip"].classes
    assert next(iter(found)) == "normal"
    assert [one.text for one in found["unable_to_press"].references] == list(known.references)
    assert [one.places[0].name for one in found["unable_to_press"].violates] == [
        f"prior.motion.phases[{name}].expected" for name in known.violates
    ]
    assert found["unable_to_press"].name == known.name
    assert found["normal"].violates == ()


def test_a_class_has_the_place_of_its_entry(deck_of: DeckOf) -> None:
    place = deck_of().categories["clip"].classes["unable_to_press"].place
    assert place is not None
    assert line_of(place.path, place.line).strip() == "- id: unable_to_press"


def test_a_generated_history_leaves_the_models_own_answers_open(deck_of: DeckOf) -> None:
    given = dialogue_of(deck_of(), "clip")
    found = dialogue_of(deck_of({"history": "generated"}), "clip")
    assert found == [(role, kind, text if role == "user" else "") for role, kind, text in given]


def test_another_method_was_asked_nothing_that_is_known(deck_of: DeckOf) -> None:
    deck = deck_of({"source": "import", "mode": None, "history": None, "sampling": None})
    assert deck.categories["clip"].dialogue == ()
    assert deck.categories["clip"].classes
    assert deck.missing == ()


def test_a_dataset_that_is_gone_is_said_and_the_references_are_shown(deck_of: DeckOf) -> None:
    deck = deck_of({"dataset": "/no/such/data"})
    assert deck.missing == (
        "The dialogues: the dataset /no/such/data is not there any more; name the folder that it"
        " has moved to with --dataset.",
    )
    assert deck.categories["clip"].dialogue == ()
    assert deck.categories["clip"].classes["normal"].references[0].places
    assert len(deck.cards) == 4


@pytest.mark.parametrize("name", ["", "a" * 5_000, "a\x1b[31m\nb", "~nobody"])
def test_any_text_may_stand_where_the_header_names_a_dataset(deck_of: DeckOf, name: str) -> None:
    (said,) = deck_of({"dataset": name}).missing
    assert said.isprintable()


def test_a_dataset_that_has_moved_is_named(deck_of: DeckOf, dataset: Path) -> None:
    assert dialogue_of(deck_of({"dataset": "/gone"}, dataset=dataset), "clip")


@pytest.mark.parametrize("named", [True, False])
def test_a_dataset_of_another_hash_is_not_shown(
    deck_of: DeckOf, dataset: Path, named: bool
) -> None:
    deck = deck_of({"dataset_hash": "0" * 64}, dataset=dataset if named else None)
    assert deck.categories["clip"].dialogue == ()
    assert "is another dataset than the one that was predicted" in deck.missing[0]


def test_a_named_folder_that_is_no_dataset_is_refused(deck_of: DeckOf, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="not a dataset"):
        deck_of(dataset=tmp_path)


def test_named_templates_that_are_none_are_refused(deck_of: DeckOf, tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="no template for the mode 'multi_turn'"):
        deck_of(templates=tmp_path)


def damaged(dataset: Path, copy: Path) -> Path:
    shutil.copytree(dataset, copy)
    edit(copy / "test" / "clip.jsonl", "Watch", "Behold")
    return copy


def test_a_damaged_dataset_that_nobody_named_is_said(
    deck_of: DeckOf, dataset: Path, tmp_path: Path
) -> None:
    deck = deck_of({"dataset": str(damaged(dataset, tmp_path / "data"))})
    assert deck.categories["clip"].dialogue == ()
    assert "it was changed after the build" in deck.missing[0]


def test_a_damaged_dataset_that_is_named_is_refused(
    deck_of: DeckOf, dataset: Path, tmp_path: Path
) -> None:
    with pytest.raises(DatasetError, match="changed after the build"):
        deck_of(dataset=damaged(dataset, tmp_path / "data"))


def test_of_a_changed_kb_the_dialogue_stands_without_places_and_it_is_said(
    deck_of: DeckOf, own_kb: Path
) -> None:
    before = dialogue_of(deck_of(), "clip")
    edit(own_kb / "clip.yaml", "name: spring clip", "name: paper clip")
    deck = deck_of(knowledge=own_kb)
    assert dialogue_of(deck, "clip") == before
    clip = deck.categories["clip"]
    assert not any(one.places for turn in clip.dialogue for one in turn.sentences)
    assert "clip.yaml has changed since the build" in clip.changed[0]
    (said,) = deck.missing
    assert said.startswith("The places of the sentences of clip: ")
    assert deck.categories["ball"].changed == ()


def test_of_a_changed_kb_the_references_have_their_new_places(
    deck_of: DeckOf, own_kb: Path
) -> None:
    edit(own_kb / "clip.yaml", "name: spring clip", "# A new line.\nname: paper clip")
    classes = deck_of(knowledge=own_kb).categories["clip"].classes
    for one in (sentence for known in classes.values() for sentence in known.references):
        (place,) = one.places
        assert " ".join(one.text.split()[:3]) in line_of(place.path, place.line)


def test_a_changed_template_is_said_once_for_all_categories(
    deck_of: DeckOf, tmp_path: Path
) -> None:
    own = Path(shutil.copytree(templates_folder(), tmp_path / "templates"))
    edit(own / "multi_turn.j2", "Watch", "Behold")
    (said,) = deck_of(templates=own).missing
    assert "of ball, clip: " in said
    assert "multi_turn.j2 has changed since the build" in said


def test_a_category_that_the_kb_has_lost_keeps_its_dialogue(deck_of: DeckOf, own_kb: Path) -> None:
    (own_kb / "clip.yaml").unlink()
    deck = deck_of(knowledge=own_kb)
    clip = deck.categories["clip"]
    assert (clip.name, clip.classes, clip.changed) == ("clip", {}, ("the KB has no category clip",))
    assert clip.dialogue


def test_without_a_dataset_a_category_that_the_kb_has_lost_is_said(
    deck_of: DeckOf, own_kb: Path
) -> None:
    (own_kb / "clip.yaml").unlink()
    deck = deck_of({"dataset": "/gone"}, knowledge=own_kb)
    assert deck.missing[1].startswith("The references of clip: the KB has no such category.")


def test_a_named_kb_with_a_mistake_is_refused(deck_of: DeckOf, own_kb: Path) -> None:
    edit(own_kb / "clip.yaml", "name: spring clip", "nmae: spring clip")
    with pytest.raises(KnowledgeError, match=r"clip\.yaml"):
        deck_of(knowledge=own_kb)


def test_a_kb_with_a_mistake_that_nobody_named_takes_its_texts_alone(
    deck_of: DeckOf, own_kb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(own_kb / "clip.yaml", "name: spring clip", "nmae: spring clip")
    monkeypatch.setattr(texts, "kb_folder", lambda: own_kb)
    deck = deck_of()
    assert dialogue_of(deck, "clip")
    assert deck.categories["clip"].classes == {}
    (said,) = deck.missing
    assert "'physprior check" in said
