"""A check reports all problems of all files in one go, in a stable order."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from physprior.check import Result, check_paths
from physprior.check.run import check_bytes
from physprior.errors import KnowledgeError
from physprior.paths import kb_folder, templates_folder

VOCABULARY = (kb_folder() / "vocabulary.yaml").read_text("utf-8")
WITHOUT_PRESS = VOCABULARY.replace("  press: A", "  ram: A", 1)


@pytest.fixture
def folder(tmp_path: Path, sound: str) -> Path:
    """One sound entry, and three files with four errors and a warning."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "pump.yaml").write_text(sound, "utf-8")
    broken = sound.replace("id: pump", "id: Other").replace("status: reviewed", "status: done")
    (tmp_path / "b.yaml").write_text(broken, "utf-8")
    (tmp_path / "a.yml").write_text("id: a: b\n", "utf-8")
    hedged = sound.replace("id: pump", "id: c").replace("The plunger is bent", "Maybe the plunger")
    (tmp_path / "deep" / "c.yaml").write_text(hedged, "utf-8")
    return tmp_path


def codes(result: Result) -> list[str]:
    return [f"{found.path.name} {found.code}" for found in result.diagnostics]


def files(result: Result) -> list[str]:
    return [path.name for path in result.files]


def test_what_is_shipped_is_clean() -> None:
    result = check_paths([kb_folder(), templates_folder()])
    shipped = [*kb_folder().glob("*.yaml"), *templates_folder().rglob("*.j2")]
    assert result.diagnostics == ()
    assert result.passed_over == ()
    assert result.files == tuple(sorted(shipped))
    assert result.closing() == f"{len(shipped)} files, no problems"


def test_a_folder_is_searched_and_every_problem_of_every_file_is_reported(folder: Path) -> None:
    result = check_paths([folder])
    assert codes(result) == ["a.yml S001", "b.yaml S016", "b.yaml S017", "c.yaml T006"]
    assert result.closing() == "4 problems (3 errors, 1 warning) in 3 of 4 files"


def test_the_order_does_not_depend_on_the_order_of_the_paths(folder: Path) -> None:
    named = [folder / name for name in ("deep/c.yaml", "b.yaml", "a.yml", "pump.yaml")]
    assert check_paths(named) == check_paths(named[::-1])
    assert check_paths(named).diagnostics == check_paths([folder]).diagnostics


def test_a_file_named_twice_is_checked_once(folder: Path) -> None:
    link = folder / "link.yaml"
    link.symlink_to(folder / "pump.yaml")
    result = check_paths([folder, folder / "pump.yaml", folder / "deep" / ".." / "pump.yaml", link])
    assert len(result.files) == 4
    assert len(result.diagnostics) == 4


def test_one_problem_and_one_file_are_spoken_of_in_the_singular(folder: Path) -> None:
    assert check_paths([folder / "a.yml"]).closing() == "1 problem (1 error) in 1 of 1 file"
    warned = check_paths([folder / "deep" / "c.yaml"])
    assert warned.closing() == "1 problem (1 warning) in 1 of 1 file"
    assert check_paths([folder / "pump.yaml"]).closing() == "1 file, no problems"


def test_a_category_described_twice_is_a_problem_of_the_later_file(
    folder: Path, sound: str
) -> None:
    (folder / "deep" / "pump.yaml").write_text(sound, "utf-8")
    result = check_paths([folder / "pump.yaml", folder / "deep" / "pump.yaml"])
    (found,) = result.diagnostics
    assert (found.path.name, found.code) == ("pump.yaml", "S019")
    assert sound.splitlines()[found.line - 1][found.column - 1 :] == "pump"


def test_a_problem_can_be_shown_with_its_line(folder: Path) -> None:
    result = check_paths([folder / "a.yml"])
    assert "  1 | id: a: b\n    |      ^\n" in result.full(result.diagnostics[0])


def test_the_vocabulary_is_a_file_of_the_check(folder: Path) -> None:
    vocabulary = folder / "vocabulary.yaml"
    vocabulary.write_text(VOCABULARY.replace("actuators:", "actuator:", 1), "utf-8")
    result = check_paths([vocabulary])
    assert files(result) == ["vocabulary.yaml"]
    assert codes(result) == ["vocabulary.yaml S012"]


def test_a_broken_vocabulary_is_not_held_against_the_entries(folder: Path) -> None:
    (folder / "vocabulary.yaml").write_text("actuators: [at all\n", "utf-8")
    assert check_paths([folder / "pump.yaml"]).diagnostics == ()


