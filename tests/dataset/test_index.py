from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from physprior.dataset.index import index_videos
from physprior.errors import DatasetError
from physprior.knowledge.load import KnowledgeBase

AddVideos = Callable[..., list[Path]]


def refusal(root: Path, kb: KnowledgeBase) -> DatasetError:
    with pytest.raises(DatasetError) as caught:
        index_videos(root, kb)
    assert caught.value.remedy
    return caught.value


def test_train_is_normal_and_test_folders_are_classes(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase
) -> None:
    for folder in ("clip/train", "clip/test/norm", "clip/test/unable_press"):
        add_videos(folder)
    found = [(v.path, v.category, v.class_id, v.label) for v in index_videos(root, kb).videos]
    assert found == [
        ("clip/test/norm/0000.mp4", "clip", "normal", 0),
        ("clip/test/unable_press/0000.mp4", "clip", "unable_to_press", 1),
        ("clip/train/0000.mp4", "clip", "normal", 0),
    ]


def test_several_folders_may_mean_one_class(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase
) -> None:
    for name in ("norm", "anomaly_free", "good", "Normal", "vibrate", "vibration"):
        add_videos(f"fan/test/{name}")
    classes = [video.class_id for video in index_videos(root, kb).videos]
    assert sorted(classes) == ["normal"] * 4 + ["vibration"] * 2


def test_a_video_is_measured_and_hashed(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase
) -> None:
    import hashlib

    (path,) = add_videos("clip/train")
    (video,) = index_videos(root, kb).videos
    assert video.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (video.info.frames, video.info.width, video.info.fps) == (3, 16, 30.0)
    assert video.id == "clip/train/0000"


@pytest.mark.parametrize("ending", [".mp4", ".MP4", ".avi", ".mov", ".mkv", ".webm"])
def test_every_usual_ending_is_a_video(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase, ending: str
) -> None:
    add_videos("clip/train", ending=ending)
    assert len(index_videos(root, kb).videos) == 1


