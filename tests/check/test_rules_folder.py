"""``docs/rules``: a page for each code of the check, made from what the rules say themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from physprior.check.codes import CODES
from physprior.check.page import page
from physprior.check.pages import INDEX, pages, write_pages

FOLDER = Path(__file__).resolve().parents[2] / "docs/rules"


def test_the_folder_is_what_the_rules_make_of_it() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    remedy = "run: python -m physprior.check.pages docs/rules"
    assert sorted(written) == sorted(pages()), remedy
    assert [name for name, text in pages().items() if written[name] != text] == [], remedy


@pytest.mark.parametrize("code", CODES)
def test_a_code_s_page_says_what_kb_rule_says(code: str) -> None:
    written = pages()[f"{code}.md"]
    assert written.startswith(f"# {code} {CODES[code].name}\n")
    said = [line.strip() for line in page(code).splitlines()[1:] if line.strip()]
    assert [line.strip() for line in written.splitlines() if line.strip() in said] == said


def test_an_example_stands_between_fences_of_its_language() -> None:
    assert (
        "\nFails:\n\n```yaml\nanomalies:\n  - violates: [press, releas]\n```\n"
        in pages()["R001.md"]
    )
    assert "```jinja\n{% user %}" in pages()["J001.md"]


def test_the_index_leads_to_every_page() -> None:
    assert all(
        f"| [{code}]({code}.md) | `{CODES[code].name}` |" in pages()[INDEX] for code in CODES
    )


def test_a_page_of_no_code_any_more_is_removed_and_a_person_s_file_is_not(tmp_path: Path) -> None:
    (tmp_path / "X999.md").write_text("old")
    (tmp_path / "notes.md").write_text("mine")
    write_pages(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*pages(), "notes.md"])
