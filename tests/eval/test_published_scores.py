"""The line of published explanation scores that stands below measured ones."""

from __future__ import annotations

from decimal import Decimal

import pytest

from physprior.eval.explanations.published import published_paeval, published_scores
from physprior.eval.published import read_table


@pytest.mark.parametrize(("score", "ours"), [("SBERT", "0.824"), ("LLM", "0.777")])
def test_each_method_has_its_average_as_printed(score: str, ours: str) -> None:
    said = published_scores(score, ())
    assert said.startswith(f"{score} score as published (ICASSP, table 2; averages as printed): ")
    assert said.endswith(f", Ours {ours}")
    assert [name in said for name in ("Video-ChatGPT", "Video-LLaMA", "Video-LLaVA")] == [True] * 3


def test_beside_it_stands_the_mean_of_the_same_categories() -> None:
    rows = read_table("icassp-2").rows
    mean = sum(Decimal(rows[name].numbers[-1]) for name in ("clip", "fan")) / 2
    said = published_scores("LLM", {"clip", "fan", "toothpaste", "one of mine"})
    assert "; in brackets over the same 2 categories)" in said
    assert said.endswith(f"Ours 0.777 ({mean:.3f})")


def test_one_category_is_said_in_the_singular() -> None:
    assert "; in brackets over the one category)" in published_scores("SBERT", ["clip"])


def test_categories_that_the_table_does_not_have_add_nothing() -> None:
    assert published_scores("SBERT", ["toothpaste"]) == published_scores("SBERT", [])


def test_paeval_has_description_and_explanation_of_each_method() -> None:
    said = published_paeval()
    assert said.startswith("PAEval as published (Phys-AD, table 5; description / explanation): ")
    assert "Video-LLaMA 0.137 / 0.303" in said
    assert len(said.split(",")) == 1 + len(read_table("phys-ad-5").rows)
