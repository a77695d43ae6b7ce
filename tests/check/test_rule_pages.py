"""A rule's page is its documentation: a summary, a why, and two examples that do what they say."""

from __future__ import annotations

import inspect
import re
import textwrap
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
import yaml

from physprior.check.codes import CODES, Code
from physprior.check.page import page as documented
from physprior.check.rule import Rule
from physprior.check.rules import rules
from physprior.check.rules.diluted_verdict import percent
from physprior.check.run import check_bytes
from physprior.knowledge.codes import CODES as READING_CODES
from physprior.knowledge.source import parse_source

NAMED = Path("clip.yaml")
# Templates have examples of their own kind, held to in test_template_rules.py.
RULES = [rule for rule in rules() if rule.template is None]
OF_COMMENTS = {"T009"}
"""Rules about comments, which no data holds; they have tests of their own."""
OF_ENTRIES = [rule for rule in RULES if rule.entry and rule.code not in OF_COMMENTS]
OF_SUPPRESSIONS = [rule for rule in RULES if rule.suppressions]
BY_CODE = [pytest.param(rule, id=rule.code) for rule in RULES]


def page(rule: Rule) -> str:
    return inspect.cleandoc(rule.page or "")


def example(rule: Rule, label: str) -> str:
    """The indented text below ``Fails:`` or ``Passes:``."""
    found = re.search(rf"^{label}:\n\n((?: {{4}}.*\n?|\n)+)", page(rule), re.MULTILINE)
    assert found, f"{rule.code} has no example under {label}"
    return textwrap.dedent(found[1]).strip("\n") + "\n"


def laid_over(base: Any, fragment: Any) -> Any:
    """``base`` with what a fragment says: by key and by number of the item, keeping the rest."""
    if isinstance(base, dict) and isinstance(fragment, dict):
        both = {key: laid_over(base.get(key), value) for key, value in fragment.items()}
        return base | both
    if isinstance(base, list) and isinstance(fragment, list):
        return [
            old if new is None else laid_over(old, new) for old, new in zip_longest(base, fragment)
        ]
    return fragment


def entry_with(fragment: str, clip: str) -> bytes:
    base, said = (parse_source(NAMED, text.encode()).data for text in (clip, fragment))
    return yaml.safe_dump(laid_over(base, said), sort_keys=False, allow_unicode=True).encode()


def fired(data: bytes) -> set[str]:
    return {found.code for found in check_bytes(NAMED, data)}


@pytest.mark.parametrize("rule", BY_CODE)
def test_a_page_begins_with_a_summary_of_one_sentence(rule: Rule) -> None:
    summary = page(rule).splitlines()[0]
    assert re.fullmatch(r"[A-Z].{15,}\.", summary)


@pytest.mark.parametrize("rule", BY_CODE)
def test_a_page_says_why_before_its_examples(rule: Rule) -> None:
    why = page(rule).partition("\n")[2].partition("Fails:")[0]
    assert len(why.split()) >= 20


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.code) for rule in OF_ENTRIES])
def test_its_failing_example_breaks_this_rule_and_no_other(rule: Rule, clip: str) -> None:
    assert fired(entry_with(example(rule, "Fails"), clip)) == {rule.code}


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.code) for rule in OF_ENTRIES])
def test_its_passing_example_breaks_no_rule(rule: Rule, clip: str) -> None:
    assert fired(entry_with(example(rule, "Passes"), clip)) == set()


@pytest.mark.parametrize("label", ["Fails", "Passes"])
@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.code) for rule in OF_SUPPRESSIONS])
def test_the_examples_of_suppressions_stand_as_they_are_typed(
    rule: Rule, label: str, clip: str
) -> None:
    text = clip.replace("id: clip\n", example(rule, label), 1)
    assert fired(text.encode()) == ({rule.code} if label == "Fails" else set())


@pytest.mark.parametrize("rule", BY_CODE)
def test_the_two_examples_differ(rule: Rule) -> None:
    assert example(rule, "Fails") != example(rule, "Passes")


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.13, "13%"), (0.196, "19.6%"), (0.1999, "19.9%"), (0.2, "20%"), (0.204, "20%")],
)
def test_a_share_below_the_least_never_reads_as_the_least(share: float, said: str) -> None:
    assert percent(share) == said


def test_no_two_kinds_of_finding_share_a_code_or_a_name() -> None:
    assert len({kind.name for kind in CODES.values()}) == len(CODES)
    assert all(code == kind.code for code, kind in CODES.items())


@pytest.mark.parametrize("rule", BY_CODE)
def test_a_code_is_a_letter_and_three_digits_and_a_name_is_words_with_hyphens(rule: Rule) -> None:
    assert re.fullmatch(r"[RTPDU]\d{3}", rule.code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)


def test_the_list_has_one_line_for_each_kind_of_finding(physprior: Any) -> None:
    done = physprior("kb", "rule")
    assert done.code == 0
    assert [line.split()[:3] for line in done.out.splitlines()] == [
        [kind.code, kind.name, kind.severity] for kind in CODES.values()
    ]


@pytest.mark.parametrize("rule", BY_CODE)
def test_a_page_is_printed_by_code_and_by_name_whatever_the_case(
    rule: Rule, physprior: Any
) -> None:
    by_code = physprior("kb", "rule", rule.code)
    assert by_code.code == 0
    assert by_code.out.startswith(f"{rule.code} {rule.name} ({rule.severity}")
    assert page(rule) in by_code.out
    assert (
        by_code == physprior("kb", "rule", rule.name) == physprior("kb", "rule", rule.code.lower())
    )


def test_what_the_reader_finds_has_a_page_too(physprior: Any) -> None:
    done = physprior("kb", "rule", "unknown-key")
    assert done.out.startswith("S012 unknown-key (error)\n\nA key that the schema does not know")


@pytest.mark.parametrize("code", READING_CODES, ids=lambda code: code.code)
def test_a_page_of_what_the_reader_finds_says_what_to_do(code: Code) -> None:
    assert code.advice
    assert f"What to do: {code.advice}." in " ".join(documented(code.code).split())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("unknown-phrase", "unknown-phase"), ("R01", "R001"), ("hedgeing", "hedging")],
)
def test_an_unknown_rule_is_answered_with_the_one_that_was_meant(
    typed: str, meant: str, physprior: Any
) -> None:
    done = physprior("kb", "rule", typed)
    assert (done.code, done.out) == (2, "")
    assert f"did you mean '{meant}'?" in done.err
