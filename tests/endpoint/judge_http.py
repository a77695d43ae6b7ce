"""The HTTP of judge_server: a request as it came, an answer to send, and the sending of it."""

from __future__ import annotations

import json
import socket
import struct
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    number: int
    """How many came before it."""
    again: int
    """How often the same question came before it."""
    path: str
    headers: Mapping[str, str]
    """By their names in lower case."""
    body: Mapping[str, Any]

    @property
    def system(self) -> str:
        return self._content("system")

    @property
    def user(self) -> str:
        return self._content("user")

    @property
    def question(self) -> str:
        """What makes it the same question as another."""
        return json.dumps(self.body.get("messages"), sort_keys=True)

    @property
    def schema(self) -> Mapping[str, Any] | None:
        form = self.body.get("response_format") or {}
        return form["json_schema"]["schema"] if form.get("type") == "json_schema" else None

    @property
    def key(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")

    @property
    def images(self) -> list[str]:
        """The URLs of the pictures that came along."""
        return [
            part["image_url"]["url"] for part in self._parts("user") if part["type"] == "image_url"
        ]

    def _content(self, role: str) -> str:
        return "".join(part["text"] for part in self._parts(role) if part["type"] == "text")

    def _parts(self, role: str) -> list[dict[str, Any]]:
        said = [message["content"] for message in self.body["messages"] if message["role"] == role]
        return [
            part
            for content in said
            for part in (
                [{"type": "text", "text": content}] if isinstance(content, str) else content
            )
        ]


@dataclass(frozen=True)
class Answer:
    """What is sent back, and how."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    """Seconds before the first byte."""
    drip: float = 0.0
    """Seconds between two bytes of the body; 0 sends it whole."""
    cut: int | None = None
    """Bytes of the body after which the connection is closed, though more were announced."""
    reset: bool = False
    """Whether the connection is reset before a byte is sent."""


Script = Callable[[Asked], Answer]


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    judge: Any
    """The JudgeServer that it listens for."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has left is what these tests are about."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body go out as two writes; without this the second waits for an acknowledgement.
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Listener

    def log_message(self, *what: object) -> None:
        """The tests look at ``asked`` instead."""

    def do_GET(self) -> None:
        self._send(Answer(b"", 405))

    def do_POST(self) -> None:
        judge = self.server.judge
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = judge.note(self.path, headers, body)
        try:
            answer = judge.script(asked)
            time.sleep(judge.latency + answer.delay)
            self._send(answer)
        finally:
            judge.done()

    def _send(self, answer: Answer) -> None:
        if answer.reset:
            # Closed with a linger of 0, a socket says RST.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        self.send_response_only(answer.status)
        own = {"Date": self.date_time_string(), "Content-Length": len(answer.body)}
        for name, value in {**own, **answer.headers}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self._send_body(answer)

    def _send_body(self, answer: Answer) -> None:
        body = answer.body if answer.cut is None else answer.body[: answer.cut]
        if answer.drip:
            for place in range(len(body)):
                self.wfile.write(body[place : place + 1])
                self.wfile.flush()
                time.sleep(answer.drip)
        else:
            self.wfile.write(body)
        self.wfile.flush()
        self.close_connection = self.close_connection or answer.cut is not None
