from __future__ import annotations

import pytest
from decks import ANOMALOUS, NORMAL
from hypothesis import given, settings
from hypothesis import strategies as st

from physprior.eval.predictions import Prediction
from physprior.eval.report.cards.trouble import confidences, trouble
from physprior.eval.scoring.answers import Answer, read

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def asked(
    score: float | None,
    label: int = 1,
    *,
    text: str | None = None,
    threshold: float | None = 0.0,
    category: str = "clip",
    number: int = 0,
) -> Answer:
    line = Prediction(
        id=f"{category}-{number}",
        video="v.mp4",
        category=category,
        class_id="jam" if label else "normal",
        label=1 if label else 0,
        instance="",
        score=score,
        text=text,
    )
    return read(line, threshold)


def sure(*scores: float, threshold: float = 0.0, log_odds: bool = True) -> list[float]:
    answers = [
        asked(score, threshold=threshold, number=number) for number, score in enumerate(scores)
    ]
    return list(confidences(answers, log_odds=log_odds).values())


def test_the_score_at_its_threshold_decides_before_the_words() -> None:
    assert asked(1.0, 1, text=NORMAL).right is True


def test_words_decide_where_no_threshold_says_what_the_score_means() -> None:
    assert asked(1.0, 1, text=NORMAL, threshold=None).right is False


def test_a_video_without_a_score_among_scored_ones_is_wrong_whatever_its_words_say() -> None:
    unscored = asked(None, 0, text=NORMAL)
    assert (unscored.called, unscored.right) == (None, False)
    # It claims nothing: a score that is sure and wrong goes before it.
    assert trouble(unscored, 0.0) == 1.25


def test_words_without_a_verdict_are_wrong_of_a_normal_video_too() -> None:
    assert asked(None, 0, text="Well.", threshold=None).right is False


def test_without_score_and_words_nothing_is_decided() -> None:
    nothing = asked(None, threshold=None)
    assert (nothing.right, trouble(nothing, 0.0)) == (None, -1.0)


def test_a_score_on_the_threshold_says_normal_as_everywhere() -> None:
    assert (asked(0.0, 1).right, asked(0.0, 0).right) == (False, True)


def test_the_order_is_sure_and_wrong_unsure_and_wrong_unsure_and_right_sure_and_right() -> None:
    found = [
        trouble(asked(score), confidence)
        for score, confidence in [(-9.0, 0.9), (-1.0, 0.1), (1.0, 0.1), (9.0, 0.9)]
    ]
    assert found == sorted(found, reverse=True) == pytest.approx([1.9, 1.1, 0.9, 0.1])


def test_by_words_alone_wrong_verdicts_come_before_answers_that_claim_nothing() -> None:
    said = [asked(None, text=text, threshold=None) for text in (NORMAL, "Well.", ANOMALOUS)]
    # The confidence of a score that does not decide counts for nothing.
    assert [trouble(one, 0.9) for one in said] == [1.5, 1.25, 0.5]


def test_the_usual_distance_from_the_threshold_is_half_sure() -> None:
    assert sure(-1.0, 2.0, 5.0)[1] == 0.5


def test_a_score_on_the_threshold_is_not_sure_at_all() -> None:
    assert sure(0.0, 2.0)[0] == 0.0


def test_scores_that_are_all_on_the_threshold_are_not_sure() -> None:
    assert sure(3.0, 3.0, 3.0, threshold=3.0) == [0.0, 0.0, 0.0]


def test_constant_scores_off_the_threshold_are_equally_sure() -> None:
    assert sure(3.0, 3.0, 3.0) == [0.5, 0.5, 0.5]


def test_most_scores_on_the_threshold_do_not_make_the_others_infinitely_sure() -> None:
    assert sure(0.0, 0.0, 0.0, 2.0) == [0.0, 0.0, 0.0, 0.5]


@pytest.mark.parametrize("scale", [1e-300, 1e-3, 1e300])
def test_the_scale_of_another_methods_scores_does_not_matter(scale: float) -> None:
    scores = (-4.0, -0.5, 1.0, 3.0)
    scaled = sure(*(score * scale for score in scores), log_odds=False)
    assert scaled == pytest.approx(sure(*scores, log_odds=False))


def test_the_largest_numbers_there_are_have_a_confidence() -> None:
    far, on, near = sure(-1.7e308, 1.7e308, 1.0, threshold=1.7e308, log_odds=False)
    assert 1 > far > near > on == 0


def of_two_categories(log_odds: bool) -> list[float]:
    """A category of small and one of large distances, with one distance in both."""
    answers = [
        asked(score, category=category, number=number)
        for category, scores in (("ball", (0.1, 0.1, 8.0)), ("clip", (8.0, 90.0, 90.0)))
        for number, score in enumerate(scores)
    ]
    found = confidences(answers, log_odds=log_odds)
    return [found["ball-2"], found["clip-0"]]


def test_log_odds_mean_the_same_in_every_category() -> None:
    ball, clip = of_two_categories(log_odds=True)
    assert ball == clip


def test_another_methods_scores_are_held_against_their_own_category() -> None:
    ball, clip = of_two_categories(log_odds=False)
    assert ball > 0.9
    assert clip < 0.1


@settings(max_examples=60, deadline=None)
@given(scores=st.lists(FINITE, min_size=1, max_size=9), threshold=FINITE)
def test_whatever_the_scores_further_from_the_threshold_is_never_less_sure(
    scores: list[float], threshold: float
) -> None:
    found = sure(*scores, threshold=threshold, log_odds=False)
    assert all(0 <= one <= 1 for one in found)
    by_distance = sorted(
        zip((abs(score - threshold) for score in scores), found, strict=True),
        key=lambda one: one[0],
    )
    assert [one for _, one in by_distance] == sorted(found)
