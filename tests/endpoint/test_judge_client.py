"""Every way in which a line to a judge can fail, over a real connection."""

from __future__ import annotations

import asyncio
import time

import pytest
from judge_asking import PROMPT, SCHEMA, answered, ask, ask_all, prompts, unanswered
from judge_server import (
    Answer,
    Asked,
    JudgeServer,
    Script,
    completion,
    cut,
    dripping,
    error,
    good,
    html,
    huge,
    in_json,
    in_turn,
    not_json,
    rate_limited,
    raw,
    refusing,
    reset,
    saying,
    slow,
)

from physprior.endpoint.client import Client, Reply, Unanswered
from physprior.endpoint.endpoint import Endpoint
from physprior.endpoint.prompt import Prompt

pytestmark = pytest.mark.usefixtures("local_line")

# What is asked, and what comes back


def test_a_question_is_asked_with_its_schema_and_at_temperature_0() -> None:
    with JudgeServer() as server:
        ask(server, max_tokens=77)
        asked = server.asked[0]
    assert (asked.path, asked.system, asked.user) == (
        "/v1/chat/completions",
        "You judge.",
        "Is the spring broken?",
    )
    assert (asked.body["model"], asked.body["temperature"]) == ("some-judge", 0)
    assert asked.body["max_tokens"] == 77
    assert asked.schema == SCHEMA
    assert not asked.body.get("stream")


def test_a_reply_is_the_text_as_it_came_with_its_tokens() -> None:
    reply = answered(saying(' {"score": 3}\n', model="judge-2"))
    assert (reply.text, reply.finish, reply.model) == (' {"score": 3}\n', "stop", "judge-2")
    assert (reply.prompt_tokens, reply.completion_tokens, reply.attempts) == (100, 2, 1)
    assert 0 < reply.seconds < 10


def test_a_refusal_is_a_reply() -> None:
    reply = answered(refusing)
    assert (reply.text, reply.refusal) == (None, "I cannot help with that.")


@pytest.mark.parametrize("finish", ["length", "content_filter"])
def test_a_reply_that_was_cut_short_says_so(finish: str) -> None:
    assert answered(saying("{", finish=finish)).finish == finish


def test_a_judge_that_calls_a_tool_has_no_text() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    reply = answered(saying(None, message={"tool_calls": [call]}, finish="tool_calls"))
    assert (reply.text, reply.finish) == (None, "tool_calls")


def test_a_text_in_pieces_is_put_together() -> None:
    pieces = [{"type": "text", "text": '{"score"'}, {"type": "text", "text": ": 3}"}]
    assert answered(saying(pieces)).text == '{"score": 3}'


def test_half_a_surrogate_pair_is_replaced_for_no_file_could_hold_it() -> None:
    assert answered(saying("a\ud800b\U0001f600")).text == "a�b\U0001f600"


def test_half_a_surrogate_pair_in_a_question_is_replaced() -> None:
    with JudgeServer() as server:
        outcomes, _ = ask_all(server, [Prompt("", "a\ud800b", SCHEMA, "marks")])
        assert isinstance(outcomes[0], Reply)
        assert server.asked[0].user == "a�b"


@pytest.mark.parametrize("count", [-1, True, "12", 1.5, 10**30, None])
def test_a_count_of_tokens_that_is_none_is_unknown(count: object) -> None:
    def script(asked: Asked) -> Answer:
        return in_json({**completion("{}", asked), "usage": {"prompt_tokens": count}})

    assert answered(script).prompt_tokens is None


# What is tried again


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 529])
def test_a_passing_failure_is_tried_again(status: int) -> None:
    with JudgeServer(in_turn(error(status), error(status), good)) as server:
        outcome = ask(server)
        assert server.count == 3
    assert isinstance(outcome, Reply)
    assert outcome.attempts == 3


@pytest.mark.parametrize("failure", [cut, reset, html, not_json, raw(b""), raw(b"[]")])
def test_a_broken_reply_is_tried_again(failure: Script) -> None:
    assert answered(in_turn(failure, good)).attempts == 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no JSON: nothing"),
        (b"<html>sign in</html>", "no JSON: <html>sign in</html>"),
        (b'{"choices": [', 'no JSON: {"choices": ['),
        (b"[1]", "no JSON object"),
        (b"[" * 100_000, "no JSON: [[["),
        (b"\xff\xfe\x00", "no JSON"),
        (b"{}", "without choices"),
        (b'{"choices": []}', "without choices"),
        (b'{"choices": {}}', "without choices"),
        (b'{"choices": [null]}', "without a message"),
        (b'{"choices": [{"message": "hi"}]}', "without a message"),
        (b'{"choices": [{"message": {"content": 3}}]}', "content is no text"),
        (b'{"choices": [{"message": {"content": {"score": 3}}}]}', "content is no text"),
        (b'{"error": {"message": "up is down", "code": 502}}', "HTTP 502: up is down"),
        (b'{"error": "all broken"}', "HTTP 500: all broken"),
    ],
)
def test_a_body_that_is_no_completion_is_no_reply(body: bytes, reason: str) -> None:
    assert reason in unanswered(raw(body), attempts=1)


def test_after_its_attempts_a_question_is_given_up_with_the_last_reason() -> None:
    with JudgeServer(in_turn(error(503), error(500, "The disk is full."))) as server:
        outcome = ask(server, attempts=3)
        assert server.count == 3
    assert isinstance(outcome, Unanswered)
    assert (outcome.reason, outcome.attempts) == ("HTTP 500: The disk is full. (3 tries)", 3)


def test_a_connection_that_is_cut_says_so() -> None:
    assert "closed connection" in unanswered(cut, attempts=1)
    assert "reset" in unanswered(reset, attempts=1)


