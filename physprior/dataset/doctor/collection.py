"""What a person should know of a video collection before building on it, section by section.

Nothing that it is there to find stops it: broken files, unplaced folders and one file in two
classes are findings.
"""

from __future__ import annotations

from pathlib import Path

from physprior.dataset.doctor.coarseness import examine_coarseness
from physprior.dataset.doctor.completeness import examine_completeness
from physprior.dataset.doctor.copies import find_broken, find_copies
from physprior.dataset.doctor.findings import NO_VIDEOS, Finding, Section
from physprior.dataset.doctor.oddities import (
    find_odd,
    find_shortcuts,
    measure_categories,
)
from physprior.dataset.doctor.published import is_comparable
from physprior.dataset.doctor.sidecars import find_contradictions
from physprior.dataset.doctor.survey import Survey
from physprior.dataset.doctor.unplaced import examine_unplaced
from physprior.knowledge.load import KnowledgeBase
from physprior.video.sample import Sampling

SIMULATION = "simulation.json"
"""The file by which a folder of simulated videos is known: it is no part of Phys-AD."""


def examine_collection(
    survey: Survey,
    knowledge: KnowledgeBase,
    *,
    sampling: Sampling,
    reference: bool | None = None,
) -> tuple[Section, ...]:
    """The sections on completeness, places, clips and sampling.

    ``reference`` says whether the paper's counts are compared with; None compares where any
    category is one of Phys-AD's and the videos are not simulated.
    """
    videos = survey.index.videos
    if reference is None:
        simulated = (survey.index.root / SIMULATION).is_file()
        reference = is_comparable(videos) and not simulated
    return (
        examine_completeness(videos, knowledge, reference=reference),
        _places(survey, knowledge),
        _clips(survey, knowledge, sampling),
        examine_coarseness(videos, knowledge, sampling),
    )


def _places(survey: Survey, knowledge: KnowledgeBase) -> Section:
    index = survey.index
    findings = list(survey.refused)
    findings += examine_unplaced(survey.unexplained, index.root, knowledge, index.videos)
    if not index.videos and not survey.refused:
        findings.append(_no_videos(index.root))
    findings += [Finding(kind="collection", level="note", text=line) for line in index.notes]
    if index.ignored:
        endings = ", ".join(f"{n} {ending or '(none)'}" for ending, n in index.ignored.items())
        findings.append(
            Finding(
                kind="ignored",
                level="note",
                text=f"files that are no videos by their endings: {endings}",
            )
        )
    return Section(name="places", title="Folders and their places", findings=tuple(findings))


def _no_videos(root: Path) -> Finding:
    remedy = "name a folder with <category>/train/*.mp4 and <category>/test/<class>/*.mp4"
    if any((root / part).is_dir() for part in ("train", "test")):
        remedy = f"this is one category's folder: name the folder above it, {root.resolve().parent}"
    return Finding(
        kind="no-videos", text="no video here that can be used and placed", remedy=remedy
    )


def _clips(survey: Survey, knowledge: KnowledgeBase, sampling: Sampling) -> Section:
    videos = survey.index.videos
    findings = [
        *find_broken(survey.index.skipped),
        *find_copies(videos),
        *find_contradictions(videos, survey.index.root, knowledge),
        *find_odd(videos, sampling),
        *find_shortcuts(videos),
    ]
    return Section(
        name="clips",
        title="Clips: broken, double, odd",
        unasked="" if videos or survey.index.skipped else NO_VIDEOS,
        tables=(measure_categories(videos),) if videos else (),
        findings=tuple(findings),
    )
