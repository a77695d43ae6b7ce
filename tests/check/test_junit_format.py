"""``--format junit`` is XML whose testcases are the files, as CI servers read it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from hypothesis import given, settings
from made_findings import ANY_NAME, ANY_TEXT, finding, result

from physprior.check.formats.junit import render
from physprior.paths import kb_folder

Command = Callable[..., Any]


def test_each_file_is_a_testcase_and_one_with_findings_fails() -> None:
    suites = ElementTree.fromstring(render(result(finding(), files=("kb/fan.yaml",))))
    cases = suites.findall("./testsuite/testcase")
    assert [(case.get("name"), len(case)) for case in cases] == [
        ("kb/clip.yaml", 1),
        ("kb/fan.yaml", 0),
    ]
    for counted in (suites, suites[0]):
        assert (counted.get("tests"), counted.get("failures")) == ("2", "1")


def test_a_failure_shows_all_findings_of_its_file_as_check_does() -> None:
    found = [finding(), finding(message="another", at=(2, 1, 2, 2))]
    checked = result(*found)
    (failure,) = ElementTree.fromstring(render(checked)).iter("failure")
    assert failure.text == "\n\n".join(checked.full(one) for one in sorted(found))
    assert failure.get("message") == "2 problems, the first: S012 another"


def test_the_type_of_a_failure_is_the_worst_in_the_file() -> None:
    def kind(*severities: Any) -> str | None:
        found = [
            finding(at=(2, column, 2, 9), severity=severity)
            for column, severity in enumerate(severities, 1)
        ]
        (failure,) = ElementTree.fromstring(render(result(*found))).iter("failure")
        return failure.get("type")

    assert kind("warning", "error", "warning") == "error"
    assert kind("warning") == "warning"


@settings(max_examples=60, deadline=None)
@given(name=ANY_NAME, message=ANY_TEXT)
def test_whatever_a_file_is_called_and_a_finding_says_the_xml_can_be_read(
    name: str, message: str
) -> None:
    written = render(result(finding(f"kb/{name}x", message)))
    assert written.isascii()
    assert len(list(ElementTree.fromstring(written).iter("failure"))) == 1


def test_what_xml_cannot_hold_is_seen_to_be_missing() -> None:
    written = render(result(finding("kb/\x1b[31m\udce9.yaml", "a\x00b\ufffec <&>\"'")))
    (case,) = ElementTree.fromstring(written).iter("testcase")
    assert case.get("name") == "kb/\ufffd[31m\ufffd.yaml"
    assert "a\ufffdb\ufffdc <&>\"'" in (case[0].text or "")


def test_a_clean_check_has_a_passing_testcase_for_each_file(physprior: Command) -> None:
    done = physprior("check", kb_folder(), "--format", "junit")
    suites = ElementTree.fromstring(done.out)
    count = str(len([*kb_folder().glob("*.yaml")]))
    assert (done.code, suites.get("tests"), suites.get("failures")) == (0, count, "0")
    assert list(suites.iter("failure")) == []
    assert Path(next(suites.iter("testcase")).get("name", "")).parent == kb_folder()
