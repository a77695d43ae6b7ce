"""What a study compares: its arms, how often each is trained, and all that they have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from physprior import files
from physprior.errors import StudyError

PLAN_FILE = "study.json"
"""The file by which a study's folder is recognised."""

Variation = Literal["none", "turns_shuffled", "wrong_prior", "video_last"]
"""How an arm's dialogues differ from those of its mode.

turns_shuffled  the three turns of physics in another order
wrong_prior     each category is told another category's physics, in training and in testing
video_last      the video goes with the last question and not with the first
"""

BUDGET = ("batch_size", "epochs", "gradient_accumulation", "patience")
"""Fields of the recipe that decide how many steps a run has, and over how many videos each."""

_MAY_GROW = {"arms", "seeds", "history_generated", "versions", "wrong_priors"}
"""What may still change until the test split is opened; the rest makes another study."""


class Arm(BaseModel):
    """One way to tell the physics, trained and tested like every other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """What it is called, in the table and on the disk."""
    mode: str
    """The mode whose dialogues it has, or varies."""
    variation: Variation = "none"
    """How they are varied."""
    overrides: tuple[str, ...] = ()
    """Fields of the recipe that it sets otherwise, as ``--set`` does."""
    own_budget: bool = False
    """Its overrides give it other steps than the rest have: a difference may come from there."""

    @property
    def dataset(self) -> str:
        """The name of its dataset, which arms of equal texts share."""
        return self.mode if self.variation == "none" else self.variation


class StudyPlan(BaseModel):
    """Everything that decides what a study finds. Paths are as the user typed them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    """Version of this file's form."""
    arms: tuple[Arm, ...]
    """What is compared, in the order of the table."""
    seeds: int
    """Each arm is trained with the seeds 0, 1, … below this."""
    history_generated: bool = False
    """The runs of ``multi_turn`` are also asked with a history of their own."""
    videos: str | None = None
    """The videos: a folder, a list or an index; None: they are simulated."""
    categories: tuple[str, ...] = ()
    """The categories to simulate; all that there are where none is named."""
    count: int | None = None
    """Simulated videos a category; None where videos were named."""
    instances: int | None = None
    """Simulated objects a category, which the split keeps apart; None where videos were named."""
    seed: int = 0
    """Seeds the simulated videos, the split and the base that is made."""
    recipe: str = "tiny"
    """The recipe of every run: a file, or a shipped recipe's name."""
    overrides: tuple[str, ...] = ()
    """Fields of it that are set for every run."""
    base: str | None = None
    """The checkpoint that every run tunes; None: one is made."""
    kb: str | None = None
    """Folder of KB entries; None: the shipped KB."""
    templates: str | None = None
    """Folder of templates; None: the shipped ones."""
    wrong_priors: dict[str, str] = {}
    """Whose physics each category is told in an arm of that variation; empty until it is built."""
    versions: dict[str, Any] = {}
    """Versions and commit of what made the study, when it was last planned."""

    def arm(self, name: str) -> Arm:
        """The arm of a name. Raises KeyError where there is none."""
        return {arm.name: arm for arm in self.arms}[name]


def keep_plan(out: Path, plan: StudyPlan, *, opened: bool) -> StudyPlan:
    """Write the plan into the study's folder, beside what is there of it; gives what holds now.

    ``opened``: the test split has been opened, so that nothing may change any more.
    Raises StudyError where the folder holds another study.
    """
    path = out / PLAN_FILE
    if path.is_file():
        earlier = read_plan(out)
        _refuse_other(out, earlier, plan, opened=opened)
        if opened:
            return earlier
        plan = plan.model_copy(update={"wrong_priors": earlier.wrong_priors})
    elif out.is_dir() and any(not one.name.startswith(".") for one in out.iterdir()):
        raise StudyError(
            f"{out} is not empty and holds no {PLAN_FILE}",
            remedy="name a new folder with -o",
        )
    write_plan(out, plan)
    return plan


def write_plan(out: Path, plan: StudyPlan) -> None:
    """Write the plan, atomically."""
    files.write_json(out / PLAN_FILE, plan.model_dump(mode="json"))


def read_plan(out: Path) -> StudyPlan:
    """The plan of a study's folder. Raises StudyError where there is none to be understood."""
    path = out / PLAN_FILE
    try:
        return StudyPlan.model_validate_json(path.read_bytes())
    except OSError as error:
        raise StudyError(
            f"{path} cannot be read: {error.strerror or error}",
            remedy="name a folder that 'physprior study ablate' has made",
        ) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in ("$", *first["loc"]))
        raise StudyError(
            f"{path} is not the plan of a study of this version: {where}: {first['msg']}",
            remedy="restore the file, or begin the study again in another folder",
        ) from error


def _refuse_other(out: Path, earlier: StudyPlan, plan: StudyPlan, *, opened: bool) -> None:
    names = [name for name in StudyPlan.model_fields if name not in ("wrong_priors", "versions")]
    other = [name for name in names if getattr(earlier, name) != getattr(plan, name)]
    if settled := [name for name in other if name not in _MAY_GROW]:
        raise StudyError(
            f"{out} holds another study (it differs in: {', '.join(settled)})",
            remedy="name another -o, or give the options that it was begun with: they stand in "
            f"{out / PLAN_FILE}",
        )
    if opened and other:
        raise StudyError(
            f"the test split of {out} was opened, and the study would now change (in: "
            f"{', '.join(other)})",
            remedy="a test split is opened once, for all runs: begin a study with the other arms "
            "in another folder, or give the options that this one was begun with",
        )
