"""What a model drafted is found until a person has reviewed it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from physprior.check.rules.unreviewed_draft import RULE
from physprior.check.run import check_bytes

NAMED = Path("clip.yaml")
LINE = "    - The jaws part while the clip is pressed and meet again once it is let go.\n"


def found(text: str) -> list[tuple[int, str]]:
    return [(one.line, one.code) for one in check_bytes(NAMED, text.encode())]


def line_of(text: str, words: str) -> int:
    return text[: text.index(words)].count("\n") + 1


@pytest.mark.parametrize(
    "comment",
    [
        "# draft: review me",
        "# draft: review me (model qwen3:8b)",
        "#draft: review me",
        "# Draft: review me",
    ],
)
def test_a_drafted_sentence_of_a_reviewed_entry_is_an_error_on_its_own_line(
    clip: str, comment: str
) -> None:
    text = clip.replace(LINE, f"    {comment}\n{LINE}")
    assert found(text) == [(line_of(text, "The jaws part"), "T009")]


def test_each_is_found_a_key_and_a_phase_as_well(clip: str) -> None:
    mark = "# draft: review me\n"
    text = clip.replace("    properties:\n", f"    {mark}    properties:\n")
    text = text.replace(
        "      - id: release\n", f"      {mark}\n      # here\n      - id: release\n"
    )
    assert [code for _, code in found(text)] == ["T009", "T009"]
    assert line_of(text, "- id: release") in [line for line, _ in found(text)]


def test_in_a_draft_the_comments_are_welcome(clip: str) -> None:
    text = clip.replace("status: reviewed", "status: draft").replace(
        LINE, f"    # draft: review me\n{LINE}"
    )
    assert found(text) == []


@pytest.mark.parametrize("comment", ["# a draft: review me", "# review me", "# drafty: review me"])
def test_another_comment_is_none_of_them(clip: str, comment: str) -> None:
    assert found(clip.replace(LINE, f"    {comment}\n{LINE}")) == []


def test_the_words_within_a_sentence_are_no_comment(clip: str) -> None:
    text = clip.replace(
        LINE, LINE.replace("The jaws", '"draft: review me # The jaws').replace(".\n", '."\n')
    )
    assert "T009" not in [code for _, code in found(text)]


def test_a_comment_at_the_end_of_the_file_is_found_too(clip: str) -> None:
    assert [code for _, code in found(f"{clip}# draft: review me\n")] == ["T009"]


@pytest.mark.parametrize(("label", "codes"), [("Fails", ["T009"]), ("Passes", [])])
def test_the_examples_of_its_page_do_what_they_say(clip: str, label: str, codes: list[str]) -> None:
    example = re.search(rf"^{label}:\n\n((?: {{4}}.*\n)+)", RULE.page or "", re.M)
    assert example
    typed = re.sub("^ {4}", "", example[1], flags=re.M)
    assert [code for _, code in found(clip.replace("name: spring clip\n", typed, 1))] == codes
