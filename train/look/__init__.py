"""What a training would do, shown before it does it: a dry run, and its first batch as a page."""

from __future__ import annotations
