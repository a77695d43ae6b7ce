"""The knowledge base: YAML text with positions, its schema, and the loaded categories."""

from __future__ import annotations
