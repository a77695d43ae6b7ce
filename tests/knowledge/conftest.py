from __future__ import annotations

import pytest


@pytest.fixture
def entry_text() -> str:
    """A valid entry of 32 lines, small enough to count them."""
    return """\
id: clip
name: spring clip
status: reviewed
interaction:
  actuator: gripper
  actions: [press]
prior:
  component:
    names: [spring]
    properties: [elastic]
    statement: The spring is elastic.
  subject:
    parts: [jaws]
    statement: The jaws open and close.
  motion:
    statement: Therefore, the jaws open when pressed.
    phases:
      - id: press
        expected: The jaws open.
normal:
  descriptions: [a, b, c]
  explanations: [a, b, c, d, e]
  references: [a, b]
anomalies:
  - id: unable_to_press
    name: unable to press
    violates: [press]
    onset: persistent
    evidence: motion
    descriptions: [a, b, c]
    explanations: [a, b, c, d, e]
    references: [a, b]
"""
