"""What is taken for a video file, by its name."""

from __future__ import annotations

VIDEO_ENDINGS = frozenset({".mp4", ".avi", ".mov", ".mkv", ".webm"})
"""Endings of the files that are taken for videos, in lower case."""
