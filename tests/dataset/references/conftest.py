from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from labelled import Write

from physprior.dataset.label_file import read_labels
from physprior.dataset.references import (
    References,
)
from physprior.knowledge.load import KnowledgeBase


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(content: Any, *, encoding: str = "utf-8") -> Path:
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        path = tmp_path / "label.json"
        path.write_bytes(text.encode(encoding))
        return path

    return write


@pytest.fixture
def read(write: Write, kb: KnowledgeBase) -> Callable[..., References]:
    def read(content: Any, *, encoding: str = "utf-8", **options: Any) -> References:
        return read_labels(write(content, encoding=encoding), kb, **options)

    return read
