"""Which project a folder is in, and what is said of a project file that cannot be followed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from physprior.errors import ProjectError
from physprior.project.find import VARIABLE, current_project, find_project
from physprior.project.schema import ProjectFile


@pytest.fixture(autouse=True)
def no_other_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def project(folder: Path, text: str = "", encoding: str = "utf-8") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "physprior.yaml").write_bytes(text.encode(encoding))
    return folder


def refused(folder: Path) -> str:
    with pytest.raises(ProjectError) as error:
        find_project(folder)
    return str(error.value)


def test_a_project_is_found_from_its_folder_and_from_below(tmp_path: Path) -> None:
    project(tmp_path, "kb: facts\n")
    below = tmp_path / "kb" / "old"
    below.mkdir(parents=True)
    for start in (tmp_path, below):
        found = find_project(start)
        assert found is not None
        assert (found.folder, found.kb) == (tmp_path, tmp_path / "facts")


def test_of_a_project_within_a_project_the_inner_one_counts(tmp_path: Path) -> None:
    project(tmp_path)
    inner = project(tmp_path / "doors")
    found = find_project(inner)
    assert found is not None
    assert found.folder == inner


def test_where_no_project_file_is_there_is_no_project(tmp_path: Path) -> None:
    assert find_project(tmp_path) is None


def test_the_variable_beats_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project(tmp_path / "here"))
    monkeypatch.setenv(VARIABLE, str(project(tmp_path / "named")))
    found = current_project()
    assert found is not None
    assert found.folder == tmp_path / "named"


def test_the_variable_may_name_the_file_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(project(tmp_path) / "physprior.yaml"))
    found = current_project()
    assert found is not None
    assert found.folder == tmp_path


@pytest.mark.parametrize("named", ["nowhere", "empty"])
def test_a_variable_that_names_no_project_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(project(tmp_path))
    monkeypatch.setenv(VARIABLE, named)
    with pytest.raises(ProjectError, match=f"PHYSPRIOR_PROJECT is {named}, .* no physprior.yaml"):
        current_project()


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n", "\n\n"])
def test_an_empty_project_file_means_all_defaults(tmp_path: Path, text: str) -> None:
    found = find_project(project(tmp_path, text))
    assert found is not None
    assert found.file == ProjectFile()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_name_in_any_alphabet_is_read(tmp_path: Path, encoding: str) -> None:
    found = find_project(project(tmp_path, "videos: Filme/Türschließer\n", encoding))
    assert found is not None
    assert found.videos == tmp_path / "Filme" / "Türschließer"


def test_windows_line_ends_are_read(tmp_path: Path) -> None:
    found = find_project(project(tmp_path, "kb: facts\r\nsplit:\r\n  seed: 3\r\n"))
    assert found is not None
    assert (found.file.kb, found.file.split.seed) == ("facts", 3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kb: kb\nvideo: v\n", "2:1: unknown key 'video'"),
        ("split:\n  protocols: weak\n", "2:3: unknown key 'protocols' in split"),
        ("split:\n  protocol: weekly\n", "2:13: split.protocol is 'weekly'"),
        ("split:\n  seed: one\n", "2:9: split.seed is 'one'; it must be a whole number"),
        ("split:\n  seed: 1.5\n", "2:9: split.seed is '1.5'; it must be a whole number"),
        ("split:\n  k: 0\n", "2:6: split.k is '0'; it must be a whole number of at least 1"),
        ("kb: [kb]\n", "1:5: kb is a list, where text is needed"),
        ("split: weak\n", "1:8: split is text, where a mapping of keys is needed"),
        ("kb:\n", "1:1: kb is empty"),
        ("kb: ''\n", "1:1: kb is empty"),
        ("kb: kb\nkb: facts\n", "2:1: "),
        ("- kb\n", "1:1: the file is a list"),
        ("kb: 'kb\n", "1:5: "),
    ],
)
def test_a_mistake_is_told_with_its_place_and_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    monkeypatch.chdir(project(tmp_path, text))
    message = refused(tmp_path)
    assert message.startswith(f"physprior.yaml:{said}")
    assert "\n  remedy: " in message


def test_what_is_meant_by_a_misspelt_key_is_guessed(tmp_path: Path) -> None:
    assert "did you mean 'videos'?" in refused(project(tmp_path, "video: v\n"))


def test_a_list_is_told_how_a_project_file_is_written(tmp_path: Path) -> None:
    message = refused(project(tmp_path, "- kb\n"))
    assert "'key: value'" in message
    assert "category" not in message


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    message = refused(project(tmp_path, "video: v\nsplit:\n  seed: x\nmodes: m\n"))
    places = [line.split(": ")[0][-4:] for line in message.splitlines()[:3]]
    assert places == [":1:1", ":3:9", ":4:1"]


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_another_encoding_is_refused_in_one_message(tmp_path: Path, encoding: str) -> None:
    assert "UTF-8" in refused(project(tmp_path, "kb: Türen\n", encoding))


def test_a_folder_of_that_name_is_no_project_file(tmp_path: Path) -> None:
    (tmp_path / "physprior.yaml").mkdir()
    assert "cannot read" in refused(tmp_path)


def test_a_link_to_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "physprior.yaml").symlink_to("gone.yaml")
    assert "cannot read" in refused(tmp_path)


def test_a_pipe_of_that_name_is_refused_without_being_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "physprior.yaml")
    assert "it is no file" in refused(tmp_path)


def test_a_film_of_that_name_is_refused_without_being_read_whole(tmp_path: Path) -> None:
    assert "250,000 bytes" in refused(project(tmp_path, "x" * 300_000))


def test_the_home_of_a_user_who_is_not_there_is_a_path_to_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "physprior.yaml").write_text("kb: ~no_such_user/kb\n")
    found = find_project(tmp_path)
    assert found is not None
    with pytest.raises(ProjectError, match="1:5: kb is '~no_such_user/kb', and there is no such"):
        found.existing("kb")
    monkeypatch.setenv(VARIABLE, "~no_such_user")
    with pytest.raises(ProjectError, match=r"is ~no_such_user, and there is no physprior\.yaml"):
        current_project()
