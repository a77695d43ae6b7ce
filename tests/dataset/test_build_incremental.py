"""What a build takes over from the dataset that is there, and what it makes anew."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from index_files import SMALL, make_video, make_videos, save_index

from physprior.dataset.compile import BuildReport, build
from physprior.dataset.folder import Dataset
from physprior.dataset.records import SPLITS, Record
from physprior.dialogue.templates import Templates
from physprior.errors import DatasetError, OutputError
from physprior.knowledge.load import load_knowledge
from physprior.paths import kb_folder, templates_folder

Make = Callable[..., BuildReport]
Stamp = dict[str, tuple[int, int]]


@pytest.fixture
def own_kb(tmp_path: Path) -> Path:
    """Two entries of the KB, to edit."""
    folder = tmp_path / "kb"
    folder.mkdir()
    for name in ("clip.yaml", "fan.yaml", "vocabulary.yaml"):
        shutil.copy(kb_folder() / name, folder)
    return folder


@pytest.fixture
def own_templates(tmp_path: Path) -> Path:
    """The templates, to edit."""
    return Path(shutil.copytree(templates_folder(), tmp_path / "templates"))


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return save_index(tmp_path / "index.jsonl", make_videos(SMALL))


@pytest.fixture
def make(tmp_path: Path, own_kb: Path, own_templates: Path, index: Path) -> Make:
    """Builds the index with the KB and the templates as they are now."""

    def make(name: str = "dataset", **changes: Any) -> BuildReport:
        settings = {
            "knowledge": load_knowledge(own_kb),
            "templates": Templates(own_templates),
            "mode": "multi_turn",
        }
        return build(index, tmp_path / name, **{**settings, **changes})

    return make


def stamp(folder: Path) -> Stamp:
    """Each file with what shows that it was written anew: its inode and time."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in paths
    }


def content(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in sorted(stamp(folder))}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def rewritten(before: Stamp, after: Stamp) -> set[str]:
    """The record files that were written anew."""
    return {name for name in after if "/" in name and after[name] != before.get(name)}


def all_records(folder: Path) -> dict[str, Record]:
    dataset = Dataset.open(folder)
    return {record.id: record for split in SPLITS for record in dataset.records(split)}


# Doing nothing


def test_videos_that_are_not_there_are_no_obstacle_to_a_build_from_an_index(
    make: Make, tmp_path: Path
) -> None:
    make()
    assert not (tmp_path / "videos").exists()
    assert len(all_records(tmp_path / "dataset")) == sum(SMALL.values())


def test_the_same_build_again_touches_nothing(make: Make, tmp_path: Path) -> None:
    first = make()
    before, folder = stamp(tmp_path / "dataset"), (tmp_path / "dataset").stat()
    again = make()
    assert (first.up_to_date, again.up_to_date) == (False, True)
    assert stamp(tmp_path / "dataset") == before
    assert (tmp_path / "dataset").stat().st_ino == folder.st_ino


def test_a_comment_or_another_layout_in_an_entry_rebuilds_nothing(
    make: Make, tmp_path: Path, own_kb: Path
) -> None:
    make()
    before = stamp(tmp_path / "dataset")
    fan = own_kb / "fan.yaml"
    text = fan.read_text(encoding="utf-8")
    fan.write_text("# Looked through again.\n" + text.replace("\n", "\n\n", 3), encoding="utf-8")
    assert make().up_to_date
    assert stamp(tmp_path / "dataset") == before


def test_an_entry_without_videos_may_change(make: Make, own_kb: Path) -> None:
    shutil.copy(kb_folder() / "gear.yaml", own_kb)
    make()
    edit(own_kb / "gear.yaml", "name: ", "name: other ")
    assert make().up_to_date


# Doing what has changed


def test_a_changed_sentence_rewrites_its_category_s_files_alone(
    make: Make, tmp_path: Path, own_kb: Path
) -> None:
    make()
    before = stamp(tmp_path / "dataset")
    edit(own_kb / "fan.yaml", "  motion:\n    statement: ", "  motion:\n    statement: In short, ")
    report = make()
    assert report.made == ("fan",)
    after = stamp(tmp_path / "dataset")
    assert rewritten(before, after) == {name for name in after if name.endswith("/fan.jsonl")}
    assert len(rewritten(before, after)) == 3


def test_what_is_taken_over_is_what_a_build_from_nothing_writes(
    make: Make, tmp_path: Path, own_kb: Path
) -> None:
    make()
    edit(own_kb / "fan.yaml", "  motion:\n    statement: ", "  motion:\n    statement: In short, ")
    make()
    make("fresh")
    assert content(tmp_path / "dataset") == content(tmp_path / "fresh")


def test_a_changed_template_rewrites_every_category(
    make: Make, tmp_path: Path, own_templates: Path
) -> None:
    make()
    edit(own_templates / "multi_turn.j2", "Which parts move", "Which of its parts move")
    assert make().made == ("clip", "fan")
    asked = next(iter(all_records(tmp_path / "dataset").values())).turns[2].text
    assert asked.startswith("Which of its parts move")


def test_a_template_that_another_takes_in_counts_as_part_of_it(
    make: Make, tmp_path: Path, own_templates: Path
) -> None:
    (own_templates / "ending.j2").write_text("Watch it closely.", encoding="utf-8")
    edit(
        own_templates / "multi_turn.j2", "Which parts move", '{% include "ending.j2" %} Which parts'
    )
    make()
    (own_templates / "ending.j2").write_text("Watch it well.", encoding="utf-8")
    assert make().made == ("clip", "fan")
    assert "Watch it well." in next(iter(all_records(tmp_path / "dataset").values())).turns[2].text


