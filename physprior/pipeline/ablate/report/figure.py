"""The figure: macro AUROC of each arm with its seeds, and below it AUROC by severity."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from physprior.pipeline.ablate.report.model import Graded, Measured, Row, Summary

SVG, PNG = "ablation.svg", "ablation.png"
WIDTH, DPI = 7.0, 200
"""Inches, and dots an inch: at 700 pixels wide its letters are as large as a page's."""
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's, which the colour-blind tell apart; the marks differ as well."""
MARKS = ("o", "s", "D", "^", "v", "P", "X")
_DASHES: tuple[Any, ...] = ("--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)), (0, (7, 3)))
_GREY, _INK = "#6b6b6b", "#222222"
_MOST = len(COLOURS)
_STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.edgecolor": _GREY,
    "axes.labelcolor": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.hashsalt": "physprior",
    "text.color": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
}


def draw(summary: Summary) -> dict[str, bytes]:
    """The figure as SVG and as PNG, by their file names."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    arms, lines = summary.of_kind("arm", "generated"), summary.of_kind("untuned", "baseline")
    colours = _colours(arms)
    names = {one.name for one in summary.of_kind("arm")}
    graded = [one for one in summary.severity if one.name in names][:_MOST]
    heights = [
        0.9 + 0.34 * len(arms) + 0.19 * -(-len(lines) // 2),
        2.9 + 0.19 * -(-len(graded) // 4),
    ][: 1 + bool(graded)]
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(WIDTH, sum(heights) + 0.2), layout="constrained")
        FigureCanvasAgg(figure)
        panels = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights)
        _arms(panels[0][0], arms, lines, colours, lettered=bool(graded))
        if graded:
            _severity(panels[1][0], graded, colours)
        return {SVG: _saved(figure, "svg"), PNG: _saved(figure, "png")}


def _saved(figure: Any, kind: str) -> bytes:
    # No date and no version within: the same summary gives the same picture.
    stream = io.BytesIO()
    empty = {"Date": None} if kind == "svg" else {"Software": None}
    figure.savefig(stream, format=kind, dpi=DPI, metadata=empty)
    return stream.getvalue()


def _colours(arms: Sequence[Row]) -> dict[str, int]:
    """The place of each arm among colours and marks; history generated has its arm's own."""
    names = list(dict.fromkeys(one.arm for one in arms))
    return {name: place % _MOST for place, name in enumerate(names)}


def _arms(
    panel: Any,
    arms: Sequence[Row],
    lines: Sequence[Row],
    colours: dict[str, int],
    *,
    lettered: bool,
) -> None:
    for place, one in enumerate(arms):
        _interval(panel, place, one, colours[one.arm])
    for place, one in enumerate(lines):
        if one.auroc.value is not None:
            panel.axvline(
                one.auroc.value,
                color=_GREY,
                linestyle=_DASHES[place % len(_DASHES)],
                linewidth=1.2,
                zorder=1,
                label=f"{one.name} {one.auroc.value:.3f}",
            )
    panel.axvline(0.5, color="#8a8a8a", linewidth=1.0, zorder=1)
    panel.set_yticks(range(len(arms)), [_label(one) for one in arms])
    panel.set_ylim(len(arms) - 0.45, -0.55)
    panel.set_xlim(_lowest([one.auroc for one in (*arms, *lines)]), 1.01)
    panel.tick_params(axis="y", length=0)
    panel.grid(axis="x", color="#eeeeee", zorder=0)
    panel.set_axisbelow(True)
    several = any(len(one.seeds) > 1 for one in arms)
    filled = "seed-averaged with its 95 % interval; open, each seed"
    said = f"filled, {filled}" if several else "with its 95 % interval"
    panel.set_xlabel(f"macro AUROC (0.5 is chance): {said}")
    _title(panel, "a", "Macro AUROC on the test split", lettered=lettered)
    if lines:
        _legend(panel, 2)


