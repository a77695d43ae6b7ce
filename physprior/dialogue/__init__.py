"""Dialogues: templates rendered into turns and parts that know what each span of an answer is."""

from __future__ import annotations

from physprior.dialogue.model import PART_KINDS, Dialogue, History, Part, Turn, VideoTurn
from physprior.dialogue.templates import Templates

__all__ = ["PART_KINDS", "Dialogue", "History", "Part", "Templates", "Turn", "VideoTurn"]
