"""A check reports all problems of all files in one go, in a stable order."""

from __future__ import annotations

from pathlib import Path

import pytest

from physprior.check import Result, check_paths
from physprior.check.codes import CODES
from physprior.errors import KnowledgeError
from physprior.paths import kb_folder

CLIP = (kb_folder() / "clip.yaml").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One sound entry, and three files with four problems."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "clip.yaml").write_text(CLIP, encoding="utf-8")
    broken = CLIP.replace("id: clip", "id: Other").replace("status: reviewed", "status: done")
    (tmp_path / "b.yaml").write_text(broken, encoding="utf-8")
    (tmp_path / "a.yml").write_text("id: a: b\n", encoding="utf-8")
    (tmp_path / "deep" / "c.yaml").write_bytes(b"")
    return tmp_path


def codes(result: Result) -> list[str]:
    return [f"{found.path.name} {found.code}" for found in result.diagnostics]


def test_the_shipped_entries_are_clean() -> None:
    result = check_paths([kb_folder()])
    assert result.diagnostics == ()
    assert result.closing() == f"{len(list(kb_folder().glob('*.yaml')))} files, no problems"


def test_a_folder_is_searched_and_every_problem_of_every_file_is_reported(folder: Path) -> None:
    result = check_paths([folder])
    assert codes(result) == ["a.yml S001", "b.yaml S016", "b.yaml S017", "c.yaml S010"]
    assert result.closing() == "4 problems in 3 of 4 files"


def test_the_order_does_not_depend_on_the_order_of_the_paths(folder: Path) -> None:
    files = [folder / "deep" / "c.yaml", folder / "b.yaml", folder / "a.yml", folder / "clip.yaml"]
    assert check_paths(files) == check_paths(files[::-1])
    assert check_paths(files).diagnostics == check_paths([folder]).diagnostics


def test_a_file_named_twice_is_checked_once(folder: Path) -> None:
    result = check_paths([folder, folder / "clip.yaml", folder / "deep" / ".." / "clip.yaml"])
    assert len(result.files) == 4
    assert len(result.diagnostics) == 4


def test_one_problem_and_one_file_are_spoken_of_in_the_singular(folder: Path) -> None:
    assert check_paths([folder / "a.yml"]).closing() == "1 problem in 1 of 1 file"
    assert check_paths([folder / "clip.yaml"]).closing() == "1 file, no problems"


def test_a_category_described_twice_is_a_problem_of_the_later_file(folder: Path) -> None:
    (folder / "copy.yaml").write_text(CLIP, encoding="utf-8")
    result = check_paths([folder / "clip.yaml", folder / "copy.yaml"])
    (found,) = result.diagnostics
    assert (found.path.name, found.code) == ("copy.yaml", "S019")
    assert CLIP.splitlines()[found.line - 1][found.column - 1 :] == "clip"


def test_a_problem_can_be_shown_with_its_line(folder: Path) -> None:
    result = check_paths([folder / "a.yml"])
    assert "  1 | id: a: b\n    |      ^\n" in result.full(result.diagnostics[0])


def test_the_vocabulary_is_passed_over_in_a_folder_and_by_name(folder: Path) -> None:
    vocabulary = folder / "vocabulary.yaml"
    vocabulary.write_text("no entry: [at all\n", encoding="utf-8")
    assert vocabulary not in check_paths([folder, vocabulary]).files


def test_paths_that_do_not_exist_are_misuse_and_all_named(folder: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"absent, .*gone\.yaml"):
        check_paths([folder / "absent", folder, folder / "gone.yaml"])


def test_a_folder_without_entries_is_misuse(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="holds no KB entry"):
        check_paths([tmp_path])


def test_the_table_has_every_code_under_its_own_number() -> None:
    assert all(number == code.code for number, code in CODES.items())
    assert "S001" in CODES
