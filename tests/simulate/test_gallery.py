"""The twin's page says what the twin, the KB and the measurements say, and shows every class."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from physprior.knowledge.load import load_knowledge
from physprior.paths import kb_folder
from physprior.simulate.twin import twins

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "twin.md").read_text(encoding="utf-8")
MEASURED = json.loads((ROOT / "bench" / "results" / "twin-shortcuts.json").read_text("utf-8"))
ANOMALIES = [(category, name) for category, twin in twins().items() for name in twin.defects]


@pytest.fixture
def gallery(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(ROOT / "bench")
    import gallery

    return gallery


def between(name: str) -> str:
    return PAGE.split(f"<!-- {name}: begin -->")[1].split(f"<!-- {name}: end -->")[0].strip()


@pytest.mark.parametrize(("category", "class_id"), ANOMALIES)
def test_nothing_but_motion_tells_a_motion_anomaly(
    gallery: Any, category: str, class_id: str
) -> None:
    row = MEASURED[category]["anomalies"][class_id]
    assert row["evidence"] == twins()[category].defects[class_id].evidence
    if row["evidence"] == "motion":
        assert row["metadata"]["high"] <= 0.60
        assert {"frame, machine", "frame, network"} <= set(row)
        assert max(row[name]["high"] for name in row if name.startswith("frame, ")) <= 0.60


def test_every_anomaly_was_measured_on_default_videos_of_the_same_seed() -> None:
    assert [(name, each) for name in sorted(MEASURED) for each in MEASURED[name]["anomalies"]] == [
        (name, each) for name, each in sorted(ANOMALIES) if each in MEASURED[name]["anomalies"]
    ]
    assert sum(len(one["anomalies"]) for one in MEASURED.values()) == len(ANOMALIES) == 47
    for one in MEASURED.values():
        source = {k: v for k, v in one["source"].items() if k not in ("count", "simulator")}
        assert source == {"frames": 60, "seed": 31, "severity": [0.5, 1.0], "size": 96}


def test_the_summary_is_that_of_the_measurements(gallery: Any) -> None:
    assert between("summary") == "\n".join(gallery.summary()).strip()


@pytest.mark.parametrize("category", list(twins()))
def test_a_section_says_what_twin_kb_and_measurements_say(gallery: Any, category: str) -> None:
    entry = load_knowledge(kb_folder()).category(category)
    lines = gallery.section(twins()[category], entry, MEASURED[category]["anomalies"])
    # The parameters' ranges are of no interest here; to draw them takes its time.
    told = list(takewhile(lambda line: not line.startswith("| parameter"), _bare(gallery, lines)))
    assert "\n".join(told).strip() in between("gallery")


def _bare(gallery: Any, lines: Iterator[str]) -> Iterator[str]:
    """The lines of a section up to its parameters, which are never drawn."""
    rows = 0
    for line in lines:
        yield line
        rows += line.startswith("| `")
        if rows and not line:
            return


@pytest.mark.parametrize("category", list(twins()))
def test_pictures_show_every_class(category: str) -> None:
    classes = 1 + len(twins()[category].defects)
    with Image.open(ROOT / "docs" / "twin" / f"{category}.webp") as moving:
        assert moving.n_frames == 30
        assert moving.width == classes * 112 + 2 * (classes - 1)
    with Image.open(ROOT / "docs" / "twin" / f"{category}-frames.webp") as strips:
        assert strips.size == (8 * 112, classes * (112 + 15))


def test_the_page_shows_each_picture_and_no_other() -> None:
    shown = {name for name in PAGE.replace(")", "(").split("(") if name.endswith(".webp")}
    assert shown == {f"twin/{path.name}" for path in (ROOT / "docs" / "twin").glob("*.webp")}


def test_parameters_are_those_that_videos_carry(gallery: Any) -> None:
    lines = list(gallery._parameters(twins()["hinge"]))
    assert lines[0] in between("gallery")
    names = [line.split(" | ")[0] for line in lines[2:]]
    assert names
    assert all(f"\n{name} | " in between("gallery") for name in names)


def test_what_stands_between_markers_is_replaced_and_nothing_else(gallery: Any) -> None:
    page = "a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n"
    once = gallery.placed(page, "x", "new")
    assert once == "a\n<!-- x: begin -->\n\nnew\n\n<!-- x: end -->\nb\n"
    assert gallery.placed(once, "x", "new") == once
