from __future__ import annotations

import asyncio

import pytest

from physprior.endpoint.client import Client
from physprior.endpoint.endpoint import Endpoint
from physprior.endpoint.pace import LONGEST_WAIT, Pace
from physprior.endpoint.secret import Secret
from physprior.endpoint.trouble import retry_after
from physprior.errors import JudgeError

KEY = "sk-only-for-this-test-4f9a"
NOON = "Sun, 22 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("given", "base_url"),
    [
        ("http://localhost:8000/v1", "http://localhost:8000/v1"),
        ("https://judge.test/v1/", "https://judge.test/v1"),
        (" http://[::1]:8000/v1\n", "http://[::1]:8000/v1"),
    ],
)
def test_a_base_url_has_no_slash_at_its_end(given: str, base_url: str) -> None:
    assert Endpoint(given, "m").base_url == base_url


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "localhost:8000/v1",
        "judge.test",
        "ftp://judge.test/v1",
        "file:///etc/passwd",
        "http://",
        "http:///v1",
        "http://judge.test:port/v1",
        "http://judge.test:99999/v1",
        "http://[::1/v1",
        "http://judge.test/v1?api-version=1",
        "http://judge.test/v1#part",
        "http://exa mple.test/v1",
        "http://exa\nmple.test/v1",
        "http://ex\x00ample/v1",
    ],
)
def test_what_is_no_base_url_is_refused(base_url: str) -> None:
    with pytest.raises(JudgeError, match="base URL"):
        Endpoint(base_url, "m")


@pytest.mark.parametrize(
    "base_url",
    [
        "https://me:hunter2@judge.test/v1",
        "https://hunter2@judge.test/v1",
        "https://me:hunter2@judge.test:port/v1",
        "https://judge.test/v1?key=hunter2",
        "ftp://me:hunter2@judge.test/v1",
        "me:hunter2@judge.test/v1",
        "https://me:hunter2",
    ],
)
def test_a_password_in_a_base_url_is_refused_and_not_repeated(base_url: str) -> None:
    with pytest.raises(JudgeError) as caught:
        Endpoint(base_url, "m")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("base_url", "model"),
    [
        (KEY, "m"),
        (f"http://judge.test:{KEY}/v1", "m"),
        (f"http://judge.test/{KEY}/v1", "m"),
        ("http://judge.test/v1", KEY),
    ],
)
def test_a_key_in_another_place_is_refused_and_not_repeated(base_url: str, model: str) -> None:
    with pytest.raises(JudgeError) as caught:
        Endpoint(base_url, model, Secret(KEY))
    assert KEY not in f"{caught.value} {caught.value.remedy}"


def test_a_key_that_is_a_placeholder_may_stand_in_the_address_too() -> None:
    assert Endpoint("http://ollama:11434/v1", "ollama", Secret("ollama")).model == "ollama"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALL_PROXY", "carrier-pigeon://me:hunter2@nowhere"),
        ("SSL_CERT_FILE", "/certificates/that/are/not/there"),
    ],
)
def test_an_environment_without_a_way_out_is_an_error_in_words(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    async def go() -> None:
        async with Client(Endpoint("http://judge.test/v1", "m")):
            pass

    with pytest.raises(JudgeError, match=name) as caught:
        asyncio.run(go())
    assert "hunter2" not in str(caught.value)


def test_a_judge_has_a_name() -> None:
    with pytest.raises(JudgeError, match="no judge is named"):
        Endpoint("http://judge.test/v1", "  ")


@pytest.mark.parametrize("field", ["timeout", "attempts", "connections", "max_tokens"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
def test_limits_are_more_than_nothing(field: str, value: float) -> None:
    with pytest.raises(JudgeError, match=field):
        Endpoint("http://judge.test/v1", "m", **{field: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-7"}, 0.0),
        ({"retry-after": "7", "retry-after-ms": "250"}, 0.25),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:40 GMT", "date": NOON}, 40.0),
        ({"retry-after": "Sun, 22 Nov 2026 13:00:40 +0100", "date": NOON}, 40.0),
        ({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT", "date": NOON}, 0.0),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:40", "date": NOON}, 40.0),
        ({"retry-after": "in a while"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "Sun, 22 Nov 99999 12:00:40 GMT"}, None),
    ],
)
def test_retry_after_is_read_in_each_of_its_forms(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(headers) == seconds


def test_a_retry_after_without_a_date_of_the_server_is_by_our_clock() -> None:
    assert retry_after({"retry-after": "Sun, 22 Nov 2099 12:00:00 GMT"}) > 10**9  # type: ignore[operator]


def test_waits_grow_twofold_with_full_jitter_and_have_an_end() -> None:
    pace = Pace(0.5)
    for tries, most in ((1, 0.5), (2, 1.0), (3, 2.0), (40, LONGEST_WAIT), (10_000, LONGEST_WAIT)):
        waits = [pace.wait_of(tries) for _ in range(400)]
        assert 0.9 * most < max(waits) <= most
        assert 0 <= min(waits) < 0.1 * most
