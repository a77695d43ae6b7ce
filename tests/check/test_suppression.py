"""A suppression is a comment that takes findings back, with a reason, and only where it stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from physprior.check import Diagnostic, check_paths

Find = Callable[[str], list[Diagnostic]]

FOLDED = "statement: >-\n      Therefore, the plunger should sink"
ITEM = "      - The plunger is bent and wedges in the barrel at the bottom of its way.\n"
HEDGED = "      - The plunger may be bent, or so it is said,\n        and wedges in the barrel.\n"


@pytest.fixture
def edit(sound: str) -> Callable[..., str]:
    """The sound entry with texts replaced, each of which it holds once."""

    def edited(*pairs: tuple[str, str]) -> str:
        text = sound
        for right, wrong in pairs:
            assert text.count(right) == 1
            text = text.replace(right, wrong)
        return text

    return edited


def places(found: list[Diagnostic]) -> list[str]:
    return [f"{one.line}:{one.column} {one.code}" for one in found]


ACTUATOR = "  actuator: press\n"
ACTIONS = "  actions: [press, release]\n"
GOES_FOR_IT = {
    "behind the value": (ACTUATOR, "  actuator: pres # physprior: ignore[R006] our own\n"),
    "on the line above": (ACTUATOR, "  # physprior: ignore[R006] our own\n  actuator: pres\n"),
    "above, with another comment and a blank line between": (
        ACTUATOR,
        "  # physprior: ignore[R006] our own\n  # An old press.\n\n  actuator: pres\n",
    ),
    "above, with another indentation": (
        ACTUATOR,
        "# physprior: ignore[R006] our own\n  actuator: pres\n",
    ),
    "behind a quoted value": (ACTUATOR, '  actuator: "pres" # physprior: ignore[R006] our own\n'),
    "without blanks": (ACTUATOR, "  actuator: pres #physprior:ignore[R006]our own\n"),
    "with more blanks": (ACTUATOR, "  actuator: pres #  physprior:  ignore [ R006 ]  our own\n"),
    "behind a list in brackets": (
        ACTIONS,
        "  actions: [press, unscrew] # physprior: ignore[R006] our own\n",
    ),
    "behind an item": (
        ACTIONS,
        "  actions:\n    - press\n    - unscrew # physprior: ignore[R006] our own\n",
    ),
    "above an item": (
        ACTIONS,
        "  actions:\n    - press\n    # physprior: ignore[R006] our own\n    - unscrew\n",
    ),
    "above an item of two lines": (
        ITEM,
        f"      # physprior: ignore[T006] seen once\n{HEDGED}",
    ),
    "behind an item of two lines": (
        ITEM,
        HEDGED.replace("barrel.\n", "barrel. # physprior: ignore[T006] seen once\n"),
    ),
    "above a folded text": (
        FOLDED,
        "# physprior: ignore[T006] seen once\n    statement: >-\n"
        "      Therefore, below the arm\n      the plunger should probably sink",
    ),
    "behind the sign of a folded text": (
        FOLDED,
        "statement: >- # physprior: ignore[T006] seen once\n"
        "      Therefore, below the arm\n      the plunger should probably sink",
    ),
    "behind a folded text's sign, with the finding far below": (
        FOLDED,
        "statement: >- # physprior: ignore[P001] it is on the label\n"
        "      Therefore, below the arm\n      of the press the plunger\n"
        "      should sink without damage",
    ),
    "above a quoted text of two lines": (
        ITEM,
        '      # physprior: ignore[T006] seen once\n      - "The plunger is bent in the barrel\n'
        '        and may be caught there."\n',
    ),
    "above the first key of an item that is a mapping": (
        "  - id: stays_down\n    name: stays down\n    aliases: [no_return]\n",
        "  # physprior: ignore[R003] an old folder\n  - id: normal\n    name: stays down\n",
    ),
}


@pytest.mark.parametrize("where", GOES_FOR_IT)
def test_a_suppression_takes_back_what_is_found_there(
    where: str, edit: Callable[..., str], find: Find
) -> None:
    text = edit(GOES_FOR_IT[where])
    without = text.replace("#physprior:", "# once:").replace("physprior:", "once:")
    assert len(find(without)) == 1
    assert find(text) == []


def test_lines_may_end_as_on_windows(edit: Callable[..., str], find: Find) -> None:
    text = edit((ACTUATOR, "  # physprior: ignore[R006] our own\n  actuator: pres\n"))
    assert find(text.replace("\n", "\r\n")) == []


@pytest.mark.parametrize("codes", ["T006, T003", "T003 T006", "T006,T003"])
def test_several_codes_stand_in_one_pair_of_brackets(
    codes: str, edit: Callable[..., str], find: Find
) -> None:
    item = "      - The plunger may be bent.\n"
    text = edit((ITEM, f"      # physprior: ignore[{codes}] seen once\n{item}"))
    assert find(text) == []


def test_other_findings_of_the_same_value_stay(edit: Callable[..., str], find: Find) -> None:
    item = "      - It may be bent and worn from long use at the station.\n"
    text = edit((ITEM, f"      # physprior: ignore[T006] seen once\n{item}"))
    assert [one.code for one in find(text)] == ["P003"]


def test_the_same_finding_elsewhere_stays(edit: Callable[..., str], find: Find) -> None:
    text = edit(
        (ACTUATOR, "  actuator: pres # physprior: ignore[R006] our own\n"),
        (ACTIONS, "  actions: [press, unscrew]\n"),
    )
    assert places(find(text)) == ["7:20 R006"]


def test_above_a_list_it_does_not_go_for_the_items(edit: Callable[..., str], find: Find) -> None:
    text = edit(
        (
            ACTIONS,
            "  # physprior: ignore[R006] our own\n  actions:\n    - press\n    - unscrew\n",
        )
    )
    assert places(find(text)) == ["7:23 U001", "10:7 R006"]


def test_above_a_mapping_it_does_not_go_for_what_is_in_it(
    edit: Callable[..., str], find: Find
) -> None:
    text = edit(
        ("interaction:\n", "# physprior: ignore[R006] our own\ninteraction:\n"),
        (ACTUATOR, "  actuator: pres\n"),
    )
    assert places(find(text)) == ["5:21 U001", "7:13 R006"]


def test_without_a_reason_it_works_and_is_reported(edit: Callable[..., str], find: Find) -> None:
    for reason in ("", "   ", " - ", ":"):
        text = edit((ACTUATOR, f"  actuator: pres # physprior: ignore[R006]{reason}\n"))
        assert places(find(text)) == ["6:20 U002"]


@pytest.mark.parametrize(
    "comment", ["ignore R006, our own", "ignore[] our own", "ignore", "noqa", "ignore[R006 our own"]
)
def test_a_malformed_one_takes_nothing_back_and_is_reported(
    comment: str, edit: Callable[..., str], find: Find
) -> None:
    text = edit((ACTUATOR, f"  actuator: pres # physprior: {comment}\n"))
    assert places(find(text)) == ["6:13 R006", "6:20 U003"]


def test_an_unknown_code_is_reported_with_the_one_that_was_meant(
    edit: Callable[..., str], find: Find
) -> None:
    text = edit((ACTUATOR, "  actuator: pres # physprior: ignore[R066] our own\n"))
    kept, unknown = find(text)
    assert (kept.code, unknown.code) == ("R006", "U003")
    assert unknown.message == "no rule has the code 'R066'"
    assert unknown.remedy == "did you mean 'R006'?"


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        ("status: reviewed\n", "status: done # physprior: ignore[S017] for now\n", "S017"),
        ("    evidence: motion\n", "    Evidence: motion # physprior: ignore[S012] old\n", "S012"),
    ],
)
def test_what_the_schema_finds_cannot_be_suppressed(
    right: str, wrong: str, code: str, edit: Callable[..., str], find: Find
) -> None:
    found = {one.code: one for one in find(edit((right, wrong)))}
    assert found.keys() == {code, "U003"}
    assert found["U003"].message == f"{code} cannot be suppressed"


def test_findings_about_suppressions_cannot_be_suppressed(
    edit: Callable[..., str], find: Find
) -> None:
    text = edit((ACTUATOR, "  actuator: press # physprior: ignore[R006, U001] our own\n"))
    assert [one.code for one in find(text)] == ["U001", "U003"]


def test_an_unused_one_is_reported_at_the_code_that_is_not_needed(
    edit: Callable[..., str], find: Find
) -> None:
    text = edit((ACTUATOR, "  actuator: pres # physprior: ignore[R006, R005] our own\n"))
    (found,) = find(text)
    assert places([found]) == ["6:44 U001"]
    assert found.message == "nothing to suppress: R005 finds nothing here"


def test_one_below_everything_is_unused(sound: str, find: Find) -> None:
    assert [one.code for one in find(f"{sound}# physprior: ignore[R006] our own\n")] == ["U001"]


def test_two_for_one_finding_are_both_used(edit: Callable[..., str], find: Find) -> None:
    text = edit(
        (
            ACTUATOR,
            "  # physprior: ignore[R006] our own\n"
            "  actuator: pres # physprior: ignore[R006] our own\n",
        )
    )
    assert find(text) == []


@pytest.mark.parametrize("options", [{"ignore": ["R006"]}, {"select": ["U", "T"]}])
def test_an_unused_one_is_not_reported_where_its_rule_is_not_listened_to(
    options: dict[str, list[str]], edit: Callable[..., str], tmp_path: Path
) -> None:
    path = tmp_path / "pump.yaml"
    path.write_text(edit((ACTUATOR, "  actuator: press # physprior: ignore[R006] our own\n")))
    assert [one.code for one in check_paths([path]).diagnostics] == ["U001"]
    assert check_paths([path], **options).diagnostics == ()


def test_in_a_draft_one_for_a_rule_of_reviewed_entries_is_not_unused(
    edit: Callable[..., str], find: Find
) -> None:
    hedged = (ITEM, f"      # physprior: ignore[T006] seen once\n{ITEM}")
    assert [one.code for one in find(edit(hedged))] == ["U001"]
    assert find(edit(hedged, ("status: reviewed", "status: draft"))) == []


def test_in_a_draft_one_for_a_rule_of_all_entries_is_unused(
    edit: Callable[..., str], find: Find
) -> None:
    text = edit(
        (ACTUATOR, "  actuator: press # physprior: ignore[R006] our own\n"),
        ("status: reviewed", "status: draft"),
    )
    assert [one.code for one in find(text)] == ["U001"]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (
            FOLDED,
            "statement: >-\n      # physprior: ignore[R001] as text,\n      the plunger should",
        ),
        (ITEM, '      - "The plunger is bent # physprior: ignore[R001] and wedges as a bar."\n'),
        (ITEM, "      - 'The plunger is bent\n        # physprior: ignore[R001] in its barrel.'\n"),
        (ITEM, f"      # See the manual on physprior: ignore[R001] there.\n{ITEM}"),
    ],
)
def test_what_is_text_or_another_comment_is_no_suppression(
    right: str, wrong: str, edit: Callable[..., str], find: Find
) -> None:
    assert not [one for one in find(edit((right, wrong))) if one.code.startswith("U")]


def test_a_finding_between_two_files_is_taken_back_where_it_stands(
    sound: str, find_in: Callable[..., list[str]]
) -> None:
    other = sound.replace("id: pump", "id: old_pump")
    alias = "aliases: [Old Pump]\nstatus"
    assert find_in({"old_pump.yaml": other, "pump.yaml": sound.replace("status", alias)}) == [
        "pump.yaml:4:11: R003"
    ]
    alias = "aliases: [Old Pump] # physprior: ignore[R003] the two are one\nstatus"
    assert find_in({"pump.yaml": sound.replace("status", alias)}) == []


def test_a_suppression_goes_for_its_own_file_alone(
    edit: Callable[..., str], find_in: Callable[..., list[str]]
) -> None:
    excused = edit((ACTUATOR, "  actuator: pres # physprior: ignore[R006] our own\n"))
    other = edit((ACTUATOR, "  actuator: pres\n")).replace("id: pump", "id: old_pump")
    other = other.replace("aliases: [no_return]", "aliases: []")
    assert find_in({"pump.yaml": excused, "old_pump.yaml": other}) == ["old_pump.yaml:6:13: R006"]
