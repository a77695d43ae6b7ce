"""A check as JUnit's XML, which CI servers show as tests: one for each file."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from physprior.check.diagnostic import Diagnostic
from physprior.check.run import Result, count

_SUITE = "physprior check"
# What XML 1.0 cannot hold, even as a reference: a file's name or a quoted text may.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(result: Result) -> str:
    """The document, in ASCII: one testcase a file, with one failure that lists its findings.

    One failure, because most servers show no second one of a testcase.
    """
    by_file = {
        path: list(found) for path, found in groupby(result.diagnostics, lambda one: one.path)
    }
    totals = {"tests": str(len(result.files)), "failures": str(len(by_file)), "errors": "0"}
    suites = Element("testsuites", {"name": _SUITE, **totals})
    suite = SubElement(suites, "testsuite", {"name": _SUITE, **totals, "skipped": "0", "time": "0"})
    for path in result.files:
        _case(suite, path, by_file.get(path, []), result)
    indent(suites)
    written: bytes = tostring(suites, encoding="us-ascii", xml_declaration=False)
    return '<?xml version="1.0" encoding="us-ascii"?>\n' + written.decode("ascii")


def _case(suite: Element, path: Path, found: list[Diagnostic], result: Result) -> None:
    name = _legal(str(path))
    case = SubElement(
        suite, "testcase", {"classname": _SUITE, "name": name, "file": name, "time": "0"}
    )
    if not found:
        return
    kind = "error" if any(one.severity == "error" for one in found) else "warning"
    said = f"{count(len(found), 'problem')}, the first: {found[0].code} {found[0].message}"
    failure = SubElement(case, "failure", {"type": kind, "message": _legal(said)})
    failure.text = _legal("\n\n".join(result.full(one) for one in found))


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
