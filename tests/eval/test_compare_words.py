"""What is said of two runs beside each other: words that follow the numbers, tables and pages."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from two_runs import Read, Rows, category, noisy, rows, words

from physprior.eval.compare import compare_all, compare_runs
from physprior.eval.compare_page import as_json, legend, markdown, ranking_table, table_of_tests
from physprior.eval.compare_words import conclusions, letter, p_value, signed

# What is said


def test_the_same_predictions_twice_do_not_differ_and_are_named(read: Read) -> None:
    a = read(noisy("clip", 1.0, 1))
    found = compare_runs(a, a)
    assert (found.macro.ranking.difference, found.macro.ranking.p) == (0.0, 1.0)
    assert "A and B are the same predictions." in words(found)


def test_another_file_with_equal_scores_is_not_called_the_same_predictions(read: Read) -> None:
    lines = noisy("clip", 1.0, 1)
    found = compare_runs(read(lines), read(lines, "b.jsonl", run_fingerprint="s" * 64))
    assert "A and B give each video the same score." in words(found)
    assert "same predictions" not in words(found)


def test_a_control_beside_its_model_is_named_on_either_side(read: Read) -> None:
    model = read(noisy("clip", 2.0, 1))
    blank = read(noisy("clip", 0.0, 2), "blank.jsonl", control="blank")
    assert "B is A's control blank." in words(compare_runs(model, blank))
    assert "A is B's control blank." in words(compare_runs(blank, model))


def test_a_control_of_another_model_is_not_called_its_own(read: Read) -> None:
    model = read(noisy("clip", 2.0, 1))
    blank = read(noisy("clip", 0.0, 2), "x.jsonl", control="blank", run_fingerprint="s" * 64)
    assert "B is the control of another model: blank." in words(compare_runs(model, blank))


def test_one_model_asked_in_two_ways_is_said_to_be_one(read: Read) -> None:
    given = read(noisy("clip", 2.0, 1))
    generated = read(noisy("clip", 1.0, 2), "b.jsonl", history="generated")
    assert "A and B are one model; they differ in history (given, generated)." in words(
        compare_runs(given, generated)
    )


def test_one_model_asked_alike_whose_scores_differ_is_said(read: Read) -> None:
    a, b = read(noisy("clip", 2.0, 1)), read(noisy("clip", 2.0, 2), "b.jsonl")
    assert "asked alike, and yet their scores differ" in words(compare_runs(a, b))


def test_runs_that_rank_alike_with_other_scores_are_said_to(read: Read) -> None:
    a = read(rows("clip", [0.0, 2.0], [1.0, 3.0]))
    b = read(rows("clip", [0.0, 20.0], [10.0, 30.0]), "b.jsonl")
    assert "Both rank these videos alike" in words(compare_runs(a, b))


def test_where_nothing_is_seen_it_says_what_would_have_stayed_hidden(read: Read) -> None:
    found = compare_runs(read(noisy("clip", 1.0, 1)), read(noisy("clip", 1.0, 5), "b.jsonl"))
    visible = found.macro.ranking.smallest_visible
    assert found.macro.ranking.p is not None
    assert found.macro.ranking.p > 0.05
    assert visible is not None
    assert "No difference could be seen" in words(found)
    assert f"One smaller than {visible:.3f} would have stayed hidden" in words(found)


def test_a_difference_is_said_with_the_run_that_ranks_better(read: Read) -> None:
    worse, better = read(noisy("clip", 0.0, 1)), read(noisy("clip", 3.0, 2), "b.jsonl")
    assert "B ranks better: B - A is +0." in words(compare_runs(worse, better))
    assert "A ranks better: B - A is -0." in words(compare_runs(better, worse))


def test_a_category_that_gets_better_and_one_that_gets_worse_are_told_apart(read: Read) -> None:
    a = noisy("clip", 0.0, 1) + noisy("fan", 3.0, 1)
    b = noisy("clip", 3.0, 2) + noisy("fan", 0.0, 2)
    said = words(compare_runs(read(a), read(b, "b.jsonl")))
    assert "B ranks better in clip (+0." in said
    assert "A ranks better in fan (-0." in said


def test_a_difference_that_many_comparisons_explain_is_not_said_to_stand(read: Read) -> None:
    a, b = read(noisy("clip", 0.0, 1)), read(noisy("clip", 0.0, 2), "b.jsonl")
    found = compare_runs(a, b)
    ranking = replace(found.macro.ranking, p=0.03, difference=0.1)
    found = replace(found, macro=replace(found.macro, ranking=ranking, holm=0.06))
    assert conclusions(found, "B", 2)[0].startswith("No difference that stands")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (rows("clip", [], [1.0, 2.0]), rows("clip", [], [2.0, 1.0])),
        (rows("clip", [None, None], [1.0]), rows("clip", [1.0, 2.0], [1.0])),
        (rows("clip", [None, 1.0], [1.0]), rows("clip", [1.0, None], [None])),
    ],
    ids=["one class in the split", "one class left", "nothing in common"],
)
def test_without_both_classes_nothing_is_said_of_the_ranking(
    read: Read, one: Rows, other: Rows
) -> None:
    found = compare_runs(read(one), read(other, "b.jsonl"))
    assert found.macro.ranking.difference is None
    assert found.macro.reference.value is None
    assert "nothing can be said of their rankings" in words(found)
    assert "n/a" in ranking_table(found, "B").rows[0]


def test_videos_without_prediction_in_both_runs_are_said(read: Read) -> None:
    lines = rows("clip", [0.0], [1.0])
    found = compare_runs(read(lines, total=5), read(lines, "b.jsonl", total=5))
    assert "3 videos of the split have no prediction yet" in words(found)


# Numbers and pages


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (None, "n/a"),
        (1.0, "1.000"),
        (0.0421, "0.042"),
        (0.04996, "0.0499"),
        (0.05, "0.050"),
        (0.0009, "<0.001"),
        (0.0, "<0.001"),
    ],
)
def test_p_is_never_rounded_across_the_level_that_decides(p: float | None, said: str) -> None:
    assert p_value(p) == said


@pytest.mark.parametrize(
    ("value", "said"), [(0.0311, "+0.031"), (-0.2, "-0.200"), (1e-9, "0.000"), (-1e-9, "0.000")]
)
def test_a_difference_has_a_sign_unless_it_is_nothing_but_zeros(value: float, said: str) -> None:
    assert signed(value) == said


def test_runs_are_called_by_letters_and_by_numbers_after_z() -> None:
    assert [letter(place) for place in (0, 1, 25, 26)] == ["A", "B", "Z", "R27"]


def test_the_tables_fit_a_terminal_of_100_columns(read: Read) -> None:
    found = compare_runs(
        read(noisy("rolling_bearing", 1.0, 1)), read(noisy("rolling_bearing", 0.2, 2), "b.jsonl")
    )
    for table in (ranking_table(found, "B"), table_of_tests(found, "B", 1)):
        widths = [
            max(len(row[place]) for row in (table.heads, *table.rows))
            for place in range(len(table.heads))
        ]
        assert sum(widths) + 2 * (len(widths) - 1) <= 100


def test_the_page_has_each_run_each_category_and_the_conclusions(read: Read) -> None:
    a = read(noisy("clip", 1.0, 1))
    runs = compare_all(a, [read(noisy("clip", 1.5, 2), "b.jsonl", model="runs/new")])
    page = markdown(runs)
    for line in (*legend(runs), *conclusions(runs[0], "B")):
        assert line in page
    assert "| clip | 15+45 | " in page


def test_a_test_that_each_category_had_is_named_once(read: Read) -> None:
    names = ("ball", "clip", "fan")
    a, b = (
        read([row for name in names for row in rows(name, [0.0, end], [1.0, 2.0])], f"{end}.jsonl")
        for end in (0.5, 1.5)
    )
    notes = table_of_tests(compare_runs(a, b), "B", 1).notes
    assert "p by permutation: each category, pooled." in notes


def test_a_page_of_several_runs_has_a_section_for_each(read: Read) -> None:
    a = read(noisy("clip", 1.0, 1))
    others = [read(noisy("clip", 1.0, seed), f"{seed}.jsonl") for seed in (2, 3)]
    page = markdown(compare_all(a, others))
    assert page.index("## B beside A") < page.index("## C beside A")
    assert "C - A is" in page


def test_the_json_has_the_numbers_as_they_are(read: Read) -> None:
    a, b = read(noisy("clip", 1.0, 1)), read(noisy("clip", 1.5, 2), "b.jsonl")
    (found,) = runs = compare_all(a, [b])
    (said,) = as_json(runs)["comparisons"]
    ranking = found.macro.ranking
    assert ranking.interval is not None
    assert said["macro"]["difference"]["value"] == ranking.difference
    assert said["macro"]["difference"]["interval"]["low"] == ranking.interval.low
    assert said["categories"][0]["p"] == category(found, "clip").ranking.p
    assert not any(math.isnan(one["p"]) for one in said["categories"])
