"""The chat form of Video-LLaVA: one text for training and for prediction, with marked spans.

    USER: <video>\\n{question} ASSISTANT: {answer}</s>USER: {question} ASSISTANT: {answer}</s>

The video goes with the first question, or with the one that the dialogue says. The newline after
``<video>`` is part of the form: without it the 7B model emits stray characters.
An answer's leading blank and its end token belong to the answer, or a model never learns to stop.
"""

from __future__ import annotations

from dataclasses import dataclass

from physprior import verdict
from physprior.dialogue import Dialogue, Turn
from physprior.errors import TemplateError

VIDEO = "<video>"
END = "</s>"
RESERVED = (VIDEO, "<image>", "<pad>", "<s>", END, "<unk>", "USER:", "ASSISTANT:")
"""What a sentence must not contain: the model would read it as the form's own marks."""

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message.role == 'user' %}"
    "USER: {% if loop.first %}<video>\n{% endif %}{{ message.content }} ASSISTANT:"
    "{% else %} {{ message.content }}</s>{% endif %}"
    "{% endfor %}"
)
"""The same form as a Hugging Face chat template, for those who use the checkpoint elsewhere; there
the video goes with the first question, as it does here by default."""


@dataclass(frozen=True)
class Span:
    """Characters ``start`` to ``end`` of a chat text that an assistant says."""

    kind: str
    """The part kind, or ``plain``."""
    start: int
    end: int


@dataclass(frozen=True)
class ChatText:
    """A dialogue as the one text that is tokenised, with the spans that are supervised."""

    text: str
    spans: tuple[Span, ...]
    label: Span | None = None
    """The verdict's label string, within its part."""


def write_chat(dialogue: Dialogue) -> ChatText:
    """The whole dialogue, each answer with its end token: what training reads.

    Raises TemplateError where a sentence holds a mark of the form, such as ``<video>``.
    """
    text = ""
    spans: list[Span] = []
    label: Span | None = None
    for index, turn in enumerate(dialogue.turns):
        _refuse_marks(turn, dialogue)
        if turn.role == "user":
            text += _question(turn, video=index == dialogue.video_place)
            continue
        for part in turn.parts:
            start = len(text)
            text += " " + part.text
            spans.append(Span(part.kind, start, len(text)))
            if part.kind == "verdict":
                label = _label(part.text, start + 1)
        text += END
        spans[-1] = Span(spans[-1].kind, spans[-1].start, len(text))
    return ChatText(text, tuple(spans), label)


def write_prompt(dialogue: Dialogue) -> str:
    """The dialogue up to its open answer (see Dialogue.until_verdict): what prediction reads.

    Nothing of the verdict is in it; single_turn's physics parts are, as the answer's beginning.
    """
    opened = dialogue.until_verdict()
    *before, last = opened.turns
    text = write_chat(opened.model_copy(update={"turns": tuple(before)})).text
    return text + "".join(" " + part.text for part in last.parts)


def write_labels(prompt: str) -> tuple[str, str]:
    """The prompt followed by each whole verdict label, normal first: what is scored."""
    normal, anomalous = (
        f"{prompt} {verdict.PREFIX}{verdict.scored_label(label)}" for label in (False, True)
    )
    return normal, anomalous


def _label(text: str, start: int) -> Span:
    # "Verdict: Normal. Reason: …": the label goes from behind the colon to its full stop.
    colon = start + len(verdict.PREFIX)
    return Span("label", colon, colon + text[len(verdict.PREFIX) :].index(".") + 1)


def _question(turn: Turn, *, video: bool) -> str:
    seen = f"{VIDEO}\n" if video else ""
    return f"USER: {seen}{turn.text} ASSISTANT:"


def _refuse_marks(turn: Turn, dialogue: Dialogue) -> None:
    for part in turn.parts:
        found = [mark for mark in RESERVED if mark in part.text]
        if found:
            raise TemplateError(
                f"the {dialogue.mode} dialogue of {dialogue.category} says {found[0]!r} in its "
                f"{part.kind} text: '{part.text[:60]}'",
                remedy="write the sentence in the KB entry or the template without it",
            )
