"""Reading a template never raises over its content, and leaves it as it was found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from template_cases import ASK, END, TABLE, asking

from physprior.check.diagnostic import Diagnostic
from physprior.check.rules import rules
from physprior.check.template import read_template
from physprior.knowledge.text import LARGEST

RULES = {rule.code: rule for rule in rules() if rule.template is not None}


def findings(text: str | bytes, path: Path = Path("mine.j2")) -> list[Diagnostic]:
    data = text if isinstance(text, bytes) else text.encode()
    checked = read_template(path, data)
    return sorted(found for rule in RULES.values() for found in rule.on_template(checked))


@pytest.mark.parametrize(
    ("data", "place", "message"),
    [
        (b"a\nb\xff", "2:2", "the byte 0xff is not UTF-8, which is 'ÿ' in Windows-1252"),
        (b"a\x00b", "1:2", "the invisible character U+0000"),
        (b"\x02user\x1f", "1:1", "the invisible character U+0002, and 1 more like it"),
        (
            b"\xef\xbb\xbf" + (ASK + END).encode(),
            "1:1",
            "the file begins with a byte order mark, which is text outside every turn",
        ),
        (
            b"x" * (LARGEST + 1),
            "1:1",
            f"the file has more than {LARGEST:,} bytes, and no dialogue is that long",
        ),
        (
            asking("{{ " + "9" * 5000 + " }}").encode(),
            "1:17",
            "a number of 5,000 digits is more than can be read",
        ),
    ],
    ids=["utf-8", "nul", "marks", "bom", "size", "digits"],
)
def test_bytes_that_are_no_template_are_one_finding(data: bytes, place: str, message: str) -> None:
    (found,) = findings(data)
    assert (f"{found.line}:{found.column}", found.code, found.message) == (place, "J001", message)


@pytest.mark.parametrize(
    "text",
    [
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "{{ " + "[" * 30 + "1" + "]" * 30 + " }}",
        "{{ " + "-" * 5000 + "1 }}",
        "{{ 1" + "+1" * 5000 + " }}",
        "{{ prior" + ".a" * 5000 + " }}",
        "{% if prior %}" * 2000 + "x" + "{% endif %}" * 2000,
        "{% for a in category.anomalies %}" * 38 + "x" + "{% endfor %}" * 38,
    ],
    ids=["parentheses", "lists", "signs", "sums", "fields", "ifs", "loops"],
)
def test_what_is_nested_too_deep_is_a_finding(text: str) -> None:
    assert [found.code for found in findings(asking(text))] == ["J001"]


@pytest.mark.timeout(20)
def test_constants_are_not_worked_out() -> None:
    assert findings(asking("{{ 9**(9**(9**9)) }} {{ 'a'|center(10**12) }}")) == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_do_not_move_a_finding(end: str) -> None:
    text = end.join(["{% user %}", "Hi", "  {{ prior.motin }}", "{% enduser %}", END])
    (found,) = findings(text)
    assert (found.line, found.column, found.end_column) == (3, 12, 17)


PIECES = [
    *("{% user %}", "{% enduser %}", "{% assistant %}", "{% endassistant %}", "{% part motion %}"),
    *("{% part verdict %}", "{% endpart %}", "{{ verdict }}", "{% if prior %}", "{% else %}"),
    *("{% endif %}", "{% for a in category.anomalies %}", "{% endfor %}", "{{ a.b[0].c }}", "\n"),
    *("{% set a = prior %}", "{% set b %}", "{% endset %}", "{{", "}}", "{%", "%}", "{#", "#}"),
    *("'", "|map(attribute='x')", "{%- raw -%}", "{% endraw %}", "é", " x ", "{% elif 1 %}", "("),
    *("{% macro m(a) %}", "{% endmacro %}", "{{ m() }}", "{% block b %}", "{% endblock %}", ")"),
    *("{% call m() %}", "{% endcall %}", "{% filter upper %}", "{% endfilter %}", "[", "]", "~"),
    *("{% with a = 1 %}", "{% endwith %}", "{% include a %}", "{% import 'x' as y %}", "is not"),
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_no_text_makes_reading_or_a_rule_raise(text: str) -> None:
    lines = text.splitlines()
    for found in findings(text):
        assert found.message
        assert found.remedy
        assert 1 <= found.line <= max(len(lines), 1)
        assert 1 <= found.column <= len(lines[found.line - 1] if lines else "") + 1


def test_what_a_rule_finds_does_not_depend_on_the_rules_before_it() -> None:
    for text, *_ in TABLE:
        checked = read_template(Path("mine.j2"), text.encode())
        found = {code: list(rule.on_template(checked)) for code, rule in RULES.items()}
        assert found == {code: list(RULES[code].on_template(checked)) for code in RULES}
        for code, rule in RULES.items():
            alone = read_template(Path("mine.j2"), text.encode())
            assert list(rule.on_template(alone)) == found[code]


def test_rules_are_loaded_without_jinja() -> None:
    script = "import sys; from physprior.check.rules import rules; rules(); assert len(rules()) > 5"
    command = f"{script}; import physprior.check.template; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", command], check=False).returncode == 0
