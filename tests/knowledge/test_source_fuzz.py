"""Whatever bytes a file holds, reading and checking it ends in findings and never in a crash."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from physprior.knowledge.source import parse_source
from physprior.knowledge.validation import validate

FILE = Path("clip.yaml")
SIGNS = [": ", ":", "- ", "? ", ",", "[", "]", "{", "}", "'", '"', "|", ">-", "#", "%", "\\", "@"]
WORDS = ["a", "id", "normal", "ü", "&x", "*x", "!t", "---", "..."]
BREAKS = ["\n", "\n  ", "\n    ", "\r\n", "\t"]
PIECES = st.sampled_from([*SIGNS, *WORDS, *BREAKS])


@pytest.mark.parametrize("parser", [yaml.CSafeLoader, yaml.SafeLoader])
@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(PIECES, max_size=25))
def test_any_text_gives_a_usable_entry_or_a_finding_inside_it(
    parser: type, pieces: list[str]
) -> None:
    source = parse_source(FILE, "".join(pieces).encode(), parser=parser)
    category, broken = validate(source)
    findings = [*source.diagnostics, *broken]
    assert category is not None or findings
    for found in findings:
        assert 1 <= found.line <= len(source.lines) + 1
        assert found.column >= 1
        assert "\n" not in found.message
        assert found.remedy
        assert found.full(source.lines)


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=60))
def test_any_bytes_give_a_source(data: bytes) -> None:
    source = parse_source(FILE, data)
    assert source.data is not None or source.diagnostics
