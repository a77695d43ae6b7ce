"""A judge of one's own: an OpenAI-compatible HTTP server that misbehaves as it is told.

A real server on a real port. A script is asked what to do with each request:

    with JudgeServer(in_turn(error(500), good)) as server:
        ...                             # base URL: server.url
        assert server.count == 2        # requests that came; server.asked holds them all

``good`` answers any request that brings a JSON schema with an object of that schema, the same for
the same question; ``saying(text)`` answers with that text. In a process of its own:

    python tests/endpoint/judge_server.py --latency 0.2     prints its base URL, ends with its input
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from email.utils import formatdate
from typing import Any, Self

from judge_http import Answer, Asked, Handler, Listener, Script


def completion(text: object, asked: Asked, **fields: Any) -> dict[str, Any]:
    """A chat completion that says ``text``; ``fields`` change its message, finish or usage."""
    message = {"role": "assistant", "content": text, **fields.get("message", {})}
    words = len(str(text or "").split())
    return {
        "id": f"chatcmpl-{asked.number}",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": fields.get("model", asked.body.get("model")),
        "choices": [
            {"index": 0, "message": message, "finish_reason": fields.get("finish", "stop")}
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": words, "total_tokens": 100 + words},
    }


def in_json(value: Any, status: int = 200, **how: Any) -> Answer:
    headers = {"Content-Type": "application/json", **how.pop("headers", {})}
    return Answer(json.dumps(value).encode(), status, headers, **how)


def saying(text: object, **fields: Any) -> Script:
    """Answers with that text, whatever is asked."""
    return lambda asked: in_json(completion(text, asked, **fields))


def good(asked: Asked) -> Answer:
    """An object of the schema that the request brings, the same for the same question."""
    return in_json(completion(good_text(asked), asked))


def good_text(asked: Asked) -> str:
    assert asked.schema is not None, "without a schema there is no telling what is good: saying()"
    seed = int(hashlib.sha256(asked.question.encode()).hexdigest(), 16)
    return json.dumps(_of_schema(asked.schema, random.Random(seed)))


def _of_schema(schema: Mapping[str, Any], draw: random.Random) -> Any:
    if "enum" in schema:
        return draw.choice(schema["enum"])
    kind = schema["type"]
    if kind == "object":
        return {name: _of_schema(part, draw) for name, part in schema["properties"].items()}
    if kind == "array":
        count = schema.get("minItems", schema.get("maxItems", 1))
        return [_of_schema(schema["items"], draw) for _ in range(count)]
    if kind == "integer":
        return draw.randint(schema.get("minimum", 0), schema.get("maximum", 4))
    if kind == "number":
        return round(draw.uniform(schema.get("minimum", 0), schema.get("maximum", 1)), 2)
    return "The spring no longer pushes back, as the answer says."


def in_turn(*scripts: Script) -> Script:
    """The first request of a question gets the first, and so on; the last stays."""
    return lambda asked: scripts[min(asked.again, len(scripts) - 1)](asked)


def slow(seconds: float, then: Script = good) -> Script:
    return lambda asked: replace(then(asked), delay=seconds)


def error(status: int, message: str = "It went wrong.", **fields: Any) -> Script:
    """An error in OpenAI's form; ``headers`` and the error's ``code``, ``param`` by name."""
    headers = fields.pop("headers", {})
    body = {"error": {"message": message, "type": "error", "param": None, "code": None, **fields}}
    return lambda asked: in_json(body, status, headers=headers)


def rate_limited(seconds: float, *, date: bool = False) -> Script:
    """429 with Retry-After in seconds, or as an HTTP date so many whole seconds after its own."""

    def script(asked: Asked) -> Answer:
        now = int(time.time())
        headers = {"Retry-After": str(seconds)}
        if date:
            moments = {"Date": now, "Retry-After": now + seconds}
            headers = {name: formatdate(at, usegmt=True) for name, at in moments.items()}
        return error(429, "Too many requests.", headers=headers)(asked)

    return script


def cut(asked: Asked) -> Answer:
    """The connection is closed in the middle of the reply."""
    whole = good(asked) if asked.schema else saying("{}")(asked)
    return replace(whole, cut=len(whole.body) // 2)


def reset(asked: Asked) -> Answer:
    """The connection is reset before a byte of the reply."""
    return Answer(b"", reset=True)


def dripping(seconds: float, then: Script = good) -> Script:
    """The reply comes a byte at a time."""
    return lambda asked: replace(then(asked), drip=seconds)


def html(asked: Asked) -> Answer:
    """A page, with status 200, as a proxy's sign-in page is."""
    return Answer(b"<html><body>Please sign in</body></html>", 200, {"Content-Type": "text/html"})


def raw(body: bytes, status: int = 200) -> Script:
    """That body, said to be JSON."""
    return lambda asked: Answer(body, status, {"Content-Type": "application/json"})


def prose(asked: Asked) -> Answer:
    """Words around the object."""
    return saying(f"Let me think about it.\n\n{good_text(asked)}\n\nI hope this helps!")(asked)


def fenced(asked: Asked) -> Answer:
    """The object within a code fence."""
    return saying(f"```json\n{good_text(asked)}\n```")(asked)


def two_objects(asked: Asked) -> Answer:
    """The same object twice."""
    return saying(f"{good_text(asked)}\n{good_text(asked)}")(asked)


def out_of_range(asked: Asked) -> Answer:
    """The object with every number above what is allowed."""
    return saying(json.dumps(_raised(json.loads(good_text(asked)))))(asked)


def _raised(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _raised(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_raised(part) for part in value]
    return value + 100 if isinstance(value, int | float) else value


refusing = saying(None, message={"refusal": "I cannot help with that."})
not_json = raw(b'{"choices": [')


def echoing_key(asked: Asked) -> Answer:
    """401, with the key and the Authorization header in words, body and header."""
    message = f"Incorrect API key provided: {asked.key}. {asked.headers.get('authorization')}"
    return error(401, message, headers={"X-Echo": asked.key, "X-Request-Id": asked.key})(asked)


def huge(size: int) -> Script:
    """A reply whose text has that many letters."""
    return saying("a" * size)


class JudgeServer:
    """Listens while it is entered. ``script`` may be replaced at any time."""

    def __init__(self, script: Script = good, *, latency: float = 0.0) -> None:
        self.script = script
        self.latency = latency
        self.asked: list[Asked] = []
        """All requests, in the order in which they came."""
        self.questions: Counter[str] = Counter()
        """How often each question came."""
        self.most_at_once = 0
        """How many requests were under way at the same time, at most."""
        self._under_way = 0
        self._lock = threading.Lock()
        self._server = Listener(("127.0.0.1", 0), Handler)
        self._server.judge = self

    @property
    def url(self) -> str:
        """The base URL, ``/v1`` included."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    @property
    def count(self) -> int:
        """How many requests came."""
        return len(self.asked)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *what: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def note(self, path: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> Asked:
        """Write a request down as it comes, before it is answered."""
        with self._lock:
            asked = Asked(len(self.asked), 0, path, headers, body)
            asked = replace(asked, again=self.questions[asked.question])
            self.asked.append(asked)
            self.questions[asked.question] += 1
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
        return asked

    def done(self) -> None:
        with self._lock:
            self._under_way -= 1


def main() -> int:
    """Serve until the input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.0)
    chosen = parser.parse_args()
    with JudgeServer(latency=chosen.latency) as server:
        sys.stdout.write(server.url + "\n")
        sys.stdout.flush()
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
