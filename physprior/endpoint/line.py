"""The connection to an endpoint: openai's client, held to a time, a size and an address."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from physprior.endpoint.endpoint import Endpoint
from physprior.endpoint.trouble import Trouble
from physprior.endpoint.wire import LARGEST
from physprior.errors import JudgeError

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

_CONNECT = 15.0
"""Seconds to reach a host at most: what takes longer is not there."""


class _Oversized(Exception):  # noqa: N818 - leaves a request that is to be given up
    """A reply that is not read to its end."""


@dataclass(frozen=True)
class Heard:
    """An HTTP response, read whole."""

    status: int
    headers: Mapping[str, str]
    """By their names in lower case."""
    body: bytes


_OURS = {
    *("accept", "accept-encoding", "authorization", "connection", "content-length"),
    *("content-type", "host", "transfer-encoding", "user-agent"),
}
"""What is sent to any endpoint; the library adds what OPENAI_* variables tell it to."""
_LIBRARY = "x-stainless-"
"""How the library's own headers begin: by one of them it knows how a reply is to be read."""


@contextlib.asynccontextmanager
async def line_to(endpoint: Endpoint) -> AsyncIterator[Line]:
    """Open a line. Raises JudgeError where the address, or a proxy's, cannot be used at all."""
    import httpx2
    import openai

    wait = httpx2.Timeout(endpoint.timeout, connect=min(_CONNECT, endpoint.timeout))
    limits = httpx2.Limits(
        max_connections=endpoint.connections, max_keepalive_connections=endpoint.connections
    )
    try:
        # Not sent on to another place: the questions, and the key, are for this one.
        http = openai.DefaultAsyncHttpxClient(
            limits=limits,
            timeout=wait,
            follow_redirects=False,
            event_hooks={
                "request": [] if endpoint.account else [_without_account],
                "response": [_limit],
            },
        )
        client = openai.AsyncOpenAI(
            # An empty one would be looked for in the environment, and complained of.
            api_key=endpoint.key.show() or "none",
            base_url=endpoint.base_url,
            http_client=http,
            timeout=wait,
            max_retries=0,
        )
    except (httpx2.InvalidURL, ValueError, ImportError, OSError) as error:
        said = endpoint.key.redact(str(error))
        raise JudgeError(
            f"no line can be opened to {endpoint.base_url}: {said}",
            remedy="see to the base URL, and to HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE"
            " and SSL_CERT_DIR",
        ) from None
    async with client:
        yield Line(client, endpoint)


class Line:
    """An open line: what is posted comes to an end within the endpoint's time."""

    def __init__(self, client: AsyncOpenAI, endpoint: Endpoint) -> None:
        self._client = client
        self._endpoint = endpoint

    async def post(self, fields: dict[str, Any]) -> Heard | Trouble:
        """The response to a chat completion with ``fields``, whatever its status."""
        import openai

        try:
            # The library's own limits are on each piece: a byte a second would never meet them.
            async with asyncio.timeout(self._endpoint.timeout):
                response = await self._response_to(fields)
        except (TimeoutError, openai.APITimeoutError):
            return Trouble(f"no whole reply within {self._endpoint.timeout:g} s")
        except openai.APIConnectionError as error:
            return Trouble(self._endpoint.key.redact(f"connection failed: {_cause(error)}"))
        except _Oversized as error:
            return Trouble(str(error), final=True)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Heard(response.status_code, headers, response.content)

    async def _response_to(self, fields: dict[str, Any]) -> httpx2.Response:
        import openai

        key = self._endpoint.key
        bearer = f"Bearer {key.show()}" if key else openai.Omit()
        headers = {"Authorization": bearer, "Accept-Encoding": "identity"}
        completions = self._client.chat.completions.with_raw_response
        try:
            heard = await completions.create(**fields, extra_headers=headers)
        except openai.APIStatusError as error:
            return error.response
        response: httpx2.Response = heard.http_response
        return response


def _cause(error: Exception) -> str:
    """What lies at the bottom of a connection's failure, in a few words."""
    deepest: BaseException = error
    while (below := deepest.__cause__ or deepest.__context__) is not None:
        deepest = below
    return str(deepest).strip() or type(deepest).__name__


async def _without_account(request: httpx2.Request) -> None:
    for name in {*request.headers} - _OURS:
        if not name.startswith(_LIBRARY):
            del request.headers[name]


async def _limit(response: httpx2.Response) -> None:
    """Hold the response that is about to be read to a size."""
    from httpx2 import AsyncByteStream

    class Limited(AsyncByteStream):
        """A stream that ends in an error where it gets too long."""

        def __init__(self, stream: AsyncByteStream) -> None:
            self._stream = stream

        async def __aiter__(self) -> AsyncGenerator[bytes]:
            left = LARGEST
            async for piece in self._stream:
                left -= len(piece)
                if left < 0:
                    raise _Oversized(f"a reply of more than {LARGEST // 2**20} MiB")
                yield piece

        async def aclose(self) -> None:
            await self._stream.aclose()

    if response.headers.get("content-encoding", "identity").lower() != "identity":
        # A few bytes could become gigabytes; it was asked for plain.
        raise _Oversized("a compressed reply, though a plain one was asked for")
    assert isinstance(response.stream, AsyncByteStream)
    response.stream = Limited(response.stream)
