"""The page's sections: each where it belongs, and none without something to show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from page_material import Element, answer, card, confusion, deck, parse, section, suggestion

from physprior.eval.compare import compare_all
from physprior.eval.predictions import read_predictions
from physprior.eval.report import Report, evaluate
from physprior.eval.report.page import html_report
from physprior.eval.report.strips.strip import Strips
from physprior.eval.report.training.run import TrainingRun
from physprior.eval.report.training.series import Series
from physprior.eval.thresholds import fixed
from physprior.stats.thresholds import RULES
from physprior.verdict import render

WriteFile = Callable[..., Path]
YES, NO = render(True, "It jams."), render(False, "It runs.")
ROWS: list[Any] = [
    ("ball", "normal", -1.0, NO),
    ("ball", "normal", -2.0, NO),
    ("ball", "leak", 2.0, "no idea"),
    ("ball", "leak", -1.5, NO),
    ("fan", "normal", 0.0, NO),
    ("fan", "stuck", 1.0, YES),
]
RUN = TrainingRun(
    Path("runs/mine"),
    "stopped at step 20 of 40",
    {"loss/verdict": Series((10, 20), (2.0, 1.0)), "val/auroc": Series((20,), (0.7,))},
    20,
    "the best validation",
    (("base", "a small model"),),
    ("runs/mine has no recipe.yaml",),
)


@pytest.fixture
def made(write_file: WriteFile) -> Callable[..., Report]:
    def make(*rows: Any, **fields: Any) -> Report:
        return Report(evaluate(read_predictions(write_file(list(rows or ROWS)))), **fields)

    return make


def page_of(report: Report) -> Element:
    return parse(html_report(report))


def names(page: Element) -> list[str]:
    return [one.attributes["id"] for one in page.all("section")]


def links(page: Element) -> list[str]:
    return [one.attributes["href"] for one in page.all("nav")[0].all("a")]


def test_sections_stand_in_their_order_and_the_navigation_leads_to_each(
    made: Callable[..., Report], write_file: WriteFile
) -> None:
    report = made(
        suggestions=(suggestion(),),
        confusion=confusion(),
        deck=deck(card("ball/test/leak/0003", answer(False, 1.9))),
        training=(RUN,),
        commands=("physprior predict runs/mine data",),
    )
    assert report.evaluation is not None
    own = report.evaluation.scores.predictions
    other = read_predictions(write_file(ROWS, "other.jsonl", model="runs/other"))
    page = page_of(replace(report, comparisons=compare_all(own, [other])))
    order = "summary categories published compare failures videos curves decisions training data"
    assert names(page) == order.split()
    assert links(page) == [f"#{name}" for name in names(page)]


@pytest.mark.parametrize(("rule", "said"), [("zero", False), ("fixed", True)])
def test_runs_that_the_cards_decide_at_other_thresholds_are_said_to(
    write_file: WriteFile, rule: str, said: bool
) -> None:
    own = read_predictions(write_file(ROWS))
    path = write_file(ROWS, "other.jsonl", model="runs/other")
    evaluation = evaluate(own, beside=[path], thresholds=fixed(0.0 if rule == "zero" else 0.5))
    cards = deck(card("ball/test/leak/0003", answer(False, 1.9)))
    page = page_of(
        Report(evaluation, deck=cards, comparisons=compare_all(own, [read_predictions(path)]))
    )
    assert ("count other videos as right" in page.text) is said


def test_a_section_with_nothing_to_show_is_left_out_and_named_as_missing(
    made: Callable[..., Report],
) -> None:
    page = page_of(made())
    missing = (section(page, "summary") or page).text.partition("What is missing")[2]
    for name, said in (
        ("compare", "beside other runs"),
        ("videos", "videos"),
        ("explanations", "explanations"),
        ("controls", "controls"),
        ("severity", "by severity"),
        ("training", "training"),
    ):
        assert name not in names(page)
        assert f"#{name}" not in links(page)
        assert said in missing


def test_what_is_missing_is_said_once(made: Callable[..., Report]) -> None:
    page = page_of(made(missing=("The videos are gone.", "The videos are gone.")))
    assert page.text.count("The videos are gone.") == 1


def test_the_summary_says_how_good_how_sure_and_where_least_so(
    made: Callable[..., Report],
) -> None:
    rows = [("ball", kind, mark, None) for kind, mark in [("normal", 0.0), ("leak", 1.0)] * 20]
    rows += [("fan", "normal", float(n % 3), None) for n in range(20)]
    rows += [("fan", "stuck", float(n % 3), None) for n in range(20)]
    said = (section(page_of(made(*rows)), "summary") or Element("", {})).text
    assert "the anomalous one scores higher 75 times in 100" in said
    assert "Weakest in fan" in said
    assert "strongest in ball, 1.000" in said
    assert "Most often missed: fan stuck (65% found)." in said


def test_the_summary_counts_what_is_found_and_what_is_falsely_called_anomalous(
    made: Callable[..., Report],
) -> None:
    rows = [*ROWS, ("fan", "normal", 0.5, NO)]
    said = (section(page_of(made(*rows)), "summary") or Element("", {})).text
    assert (
        "At the threshold it finds 2 of 3 anomalous videos, and calls 1 of 4 normal ones "
        "anomalous." in said
    )


def test_a_model_that_may_guess_is_said_to(made: Callable[..., Report]) -> None:
    rows = [("fan", kind, float(n), None) for n in range(8) for kind in ("normal", "stuck")]
    assert "Guessing is 50: this may be guessing." in page_of(made(*rows)).text


def test_the_most_confident_failures_lead_to_their_cards(made: Callable[..., Report]) -> None:
    cards = [
        card("ball/test/leak/right", answer(True, 0.9, "All is well.")),
        card("ball/test/leak/a b#?", answer(False, 1.2, "The second.")),
        card("ball/test/leak/worst", answer(False, 1.9, "The worst.")),
        card("ball/test/leak/3", answer(False, 1.1, "The third.")),
        card("ball/test/leak/4", answer(False, 1.05, "The fourth.")),
        card("ball/test/leak/skipped", None, skipped="empty file"),
    ]
    strips = Strips({"ball/test/leak/worst": b"RIFF"}, 8, 4, 4, "One has.", {}, True)
    page = page_of(made(deck=deck(*cards), strips=strips))
    (worst,) = page.all("ul", **{"class": "worst"})
    assert [one.attributes["href"] for one in worst.all("a")] == [
        "#video=ball/test/leak/worst",
        "#video=ball/test/leak/a%20b%23%3F",
        "#video=ball/test/leak/3",
    ]
    (picture,) = worst.all("img")
    assert picture.attributes["src"] == "data:image/webp;base64,UklGRg=="
    assert picture.attributes["alt"] == "8 frames of ball/test/leak/worst"
    assert "The worst." in worst.text
    assert "All is well." not in worst.text
    assert "not above the threshold 0.500" in worst.text


def test_the_first_suggestions_are_on_the_first_screen_with_file_and_line(
    made: Callable[..., Report],
) -> None:
    many = tuple(suggestion(text=f"Sentence {number}.") for number in range(5))
    page = page_of(made(suggestions=many))
    first = section(page, "summary") or page
    assert [one.text for one in first.all("code")] == ["kb/clip.yaml:41"] * 3
    assert "2 more" in first.text
    assert "Sentence 4." in (section(page, "failures") or page).text


def test_a_suggestion_is_shown_whole_among_the_failures(made: Callable[..., Report]) -> None:
    page = page_of(made(suggestions=(suggestion(),)))
    said = " ".join((section(page, "failures") or page).text.split())
    for words in (
        "missed 1 of 2",
        "3 × The ball keeps its air. speaks of normal",
        "The ball keeps its air. kb/clip.yaml:7",
        "It loses air. kb/clip.yaml:8 cosine 0.83",
        "kb/clip.yaml:41 The ball keeps its air. the phase that it violates",
        "Try more frames.",
    ):
        assert words in said


def test_confusion_is_shaded_by_the_share_of_the_row_and_framed_where_right(
    made: Callable[..., Report],
) -> None:
    page = page_of(made(confusion=confusion()))
    (table,) = page.all("table", **{"class": "matrix"})
    shades = [
        [(cell.text, cell.attributes.get("class", "")) for cell in row.all("td")][2:5]
        for row in table.all("tr")[1:]
    ]
    assert shades == [
        [("8", "s8 same"), ("2", "s2"), ("0", "s0")],
        [("5", "s5"), ("5", "s5 same"), ("0", "s0")],
    ]


def test_the_rule_of_the_threshold_is_said_in_words(made: Callable[..., Report]) -> None:
    said = (section(page_of(made()), "decisions") or Element("", {})).text
    assert f"The rule zero: {RULES['zero']}." in said
    assert "Balanced accuracy: the mean of that share" in said


def test_a_report_of_training_alone_is_a_page(made: Callable[..., Report]) -> None:
    page = page_of(Report(None, training=(RUN,)))
    assert names(page) == ["summary", "training"]
    said = (section(page, "training") or page).text
    for words in ("stopped at step 20 of 40", "Loss by part", "a small model", "no recipe.yaml"):
        assert words in said
    assert "training alone" in page.text


def test_published_columns_are_marked_in_head_and_cell(made: Callable[..., Report]) -> None:
    table = (section(page_of(made()), "published") or Element("", {})).all("table")[0]
    heads = table.all("th")
    printed = [head.attributes.get("class") == "printed" for head in heads]
    assert [head.text.endswith("†") for head in heads] == printed
    assert any(printed)
    for row in table.all("tr")[1:]:
        assert [cell.attributes.get("class") == "printed" for cell in row.all("td")] == printed


def test_commands_and_facts_are_the_last_that_is_shown(made: Callable[..., Report]) -> None:
    data = (("Model", (("model", "runs/mine"), ("base", "tiny"))),)
    page = page_of(made(data=data, commands=("physprior predict 'a b'",)))
    last = page.all("section")[-1]
    assert last.attributes["id"] == "data"
    assert [one.text for one in last.all("code")] == ["physprior predict 'a b'"]
    # What the numbers are of is said once: by the groups, or without any by the header's facts.
    assert last.text.count("runs/mine") == 1
    assert "tiny" in last.text
    bare = page_of(made(data=(), commands=())).all("section")[-1]
    assert bare.text.count("runs/mine") == 1
