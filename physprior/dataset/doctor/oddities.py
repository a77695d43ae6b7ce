"""Clips that stand out: of another size, rate or length than their category's, or too short."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from physprior.dataset.doctor.findings import Finding, Table, counted
from physprior.dataset.index import Video
from physprior.errors import VideoError
from physprior.video.sample import Sampling, frame_indices

FAR = 2.0
"""A clip more than this many times longer, or shorter, than its category's median is named."""
ALIKE = 0.5
"""Part of a category's clips that must share a measure before the others stand out."""
_SAME_RATE = 0.01
"""Rates closer than this, relatively, are one: 29.97 and 30 are."""


def measure_categories(videos: Sequence[Video]) -> Table:
    """The clips of each category in figures."""
    rows = []
    for category, own in _by_category(videos).items():
        infos = [video.info for video in own]
        rows.append(
            (
                category,
                str(len(own)),
                _most(f"{info.width}x{info.height}" for info in infos),
                _most(f"{info.fps:g}" for info in infos),
                _spread([info.frames for info in infos]),
                _spread([round(info.duration_s, 2) for info in infos]),
                _most(info.codec for info in infos),
            )
        )
    return Table(
        caption="clips by category; +n: n other values; least-median-most where they differ",
        heads=("category", "videos", "size", "frames/s", "frames", "seconds", "codec"),
        rows=tuple(rows),
    )


def find_odd(videos: Sequence[Video], sampling: Sampling) -> Iterator[Finding]:
    """Clips that stand out by their measures, or that cannot be sampled."""
    for kind, what, places, remedy in _odd(videos, sampling):
        listed = tuple(places)
        if listed:
            yield Finding(
                kind=kind,
                text=f"{counted(len(listed), 'clip')} {what}",
                places=listed,
                remedy=remedy,
            )


def _odd(
    videos: Sequence[Video], sampling: Sampling
) -> Iterator[tuple[str, str, Iterable[str], str]]:
    yield (
        "too-short",
        f"with too few frames for this sampling ({sampling.kind}, {sampling.frames} frames)",
        _unsampled(videos, sampling),
        "leave them out, or sample fewer frames",
    )
    yield (
        "variable-rate",
        "of variable frame rate: frames evenly apart in number are not so in time",
        (video.path for video in videos if not video.info.constant_rate),
        "write them again at a constant rate: ffmpeg -i IN -fps_mode cfr -r 60 OUT",
    )
    yield (
        "rotated",
        "that ask to be turned; physprior turns them, other tools may not",
        (f"{video.path}: {video.info.rotation} degrees" for video in videos if video.info.rotation),
        "write them again upright: ffmpeg -i IN OUT",
    )
    yield (
        "odd-size",
        "of another size than most of their category",
        _unusual(videos, lambda video: f"{video.info.width}x{video.info.height}"),
        "look whether they show the same station; a crop takes other parts of them",
    )
    yield (
        "odd-rate",
        "of another frame rate than most of their category",
        _unusual(videos, lambda video: _rate(video.info.fps), " frames/s"),
        "look whether they were recorded or converted otherwise",
    )
    yield (
        "odd-length",
        f"more than {FAR:g} times longer or shorter than their category's median",
        _far(videos),
        "look whether they hold the whole motion, and once",
    )


def find_shortcuts(videos: Sequence[Video]) -> Iterator[Finding]:
    """Measures that tell normal from anomalous clips, so that nobody need look at the motion."""
    told = []
    for category, own in _by_category(videos).items():
        for name, measure in _MEASURES.items():
            sound, faulty = ({measure(v) for v in own if v.label == label} for label in (0, 1))
            if sound and faulty and not sound & faulty:
                told.append(
                    f"{category}: {name} is {_few(sound)} where normal, {_few(faulty)} where not"
                )
    if told:
        yield Finding(
            kind="shortcut",
            text="a measure of the file tells normal from anomalous, without a look at the motion",
            places=tuple(told),
            remedy="write the clips alike, or scores will not show that motion was understood",
        )


_MEASURES: dict[str, Callable[[Video], str]] = {
    "size": lambda video: f"{video.info.width}x{video.info.height}",
    "frame rate": lambda video: _rate(video.info.fps),
    "codec": lambda video: video.info.codec,
    "number of frames": lambda video: str(video.info.frames),
}


def _few(values: set[str]) -> str:
    listed = sorted(values)
    return ", ".join(listed[:3]) + (", …" if len(listed) > 3 else "")


def _by_category(videos: Iterable[Video]) -> dict[str, list[Video]]:
    found: dict[str, list[Video]] = defaultdict(list)
    for video in videos:
        found[video.category].append(video)
    return dict(sorted(found.items()))


def _most(values: Iterable[str]) -> str:
    ranked = Counter(values).most_common()
    return ranked[0][0] + (f" +{len(ranked) - 1}" if len(ranked) > 1 else "")


def _spread(values: list[int] | list[float]) -> str:
    least, middle, most = min(values), statistics.median(values), max(values)
    return f"{least:g}" if least == most else f"{least:g}-{middle:g}-{most:g}"


def _unsampled(videos: Iterable[Video], sampling: Sampling) -> Iterator[str]:
    reasons: dict[tuple[int, float], str] = {}
    for video in videos:
        measures = (video.info.frames, video.info.fps)
        if measures not in reasons:
            try:
                frame_indices(*measures, sampling)
                reasons[measures] = ""
            except VideoError as error:
                reasons[measures] = error.message
        if reasons[measures]:
            yield f"{video.path}: {reasons[measures]}"


def _unusual(
    videos: Sequence[Video], measure: Callable[[Video], str], unit: str = ""
) -> Iterator[str]:
    for own in _by_category(videos).values():
        usual, count = Counter(map(measure, own)).most_common(1)[0]
        # Where no value prevails, the category is mixed, which the table shows.
        if count > ALIKE * len(own):
            for video in own:
                if measure(video) != usual:
                    yield f"{video.path}: {measure(video)}{unit}, most have {usual}"


def _rate(fps: float) -> str:
    usual = round(fps)
    return str(usual) if usual and abs(fps / usual - 1) < _SAME_RATE else f"{fps:.2f}"


def _far(videos: Sequence[Video]) -> Iterator[str]:
    for own in _by_category(videos).values():
        middle = statistics.median(video.info.duration_s for video in own)
        for video in own:
            if not middle / FAR <= video.info.duration_s <= middle * FAR:
                yield f"{video.path}: {video.info.duration_s:.2f} s, the median is {middle:.2f} s"
