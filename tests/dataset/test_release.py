"""A miniature of the real release, with its traps, from unpacked archives to an export.

Its videos are simulated. Two machines stand in for seven categories: only names matter here.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from physprior.dataset.compile import build
from physprior.dataset.folder import Dataset
from physprior.dataset.open import open_videos
from physprior.dataset.records import SPLITS
from physprior.dialogue import Templates
from physprior.knowledge.load import KnowledgeBase
from physprior.simulate import Options, simulate

ONE, OTHER = "Phys_AD_Data_part_0000_of_0006", "Phys_AD_Data_part_0001_of_0006"
RELEASE = {
    # seed and simulated category: archive, folder's name, names of its classes, the KB's category
    (1, "ball"): (ONE, "ball", ["norm", "leakage", "insufficient_gas"], "ball"),
    (1, "clip"): (OTHER, "Clip", ["anomaly_free", "unable_press", "unable_rebound"], "clip"),
    (2, "ball"): (ONE, "liguid", ["norm", "leak", "foreign_obj"], "liquid"),
    (2, "clip"): (ONE, "botton", ["normal", "Unpress", "Unrebound_nolight"], "button"),
    (3, "ball"): (OTHER, "usb", ["good", "jam"], "usb"),
    (3, "clip"): (OTHER, "rubber band", ["norm", "crack"], "rubber_band"),
    (4, "clip"): (OTHER, "rolling_bear", ["norm", "ball_stuck"], "rolling_bearing"),
}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("release")
    root = place / "videos"
    for (seed, category), (archive, folder, classes, _) in RELEASE.items():
        made = place / f"{seed}-{category}"
        options = Options(
            categories=(category,), count=12, instances=4, size=32, frames=8, seed=seed
        )
        simulate(made, options, workers=1, progress=lambda done, total: None)
        for sidecar in made.rglob("*.json"):
            sidecar.unlink()
        home = root / archive / folder
        shutil.copytree(made / category / "train", home / "train")
        tests = sorted((made / category / "test").iterdir(), key=lambda path: path.name != "normal")
        for path, name in zip(tests, classes, strict=False):
            shutil.copytree(path, home / "test" / name)
    # One category is spread over two archives, and one file of it did not arrive whole.
    spread = root / OTHER / "ball" / "train"
    spread.mkdir(parents=True)
    first, second, *_ = sorted((root / ONE / "ball" / "train").glob("*.mp4"))
    first.rename(spread / first.name)
    second.write_bytes(second.read_bytes()[:-200])
    (root / ONE / "__MACOSX").mkdir()
    (root / "readme.txt").write_text("Phys-AD", encoding="utf-8")
    return root


def records_of(dataset: Dataset) -> Iterator[tuple[str, str]]:
    for split in SPLITS:
        yield from ((record.category, record.class_id) for record in dataset.records(split))


@pytest.mark.parametrize("mode", ["multi_turn", "single_turn", "no_phys"])
def test_the_release_builds_without_a_hand_edit(
    release: Path, kb: KnowledgeBase, templates: Templates, tmp_path: Path, mode: str
) -> None:
    build(release, tmp_path / "dataset", knowledge=kb, templates=templates, mode=mode)
    dataset = Dataset.open(tmp_path / "dataset")
    counts = Counter(records_of(dataset))
    assert {category for category, _ in counts} == {kept for *_, kept in RELEASE.values()}
    for _, _, names, category in RELEASE.values():
        classes = {class_id for kept, class_id in counts if kept == category}
        placed = {kb.place_class(kb.category(category), name) for name in names}
        assert classes == placed
        assert None not in placed
    videos = sum(1 for _ in release.rglob("*.mp4"))
    assert sum(counts.values()) == videos - 1
    (skipped,) = dataset.manifest.skipped
    assert skipped.path.startswith(f"{ONE}/ball/train/")


def test_the_archives_of_one_category_are_one_category(release: Path, kb: KnowledgeBase) -> None:
    index = open_videos(release, kb, cache=False)
    homes = {video.path.split("/")[0] for video in index.videos if video.category == "ball"}
    assert homes == {ONE, OTHER}
