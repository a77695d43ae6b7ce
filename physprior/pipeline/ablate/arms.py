"""Arms: read from options, and turned into the knowledge and templates that they are built with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from physprior.dialogue import Templates
from physprior.errors import StudyError
from physprior.knowledge.load import KnowledgeBase
from physprior.paths import ABLATION, templates_folder
from physprior.pipeline.ablate.plan import BUDGET, Arm, StudyPlan, Variation

VARIED: tuple[Variation, ...] = ("turns_shuffled", "wrong_prior", "video_last")
"""Further arms by name: ``multi_turn``, varied."""
GENERATED = "history_generated"
"""Named among the further arms, and none: nothing is trained for it."""
_VARIES = "multi_turn"
_TAKEN = ("untuned", "baselines", GENERATED)
_OWN = ("base", "cache", "continue_from", "dataset", "only", "out", "rehearse", "seed", "videos")
"""Fields of the recipe that a study decides."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


def read_arms(
    modes: Sequence[str], further: Sequence[str], free: Sequence[str]
) -> tuple[tuple[Arm, ...], bool]:
    """The arms that options name, and whether ``multi_turn`` is asked with a generated history.

    ``free``: each as ``NAME=MODE,field=value,…``, where MODE may be a variation. Raises StudyError
    for names that are none, are there twice, or stand for something else.
    """
    arms = [Arm(name=mode, mode=mode) for mode in modes]
    arms += [_named(name) for name in further if name != GENERATED]
    arms += [_free(said) for said in free]
    if not arms:
        raise StudyError("the study has no arm", remedy="name one with --modes")
    names = [arm.name for arm in arms]
    for arm in arms:
        _refuse_name(arm.name, twice=names.count(arm.name) > 1)
        refuse_fields(arm.overrides, f"the arm {arm.name}")
    asked = GENERATED in further
    if asked and _VARIES not in names:
        raise StudyError(
            f"{GENERATED} asks the runs of {_VARIES}, which is no arm of this study",
            remedy=f"add {_VARIES} to --modes, or leave {GENERATED} out",
        )
    return tuple(arms), asked


def _named(name: str) -> Arm:
    if name not in VARIED:
        raise StudyError(
            f"there is no arm '{name}'",
            remedy=f"name one of these: {', '.join((*VARIED, GENERATED))}; or describe it with "
            "--arm NAME=MODE,field=value",
        )
    return Arm(name=name, mode=_VARIES, variation=_variation(name))


def _free(said: str) -> Arm:
    name, equals, rest = said.partition("=")
    mode, *fields = _between_commas(rest)
    if not equals or not mode or any("=" not in field for field in fields):
        raise StudyError(
            f"--arm {said} describes no arm",
            remedy="write it as --arm NAME=MODE,field=value,…, such as "
            "--arm four_frames=multi_turn,frames=4",
        )
    keys = {field.partition("=")[0].strip() for field in fields}
    varied = mode in VARIED
    return Arm(
        name=name.strip(),
        mode=_VARIES if varied else mode,
        variation=_variation(mode) if varied else "none",
        overrides=tuple(fields),
        own_budget=bool(keys & set(BUDGET)),
    )


def _variation(name: str) -> Variation:
    return next(one for one in VARIED if one == name)


def _between_commas(text: str) -> list[str]:
    """The pieces of a text between its commas; those in brackets belong to a value."""
    pieces, depth = [""], 0
    for letter in text:
        depth += (letter in "{[") - (letter in "}]")
        if letter == "," and not depth:
            pieces.append("")
        else:
            pieces[-1] += letter
    return [piece.strip() for piece in pieces]


def _refuse_name(name: str, *, twice: bool) -> None:
    if twice:
        raise StudyError(f"two arms are called {name}", remedy="name each arm once")
    if name in _TAKEN or not _NAME.fullmatch(name):
        raise StudyError(
            f"an arm cannot be called '{name}'",
            remedy="use small letters, digits, - and _; "
            f"{', '.join(_TAKEN)} stand for something else",
        )


def refuse_fields(overrides: Iterable[str], whose: str) -> None:
    """Raise StudyError for a field of the recipe that the study decides itself."""
    for override in overrides:
        if (key := override.partition("=")[0].strip()) in _OWN:
            raise StudyError(
                f"{whose} sets {key}, which the study decides itself", remedy="leave it out"
            )


def templates_of(plan: StudyPlan, arm: Arm) -> tuple[Templates, str]:
    """The templates that an arm's dataset is rendered with, and the name of the one that is."""
    if arm.variation == "turns_shuffled":
        return Templates(templates_folder() / ABLATION), arm.variation
    folder = Path(plan.templates) if plan.templates else templates_folder()
    return Templates(
        folder, video_turn="last" if arm.variation == "video_last" else "first"
    ), arm.mode


def knowledge_of(knowledge: KnowledgeBase, arm: Arm, wrong: dict[str, str]) -> KnowledgeBase:
    """The knowledge that an arm's dataset is rendered with.

    ``wrong``: whose physics each category is told, for the variation ``wrong_prior``.
    """
    if arm.variation != "wrong_prior":
        return knowledge
    own = knowledge.categories
    told = {
        name: category.model_copy(update={"prior": own[wrong[name]].prior})
        for name, category in own.items()
        if name in wrong
    }
    return KnowledgeBase({**own, **told}, knowledge.sources)


def wrong_priors(categories: Iterable[str]) -> dict[str, str]:
    """Whose physics each category is told: the next one's, in the order of their ids.

    Raises StudyError where there is no other.
    """
    names = sorted(categories)
    if len(names) < 2:
        raise StudyError(
            f"a wrong prior needs a second category; these videos show {', '.join(names)} alone",
            remedy="use videos of several categories, or leave wrong_prior out",
        )
    return dict(zip(names, [*names[1:], names[0]], strict=True))
