"""The page: its parts put together into one file that needs nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from physprior.eval.report.page.cells import card_link, cell, is_crowded, is_printed
from physprior.eval.report.page.sections import sections
from physprior.eval.report.report import Report
from physprior.eval.report.words import videos

if TYPE_CHECKING:
    import jinja2

_HERE = Path(__file__).parent


def html_report(report: Report) -> str:
    """The whole report."""
    environment = _environment()
    shown = report.deck is not None and report.deck.cards
    style, script = _style(), _script(with_videos=bool(shown))
    made = [
        (one, Markup(environment.get_template(f"{one.id}.html.j2").render(one.context)))
        for one in sections(report)
    ]
    page = environment.get_template("page.html.j2").render(
        subject=subject(report),
        sections=made,
        policy=_policy(style, script),
        style=Markup(style),
        script=Markup(script),
    )
    # A path may hold what no text can: bytes that are no UTF-8.
    return page.encode("utf-8", "replace").decode("utf-8")


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
    environment.filters |= {"cell": cell, "card_link": card_link}
    environment.tests |= {"printed": is_printed, "crowded": is_crowded}
    return environment


def subject(report: Report) -> str:
    """Whose report it is, in a line."""
    if report.evaluation is not None:
        scores = report.evaluation.scores
        header = scores.predictions.header
        return f"{header.model} on the {header.split} split: {videos(scores.n)}"
    return ", ".join(f"{run.folder}: {run.state}" for run in report.training)


def _style() -> str:
    return f"\n{_joined('*.css')}"


def _script(*, with_videos: bool) -> str:
    """One function, so that none of its names meets one of the browser's."""
    return f'\n(() => {{\n"use strict";\n{_joined("*.js" if with_videos else "page.js")}}})();\n'


def _joined(pattern: str) -> str:
    """The page's own files of a kind, in the order of their names."""
    found = sorted(_HERE.glob(pattern))
    return "\n".join(path.read_text(encoding="utf-8") for path in found)


def _policy(style: str, script: str) -> str:
    """What a browser may run and load: this page's own script and style, and pictures within."""
    rules = {
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": _hash(style),
        "script-src": _hash(script),
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
