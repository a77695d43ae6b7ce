"""How a text is spelt: plain only where every reader of YAML takes it for the text that it is."""

from __future__ import annotations

import pytest
import yaml

from physprior.edit.scalar import is_plain, spellings

VALUES = ["no", "Yes", "off", "true", "null", "1", "1.10", "0x1F", "2026-11-22", "12:30:45"]


@pytest.mark.parametrize("text", VALUES)
def test_what_another_reader_takes_for_a_value_stands_in_quotation_marks(text: str) -> None:
    assert not isinstance(yaml.safe_load(text), str)
    first = next(spellings(text, "plain", start=0, indent=2))
    assert yaml.safe_load(first) == text


@pytest.mark.parametrize("text", ["a: b", "a #b", "- a", "a ", "&a", "*a", "", "a:"])
def test_what_yaml_would_cut_is_not_plain(text: str) -> None:
    assert not is_plain(text)


@pytest.mark.parametrize("text", ["The plate follows.", "1 plate", "ö", "no plate"])
def test_a_text_is_plain_if_it_is_read_as_it_is(text: str) -> None:
    assert is_plain(text)
