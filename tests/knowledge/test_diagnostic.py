"""Findings sort by place and are shown on one line, or with the line they are about."""

from __future__ import annotations

from pathlib import Path

from physprior.knowledge.codes import CODES, SYNTAX, UNKNOWN_KEY
from physprior.knowledge.diagnostic import Diagnostic, Position
from physprior.knowledge.text import split_lines


def finding(line: int, column: int, end_line: int, end_column: int) -> Diagnostic:
    return UNKNOWN_KEY.at(
        Path("kb/clip.yaml"),
        Position(line, column, end_line, end_column),
        "unknown key 'motoin'",
        "did you mean 'motion'?",
    )


def test_concise_is_one_line_that_editors_can_jump_to() -> None:
    assert finding(3, 5, 3, 11).concise() == (
        "kb/clip.yaml:3:5: S012 unknown-key: unknown key 'motoin'"
    )


def test_full_shows_the_line_a_caret_and_the_remedy() -> None:
    assert finding(10, 3, 10, 9).full(["x"] * 8 + ["prior:", "  motoin: y"]) == (
        "kb/clip.yaml:10:3: S012 unknown-key: unknown key 'motoin'\n"
        "     |\n"
        "   9 | prior:\n"
        "  10 |   motoin: y\n"
        "     |   ^^^^^^\n"
        "  remedy: did you mean 'motion'?"
    )


def test_a_span_over_several_lines_is_underlined_to_the_end_of_its_first() -> None:
    assert "  | ^^^^^\n" in finding(1, 1, 3, 2).full(["a: >-", "  b", "c"])


def test_an_empty_span_still_has_a_caret() -> None:
    assert "  | ^\n" in finding(1, 1, 1, 1).full(["abc"])


def test_a_finding_in_an_empty_file_has_no_frame() -> None:
    assert finding(1, 1, 1, 1).full([]).count("\n") == 1


def test_wide_characters_and_tabs_before_the_spot_keep_the_caret_below_it() -> None:
    assert "  |    ^\n" in finding(1, 3, 1, 4).full(["弹ax"])
    assert "  | \t^\n" in finding(1, 2, 1, 3).full(["\tx"])
    assert "  |  ^\n" in finding(1, 3, 1, 4).full(["u\u0308x"])


def test_a_very_long_line_is_cut_around_the_spot() -> None:
    shown = finding(1, 5001, 1, 5004).full(["x" * 5000 + "BAD" + "y" * 5000]).splitlines()
    assert max(len(line) for line in shown) < 140
    assert shown[2].index("BAD") == shown[3].index("^^^")


def test_control_characters_of_the_file_do_not_reach_the_terminal() -> None:
    assert "\x1b" not in finding(1, 1, 1, 2).full(["a\x1b[31m"])


def test_findings_sort_by_file_then_place_then_code() -> None:
    late, early = finding(9, 1, 9, 2), finding(2, 7, 2, 8)
    other = SYNTAX.at(Path("kb/ball.yaml"), Position(20, 1, 20, 2), "m", "r")
    assert sorted([late, early, other]) == [other, early, late]


def test_codes_and_names_are_unique() -> None:
    assert len({code.code for code in CODES}) == len({code.name for code in CODES}) == len(CODES)


def test_lines_are_counted_as_editors_count_them() -> None:
    assert split_lines("a\r\nb\rc\nd\x0be") == ("a", "b", "c", "d\x0be")
    assert split_lines("") == ()
