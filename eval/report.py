"""The report of a predictions file: Markdown and HTML, with a table and ROC curves."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from physprior import files
from physprior.eval.scoring import CategoryScores, Scores
from physprior.stats import roc_curve
from physprior.verdict import ParseStatus

_NOT_AVAILABLE = "n/a"


@dataclass(frozen=True)
class Row:
    """One line of the report's table, as text."""

    name: str
    videos: str
    auroc: str
    beside: str | None
    verdict_auroc: str
    unparsed: str
    skipped: str

    def cells(self) -> list[str]:
        """The cells, in the order of ``heads``; ``beside`` is left out where it is None."""
        beside = [] if self.beside is None else [self.beside]
        return [
            self.name,
            self.videos,
            self.auroc,
            *beside,
            self.verdict_auroc,
            self.unparsed,
            self.skipped,
        ]


def heads(beside: bool) -> list[str]:
    """The heads of the report's table."""
    other = ["AUROC beside"] if beside else []
    return [
        "category",
        "normal + anomalous",
        "AUROC",
        *other,
        "verdict AUROC",
        "unparsed",
        "skipped",
    ]


def rows(scores: Scores, beside: Scores | None = None) -> list[Row]:
    """The report's table: a row a category, and the macro average last."""
    others = {category.category: category for category in beside.categories} if beside else {}
    made = [
        _row(category, others.get(category.category), beside is not None)
        for category in scores.categories
    ]
    texts = [category for category in scores.categories if category.unparsed is not None]
    last = Row(
        name="macro average",
        videos=f"{sum(c.normal for c in scores.categories)} + "
        f"{sum(c.anomalous for c in scores.categories)}",
        auroc=number(scores.macro_auroc),
        beside=number(beside.macro_auroc) if beside else None,
        verdict_auroc=number(scores.macro_verdict_auroc),
        unparsed=str(sum(c.unparsed or 0 for c in texts)) if texts else _NOT_AVAILABLE,
        skipped=str(len(scores.predictions.skipped)),
    )
    return [*made, last]


def _row(category: CategoryScores, other: CategoryScores | None, beside: bool) -> Row:
    return Row(
        name=category.category,
        videos=f"{category.normal} + {category.anomalous}",
        auroc=number(category.auroc),
        beside=number(other.auroc if other else None) if beside else None,
        verdict_auroc=number(category.verdict_auroc),
        unparsed=_NOT_AVAILABLE if category.unparsed is None else str(category.unparsed),
        skipped=str(category.skipped),
    )


def number(value: float | None) -> str:
    """Three decimals, or n/a for what has no meaning."""
    return _NOT_AVAILABLE if value is None else f"{value:.3f}"


def write_report(
    scores: Scores, folder: Path, *, beside: Scores | None = None
) -> tuple[Path, Path]:
    """Write ``report.md`` and ``report.html`` into ``folder``; returns both paths."""
    markdown, html = folder / "report.md", folder / "report.html"
    facts = _facts(scores, beside)
    files.write_text(markdown, _markdown(scores, beside, facts))
    files.write_text(html, _html(scores, beside, facts))
    return markdown, html


def _facts(scores: Scores, beside: Scores | None) -> list[tuple[str, str]]:
    header = scores.predictions.header
    facts = [
        ("model", header.model),
        ("dataset", f"{header.dataset}, split {header.split} ({header.split_hash[:12]})"),
        ("mode", f"{header.mode}, history {header.history}"),
        ("frames", f"{header.sampling.frames}, {header.sampling.kind}"),
        ("videos", f"{scores.n} predicted, {len(scores.predictions.skipped)} skipped"),
    ]
    if scores.predictions.missing:
        facts.append(
            ("not finished", f"{scores.predictions.missing} videos have no prediction yet")
        )
    if scores.parse_rate is not None:
        read = ", ".join(f"{count} {status}" for status, count in sorted(scores.parsing.items()))
        facts.append(("answers read", f"{scores.parse_rate:.1%} ({read})"))
    if header.accepted_changed_prior:
        facts.append(("changed since training", ", ".join(header.accepted_changed_prior)))
    if beside is not None:
        facts.append(("beside it", beside.predictions.header.model))
    versions = header.provenance.get("versions", {})
    facts.append(("physprior", str(versions.get("physprior", "unknown"))))
    return facts


