"""What the records of a category depend on, as hashes: where they are the same, nothing is made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from physprior import fingerprint
from physprior.dataset.index import Index, Video
from physprior.dataset.split import Split
from physprior.dialogue.templates import Templates

RECORD_VERSION = 3
"""Raised when the same input gives other records, so that older datasets are built anew."""

_INCLUDES = re.compile(rb"\{%[-+]?\s*(?:include|import|from|extends)\b")


def template_hash(templates: Templates, mode: str) -> str:
    """Hash of a mode's template, and of the whole folder where it takes in other templates."""
    own = templates.fingerprint(mode)
    if not _INCLUDES.search(templates.path(mode).read_bytes()):
        return own
    folder = [[name, templates.fingerprint(name)] for name in templates.modes()]
    return fingerprint.of_json([own, folder])


def index_hash(index: Index) -> str:
    """Hash over all that a build reads of an index."""
    videos = [
        [
            *(video.path, video.category, video.class_id, video.instance, video.split),
            *(video.sha256, video.content, video.prints),
        ]
        for video in index.videos
    ]
    skipped = [[skip.path, skip.reason] for skip in index.skipped]
    return fingerprint.of_json([videos, skipped, index.ignored, index.duplicates, index.notes])


def videos_hash(videos: Sequence[Video]) -> str:
    """Hash over what the records say of a category's videos."""
    return fingerprint.of_json(
        [[video.path, video.class_id, video.instance or "", video.sha256] for video in videos]
    )


def split_hash(videos: Sequence[Video], split: Split) -> str:
    """Hash over the part of a split that concerns a category's videos."""
    return fingerprint.of_json([split.assignment[video.path] for video in videos])


def category_key(hashes: Mapping[str, str], options: Mapping[str, Any]) -> str:
    """Hash over all that a category's records, and its part of the manifest, depend on.

    ``hashes`` are the parts that the manifest names, ``options`` what the build was told.
    """
    return fingerprint.of_json([RECORD_VERSION, dict(hashes), dict(options)])