def test_an_endpoint_that_is_not_there_is_no_answer() -> None:
    with JudgeServer() as server:
        pass
    outcome = ask(server, attempts=2)
    assert isinstance(outcome, Unanswered)
    assert "connection failed" in outcome.reason


# Time and size


@pytest.mark.parametrize("script", [slow(5), dripping(0.05)], ids=["silent", "dripping"])
def test_a_request_has_its_time_as_a_whole(script: Script) -> None:
    began = time.monotonic()
    reason = unanswered(script, timeout=0.2, attempts=2)
    assert reason == "no whole reply within 0.2 s (2 tries)"
    assert time.monotonic() - began < 4


@pytest.mark.parametrize("script", [huge(10**7), error(500, "a" * 10**7)])
def test_a_huge_reply_is_not_read_to_its_end_and_not_paid_for_again(script: Script) -> None:
    with JudgeServer(script) as server:
        outcome = ask(server)
        assert server.count == 1
    assert isinstance(outcome, Unanswered)
    assert outcome.reason == "a reply of more than 4 MiB"


def test_a_reply_is_not_unpacked_for_a_few_bytes_may_become_gigabytes() -> None:
    packed = lambda asked: Answer(b"\x1f\x8b", 200, {"Content-Encoding": "gzip"})  # noqa: E731
    with JudgeServer(packed) as server:
        outcome = ask(server)
        assert server.asked[0].headers["accept-encoding"] == "identity"
    assert isinstance(outcome, Unanswered)
    assert "compressed" in outcome.reason


def test_no_more_questions_are_under_way_than_there_are_connections() -> None:
    with JudgeServer(slow(0.03)) as server:
        outcomes, _ = ask_all(server, prompts(12), connections=3)
        assert server.most_at_once == 3
    assert all(isinstance(outcome, Reply) for outcome in outcomes)


# Pauses


@pytest.mark.parametrize(
    ("after", "seconds"),
    [
        (rate_limited(0.4), 0.4),
        (rate_limited(1, date=True), 1.0),  # a date has whole seconds
        (error(503, headers={"Retry-After": "0.4"}), 0.4),
        (error(429, headers={"Retry-After-Ms": "400"}), 0.4),
    ],
    ids=["seconds", "date", "503", "milliseconds"],
)
def test_a_pause_that_the_endpoint_asks_for_is_kept(after: Script, seconds: float) -> None:
    began = time.monotonic()
    answered(in_turn(after, good))
    assert seconds <= time.monotonic() - began < seconds + 4


@pytest.mark.parametrize("after", ["soon", "-5", "nan", "1e999", "Wed, 99 Nov 2026", ""])
def test_a_pause_of_no_length_is_none(after: str) -> None:
    began = time.monotonic()
    answered(in_turn(error(429, headers={"Retry-After": after}), good))
    assert time.monotonic() - began < 4


def test_a_pause_is_kept_by_all_questions() -> None:
    came: list[float] = []

    def script(asked: Asked) -> Answer:
        came.append(time.monotonic())
        return rate_limited(0.5)(asked) if asked.number == 0 else slow(0.1)(asked)

    with JudgeServer(script) as server:
        outcomes, _ = ask_all(server, prompts(5), connections=2)
    assert all(isinstance(outcome, Reply) for outcome in outcomes)
    # The second is on its way when the first is told to wait.
    in_pause = [moment for moment in came[2:] if moment - came[0] < 0.45]
    assert not in_pause


def test_a_question_in_a_crowd_waits_for_its_turn_and_is_not_given_up() -> None:
    """An endpoint that takes one request of four at a time, and answers all in the end."""
    turn = iter(range(10_000))

    def script(asked: Asked) -> Answer:
        return good(asked) if next(turn) % 4 == 0 else error(429)(asked)

    with JudgeServer(script) as server:
        outcomes, _ = ask_all(server, prompts(24), attempts=3, connections=8, backoff=0.001)
    assert sum(isinstance(outcome, Unanswered) for outcome in outcomes) <= 1, "the last one alone"


def test_a_question_that_is_always_refused_for_the_crowd_is_given_up() -> None:
    with JudgeServer(lambda asked: (error(429) if "7" in asked.user else good)(asked)) as server:
        outcomes, _ = ask_all(server, prompts(12), attempts=3)
    lost = [outcome for outcome in outcomes if not isinstance(outcome, Reply)]
    assert [str(outcome) for outcome in lost] == [lost[0].args[0]]
    assert isinstance(lost[0], Unanswered)


def test_a_long_pause_is_told() -> None:
    with JudgeServer(in_turn(rate_limited(6), good)) as server:
        told: list[str] = []

        async def go() -> None:
            endpoint = Endpoint(server.url, "judge", backoff=0.01)
            async with Client(endpoint, told.append) as client, asyncio.timeout(0.5):
                await client.ask(PROMPT)

        with pytest.raises(TimeoutError):
            asyncio.run(go())
    assert told[-1] == "the judge asks for pauses of up to 10 s"


def test_that_nothing_has_been_answered_yet_is_told_once() -> None:
    with JudgeServer(in_turn(error(500, "Loading."), error(500, "Loading."), good)) as server:
        _, told = ask_all(server, prompts(3), connections=1)
    assert told == "at first the judge does not answer (HTTP 500: Loading.); it is asked again"


def test_a_failure_after_an_answer_is_tried_again_without_a_word() -> None:
    with JudgeServer(lambda asked: (error(500) if asked.number == 1 else good)(asked)) as server:
        outcomes, told = ask_all(server, prompts(3), connections=1)
    assert [type(outcome) for outcome in outcomes] == [Reply] * 3
    assert told == ""