NOTES = (
    "AUROC ranks the log-odds of the two verdict labels; higher is more anomalous. 0.5 is chance.",
    "Verdict AUROC uses the parsed words alone; an unparsed answer counts as undecided (one half).",
    "The macro average is the plain mean over categories, as in the paper; a category with one "
    "class has no AUROC (n/a) and is left out of it.",
    "These figures have no intervals yet: with few videos a category's AUROC is uncertain by a "
    "tenth and more.",
)


def _markdown(scores: Scores, beside: Scores | None, facts: list[tuple[str, str]]) -> str:
    head = heads(beside is not None)
    table = [head, ["---"] + ["---:"] * (len(head) - 1)]
    table += [row.cells() for row in rows(scores, beside)]
    lines = "\n".join("| " + " | ".join(cells) + " |" for cells in table)
    said = "\n".join(f"- {name}: {value}" for name, value in facts)
    notes = "\n".join(f"- {note}" for note in NOTES)
    skipped = "\n".join(f"- {skip.video}: {skip.reason}" for skip in scores.predictions.skipped)
    end = f"\n## Skipped videos\n\n{skipped}\n" if skipped else ""
    return f"# physprior report\n\n{said}\n\n{lines}\n\n{notes}\n{end}"


def _html(scores: Scores, beside: Scores | None, facts: list[tuple[str, str]]) -> str:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    table = rows(scores, beside)
    return environment.get_template("report.html.j2").render(
        facts=facts,
        heads=heads(beside is not None),
        rows=[row.cells() for row in table],
        notes=NOTES,
        macro=number(scores.macro_auroc),
        beside=number(beside.macro_auroc) if beside else None,
        parse_rate=None if scores.parse_rate is None else f"{scores.parse_rate:.1%}",
        unread=[
            (str(status), count)
            for status, count in sorted(scores.parsing.items())
            if status not in (ParseStatus.OK, ParseStatus.TOLERANT)
        ],
        skipped=scores.predictions.skipped,
        curves=base64.b64encode(draw_curves(scores, beside)).decode("ascii"),
    )


def draw_curves(scores: Scores, beside: Scores | None = None) -> bytes:
    """ROC curves, one panel a category that has both classes, as PNG bytes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shown = [category for category in scores.categories if category.auroc is not None]
    others = {category.category: category for category in beside.categories} if beside else {}
    columns = min(4, max(1, len(shown)))
    lines = max(1, -(-len(shown) // columns))
    figure = Figure(figsize=(2.9 * columns, 3.0 * lines), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(lines, columns, squeeze=False).flatten()
    for axis in axes[len(shown) :]:
        axis.set_visible(False)
    for axis, category in zip(axes, shown, strict=False):
        _draw(axis, category, others.get(category.category))
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=144)
    return buffer.getvalue()


def _draw(axis: Any, category: CategoryScores, other: CategoryScores | None) -> None:
    axis.plot([0, 1], [0, 1], color="#c4c9d0", linewidth=1, linestyle=(0, (4, 3)))
    if other is not None and other.auroc is not None:
        false_rate, true_rate = roc_curve(other.labels, other.scores)
        axis.plot(
            false_rate, true_rate, color="#9aa3af", linewidth=1.3, label=f"beside {other.auroc:.3f}"
        )
    false_rate, true_rate = roc_curve(category.labels, category.scores)
    axis.plot(
        false_rate, true_rate, color="#1f5fa8", linewidth=2, label=f"this {category.auroc:.3f}"
    )
    axis.set_title(category.category, fontsize=11, fontweight="bold", loc="left")
    axis.set_xlabel("false positives", fontsize=8)
    axis.set_ylabel("true positives", fontsize=8)
    axis.set_aspect("equal")
    axis.set_xlim(-0.02, 1.02)
    axis.set_ylim(-0.02, 1.02)
    axis.tick_params(labelsize=7)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    axis.legend(fontsize=7, frameon=False, loc="lower right")
