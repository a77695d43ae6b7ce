from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import yaml

from physprior.dataset.doctor.collection import examine_collection
from physprior.dataset.doctor.findings import Finding, Section
from physprior.dataset.doctor.survey import Survey, survey
from physprior.errors import DatasetError
from physprior.knowledge.load import KnowledgeBase, load_knowledge
from physprior.paths import kb_folder
from physprior.simulate import Options, simulate
from physprior.video.sample import Sampling

Examined = dict[str, dict[str, Finding]]


def look(found: Survey, kb: KnowledgeBase, *, reference: bool | None = None) -> Examined:
    """The findings by section and kind; the first where a kind is there twice."""
    sections = examine_collection(found, kb, sampling=Sampling(), reference=reference)
    return {section.name: by_kind(section) for section in sections}


def by_kind(section: Section) -> dict[str, Finding]:
    return {finding.kind: finding for finding in reversed(section.findings)}


def places(examined: Examined, section: str, kind: str) -> tuple[str, ...]:
    return examined[section][kind].places


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("doctor") / "simulated"
    options = Options(categories=("ball", "clip", "fan"), count=24, size=32, frames=16)
    simulate(root, options, workers=1, progress=lambda done, total: None)
    return root


@pytest.fixture(scope="module")
def trapped(
    simulated: Path, tmp_path_factory: pytest.TempPathFactory, write_clip: Callable[..., Path]
) -> Path:
    """A collection with every trap that the doctor is there to find."""
    root = tmp_path_factory.mktemp("trapped") / "videos"
    shutil.copytree(simulated, root)
    (root / "simulation.json").unlink()
    (root / "ball").rename(root / "rubber bal")
    (root / "fan/test/vibration").rename(root / "fan/test/vibratin")
    (root / "fan/test/uneven").rename(root / "fan/test/wobble")
    for number in (1, 2):
        (root / f"fan/test/stuck/000{number}.mp4").unlink()
    (root / "fan/train/0000.mp4").write_bytes(b"")
    (root / "fan/train/0001.mp4").write_text("no video")
    (root / "clip/train/0001.json").write_text('{"class": "unable_to_press"}')
    (root / "clip/train/0002.json").write_text('{"frames": 99, "fps": 60, "category": "fan"}')
    shutil.copy(root / "clip/train/0003.mp4", root / "clip/train/0033.mp4")
    shutil.copy(root / "clip/train/0004.mp4", root / "clip/test/unable_to_press/0044.mp4")
    shutil.copy(root / "clip/train/0005.mp4", root / "clip/train/0005.MOV")
    shutil.copy(root / "clip/train/0005.mp4", root / "clip/stray.mp4")
    (root / "notes.txt").touch()
    write_clip(root / "clip/train/0090.mp4", frames=16, size=(32, 32), rotation=90)
    write_clip(root / "clip/train/0091.mp4", frames=3, size=(48, 32))
    write_clip(root / "clip/train/0092.mp4", frames=16, size=(32, 32), fps=60)
    write_at(root / "clip/train/0093.mp4", [0, 1, 2, 5, 6, 9, 10, 11, 12, 15])
    return root


