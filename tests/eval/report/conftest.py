"""The browser that the page is tried in: the Chromium of the machine, driven by playwright."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Open = Callable[..., Any]


@pytest.fixture
def open_page(browser: Any) -> Iterator[Open]:
    """Opens a page's file, and watches it.

    At the end it must have done nothing that a page should never do: no message on the console, no
    error, no request but for the file, nothing that its policy forbids, no dialog.
    """
    yield from _opening(browser)


@pytest.fixture(scope="module")
def open_shared(browser: Any) -> Iterator[Open]:
    """``open_page``, for a page that a module's tests share."""
    yield from _opening(browser)


def _opening(browser: Any) -> Iterator[Open]:
    opened: list[tuple[Any, list[str]]] = []

    def open_one(
        path: Path, address: str = "", *, width: int = 1280, scheme: str = "light", **more: Any
    ) -> Any:
        size = {"width": width, "height": 900}
        context = browser.new_context(viewport=size, color_scheme=scheme, **more)
        page, url = context.new_page(), path.as_uri()
        opened.append((context, watch(page, url)))
        page.goto(url + address)
        return page

    yield open_one
    for context, seen in opened:
        context.close()
        assert seen == []


def watch(page: Any, url: str) -> list[str]:
    """What the page does that it should not, as it goes on."""
    seen: list[str] = []

    def asked(request: Any) -> None:
        if not request.url.startswith((url, "data:image/webp;base64,")):
            seen.append(f"request: {request.url[:200]}")

    def asks(dialog: Any) -> None:
        seen.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("request", asked)
    page.on("dialog", asks)
    page.on("console", lambda message: seen.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: seen.append(f"error: {error}"))
    page.on("popup", lambda other: seen.append(f"popup: {other.url}"))
    page.expose_function("violated", lambda what: seen.append(f"policy: {what}"))
    page.add_init_script(
        "addEventListener('securitypolicyviolation',"
        " (event) => violated(`${event.violatedDirective} ${event.blockedURI}`))"
    )
    return seen
