"""Not one byte outside a fix's edits changes: comments, quotes, layout and line ends survive."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from fix_layouts import ENTRIES, SAFE, UNSAFE, Typed, findings, repaired, typed_anew
from hypothesis import given, settings
from hypothesis import strategies as st

from physprior.check.diagnostic import Position
from physprior.edit.splice import splice
from physprior.knowledge.fix import Edit
from physprior.knowledge.source import parse_source

FAST = settings(max_examples=15, deadline=None)
THOROUGH = settings(max_examples=500, deadline=None)
SEEDS = st.integers(0, 2**32)


@st.composite
def written(draw: st.DrawFn) -> Typed:
    return typed_anew(draw(st.sampled_from(ENTRIES)), draw(SEEDS))


@st.composite
def spoilt(draw: st.DrawFn, slips: tuple[str, ...]) -> tuple[Typed, Typed, tuple[str, ...]]:
    """A file, the same with slips, and which."""
    right = draw(written())
    names = draw(st.lists(st.sampled_from(slips), min_size=1, max_size=3, unique=True))
    lines, random = list(right.lines), Random(draw(SEEDS))
    for name in sorted(names, key=[*UNSAFE, *SAFE].index):
        (SAFE | UNSAFE)[name](lines, random)
    return right, replace(right, lines=tuple(lines)), tuple(names)


def outside(data: bytes, edits: tuple[Edit, ...]) -> list[bytes]:
    """What stands between the edits, counted in bytes; the pieces of another splice than ours."""
    text = data.decode("utf-8-sig")
    starts = [0] + [found.end() for found in re.finditer("\r\n|\r|\n", text)]
    bom = len(data) - len(text.encode())

    def offset(line: int, column: int) -> int:
        return bom + len(text[: starts[line - 1] + column - 1].encode())

    pieces, at = [], 0
    for edit in sorted(edits, key=lambda edit: edit.position):
        place = edit.position
        pieces.append(data[at : offset(place.line, place.column)])
        at = offset(place.end_line, place.end_column)
    return [*pieces, data[at:]]


def leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    elif value is not None:
        yield value


def untouched(path: Path, data: bytes, edits: tuple[Edit, ...]) -> Counter[str]:
    """The texts of a file that no edit touches."""
    source = parse_source(path, data)
    found: Counter[str] = Counter()
    for at, place in source.values.items():
        value: Any = source.data
        for part in at:
            value = value[part]
        if isinstance(value, str) and not any(meet(place, edit.position) for edit in edits):
            found[value] += 1
    return found


def meet(one: Position, other: Position) -> bool:
    starts = (one.line, one.column), (other.line, other.column)
    ends = (one.end_line, one.end_column), (other.end_line, other.end_column)
    return starts[0] <= ends[1] and starts[1] <= ends[0]


def hold_each_fix_to_its_edits(file: Typed) -> None:
    for found in findings(file.name, file.data):
        if found.fix is None:
            continue
        pieces = outside(file.data, found.fix.edits)
        after = splice(file.data, found.fix.edits)
        texts = [
            edit.text.encode() for edit in sorted(found.fix.edits, key=lambda edit: edit.position)
        ]
        assert after == b"".join(
            piece + new for piece, new in zip(pieces, [*texts, b""], strict=True)
        )
        if found.fix.safe and parse_source(found.path, file.data).data is not None:
            before = untouched(found.path, file.data, found.fix.edits)
            now = Counter(leaves(parse_source(found.path, after).data))
            assert before <= now
            assert now.total() - before.total() <= len(found.fix.edits)


def hold_slips_to_be_undone(right: Typed, wrong: Typed) -> None:
    after, done = repaired(wrong.name, wrong.data)
    assert not done.refused
    assert after == right.data


def hold_the_second_time_to_nothing(file: Typed, *, unsafe: bool) -> None:
    once, _ = repaired(file.name, file.data, unsafe=unsafe)
    twice, done = repaired(file.name, once, unsafe=unsafe)
    assert twice == once
    assert not done.fixed


@pytest.mark.parametrize("slip", SAFE)
def test_each_slip_is_found_and_undone_in_a_shipped_entry(slip: str) -> None:
    spoils = undone = 0
    for seed in range(6):
        right = typed_anew(ENTRIES[seed % len(ENTRIES)], seed)
        lines = list(right.lines)
        SAFE[slip](lines, Random(seed))
        wrong = replace(right, lines=tuple(lines))
        spoils += wrong != right
        undone += repaired(wrong.name, wrong.data)[0] == right.data
    assert spoils >= 2
    assert undone == 6


@FAST
@given(written())
def test_a_file_without_findings_stays_as_it_is_whoever_typed_it(file: Typed) -> None:
    assert findings(file.name, file.data) == ()
    assert repaired(file.name, file.data, unsafe=True)[0] == file.data


@FAST
@given(spoilt(tuple(SAFE)))
def test_safe_fixes_undo_slips_to_the_byte(case: tuple[Typed, Typed, tuple[str, ...]]) -> None:
    hold_slips_to_be_undone(*case[:2])


@FAST
@given(spoilt((*SAFE, *UNSAFE)))
def test_a_fix_changes_nothing_outside_its_edits(
    case: tuple[Typed, Typed, tuple[str, ...]],
) -> None:
    hold_each_fix_to_its_edits(case[1])


@FAST
@given(spoilt((*SAFE, *UNSAFE)), st.booleans())
def test_fixing_twice_is_fixing_once(
    case: tuple[Typed, Typed, tuple[str, ...]], unsafe: bool
) -> None:
    hold_the_second_time_to_nothing(case[1], unsafe=unsafe)


@pytest.mark.slow
@THOROUGH
@given(spoilt(tuple(SAFE)))
def test_safe_fixes_undo_slips_to_the_byte_again_and_again(
    case: tuple[Typed, Typed, tuple[str, ...]],
) -> None:
    hold_slips_to_be_undone(*case[:2])


@pytest.mark.slow
@THOROUGH
@given(spoilt((*SAFE, *UNSAFE)), st.booleans())
def test_a_fix_changes_nothing_outside_its_edits_again_and_again(
    case: tuple[Typed, Typed, tuple[str, ...]], unsafe: bool
) -> None:
    hold_each_fix_to_its_edits(case[1])
    hold_the_second_time_to_nothing(case[1], unsafe=unsafe)
