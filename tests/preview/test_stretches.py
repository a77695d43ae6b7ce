"""A part is cut into sentences, and each has the lines that it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from physprior.dialogue import Templates
from physprior.dialogue.source_map import SourceMap, source_map
from physprior.knowledge.load import Entry, load_entry
from physprior.paths import kb_folder
from physprior.preview.origins import Finder
from physprior.preview.stretches import stretches

END = "{% assistant %}{% part verdict %}{{ verdict }}{% endpart %}{% endassistant %}"


@pytest.fixture(scope="module")
def clip() -> Entry:
    return load_entry(kb_folder() / "clip.yaml")


def asked(tmp_path: Path, clip: Entry, text: str) -> SourceMap:
    (tmp_path / "mine.j2").write_text(f"{{% user %}}\n{text}\n{{% enduser %}}\n{END}")
    return source_map(Templates(tmp_path), clip, "mine", "normal", 0)


def cut(made: SourceMap, clip: Entry, turn: int = 0) -> list[tuple[str, list[tuple[str, int]]]]:
    finder = Finder(clip.source)
    return [
        (
            "".join(text for text, _ in stretch),
            [(origin.path.name, origin.line) for origin in finder.of(stretch)],
        )
        for part in made.turns[turn].parts
        for stretch in stretches(part)
    ]


def test_each_sentence_of_a_template_has_its_own_line(tmp_path: Path, clip: Entry) -> None:
    made = asked(tmp_path, clip, "Look at it. Is it\nsound? Then\nsay so.")
    assert cut(made, clip) == [
        ("Look at it.", [("mine.j2", 2)]),
        ("Is it sound?", [("mine.j2", 2)]),
        ("Then say so.", [("mine.j2", 3)]),
    ]


def test_a_sentence_with_a_value_in_it_comes_from_both_files(tmp_path: Path, clip: Entry) -> None:
    made = asked(tmp_path, clip, "Hi. This {{ category.name }} is mine. What is yours?")
    assert cut(made, clip) == [
        ("Hi.", [("mine.j2", 2)]),
        ("This spring clip is mine.", [("clip.yaml", 5), ("mine.j2", 2)]),
        ("What is yours?", [("mine.j2", 2)]),
    ]


def test_a_value_that_is_a_sentence_stands_alone(tmp_path: Path, clip: Entry) -> None:
    text = "Know this.\n{{ prior.component.statement }}\nNow look."
    said = [sentence for sentence, _ in cut(asked(tmp_path, clip, text), clip)]
    assert said == ["Know this.", clip.category.prior.component.statement, "Now look."]


def test_a_verdict_comes_from_its_explanation(tmp_path: Path, clip: Entry) -> None:
    ((text, places),) = cut(asked(tmp_path, clip, "Hi"), clip, turn=1)
    assert text == f"Verdict: Normal. Reason: {clip.category.normal.explanations[0]}"
    lines = clip.source.lines
    assert places[0][0] == "clip.yaml"
    assert lines[places[0][1] - 1].strip().startswith("- The work of pressing")


def test_a_text_over_several_lines_ends_on_its_last(tmp_path: Path, clip: Entry) -> None:
    made = asked(tmp_path, clip, "{{ prior.subject.statement }}")
    (stretch,) = stretches(made.turns[0].parts[0])
    origin = Finder(clip.source).of(stretch)[0]
    typed = " ".join(line.strip() for line in clip.source.lines[origin.line - 1 : origin.end_line])
    assert typed == clip.category.prior.subject.statement


def test_what_only_decided_stands_behind_what_is_said(tmp_path: Path, clip: Entry) -> None:
    text = "{% if category.status == 'reviewed' %}The {{ category.name }}{% endif %}"
    (stretch,) = stretches(asked(tmp_path, clip, text).turns[0].parts[0])
    found = Finder(clip.source).of(stretch)
    assert [(origin.what, origin.decides) for origin in found[:2]] == [
        ("name", False),
        ("status", True),
    ]


def test_every_sentence_of_every_shipped_dialogue_has_a_place_and_none_is_lost(
    templates: Templates, clip: Entry
) -> None:
    for mode in templates.modes():
        for class_id, _ in clip.category.classes():
            made = source_map(templates, clip, mode, class_id, 1)
            for at, turn in enumerate(made.dialogue.turns):
                found = cut(made, clip, at)
                assert " ".join(text for text, _ in found) == turn.text
                assert all(places for _, places in found)
