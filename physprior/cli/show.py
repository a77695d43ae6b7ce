"""``physprior show``: one dialogue as the model will see it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from physprior.cli.console import say
from physprior.cli.options import Kb, TemplatesFolder, open_kb, open_templates

if TYPE_CHECKING:
    from physprior.knowledge.schema import Category, Normal

_COLOURS = {
    "component": "\x1b[36m",
    "subject": "\x1b[35m",
    "motion": "\x1b[33m",
    "verdict": "\x1b[32m",
}


def show_command(
    category: Annotated[str, typer.Argument(help="The category's id, such as clip.")],
    mode: Annotated[str, typer.Option("--mode", help="The template to use.")] = "multi_turn",
    anomaly: Annotated[
        str | None,
        typer.Option("--anomaly", help="The anomaly's id or alias.", show_default="a normal video"),
    ] = None,
    explanation: Annotated[
        int, typer.Option("--explanation", min=1, help="Which of the explanations is taught.")
    ] = 1,
    raw: Annotated[
        bool,
        typer.Option("--raw", help="Print the very characters, without line breaks or colour."),
    ] = False,
    kb: Kb = None,
    templates: TemplatesFolder = None,
) -> None:
    """Print one dialogue as the model will see it, the assistant's parts in colour."""
    from physprior.errors import KnowledgeError
    from physprior.vlm.chat import END, write_chat

    entry = open_kb(kb).category(category)
    class_id, texts = _class(entry, anomaly)
    if explanation > len(texts.explanations):
        raise KnowledgeError(
            f"{category}/{class_id} has {len(texts.explanations)} explanations, none numbered "
            f"{explanation}",
            remedy=f"use --explanation 1 to {len(texts.explanations)}",
        )
    dialogue = open_templates(templates).render(
        entry, mode, anomalous=anomaly is not None, reason=texts.explanations[explanation - 1]
    )
    chat = write_chat(dialogue)
    if raw:
        sys.stdout.write(chat.text + "\n")
        return
    text = chat.text
    if sys.stdout.isatty():
        for span in reversed(chat.spans):
            colour = _COLOURS.get(span.kind, "")
            text = (
                text[: span.start]
                + colour
                + text[span.start : span.end]
                + "\x1b[0m"
                + text[span.end :]
            )
    # A break after each answer and before each is for the reader; --raw shows there is none.
    say(text.replace(" ASSISTANT:", "\nASSISTANT:").replace(f"{END}USER:", f"{END}\n\nUSER:"))


def _class(entry: Category, anomaly: str | None) -> tuple[str, Normal]:
    from physprior.knowledge import place_class
    from physprior.knowledge.schema import NORMAL

    if anomaly is None:
        return NORMAL, entry.normal
    class_id = place_class(entry, anomaly)
    found = entry.anomaly(class_id) if class_id else None
    if found is None:
        import difflib

        from physprior.errors import KnowledgeError

        known = [known.id for known in entry.anomalies]
        close = difflib.get_close_matches(anomaly, known, n=1)
        hint = f"did you mean '{close[0]}'? " if close else ""
        raise KnowledgeError(
            f"{entry.id} has no anomaly '{anomaly}'",
            remedy=f"{hint}its anomalies are {', '.join(known)}",
        )
    return found.id, found
