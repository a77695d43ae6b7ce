"""``--statistics`` counts findings by rule."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_findings import finding, result

from physprior.check.formats.statistics import counts
from physprior.paths import kb_folder

Command = Callable[..., Any]


def test_the_most_frequent_comes_first_and_equals_go_by_code() -> None:
    found = [
        finding(code="T006", name="hedging", severity="warning"),
        finding(code="P001", name="verdict-in-prior"),
        finding(at=(2, 1, 2, 2)),
        finding(at=(2, 2, 2, 3)),
    ]
    assert [(one.code, one.findings) for one in counts(result(*found))] == [
        ("S012", 2),
        ("P001", 1),
        ("T006", 1),
    ]


@pytest.mark.parametrize("form", ["full", "concise"])
def test_for_people_a_table_stands_in_the_place_of_the_findings(
    form: str, tmp_path: Path, physprior: Command
) -> None:
    (tmp_path / "clip.yaml").write_text("id: clip\nname: a: b\n", "utf-8")
    (tmp_path / "fan.yaml").write_text("", "utf-8")
    (tmp_path / "lock.yaml").write_text("", "utf-8")
    done = physprior("check", tmp_path, "--statistics", "--format", form)
    assert done.code == 1
    assert done.out == (
        "code  name        severity  findings\n"
        "----  ----------  --------  --------\n"
        "S010  empty-file  error            2\n"
        "S001  syntax      error            1\n"
        "\n"
        "3 problems (3 errors) in 3 of 3 files\n"
    )


def test_the_table_on_the_page_is_what_check_prints(
    tmp_path: Path, physprior: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(kb_folder(), tmp_path / "kb", ignore=shutil.ignore_patterns("__pycache__"))
    for name, old, new in (
        ("clip.yaml", "onset:", "onsett:"),
        ("clip.yaml", "    - The jaws part while", "    - Perhaps the jaws part while"),
        ("fan.yaml", "  explanations:\n    - ", "  explanations:\n    - Perhaps "),
        ("fan.yaml", "  descriptions:\n    - ", "  descriptions:\n    - Perhaps "),
    ):
        path = tmp_path / "kb" / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
    monkeypatch.chdir(tmp_path)
    done = physprior("check", "kb", "--statistics")
    page = Path(__file__).resolve().parents[2] / "docs/check.md"
    assert f"```text\n{done.out}```" in page.read_text("utf-8"), done.out


def test_without_findings_there_is_no_table(physprior: Command) -> None:
    done = physprior("check", kb_folder(), "--statistics")
    assert done.code == 0
    assert done.out.endswith(" files, no problems\n")
    assert done.out.count("\n") == 1


@pytest.mark.parametrize("form", ["sarif", "junit"])
def test_a_form_without_a_place_for_counts_refuses_them(form: str, physprior: Command) -> None:
    done = physprior("check", "--statistics", "--format", form)
    assert (done.code, done.out) == (2, "")
    assert f"--format {form} has no place for counts; use json" in " ".join(done.err.split())
