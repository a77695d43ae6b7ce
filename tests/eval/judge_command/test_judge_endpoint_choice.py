"""Which judge is meant: by options, by our variables, by OpenAI's; and what a cost takes."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from physprior.cli.judge_endpoint import find_judge
from physprior.cli.judge_options import cache_file, price_of
from physprior.cli.judged_table import Price
from physprior.errors import JudgeError
from physprior.eval.judge.judged import Usage

HERE = "http://localhost:8000/v1"
THEIRS = "https://judge.example.com/v1"


@pytest.fixture(autouse=True)
def _no_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PHYSPRIOR_JUDGE_URL", "PHYSPRIOR_JUDGE_MODEL", "PHYSPRIOR_JUDGE_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in {
        "PHYSPRIOR_JUDGE_URL": HERE,
        "PHYSPRIOR_JUDGE_MODEL": "ours",
        "PHYSPRIOR_JUDGE_KEY": "sk-ours",
        "OPENAI_BASE_URL": THEIRS,
        "OPENAI_API_KEY": "sk-openai",
    }.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_options_go_before_every_variable(environment: pytest.MonkeyPatch) -> None:
    found = find_judge("http://other/v1", "other", "sk-other")
    assert (found.base_url, found.model, found.key) == ("http://other/v1", "other", "sk-other")
    assert found.told == "address from --base-url, model from --model, key from --key"


def test_our_variables_go_before_openai_s(environment: pytest.MonkeyPatch) -> None:
    found = find_judge(None, None, None)
    assert (found.base_url, found.model, found.key) == (HERE, "ours", "sk-ours")
    assert found.told == (
        "address from PHYSPRIOR_JUDGE_URL, model from PHYSPRIOR_JUDGE_MODEL, key from "
        "PHYSPRIOR_JUDGE_KEY"
    )


@pytest.mark.parametrize("empty", ["", "  "])
def test_a_variable_that_says_nothing_is_not_set(
    environment: pytest.MonkeyPatch, empty: str
) -> None:
    environment.setenv("PHYSPRIOR_JUDGE_URL", empty)
    environment.setenv("PHYSPRIOR_JUDGE_KEY", empty)
    found = find_judge(None, None, None)
    assert (found.base_url, found.key) == (THEIRS, "sk-openai")
    assert found.told.endswith("key from OPENAI_API_KEY")


@pytest.mark.parametrize(
    "url", ["https://api.openai.com/v1", "https://api.openai.com:443/v1/", THEIRS + "/x"]
)
def test_openai_s_key_goes_to_openai_and_to_its_own_base_url(
    environment: pytest.MonkeyPatch, url: str
) -> None:
    environment.delenv("PHYSPRIOR_JUDGE_KEY")
    found = find_judge(url, None, None)
    assert (found.key, found.remarks) == ("sk-openai", ())


@pytest.mark.parametrize(
    "url",
    [
        HERE,
        "http://api.openai.com/v1",
        "https://api.openai.com.example.com/v1",
        "https://api.openai.com@example.com/v1",
        "https://judge.example.com:8443/v1",
        "http://[broken",
    ],
)
def test_openai_s_key_goes_nowhere_else(environment: pytest.MonkeyPatch, url: str) -> None:
    environment.delenv("PHYSPRIOR_JUDGE_KEY")
    found = find_judge(url, None, None)
    assert found.key == ""
    assert found.told.endswith("no key")
    assert "OPENAI_API_KEY is not sent" in found.remarks[0]


def test_without_any_key_there_is_nothing_to_remark() -> None:
    assert find_judge(HERE, "ours", None).remarks == ()


def test_without_an_address_it_says_how_to_name_one() -> None:
    with pytest.raises(JudgeError, match="neither --base-url nor PHYSPRIOR_JUDGE_URL"):
        find_judge(None, "ours", None)


def test_without_a_model_it_says_how_to_name_one() -> None:
    with pytest.raises(JudgeError, match="neither --model nor PHYSPRIOR_JUDGE_MODEL"):
        find_judge(HERE, None, None)


def test_what_was_found_does_not_show_its_key(environment: pytest.MonkeyPatch) -> None:
    assert "sk-ours" not in repr(find_judge(None, None, None))


def test_a_cost_is_that_of_a_million_tokens_each_way() -> None:
    price = price_of(0.5, 2.0)
    assert price == Price(0.5, 2.0)
    assert price.of(Usage(prompt_tokens=2_000_000, completion_tokens=500_000)) == 2.0


@pytest.mark.parametrize(
    ("sent", "replied", "said"),
    [
        (1.0, None, "takes --price-out too"),
        (None, 0.0, "takes --price-in too"),
        (float("inf"), 1.0, "inf is no price"),
        (1.0, float("nan"), "nan is no price"),
    ],
)
def test_half_a_price_or_none_that_can_be_paid_is_refused(
    sent: float | None, replied: float | None, said: str
) -> None:
    with pytest.raises(typer.BadParameter, match=said):
        price_of(sent, replied)


def test_the_cache_is_the_user_s_or_a_folder_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHYSPRIOR_CACHE", str(tmp_path / "users"))
    assert cache_file(None, False) == tmp_path / "users" / "judge.sqlite"
    assert cache_file(tmp_path, False) == tmp_path / "judge.sqlite"
    assert cache_file(None, True) is None
