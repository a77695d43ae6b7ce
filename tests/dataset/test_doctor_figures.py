from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from physprior.dataset.doctor.coarseness import examine_coarseness
from physprior.dataset.doctor.completeness import examine_completeness
from physprior.dataset.doctor.copies import find_broken, find_copies
from physprior.dataset.doctor.findings import Finding, Section
from physprior.dataset.doctor.oddities import find_odd, find_shortcuts, measure_categories
from physprior.dataset.doctor.published import compare, is_comparable, part_of
from physprior.dataset.index import Skipped, Video
from physprior.knowledge.load import KnowledgeBase
from physprior.phys_ad import COUNTS, TOTALS
from physprior.video.probe import VideoInfo
from physprior.video.sample import Sampling


def video(path: str, *, class_id: str = "normal", **given: Any) -> Video:
    measures = {"frames": 60, "fps": 60.0, "width": 64, "height": 48, "codec": "h264"}
    own = {name: given.pop(name) for name in [*given] if name in VideoInfo.model_fields}
    info = {**measures, **own}
    info.setdefault("duration_s", info["frames"] / info["fps"])
    values: dict[str, Any] = {
        "category": path.split("/")[0],
        "label": int(class_id != "normal"),
        "instance": None,
        "sha256": path,
        **given,
    }
    return Video(path=path, class_id=class_id, info=VideoInfo(**info), **values)


def folder(place: str, count: int, **given: Any) -> list[Video]:
    return [video(f"{place}/{number:04d}.mp4", **given) for number in range(count)]


def phys_ad(kb: KnowledgeBase) -> Iterator[Video]:
    """A collection with exactly the counts of the paper."""
    for name, counts in COUNTS.items():
        given = {"frames": counts.frames}
        yield from folder(f"{name}/train", counts.train, **given)
        yield from folder(f"{name}/test/norm", counts.test_normal, **given)
        anomalies = [anomaly.id for anomaly in kb.category(name).anomalies]
        for number in range(counts.test_anomalous):
            class_id = anomalies[number % len(anomalies)]
            yield video(f"{name}/test/{class_id}/{number:04d}.mp4", class_id=class_id, **given)


@pytest.fixture(scope="module")
def whole(kb: KnowledgeBase) -> list[Video]:
    return list(phys_ad(kb))


def kinds(findings: Sequence[Finding] | Iterator[Finding]) -> dict[str, Finding]:
    return {finding.kind: finding for finding in findings}


def test_the_table_adds_up_to_the_totals_that_the_paper_prints() -> None:
    rows = COUNTS.values()
    assert sum(row.train for row in rows) == 2400
    assert sum(row.test_normal for row in rows) == 1198
    assert sum(row.test_anomalous for row in rows) == 2836
    assert sum(row.videos for row in rows) == TOTALS["the paper"] == 6434
    assert sum(row.frames * row.train for row in rows) == 298_800
    assert sum(row.frames * (row.videos - row.train) for row in rows) == 511_020
    assert (sum(row.objects for row in rows), sum(row.defects for row in rows)) == (49, 47)


def test_the_table_s_categories_and_defects_are_the_kb_s(kb: KnowledgeBase) -> None:
    held = {name: len(category.anomalies) for name, category in kb.categories.items()}
    assert {name: row.defects for name, row in COUNTS.items()} == held


def test_a_whole_phys_ad_has_no_finding(whole: list[Video], kb: KnowledgeBase) -> None:
    section = examine_completeness(whole, kb, reference=True)
    assert set(kinds(section.findings)) == {"no-anomaly-in-train"}
    assert section.wrong == 0
    assert section.tables[0].rows[-1][1:6] == (
        "2,400/2,400",
        "1,198/1,198",
        "2,836/2,836",
        "6,434/6,434",
        "0",
    )


def test_a_missing_category_is_a_finding_and_the_sum_still_holds_it(whole: list[Video]) -> None:
    table, findings = compare([one for one in whole if one.category != "gear"])
    (finding,) = findings
    assert (finding.kind, finding.level, finding.places) == (
        "category-missing",
        "finding",
        ("gear",),
    )
    assert table.rows[-2][:2] == ("1 missing", "0/180")
    assert table.rows[-1][4:6] == ("5,804/6,434", "-630")


