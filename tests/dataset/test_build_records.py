"""The records of training videos: variants, balance, and lines made from pieces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from index_files import SMALL, make_video, make_videos, save_index

from physprior import fingerprint
from physprior.dataset.balance import targets
from physprior.dataset.compile import build
from physprior.dataset.folder import Dataset
from physprior.dataset.lines import Lines
from physprior.dataset.manifest import Manifest
from physprior.dataset.records import SPLITS, Record
from physprior.dataset.render import render_category
from physprior.dataset.withheld import Withheld
from physprior.dialogue.templates import Templates
from physprior.errors import DatasetError
from physprior.knowledge.load import KnowledgeBase

Make = Callable[..., Manifest]


@pytest.fixture
def make(tmp_path: Path, kb: KnowledgeBase, templates: Templates) -> Make:
    index = save_index(tmp_path / "index.jsonl", make_videos(SMALL))

    def make(name: str = "dataset", **changes: Any) -> Manifest:
        settings = {"knowledge": kb, "templates": templates, "mode": "multi_turn"}
        return build(index, tmp_path / name, **{**settings, **changes}).manifest

    return make


def training(folder: Path) -> list[Record]:
    return Dataset.open(folder).records("train")


def by_video(records: list[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(record.video, []).append(record)
    return found


# Lines


@pytest.mark.parametrize("mode", ["multi_turn", "single_turn", "no_phys"])
def test_a_line_from_pieces_is_the_line_of_its_record(
    make: Make, tmp_path: Path, mode: str
) -> None:
    make(mode=mode)
    lines = [
        line
        for path in sorted((tmp_path / "dataset").glob("*/*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True)
    ]
    assert len(lines) == sum(SMALL.values())
    assert [Record.model_validate_json(line).line() for line in lines] == lines


ODD_NAMES = ["two words", 'a "quote"', "back\\slash", "line\nbreak", "tab\t", "Ventilator-Prüfung"]
ODD_NAMES += ["风扇", "\x01\x7f", "<b>&amp;", '","video":"other', "\u2028", "🌀"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_line_holds_any_name(kb: KnowledgeBase, templates: Templates, name: str) -> None:
    rendered = render_category(kb, templates, "fan", "multi_turn")
    lines = Lines(rendered, 0, Withheld.of(kb))
    video = make_video(f"fan/{name}.mp4", "fan", "stuck").model_copy(update={"instance": name})
    line = lines.of_video(video, "train")
    record = Record.model_validate_json(line)
    assert (record.video, record.id, record.instance) == (video.path, video.id, name)
    assert record.line() == line
    assert line.count("\n") == 1


def test_a_reference_is_found_in_the_line_itself(kb: KnowledgeBase, templates: Templates) -> None:
    rendered = render_category(kb, templates, "fan", "multi_turn")
    taught = rendered.classes["stuck"][0].reason
    withheld = Withheld((("fan", "stuck", taught, taught.casefold().rstrip(".")),))
    lines = Lines(rendered, 0, withheld)
    with pytest.raises(DatasetError, match="a reference sentence"):
        "".join(
            lines.of_video(make_video(f"fan/{number}.mp4", "fan", "stuck"), "train")
            for number in range(50)
        )


# Variants


def test_variants_of_a_training_video_teach_different_explanations(
    make: Make, tmp_path: Path, kb: KnowledgeBase
) -> None:
    make(variants=3)
    for video, records in by_video(training(tmp_path / "dataset")).items():
        assert len({record.reason for record in records}) == 3
        own = video.removesuffix(".mp4")
        assert [record.id for record in records] == [own, f"{own}#2", f"{own}#3"]


def test_the_first_variant_is_the_record_that_there_is_without(make: Make, tmp_path: Path) -> None:
    make("one")
    make("three", variants=3)
    first = [record for record in training(tmp_path / "three") if "#" not in record.id]
    assert first == training(tmp_path / "one")


def test_what_is_validated_and_tested_has_one_record_a_video(make: Make, tmp_path: Path) -> None:
    make(variants=3, balance=True)
    for split in ("val", "test"):
        records = Dataset.open(tmp_path / "dataset").records(split)
        assert len({record.video for record in records}) == len(records) > 0


def test_there_are_no_more_variants_than_explanations(
    make: Make, tmp_path: Path, kb: KnowledgeBase
) -> None:
    make(variants=99)
    for records in by_video(training(tmp_path / "dataset")).values():
        texts = dict(kb.category(records[0].category).classes())[records[0].class_id]
        assert len(records) == len(texts.explanations)
        assert {record.reason for record in records} == set(texts.explanations)


def test_no_variant_at_all_is_refused(make: Make) -> None:
    with pytest.raises(DatasetError, match="0 variants"):
        make(variants=0)


def test_the_best_of_a_ranking_is_the_pick() -> None:
    for key in map(str, range(50)):
        assert fingerprint.rank("abcdef", "0", key)[0] == fingerprint.pick("abcdef", "0", key)
        assert sorted(fingerprint.rank("abcdef", "0", key)) == list(range(6))


# Balance


@pytest.mark.parametrize(
    ("sums", "expected"),
    [
        ({"normal": 10, "a": 3, "b": 1}, {"normal": 10, "a": 5, "b": 5}),
        ({"normal": 4, "a": 3, "b": 3}, {"normal": 6, "a": 3, "b": 3}),
        ({"normal": 9, "a": 2, "b": 2}, {"normal": 10, "a": 5, "b": 5}),
        ({"normal": 9, "a": 2, "b": 0}, {"normal": 9, "a": 9, "b": 0}),
        ({"normal": 9, "a": 0}, {"normal": 9, "a": 0}),
        ({"normal": 0, "a": 5, "b": 3}, {"normal": 0, "a": 5, "b": 3}),
    ],
)
def test_each_side_and_each_anomaly_gets_its_share(
    sums: dict[str, int], expected: dict[str, int]
) -> None:
    assert targets(sums) == expected


def test_balance_makes_normal_and_anomalous_records_as_many_in_each_category(
    make: Make, tmp_path: Path
) -> None:
    manifest = make(balance=True)
    records = training(tmp_path / "dataset")
    for category in ("clip", "fan"):
        labels = Counter(record.label for record in records if record.category == category)
        assert labels[0] == labels[1] > 0
    classes = Counter((record.category, record.class_id) for record in records)
    assert classes["clip", "unable_to_press"] == classes["clip", "unable_to_rebound"]
    for category, made in manifest.categories.items():
        assert made.records == {name: classes[category, name] for name in made.records}
        assert all(made.records[name] >= made.counts[name]["train"] for name in made.records)


def test_balance_repeats_the_videos_of_a_class_evenly_and_with_further_explanations(
    make: Make, tmp_path: Path
) -> None:
    make(balance=True)
    stuck = [r for r in training(tmp_path / "dataset") if r.class_id == "stuck"]
    counts = Counter(record.video for record in stuck)
    assert max(counts.values()) - min(counts.values()) <= 1
    for records in by_video(stuck).values():
        assert len({record.reason for record in records}) == len(records)


def test_every_record_has_an_id_of_its_own(make: Make, tmp_path: Path) -> None:
    make(balance=True, variants=2)
    ids = [
        record.id
        for split in SPLITS
        for record in Dataset.open(tmp_path / "dataset").records(split)
    ]
    assert len(set(ids)) == len(ids)


def test_balance_is_the_same_every_time(make: Make, tmp_path: Path) -> None:
    assert make("one", balance=True) == make("other", balance=True)
    assert training(tmp_path / "one") == training(tmp_path / "other")
