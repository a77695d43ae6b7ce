"""The server of the page: this machine alone may ask it, and it gives the page and its videos.

    GET /          the page, with an ETag; 304 where it is still the same
    GET /strip/3   the frames of the page's video number 3, side by side
    GET /video/3   the video itself; parts of it, where a player asks for a range

Nothing else is there. Videos have numbers and no paths, so that no path can be asked for.
"""

from __future__ import annotations

import re
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import Any

from physprior.errors import OutputError
from physprior.preview.live import LivePage

HOST = "127.0.0.1"
DEFAULT_PORT = 8765
TRIED = 10
"""How many ports are tried from the default one, where none is named."""

_TYPES = {
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".mov": "video/quicktime",
    ".mkv": "video/x-matroska",
    ".avi": "video/x-msvideo",
}
_ADDRESS = re.compile(r"/(strip|video)/([0-9]{1,6})")
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_PIECE = 1 << 16


class PageServer(ThreadingHTTPServer):
    """Serves one page; its threads end with it."""

    daemon_threads = True

    def __init__(self, port: int, page: LivePage) -> None:
        self.page = page
        super().__init__((HOST, port), _Handler)

    def server_bind(self) -> None:
        """Bind, without asking a name server what this machine is called."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]

    @property
    def url(self) -> str:
        """The page's address."""
        return f"http://{HOST}:{self.server_port}/"

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """A browser that went away in the middle is no error; anything else is said in a line."""
        error = sys.exception()
        if not isinstance(error, ConnectionError | TimeoutError):
            sys.stderr.write(f"the page could not be given: {type(error).__name__}: {error}\n")


def open_server(port: int | None, page: LivePage) -> PageServer:
    """A server that listens on ``port``; None: on 8765, or the next of ten that is free.

    Port 0 takes any that is free. Raises OutputError where the port is in use.
    """
    ports = range(DEFAULT_PORT, DEFAULT_PORT + TRIED) if port is None else [port]
    reason = ""
    for one in ports:
        try:
            return PageServer(one, page)
        except OSError as error:
            reason = error.strerror or str(error)
    named = f"port {port}" if port is not None else f"any of the ports {ports[0]} to {ports[-1]}"
    raise OutputError(
        f"the page cannot be served on {named} of {HOST}: {reason}",
        remedy="stop what listens there, or let '--port 0' take one that is free",
    )


class _Handler(BaseHTTPRequestHandler):
    server: PageServer
    protocol_version = "HTTP/1.1"
    server_version = "physprior"
    sys_version = ""
    timeout = 30

    def do_GET(self) -> None:
        """Answer a browser."""
        if not self._is_ours():
            self._say(HTTPStatus.MISDIRECTED_REQUEST, "this address is not served here")
            return
        address = self.path.partition("?")[0]
        found = _ADDRESS.fullmatch(address)
        if address == "/":
            self._give_page()
        elif found and found[1] == "strip":
            self._give_strip(int(found[2]))
        elif found:
            self._give_video(int(found[2]))
        else:
            self._say(HTTPStatus.NOT_FOUND, "there is nothing at this address")

    do_HEAD = do_GET  # noqa: N815 (the name that the base class looks for)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class has it)
        """Say nothing of each request: the terminal is for what a person must know."""

    def _is_ours(self) -> bool:
        """Whether the browser knows us by our own name: no other site's name may lead here."""
        port = self.server.server_port
        return self.headers.get("Host", "") in {f"{HOST}:{port}", f"localhost:{port}"}

    def _give_page(self) -> None:
        page = self.server.page.page()
        if self.headers.get("If-None-Match") == page.tag:
            self._head(HTTPStatus.NOT_MODIFIED, {"ETag": page.tag})
            return
        more = {"ETag": page.tag, "Content-Security-Policy": "frame-ancestors 'none'"}
        self._give(HTTPStatus.OK, "text/html; charset=utf-8", page.body, more)

    def _give_strip(self, number: int) -> None:
        found = self.server.page.strip(number)
        if found is None:
            self._say(HTTPStatus.NOT_FOUND, "there is no such video")
        elif not found[0]:
            self._say(HTTPStatus.UNPROCESSABLE_ENTITY, found[1])
        else:
            self._give(HTTPStatus.OK, "image/webp", found[0])

    def _give_video(self, number: int) -> None:
        path = self.server.page.video(number)
        try:
            stream = path.open("rb") if path else None
        except OSError:
            stream = None
        if path is None or stream is None:
            self._say(HTTPStatus.NOT_FOUND, "there is no such video")
            return
        with stream:
            size = stream.seek(0, 2)
            first, last = _span(self.headers.get("Range", ""), size)
            more = {"Accept-Ranges": "bytes"}
            status = HTTPStatus.OK
            if (first, last) != (0, size - 1):
                status = HTTPStatus.PARTIAL_CONTENT
                more["Content-Range"] = f"bytes {first}-{last}/{size}"
            self._head(status, more | _content(_type(path), last - first + 1))
            stream.seek(first)
            left = last - first + 1
            while self.command != "HEAD" and left > 0:
                piece = stream.read(min(_PIECE, left))
                if not piece:
                    # It was cut short meanwhile: the length that was promised cannot be kept.
                    self.close_connection = True
                    break
                self.wfile.write(piece)
                left -= len(piece)

    def _say(self, status: HTTPStatus, words: str) -> None:
        self._give(status, "text/plain; charset=utf-8", words.encode("utf-8", "replace"))

    def _give(
        self, status: HTTPStatus, kind: str, body: bytes, more: dict[str, str] | None = None
    ) -> None:
        self._head(status, _content(kind, len(body)) | (more or {}))
        if self.command != "HEAD":
            self.wfile.write(body)

    def _head(self, status: HTTPStatus, fields: dict[str, str]) -> None:
        self.send_response(status)
        always = {
            "Cache-Control": "no-cache",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            # No page of another site may show what is served here.
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        for name, value in (always | fields).items():
            self.send_header(name, value)
        self.end_headers()


def _content(kind: str, length: int) -> dict[str, str]:
    return {"Content-Type": kind, "Content-Length": str(length)}


def _type(path: Path) -> str:
    return _TYPES.get(path.suffix.lower(), "application/octet-stream")


def _span(said: str, size: int) -> tuple[int, int]:
    """The first and last byte that a Range asks for; all, where it asks for what is not there."""
    found = _RANGE.fullmatch(said)
    if found is None or not (found[1] or found[2]):
        return 0, size - 1
    if found[1]:
        first, last = int(found[1]), int(found[2] or size - 1)
    else:
        first, last = max(0, size - int(found[2])), size - 1
    return (first, min(last, size - 1)) if first <= last and first < size else (0, size - 1)
