"""Where the model, the line or the file fails: nothing is lost, and nothing goes in."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path

import pytest
from drafting import GOOD, ONE, Draft, explanations, ids, sentences
from judge_server import (
    Answer,
    Asked,
    JudgeServer,
    Script,
    cut,
    error,
    html,
    in_turn,
    not_json,
    rate_limited,
    raw,
    refusing,
    reset,
    saying,
    slow,
)

NONSENSE: dict[str, tuple[Script, str]] = {
    "a page": (html, "a reply that is no JSON"),
    "half a document": (not_json, "a reply that is no JSON"),
    "no choices": (raw(b"{}"), "a reply without choices"),
    "a list": (raw(b"[]"), "no JSON object"),
    "prose": (saying("The spring is broken, I think."), "no JSON object"),
    "nothing": (saying(""), "the reply is empty"),
    "a refusal": (refusing, "the drafter refused"),
    "a cut reply": (saying('{"category": "clip"', finish="length"), "cut at its length limit"),
    "two objects": (saying('{"a": 1} {"a": 2}'), "more than one JSON object"),
    "other keys": (sentences("x", verdict="y"), "an unknown key"),
    "an empty object": (saying("{}"), "the key 'category' is missing"),
    "another category": (sentences(*GOOD, category="fan"), 'the category "fan", and not "clip"'),
    "another class": (sentences(*GOOD, **{"class": "normal"}), 'the class "normal"'),
    "no sentence": (sentences(), "sentences is empty"),
    "an empty sentence": (sentences(GOOD[0], " "), "one of sentences is empty"),
    "numbers": (sentences(*GOOD, sentences=[1, 2]), "one of sentences is a number, not text"),
    "a mapping": (sentences(*GOOD, sentences={"1": "x"}), "sentences is an object, not a list"),
    "HTTP 500": (error(500), "HTTP 500"),
    "HTTP 429": (rate_limited(0), "HTTP 429"),
    "a dropped line": (reset, "connection failed"),
    "half a reply": (cut, "connection failed"),
}


COVERED = {
    *("half a document", "no choices", "a list", "nothing", "two objects", "other keys"),
    *("no sentence", "numbers", "a mapping", "HTTP 429", "half a reply", "a cut reply"),
}
"""Those that the tests of the endpoint and of reading look at closely: here once in a while."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] if name in COVERED else []) for name in NONSENSE],
)
def test_a_model_that_fails_or_answers_nonsense_leaves_the_file_untouched(
    draft: Draft, server: JudgeServer, clip: Path, notes: Path, name: str
) -> None:
    before, (script, reason) = clip.read_bytes(), NONSENSE[name]
    server.script = script
    said = draft(*ONE, "--notes", notes)
    assert said.code == 2
    assert reason in said.err
    assert said.err.count("error: ") == 1
    assert "Traceback" not in said.err
    assert clip.read_bytes() == before


def test_where_one_question_of_several_fails_what_came_is_shown_and_nothing_goes_in(
    draft: Draft, server: JudgeServer, clip: Path, notes: Path
) -> None:
    before = clip.read_bytes()

    def script(asked: Asked) -> Answer:
        if ids(asked)["class"] == "unable_to_press":
            return sentences(*GOOD)(asked)
        return saying("No.")(asked)

    server.script = script
    said = draft("clip", "--what", "explanations", "--notes", notes)
    assert said.code == 2
    assert all(text in said.out for text in GOOD)
    assert f"nothing was written to {clip}" in said.out
    assert "2 of 3 questions" in said.err
    assert clip.read_bytes() == before


def test_no_answer_within_the_time_leaves_the_file_untouched(
    draft: Draft, server: JudgeServer, clip: Path, notes: Path
) -> None:
    before = clip.read_bytes()
    server.script = slow(1.0, sentences(*GOOD))
    said = draft(*ONE, "--notes", notes, "--timeout", 0.2)
    assert (said.code, clip.read_bytes() == before) == (2, True)
    assert "no whole reply within 0.2 s" in said.err


def test_nobody_at_the_address_is_one_message(command: Draft, kb: Path, notes: Path) -> None:
    where = ("--kb", kb, "--base-url", "http://127.0.0.1:9/v1", "--model", "m", "--attempts", 1)
    said = command("kb", "draft", *ONE, "--notes", notes, *where)
    assert said.code == 2
    assert "no answer came: connection failed" in said.err


def test_an_endpoint_without_schemas_is_asked_in_words(
    draft: Draft, server: JudgeServer, clip: Path, notes: Path
) -> None:
    answer = json.dumps({"category": "clip", "class": "unable_to_press", "sentences": GOOD})
    unknown = error(400, "response_format is not supported")
    server.script = lambda asked: (
        unknown if asked.body.get("response_format") else saying(f"```json\n{answer}\n```")
    )(asked)
    said = draft(*ONE, "--notes", notes)
    assert said.code == 0, said.err
    assert "the drafter refuses this form" in said.err
    assert explanations(clip)[-3:] == GOOD


def test_a_pause_that_is_asked_for_is_kept(
    draft: Draft, server: JudgeServer, clip: Path, notes: Path
) -> None:
    server.script = in_turn(rate_limited(0.05), sentences(*GOOD))
    said = draft(*ONE, "--notes", notes, "--attempts", 2)
    assert said.code == 0, said.err


def test_a_file_that_was_changed_meanwhile_is_left_as_it_is_and_the_proposals_are_shown(
    draft: Draft, server: JudgeServer, clip: Path, notes: Path
) -> None:
    changed = clip.read_bytes() + b"# saved in an editor\n"

    def script(asked: Asked) -> Answer:
        clip.write_bytes(changed)
        return sentences(*GOOD)(asked)

    server.script = script
    said = draft(*ONE, "--notes", notes)
    assert said.code == 2
    assert "was changed by someone else meanwhile" in said.err
    assert f"nothing was written to {clip}\n" in said.out
    assert "is as it was" not in said.out
    assert all(text in said.out for text in GOOD)
    assert clip.read_bytes() == changed


def test_a_file_that_may_not_be_written_is_said(
    draft: Draft, server: JudgeServer, clip: Path, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = clip.read_bytes()
    server.script = sentences(*GOOD)
    real = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode, **how: mode != os.W_OK and real(path, mode, **how)
    )
    said = draft(*ONE, "--notes", notes)
    assert said.code == 2
    assert f"cannot write {clip}" in said.err
    assert clip.read_bytes() == before


def test_ctrl_c_while_the_model_thinks_leaves_the_file_untouched(
    draft: Draft, server: JudgeServer, clip: Path, notes: Path
) -> None:
    import signal

    before = clip.read_bytes()
    server.script = slow(5.0, sentences(*GOOD))

    def interrupt() -> None:
        while not server.count:
            time.sleep(0.01)
        time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    began = time.monotonic()
    said = draft(*ONE, "--notes", notes)
    assert said.code == 130
    assert said.err.splitlines()[-1] == "stopped; the file is as it was"
    assert time.monotonic() - began < 4
    assert "Traceback" not in said.err
    assert clip.read_bytes() == before
