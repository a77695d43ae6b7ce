"""``--select`` and ``--ignore``: rules by code, beginning of a code, or name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from physprior.check import check_paths
from physprior.check.rules import rules
from physprior.check.selection import selection
from physprior.errors import KnowledgeError
from physprior.knowledge.codes import CODES

EVERY = frozenset(rule.code for rule in rules())
ALWAYS = frozenset(code.code for code in CODES)


def heard(select: list[str] | None = None, ignore: list[str] | None = None) -> frozenset[str]:
    """The rules that are listened to, beside the reader and the schema."""
    return selection(select or [], ignore or []).codes - ALWAYS


@pytest.fixture
def path(sound: str, tmp_path: Path) -> Path:
    """An entry with findings of R006, T006 and T007."""
    text = sound.replace("  actuator: press\n", "  actuator: pres\n")
    text = text.replace("The plunger is bent", "The plunger may be bent")
    text = text.replace("    - Nothing follows", "    - nothing follows")
    (tmp_path / "pump.yaml").write_text(text, "utf-8")
    return tmp_path / "pump.yaml"


def found(path: Path, **options: list[str]) -> list[str]:
    return [one.code for one in check_paths([path], **options).diagnostics]


def test_without_options_every_rule_is_listened_to(path: Path) -> None:
    assert heard() == EVERY
    assert found(path) == ["R006", "T007", "T006"]


def test_a_code_selects_one_rule(path: Path) -> None:
    assert heard(["R006"]) == {"R006"}
    assert found(path, select=["R006"]) == ["R006"]


def test_the_beginning_of_a_code_selects_all_that_begin_so(path: Path) -> None:
    assert heard(["T"]) == {code for code in EVERY if code.startswith("T")}
    assert found(path, select=["T00"]) == ["T007", "T006"]


def test_a_name_selects_one_rule(path: Path) -> None:
    assert heard(["hedging"]) == {"T006"}
    assert found(path, select=["unknown-word"]) == ["R006"]


def test_items_are_parted_by_commas_or_repetition_and_blanks_do_not_count() -> None:
    assert heard(["R006, hedging"]) == heard(["R006", "hedging"]) == {"R006", "T006"}
    assert heard(["R006,hedging,"]) == {"R006", "T006"}


def test_capitals_do_not_count() -> None:
    assert heard(["r006", "Hedging"]) == {"R006", "T006"}


def test_what_is_ignored_is_left_out(path: Path) -> None:
    assert heard(ignore=["T006", "R"]) == {c for c in EVERY if c != "T006" and c[0] != "R"}
    assert found(path, ignore=["no-sentence", "R"]) == ["T006"]


def test_ignore_goes_before_select(path: Path) -> None:
    assert found(path, select=["T"], ignore=["T006"]) == ["T007"]


@pytest.mark.parametrize("options", [{"select": ["D"]}, {"ignore": ["R,T,P,D,U,J"]}])
def test_the_reader_and_the_schema_are_always_listened_to(
    options: dict[str, list[str]], path: Path
) -> None:
    path.write_text(path.read_text("utf-8").replace("onset: persistent", "onset: always"), "utf-8")
    assert found(path, **options) == ["S017"]


@pytest.mark.parametrize("option", ["--select", "--ignore"])
@pytest.mark.parametrize("item", ["S017", "S", "bad-value", "R006,s0"])
def test_naming_them_is_misuse(
    option: str, item: str, path: Path, physprior: Callable[..., object]
) -> None:
    done = physprior("check", path, option, item)
    assert (done.code, done.out) == (2, "")
    assert "the reader and the schema, which are always listened to" in done.err


@pytest.mark.parametrize("option", ["--select", "--ignore"])
@pytest.mark.parametrize(
    ("item", "meant"),
    [
        ("R06", "R006"),
        ("hedgin", "hedging"),
        ("R006,unknown-wrd", "unknown-word"),
        ("T0006", "T006"),
    ],
)
def test_an_unknown_item_is_misuse_and_answered_with_the_one_that_was_meant(
    option: str, item: str, meant: str, path: Path, physprior: Callable[..., object]
) -> None:
    done = physprior("check", path, option, item)
    assert (done.code, done.out) == (2, "")
    assert f"did you mean '{meant}'?" in done.err


@pytest.mark.parametrize("nothing", [[""], [","], [" "]])
def test_a_selection_of_nothing_is_misuse(nothing: list[str]) -> None:
    with pytest.raises(KnowledgeError, match="names no rule"):
        selection(select=nothing)


def test_the_command_listens_as_it_is_told(path: Path, physprior: Callable[..., object]) -> None:
    done = physprior("check", path, "--select", "R,hedging", "--ignore", "R006", "--format=concise")
    assert done.code == 1
    assert [line.split()[1] for line in done.out.splitlines()[:-1]] == ["T006"]
    assert physprior("check", path, "--select", "P").code == 0
