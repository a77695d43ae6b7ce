"""How numbers are written: never surer than they are, and n/a for what means nothing."""

from __future__ import annotations

import pytest

from physprior.eval.report.words import estimate, interval, number, scale
from physprior.stats import Estimate, Interval


def between(low: float, high: float) -> Interval:
    return Interval(low, high, "by hand")


def test_an_estimate_stands_with_its_interval() -> None:
    assert estimate(Estimate(0.8941, 40, between(0.8712, 0.9099))) == "0.894 [0.87, 0.91]"


@pytest.mark.parametrize(
    ("low", "high", "written"),
    [
        (0.509, 0.991, "[0.50, 1.00]"),
        (0.29, 0.57, "[0.29, 0.57]"),
        (-0.031, -0.001, "[-0.04, 0.00]"),
        (0.0, 1.0, "[0.00, 1.00]"),
        (0.8992, 0.9105, "[0.899, 0.911]"),
        (-0.00301, -0.0009, "[-0.004, 0.000]"),
        (1e-300, 5e-5, "[0.000, 0.001]"),
    ],
)
def test_an_interval_is_rounded_outwards(low: float, high: float, written: str) -> None:
    assert interval(between(low, high)) == written


def test_an_estimate_without_interval_is_a_number_alone() -> None:
    assert estimate(Estimate(0.5, 2)) == "0.500"


@pytest.mark.parametrize("found", [None, Estimate(None, 12)])
def test_what_has_no_meaning_is_not_available(found: Estimate | None) -> None:
    assert estimate(found) == "n/a"


def test_nothing_but_zeros_has_no_sign() -> None:
    assert [number(value) for value in (-0.0, -0.0004, -0.0006)] == ["0.000", "0.000", "-0.001"]


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0, "0"), (-0.0, "0"), (-1.25, "-1.250"), (2.5e-9, "2.5e-09"), (-1e308, "-1e+308")],
)
def test_a_score_of_any_size_can_be_read(value: float, written: str) -> None:
    assert scale(value) == written
