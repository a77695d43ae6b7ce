"""Trackers of a run, by the recipe's ``report_to``: they get what the log gets.

transformers' own callbacks do the work, with two things changed. A name with a slash stays what it
is (``loss/verdict``, ``val/auroc/clip``), so that a tracker shows each kind as a group; theirs
would put all of it into one, ``train``. And a run that goes on after a kill does so in the tracker.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml
from transformers import TrainerCallback
from transformers.integrations import TensorBoardCallback, TrackioCallback, WandbCallback

from physprior import files
from physprior.errors import RecipeError
from physprior.train.recipe import Recipe

LOGS = "logs"
"""The folder of a run in which trackers write."""
PROJECT = "physprior"
"""The project under which trackers that have projects file a run."""
_RUN_ID = "run-id"


def require_trackers(recipe: Recipe) -> None:
    """Raise RecipeError where a tracker of ``report_to`` is not installed; loads none of them."""
    missing = [name for name in recipe.report_to if not _is_installed(name)]
    if missing:
        raise RecipeError(
            f"report_to names what is not installed: {', '.join(missing)}",
            remedy=f"pip install 'physprior[trackers]' (or {' '.join(missing)} alone), or leave it "
            "out of report_to: log.jsonl in the run folder has all of it anyway",
        )


def tracker_arguments(recipe: Recipe) -> dict[str, Any]:
    """The fields of the trainer's configuration that trackers read.

    ``report_to`` stays ``none``: the callbacks come from ``trackers``. Raises RecipeError as
    require_trackers does.
    """
    require_trackers(recipe)
    return {"report_to": "none", "run_name": recipe.out.resolve().name, "project": PROJECT}


def trackers(recipe: Recipe) -> list[TrainerCallback]:
    """The trainer's callbacks for ``report_to``. Raises RecipeError as require_trackers does."""
    require_trackers(recipe)
    makers: dict[str, Callable[[], TrainerCallback]] = {
        "tensorboard": lambda: _TensorBoard(recipe),
        "wandb": lambda: _Wandb(recipe),
        "trackio": _Trackio,
    }
    return [makers[name]() for name in dict.fromkeys(recipe.report_to)]


def named(logs: dict[str, Any]) -> dict[str, float]:
    """The numbers of a line of the log under the names that trackers show: ``group/name``."""
    return {
        name if "/" in name else f"train/{name}": value
        for name, value in logs.items()
        if isinstance(value, int | float) and name != "step"
    }


class _TensorBoard(TensorBoardCallback):
    """Event files in the run folder, by the Trainer's steps."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self._recipe = recipe

    def on_train_begin(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        if not state.is_world_process_zero:
            return
        # A run that goes on repeats the steps since its checkpoint: those shown before are void.
        again = state.global_step + 1 if state.global_step else 0
        self.tb_writer = self._SummaryWriter(str(self._recipe.out / LOGS), purge_step=again)
        self.tb_writer.add_text("recipe", _fenced(self._recipe), state.global_step)

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **rest: Any
    ) -> None:
        if self.tb_writer is None:
            return
        for name, value in named(logs or {}).items():
            self.tb_writer.add_scalar(name, value, state.global_step)
        self.tb_writer.flush()


class _Wandb(WandbCallback):
    """Weights & Biases; its environment variables hold: WANDB_MODE=offline keeps it off the net."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self._recipe = recipe

    def on_train_begin(
        self, args: Any, state: Any, control: Any, model: Any = None, **rest: Any
    ) -> None:
        if state.is_world_process_zero and self._wandb.run is None:
            # Under the same id a run that was killed goes on as one run there, too.
            self._wandb.init(
                project=_project(),
                name=args.run_name,
                id=_run_id(self._recipe.out),
                resume="allow",
                dir=str(files.make_folder(self._recipe.out / LOGS)),
                config={"recipe": self._recipe.model_dump(mode="json")},
            )
        super().on_train_begin(args, state, control, model=model, **rest)

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **rest: Any
    ) -> None:
        if state.is_world_process_zero:
            self._wandb.log({**named(logs or {}), "train/global_step": state.global_step})


class _Trackio(TrackioCallback):
    """Trackio, on this computer: no space on the hub is made. A run goes on under its name."""

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **rest: Any
    ) -> None:
        if state.is_world_process_zero:
            self._trackio.log({**named(logs or {}), "train/global_step": state.global_step})


def _is_installed(name: str) -> bool:
    # wandb leaves a folder of its name where it has run; that looks like a package without code.
    spec = find_spec(name)
    return spec is not None and spec.origin is not None


def _project() -> str:
    return os.environ.get("WANDB_PROJECT", PROJECT)


def _run_id(out: Path) -> str:
    path = out / LOGS / _RUN_ID
    if not path.is_file():
        files.write_text(path, f"{uuid.uuid4().hex}\n")
    return path.read_text(encoding="utf-8").strip()


def _fenced(recipe: Recipe) -> str:
    text = yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    return f"```yaml\n{text}```"
