"""Whether the sampled frames are dense enough for the motion, by a rule of thumb named as such.

The KB says in how many phases a motion is cut, not how long each takes or how fast a part moves. So
phases are taken as equally long, and of fast or brief things only the limits can be told.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from physprior.dataset.doctor.findings import NO_VIDEOS, Finding, Section, Table, counted
from physprior.dataset.index import Video
from physprior.knowledge.load import KnowledgeBase
from physprior.knowledge.schema import Category
from physprior.video.probe import VideoInfo
from physprior.video.sample import Sampling

LEAST_A_PHASE = 2
"""Sampled frames that a phase must get on average: one shows a state, two show a change."""
REPEATING = frozenset({"rotate", "shake"})
"""Actions whose motion repeats, so that too few frames can show another motion than there is."""


@dataclass(frozen=True)
class Sight:
    """What a sampling sees of one clip; all in seconds."""

    duration: float
    seen: float
    """The stretch that frames are taken from."""
    gap: float
    """The mean distance between frames."""

    @property
    def unseen_before(self) -> float:
        """The stretch before the first frames, and as much after the last ones."""
        return (self.duration - self.seen) / 2

    def a_phase(self, phases: int) -> float:
        """Frames that fall into a phase on average, where phases are equally long."""
        return self.duration / phases / self.gap


def see(info: VideoInfo, sampling: Sampling) -> Sight:
    """What a sampling sees of a clip with enough frames."""
    seen = info.duration_s
    if sampling.kind == "window" and sampling.window_seconds is not None:
        seen = min(sampling.window_seconds, seen)
    if sampling.kind == "burst":
        seen = min(sampling.frames * sampling.stride / info.fps, seen)
    return Sight(duration=info.duration_s, seen=seen, gap=seen / sampling.frames)


def examine_coarseness(
    videos: Sequence[Video], knowledge: KnowledgeBase, sampling: Sampling
) -> Section:
    """The section on sampling: frames after sampling against the KB's phases."""
    sights: dict[str, list[Sight]] = defaultdict(list)
    for video in videos:
        # Clips with too few frames are named elsewhere.
        if video.info.frames >= sampling.frames and video.info.fps > 0:
            sights[video.category].append(see(video.info, sampling))
    title = f"Sampling: {_said(sampling)}"
    if not sights:
        why = "no clip has enough frames" if videos else NO_VIDEOS
        return Section(name="sampling", title=title, unasked=why)
    judged = [(knowledge.category(name), own) for name, own in sorted(sights.items())]
    return Section(
        name="sampling",
        title=title,
        tables=(_table(judged),),
        findings=tuple(_findings(judged)),
    )


def _said(sampling: Sampling) -> str:
    where = {
        "uniform": "uniform over the clip",
        "window": f"over the central {sampling.window_seconds or 0:g} s",
        "burst": f"a burst at the centre, {sampling.stride} apart",
    }
    return f"{sampling.frames} frames, {where[sampling.kind]}"


def _table(judged: Sequence[tuple[Category, list[Sight]]]) -> Table:
    rows = []
    for category, sights in judged:
        phases = len(category.prior.motion.phases)
        gap = _middle([sight.gap for sight in sights])
        duration = _middle([sight.duration for sight in sights])
        rows.append(
            (
                category.id,
                f"{duration:.2f}",
                str(phases),
                f"{duration / phases:.2f}",
                f"{gap:.3f}",
                f"{_middle([sight.a_phase(phases) for sight in sights]):.1f}",
                f"{1 / (2 * gap):.1f}",
            )
        )
    return Table(
        caption="medians; a rule of thumb: phases taken as equally long, "
        f"{LEAST_A_PHASE} frames wanted in each",
        heads=(
            "category",
            "seconds",
            "phases",
            "s a phase",
            "s between frames",
            "frames a phase",
            "repeats/s seen",
        ),
        rows=tuple(rows),
    )


def _findings(judged: Sequence[tuple[Category, list[Sight]]]) -> Iterator[Finding]:
    yield from _coarse(judged)
    yield from _unseen(judged)
    yield from _limits(judged)


def _coarse(judged: Sequence[tuple[Category, list[Sight]]]) -> Iterator[Finding]:
    places, wanted = [], 0
    for category, sights in judged:
        phases = len(category.prior.motion.phases)
        few = [sight for sight in sights if sight.a_phase(phases) < LEAST_A_PHASE]
        if few:
            wanted = max(wanted, LEAST_A_PHASE * phases)
            places.append(
                f"{category.id}: {len(few)} of {counted(len(sights), 'clip')}, "
                f"{_middle([sight.a_phase(phases) for sight in few]):.1f} frames a phase"
            )
    if places:
        yield Finding(
            kind="coarse",
            text=f"{counted(len(places), 'category')} with fewer than {LEAST_A_PHASE} sampled "
            "frames a phase (a rule of thumb)",
            places=tuple(places),
            remedy=f"sample {wanted} frames over the clip; a context of 4,096 tokens holds 15",
        )


def _unseen(judged: Sequence[tuple[Category, list[Sight]]]) -> Iterator[Finding]:
    places = []
    for category, sights in judged:
        phases = len(category.prior.motion.phases)
        blind = [sight for sight in sights if sight.unseen_before >= sight.duration / phases]
        if blind:
            places.append(
                f"{category.id}: {len(blind)} of {counted(len(sights), 'clip')}, "
                f"{_middle([sight.unseen_before for sight in blind]):.2f} s unseen at either end"
            )
    if places:
        yield Finding(
            kind="phase-unseen",
            text=f"{counted(len(places), 'category')} whose first and last phases lie outside the "
            "sampled stretch (a rule of thumb)",
            places=tuple(places),
            remedy="widen the window or the stride, or sample uniformly",
        )


def _limits(judged: Sequence[tuple[Category, list[Sight]]]) -> Iterator[Finding]:
    gaps = {category.id: _middle([sight.gap for sight in own]) for category, own in judged}
    brief = [
        f"{category.id}/{anomaly.id}: {gaps[category.id]:.2f} s"
        for category, _ in judged
        for anomaly in category.anomalies
        if anomaly.onset == "intermittent"
    ]
    if brief:
        yield Finding(
            kind="brief",
            level="note",
            text="intermittent anomalies: one that comes and goes between two frames is not seen; "
            "the frames lie so far apart",
            places=tuple(brief),
        )
    repeating = [
        f"{category.id}: {1 / (2 * gaps[category.id]):.1f} times a second"
        for category, _ in judged
        if REPEATING & set(category.interaction.actions)
    ]
    if repeating:
        yield Finding(
            kind="aliasing",
            level="note",
            text="repeating motions (rotate, shake): what repeats faster than this looks slower, "
            "still or backwards; each blade or tooth of a turning part counts as a repeat, and how "
            "fast parts turn the KB does not say",
            places=tuple(repeating),
            remedy="look at a few clips; where it is faster, try --sampling burst",
        )


def _middle(values: list[float]) -> float:
    return statistics.median(values)
