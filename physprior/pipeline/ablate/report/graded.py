"""AUROC by severity: how small a failure each row still finds."""

from __future__ import annotations

from collections.abc import Sequence

from physprior.dataset.manifest import MANIFEST
from physprior.eval.report.severities import Severities, read_severities, videos_root
from physprior.eval.report.severity import severity_scores
from physprior.eval.report.severity_table import readings
from physprior.pipeline.ablate.report.asked import Asked
from physprior.pipeline.ablate.report.layout import Layout
from physprior.pipeline.ablate.report.model import Graded, Measured

VIDEOS, DATASETS = "videos", "datasets"
_NOT_HERE = (
    "No table by severity: the videos lie neither in the study's folder nor where its datasets "
    "say, and so nobody can tell whether they say how severe a failure is."
)


def grade_all(asked: Sequence[Asked], layout: Layout) -> tuple[tuple[Graded, ...], tuple[str, ...]]:
    """A line a row, from the sidecars of the videos; and why there is none, in sentences."""
    made: list[Graded] = []
    said: list[str] = []
    known: dict[tuple[str, ...], Severities] = {}
    for one in asked:
        videos = tuple(line.video for line in one.averaged.predictions)
        if videos not in known:
            known[videos] = _read(one, layout)
            said += known[videos].ignored
            said += [_NOT_HERE] if known[videos].missing else []
        found = severity_scores(one.whole, known[videos])
        if found is not None:
            made.append(
                Graded(
                    name=one.name,
                    spans={
                        _span(part.low, part.high): Measured.of(part.macro) for part in found.bins
                    },
                    anomalous={_span(part.low, part.high): part.anomalous for part in found.bins},
                    reading=readings(found),
                )
            )
    if not made and not said:
        said.append(
            "No table by severity: no file beside a test video says how severe its failure is, as "
            "of real videos nobody knows."
        )
    return tuple(made), tuple(dict.fromkeys(said))


def _read(one: Asked, layout: Layout) -> Severities:
    own, dataset = layout.folder / VIDEOS, layout.folder / DATASETS / one.arm
    if own.is_dir():
        return read_severities(one.averaged, videos=own)
    # The study may have been moved since; its own dataset knows the videos' way from there.
    if videos_root(one.averaged, None) is None and (dataset / MANIFEST).is_file():
        return read_severities(one.averaged, dataset)
    return read_severities(one.averaged)


def _span(low: float, high: float) -> str:
    return f"{low:g} to {high:g}"
