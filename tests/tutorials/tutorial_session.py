"""Follows a tutorial in a folder, as its reader would: types, edits, and compares what comes."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tutorial_editor import write
from tutorial_output import difference
from tutorial_page import Commands, Writing, read_steps

_LONGEST_S = 900


@dataclass
class Session:
    """A terminal and an editor; files are named from where the terminal is."""

    folder: Path
    """Where the terminal is; commands change it."""

    def follow(self, page: Path) -> None:
        """Take every step of the page. Raises AssertionError at the first that goes otherwise."""
        for step in read_steps(page.read_text(encoding="utf-8")):
            where = f"{page.name}:{step.line}"
            if isinstance(step, Writing):
                self._write(step)
            else:
                self._type(step, where)

    def _write(self, step: Writing) -> None:
        path = self.folder / step.path
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(write(step, before), encoding="utf-8")

    def _type(self, step: Commands, where: str) -> None:
        left = self.folder / ".left"
        # The terminal's place outlives a block, also one that ends with a finding.
        script = f"trap 'pwd > \"{left}\"' EXIT\nset -e\n{step.text}"
        ended = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=_environment(),
            capture_output=True,
            text=True,
            timeout=_LONGEST_S,
            check=False,
        )
        self.folder = Path(left.read_text(encoding="utf-8").strip())
        left.unlink()
        told = f"{where}: {step.text}{ended.stdout}{ended.stderr}"
        assert ended.returncode == step.exits, f"{told}exit status {ended.returncode}"
        if step.output is not None:
            wrong = difference(step.output, ended.stdout)
            assert not wrong, f"{told}\n{wrong}"


def _environment() -> dict[str, str]:
    """That of a reader who has switched physprior's environment on; no colours, no network."""
    kept = {key: value for key, value in os.environ.items() if key != "PHYSPRIOR_PROJECT"}
    here = Path(sys.executable).parent
    return kept | {"PATH": f"{here}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
