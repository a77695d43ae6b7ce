"""Raw judge outputs that anything may have happened to: read, or refused in words."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from physprior.errors import JudgeError
from physprior.eval.paeval.raw import read_raw
from physprior.eval.paeval.record import record
from physprior.eval.paeval.replies import RawReplies
from physprior.eval.paeval.scores import raw_scores
from physprior.knowledge.load import KnowledgeBase

Read = Callable[[bytes], RawReplies]
MARKS = {"norm": ["1", "0.85 out of 1."], "leak": ["0.2", "n/a", 0.3]}
OFFICIAL = {"ball": {"descrip": MARKS, "explain": MARKS}, "fan": {"explain": {"stuck": [".5"]}}}


@pytest.fixture
def read(tmp_path: Path, kb: KnowledgeBase) -> Read:
    def read(content: bytes) -> RawReplies:
        path = tmp_path / "raw.json"
        path.write_bytes(content)
        return read_raw(path, kb, skip_unknown=True)

    return read


def test_the_undamaged_file_is_read(read: Read) -> None:
    assert len(read(json.dumps(OFFICIAL).encode()).replies) == 11


def refused_in_words(reading: Callable[[], RawReplies]) -> None:
    """Holds where a file can be summed up and printed, or is refused with what can be printed."""
    try:
        found = raw_scores(reading(), "any")
    except JudgeError as refusal:
        error = refusal
    else:
        assert found.raw is not None
        assert len(found.unscored) == sum(one.value is None for one in found.raw.replies)
        json.dumps(record(found), allow_nan=False, ensure_ascii=False).encode("utf-8")
        return
    assert error.remedy
    error.message.encode("utf-8")


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
NAMES = st.sampled_from(["ball", "fan", "descrip", "explain", "leak", "norm", "good"]) | st.text()
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=20
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(ANYTHING)
def test_any_json_is_read_or_refused_in_words(read: Read, content: Any) -> None:
    refused_in_words(lambda: read(json.dumps(content).encode()))


@pytest.mark.slow
def test_a_file_damaged_anywhere_is_read_or_refused_in_words(read: Read) -> None:
    content, draw = json.dumps(OFFICIAL).encode(), random.Random(0)
    for _ in range(2000):
        damaged = bytearray(content)
        for _ in range(draw.randint(1, 4)):
            at = draw.randrange(len(damaged))
            damaged[at : at + draw.randint(0, 3)] = draw.randbytes(draw.randint(0, 2))
        refused_in_words(lambda content=bytes(damaged): read(content))
