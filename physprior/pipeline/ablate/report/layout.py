"""Where the files of a study lie, read from its folders: no plan is needed to report on them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from physprior.errors import PredictionError
from physprior.pipeline.ablate.report.model import PAPER

TEST, VALIDATION, RUNS = "test", "val", "arms"
UNTUNED, BASELINES = "untuned", "baselines"
PLAN = "study.json"
_SEED = re.compile(r"seed-(\d{1,9})(\.generated)?\.jsonl")


@dataclass(frozen=True)
class ArmFiles:
    """The predictions of one arm, by seed."""

    name: str
    given: dict[int, Path]
    generated: dict[int, Path]


@dataclass(frozen=True)
class Layout:
    """What lies in a study's folder."""

    folder: Path
    arms: tuple[ArmFiles, ...]
    untuned: dict[str, Path]
    """By mode."""
    baselines: dict[str, Path]
    """By method."""

    def run(self, arm: str, seed: int) -> Path:
        """The run folder of a training."""
        return self.folder / RUNS / arm / f"seed-{seed}"

    def validation(self, arm: str, seed: int, *, generated: bool) -> Path:
        """The validation predictions of a training."""
        ending = ".generated" if generated else ""
        return self.folder / VALIDATION / arm / f"seed-{seed}{ending}.jsonl"


def find_layout(folder: Path) -> Layout:
    """What predictions a study holds. Raises PredictionError where no arm has any."""
    test = folder / TEST
    found = [_arm(one) for one in _folders(test) if one.name not in (UNTUNED, BASELINES)]
    arms = {one.name: one for one in found if one.given or one.generated}
    if not arms:
        what = "there is no such folder" if not folder.is_dir() else "no arm was predicted yet"
        raise PredictionError(
            f"{folder} holds no test/ARM/seed-N.jsonl: {what}",
            remedy="name the folder of a study, and run 'physprior study ablate' to its end",
        )
    return Layout(
        folder,
        tuple(arms[name] for name in _ordered(arms, _planned(folder))),
        _single(test / UNTUNED),
        _single(test / BASELINES),
    )


def _folders(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (one for one in sorted(folder.iterdir()) if one.is_dir())


def _arm(folder: Path) -> ArmFiles:
    given: dict[int, Path] = {}
    generated: dict[int, Path] = {}
    for path in sorted(folder.iterdir()):
        named = _SEED.fullmatch(path.name)
        if named and path.is_file():
            (generated if named[2] else given)[int(named[1])] = path
    return ArmFiles(folder.name, dict(sorted(given.items())), dict(sorted(generated.items())))


def _single(folder: Path) -> dict[str, Path]:
    """Predictions files by their stems; what is named after one, such as a control, is none."""
    if not folder.is_dir():
        return {}
    files = (one for one in sorted(folder.glob("*.jsonl")) if one.is_file())
    return {one.stem: one for one in files if "." not in one.stem}


def _ordered(names: dict[str, ArmFiles], planned: list[str]) -> list[str]:
    """The paper's arms as its table has them, then the others as planned, then by name."""
    order = [*PAPER, *planned]
    known = [name for name in dict.fromkeys(order) if name in names]
    return [*known, *sorted(set(names) - set(known))]


def _planned(folder: Path) -> list[str]:
    """The arms' names in the plan's order; none where there is no plan, or none can be read."""
    try:
        said = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return []
    arms = said.get("arms") if isinstance(said, dict) else None
    if not isinstance(arms, list):
        return []
    names = [one.get("name") if isinstance(one, dict) else one for one in arms]
    return [name for name in names if isinstance(name, str)]
