"""What a judge will not answer: at all, one question, or in the form that it was asked in."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable

import pytest
from judge_asking import PROMPT, answered, ask, ask_all, ended, prompts, unanswered
from judge_server import (
    Answer,
    Asked,
    JudgeServer,
    Script,
    error,
    good,
    in_turn,
    rate_limited,
    saying,
    slow,
)

from physprior.endpoint.client import SILENT, Client, Reply, Unanswered
from physprior.endpoint.endpoint import Endpoint
from physprior.errors import JudgeError

pytestmark = pytest.mark.usefixtures("local_line")

# What can never be answered


@pytest.mark.parametrize(
    ("script", "said", "remedy"),
    [
        (error(401, "Wrong key."), "HTTP 401: Wrong key.", "it needs a key"),
        (error(403, "Not you."), "HTTP 403: Not you.", "it needs a key"),
        (error(402, "No credit."), "HTTP 402: No credit.", "credit"),
        (error(429, "Quota.", code="insufficient_quota"), "HTTP 429: Quota.", "credit"),
        (error(404, "The model `x` does not exist"), "does not exist", "/v1/models"),
        (error(404, "Nothing here."), "HTTP 404: Nothing here.", "base URL"),
        (error(405), "HTTP 405", "base URL"),
        (error(400, "Bad thing."), "HTTP 400: Bad thing.", "complains of"),
        (error(422, "Bad thing."), "HTTP 422: Bad thing.", "complains of"),
        (rate_limited(7200), "left alone for 120 minutes", "wait for so long"),
        (
            lambda asked: Answer(b"", 308, {"Location": "http://other.test/v1"}),
            "HTTP 308, see http://other.test/v1",
            "not sent on",
        ),
    ],
)
def test_a_judge_that_can_never_answer_ends_all_at_once(
    script: Script, said: str, remedy: str
) -> None:
    message = ended(script)
    assert said in message
    assert remedy in message.split("remedy:")[1]


def test_a_base_url_without_v1_is_told_what_it_lacks() -> None:
    with JudgeServer(error(404, "Not Found")) as server:
        endpoint = Endpoint(server.url.removesuffix("/v1"), "judge")

        async def go() -> None:
            async with Client(endpoint) as client:
                await client.ask(PROMPT)

        with pytest.raises(JudgeError, match=f"most end with /v1: {server.url}"):
            asyncio.run(go())


def test_after_the_end_nothing_is_sent_and_each_question_has_its_own_error() -> None:
    with JudgeServer(in_turn(error(401))) as server:
        outcomes, _ = ask_all(server, prompts(40), connections=2)
        assert server.count <= 2
    assert all(isinstance(outcome, JudgeError) for outcome in outcomes)
    assert len(set(map(id, outcomes))) == 40


def test_the_end_wakes_those_who_wait() -> None:
    def script(asked: Asked) -> Answer:
        return (rate_limited(300) if asked.number == 0 else slow(0.2, error(401)))(asked)

    began = time.monotonic()
    with JudgeServer(script) as server:
        outcomes, _ = ask_all(server, prompts(2), connections=2)
    assert time.monotonic() - began < 3
    assert all(isinstance(outcome, JudgeError) for outcome in outcomes)


def test_an_endpoint_that_answers_none_of_twenty_questions_is_down() -> None:
    with JudgeServer(error(500, "Out of order.")) as server:
        outcomes, _ = ask_all(server, prompts(SILENT + 5), attempts=1, connections=1)
        assert server.count == SILENT
    assert sum(isinstance(outcome, Unanswered) for outcome in outcomes) == SILENT - 1
    assert "answered none of the last 20 questions" in str(outcomes[-1])
    assert "Out of order." in str(outcomes[-1])


def test_an_answer_in_between_shows_that_the_endpoint_is_up() -> None:
    def script(asked: Asked) -> Answer:
        return (good if asked.number % SILENT == SILENT - 1 else error(500))(asked)

    with JudgeServer(script) as server:
        outcomes, _ = ask_all(server, prompts(2 * SILENT), attempts=1, connections=1)
    assert [isinstance(outcome, Reply) for outcome in outcomes].count(True) == 2
    assert not any(isinstance(outcome, JudgeError) for outcome in outcomes)


# What one question cannot have


@pytest.mark.parametrize(
    "script",
    [
        error(413, "Too large."),
        error(400, "This model's maximum context length is 4096 tokens."),
        error(400, "No.", code="context_length_exceeded"),
        error(400, "No.", code="content_filter"),
        error(403, "Your input was flagged by moderation."),
    ],
)
def test_a_question_that_the_judge_will_not_take_is_one_question(script: Script) -> None:
    with JudgeServer(script) as server:
        outcome = ask(server)
        assert server.count == 1
    assert isinstance(outcome, Unanswered)
    assert outcome.reason.startswith("HTTP 4")


def test_a_bad_request_among_good_ones_is_that_question_s() -> None:
    with JudgeServer(lambda asked: (error(400) if "3" in asked.user else good)(asked)) as server:
        outcomes, _ = ask_all(server, prompts(6), connections=1)
    assert [type(outcome) for outcome in outcomes] == [Reply] * 3 + [Unanswered] + [Reply] * 2


# The form that a judge refuses


def refusing_forms(*refused: str, message: str = "'response_format' is not supported") -> Script:
    def script(asked: Asked) -> Answer:
        form = (asked.body.get("response_format") or {"type": "none"})["type"]
        return error(400, message)(asked) if form in refused else saying("{}")(asked)

    return script


@pytest.mark.parametrize(
    ("refused", "last"),
    [
        ((), "json_schema"),
        (("json_schema",), "json_object"),
        (("json_schema", "json_object"), None),
    ],
)
def test_a_refused_form_is_put_milder(refused: tuple[str, ...], last: str | None) -> None:
    with JudgeServer(refusing_forms(*refused)) as server:
        outcomes, told = ask_all(server, prompts(9), connections=1)
        forms = [(asked.body.get("response_format") or {}).get("type") for asked in server.asked]
    assert all(isinstance(outcome, Reply) for outcome in outcomes)
    assert forms[len(refused) :] == [last] * 9, "the form is remembered"
    assert told.count("refuses this form") == len(refused)


def test_questions_that_are_refused_together_step_down_together() -> None:
    with JudgeServer(slow(0.05, refusing_forms("json_schema"))) as server:
        outcomes, told = ask_all(server, prompts(8), connections=8)
        forms = [(asked.body.get("response_format") or {}).get("type") for asked in server.asked]
    assert all(isinstance(outcome, Reply) for outcome in outcomes)
    assert set(forms) == {"json_schema", "json_object"}
    assert told.count("refuses this form") == 1


def test_a_refused_form_uses_up_no_attempt() -> None:
    assert answered(refusing_forms("json_schema", "json_object"), attempts=1).attempts == 3


@pytest.mark.parametrize(
    ("structured", "form"),
    [("schema", "json_schema"), ("object", "json_object"), ("none", None)],
)
def test_a_form_that_was_asked_for_is_put_and_no_other(structured: str, form: str | None) -> None:
    with JudgeServer(saying("{}")) as server:
        ask(server, structured=structured)
        assert (server.asked[0].body.get("response_format") or {}).get("type") == form
    assert "--structured auto" in ended(refusing_forms("json_schema"), structured="schema")


def only(accepts: Callable[[Asked], bool], message: str, **fields: str) -> Script:
    return lambda asked: (good if accepts(asked) else error(400, message, **fields))(asked)


def test_a_judge_that_calls_its_limit_otherwise_gets_it_so() -> None:
    script = only(
        lambda asked: asked.body.get("max_completion_tokens") == 99,
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
        "'max_completion_tokens' instead.",
        param="max_tokens",
    )
    with JudgeServer(script) as server:
        assert isinstance(ask(server, max_tokens=99), Reply)
        assert "max_tokens" not in server.asked[-1].body


def test_a_judge_that_refuses_a_temperature_keeps_its_own_and_it_is_told() -> None:
    script = only(
        lambda asked: "temperature" not in asked.body,
        "Unsupported value: 'temperature' does not support 0 with this model. Only the default "
        "(1) value is supported.",
        param="temperature",
    )
    with JudgeServer(script) as server:
        outcomes, told = ask_all(server, [PROMPT])
    assert isinstance(outcomes[0], Reply)
    assert "keeps its own" in told


def test_a_limit_that_is_too_high_is_the_user_s_to_lower() -> None:
    message = "max_tokens is too large: 2048. This model supports at most 1024."
    assert message in ended(error(400, message, param="max_tokens"))


# Where it goes


def test_without_a_key_none_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-somebody-elses-key")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-somebody-elses-key")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    with JudgeServer() as server:
        ask(server)
        assert "authorization" not in server.asked[0].headers
        assert "somebody" not in json.dumps(dict(server.asked[0].headers))


def test_an_error_is_one_short_line_that_no_terminal_obeys() -> None:
    reason = unanswered(error(500, "\x1b[2J\n\nbad\u202e " + "long " * 1000), attempts=1)
    assert reason.startswith("HTTP 500: [2J bad long long")
    assert reason.isprintable()
    assert len(reason) < 230


@pytest.mark.timeout(30)
def test_a_limit_that_no_name_makes_fit_ends_and_is_not_asked_for_ever() -> None:
    too_much = "Invalid 'max_completion_tokens': 99 is more than this model writes."
    with JudgeServer(error(400, too_much, param="max_completion_tokens")) as server:
        outcome = ask(server, max_tokens=99)
        assert server.count == 2
    assert isinstance(outcome, JudgeError)
    assert too_much in outcome.message
