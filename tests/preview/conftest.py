"""A KB folder that a test may spoil, its page, a server for it, and the browser to look with."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from preview_material import Ask, Replace, asking

from physprior.knowledge.schema import Category
from physprior.paths import kb_folder, templates_folder
from physprior.preview.live import LivePage
from physprior.preview.page import Start
from physprior.preview.server import PageServer, open_server
from physprior.preview.view import Folders, Sample, Samples


def _folders(place: Path) -> Folders:
    kb, templates = place / "kb", place / "templates"
    kb.mkdir()
    templates.mkdir()
    for name in ("clip.yaml", "vocabulary.yaml"):
        shutil.copy(kb_folder() / name, kb)
    for mode in ("multi_turn", "no_phys"):
        shutil.copy(templates_folder() / f"{mode}.j2", templates)
    return Folders(kb, kb / "clip.yaml", templates, lambda category, entry: Samples())


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """The clip's entry and two of the shipped templates in folders of their own, without videos."""
    return _folders(tmp_path)


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory, write_clip: Any) -> Path:
    """A folder of three videos, and a file that is none."""
    folder = tmp_path_factory.mktemp("preview") / "videos"
    for number in range(3):
        write_clip(folder / f"{number}.mp4", seed=number)
    (folder / "broken.mp4").write_text("this is no video")
    return folder


def _with_videos(folders: Folders, videos: Path) -> Folders:
    good = [videos / f"{number}.mp4" for number in range(3)]
    broken = videos / "broken.mp4"

    def find(category: Category, entry: Path) -> Samples:
        classes = [class_id for class_id, _ in category.classes()]
        chosen = {
            class_id: (Sample(path, path.name),)
            for class_id, path in zip(classes, good, strict=False)
        }
        first = classes[0]
        chosen[first] = (*chosen[first], Sample(broken, "broken.mp4"))
        return Samples("videos", chosen, {name: len(found) for name, found in chosen.items()})

    return dataclasses.replace(folders, find_samples=find)


@pytest.fixture
def with_videos(folders: Folders, videos: Path) -> Folders:
    """The same with a video of each class, and one that is broken."""
    return _with_videos(folders, videos)


@pytest.fixture
def replace(folders: Folders) -> Replace:
    """Saves the entry with words changed, as an editor does: at once, as another file."""

    def change(old: str, new: str) -> None:
        text = folders.entry.read_text(encoding="utf-8")
        assert old in text
        part = folders.entry.with_name("saved.part")
        part.write_text(text.replace(old, new), encoding="utf-8")
        os.replace(part, folders.entry)

    return change


@contextlib.contextmanager
def _serving(folders: Folders) -> Iterator[PageServer]:
    with open_server(0, LivePage(folders, Start())) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, videos: Path) -> Iterator[PageServer]:
    """A server that runs, of a page that stays as it is."""
    with _serving(_with_videos(_folders(tmp_path_factory.mktemp("served")), videos)) as server:
        yield server


@pytest.fixture
def ask(served: PageServer) -> Ask:
    """Asks that server."""
    return asking(served)


@pytest.fixture
def live(with_videos: Folders) -> Iterator[PageServer]:
    """A server whose files a test may change."""
    with _serving(with_videos) as server:
        yield server


@pytest.fixture
def ask_live(live: PageServer) -> Ask:
    """Asks that one."""
    return asking(live)


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens an address. At the end it must have said nothing on the console, met no error, asked
    for nothing elsewhere, and been refused nothing by its policy."""
    opened: list[tuple[Any, list[str]]] = []

    def open_one(url: str, *, width: int = 1280, scheme: str = "light", **more: Any) -> Any:
        size = {"width": width, "height": 860}
        context = browser.new_context(viewport=size, color_scheme=scheme, **more)
        page, seen = context.new_page(), []
        opened.append((context, seen))
        _watch(page, url, seen)
        page.goto(url)
        return page

    yield open_one
    for context, seen in opened:
        context.close()
        assert seen == []


def _watch(page: Any, url: str, seen: list[str]) -> None:
    own = (url.partition("#")[0], "data:")

    def asked(request: Any) -> None:
        if not request.url.startswith(own):
            seen.append(f"request: {request.url[:200]}")

    def said(message: Any) -> None:
        # That a picture cannot be shown, and a server is gone, the browser says by itself.
        if "Failed to load resource" not in message.text:
            seen.append(f"console: {message.text}")

    page.on("request", asked)
    page.on("console", said)
    page.on("pageerror", lambda error: seen.append(f"error: {error}"))
    page.expose_function("violated", lambda what: seen.append(f"policy: {what}"))
    page.add_init_script(
        "addEventListener('securitypolicyviolation',"
        " (event) => violated(`${event.violatedDirective} ${event.blockedURI}`))"
    )