def test_a_category_with_far_fewer_videos_is_a_finding(whole: list[Video]) -> None:
    left = [one for one in whole if one.category != "gear" or "/norm/" not in one.path]
    short = kinds(compare(left)[1])["videos-missing"]
    assert (short.level, short.places) == ("finding", ("gear: 540 of 630",))


def test_a_small_difference_is_a_note_beside_the_published_totals(whole: list[Video]) -> None:
    findings = compare([*whole[1:], *folder("zipper/test/norm/more", 3)])[1]
    (note,) = findings
    assert (note.kind, note.level) == ("count-differs", "note")
    assert note.places == ("car: -1", "zipper: +3")
    assert "6,434" in note.text
    assert "6,359" in note.text
    assert "6,426" in note.text


def test_the_paper_s_misprint_is_told_where_the_ball_differs(whole: list[Video]) -> None:
    as_printed = [
        one for one in whole if one.category != "ball" or not one.label or one.path < "ball/test/m"
    ]
    assert "misprint" in kinds(compare(as_printed)[1])
    assert "misprint" not in kinds(compare(whole)[1])


def test_clips_of_another_length_than_the_paper_s_are_a_note(whole: list[Video]) -> None:
    others = [
        one.model_copy(update={"info": one.info.model_copy(update={"frames": 90})})
        if one.category == "fan"
        else one
        for one in whole
    ]
    assert kinds(compare(others)[1])["length-differs"].places == ("fan: 90, not 180",)


@pytest.mark.parametrize(
    ("path", "split", "part"),
    [
        ("fan/train/0.mp4", None, "train"),
        ("fan/TEST/stuck/0.mp4", None, "test"),
        ("train/fan/test/stuck/0.mp4", None, "test"),
        ("somewhere/0.mp4", "train", "train"),
        ("somewhere/0.mp4", "val", "test"),
        ("somewhere/0.mp4", None, None),
    ],
)
def test_the_part_is_known_by_the_nearest_folder_or_else_by_the_list(
    path: str, split: str | None, part: str | None
) -> None:
    assert part_of(video(path, split=split)) == part


def test_videos_of_no_known_part_count_in_the_sum_and_are_noted(whole: list[Video]) -> None:
    _, findings = compare([*whole, video("x/0.mp4", category="fan")])
    assert kinds(findings)["no-part"].places == ("x/0.mp4",)


def test_a_collection_of_other_things_is_not_comparable() -> None:
    assert not is_comparable(folder("pump/train", 3))
    assert is_comparable([*folder("pump/train", 3), *folder("fan/train", 1)])


def test_a_category_without_training_or_test_videos_is_a_finding(kb: KnowledgeBase) -> None:
    videos = [*folder("clip/train", 3), *folder("fan/test/norm", 3)]
    found = kinds(examine_completeness(videos, kb, reference=False).findings)
    assert found["train-only"].places == ("clip",)
    assert found["test-only"].places == ("fan",)


def test_broken_files_keep_their_reasons() -> None:
    skipped = [
        Skipped(path="a.mp4", reason="empty file"),
        Skipped(path="b.mp4", reason="its sidecar b.json is not JSON: …"),
    ]
    found = kinds(find_broken(skipped))
    assert found["broken"].places == ("a.mp4: empty file",)
    assert found["sidecar-contradicts"].places[0].startswith("b.mp4: its sidecar")


def test_equal_pictures_in_different_files_are_found() -> None:
    one = video("fan/train/0.mp4", content="same")
    two = video("fan/train/1.mp4", content="same")
    three = video("fan/test/stuck/2.mp4", class_id="stuck", content="same")
    assert kinds(find_copies([one, two]))["same-pictures"].places == (
        "fan/train/0.mp4 = fan/train/1.mp4",
    )
    assert set(kinds(find_copies([one, two, three]))) == {"same-pictures-two-classes"}


def test_one_file_twice_is_told_once() -> None:
    copies = [
        video(f"fan/train/{number}.mp4", sha256="file", content="pictures") for number in (0, 1)
    ]
    assert set(kinds(find_copies(copies))) == {"same-file"}


