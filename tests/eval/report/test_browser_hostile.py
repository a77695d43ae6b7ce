"""A page full of texts that try to run, to load, or to break out: nothing runs, nothing loads.

``open_page`` holds that no request, message, dialog or policy violation came of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser_deck import answer, card, shown_ids, strips, texts, until, write_page

from physprior.eval.predictions import read_predictions
from physprior.eval.report.cards.card import (
    CardTurn,
    CategoryTexts,
    ClassTexts,
    Deck,
    Mark,
    Place,
    Sentence,
)
from physprior.eval.report.evaluation import evaluate
from physprior.eval.report.training import TrainingRun
from physprior.eval.suggest.suggestion import Look, Said, Suggestion

pytestmark = pytest.mark.slow
RUN = "window.ran=1"
NASTY = (
    f"<script>{RUN}</script>",
    f'"><img src=x onerror="{RUN}">',
    f"' onmouseover='{RUN}' autofocus onfocus='{RUN}",
    f"javascript:{RUN}",
    f"</script><script>{RUN}</script>",
    "<!--<script>",
    "-->",
    "]]>",
    f"<svg/onload={RUN}>",
    "</style><style>*{display:none!important}</style>",
    "</title></textarea></noscript></template>",
    "<base href=http://evil.invalid/>",
    "<meta http-equiv=refresh content='0;url=http://evil.invalid'>",
    "<iframe src=http://evil.invalid></iframe>",
    "<link rel=stylesheet href=http://evil.invalid>",
    "{{ 7*7 }} {% raw %} {# #} ${7*7} <%= 7*7 %>",
    "&lt;b&gt; &amp;quot; \\u003c",
    "\u202etxet\u202c \u2066 \u200f",
    "\u2028 \u2029 \x00 \ufeff",
    "long" * 50,
)
ALL = " ".join(NASTY)
NAME = " ".join(filter(str.isprintable, NASTY))[:200]
"""As a predictions file may name a category or a class."""


def sentence(text: str = ALL) -> Sentence:
    return Sentence(text, (Place(ALL, 1, ALL),))


def nasty_deck() -> Deck:
    """Every text of every card is hostile, each in turn alone and all at once."""
    cards = []
    for number, text in enumerate((*NASTY, ALL)):
        said = replace(
            answer(number - 9.5, 1, "normal"),
            text=text,
            explanation=f"{text} other",
            turns=(text,),
            description=text,
            marks=(Mark(text, 0.5, text), Mark("SBERT score", None, text)),
        )
        skipped = text if number % 5 == 4 else ""
        answers = [None, None] if skipped else [said, said]
        name = f"clip/test/stuck/{number:04d}"
        one = card(name, answers, video=text, instance=text, skipped=skipped)
        cards.append(replace(one, id=f"{text}/{number}"))
    cards.append(replace(cards[0], id="nobody/1", category=ALL, class_id=ALL))
    known = ClassTexts(ALL, (sentence(),), (sentence(),), Place(ALL, 2, ""))
    dialogue = (CardTurn("user", ALL, (sentence(),)), CardTurn("assistant", ALL, (sentence(),)))
    clip = CategoryTexts(ALL, dialogue, {"stuck": known}, (ALL,))
    return Deck((ALL, NASTY[1]), {"clip": clip}, tuple(cards), (ALL,))


def nasty_suggestion() -> Suggestion:
    return Suggestion(
        category=ALL,
        class_id=ALL,
        kind="missed",
        failures=3,
        of=4,
        auroc=0.5,
        summary=ALL,
        instead=(Said(ALL, 3, ALL),),
        confused_with=ALL,
        near=((sentence(), sentence(), 0.9),),
        look=(Look(sentence(), ALL),),
        videos=(f"{NASTY[0]}/0", ALL),
        advice=(ALL,),
    )


@pytest.fixture
def path(tmp_path: Path, write_file: Callable[..., Path]) -> Path:
    """The whole report, made of such texts."""
    rows: list[Any] = [(name, kind, n * 0.5, ALL) for name in ("clip", NAME) for n, kind in CLASSES]
    rows.append(("clip", NAME, None, None))
    file = write_file(rows, model=ALL, dataset=ALL, split=ALL)
    other = write_file(rows, "other.jsonl", model=NASTY[1], fingerprint="0" * 64)
    made = nasty_deck()
    pictures = strips(made, without=lambda one: "onerror" in one.id)
    note = replace(pictures, note=ALL, missing=dict.fromkeys(pictures.missing, ALL))
    training = TrainingRun(Path("runs") / NASTY[0], ALL, {}, None, ALL, ((ALL, ALL),), (ALL,))
    return write_page(
        tmp_path,
        made,
        note,
        evaluation=evaluate(read_predictions(file), beside=[other]),
        suggestions=(nasty_suggestion(),),
        training=(training,),
        data=((ALL, ((ALL, ALL),)),),
        commands=(ALL,),
        missing=(ALL,),
    )


CLASSES = [(0, "normal"), (1, "normal"), (2, NAME), (3, "stuck"), (4, "stuck")]


def elements(page: Any) -> dict[str, int]:
    """How many of the elements that could do something."""
    return page.evaluate(
        """Object.fromEntries(["iframe", "object", "embed", "base", "link", "style", "title",
          "script:not([type])", "meta[http-equiv]", "[onerror]", "[onload]", "[onmouseover]",
          "[onfocus]", "a[href^='javascript' i]", "a[href^='http' i]",
          "img:not([src^='data:image/webp;base64,'])"]
          .map((name) => [name, document.querySelectorAll(name).length]))"""
    )


def use(page: Any) -> None:
    """Everything that a reader can do with the cards."""
    shown_ids(page)
    for number in range(page.locator("#videos-list .video").count()):
        page.locator("#videos-list .video").nth(number).focus()
        page.keyboard.press("o")
    page.locator(".strip").first.click()
    page.keyboard.press("Escape")
    page.locator(".place").first.click()
    for name in ("category", "class", "run", "outcome", "sort"):
        values = page.locator(f"#videos-bar [name={name}] option").evaluate_all(
            "(options) => options.map((option) => option.value)"
        )
        page.locator(f"#videos-bar [name={name}]").select_option(values[-1])
    page.get_by_role("button", name="Clear", exact=True).click()
    page.fill("[name=q]", NASTY[0])
    until(page, "location.hash.startsWith('#q=')")
    page.locator("#videos-list .id").first.click()
    page.reload()
    page.pdf()


def test_nothing_of_it_runs_or_loads(open_page: Any, path: Path) -> None:
    page = open_page(path)
    use(page)
    assert page.evaluate("window.ran") is None
    wanted = {"style": 1, "title": 1, "script:not([type])": 1, "meta[http-equiv]": 1}
    assert {name: count for name, count in elements(page).items() if count} == wanted


def test_it_is_read_as_it_was_written(open_page: Any, path: Path) -> None:
    page = open_page(path)
    shown_ids(page)
    said = page.locator("#videos-list blockquote").evaluate_all(
        "(quotes) => quotes.map((quote) => quote.textContent)"
    )
    assert set(NASTY[:4]) <= set(said)
    assert set(NASTY[15:19]) <= set(said)


def test_nothing_of_it_is_wider_than_a_phone(open_page: Any, path: Path) -> None:
    page = open_page(path, width=390)
    shown_ids(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_address_runs_nothing(open_page: Any, path: Path) -> None:
    for text in NASTY[:5]:
        page = open_page(path, f"#video={text}".replace("%", "%25"))
        shown_ids(page)
        assert page.evaluate("window.ran") is None


def test_a_damaged_strip_costs_one_picture(open_page: Any, tmp_path: Path) -> None:
    made = Deck(
        ("mine",),
        {"clip": texts("clip")},
        tuple(card(f"clip/test/stuck/{n}", [answer(n, 1, "anomalous")]) for n in range(3)),
    )
    pictures = strips(made)
    images = {**pictures.images, made.cards[1].id: b"\x00no picture", made.cards[2].id: b""}
    page = open_page(write_page(tmp_path, made, replace(pictures, images=images)))
    assert len(shown_ids(page)) == 3
