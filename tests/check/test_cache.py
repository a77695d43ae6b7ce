"""What was found in an unchanged file is remembered, and never believed where it might be wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from physprior.check import cache as caching
from physprior.check import check_paths
from physprior.paths import kb_folder, templates_folder

TAMPERED = "a finding that only the cache can know"


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache folder of this test."""
    monkeypatch.setenv("PHYSPRIOR_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def folder(tmp_path: Path, sound: str) -> Path:
    """One entry with one finding, R006, and one without."""
    entries = tmp_path / "entries"
    entries.mkdir()
    (entries / "pump.yaml").write_text(sound.replace("actuator: press", "actuator: pres"), "utf-8")
    other = sound.replace("id: pump", "id: bellows")
    (entries / "bellows.yaml").write_text(other, "utf-8")
    return entries


def messages(*paths: Path, **options: bool) -> list[str]:
    return [found.message for found in check_paths(paths, **options).diagnostics]


def codes(*paths: Path) -> list[str]:
    return [found.code for found in check_paths(paths).diagnostics]


def cache_file(cached: Path) -> Path:
    (path,) = cached.rglob("*.json")
    return path


def tamper(cached: Path) -> None:
    """Give each remembered finding another message."""
    path = cache_file(cached)
    records = json.loads(path.read_text("utf-8"))
    for diagnostics, *_ in records.values():
        for diagnostic in diagnostics:
            diagnostic[-2] = TAMPERED
    path.write_text(json.dumps(records), "utf-8")


@pytest.fixture
def tampered(cached: Path, folder: Path) -> Path:
    """A checked folder, of which the cache now says something else than the truth."""
    assert codes(folder) == ["R006"]
    tamper(cached)
    assert messages(folder) == [TAMPERED]
    return folder


def test_the_result_is_the_same_with_and_without(cached: Path, folder: Path) -> None:
    (folder / "recipe.yaml").write_text("base: tiny\nepochs: 1\n", "utf-8")
    (folder / "broken.yaml").write_text("id: a: b\n", "utf-8")
    places = [folder, kb_folder()]
    without = check_paths(places, cache=False)
    assert check_paths(places) == without
    assert cache_file(cached).is_file()
    assert check_paths(places) == without


def test_an_unchanged_file_is_not_examined_again(tampered: Path) -> None:
    assert messages(tampered) == [TAMPERED]


def test_without_the_cache_nothing_of_it_is_read_or_written(
    tampered: Path, cached: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert TAMPERED not in messages(tampered, cache=False)
    monkeypatch.setenv("PHYSPRIOR_CACHE", str(tmp_path / "other"))
    check_paths([tampered], cache=False)
    assert not (tmp_path / "other").exists()


def test_the_command_goes_without_it_where_it_is_told_to(
    tampered: Path, physprior: Callable[..., Any]
) -> None:
    assert TAMPERED in physprior("check", tampered).out
    assert TAMPERED not in physprior("check", tampered, "--no-cache").out


@pytest.mark.parametrize("change", ["\n", "# A comment.\n", " "])
def test_a_file_with_one_more_character_is_examined_again(change: str, tampered: Path) -> None:
    with (tampered / "pump.yaml").open("a", encoding="utf-8") as file:
        file.write(change)
    assert TAMPERED not in messages(tampered)


def test_a_file_with_another_time_is_not_another_file(tampered: Path) -> None:
    os.utime(tampered / "pump.yaml", (1, 1))
    assert messages(tampered) == [TAMPERED]


def test_a_renamed_file_is_examined_again(tampered: Path) -> None:
    (tampered / "pump.yaml").rename(tampered / "pump2.yaml")
    assert codes(tampered) == ["R004", "R006"]
    assert TAMPERED not in messages(tampered)


def test_a_moved_file_is_known_and_its_findings_stand_where_it_is_now(tampered: Path) -> None:
    (tampered / "deep").mkdir()
    (tampered / "pump.yaml").rename(tampered / "deep" / "pump.yaml")
    (found,) = check_paths([tampered]).diagnostics
    assert (found.path, found.message) == (tampered / "deep" / "pump.yaml", TAMPERED)


def test_another_vocabulary_beside_it_is_asked(tampered: Path) -> None:
    shipped = (kb_folder() / "vocabulary.yaml").read_text("utf-8")
    vocabulary = tampered / "vocabulary.yaml"
    vocabulary.write_text(shipped.replace("  press: A flat", "  pres: A flat", 1), "utf-8")
    assert check_paths([tampered / "pump.yaml"]).diagnostics == ()
    vocabulary.write_text(shipped, "utf-8")
    assert codes(tampered / "pump.yaml") == ["R006"]


def test_another_checker_asks_again(tampered: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "checker_state", lambda: "0" * 32)
    assert TAMPERED not in messages(tampered)


def test_the_checker_is_known_by_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = tmp_path / "rule.py"
    code.write_text("MOST = 1\n", "utf-8")
    own = [*caching._own_code(), code]
    monkeypatch.setattr(caching, "_own_code", lambda: own)
    caching.checker_state.cache_clear()
    before = caching.checker_state()
    code.write_text("MOST = 2\n", "utf-8")
    caching.checker_state.cache_clear()
    assert caching.checker_state() != before
    caching.checker_state.cache_clear()


def test_every_rule_is_part_of_the_code_that_the_checker_is_known_by() -> None:
    named = {path.name for path in caching._own_code()}
    assert {"unknown_phase.py", "suppress.py", "schema.py", "sentence.py", "templates.py"} <= named


DAMAGED = {
    "nothing": b"",
    "no text": b"\xff\xfe\x00",
    "no JSON": b"{",
    "no mapping": b"[]",
    "nested without end": b"[" * 100_000,
    "another shape": b'{"x": {"y": 1}}',
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_cache_file_does_no_harm(damage: str, tampered: Path, cached: Path) -> None:
    cache_file(cached).write_bytes(DAMAGED[damage])
    assert codes(tampered) == ["R006"]
    assert TAMPERED not in messages(tampered)


def test_a_cache_file_that_was_cut_short_does_no_harm(tampered: Path, cached: Path) -> None:
    path = cache_file(cached)
    path.write_bytes(path.read_bytes()[:-20])
    assert codes(tampered) == ["R006"]


@pytest.mark.parametrize(
    "record",
    [
        None,
        7,
        "text",
        [],
        [[], []],
        [[["S001"]], [], [], [], False],
        [[], [["pump"]], [], [], False],
        [[], [], [[1]], [], False],
        [7, [], [], [], False],
        {"diagnostics": []},
    ],
)
def test_a_record_of_another_shape_is_made_again(
    record: object, tampered: Path, cached: Path
) -> None:
    path = cache_file(cached)
    records = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(dict.fromkeys(records, record)), "utf-8")
    assert codes(tampered) == ["R006"]
    assert TAMPERED not in messages(tampered)


def test_a_place_that_cannot_be_written_costs_no_result(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, physprior: Callable[..., Any]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("PHYSPRIOR_CACHE", str(tmp_path / "file" / "below"))
    assert codes(folder) == ["R006"]
    done = physprior("check", folder)
    assert (done.code, done.err) == (1, physprior("check", folder, "--no-cache").err)


def test_a_folder_in_the_cache_file_s_place_costs_no_result(cached: Path, folder: Path) -> None:
    (cached / "check" / f"{caching.checker_state()}.json").mkdir(parents=True)
    assert codes(folder) == ["R006"]


def test_the_cache_folder_can_be_deleted_at_any_time(tampered: Path, cached: Path) -> None:
    shutil.rmtree(cached)
    assert codes(tampered) == ["R006"]
    assert TAMPERED not in messages(tampered)


def test_what_stands_between_files_is_found_though_each_is_remembered(
    cached: Path, folder: Path, sound: str
) -> None:
    one, other = folder / "bellows.yaml", folder / "old_pump.yaml"
    one.write_text(one.read_text("utf-8").replace("status", "aliases: [Old Pump]\nstatus"), "utf-8")
    other.write_text(sound.replace("id: pump", "id: old_pump"), "utf-8")
    assert codes(one) == codes(other) == []
    assert codes(one, other) == ["R003"]
    assert codes(one) == codes(other) == []


def test_a_category_described_twice_is_found_though_each_is_remembered(
    cached: Path, folder: Path, sound: str
) -> None:
    (folder / "deep").mkdir()
    one, other = folder / "bellows.yaml", folder / "deep" / "bellows.yaml"
    other.write_bytes(one.read_bytes())
    assert codes(one) == codes(other) == []
    assert codes(one, other) == ["S019"]
    other.unlink()
    assert codes(folder) == ["R006"]


def test_suppressions_are_remembered_too(cached: Path, folder: Path) -> None:
    path = folder / "pump.yaml"
    text = path.read_text("utf-8")
    comment = "actuator: pres # physprior: ignore[R006, T006] our own"
    path.write_text(text.replace("actuator: pres", comment), "utf-8")
    assert codes(folder) == codes(folder) == ["U001"]


def test_ignoring_a_rule_leaves_what_is_remembered_whole(cached: Path, folder: Path) -> None:
    assert check_paths([folder], ignore=["R006"]).diagnostics == ()
    assert codes(folder) == ["R006"]


def test_two_checks_at_once_do_not_disturb_each_other(cached: Path, folder: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from physprior.check import check_paths;"
        "print([one.code for one in check_paths([Path(sys.argv[1])]).diagnostics])"
    )
    command = [sys.executable, "-c", script, str(folder)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [one.communicate(timeout=60)[0] for one in running] == ["['R006']\n"] * 3
    records = json.loads(cache_file(cached).read_text("utf-8"))
    assert len(records) == 2
    assert [path.name for path in cache_file(cached).parent.iterdir()] == [cache_file(cached).name]


def test_a_template_that_includes_another_is_examined_each_time(
    cached: Path, tmp_path: Path
) -> None:
    shipped = (templates_folder() / "no_phys.j2").read_text("utf-8")
    folder = tmp_path / "templates"
    folder.mkdir()
    including = shipped.replace("{% enduser %}", '{%- include "more.j2" %}{% enduser %}', 1)
    (folder / "no_phys.j2").write_text(including, "utf-8")
    assert codes(folder) == ["J001"]
    (folder / "more.j2").write_text(" Look twice.", "utf-8")
    assert codes(folder) == []
    (folder / "more.j2").unlink()
    assert codes(folder) == ["J001"]


def test_what_was_used_longest_ago_goes_first(
    cached: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caching, "MOST", 2)
    check_paths([folder])
    third = folder / "third.yaml"
    third.write_text("id: a: b\n", "utf-8")
    check_paths([folder / "pump.yaml", third])
    assert len(json.loads(cache_file(cached).read_text("utf-8"))) == 2
    tamper(cached)
    assert messages(folder / "pump.yaml", third) == [TAMPERED, TAMPERED]
