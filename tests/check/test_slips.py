"""A slip of the keys makes an entry invalid and yet hides nothing else that is wrong in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from physprior.check import Diagnostic

Find = Callable[[str], list[Diagnostic]]

SLIPS = {
    "a misspelt key": ("    onset: persistent", "    onsett: persistent", "S012"),
    "a key too many": ("status: reviewed\n", "status: reviewed\ncolour: red\n", "S012"),
    "a misspelt value": ("onset: persistent", "onset: persistant", "S017"),
    "an id in capitals": ("  - id: stays_down", "  - id: Stays-Down", "S016"),
}


@pytest.fixture
def hedged(sound: str) -> str:
    return sound.replace("The plunger is bent", "The plunger may be bent")


@pytest.mark.parametrize("slip", SLIPS)
def test_what_the_rules_find_is_found_beside_a_slip(slip: str, hedged: str, find: Find) -> None:
    right, wrong, code = SLIPS[slip]
    assert hedged.count(right) == 1
    found = [one.code for one in find(hedged.replace(right, wrong))]
    assert sorted(found) == [code, "T006"]


@pytest.mark.parametrize("slip", SLIPS)
def test_the_slip_itself_is_one_finding(slip: str, sound: str, find: Find) -> None:
    right, wrong, code = SLIPS[slip]
    assert [one.code for one in find(sound.replace(right, wrong))] == [code]


def test_several_slips_are_all_found(sound: str, find: Find) -> None:
    text = sound
    for right, wrong, _ in SLIPS.values():
        text = text.replace(right, wrong)
    assert sorted(one.code for one in find(text)) == ["S012", "S012", "S016"]


def test_the_category_s_own_id_is_not_held_against_the_file_name(sound: str, find: Find) -> None:
    assert [one.code for one in find(sound.replace("id: pump", "id: Hand-Pump"))] == ["S016"]


def test_where_something_is_missing_nothing_is_guessed(hedged: str, find: Find) -> None:
    text = hedged.replace("    evidence: motion\n", "")
    assert [one.code for one in find(text)] == ["S013"]
