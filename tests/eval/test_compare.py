"""Two runs beside each other: only what both have scored counts, each test as it should be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from two_runs import NO, YES, Read, category, noisy, rows, scores_of, words

from physprior.errors import PredictionError
from physprior.eval.compare import compare_all, compare_runs
from physprior.eval.predictions import Predictions
from physprior.eval.thresholds import fixed
from physprior.stats import auroc, compare_auroc, holm

# What is compared


def test_the_difference_is_the_other_less_the_reference(read: Read) -> None:
    a = read(rows("clip", [0.0, 3.0], [1.0, 2.0]))
    b = read(rows("clip", [0.0, 1.5], [1.0, 2.0]), "b.jsonl")
    clip = category(compare_runs(a, b), "clip")
    assert (clip.reference.value, clip.other.value) == (0.5, 0.75)
    assert clip.ranking.difference == 0.25


def test_a_category_is_compared_as_the_statistics_compare_its_scores(read: Read) -> None:
    one, other = noisy("clip", 1.0, 1), noisy("clip", 1.5, 2)
    found = category(compare_runs(read(one), read(other, "b.jsonl")), "clip")
    labels = [0] * 15 + [1] * 45
    assert found.ranking == compare_auroc(labels, scores_of(one), scores_of(other))


def test_macro_is_the_mean_of_the_categories_and_pooled_ranks_all_videos(read: Read) -> None:
    a = rows("clip", [0.0], [1.0]) + rows("fan", [9.0, 8.0], [5.0])
    b = rows("clip", [1.0], [0.0]) + rows("fan", [9.0, 4.0], [5.0])
    found = compare_runs(read(a), read(b, "b.jsonl"))
    assert (found.macro.reference.value, found.macro.other.value) == (0.5, 0.25)
    assert found.pooled.reference.value == auroc([0, 1, 0, 0, 1], scores_of(a))
    assert found.pooled.other.value == auroc([0, 1, 0, 0, 1], scores_of(b))


def test_a_video_that_either_run_skipped_leaves_both_and_is_counted(read: Read) -> None:
    a = read(rows("clip", [0.0, 5.0, 0.0], [1.0, 1.0]))
    b = read(rows("clip", [0.0, None, 0.0], [1.0, None]), "b.jsonl")
    clip = category(compare_runs(a, b), "clip")
    assert (clip.normal, clip.anomalous, clip.left) == (2, 1, 2)
    assert clip.reference.value == 1.0  # the normal video above all others is gone from A, too
    assert "2 of 5 videos left both rankings" in words(compare_runs(a, b))
    assert compare_runs(b, a).pooled.left == 2


def test_a_video_without_a_score_leaves_the_ranking_but_not_the_words(read: Read) -> None:
    a, b = (read(rows("clip", [-1.0, -2.0], [1.0, 2.0]), name) for name in ("a.jsonl", "b.jsonl"))
    first, *rest = b.predictions
    b = replace(b, predictions=(first.model_copy(update={"score": None}), *rest))
    clip = category(compare_runs(a, b), "clip")
    assert (clip.normal, clip.anomalous, clip.left) == (1, 2, 1)
    assert clip.verdicts is not None
    assert clip.verdicts.n == 4


def test_order_of_the_lines_does_not_matter(read: Read) -> None:
    a, b = read(noisy("clip", 1.0, 1)), read(noisy("clip", 1.5, 2), "b.jsonl")
    turned = replace(b, predictions=b.predictions[::-1])
    assert compare_runs(a, turned).categories == compare_runs(a, b).categories


def test_videos_of_one_object_are_tested_together_once_there_are_ten_objects(read: Read) -> None:
    def by_object(file: Predictions, objects: int) -> Predictions:
        lines = [
            line.model_copy(update={"instance": f"o{place % objects}"})
            for place, line in enumerate(file.predictions)
        ]
        return replace(file, predictions=tuple(lines))

    a, b = read(noisy("clip", 1.0, 1)), read(noisy("clip", 1.5, 2), "b.jsonl")
    plain = category(compare_runs(a, b), "clip").ranking
    few, many = (
        category(compare_runs(by_object(a, n), by_object(b, n)), "clip").ranking for n in (9, 12)
    )
    assert (few.p, few.method) == (plain.p, plain.method)
    assert many.p != plain.p
    assert "by instance" in many.method


def test_objects_of_two_categories_are_two_though_they_are_called_the_same(read: Read) -> None:
    def numbered(file: Predictions) -> Predictions:
        counts: dict[str, int] = {}
        lines = []
        for line in file.predictions:
            counts[line.category] = counts.get(line.category, -1) + 1
            lines.append(line.model_copy(update={"instance": str(counts[line.category] % 6)}))
        return replace(file, predictions=tuple(lines))

    one = noisy("clip", 1.0, 1) + noisy("fan", 1.0, 1)
    other = noisy("clip", 1.5, 2) + noisy("fan", 1.5, 2)
    found = compare_runs(numbered(read(one)), numbered(read(other, "b.jsonl")))
    assert "by instance" in found.pooled.ranking.method  # twelve objects, not six
    assert "by instance" not in category(found, "clip").ranking.method


# Corrections


def test_holm_corrects_over_the_categories(read: Read) -> None:
    names = ("ball", "clip", "fan")
    a = [row for name in names for row in noisy(name, 0.5, 1)]
    b = [row for name in names for row in noisy(name, 1.2, 2)]
    found = compare_runs(read(a), read(b, "b.jsonl")).categories
    assert [one.holm for one in found] == holm([one.ranking.p for one in found])


def test_a_category_of_one_class_does_not_count_in_holm_s_correction(read: Read) -> None:
    two = noisy("ball", 0.5, 1) + noisy("clip", 0.5, 1)
    other = noisy("ball", 1.2, 2) + noisy("clip", 1.2, 2)
    more = rows("fan", [1.0, 2.0], [])
    without = compare_runs(read(two), read(other, "b.jsonl")).categories
    found = compare_runs(read(two + more), read(other + more, "b.jsonl"))
    assert [one.holm for one in found.categories[:2]] == [one.holm for one in without]
    assert category(found, "fan").holm is None


def test_holm_corrects_the_macro_average_over_the_runs_that_are_compared(read: Read) -> None:
    a = read(noisy("clip", 0.5, 1))
    others = [read(noisy("clip", 1.0, seed), f"{seed}.jsonl") for seed in (2, 3)]
    found = compare_all(a, others)
    assert [one.macro.holm for one in found] == holm([one.macro.ranking.p for one in found])
    assert compare_all(a, others[:1])[0].macro.holm == found[0].macro.ranking.p


# Hard verdicts


def test_verdicts_are_the_words_where_both_runs_have_texts(read: Read) -> None:
    a = read([("clip", "normal", -9.0, YES), ("clip", "stuck", -9.0, YES)])
    b = read([("clip", "normal", 9.0, NO), ("clip", "stuck", 9.0, NO)], "b.jsonl")
    found = compare_runs(a, b)
    assert found.verdicts_by == "the words"
    assert found.pooled.verdicts is not None
    assert (found.pooled.verdicts.only_a, found.pooled.verdicts.only_b) == (1, 1)


def test_an_answer_that_cannot_be_read_is_wrong_and_keeps_its_place(read: Read) -> None:
    a = read([("clip", "normal", 0.0, "I like trains."), ("clip", "stuck", 0.0, YES)])
    b = read([("clip", "normal", 0.0, NO), ("clip", "stuck", 0.0, YES)], "b.jsonl")
    found = compare_runs(a, b).pooled.verdicts
    assert found is not None
    assert (found.only_a, found.only_b, found.n) == (0, 1, 2)


def test_verdicts_are_the_scores_above_0_where_a_run_has_no_text(read: Read) -> None:
    lines = rows("clip", [-1.0, 1.0], [1.0, 1.0])
    a = read(lines)
    b = read([(*row[:3], None) for row in rows("clip", [-1.0, -1.0], [1.0, 1.0])], "b.jsonl")
    found = compare_runs(a, b)
    assert found.verdicts_by == "the scores above 0"
    assert found.pooled.verdicts is not None
    assert (found.pooled.verdicts.only_a, found.pooled.verdicts.only_b) == (0, 1)


IMPORTED = {
    "source": "import",
    "model": "Video-LLaMA",
    "base_fingerprint": None,
    "run_fingerprint": None,
    "mode": None,
    "history": None,
    "sampling": None,
    "max_new_tokens": None,
}


def test_another_method_s_scores_have_no_hard_verdict_at_0(read: Read) -> None:
    a = read(rows("clip", [1.0, 2.0], [3.0, 4.0]))
    b = read(
        [(*row[:3], None) for row in rows("clip", [1.0, 2.0], [3.0, 4.0])], "b.jsonl", **IMPORTED
    )
    found = compare_runs(a, b)
    assert (found.verdicts_by, found.pooled.verdicts) == (None, None)
    assert "Hard verdicts are not compared" in words(found)


def test_thresholds_make_the_hard_verdicts_where_they_are_named(read: Read) -> None:
    a = read(rows("clip", [1.0, 2.0], [3.0, 4.0]))
    b = read(rows("clip", [1.0, 3.5], [3.0, 4.0]), "b.jsonl")
    (found,) = compare_all(a, [b], thresholds=[fixed(2.5), fixed(2.5)])
    assert "each run's threshold" in str(found.verdicts_by)
    assert found.pooled.verdicts is not None
    assert (found.pooled.verdicts.only_a, found.pooled.verdicts.only_b) == (1, 0)


# What is refused


def test_runs_on_other_splits_or_other_videos_are_refused(read: Read) -> None:
    lines = rows("clip", [0.0], [1.0])
    other = read(lines, "b.jsonl", split_hash="6" * 64)
    fewer = read(lines[:1], "c.jsonl")
    for file in (other, fewer):
        with pytest.raises(PredictionError):
            compare_runs(read(lines), file)


def test_runs_that_disagree_on_a_label_are_refused(read: Read) -> None:
    a, b = (read(rows("clip", [0.0], [1.0]), name) for name in ("a.jsonl", "b.jsonl"))
    first, *rest = b.predictions
    b = replace(b, predictions=(first.model_copy(update={"label": 1}), *rest))
    with pytest.raises(PredictionError):
        compare_runs(a, b)


def test_a_run_without_a_prediction_is_refused_and_not_called_alike(read: Read) -> None:
    some, none = read(rows("clip", [0.0], [1.0])), read(rows("clip", [None], [None]), "b.jsonl")
    for a, b in ((some, none), (none, some)):
        with pytest.raises(PredictionError, match=r"b.jsonl holds no prediction: all 2 videos"):
            compare_all(a, [b])
