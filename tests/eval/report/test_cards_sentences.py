from __future__ import annotations

from pathlib import Path

import pytest

from physprior.dialogue import Templates
from physprior.dialogue.source_map import source_map
from physprior.eval.report.cards.card import CardTurn
from physprior.eval.report.cards.sentences import until_verdict
from physprior.knowledge.load import load_entry
from physprior.paths import kb_folder, templates_folder

END = (
    "{% assistant %}{% part motion %}{{ prior.motion.statement }}{% endpart %} "
    "{% part verdict %}{{ verdict }}{% endpart %}{% endassistant %}"
)


def turns_of(mode: str, folder: Path | None = None) -> list[CardTurn]:
    entry = load_entry(kb_folder() / "clip.yaml")
    made = source_map(Templates(folder or templates_folder()), entry, mode, "normal", 0)
    return list(until_verdict(made.turns))


def asking(prompt: str, folder: Path) -> list[tuple[str, list[str]]]:
    """The stretches of a prompt, each with the names of its places: a line for the template's."""
    (folder / "own.j2").write_text(f"{{% user %}}\n{prompt}\n{{% enduser %}}\n{END}\n")
    return [
        (one.text, [place.name or f"line {place.line}" for place in one.places])
        for one in turns_of("own", folder)[0].sentences
    ]


@pytest.mark.parametrize(
    ("mode", "kinds"),
    [
        ("no_phys", ["prompt"]),
        ("single_turn", ["prompt", "component", "subject", "motion"]),
    ],
)
def test_what_stands_before_the_verdict_is_shown_part_by_part(mode: str, kinds: list[str]) -> None:
    assert [turn.kind for turn in turns_of(mode)] == kinds


def test_a_model_that_gives_the_whole_answer_itself_is_shown_its_question_alone() -> None:
    entry = load_entry(kb_folder() / "clip.yaml")
    made = source_map(Templates(templates_folder()), entry, "single_turn", "normal", 0)
    assert [turn.kind for turn in until_verdict(made.turns, generated=True)] == ["prompt"]


def test_the_verdict_is_not_shown() -> None:
    said = [one.text for turn in turns_of("single_turn") for one in turn.sentences]
    assert not any("Verdict:" in text for text in said)


def test_without_places_the_same_is_said() -> None:
    entry = load_entry(kb_folder() / "clip.yaml")
    made = source_map(Templates(templates_folder()), entry, "single_turn", "normal", 0)
    plain, mapped = until_verdict(made.dialogue.turns), until_verdict(made.turns)
    assert [(one.kind, one.sentences[0].text) for one in plain] == [
        (one.kind, " ".join(sentence.text for sentence in one.sentences)) for one in mapped
    ]


def test_a_sentence_names_all_values_that_its_words_come_from(tmp_path: Path) -> None:
    assert asking("Look at {{ prior.subject.parts[0] }} of the {{ category.name }}.", tmp_path) == [
        ("Look at handles of the spring clip.", ["prior.subject.parts[1]", "name", "line 2"])
    ]


def test_a_sentence_of_the_kb_names_its_value_and_not_the_tag_that_takes_it_in() -> None:
    (sentence,) = turns_of("single_turn")[1].sentences
    assert [place.name for place in sentence.places] == ["prior.component.statement"]


def test_neighbouring_sentences_of_one_origin_are_one_stretch(tmp_path: Path) -> None:
    assert asking("Look. Look again! See the {{ category.name }}? Say so.", tmp_path) == [
        ("Look. Look again!", ["line 2"]),
        ("See the spring clip?", ["name", "line 2"]),
        ("Say so.", ["line 2"]),
    ]


def test_what_a_condition_has_read_is_not_said_to_be_its_origin(tmp_path: Path) -> None:
    prompt = "{% if category.status == 'reviewed' %}Look.{% else %}Beware.{% endif %}"
    ((_, places),) = asking(prompt, tmp_path)
    assert places == ["line 2"]


def test_a_stop_within_a_value_does_not_cut_what_is_no_sentence(tmp_path: Path) -> None:
    assert [text for text, _ in asking("At 2.5 mm it is ok.", tmp_path)] == ["At 2.5 mm it is ok."]
