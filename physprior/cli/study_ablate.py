"""``physprior study ablate``: every way to tell the physics, trained alike and tested once."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from physprior.cli.completion import categories
from physprior.cli.console import Steps, quiet_libraries, remark, say, table
from physprior.cli.options import (
    DEFAULT_WORKERS,
    Kb,
    TemplatesFolder,
    Workers,
    project_kb,
    project_templates,
)

if TYPE_CHECKING:
    from physprior.pipeline.ablate import StudyPlan

DEFAULT_COUNT = 640
"""Simulated videos a category where no number is given."""

Videos = Annotated[
    Path | None,
    typer.Argument(
        help="The videos: a folder in Phys-AD's layout, a list, or an index.",
        show_default="they are simulated",
    ),
]
Out = Annotated[Path, typer.Option("-o", "--out", help="Folder of the study.")]
Modes = Annotated[
    str, typer.Option("--modes", help="The modes that are arms, with commas between them.")
]
Further = Annotated[
    str,
    typer.Option(
        "--arms",
        help="Further arms, with commas between them: turns_shuffled, wrong_prior, video_last, "
        "history_generated.",
        show_default="none",
    ),
]
Free = Annotated[
    list[str] | None,
    typer.Option(
        "--arm",
        metavar="NAME=MODE,KEY=VALUE,…",
        help="An arm of your own: a mode or a further arm, with fields of the recipe; repeatable.",
    ),
]
Seeds = Annotated[int, typer.Option("--seeds", min=1, help="How often each arm is trained.")]
Count = Annotated[
    int | None,
    typer.Option(
        "--count",
        min=4,
        help="Simulated videos a category.",
        show_default=str(DEFAULT_COUNT),
    ),
]
Instances = Annotated[
    int | None,
    typer.Option(
        "--instances",
        min=3,
        help="Simulated objects a category; none is in two splits.",
        show_default="160, or a quarter of the videos where that is fewer",
    ),
]
Category = Annotated[
    list[str] | None,
    typer.Option(
        "--category",
        help="A category to simulate; repeatable.",
        show_default="all there are",
        autocompletion=categories,
    ),
]
Seed = Annotated[
    int, typer.Option("--seed", min=0, help="Seeds the videos, the split and the base.")
]
Recipe = Annotated[
    str, typer.Option("--recipe", help="The recipe of every run: a file, or a shipped one's name.")
]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Set a field of the recipe, for every run; repeatable."
    ),
]
Base = Annotated[
    str | None,
    typer.Option(
        "--base",
        help="The checkpoint that every run tunes.",
        show_default="the pre-trained tiny one",
    ),
]
StopBeforeTest = Annotated[
    bool, typer.Option("--stop-before-test", help="Leave the test split closed.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the plan, and stop.")]


def ablate_command(
    videos: Videos = None,
    out: Out = Path("physprior-ablation"),
    modes: Modes = "multi_turn,single_turn,no_phys",
    arms: Further = "",
    arm: Free = None,
    seeds: Seeds = 3,
    count: Count = None,
    instances: Instances = None,
    category: Category = None,
    seed: Seed = 0,
    recipe: Recipe = "tiny",
    overrides: Overrides = None,
    base: Base = None,
    kb: Kb = None,
    templates: TemplatesFolder = None,
    stop_before_test: StopBeforeTest = False,
    dry_run: DryRun = False,
    workers: Workers = DEFAULT_WORKERS,
) -> None:
    """Train and test the paper's arms on the same videos, and compare them with intervals.

    The test split is opened once, when every run has finished. Stopped and started again, it goes
    on; each step is announced as the command that would do it alone.
    """
    if videos is not None and (category or count is not None or instances is not None):
        raise typer.BadParameter(
            "videos were named, so that none are simulated",
            param_hint="--category, --count, --instances",
        )
    quiet_libraries()
    from physprior import provenance
    from physprior.pipeline.ablate import StudyPlan, read_arms
    from physprior.pipeline.objects import objects_of

    chosen, generated = read_arms(_names(modes), _names(arms), arm or [])
    kb, templates = project_kb(kb), project_templates(templates)
    if videos is None:
        count = count or DEFAULT_COUNT
        instances = instances or objects_of(count)
    plan = StudyPlan(
        arms=chosen,
        seeds=seeds,
        history_generated=generated,
        videos=_said(videos),
        categories=tuple(sorted(set(category or ()))),
        count=count,
        instances=instances,
        seed=seed,
        recipe=recipe,
        overrides=tuple(overrides or ()),
        base=base,
        kb=_said(kb),
        templates=_said(templates),
        versions=provenance.describe(),
    )
    if dry_run:
        _print_plan(out, plan, workers)
    else:
        _ablate(out, plan, workers, stop_before_test=stop_before_test)


def _names(said: str) -> list[str]:
    return [name.strip() for name in said.split(",") if name.strip()]


def _said(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _print_plan(out: Path, plan: StudyPlan, workers: int) -> None:
    from physprior.pipeline.ablate import commands

    listed = list(commands(out, plan, workers=workers))
    rows = [
        [one.name, one.mode, one.variation, str(plan.seeds), " ".join(one.overrides) or "-"]
        for one in plan.arms
    ]
    table(("arm", "mode", "variation", "runs", "recipe"), rows, names=3)
    say()
    for number, command in enumerate(listed, start=1):
        say(f"{number:>3}  {command}")


def _ablate(out: Path, plan: StudyPlan, workers: int, *, stop_before_test: bool) -> None:
    from physprior.cli.study_report import tell_study
    from physprior.pipeline.ablate import Voices, ablate

    started = time.monotonic()
    with Steps() as steps:

        def announce(command: str) -> None:
            steps.close()
            remark(f"$ {command}")

        def note(text: str) -> None:
            steps.close()
            remark(text)

        tested = ablate(
            out,
            plan,
            workers=workers,
            stop_before_test=stop_before_test,
            voices=Voices(announce, steps, note),
        )
    if tested:
        tell_study(out)
    else:
        say(f"every run has finished; the test split of {out} is still closed")
    remark(f"finished in {time.monotonic() - started:.0f} s")
