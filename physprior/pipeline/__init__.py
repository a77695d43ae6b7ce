"""What needs both training and evaluation: the demo."""

from __future__ import annotations
