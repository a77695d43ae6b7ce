"""What breaks the schema is said once, at its place, with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from physprior.knowledge.diagnostic import Diagnostic
from physprior.knowledge.source import parse_source
from physprior.knowledge.validation import did_you_mean, validate


def findings(text: str) -> list[Diagnostic]:
    source = parse_source(Path("clip.yaml"), text.encode())
    assert source.diagnostics == ()
    return validate(source)[1]


def only(text: str) -> Diagnostic:
    (found,) = findings(text)
    return found


def test_a_valid_entry_gives_a_category_and_no_finding(entry_text: str) -> None:
    category, found = validate(parse_source(Path("clip.yaml"), entry_text.encode()))
    assert category is not None
    assert category.anomalies[0].violates == ("press",)
    assert found == []


@pytest.mark.parametrize(
    ("right", "wrong", "code", "line", "column", "message", "remedy"),
    [
        (
            "  motion:\n",
            "  motoin:\n",
            ("S012", "unknown-key"),
            15,
            3,
            "unknown key 'motoin' in prior",
            "did you mean 'motion'?",
        ),
        (
            "name: spring clip\n",
            "name: spring clip\ncolour: red\n",
            ("S012", "unknown-key"),
            3,
            1,
            "unknown key 'colour'",
            "the keys here are id, name, aliases, status, interaction, prior, normal, anomalies",
        ),
        (
            "    onset: persistent\n",
            "",
            ("S013", "missing-key"),
            25,
            5,
            "the key 'onset' is missing in anomalies[unable_to_press]",
            "add 'onset:' among its keys",
        ),
        (
            "    statement: The jaws open and close.\n",
            "",
            ("S013", "missing-key"),
            12,
            3,
            "the key 'statement' is missing in prior.subject",
            "add 'statement:' among its keys",
        ),
        (
            "name: spring clip\n",
            "",
            ("S013", "missing-key"),
            1,
            1,
            "the key 'name' is missing",
            "add 'name:' among its keys",
        ),
        (
            "explanations: [a, b, c, d, e]\n  references: [a, b]\nanomalies",
            "explanations: [a, b, c]\n  references: [a, b]\nanomalies",
            ("S015", "too-few"),
            22,
            3,
            "normal.explanations has 3 sentences; at least 5 are needed",
            "add 2 more",
        ),
        (
            "    violates: [press]\n",
            "    violates: []\n",
            ("S015", "too-few"),
            27,
            5,
            "anomalies[unable_to_press].violates has no items; at least 1 is needed",
            "add 1 more",
        ),
        (
            "  - id: unable_to_press\n",
            "  - id: Unable-to press\n",
            ("S016", "bad-id"),
            25,
            9,
            "anomalies[Unable-to press].id is 'Unable-to press', which is no id",
            "use lower-case words joined by underscores, such as 'unable_to_press'",
        ),
        (
            "    onset: persistent\n",
            "    onset: Persistant\n",
            ("S017", "bad-value"),
            28,
            12,
            "anomalies[unable_to_press].onset is 'Persistant'; "
            "it must be 'persistent' or 'intermittent'",
            "did you mean 'persistent'?",
        ),
        (
            "status: reviewed\n",
            "status: no\n",
            ("S017", "bad-value"),
            3,
            9,
            "status is 'no'; it must be 'draft' or 'reviewed'",
            "write 'draft' or 'reviewed'",
        ),
        (
            "    statement: The spring is elastic.\n",
            "    statement:\n",
            ("S018", "empty-value"),
            11,
            5,
            "prior.component.statement is empty",
            "write what belongs here",
        ),
        (
            "name: spring clip\n",
            "name: '  '\n",
            ("S018", "empty-value"),
            2,
            1,
            "name is empty",
            "write what belongs here",
        ),
        (
            "name: spring clip\n",
            "name: spring clip\naliases:\n",
            ("S018", "empty-value"),
            3,
            1,
            "aliases is empty",
            "write what belongs here, or delete the key",
        ),
        (
            "    violates: [press]\n",
            "    violates: press\n",
            ("S014", "wrong-type"),
            27,
            15,
            "anomalies[unable_to_press].violates is text, where a list is needed",
            "write each item on a line of its own, beginning with '- '",
        ),
        (
            "name: spring clip\n",
            "name: [spring, clip]\n",
            ("S014", "wrong-type"),
            2,
            7,
            "name is a list, where text is needed",
            "write one text, without '- ' or brackets",
        ),
        (
            "status: reviewed\n",
            "status: [reviewed]\n",
            ("S014", "wrong-type"),
            3,
            9,
            "status is a list, where one word is needed",
            "write one text, without '- ' or brackets",
        ),
        (
            "interaction:\n  actuator: gripper\n  actions: [press]\n",
            "interaction: gripper\n",
            ("S014", "wrong-type"),
            4,
            14,
            "interaction is text, where a mapping of keys is needed",
            "write its keys below it, indented: actuator, actions",
        ),
    ],
)
def test_a_breach_is_one_finding_with_place_and_remedy(
    entry_text: str,
    right: str,
    wrong: str,
    code: tuple[str, str],
    line: int,
    column: int,
    message: str,
    remedy: str,
) -> None:
    assert entry_text.count(right) == 1
    found = only(entry_text.replace(right, wrong))
    assert (found.code, found.name) == code
    assert (found.line, found.column) == (line, column)
    assert found.message == message
    assert found.remedy == remedy
    assert found.severity == "error"


def test_a_sentence_with_an_unquoted_colon_in_a_list_is_explained(entry_text: str) -> None:
    text = entry_text.replace(
        "  descriptions: [a, b, c]\n  explanations: [a, b, c, d, e]\n  references: [a, b]\nanom",
        "  descriptions:\n    - The clip: opens\n    - b\n    - c\n"
        "  explanations: [a, b, c, d, e]\n  references: [a, b]\nanom",
    )
    found = only(text)
    assert (found.code, found.line, found.column) == ("S014", 22, 7)
    assert "normal.descriptions[1] is a mapping" in found.message
    assert "': '" in found.message
    assert "double quotes" in found.remedy


def test_an_empty_list_item_is_placed_on_its_line(entry_text: str) -> None:
    text = entry_text.replace("parts: [jaws]", "parts:\n      - jaws\n      -")
    found = only(text)
    assert (found.code, found.line) == ("S018", 15)
    assert found.message == "prior.subject.parts[2] is empty"


def test_wrong_items_do_not_count_as_too_few_as_well(entry_text: str) -> None:
    text = entry_text.replace(
        "  references: [a, b]\nanomalies", "  references: [a, [b]]\nanomalies"
    )
    assert [found.code for found in findings(text)] == ["S014"]


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ("-jaws", "write a space after each '-', and each item on a line of its own"),
        ("• jaws", "begin each item with '- ', not with '•'"),
        ("– jaws", "begin each item with '- ', not with '–'"),
        ("jaws", "write each item on a line of its own, beginning with '- '"),
    ],
)
def test_a_list_that_is_none_for_its_signs_is_told_the_right_ones(
    entry_text: str, typed: str, remedy: str
) -> None:
    found = only(entry_text.replace("parts: [jaws]", f"parts:\n      {typed}"))
    assert (found.code, found.line, found.column) == ("S014", 14, 7)
    assert found.remedy == remedy


@pytest.mark.parametrize("colon", [":", "："])
def test_keys_that_are_text_for_want_of_a_space_are_told_so(entry_text: str, colon: str) -> None:
    text = entry_text.replace("actuator: gripper\n  actions: [press]", f"actuator{colon}gripper")
    found = only(text)
    assert (found.code, found.line, found.column) == ("S014", 5, 3)
    assert found.remedy == "write 'actuator: ', with a colon and a space"


def test_an_empty_value_before_a_comment_says_that_it_is_one(entry_text: str) -> None:
    found = only(entry_text.replace("expected: The jaws open.", "expected: #3 opens."))
    assert (found.code, found.line) == ("S018", 19)
    assert found.remedy == (
        "write what belongs here; what stands behind the '#' is a comment: put the whole text "
        "between double quotes if it is meant"
    )


def test_a_misspelt_key_is_not_called_missing_too(entry_text: str) -> None:
    text = entry_text.replace("    evidence: motion\n", "    Evidense: motion\n")
    found = only(text)
    assert found.code == "S012"
    assert found.remedy == "did you mean 'evidence'?"


def test_a_key_that_resembles_a_present_one_leaves_the_missing_one_reported(
    entry_text: str,
) -> None:
    text = entry_text.replace("    onset: persistent\n", "    alias: [x]\n")
    assert [(found.code, found.line) for found in findings(text)] == [("S013", 25), ("S012", 28)]


def test_all_breaches_are_found_in_one_go_in_the_order_of_the_file(entry_text: str) -> None:
    text = (
        entry_text.replace("id: clip", "id: Clip")
        .replace("status: reviewed", "status: done")
        .replace("    onset: persistent\n", "    onset:\n")
    )
    assert [(found.code, found.line) for found in findings(text)] == [
        ("S016", 1),
        ("S017", 3),
        ("S018", 28),
    ]


def test_a_long_or_many_lined_text_is_cut_to_one_short_line_in_a_message(entry_text: str) -> None:
    text = entry_text.replace("status: reviewed", 'status: "x\\n' + "y" * 500 + '"')
    message = only(text).message
    assert "\n" not in message
    assert len(message) < 150


def test_did_you_mean_ignores_case_and_finds_nothing_in_the_unlike() -> None:
    assert did_you_mean("Motoin", ["motion", "normal"]) == "motion"
    assert did_you_mean("zzz", ["motion", "normal"]) == ""
