"""The page: a view as HTML that needs nothing from elsewhere, live or as one file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from physprior.paths import as_typed
from physprior.preview.colouring import marked
from physprior.preview.origins import Origin
from physprior.preview.strips import try_strip
from physprior.preview.view import Sample, ShownFile, View

if TYPE_CHECKING:
    import jinja2

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Start:
    """Which dialogue is shown first."""

    mode: str = ""
    """Empty: the first."""
    class_id: str = ""
    index: int = 0


@dataclass(frozen=True)
class Clip:
    """A sample as the page shows it."""

    name: str
    picture: str
    """The address of its strip, or the strip itself; empty where it has none."""
    video: str
    """The address of its video; empty where it cannot be played from here."""
    trouble: str = ""
    """Why it has no strip."""


ToClip = Callable[[Sample], Clip]


def embedded(sample: Sample) -> Clip:
    """A sample whose strip lies in the page itself."""
    data, why = try_strip(sample.path)
    packed = base64.b64encode(data).decode("ascii")
    picture = f"data:image/webp;base64,{packed}" if data else ""
    return Clip(sample.name, picture, "", why)


def html_page(view: View, start: Start, to_clip: ToClip, *, live: bool) -> str:
    """The page of a view; ``live``: it asks where it came from whether there is a newer one."""
    style, script = f"\n{_own('page.css')}", f"\n{_script()}"
    files = _shown(view)
    numbers = {file.path: number for number, file in enumerate(files)}
    clips = {
        class_id: [to_clip(sample) for sample in chosen]
        for class_id, chosen in view.samples.chosen.items()
    }

    def at(origins: Iterable[Origin]) -> str:
        """``0:24-25 1:7-7``: the places that are shown, by file number and lines."""
        return " ".join(
            f"{numbers[one.path]}:{one.line}-{one.end_line}"
            for one in origins
            if one.path in numbers
        )

    page = _environment().get_template("page.html.j2")
    html = page.render(
        view=view,
        files=files,
        numbers=numbers,
        clips=clips,
        start=_start(view, start),
        live=live,
        at=at,
        policy=policy(style, script, live=live),
        style=Markup(style),
        script=Markup(script),
    )
    # A path may hold what no text can: bytes that are no UTF-8.
    return html.encode("utf-8", "replace").decode("utf-8")


def policy(style: str, script: str, *, live: bool) -> str:
    """What a browser may run and load: this page's own style and script, and its own server."""
    own = " 'self'" if live else ""
    rules = {
        "default-src": "'none'",
        "img-src": f"data:{own}",
        "media-src": "'self'" if live else "'none'",
        "connect-src": "'self'" if live else "'none'",
        "style-src": _hash(style),
        "script-src": _hash(script),
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _shown(view: View) -> list[ShownFile]:
    """The files that are shown: the entry, and the templates that a dialogue comes from."""
    used = {mode.path for mode in view.modes} | {
        origin.path
        for mode in view.modes
        for talk in mode.talks
        for turn in talk.turns
        for part in turn.parts
        for origin in part.origins
    }
    entries = {file.path for file in view.files if file.path.suffix != ".j2"}
    return [file for file in view.files if file.path in used | entries]


def _start(view: View, wanted: Start) -> Start:
    modes = [mode.name for mode in view.modes]
    first = "multi_turn" if "multi_turn" in modes else next(iter(modes), "")
    counts = {one.id: one.count for one in view.classes}
    class_id = wanted.class_id if wanted.class_id in counts else next(iter(counts), "")
    return Start(
        wanted.mode if wanted.mode in modes else first,
        class_id,
        min(wanted.index, max(0, counts.get(class_id, 1) - 1)),
    )


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"as_typed": as_typed, "marked": marked}
    return environment


def _script() -> str:
    """One function, so that none of its names meets one of the browser's."""
    return f'(() => {{\n"use strict";\n{_own("page.js")}}})();\n'


def _own(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
