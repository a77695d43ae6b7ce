"""What the report is measured against: the shortest code that shows the same videos.

Strips: each video is decoded and its strip encoded, one after another, and nothing is kept.
The page: every card as HTML, its picture within, all at once.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import av
from PIL import Image

from physprior.eval.report.cards import Card, Deck


def plain_strip(path: Path, frames: int, side: int, quality: int) -> bytes:
    """Frames of a video, evenly spread, cut square from the middle, side by side as WebP."""
    with av.open(str(path)) as container:
        pictures = [frame.to_image() for frame in container.decode(video=0)]
    strip = Image.new("RGB", (frames * side, side))
    for at in range(frames):
        picture = pictures[(2 * at + 1) * len(pictures) // (2 * frames)]
        short = min(picture.size)
        left, top = (picture.width - short) // 2, (picture.height - short) // 2
        square = picture.crop((left, top, left + short, top + short))
        strip.paste(square.resize((side, side)), (at * side, 0))
    stream = io.BytesIO()
    strip.save(stream, "WEBP", quality=quality)
    return stream.getvalue()


def plain_page(deck: Deck, strips: Mapping[str, bytes]) -> str:
    """All cards of a deck as one page of HTML."""
    cards = "\n".join(_card(card, deck, strips) for card in deck.cards)
    return f'<!doctype html><meta charset="utf-8"><title>Report</title>\n<ol>\n{cards}\n</ol>\n'


def _card(card: Card, deck: Deck, strips: Mapping[str, bytes]) -> str:
    answer = card.answers[0]
    texts = deck.categories[card.category]
    said = [f"{card.category}: {card.class_id}"]
    if answer is not None:
        said += [f"{answer.score:.3f}", "right" if answer.right else "wrong", answer.text or ""]
    said += _lines(texts.dialogue and [one for turn in texts.dialogue for one in turn.sentences])
    if card.class_id in texts.classes:
        said += _lines(texts.classes[card.class_id].references)
    picture = ""
    if strip := strips.get(card.id):
        picture = f'<img src="data:image/webp;base64,{base64.b64encode(strip).decode()}">'
    body = "".join(f"<p>{html.escape(line)}</p>" for line in said)
    return f"<li><h3>{html.escape(card.id)}</h3>{picture}{body}</li>"


def _lines(sentences: Sequence[object]) -> list[str]:
    return [
        " ".join([one.text, *(f"{place.path}:{place.line}" for place in one.places)])  # type: ignore[attr-defined]
        for one in sentences
    ]