def test_other_files_are_counted_and_hidden_ones_passed_over(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase
) -> None:
    add_videos("clip/train")
    for name in ("README.md", "clip/notes.md", "clip/train/0001.gif", "simulation.json"):
        (root / name).touch()
    for name in (".cache/x.mp4", "__MACOSX/clip/._0000.mp4", "clip/train/._0000.mp4"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    index = index_videos(root, kb)
    assert index.ignored == {".gif": 1, ".md": 2}
    assert len(index.videos) == 1
    assert index.skipped == ()


def test_all_unexplained_places_stand_in_one_error_with_a_guess(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase
) -> None:
    for folder in ("clipp/train", "fan/test/vibratin", "fan/val", "fan/train/good"):
        add_videos(folder)
    add_videos("clip")
    message = refusal(root, kb).message
    assert "5 place(s)" in message
    assert "clipp/: no category of the KB; did you mean clip?" in message
    assert "fan/test/vibratin/: no class of fan; did you mean vibration?" in message
    assert "fan/val/: only train and test belong here" in message
    assert "fan/train/good/: a folder where only videos belong" in message
    assert "clip/0000.mp4: a video outside the class folders" in message
    assert str(kb.sources["fan"]) in message


def test_naming_one_categorys_folder_is_told(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase
) -> None:
    add_videos("clip/train")
    assert f"name the folder above it, {root}" in refusal(root / "clip", kb).remedy


def test_naming_a_folder_far_too_high_is_told(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase
) -> None:
    add_videos("data/sets/Phys-AD/clip/train")
    assert f"name {root / 'data/sets/Phys-AD'}" in refusal(root, kb).remedy


def test_a_root_that_is_missing_or_without_videos_is_refused(root: Path, kb: KnowledgeBase) -> None:
    assert "no such folder" in refusal(root / "nowhere", kb).message
    (root / "clip" / "train").mkdir(parents=True)
    assert "no videos in it" in refusal(root, kb).message


def test_broken_videos_are_listed_with_reasons_and_the_rest_is_kept(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase
) -> None:
    paths = add_videos("clip/train", 4)
    paths[1].write_bytes(b"")
    paths[3].write_text("no video")
    index = index_videos(root, kb)
    assert [video.path for video in index.videos] == ["clip/train/0000.mp4", "clip/train/0002.mp4"]
    assert [(skip.path, skip.reason) for skip in index.skipped] == [
        ("clip/train/0001.mp4", "empty file"),
        ("clip/train/0003.mp4", "not a video file, whatever its name says"),
    ]


def test_a_collection_of_nothing_but_broken_videos_is_refused(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase
) -> None:
    add_videos("clip/train")[0].write_bytes(b"")
    assert "clip/train/0000.mp4: empty file" in refusal(root, kb).message


def test_a_link_out_of_the_root_is_not_followed_and_is_listed(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase, tmp_path: Path
) -> None:
    (path,) = add_videos("clip/train")
    shutil.copytree(root / "clip", tmp_path / "elsewhere")
    (root / "fan").symlink_to(tmp_path / "elsewhere")
    (root / "clip/train/0001.mp4").symlink_to(tmp_path / "elsewhere/train/0000.mp4")
    (root / "clip/train/0002.mp4").symlink_to(path)
    index = index_videos(root, kb)
    assert [skip.path for skip in index.skipped] == ["clip/train/0001.mp4", "fan"]
    assert [video.path for video in index.videos] == ["clip/train/0000.mp4", "clip/train/0002.mp4"]


def test_a_root_that_is_itself_a_link_is_read(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase, tmp_path: Path
) -> None:
    add_videos("clip/train")
    (tmp_path / "link").symlink_to(root)
    assert len(index_videos(tmp_path / "link", kb).videos) == 1


def test_the_instance_comes_from_the_sidecar(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase
) -> None:
    first, second, third = add_videos("clip/train", 3)
    first.with_suffix(".json").write_text('{"instance": "clip-07", "class": "normal"}')
    second.with_suffix(".json").write_text('["of another tool"]')
    instances = [video.instance for video in index_videos(root, kb).videos]
    assert instances == ["clip-07", None, None]
    assert third.exists()


def test_a_sidecar_that_cannot_be_read_or_contradicts_the_folder_skips_its_video(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase
) -> None:
    first, second, _ = add_videos("clip/train", 3)
    first.with_suffix(".json").write_text("{instance")
    second.with_suffix(".json").write_text(json.dumps({"class": "unable_to_press"}))
    reasons = [skip.reason for skip in index_videos(root, kb).skipped]
    assert "its sidecar 0000.json is not JSON" in reasons[0]
    assert reasons[1] == "its folder says normal, its sidecar says unable_to_press"


def test_copies_within_a_class_are_kept_and_reported(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase
) -> None:
    (path,) = add_videos("clip/train")
    (root / "clip/test/norm").mkdir(parents=True)
    shutil.copy(path, root / "clip/test/norm/0005.mp4")
    index = index_videos(root, kb)
    assert index.duplicates == (("clip/test/norm/0005.mp4", "clip/train/0000.mp4"),)
    assert len(index.videos) == 2


def test_one_file_in_two_classes_is_refused(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase
) -> None:
    (path,) = add_videos("clip/train")
    (root / "clip/test/unable_press").mkdir(parents=True)
    shutil.copy(path, root / "clip/test/unable_press/0000.mp4")
    message = refusal(root, kb).message
    assert "clip/test/unable_press/0000.mp4 = clip/train/0000.mp4" in message


def test_videos_that_would_share_an_id_are_skipped_and_named(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase
) -> None:
    add_videos("clip/train", 2)
    add_videos("clip/train", ending=".avi")
    index = index_videos(root, kb)
    assert [video.path for video in index.videos] == ["clip/train/0001.mp4"]
    reasons = {skip.path: skip.reason for skip in index.skipped}
    assert "the id of clip/train/0000.mp4: rename" in reasons["clip/train/0000.avi"]
    assert "the id of clip/train/0000.avi: rename" in reasons["clip/train/0000.mp4"]


def test_more_workers_find_the_same_and_tell_the_progress(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase
) -> None:
    paths = add_videos("clip/train", 40)
    paths[20].write_bytes(b"")
    told: list[tuple[int, int]] = []
    parallel = index_videos(
        root, kb, workers=2, cache=False, progress=lambda done, total: told.append((done, total))
    )
    assert parallel == index_videos(root, kb, workers=1, cache=False)
    assert told[-1] == (40, 40)
    assert [done for done, _ in told] == sorted({done for done, _ in told})


def test_what_lies_beside_the_videos_of_other_commands_is_no_foreign_file(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase
) -> None:
    add_videos("clip/train")
    (root / "index.jsonl").touch()
    (root / "list.csv").touch()
    assert index_videos(root, kb).ignored == {}
