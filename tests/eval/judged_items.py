"""Items for a judge, made by hand."""

from __future__ import annotations

from physprior import verdict
from physprior.endpoint.reply import Reply
from physprior.eval.explanations.items import Item
from physprior.eval.predictions import Prediction

REFERENCES = (
    "Nothing shuts the opened clip, for its coil is worn.",
    "The coil has lost its strength, so the levers stay where they are.",
)
SEEN = ("The jaws stay open.", "The clip is left open.", "The handles stay together.")


def item(
    text: str | None = "Verdict: Anomalous. Reason: the spring is tired.",
    *,
    description: str | None = None,
    class_id: str = "unable_to_rebound",
    references: tuple[str, ...] = REFERENCES,
    seen: tuple[str, ...] = SEEN,
) -> Item:
    line = Prediction(
        id="clip-1",
        video="clip/1.mp4",
        category="clip",
        class_id=class_id,
        label=int(class_id != "normal"),
        instance="",
        score=1.0,
        text=text,
        description=description,
    )
    parsed = None if text is None else verdict.parse(text)
    return Item(line, parsed, references, seen)


def reply(text: str | None, *, finish: str | None = "stop", refusal: str | None = None) -> Reply:
    return Reply(
        text=text,
        refusal=refusal,
        finish=finish,
        model="judge",
        prompt_tokens=1,
        completion_tokens=1,
        seconds=0.0,
        attempts=1,
    )
