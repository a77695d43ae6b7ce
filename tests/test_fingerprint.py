from __future__ import annotations

from physprior import fingerprint


def test_one_more_option_moves_only_the_choices_that_go_to_it() -> None:
    keys = [str(number) for number in range(500)]
    before = {key: fingerprint.pick(5, "seed", key) for key in keys}
    after = {key: fingerprint.pick(6, "seed", key) for key in keys}
    moved = [key for key in keys if before[key] != after[key]]
    assert moved
    assert all(after[key] == 5 for key in moved)


def test_choices_are_spread_over_the_options() -> None:
    chosen = [fingerprint.pick(5, "seed", str(number)) for number in range(1000)]
    assert all(150 < chosen.count(option) < 250 for option in range(5))


def test_json_is_recognised_whatever_its_layout() -> None:
    assert fingerprint.of_json({"a": 1, "b": 2}) == fingerprint.of_json({"b": 2, "a": 1})
    assert fingerprint.of_json({"a": 1}) != fingerprint.of_json({"a": 2})
