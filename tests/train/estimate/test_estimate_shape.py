"""The 7B's public shape, which stands for its config where that is not at hand."""

from __future__ import annotations

from physprior.train.estimate.base import open_base
from physprior.vlm.machine import HUB_BASE


def test_the_7b_has_seven_billion_parameters_and_two_towers_of_300_million() -> None:
    base = open_base(HUB_BASE)
    assert base is not None
    assert base.total == 7_366_279_168
    assert base.parameters["language layers"] == 32 * (4 * 4096**2 + 3 * 4096 * 11008)
    assert base.parameters["video tower"] == base.parameters["image tower"] == 303_179_776


def test_the_7b_sees_257_tokens_of_a_frame_and_holds_4096() -> None:
    base = open_base(HUB_BASE)
    assert base is not None
    assert (base.tokens_per_frame, base.context, base.at_hand) == (257, 4096, False)


def test_a_base_that_is_not_there_has_no_sizes() -> None:
    assert open_base("no/such/folder") is None
