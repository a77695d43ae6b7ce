from __future__ import annotations

from physprior import fingerprint


def test_one_more_option_moves_only_the_choices_that_go_to_it() -> None:
    keys = [str(number) for number in range(500)]
    before = {key: "abcde"[fingerprint.pick("abcde", "seed", key)] for key in keys}
    after = {key: "axbcde"[fingerprint.pick("axbcde", "seed", key)] for key in keys}
    moved = [key for key in keys if before[key] != after[key]]
    assert moved
    assert all(after[key] == "x" for key in moved)


def test_the_order_of_the_options_does_not_matter() -> None:
    for key in map(str, range(50)):
        assert "abcde"[fingerprint.pick("abcde", key)] == "ecbda"[fingerprint.pick("ecbda", key)]


def test_choices_are_spread_over_the_options() -> None:
    chosen = [fingerprint.pick("abcde", "seed", str(number)) for number in range(1000)]
    assert all(150 < chosen.count(option) < 250 for option in range(5))


def test_json_is_recognised_whatever_its_layout() -> None:
    assert fingerprint.of_json({"a": 1, "b": 2}) == fingerprint.of_json({"b": 2, "a": 1})
    assert fingerprint.of_json({"a": 1}) != fingerprint.of_json({"a": 2})
