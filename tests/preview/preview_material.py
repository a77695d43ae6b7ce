"""What the tests of the page ask a server with, and what they call it."""

from __future__ import annotations

import http.client
from collections.abc import Callable

from physprior.preview.server import PageServer

Replace = Callable[[str, str], None]
"""Saves the entry with words changed."""


class Answer:
    """What a server said."""

    def __init__(self, found: http.client.HTTPResponse) -> None:
        self.status = found.status
        self.fields = found.headers
        self.body = found.read()

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


Ask = Callable[..., Answer]


def asking(server: PageServer) -> Ask:
    """Asks a server over its socket."""

    def ask(path: str, *, method: str = "GET", **fields: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = Answer(connection.getresponse())
        connection.close()
        return answer

    return ask