def _interval(panel: Any, place: int, one: Row, colour: int) -> None:
    if one.auroc.value is None:
        return
    ink, mark = COLOURS[colour], MARKS[colour]
    hollow = one.kind == "generated"
    if one.auroc.low is not None and one.auroc.high is not None:
        panel.plot(
            [one.auroc.low, one.auroc.high], [place, place], color=ink, linewidth=1.8, zorder=3
        )
    seeds = [value for value in one.auroc_seeds.seeds.values() if value is not None]
    if len(seeds) > 1:
        panel.plot(
            seeds,
            [place + 0.27] * len(seeds),
            linestyle="none",
            marker="o",
            markersize=3.6,
            markerfacecolor="white",
            markeredgecolor=ink,
            markeredgewidth=1.0,
            zorder=4,
        )
    panel.plot(
        [one.auroc.value],
        [place],
        linestyle="none",
        marker=mark,
        markersize=6.5,
        color=ink,
        fillstyle="left" if hollow else "full",
        markerfacecoloralt="white",
        zorder=5,
    )


def _label(one: Row) -> str:
    return one.name.replace(", history generated", ",\nhistory generated")


def _lowest(found: Sequence[Measured]) -> float:
    """Where the axis begins: chance is always in the picture."""
    ends = [end for one in found for end in (one.low, one.value) if end is not None]
    return max(0.0, min([0.47, *(end - 0.02 for end in ends)]))


def _severity(panel: Any, graded: Sequence[Graded], colours: dict[str, int]) -> None:
    ends: list[Measured] = []
    step = 0.022
    for place, one in enumerate(graded):
        shift = step * (place - (len(graded) - 1) / 2)
        colour = colours[one.name]
        known = [
            (_middle(span) + shift, found)
            for span, found in one.spans.items()
            if found.value is not None
        ]
        ends += [found for _, found in known]
        for x, found in known:
            if found.low is not None and found.high is not None:
                panel.plot([x, x], [found.low, found.high], color=COLOURS[colour], linewidth=1.2)
        panel.plot(
            [x for x, _ in known],
            [found.value for _, found in known],
            color=COLOURS[colour],
            marker=MARKS[colour],
            markersize=5.5,
            linewidth=1.2,
            label=one.name,
        )
    panel.axhline(0.5, color="#8a8a8a", linewidth=1.0, zorder=1)
    edges = sorted(
        {float(end) for one in graded for span in one.spans for end in span.split(" to ")}
    )
    panel.set_xticks(edges, [f"{edge:g}" for edge in edges])
    panel.set_xlim(edges[0] - 0.01, edges[-1] + 0.01)
    panel.set_ylim(_lowest(ends), 1.01)
    panel.grid(axis="y", color="#eeeeee")
    for edge in edges:
        panel.axvline(edge, color="#eeeeee", linewidth=0.8, zorder=0)
    panel.set_axisbelow(True)
    panel.set_xlabel("severity of the failure: 0 the slightest that is simulated, 1 the gravest")
    panel.set_ylabel("macro AUROC")
    _title(panel, "b", "By severity", lettered=True)
    _legend(panel, min(4, len(graded)))


def _legend(panel: Any, columns: int) -> None:
    """Below the axis and what it says, as far off whatever the panel's height."""
    panel.legend(
        loc="upper center",
        bbox_to_anchor=(0.46, 0.0),
        borderaxespad=4.4,
        ncols=columns,
        frameon=False,
        handlelength=3.2,
        columnspacing=1.6,
        fontsize=8.5,
    )


def _middle(span: str) -> float:
    low, high = span.split(" to ")
    return (float(low) + float(high)) / 2


def _title(panel: Any, letter: str, said: str, *, lettered: bool) -> None:
    title = f"{letter}   {said}" if lettered else said
    panel.set_title(title, loc="left", fontsize=10.5, fontweight="bold")
