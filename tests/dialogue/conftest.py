from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from mapped import CLIP, END, LIBRARY, MapOf

from physprior.dialogue import Templates
from physprior.dialogue.source_map import Fragment, SourceMap, source_map
from physprior.knowledge.load import Entry, load_entry


@pytest.fixture(scope="module")
def clip() -> Entry:
    return load_entry(CLIP)


@pytest.fixture
def map_of(tmp_path: Path, clip: Entry) -> MapOf:
    """The source map of a template text, with a library beside it."""

    def make(text: str, class_id: str = "unable_to_press", index: int = 2) -> SourceMap:
        (tmp_path / "library.j2").write_text(LIBRARY)
        (tmp_path / "mine.j2").write_text(text)
        return source_map(Templates(tmp_path), clip, "mine", class_id, index)

    return make


@pytest.fixture
def asked(map_of: MapOf) -> Callable[[str], list[Fragment]]:
    """The fragments of a user turn with this text."""

    def make(text: str) -> list[Fragment]:
        made = map_of(f"{{% user %}}{text}{{% enduser %}}{END}")
        return list(made.turns[0].parts[0].fragments)

    return make