def write_at(path: Path, times: list[int]) -> None:
    """A clip whose frames are shown at these thirtieths of a second."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=30)
        stream.height, stream.width, stream.pix_fmt = 32, 32, "yuv420p"
        for at in times:
            picture = np.full((32, 32, 3), 10 * at, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = at, Fraction(1, 30)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


@pytest.fixture(scope="module")
def sections(trapped: Path, kb: KnowledgeBase) -> tuple[Section, ...]:
    return examine_collection(survey(trapped, kb), kb, sampling=Sampling())


@pytest.fixture(scope="module")
def examined(sections: tuple[Section, ...]) -> Examined:
    return {section.name: by_kind(section) for section in sections}


def test_a_sound_collection_has_notes_alone(simulated: Path, kb: KnowledgeBase) -> None:
    sections = examine_collection(survey(simulated, kb), kb, sampling=Sampling())
    assert [section.wrong for section in sections] == [0, 0, 0, 0]


def test_simulated_videos_are_not_held_against_the_paper_unless_asked(
    simulated: Path, kb: KnowledgeBase
) -> None:
    found = survey(simulated, kb)
    assert "category-missing" not in look(found, kb)["complete"]
    assert len(places(look(found, kb, reference=True), "complete", "category-missing")) == 19


def test_categories_of_the_paper_that_are_not_there_are_named(examined: Examined) -> None:
    missing = places(examined, "complete", "category-missing")
    assert len(missing) == 20
    assert "ball" in missing
    assert "archive" in examined["complete"]["category-missing"].remedy


def test_classes_without_videos_or_with_few_are_named(examined: Examined) -> None:
    assert places(examined, "complete", "class-without-videos") == ("fan/uneven", "fan/vibration")
    assert places(examined, "complete", "few-videos") == ("fan/stuck: 2",)


def test_every_unplaced_folder_is_a_finding_with_its_videos_counted(
    sections: tuple[Section, ...], examined: Examined
) -> None:
    texts = [one.text for one in sections[1].findings if one.kind == "unplaced-folder"]
    assert [text.partition(":")[0] for text in texts] == [
        "fan/test/vibratin/ (4 videos)",
        "fan/test/wobble/ (4 videos)",
        "rubber bal/ (24 videos)",
    ]
    assert places(examined, "places", "stray-video") == ("clip/stray.mp4",)


def test_the_alias_line_that_is_suggested_places_the_folder(
    trapped: Path, kb: KnowledgeBase, tmp_path: Path
) -> None:
    own = tmp_path / "kb"
    own.mkdir()
    for name in ("ball", "clip", "fan"):
        shutil.copy(kb_folder() / f"{name}.yaml", own)
    knowledge = load_knowledge(own)
    examined = look(survey(trapped, knowledge), knowledge)
    remedy = examined["places"]["unplaced-folder"].remedy
    told, _, snippet = remedy.partition("\n")
    assert str(own / "fan.yaml") in told
    (anomaly,) = yaml.safe_load(snippet)["anomalies"]
    entry = yaml.safe_load((own / "fan.yaml").read_text())
    for one in entry["anomalies"]:
        if one["id"] == anomaly["id"]:
            assert set(one.get("aliases", [])) < set(anomaly["aliases"])
            one["aliases"] = anomaly["aliases"]
    (own / "fan.yaml").write_text(yaml.safe_dump(entry))
    placed = survey(trapped, load_knowledge(own)).index.videos
    assert sum(video.class_id == "vibration" for video in placed) == 4


def test_a_folder_like_nothing_known_is_told_which_classes_lack_videos(
    sections: tuple[Section, ...],
) -> None:
    (wobble,) = [one for one in sections[1].findings if "wobble" in one.text]
    assert "without a video: uneven, vibration" in wobble.remedy


def test_the_one_class_that_is_left_is_guessed(
    simulated: Path, kb: KnowledgeBase, tmp_path: Path
) -> None:
    shutil.copytree(simulated / "fan", tmp_path / "fan")
    (tmp_path / "fan/test/uneven").rename(tmp_path / "fan/test/7")
    (unplaced,) = look(survey(tmp_path, kb), kb)["places"].values()
    assert "uneven, its one class without a video" in unplaced.remedy
    assert yaml.safe_load(unplaced.remedy.partition("\n")[2]) == {
        "anomalies": [{"id": "uneven", "aliases": ["7"]}]
    }


def test_a_misspelt_normal_folder_is_to_be_renamed(
    simulated: Path, kb: KnowledgeBase, tmp_path: Path
) -> None:
    shutil.copytree(simulated / "fan", tmp_path / "fan")
    (tmp_path / "fan/test/normal").rename(tmp_path / "fan/test/nromal")
    (unplaced,) = look(survey(tmp_path, kb), kb)["places"].values()
    assert "rename it to normal" in unplaced.remedy


def test_broken_files_and_sidecars_that_contradict_are_told_apart(examined: Examined) -> None:
    assert places(examined, "clips", "broken") == (
        "fan/train/0000.mp4: empty file",
        "fan/train/0001.mp4: not a video file, whatever its name says",
    )
    assert places(examined, "clips", "sidecar-contradicts") == (
        "clip/train/0001.mp4: its folder says normal, its sidecar says unable_to_press",
    )
    (told,) = places(examined, "clips", "sidecar-differs")
    assert told.startswith("clip/train/0002.mp4: its folder says clip, its sidecar fan; 16 frames")


def test_clips_that_stand_out_are_named_by_what_they_are(examined: Examined) -> None:
    odd = {
        kind: [place.partition(".mp4")[0] for place in places(examined, "clips", kind)]
        for kind in ("rotated", "too-short", "odd-size", "odd-rate", "variable-rate")
    }
    assert odd["rotated"] == ["clip/train/0090"]
    assert odd["too-short"] == ["clip/train/0091"]
    assert odd["odd-size"] == ["clip/train/0091"]
    assert "clip/train/0092" in odd["odd-rate"]
    assert odd["variable-rate"] == ["clip/train/0093"]


def test_one_file_in_two_classes_does_not_stop_the_doctor(examined: Examined) -> None:
    assert places(examined, "clips", "same-file-two-classes") == (
        "clip/test/unable_to_press/0044.mp4 = clip/train/0004.mp4",
    )
    assert "clip/train/0003.mp4 = clip/train/0033.mp4" in places(examined, "clips", "same-file")


def test_videos_that_differ_in_their_ending_alone_are_named(examined: Examined) -> None:
    named = [place.partition(":")[0] for place in places(examined, "clips", "equal-ids")]
    assert named == ["clip/train/0005.MOV", "clip/train/0005.mp4"]


def test_other_files_are_a_note(examined: Examined) -> None:
    assert examined["places"]["ignored"].level == "note"
    assert "1 .txt" in examined["places"]["ignored"].text


def test_a_place_that_is_not_there_is_refused(tmp_path: Path, kb: KnowledgeBase) -> None:
    with pytest.raises(DatasetError, match="no such file or folder"):
        survey(tmp_path / "nowhere", kb)


def test_an_empty_folder_is_a_finding(tmp_path: Path, kb: KnowledgeBase) -> None:
    examined = look(survey(tmp_path, kb), kb)
    assert examined["places"]["no-videos"].level == "finding"


def test_a_folder_of_nothing_but_broken_files_is_read(tmp_path: Path, kb: KnowledgeBase) -> None:
    (tmp_path / "fan/train").mkdir(parents=True)
    (tmp_path / "fan/train/0000.mp4").write_text("no video")
    examined = look(survey(tmp_path, kb), kb)
    assert len(places(examined, "clips", "broken")) == 1


def test_a_file_that_cannot_be_read_as_videos_is_a_finding(
    tmp_path: Path, kb: KnowledgeBase
) -> None:
    (tmp_path / "index.jsonl").write_text(json.dumps({"format": "physprior-index"}) + "\n")
    examined = look(survey(tmp_path / "index.jsonl", kb), kb)
    assert str(tmp_path / "index.jsonl") in examined["places"]["unreadable"].text


def test_an_index_is_judged_like_the_folder_that_it_was_made_of(
    simulated: Path, kb: KnowledgeBase, tmp_path: Path
) -> None:
    from physprior.dataset.index_file import write_index

    found = survey(simulated, kb)
    write_index(found.index, tmp_path / "index.jsonl")
    of_index = survey(tmp_path / "index.jsonl", kb)
    assert look(of_index, kb) == look(found, kb)


def test_unplaced_folders_that_are_alike_are_one_finding(
    simulated: Path, kb: KnowledgeBase, tmp_path: Path
) -> None:
    shutil.copytree(simulated / "fan", tmp_path / "fan")
    for number in range(3):
        (tmp_path / f"zzz{number}").mkdir()
    examined = look(survey(tmp_path, kb), kb)
    listed = tuple(f"zzz{number}/ (0 videos)" for number in range(3))
    assert places(examined, "places", "unplaced-folder") == listed


def test_a_folder_whose_name_breaks_is_to_be_renamed_and_not_aliased(
    simulated: Path, kb: KnowledgeBase, tmp_path: Path
) -> None:
    shutil.copytree(simulated / "fan", tmp_path / "fan")
    (tmp_path / "fan/test/new\nline").mkdir()
    (unplaced,) = look(survey(tmp_path, kb), kb)["places"].values()
    assert unplaced.remedy == "rename it, then look again"


def test_without_videos_no_verdict_is_given_on_them(tmp_path: Path, kb: KnowledgeBase) -> None:
    sections = examine_collection(survey(tmp_path, kb), kb, sampling=Sampling())
    verdicts = {section.name: section.verdict for section in sections}
    assert verdicts["places"] == "1 finding"
    assert {verdicts[name] for name in ("complete", "clips", "sampling")} == {
        "not looked at: there are no videos"
    }


def test_one_category_s_folder_is_recognised(simulated: Path, kb: KnowledgeBase) -> None:
    examined = look(survey(simulated / "fan", kb), kb)
    assert f"name the folder above it, {simulated}" in examined["places"]["no-videos"].remedy


def test_archives_beside_one_another_are_one_collection(
    simulated: Path, kb: KnowledgeBase, tmp_path: Path
) -> None:
    for number, part in enumerate(("train", "test")):
        shutil.copytree(simulated / "fan" / part, tmp_path / f"part_{number}/fan/{part}")
    examined = look(survey(tmp_path, kb), kb)
    assert "part_0, part_1" in examined["places"]["collection"].text
    assert "test-only" not in examined["complete"]


def test_a_list_is_judged_and_its_videos_may_lie_elsewhere(
    simulated: Path, kb: KnowledgeBase, tmp_path: Path
) -> None:
    rows = "".join(f"fan/test/stuck/000{number}.mp4,fan,stuck\n" for number in (0, 1))
    (tmp_path / "list.csv").write_text(f"video,category,anomaly\n{rows}fan/none.mp4,fan,stuck\n")
    examined = look(survey(tmp_path / "list.csv", kb, root=simulated), kb)
    assert places(examined, "complete", "few-videos") == ("fan/stuck: 2",)
    (broken,) = places(examined, "clips", "broken")
    assert "fan/none.mp4: no such file" in broken


def test_wrong_lines_of_a_list_are_named_each(
    simulated: Path, kb: KnowledgeBase, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("video,category,anomaly\na.mp4,fann,stuck\nb.mp4,fan,wobble\n")
    told = places(look(survey(path, kb, root=simulated), kb), "places", "unreadable")
    assert [line.partition(": ")[0] for line in told] == [f"{path}:2", f"{path}:3"]
    assert "did you mean fan?" in told[0]
