"""The file of a category is found, whatever is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from physprior.errors import KnowledgeError
from physprior.preview.entry_file import find_file


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)


def test_a_file_is_found_by_its_name(tmp_path: Path) -> None:
    write(tmp_path, clip="id: clip\n", fan="id: fan\n")
    assert find_file(tmp_path, "fan") == tmp_path / "fan.yaml"


def test_a_file_of_another_name_is_found_by_its_id(tmp_path: Path) -> None:
    write(tmp_path, clip="id: clip\n", mine="id: fan\n")
    assert find_file(tmp_path, "fan") == tmp_path / "mine.yaml"


@pytest.mark.parametrize("text", ["", "id: fan\n  name: [", "name: fan\n", "- a\n", "\x00"])
def test_a_broken_file_is_found_by_its_name(tmp_path: Path, text: str) -> None:
    write(tmp_path, clip="id: clip\n", fan=text)
    assert find_file(tmp_path, "fan") == tmp_path / "fan.yaml"


def test_a_broken_file_of_another_name_is_found_by_the_id_that_is_typed_in_it(
    tmp_path: Path,
) -> None:
    write(tmp_path, mine="# a fan\nid: 'fan'\n  name: [")
    assert find_file(tmp_path, "fan") == tmp_path / "mine.yaml"


def test_a_file_that_gives_itself_another_id_is_found_by_its_name_all_the_same(
    tmp_path: Path,
) -> None:
    write(tmp_path, fan="id: fann\n")
    assert find_file(tmp_path, "fan") == tmp_path / "fan.yaml"


def test_a_category_that_is_not_there_is_named_with_the_nearest(tmp_path: Path) -> None:
    write(tmp_path, clip="id: clip\n", fan="id: fan\n")
    with pytest.raises(KnowledgeError) as raised:
        find_file(tmp_path, "clipp")
    assert "no category 'clipp'" in raised.value.message
    assert raised.value.remedy == "did you mean 'clip'?"
