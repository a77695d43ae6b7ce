"""Both tutorials, followed word for word in an empty folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from tutorial_session import Session

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.slow
def test_a_category_is_added_as_the_page_says(tmp_path: Path) -> None:
    Session(tmp_path).follow(DOCS / "add-a-category.md")


@pytest.mark.slow
@pytest.mark.timeout(1800)  # it films, and trains three times
def test_the_whole_loop_goes_as_the_page_says(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.follow(DOCS / "add-a-category.md")
    session.follow(DOCS / "the-whole-loop.md")
