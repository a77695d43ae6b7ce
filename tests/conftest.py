from __future__ import annotations

import os

# Before anything imports a hub client: nothing in a test may try to reach a hub.
os.environ["HF_HUB_OFFLINE"] = "1"
# No test is in the project of whoever runs it.
os.environ.pop("PHYSPRIOR_PROJECT", None)
os.environ["TOKENIZERS_PARALLELISM"] = "false"
# The models are tiny, and two test processes share two cores: more threads would only wait.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from physprior.dialogue import Templates
from physprior.knowledge.load import KnowledgeBase, load_knowledge
from physprior.paths import kb_folder, templates_folder

WriteClip = Callable[..., Path]
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    # Nothing of the user's cache is read or written.
    os.environ["PHYSPRIOR_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True, scope="session")
def _hears_ctrl_c() -> None:
    # What a shell runs in the background is deaf to Ctrl-C, and so would be all that it starts.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


MACHINES = ("ball", "clip", "fan", "slide")
"""What the tests' base has words for."""


@pytest.fixture(scope="session")
def kb() -> KnowledgeBase:
    return load_knowledge(kb_folder())


@pytest.fixture(scope="session")
def templates() -> Templates:
    return Templates(templates_folder())


@pytest.fixture(scope="session")
def tiny_base(
    tmp_path_factory: pytest.TempPathFactory, kb: KnowledgeBase, templates: Templates
) -> Path:
    """The tiny checkpoint of random weights, made once; it has words for four machines."""
    from physprior.vlm.tiny import make_tiny

    out = tmp_path_factory.mktemp("base") / "tiny"
    return make_tiny(out, kb.only(MACHINES), templates)


def _pictures(frames: int, height: int, width: int, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).integers(0, 60, (height, width, 3), dtype=np.uint8)
    pictures = np.repeat(noise[None], frames, axis=0)
    for number, picture in enumerate(pictures):
        picture[:, :, 1] += np.uint8(number * 180 // frames)
        picture[4:12, number % (width - 8) : number % (width - 8) + 8] = 255
    return pictures


@pytest.fixture(scope="session")
def write_clip() -> WriteClip:
    """Writes a small real video: a bright square on a noisy ground that turns green."""

    def write(
        path: Path,
        *,
        frames: int = 12,
        size: tuple[int, int] = (48, 64),
        fps: int = 30,
        seed: int = 0,
        codec: str = "libx264",
        rotation: int = 0,
        title: str = "",
        container: dict[str, str] | None = None,
        encoder: dict[str, str] | None = None,
    ) -> Path:
        import av

        path.parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(path), "w", options=container or {}) as file:
            file.metadata["title"] = title
            stream = file.add_stream(codec, rate=fps, options=encoder or {})
            stream.height, stream.width = size
            stream.pix_fmt = "yuv420p"
            if rotation:
                stream.set_display_rotation(rotation)
            for picture in _pictures(frames, *size, seed):
                file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            file.mux(stream.encode(None))
        return path

    return write


@pytest.fixture
def local_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A way to servers of one's own: past any proxy, and without reading certificates for it."""
    monkeypatch.setenv("NO_PROXY", "*")
    # To read them takes a tenth of a second for each client, and the servers speak plain HTTP.
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium. Without one the browser tests fail: they are asked for by name.

    Each module has its own: playwright's event loop runs as long as it does, and another module's
    test could not run one of its own.
    """
    path = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if path is None:
        pytest.fail("the page is tried in Chromium, which is not here: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    # Its sandbox refuses to run as root, which is who tests in containers are.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=arguments)
        yield chromium
        chromium.close()
