"""A model is called what it is asked as, and pictures go along where a question has some."""

from __future__ import annotations

import pytest
from judge_asking import PROMPT, SCHEMA, ask_all
from judge_server import JudgeServer, error, good

from physprior.endpoint.endpoint import Endpoint
from physprior.endpoint.prompt import Prompt
from physprior.errors import JudgeError

pytestmark = pytest.mark.usefixtures("local_line")
IMAGE = "data:image/jpeg;base64,AAAA"


def test_a_question_without_pictures_is_text_and_keeps_the_hash_that_it_had() -> None:
    with JudgeServer() as server:
        ask_all(server, [PROMPT])
        message = server.asked[0].body["messages"][1]
    assert message == {"role": "user", "content": PROMPT.user}
    # Replies are kept under it: another hash would ask, and be paid for, again.
    assert PROMPT.hash == "6bd0ca9c29d5d80c5a18dd38c164f16a05f56c86357e21a5d238c72b0aa0f141"


def test_pictures_go_before_the_text_of_the_question_and_make_it_another() -> None:
    seen = Prompt("You see.", "What moves?", SCHEMA, "seen", (IMAGE, f"{IMAGE}B"))
    with JudgeServer(good) as server:
        ask_all(server, [seen])
        content = server.asked[0].body["messages"][1]["content"]
    assert [part["type"] for part in content] == ["image_url", "image_url", "text"]
    assert content[0]["image_url"] == {"url": IMAGE}
    assert content[2]["text"] == "What moves?"
    assert seen.hash != Prompt("You see.", "What moves?", SCHEMA, "seen", (IMAGE,)).hash


@pytest.mark.parametrize("status", [401, 402, 404])
def test_messages_call_the_model_what_it_is_asked_as(status: int) -> None:
    with JudgeServer(error(status)) as server:
        outcomes, _ = ask_all(server, [PROMPT], role="drafter", kept=False)
    said = str(outcomes[0])
    assert said.startswith(f"the drafter at {server.url} says HTTP {status}")
    assert "judge" not in said
    assert "what was answered is kept" not in said


def test_a_broken_address_is_that_of_the_role() -> None:
    with pytest.raises(JudgeError, match="the drafter's base URL holds a query"):
        Endpoint("http://here/v1?key=1", "m", role="drafter")
