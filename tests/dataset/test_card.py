"""The dataset card: what a person, and the hub, read of a dataset."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from index_files import SMALL, make_videos, save_index

from physprior.dataset.compile import build
from physprior.dataset.figure import draw_counts
from physprior.dataset.folder import Dataset
from physprior.dataset.index import Index, Skipped, Video
from physprior.dataset.index_file import read_index, write_index
from physprior.dataset.leaks import Waiver
from physprior.dataset.records import SPLITS
from physprior.dataset.split import SplitOptions
from physprior.dialogue.templates import Templates
from physprior.knowledge.load import KnowledgeBase

MakeCard = Callable[..., str]


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return save_index(tmp_path / "index.jsonl", make_videos(SMALL))


@pytest.fixture
def make_card(tmp_path: Path, index: Path, kb: KnowledgeBase, templates: Templates) -> MakeCard:
    """Builds the index; gives the text of the card."""

    def make(**changes: Any) -> str:
        settings = {"knowledge": kb, "templates": templates, "mode": "multi_turn"}
        build(index, tmp_path / "dataset", **{**settings, **changes})
        return (tmp_path / "dataset" / "README.md").read_text(encoding="utf-8")

    return make


def front_matter(card: str) -> dict[str, Any]:
    empty, head, _ = card.split("---\n", 2)
    assert not empty
    return dict(yaml.safe_load(head))


def rewrite(path: Path, **changes: Any) -> None:
    write_index(Index(**{**dict(read_index(path)), **changes}), path)


def videos_of(path: Path) -> list[Video]:
    return list(read_index(path).videos)


def test_the_front_matter_is_what_the_hub_reads(make_card: MakeCard) -> None:
    head = front_matter(make_card())
    assert head["license"] == "unknown"
    assert head["task_categories"] == ["video-text-to-text", "video-classification"]
    assert head["size_categories"] == ["n<1K"]
    (config,) = head["configs"]
    assert [one["split"] for one in config["data_files"]] == list(SPLITS)


def test_the_hub_s_library_loads_the_folder_as_the_card_says(
    make_card: MakeCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import datasets

    make_card()
    loaded = datasets.load_dataset(str(tmp_path / "dataset"), cache_dir=str(tmp_path / "cache"))
    opened = Dataset.open(tmp_path / "dataset")
    for split in SPLITS:
        assert sorted(loaded[split]["id"]) == [record.id for record in opened.records(split)]


def test_the_hub_s_own_checker_takes_the_front_matter(make_card: MakeCard) -> None:
    from huggingface_hub import DatasetCardData

    data = DatasetCardData(**front_matter(make_card()))
    assert data.size_categories == ["n<1K"]


def test_a_split_without_records_is_left_out_of_the_front_matter(make_card: MakeCard) -> None:
    head = front_matter(make_card(fractions=(0.7, 0.0, 0.3)))
    assert [one["split"] for one in head["configs"][0]["data_files"]] == ["train", "test"]


def test_every_class_is_counted(make_card: MakeCard, tmp_path: Path) -> None:
    card = make_card()
    manifest = Dataset.open(tmp_path / "dataset").manifest
    for name, made in manifest.categories.items():
        for class_id, counts in made.counts.items():
            train, val, test = counts.values()
            row = f"| {name}/{class_id} | {train} | {val} | {test} | {train + val + test} |"
            assert row in card.splitlines()


def test_protocol_note_and_hashes_stand_in_it(make_card: MakeCard, tmp_path: Path) -> None:
    card = make_card(options=SplitOptions(protocol="official"))
    manifest = Dataset.open(tmp_path / "dataset").manifest
    assert "Protocol `official`, seed 0" in card
    assert "What the release trains on trains, what it tests on tests" in card
    assert manifest.note
    assert f"**Note:** {manifest.note}" in card
    for value in (manifest.split, manifest.videos, manifest.references):
        assert value in card
    assert manifest.categories["fan"].entry[:16] in card


def test_drafts_are_named(make_card: MakeCard, kb: KnowledgeBase) -> None:
    fan = kb.category("fan").model_copy(update={"status": "draft"})
    clip = kb.category("clip").model_copy(update={"status": "reviewed"})
    knowledge = KnowledgeBase({**kb.categories, "fan": fan, "clip": clip}, kb.sources)
    card = make_card(knowledge=knowledge)
    assert "Read through by an engineer of the object: clip." in card
    assert "**Drafts**, which no engineer of the object has read through: fan." in card


def test_known_gaps_are_listed(make_card: MakeCard, index: Path) -> None:
    skips = tuple(Skipped(path=f"fan/bad{n:02d}.mp4", reason="empty file") for n in range(25))
    rewrite(index, skipped=skips)
    card = make_card()
    assert "- fan/uneven" in card
    assert "Videos that could not be used: 25." in card
    assert "- fan/bad00.mp4 (empty file)" in card
    assert "- and 5 more" in card


def test_a_leak_that_was_allowed_stands_in_it_with_its_reason(
    make_card: MakeCard, index: Path
) -> None:
    videos = [video.model_copy(update={"split": "train"}) for video in videos_of(index)]
    one, other = [at for at, video in enumerate(videos) if video.class_id == "stuck"][:2]
    videos[one] = videos[one].model_copy(update={"content": "a" * 64, "split": "train"})
    videos[other] = videos[other].model_copy(update={"content": "a" * 64, "split": "test"})
    rewrite(index, videos=tuple(videos))
    card = make_card(
        options=SplitOptions(protocol="official"),
        waivers=[Waiver(path=videos[one].path, reason="one clip, filmed | twice")],
    )
    assert "only where that was allowed by name" in card
    assert "filmed \\| twice" in card


def test_the_nearest_videos_of_two_splits_are_named(make_card: MakeCard, index: Path) -> None:
    prints = tuple(
        video.model_copy(update={"prints": (f"{number:016x}",)})
        for number, video in enumerate(videos_of(index))
    )
    rewrite(index, videos=prints)
    card = make_card()
    assert "| category | bits | splits | videos |" in card
    assert "Not compared" not in card


def test_names_from_outside_cannot_break_the_card(make_card: MakeCard, index: Path) -> None:
    rewrite(index, skipped=(Skipped(path="a|b\n# <script>.mp4", reason="empty\nfile"),))
    card = make_card()
    assert "- a\\|b # &lt;script>.mp4 (empty file)" in card.splitlines()


def test_variants_and_balance_are_reported_before_and_after(
    make_card: MakeCard, tmp_path: Path
) -> None:
    card = make_card(variants=2, balance=True)
    made = Dataset.open(tmp_path / "dataset").manifest.categories["fan"]
    row = f"| fan/stuck | {made.counts['stuck']['train']} | {made.records['stuck']} |"
    assert row in card.splitlines()


def test_the_figure_is_an_svg_with_every_category_and_its_totals(
    make_card: MakeCard, tmp_path: Path
) -> None:
    assert "![Videos of each category in each split](counts.svg)" in make_card()
    svg = ET.parse(tmp_path / "dataset" / "counts.svg").getroot()
    said = [text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert {"clip", "fan"} <= set(said)
    assert {"12", "10", "5"} <= set(said)
    height = int(svg.attrib["height"])
    for bar in svg.iter("{http://www.w3.org/2000/svg}rect"):
        assert int(bar.attrib.get("y", 0)) + int(bar.attrib["height"]) <= height
        assert int(bar.attrib["width"]) > 0


def test_a_figure_of_nothing_is_drawn_too() -> None:
    assert ET.fromstring(draw_counts({})).tag.endswith("svg")


def test_no_place_on_this_machine_stands_in_a_dataset(make_card: MakeCard, tmp_path: Path) -> None:
    make_card()
    for path in (tmp_path / "dataset").rglob("*"):
        assert path.is_dir() or str(tmp_path).encode() not in path.read_bytes()
