"""The key shows up nowhere: not where it is printed, copied, logged, nor where it is echoed."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import json
import logging
import os
import pickle
import re
import subprocess
import sys
import time
import traceback
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from judge_server import Asked, JudgeServer, Script, echoing_key, error, in_json, raw, saying

from physprior.cli import main
from physprior.endpoint.client import Client, Reply, Unanswered
from physprior.endpoint.endpoint import Endpoint
from physprior.endpoint.prompt import Prompt
from physprior.endpoint.secret import HIDDEN, Secret
from physprior.errors import JudgeError

KEY = 'sk-proj-Zx9/q+T="7"&wV3'
PROMPT = Prompt("You judge.", "Is it broken?", {"type": "object", "properties": {}}, "marks")
pytestmark = pytest.mark.usefixtures("local_line")
PIECES = [KEY[:11], KEY[-11:]]


def assert_hidden(text: str) -> None:
    spellings = {KEY, quote(KEY), quote(KEY, safe=""), json.dumps(KEY)[1:-1], *PIECES}
    spellings |= {b64encode(KEY.encode()).decode().rstrip("=")}
    for spelling in spellings:
        assert spelling not in text


# The key in hand


@pytest.mark.parametrize("form", ["{}", "{!s}", "{!r}", "{!a}", "{:>40}"])
def test_printed_it_shows_nothing(form: str) -> None:
    assert_hidden(form.format(Secret(KEY)))


def test_what_holds_it_shows_nothing_either() -> None:
    endpoint = Endpoint("http://judge/v1", "m", Secret(KEY))
    assert_hidden(f"{endpoint} {[endpoint]!r} {dataclasses.astuple(endpoint)}")


def test_it_is_not_pickled() -> None:
    for held in (Secret(KEY), Endpoint("http://judge/v1", "m", Secret(KEY))):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(TypeError, match="not pickled"):
                pickle.dumps(held, protocol)


def test_it_is_no_json_and_has_no_fields() -> None:
    with pytest.raises(TypeError):
        json.dumps(Secret(KEY))
    with pytest.raises(TypeError):
        vars(Secret(KEY))


def test_a_copy_of_an_endpoint_keeps_its_key() -> None:
    endpoint = Endpoint("http://judge/v1", "m", Secret(KEY))
    assert copy.deepcopy(endpoint).key.show() == KEY
    assert dataclasses.replace(endpoint, model="n").key.show() == KEY
    assert_hidden(str(dataclasses.asdict(endpoint)))


def test_blanks_around_it_are_not_part_of_it() -> None:
    assert Secret(f" {KEY}\n").show() == KEY


@pytest.mark.parametrize("bad", ["sk-abc def-123456", "sk-abc\ndef-123456", "sk-abcдеf-123456"])
def test_what_no_header_can_carry_is_refused_without_being_shown(bad: str) -> None:
    with pytest.raises(JudgeError, match="ASCII") as caught:
        Secret(bad)
    assert bad[:6] not in str(caught.value)


def test_a_token_of_thousands_of_letters_is_a_key_too() -> None:
    began = time.process_time()
    token = "eyJ" + "".join(f"{number:x}" for number in range(1500))
    assert Secret(token).redact(f"{token[:20]}...{token[-4:]} {token}") == f"{HIDDEN} {HIDDEN}"
    assert time.process_time() - began < 1


def test_no_key_is_false() -> None:
    assert not Secret()
    assert Secret("x")


# Taking it out of a text


@pytest.mark.parametrize(
    "spelled",
    [
        KEY,
        f"Bearer {KEY}.",
        quote(KEY, safe=""),
        quote(KEY),
        quote_plus(KEY),
        json.dumps(KEY),
        json.dumps(KEY).replace("/", "\\/"),
        repr(KEY),
        repr(KEY.encode()),
        "sk-proj-Zx9/q+T=&quot;7&quot;&amp;wV3",
        b64encode(KEY.encode()).decode(),
        b64encode(f":{KEY}".encode()).decode(),
        KEY * 3,
        f"{KEY[:11]}***{KEY[-11:]}",
        f"{KEY[:11]}********",
        f"****{KEY[-11:]}",
        f"{KEY[:11]}...",
        f"{KEY[:11]}…{KEY[-11:]}",
        f"{KEY[:11]}xxxxxxx{KEY[-11:]}",
    ],
)
def test_it_is_taken_out_however_it_is_spelled(spelled: str) -> None:
    redacted = Secret(KEY).redact(f"before {spelled} after")
    assert_hidden(redacted)
    assert HIDDEN in redacted
    assert redacted.startswith("before ")
    assert redacted.endswith(" after")


@pytest.mark.parametrize(
    "text",
    ["", "no key here", "sk-proj-other", "*** stars ***", "and so on... there", "xxxx", "[key]"],
)
def test_what_is_not_the_key_stays(text: str) -> None:
    assert Secret(KEY).redact(text) == text


@pytest.mark.parametrize("placeholder", ["", "1", "EMPTY", "ollama", "none"])
def test_a_placeholder_is_no_secret_and_takes_no_piece_of_a_reply_along(placeholder: str) -> None:
    text = '{"reasoning": "EMPTY, none of it, says ollama", "score": 1}'
    assert Secret(placeholder).redact(text) == text


@pytest.mark.parametrize("text", ["a" * 4_000_000, "*" * 4_000_000, "*sk-" * 1_000_000])
def test_a_long_text_takes_time_by_its_length_alone(text: str) -> None:
    began = time.process_time()
    Secret(KEY).redact(text)
    assert time.process_time() - began < 5


# What an endpoint echoes


def outcome_of(script: Script) -> Reply | Unanswered | JudgeError:
    with JudgeServer(script) as server:
        endpoint = Endpoint(server.url, "m", Secret(KEY), attempts=1)

        async def go() -> Reply:
            async with Client(endpoint) as client:
                return await client.ask(PROMPT)

        try:
            return asyncio.run(go())
        except (Unanswered, JudgeError) as caught:
            assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
            return caught


@pytest.mark.parametrize(
    "script",
    [
        echoing_key,
        error(500, f"Wrong key {KEY}"),
        error(500, "x" * 190 + KEY),
        error(500, "x" * 1990 + KEY),
        error(400, "No.", code=KEY, param=KEY),
        error(403, f"Wrong key {KEY[:11]}*****{KEY[-11:]}"),
        raw(f"<p>{KEY}".encode()),
        raw(json.dumps({"error": KEY}).encode()),
        raw(json.dumps({"why": [KEY]}).encode(), 500),
        lambda asked: in_json({}, 307, headers={"Location": f"http://other/?key={quote(KEY)}"}),
    ],
)
def test_an_error_that_echoes_it_is_told_without_it(script: Script) -> None:
    caught = outcome_of(script)
    assert isinstance(caught, Unanswered | JudgeError)
    assert_hidden("".join(traceback.format_exception(caught)))
    assert_hidden(f"{vars(caught)}")
    # Not even where nobody prints: what led to it is no part of it.
    assert caught.__cause__ is None
    assert caught.__context__ is None


def test_a_reply_that_echoes_it_is_kept_without_it() -> None:
    echo = saying(f"It is {KEY}!", message={"refusal": KEY}, finish=KEY, model=f"m {KEY}")
    reply = outcome_of(echo)
    assert isinstance(reply, Reply)
    assert reply.text == f"It is {HIDDEN}!"
    assert_hidden(reply.model_dump_json())
    assert_hidden(repr(reply))


def test_a_log_at_its_most_talkative_does_not_have_it(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for name in ("openai", "httpx2", "httpcore2"):
            logging.getLogger(name).setLevel(logging.DEBUG)
        outcome_of(echoing_key)
        outcome_of(saying("{}"))
    assert "receive_response_headers" in caplog.text, "the libraries have logged what they got"
    assert HIDDEN in caplog.text, "the endpoint's echo among it"
    assert_hidden(caplog.text)


def test_the_library_s_own_switch_for_debugging_does_not_print_it(tmp_path: Path) -> None:
    script = f"""
