"""Finding videos that nobody has labelled: which files, and of which category."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from physprior.dataset.unlabelled import Unlabelled, find_videos
from physprior.errors import KnowledgeError
from physprior.knowledge.load import KnowledgeBase


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"a video")
    return path


def find(
    kb: KnowledgeBase, *named: Path, category: str | None = None
) -> dict[str, tuple[str | None, str]]:
    """Name to (category, problem) of what is found."""
    return {
        one.path.name: (one.category, one.problem)
        for one in find_videos(named, kb, category=category)
    }


def test_a_file_is_of_the_category_of_the_folder_it_lies_in(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    video = touch(tmp_path / "clip" / "one.mp4")
    assert find_videos([video], kb) == [Unlabelled(video, "clip", "folder", "clip")]


@pytest.mark.parametrize("folder", ["Rubber Band", "rubber-band", "rubber_band", "RUBBER_BAND"])
def test_the_spelling_of_a_folder_does_not_count(
    kb: KnowledgeBase, tmp_path: Path, folder: str
) -> None:
    assert find(kb, touch(tmp_path / folder / "one.mp4"))["one.mp4"] == ("rubber_band", "")


def test_a_folder_may_have_the_alias_of_a_category(kb: KnowledgeBase, tmp_path: Path) -> None:
    assert find(kb, touch(tmp_path / "liguid" / "one.mp4"))["one.mp4"] == ("liquid", "")


def test_the_nearest_folder_that_is_known_counts(kb: KnowledgeBase, tmp_path: Path) -> None:
    video = touch(tmp_path / "fan" / "clip" / "test" / "unable_press" / "one.mp4")
    assert find(kb, video)["one.mp4"] == ("clip", "")


def test_a_file_named_without_its_folder_is_of_the_folder_one_is_in(
    kb: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(touch(tmp_path / "clip" / "one.mp4").parent)
    assert find(kb, Path("one.mp4"))["one.mp4"] == ("clip", "")


def test_what_the_user_says_stands_above_the_folders_and_both_are_told(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    video = touch(tmp_path / "fan" / "one.mp4")
    assert find_videos([video], kb, category="clip") == [Unlabelled(video, "clip", "option", "fan")]


@pytest.mark.parametrize("said", ["usb", "USB", "u disk", "usb-disk"])
def test_the_user_may_say_an_id_or_an_alias_in_any_spelling(
    kb: KnowledgeBase, tmp_path: Path, said: str
) -> None:
    assert find(kb, touch(tmp_path / "one.mp4"), category=said)["one.mp4"] == ("usb", "")


def test_the_user_may_say_the_name(kb: KnowledgeBase, tmp_path: Path) -> None:
    name = kb.category("clip").name
    assert find(kb, touch(tmp_path / "one.mp4"), category=name)["one.mp4"] == ("clip", "")


def test_a_category_that_is_none_is_refused_with_the_one_that_may_be_meant(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    with pytest.raises(KnowledgeError, match="no category 'klip'") as caught:
        find_videos([touch(tmp_path / "one.mp4")], kb, category="klip")
    assert caught.value.remedy == "did you mean 'clip'?"


def test_a_video_in_no_category_s_folder_is_told_so(kb: KnowledgeBase, tmp_path: Path) -> None:
    category, problem = find(kb, touch(tmp_path / "batch 7" / "one.mp4"))["one.mp4"]
    assert category is None
    assert "no folder above it" in problem
    assert "--category" in problem


def test_a_misspelt_folder_is_told_with_the_category_that_may_be_meant(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    category, problem = find(kb, touch(tmp_path / "clipp" / "one.mp4"))["one.mp4"]
    assert category is None
    assert "'clipp'" in problem
    assert "did you mean clip?" in problem


def test_a_misspelt_folder_is_not_taken_for_the_category_above_it(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    video = touch(tmp_path / "fan" / "clipp" / "one.mp4")
    assert "did you mean clip?" in find(kb, video)["one.mp4"][1]


def test_a_folder_is_searched_to_any_depth_in_the_order_of_the_names(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    for name in ("fan/b.mp4", "clip/z.avi", "clip/a/y.MOV", "clip/a/x.webm"):
        touch(tmp_path / name)
    found = find_videos([tmp_path], kb)
    assert [str(one.path.relative_to(tmp_path)) for one in found] == [
        "clip/z.avi",
        "clip/a/x.webm",
        "clip/a/y.MOV",
        "fan/b.mp4",
    ]
    assert [one.category for one in found] == ["clip", "clip", "clip", "fan"]


def test_of_a_folder_only_files_with_endings_of_videos_are_taken(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    for name in ("one.mp4", "one.json", "notes.txt", ".hidden.mp4", ".old/two.mp4"):
        touch(tmp_path / "clip" / name)
    assert [*find(kb, tmp_path)] == ["one.mp4"]


def test_a_file_that_is_named_itself_may_have_any_ending(kb: KnowledgeBase, tmp_path: Path) -> None:
    assert find(kb, touch(tmp_path / "clip" / "one.ts"))["one.ts"] == ("clip", "")


def test_a_video_that_is_named_in_several_ways_is_found_once(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    video = touch(tmp_path / "clip" / "one.mp4")
    again = tmp_path / "clip" / ".." / "clip" / "one.mp4"
    assert len(find_videos([video, video, tmp_path, again], kb)) == 1


def test_what_cannot_be_a_video_is_named_with_its_reason_and_costs_no_other(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    clip = touch(tmp_path / "clip" / "good.mp4").parent
    (clip / "lost.mp4").symlink_to(tmp_path / "nowhere")
    os.mkfifo(clip / "pipe.mp4")
    (clip / "line\nbreak.mp4").touch()
    (tmp_path / "empty").mkdir()
    problems = {
        name: problem
        for name, (_, problem) in find(kb, clip, tmp_path / "gone.mp4", tmp_path / "empty").items()
    }
    assert problems == {
        "good.mp4": "",
        "line\nbreak.mp4": "its name holds control characters or is not UTF-8: rename it",
        "lost.mp4": "a symbolic link to nothing",
        "pipe.mp4": "no regular file",
        "gone.mp4": "no such file",
        "empty": "a folder without videos (.avi, .mkv, .mov, .mp4, .webm)",
    }