def test_the_vocabulary_nearest_above_goes_for_an_entry(folder: Path, sound: str) -> None:
    (folder / "vocabulary.yaml").write_text(WITHOUT_PRESS, "utf-8")
    entry = folder / "deep" / "d.yaml"
    entry.write_text(sound.replace("id: pump", "id: d"), "utf-8")
    assert "d.yaml R006" in codes(check_paths([folder]))
    (folder / "deep" / "vocabulary.yaml").write_text(VOCABULARY, "utf-8")
    assert "d.yaml R006" not in codes(check_paths([folder]))


def test_a_vocabulary_above_what_is_searched_does_not_count(folder: Path, sound: str) -> None:
    (folder / "vocabulary.yaml").write_text(WITHOUT_PRESS, "utf-8")
    (folder / "deep" / "pump.yaml").write_text(sound, "utf-8")
    found = check_paths([folder / "deep"]).diagnostics
    assert [one.code for one in found] == ["T006"]


def test_templates_are_files_of_the_check(folder: Path) -> None:
    shipped = templates_folder() / "multi_turn.j2"
    (folder / "multi_turn.j2").write_bytes(shipped.read_bytes())
    result = check_paths([folder])
    assert "multi_turn.j2" in files(result)
    assert len(result.diagnostics) == 4


def test_other_yaml_is_passed_over_and_named(folder: Path) -> None:
    recipe = folder / "recipe.yaml"
    recipe.write_text("base: tiny\nepochs: 1\n", "utf-8")
    result = check_paths([folder])
    assert result.passed_over == (recipe,)
    assert "recipe.yaml" not in files(result)
    assert result.closing().endswith("in 3 of 4 files")


def test_other_yaml_that_is_named_is_checked(folder: Path) -> None:
    recipe = folder / "recipe.yaml"
    recipe.write_text("base: tiny\nepochs: 1\n", "utf-8")
    result = check_paths([recipe])
    assert result.passed_over == ()
    assert {found.code for found in result.diagnostics} == {"S012", "S013"}


def test_an_entry_that_is_only_begun_is_not_passed_over(folder: Path) -> None:
    (folder / "begun.yaml").write_text("id: begun\nprior:\n", "utf-8")
    assert "begun.yaml S018" in codes(check_paths([folder]))


def test_hidden_files_and_folders_are_not_searched(folder: Path) -> None:
    (folder / ".hidden").mkdir()
    for name in (".hidden/a.yaml", ".pump.yaml.swp.yaml"):
        (folder / name).write_text("id: a: b\n", "utf-8")
    assert len(check_paths([folder]).files) == 4


def test_suffixes_in_capitals_count(folder: Path) -> None:
    (folder / "D.YAML").write_text("id: a: b\n", "utf-8")
    assert "D.YAML S001" in codes(check_paths([folder]))


def test_paths_that_do_not_exist_are_misuse_and_all_named(folder: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"absent, .*gone\.yaml"):
        check_paths([folder / "absent", folder, folder / "gone.yaml"])


@pytest.mark.parametrize("name", [None, "notes.txt", "recipe.yaml"])
def test_a_folder_that_holds_nothing_to_check_is_misuse(name: str | None, tmp_path: Path) -> None:
    if name:
        (tmp_path / name).write_text("base: tiny\n", "utf-8")
    with pytest.raises(KnowledgeError, match="holds no KB entry and no template"):
        check_paths([tmp_path])


def test_a_file_that_cannot_be_opened_is_misuse(folder: Path) -> None:
    pipe = folder / "gone.yaml"
    pipe.symlink_to(folder / "nowhere.yaml")
    with pytest.raises(KnowledgeError, match=r"gone\.yaml: it is a link .*nowhere\.yaml") as caught:
        check_paths([folder])
    assert caught.value.remedy == "remove the link, or let it lead to a file"


def test_a_pipe_in_a_folder_is_passed_over_unopened(folder: Path) -> None:
    before = files(check_paths([folder]))
    os.mkfifo(folder / "x.yaml")
    assert files(check_paths([folder])) == before


def test_a_pipe_that_is_named_is_read(sound: str, tmp_path: Path) -> None:
    pipe = tmp_path / "pump.yaml"
    os.mkfifo(pipe)
    writing = threading.Thread(target=pipe.write_text, args=(sound, "utf-8"), daemon=True)
    writing.start()
    assert files(check_paths([pipe], cache=False)) == ["pump.yaml"]
    writing.join(10)


def test_a_content_can_be_checked_without_its_file(sound: str) -> None:
    found = check_bytes(Path("other.yaml"), sound.encode())
    assert [one.code for one in found] == ["R004"]
    assert not os.path.exists("other.yaml")


def test_a_folder_that_cannot_be_looked_into_does_not_pass_as_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "locked").mkdir()
    look = os.scandir

    def refused(path: str) -> object:
        # A folder's mode would do, but nothing is refused to who is root.
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return look(path)

    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(KnowledgeError, match=r"cannot read the folder .*locked: Permission denied"):
        check_paths([tmp_path])
