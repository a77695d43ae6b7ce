"""AUROC by severity: how small a failure each row still finds."""

from __future__ import annotations

from collections.abc import Sequence

from physprior.eval.report.severities import Severities, read_severities
from physprior.eval.report.severity import severity_scores
from physprior.eval.report.severity_table import readings
from physprior.pipeline.ablate.report.asked import Asked
from physprior.pipeline.ablate.report.layout import Layout
from physprior.pipeline.ablate.report.model import Graded, Measured

VIDEOS = "videos"


def grade_all(asked: Sequence[Asked], layout: Layout) -> tuple[tuple[Graded, ...], tuple[str, ...]]:
    """A line a row, from the sidecars of the videos; and why there is none, in sentences."""
    made, said = [], []
    known: dict[tuple[str, ...], Severities] = {}
    for one in asked:
        videos = tuple(line.video for line in one.averaged.predictions)
        if videos not in known:
            known[videos] = _read(one, layout)
            said += [*known[videos].missing, *known[videos].ignored]
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
    own = layout.folder / VIDEOS
    if own.is_dir():
        return read_severities(one.averaged, videos=own)
    return read_severities(one.averaged)


def _span(low: float, high: float) -> str:
    return f"{low:g} to {high:g}"
