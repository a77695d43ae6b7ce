"""The ablation's page says what its study found, and the study's report what its files say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from physprior.pipeline.ablate.report.model import Summary
from physprior.pipeline.ablate.report.page import markdown

ROOT = Path(__file__).parent.parent
RESULTS = sorted((ROOT / "bench" / "results").glob("ablation-*"))
PAGE = ROOT / "docs" / "ablation.md"


def _summary(folder: Path) -> Summary:
    return Summary.model_validate_json((folder / "summary.json").read_bytes())


def _tables(text: str) -> Iterator[list[str]]:
    for block in text.split("\n\n"):
        lines = block.strip().split("\n")
        if all(line.startswith("|") for line in lines):
            yield lines


@pytest.mark.parametrize("folder", RESULTS, ids=lambda folder: folder.name)
def test_the_report_is_what_its_summary_gives(folder: Path) -> None:
    assert (folder / "ablation.md").read_text(encoding="utf-8") == markdown(_summary(folder))


@pytest.mark.parametrize("folder", RESULTS, ids=lambda folder: folder.name)
def test_every_run_of_the_summary_has_its_command(folder: Path) -> None:
    steps = json.loads((folder / "runs.json").read_text(encoding="utf-8"))["steps"]
    found = {}
    for step in steps:
        if step.get("split") == "test" and not step.get("control") and "command" in step:
            named = step["command"].split(" -o ")[1].split()[0]
            found[named.split("/test/")[1]] = step["macro"]["auroc"]["value"]
    for row in _summary(folder).of_kind("arm", "generated"):
        ending = ".generated" if row.kind == "generated" else ""
        for seed, value in row.auroc_seeds.seeds.items():
            assert found[f"{row.arm}/seed-{seed}{ending}.jsonl"] == pytest.approx(value, abs=1e-12)


def test_the_page_s_comparisons_by_seed_are_those_that_were_printed() -> None:
    found = {}
    for path in ROOT.glob("bench/results/ablation-wrong-*/compare-*-seed-*.txt"):
        ranked, tested = re.findall(r"^macro average +(.+)$", path.read_text("utf-8"), re.M)
        arm, seed = re.fullmatch(r"compare-(\w+)-seed-(\d)", path.stem).groups()
        found[arm, seed] = [re.split("  +", ranked)[-1], tested.split()[0]]
    table = next(one for one in _tables(PAGE.read_text(encoding="utf-8")) if "| seed |" in one[0])
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table[2:]]
    assert rows == [
        [seed, *found["multi_turn", seed], *found["no_phys", seed]] for seed in ("0", "1", "2")
    ]


def test_the_page_s_tables_are_the_reports() -> None:
    reports = [folder.joinpath("ablation.md").read_text(encoding="utf-8") for folder in RESULTS]
    lines = {line for report in reports for line in report.splitlines()}
    tables = [table for table in _tables(PAGE.read_text(encoding="utf-8")) if table[0] in lines]
    assert len(tables) >= 8
    assert [row for table in tables for row in table if row not in lines] == []
