from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from physprior.check import Diagnostic, check_paths
from physprior.check.run import check_bytes
from physprior.paths import kb_folder

SOUND = """\
# A hand pump under a press.
id: pump
name: hand pump
status: reviewed
interaction:
  actuator: press
  actions: [press, release]
prior:
  component:
    names: [coil spring]
    properties: [elastic]
    statement: The pump has a coil spring, which is elastic and stores the work of pressing.
  subject:
    parts: [plunger, coil spring]
    statement: The plunger should sink under the press, and the coil spring should lift it again.
  motion:
    statement: >-
      Therefore, the plunger should sink to its lowest point as the press goes down,
      and rise fully on release.
    phases:
      - id: sink
        expected: The plunger sinks to its lowest point.
      - id: rise
        expected: The plunger rises fully to where it began.
normal:
  descriptions:
    - The head of the pump goes down once and comes up again.
    - One even stroke leads down to the stop and back to full height.
    - Pressed by the plate, the plunger gives way and regains its height.
  explanations:
    - The coil spring yields to the press and returns its energy by lifting the plunger.
    - Elastic energy of the coil spring carries the plunger back to its full height.
    - The plunger runs freely in the barrel, so the coil spring can raise it without loss.
    - Work done by the press is kept by the coil spring and spent on the way up.
    - An intact coil spring outweighs the friction of the seal, and the plunger comes home.
  references:
    - Its elastic element takes up the load and hands it back on the return stroke.
    - Piston and bore move without drag, and stored work brings the head up.
anomalies:
  - id: stays_down
    name: stays down
    aliases: [no_return]
    violates: [sink, rise]
    onset: persistent
    evidence: motion
    descriptions:
      - The head goes down with the plate and remains there.
      - After the plate has left, a long gap shows above the head.
      - Nothing follows the plate on its way up.
    explanations:
      - The coil spring has broken in two, so nothing pushes the plunger up after release.
      - A dry seal grips the plunger harder than the coil spring can pull it.
      - Rust has eaten through the coil spring, whose halves slip past each other under load.
      - The plunger is bent and wedges in the barrel at the bottom of its way.
      - Fatigue has taken all force from the coil spring, and the plunger rests at the bottom.
      - Grit in the barrel holds the plunger with more friction than the coil spring overcomes.
    references:
      - The elastic element is fractured, which leaves the piston without any drive upward.
      - Corrosion or age has cost the helix its strength, and the head cannot climb.
"""
"""A small entry in which no rule finds anything, in the shapes of YAML that people use."""

CLIP = (kb_folder() / "clip.yaml").read_text("utf-8")
"""A shipped entry."""


@dataclass(frozen=True)
class Outcome:
    """How the command ended and what it said."""

    code: int
    out: str
    err: str


Find = Callable[[str], list[Diagnostic]]


@pytest.fixture
def sound() -> str:
    return SOUND


@pytest.fixture
def clip() -> str:
    return CLIP


@pytest.fixture
def find() -> Find:
    """All findings in a text, taken for the sound entry's file."""
    return lambda text: check_bytes(Path("pump.yaml"), text.encode())


@pytest.fixture
def find_in(tmp_path: Path) -> Callable[..., list[str]]:
    """Writes files and checks their folder; the findings as ``file:line:column: CODE``."""

    def check(files: dict[str, str], **options: object) -> list[str]:
        for name, text in files.items():
            (tmp_path / name).write_text(text, "utf-8")
        found = check_paths([tmp_path], **options).diagnostics  # type: ignore[arg-type]
        return [f"{one.path.name}:{one.line}:{one.column}: {one.code}" for one in found]

    return check


@pytest.fixture
def physprior(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Outcome]:
    """The command as it is installed, called in this process."""
    from physprior.cli.main import run

    def call(*words: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["physprior", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as leaving:
            run()
        said = capsys.readouterr()
        return Outcome(int(leaving.value.code or 0), said.out, said.err)

    return call