def test_a_further_video_rewrites_its_category_alone_and_changes_no_other_record_s_text(
    make: Make, tmp_path: Path, index: Path
) -> None:
    make()
    before = all_records(tmp_path / "dataset")
    further = make_video("fan/train/9999.mp4", "fan", "normal")
    save_index(index, [*make_videos(SMALL), further])
    assert make().made == ("fan",)
    after = all_records(tmp_path / "dataset")
    assert after.keys() - before.keys() == {"fan/train/9999"}
    assert all(after[name].turns == before[name].turns for name in before)


def test_a_further_explanation_changes_only_the_records_that_move_to_it(
    make: Make, tmp_path: Path, own_kb: Path, index: Path
) -> None:
    save_index(index, make_videos({("fan", "normal"): 120, ("clip", "normal"): 3}))
    make()
    before = all_records(tmp_path / "dataset")
    knowledge = load_knowledge(own_kb)
    fan = knowledge.category("fan")
    first, *others = fan.normal.explanations
    normal = fan.normal.model_copy(
        update={"explanations": (first, "Nothing hinders the blades.", *others)}
    )
    knowledge.categories["fan"] = fan.model_copy(update={"normal": normal})
    make(knowledge=knowledge)
    after = all_records(tmp_path / "dataset")
    moved = {name for name in before if after[name].reason != before[name].reason}
    assert {after[name].reason for name in moved} == {"Nothing hinders the blades."}
    assert 0 < len(moved) < 120 / 2


def test_other_options_make_another_dataset(make: Make) -> None:
    make()
    assert make(seed=1).made == ("clip", "fan")
    assert make(seed=1, mode="no_phys").made == ("clip", "fan")
    assert make(seed=1, mode="no_phys").up_to_date


def test_a_category_that_is_gone_leaves_no_file(make: Make, tmp_path: Path, index: Path) -> None:
    make()
    save_index(index, [video for video in make_videos(SMALL) if video.category == "clip"])
    assert make().made == ()
    assert not list((tmp_path / "dataset").rglob("fan.jsonl"))


def test_a_reference_that_an_unchanged_category_teaches_ends_the_build(
    make: Make, tmp_path: Path, own_kb: Path
) -> None:
    make()
    before = content(tmp_path / "dataset")
    knowledge = load_knowledge(own_kb)
    fan = knowledge.category("fan")
    taught = knowledge.category("clip").normal.explanations[0]
    normal = fan.normal.model_copy(update={"references": (*fan.normal.references, taught)})
    knowledge.categories["fan"] = fan.model_copy(update={"normal": normal})
    with pytest.raises(DatasetError, match="fan, normal: a reference sentence"):
        make(knowledge=knowledge)
    assert content(tmp_path / "dataset") == before


# Damage


@pytest.mark.parametrize("name", ["train/fan.jsonl", "split.json", "counts.svg"])
@pytest.mark.parametrize("harm", ["changed", "lost"])
def test_a_file_that_was_changed_or_lost_is_made_again(
    make: Make, tmp_path: Path, name: str, harm: str
) -> None:
    make()
    before = content(tmp_path / "dataset")
    path = tmp_path / "dataset" / name
    text = path.read_text(encoding="utf-8")
    path.unlink()
    if harm == "changed":
        path.write_text(text.replace("fan", "fun", 1), encoding="utf-8")
    make()
    assert content(tmp_path / "dataset") == before


def test_a_card_that_was_changed_by_hand_is_not_written_over(make: Make, tmp_path: Path) -> None:
    make()
    card = tmp_path / "dataset" / "README.md"
    edit(card, "license: unknown", "license: mit")
    with pytest.raises(OutputError, match=r"README\.md: it was changed by hand"):
        make(seed=1)
    assert "license: mit" in card.read_text(encoding="utf-8")
    card.unlink()
    make(seed=1)
    assert "license: unknown" in card.read_text(encoding="utf-8")


def test_a_file_that_was_changed_is_never_taken_over(
    make: Make, tmp_path: Path, own_kb: Path
) -> None:
    make()
    clip = tmp_path / "dataset" / "train" / "clip.jsonl"
    clip.write_text(clip.read_text(encoding="utf-8").replace("Normal", "Fine"), encoding="utf-8")
    edit(own_kb / "fan.yaml", "  motion:\n    statement: ", "  motion:\n    statement: In short, ")
    assert make().made == ("clip", "fan")
    make("fresh")
    assert content(tmp_path / "dataset") == content(tmp_path / "fresh")


def test_a_file_system_without_links_gets_copies(
    make: Make, tmp_path: Path, own_kb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make()
    edit(own_kb / "fan.yaml", "  motion:\n    statement: ", "  motion:\n    statement: In short, ")

    def refuse(source: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    assert make().made == ("fan",)
    monkeypatch.undo()
    make("fresh")
    assert content(tmp_path / "dataset") == content(tmp_path / "fresh")


def test_a_dataset_of_the_first_format_is_replaced(make: Make, tmp_path: Path) -> None:
    folder = tmp_path / "dataset"
    folder.mkdir()
    (folder / "manifest.json").write_text('{"format": "physprior-dataset", "format_version": 1}')
    for name in ("train.jsonl", "val.jsonl", "test.jsonl", "split.json"):
        (folder / name).touch()
    make()
    make("fresh")
    assert content(folder) == content(tmp_path / "fresh")