def test_videos_that_were_not_decoded_are_no_copies_of_each_other() -> None:
    assert list(find_copies(folder("fan/train", 3))) == []


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        ("too-short", {"frames": 7, "duration_s": 1.0}, "has 7 frame(s); 8 are to be sampled"),
        ("variable-rate", {"constant_rate": False}, ""),
        ("rotated", {"rotation": 90}, "90 degrees"),
        ("odd-size", {"width": 48, "height": 64}, "48x64, most have 64x48"),
        ("odd-rate", {"fps": 25.0, "duration_s": 1.0}, "25 frames/s, most have 60"),
        ("odd-length", {"frames": 150}, "2.50 s, the median is 1.00 s"),
        ("odd-length", {"frames": 20}, "0.33 s, the median is 1.00 s"),
    ],
)
def test_a_clip_that_stands_out_is_named_with_its_measure(
    kind: str, given: dict[str, Any], said: str
) -> None:
    odd = video("fan/train/odd.mp4", **given)
    found = kinds(find_odd([*folder("fan/train", 5), odd], Sampling()))
    assert set(found) == {kind}
    assert found[kind].level == "finding"
    (place,) = found[kind].places
    assert place.startswith("fan/train/odd.mp4")
    assert said in place


def test_clips_of_several_categories_are_held_against_their_own() -> None:
    videos = [*folder("fan/train", 4, width=64), *folder("clip/train", 4, width=32, frames=600)]
    assert list(find_odd(videos, Sampling())) == []


def test_a_mixed_category_is_shown_and_not_complained_of() -> None:
    videos = [*folder("fan/train", 3), *folder("fan/test/norm", 3, width=32)]
    assert "odd-size" not in kinds(find_odd(videos, Sampling()))
    assert measure_categories(videos).rows[0][2].endswith("+1")


def test_rates_of_one_standard_are_one() -> None:
    videos = [*folder("fan/train", 3, fps=30.0), video("fan/train/x.mp4", fps=30000 / 1001)]
    assert "odd-rate" not in kinds(find_odd(videos, Sampling()))


def test_a_measure_that_tells_the_label_is_a_finding() -> None:
    sound = folder("fan/train", 4)
    faulty = folder("fan/test/stuck", 4, class_id="stuck", frames=90)
    (finding,) = find_shortcuts([*sound, *faulty])
    assert finding.places == ("fan: number of frames is 60 where normal, 90 where not",)
    assert list(find_shortcuts([*sound, *faulty, video("fan/train/x.mp4", frames=90)])) == []


def sampled(kb: KnowledgeBase, videos: list[Video], **sampling: Any) -> Section:
    return examine_coarseness(videos, kb, Sampling(**sampling))


def test_two_frames_a_phase_are_enough_and_fewer_are_a_finding(kb: KnowledgeBase) -> None:
    videos = [*folder("lock/train", 2), *folder("clip/train", 2)]
    assert len(kb.category("lock").prior.motion.phases) == 4
    assert sampled(kb, videos, frames=8).wrong == 0
    coarse = kinds(sampled(kb, videos, frames=7).findings)["coarse"]
    assert coarse.places == ("lock: 2 of 2 clips, 1.8 frames a phase",)
    assert "rule of thumb" in coarse.text
    assert "sample 8 frames" in coarse.remedy


def test_a_burst_that_leaves_out_whole_phases_is_a_finding(kb: KnowledgeBase) -> None:
    videos = folder("ball/train", 1, frames=240)
    unseen = kinds(sampled(kb, videos, kind="burst").findings)["phase-unseen"]
    assert unseen.places == ("ball: 1 of 1 clip, 1.93 s unseen at either end",)
    wide = sampled(kb, videos, kind="burst", stride=30)
    assert "phase-unseen" not in kinds(wide.findings)


def test_a_window_s_frames_are_as_dense_as_the_window(kb: KnowledgeBase) -> None:
    section = sampled(kb, folder("ball/train", 1, frames=240), kind="window", window_seconds=2)
    assert section.tables[0].rows == (("ball", "4.00", "3", "1.33", "0.250", "5.3", "2.0"),)


def test_the_limits_for_brief_and_repeating_things_are_notes(kb: KnowledgeBase) -> None:
    found = kinds(sampled(kb, folder("fan/train", 1, frames=180)).findings)
    assert found["brief"].places == ("fan/stuck: 0.38 s",)
    assert found["aliasing"].places == ("fan: 1.3 times a second",)
    assert {one.level for one in found.values()} == {"note"}


def test_clips_too_short_to_sample_are_left_to_the_section_on_clips(kb: KnowledgeBase) -> None:
    assert sampled(kb, folder("fan/train", 2, frames=3)).tables == ()