import asyncio, logging
from physprior.endpoint.client import Client
from physprior.endpoint.endpoint import Endpoint
from physprior.endpoint.prompt import Prompt
from physprior.endpoint.secret import Secret
import os
async def go():
    async with Client(Endpoint(os.environ["URL"], "m", Secret(os.environ["KEY"]))) as client:
        await client.ask({PROMPT!r})
asyncio.run(go())
"""
    with JudgeServer(echoing_key) as server:
        fields = {"KEY": KEY, "URL": server.url, "OPENAI_LOG": "debug", "NO_PROXY": "*"}
        done = subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, **fields},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    said = done.stdout + done.stderr
    assert "HTTP Response: POST 401" in said, "it was debugging"
    assert "JudgeError" in said, "it ended in a traceback"
    assert_hidden(said)


def test_the_file_of_a_fault_of_our_own_does_not_have_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["physprior", "eval", "judge", "--key", KEY, f"--key={KEY}"])

    def fault(said: str) -> None:
        raise RuntimeError("a fault of our own")

    def script(asked: Asked) -> object:
        return error(400, f"response_format? {asked.key}", headers={"X-Echo": asked.key})(asked)

    with JudgeServer(script) as server:  # type: ignore[arg-type]

        async def go() -> None:
            async with Client(Endpoint(server.url, "m", Secret(KEY)), fault) as client:
                await client.ask(PROMPT)

        with pytest.raises(RuntimeError) as caught:
            asyncio.run(go())
    with pytest.raises(SystemExit):
        main._explain_fault(RuntimeError, caught.value, caught.tb)
    written = "".join(path.read_text() for path in tmp_path.iterdir())
    assert re.search(r"client\.py.*_adapted", written, re.DOTALL), "the whole way to the fault"
    assert_hidden(written)
    assert_hidden("".join(capsys.readouterr()))


# What belongs to an account


@pytest.mark.parametrize("account", [False, True])
def test_what_openai_s_variables_name_goes_to_their_endpoint_alone(
    account: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-secret")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Gateway: gate-secret")
    with JudgeServer() as server:
        endpoint = Endpoint(server.url, "m", Secret(KEY), account=account)

        async def ask() -> None:
            async with Client(endpoint) as client:
                await client.ask(PROMPT)

        asyncio.run(ask())
        sent = server.asked[0].headers
    assert sent["authorization"] == f"Bearer {KEY}"
    assert [value for value in sent.values() if "org-secret" in value] == ["org-secret"] * account
    assert ("secret" in str(sent)) is account
