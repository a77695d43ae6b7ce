"""The doctor: what is wrong, odd or missing in a collection of videos, before anything is built."""

from __future__ import annotations
