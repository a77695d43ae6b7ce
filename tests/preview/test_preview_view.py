"""What a page shows as an entry is saved: good, broken, good again, gone."""

from __future__ import annotations

from dataclasses import replace as changed

import pytest
from preview_material import Replace

from physprior.dialogue import Templates
from physprior.dialogue.source_map import source_map
from physprior.errors import DatasetError
from physprior.knowledge.load import load_entry
from physprior.preview.origins import Finder
from physprior.preview.stretches import stretches
from physprior.preview.view import Folders, Samples, View, make_view


def talk(view: View, mode: str = "multi_turn") -> str:
    found = next(one for one in view.modes if one.name == mode)
    return "".join(
        piece.text for turn in found.talks[0].turns for part in turn.parts for piece in part.pieces
    )


def test_a_good_entry_has_every_dialogue_of_every_class(folders: Folders) -> None:
    view = make_view(folders)
    assert [mode.name for mode in view.modes] == ["multi_turn", "no_phys"]
    assert [one.id for one in view.classes] == ["normal", "unable_to_press", "unable_to_rebound"]
    for mode in view.modes:
        told = [(one.class_id, one.index) for one in mode.talks]
        assert told == [(one.id, index) for one in view.classes for index in range(one.count)]
    assert (view.title, view.status, view.findings) == ("spring clip", "reviewed", ())
    assert (view.trouble, view.stale, view.unchecked) == ("", False, "")


def test_every_dialogue_is_what_a_full_trace_of_it_says(folders: Folders) -> None:
    entry = load_entry(folders.entry)
    templates = Templates(folders.templates)
    finder = Finder(entry.source)
    for mode in make_view(folders).modes:
        for one in mode.talks:
            made = source_map(templates, entry, one.mode, one.class_id, one.index)
            for turn, traced in zip(one.turns, made.turns, strict=True):
                for part, other in zip(turn.parts, traced.parts, strict=True):
                    cut = [piece for stretch in stretches(other) for piece in stretch]
                    assert part.origins == finder.of(cut)
                    assert [piece.origins for piece in part.pieces] == [
                        finder.of([piece]) for piece in cut
                    ]
                    assert "".join(piece.text for piece in part.pieces).strip() == other.text


def test_a_template_that_tells_explanations_apart_is_believed(folders: Folders) -> None:
    (folders.templates / "mine.j2").write_text(
        "{% user %}{% if 'freely' in verdict %}Free?{% else %}Stuck?{% endif %}{% enduser %}"
        "{% assistant %}{% part verdict %}{{ verdict }}{% endpart %}{% endassistant %}"
    )
    mode = next(mode for mode in make_view(folders).modes if mode.name == "mine")
    asked = [
        (one.turns[0].parts[0].pieces[0].text, one.turns[1].parts[0].pieces[-1].text)
        for one in mode.talks
    ]
    assert {question.strip() for question, _ in asked} == {"Free?", "Stuck?"}
    assert all((question == "Free? ") == ("freely" in reason) for question, reason in asked)


def test_what_the_check_says_stands_at_its_lines(folders: Folders, replace: Replace) -> None:
    replace("The clip opens wide", "The clip perhaps opens wide")
    view = make_view(folders)
    (finding,) = view.findings
    assert finding.name == "hedging"
    assert "perhaps" in view.files[0].lines[finding.line - 1].text
    assert view.trouble == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("id: clip", "id: clip\nid: [clip"),
        ("evidence: frame", "evidense: frame"),
        ("onset: persistent", "onset: never"),
        ("# A spring clip", "\x01"),
    ],
)
def test_while_an_entry_is_broken_the_last_good_dialogues_stay(
    folders: Folders, replace: Replace, old: str, new: str
) -> None:
    good = make_view(folders)
    replace(old, new)
    broken = make_view(folders, good)
    assert broken.stale
    assert broken.modes == good.modes
    assert broken.title == good.title
    assert broken.findings
    assert "clip.yaml has" in broken.trouble
    assert any(new.splitlines()[-1] in line.text for line in broken.files[0].lines)


def test_an_entry_that_is_broken_from_the_beginning_has_no_dialogue(
    folders: Folders, replace: Replace
) -> None:
    replace("evidence: frame", "evidense: frame")
    view = make_view(folders)
    assert (view.modes, view.stale, view.title) == ((), False, "clip.yaml")
    assert "clip.yaml has 1 error" in view.trouble


def test_once_it_is_mended_the_dialogues_are_new(folders: Folders, replace: Replace) -> None:
    good = make_view(folders)
    replace("evidence: frame", "evidense: frame")
    broken = make_view(folders, good)
    replace("evidense: frame", "evidence: frame")
    replace("name: spring clip", "name: paper clip")
    again = make_view(folders, broken)
    assert not again.stale
    assert "Watch the paper clip in" in talk(again)


def test_an_entry_that_is_gone_is_not_said_to_have_no_problems(folders: Folders) -> None:
    good = make_view(folders)
    folders.entry.unlink()
    view = make_view(folders, good)
    assert "cannot read" in view.unchecked
    assert view.stale
    assert "clip.yaml" in view.trouble


def test_a_template_that_fails_keeps_what_it_said_and_the_others_go_on(folders: Folders) -> None:
    good = make_view(folders)
    path = folders.templates / "multi_turn.j2"
    path.write_text(path.read_text().replace("prior.subject.statement", "prior.subject.statment"))
    view = make_view(folders, good)
    broken = next(mode for mode in view.modes if mode.name == "multi_turn")
    assert "multi_turn.j2:14" in broken.trouble
    assert talk(view) == talk(good)
    assert [mode.name for mode in view.modes if not mode.trouble] == ["no_phys"]
    assert [finding.line for finding in view.findings] == [14]


def test_the_rules_between_files_count_too(folders: Folders) -> None:
    other = folders.kb / "another.yaml"
    other.write_text(folders.entry.read_text())
    (finding, *_) = make_view(folders).findings
    assert finding.name == "duplicate-category"


def test_videos_that_cannot_be_used_are_a_note_and_no_end(folders: Folders) -> None:
    def refuse(category: object, entry: object) -> Samples:
        raise DatasetError("videos: no such folder", remedy="name it")

    view = make_view(changed(folders, find_samples=refuse))
    assert view.samples.notes == ("videos: no such folder\n  remedy: name it",)
    assert view.modes
