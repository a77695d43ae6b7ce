"""What all arms stand on: checked texts, videos, a dataset for each way to tell it, and a base."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from physprior.errors import StudyError
from physprior.paths import kb_folder, templates_folder
from physprior.pipeline.ablate.arms import knowledge_of, templates_of, wrong_priors
from physprior.pipeline.ablate.places import Places
from physprior.pipeline.ablate.plan import Arm, StudyPlan, write_plan
from physprior.pipeline.ablate.step import Step, Voices, line, pairs, tell_skipped

if TYPE_CHECKING:
    from physprior.knowledge.load import KnowledgeBase

UNTUNED = ("multi_turn", "no_phys")
"""The modes in which the untuned base is asked; ``no_phys`` is the zero-shot prompt."""
_WHY = {
    "none": "",
    "turns_shuffled": "",
    "wrong_prior": "with each category's prior from another one, as study.json says",
    "video_last": "with the video in the last question",
}


def texts(plan: StudyPlan) -> dict[str, Arm]:
    """Dataset to an arm that is built with it; the modes that the untuned base is asked in first.

    The first one is of a plain mode, so that its categories are known before any is varied.
    """
    plain = [Arm(name=mode, mode=mode) for mode in UNTUNED]
    return {arm.dataset: arm for arm in (*plain, *plan.arms)}


def prepare(plan: StudyPlan, places: Places, workers: int) -> Iterator[Step]:
    """The steps before the first training."""
    yield _check(plan)
    if plan.videos is None:
        yield _simulate(plan, places, workers)
    for name, arm in texts(plan).items():
        yield _build(plan, places, name, arm, workers)
    if plan.base is None:
        yield _base(places)


def base_of(plan: StudyPlan, places: Places) -> str:
    """The checkpoint that every run tunes."""
    return plan.base or str(places.base)


def knowledge(plan: StudyPlan) -> KnowledgeBase:
    """The knowledge base of a study."""
    from physprior.knowledge.load import load_knowledge

    return load_knowledge(Path(plan.kb) if plan.kb else kb_folder())


def _said(plan: StudyPlan) -> list[str]:
    return [*pairs("--kb", filter(None, [plan.kb]))]


def _check(plan: StudyPlan) -> Step:
    def work(_: Voices) -> None:
        from physprior.check import refuse_errors

        refuse_errors(places)

    named = [Path(one) for one in (plan.kb, plan.templates) if one]
    places = [Path(plan.kb or kb_folder()), Path(plan.templates or templates_folder())]
    return Step("prepare", line("check", *named), work)


def _simulate(plan: StudyPlan, places: Places, workers: int) -> Step:
    def work(voices: Voices) -> None:
        from physprior.simulate import Options, simulate

        chosen = {"categories": plan.categories} if plan.categories else {}
        simulate(
            places.videos,
            Options(**chosen, count=plan.count, instances=plan.instances, seed=plan.seed),
            workers=workers,
            progress=partial(voices.progress, "simulate"),
        )

    words = ["data", "simulate", places.videos, *pairs("--category", plan.categories)]
    words += ["--count", plan.count, "--seed", plan.seed]
    if plan.instances is not None:
        words += ["--instances", plan.instances]
    return Step("prepare", line(*words), work)


def _build(plan: StudyPlan, places: Places, name: str, arm: Arm, workers: int) -> Step:
    videos = Path(plan.videos) if plan.videos else places.videos
    out = places.dataset(name)
    templates, mode = templates_of(plan, arm)

    def work(voices: Voices) -> None:
        from physprior.check import refuse_unfinished
        from physprior.dataset.compile import build

        report = build(
            videos,
            out,
            knowledge=knowledge_of(knowledge(plan), arm, _wrong(plan, places, arm)),
            templates=templates,
            mode=mode,
            seed=plan.seed,
            workers=workers,
            progress=partial(voices.progress, "videos"),
            fit=refuse_unfinished,
        )
        first = next(iter(texts(plan)))
        if name == first:  # the others are of the same videos
            skipped = report.manifest.skipped
            tell_skipped(voices, [f"{one.path}: {one.reason}" for one in skipped])
        _refuse_other_videos(places, name, first)

    words = ["build", videos, "-o", out, "--mode", mode, "--seed", plan.seed, *_said(plan)]
    if templates.folder != templates_folder():
        words += ["--templates", templates.folder]
    return Step("prepare", line(*words, why=_WHY[arm.variation]), work)


def _wrong(plan: StudyPlan, places: Places, arm: Arm) -> dict[str, str]:
    """Whose physics each category is told in the arm, written into the plan as well."""
    if arm.variation != "wrong_prior":
        return {}
    wrong = wrong_priors(_categories(plan, places))
    write_plan(places.out, plan.model_copy(update={"wrong_priors": wrong}))
    return wrong


def _refuse_other_videos(places: Places, name: str, first: str) -> None:
    """Raise StudyError where a dataset has other videos, or splits them otherwise."""
    from physprior.dataset.manifest import read_manifest

    one, other = (read_manifest(places.dataset(dataset)) for dataset in (first, name))
    if (one.split, one.videos) != (other.split, other.videos):
        raise StudyError(
            f"the datasets {first} and {name} of {places.out} do not hold the same videos in the "
            "same split: the videos have changed meanwhile",
            remedy="restore the videos; or begin the study again in another folder",
        )


def _base(places: Places) -> Step:
    """Lay down the base that every run tunes: the pre-trained one."""

    def work(_: Voices) -> None:
        from physprior.vlm.pretrained import copy_pretrained

        if not (places.base / "config.json").is_file():
            copy_pretrained(places.base)

    return Step("prepare", line("model", "base", "tiny", places.base, "--pretrained"), work)


def _categories(plan: StudyPlan, places: Places) -> tuple[str, ...]:
    """The categories of the videos; of a plan that is only printed, those that it names."""
    from physprior.dataset.manifest import MANIFEST, read_manifest

    built = places.dataset(next(iter(texts(plan))))
    return (
        tuple(read_manifest(built).categories) if (built / MANIFEST).is_file() else plan.categories
    )
