"""The words and signs that rules know, one by one, beside words that are not meant by them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from physprior.check import Diagnostic

Find = Callable[[str], list[Diagnostic]]

EXPLANATION = "The plunger is bent and wedges in the barrel at the bottom of its way."
STEP = "The plunger sinks to its lowest point."


@pytest.fixture
def said(sound: str, find: Find) -> Callable[[str], list[str]]:
    """What is found where some words stand in a taught explanation."""

    def codes(words: str) -> list[str]:
        text = f"'The plunger, {words.replace(chr(39), chr(39) * 2)}, wedges in the narrow barrel.'"
        return [found.code for found in find(sound.replace(EXPLANATION, text))]

    return codes


@pytest.fixture
def expected(sound: str, find: Find) -> Callable[[str], list[str]]:
    """What is found where some words stand in a step of the prior."""

    def codes(words: str) -> list[str]:
        return [found.code for found in find(sound.replace(STEP, f"The plunger {words} there."))]

    return codes


STEERING = (
    *("<video>", "<image>", "<image_1>", "<s>", "</s>", "<pad>", "<|im_end|>", "<<SYS>>", "[INST]"),
    *("[/INST]", "USER:", "User :", "ASSISTANT:", "Assistant:", "SYSTEM:", "Human:", "###", "<br>"),
    *("Verdict:", "verdict", "VERDICT", "verdicts", "Reason:", "reason :"),
)
BRACKETS = ("{{ name }}", "{% if x %}", "{# note #}", "}}", "%}", "{name}", "${part}")
UNFINISHED = (
    *("TODO", "todo", "to-do", "TBD", "tba", "TBC", "t.b.d.", "FIXME", "XXX", "xxxx", "WIP", "n/a"),
    *("??", "???", "(?)", "...", "…", "____", "[cause]", "[ ]", "lorem ipsum", "fill in"),
    *("placeholder", "work in progress", "see above", "see below", "as above", "same as above"),
    *("to be written", "to be added", "to be defined", "to be done", "to be confirmed"),
    *("to be continued", "to be determined", "to be checked", "to be filled in"),
)
HEDGES = (
    *("may", "might", "maybe", "perhaps", "possibly", "probably", "likely", "presumably"),
    *("apparently", "seemingly", "potentially", "supposedly", "conceivably", "could", "seem"),
    *("seems", "seemed", "appear to", "appears to be", "appeared to", "it is possible that"),
    *("believed to", "suspected to", "thought to", "suggests that", "suggesting that", "probable"),
    *("usually", "in most cases", "in many cases", "unclear why", "not clear whether", "somehow"),
    *("uncertain if", "some kind of", "a sort of", "we assume", "I think", "we believe", "I guess"),
)
NO_HEDGE = (
    *(
        "without an unlikely turn",
        "with a mayor's strength",
        "of one kind and sort",
        "as I-beams do",
    ),
    *("which appears at once", "in cases of plastic", "as thought out", "clear of the wall"),
)
NOT_UNFINISHED = (
    *("which has to be filled", "with two dots..", "at the top (see it)", "in an xx-large size"),
    *("so as to do more", "as is above it", "of a NAND gate", "for the stroke to be completed"),
)
NOT_STEERING = ("with < 5 N and > 2 N", "of 3 # 4", "for a reason", "as users do", "by the system")
FAILURES = (
    *("is stuck", "never jams", "does not break", "vibrates", "leaks", "is damaged", "gets worn"),
    *("moves normally", "is healthy", "moves without fault", "is no defective one", "wobbles"),
    *("does not malfunction", "is misaligned", "rattles", "is not corroded", "shows no anomalies"),
    *("is never obstructed", "jerks", "stays down", "STAYS DOWN", "stalls", "is torn", "fails"),
)
NO_FAILURES = (
    *("sticks to the plate", "slips along the wall", "snaps in", "blocks the port", "fits loosely"),
    *("stays up and goes down", "bends", "is evenly raised"),
)


@pytest.mark.parametrize("words", STEERING)
def test_a_token_that_steers_the_model_is_found(words: str, said: Callable[..., list[str]]) -> None:
    assert said(words) == ["T001"]


@pytest.mark.parametrize("words", BRACKETS)
def test_a_template_s_bracket_is_found(words: str, said: Callable[..., list[str]]) -> None:
    assert said(words) == ["T002"]


@pytest.mark.parametrize("words", UNFINISHED)
def test_a_sign_of_unfinished_work_is_found(words: str, said: Callable[..., list[str]]) -> None:
    assert said(words) == ["T005"]


@pytest.mark.parametrize("words", HEDGES)
def test_a_hedge_is_found_in_any_case(words: str, said: Callable[..., list[str]]) -> None:
    assert said(words) == said(words.capitalize()) == ["T006"]


@pytest.mark.parametrize("words", [*NO_HEDGE, *NOT_UNFINISHED, *NOT_STEERING])
def test_plain_words_that_look_alike_are_not(words: str, said: Callable[..., list[str]]) -> None:
    assert said(words) == []


@pytest.mark.parametrize("words", FAILURES)
def test_a_failure_in_the_prior_is_found(words: str, expected: Callable[..., list[str]]) -> None:
    assert expected(words) == ["P001"]


@pytest.mark.parametrize("words", NO_FAILURES)
def test_what_sound_objects_do_is_no_failure(
    words: str, expected: Callable[..., list[str]]
) -> None:
    assert expected(words) == []


def test_a_failure_may_stand_in_the_object_s_own_name(sound: str, find: Find) -> None:
    text = sound.replace(STEP, "The plunger sinks to the break contact.")
    assert [found.code for found in find(text)] == ["P001"]
    assert find(text.replace("name: hand pump", "name: break-contact pump")) == []


@pytest.mark.parametrize(
    ("statement", "codes"),
    [
        ("The jaws of the coil spring.", ["T007"]),
        ("A strong coil spring for the plunger.", ["T007"]),
        ("The coil spring drives and stores.", []),
        ("“The coil spring is strong.”", ["S022"]),
        ("The coil spring (it is strong).", []),
        ('"the coil spring is strong."', ["T007"]),
        ("The coil spring is strong!", []),
        ("The coil spring is strong:", ["S001"]),
    ],
)
def test_a_statement_is_one_sentence_with_a_verb(
    statement: str, codes: list[str], sound: str, find: Find
) -> None:
    right = "The pump has a coil spring, which is elastic and stores the work of pressing."
    assert [found.code for found in find(sound.replace(right, statement))] == codes
