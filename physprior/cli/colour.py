"""Whether a stream is shown colours, by the conventions that terminals and CI share."""

from __future__ import annotations

import os
from typing import TextIO


def colours(stream: TextIO) -> bool:
    """Whether to colour what goes to a stream.

    ``NO_COLOR``, set to anything, says no; then ``FORCE_COLOR`` says yes; then ``TERM=dumb`` says
    no; else a terminal gets colours, and a file or pipe does not.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return os.environ.get("TERM") != "dumb" and stream.isatty()
