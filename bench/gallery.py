"""The gallery of the synthetic twin: pictures and one section a category in docs/twin.md.

    python bench/gallery.py docs [--category fan]

What stands between the markers of docs/twin.md is written anew: a summary, and for each category
its mechanics and causes from the twin, its interaction from the KB, its parameters as they are
drawn, and what gives it away as bench/twin_shortcuts.py has measured. The pictures lie in
docs/twin/.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from twin_shortcuts import best_frame

from physprior.files import write_bytes
from physprior.knowledge.load import load_knowledge
from physprior.knowledge.schema import NORMAL, Category
from physprior.paths import kb_folder
from physprior.simulate.film import Shot, paint, prepare
from physprior.simulate.twin import Twin, twins

RESULTS = Path(__file__).parent / "results" / "twin-shortcuts.json"
_SIDE, _LINE = 112, 15
_SEVERITY = (0.75, 0.75)
_INSTANCE = 1
_TAKES = 24
_EASY, _HARD = 0.95, 0.75


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the pictures that are asked for, and the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("docs", type=Path)
    parser.add_argument("--category", action="append", help="pictures of these alone")
    options = parser.parse_args(arguments)
    for category in options.category or twins():
        pictures(options.docs / "twin", category)
    page = options.docs / "twin.md"
    text = page.read_text(encoding="utf-8")
    for name, made in (("summary", "\n".join(summary())), ("gallery", sections())):
        text = placed(text, name, made)
    write_bytes(page, text.encode())


def placed(page: str, name: str, text: str) -> str:
    """``page`` with ``text`` between the two markers of ``name``."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n\n{text}\n\n{end}{after}"


def pictures(folder: Path, category: str) -> None:
    """Write a category's animation, all classes side by side, and its strips of eight frames."""
    classes = [NORMAL, *twins()[category].defects]
    films = [filmed(category, class_id) for class_id in classes]
    folder.mkdir(parents=True, exist_ok=True)
    moving = [_labelled([film[k] for film in films], classes) for k in range(0, len(films[0]), 2)]
    moving[0].save(
        folder / f"{category}.webp",
        save_all=True,
        append_images=moving[1:],
        duration=67,
        loop=0,
        quality=62,
        method=6,
    )
    at = ((np.arange(8) + 0.5) * len(films[0]) / 8).astype(int)
    rows = [
        _labelled([np.concatenate(list(film[at]), axis=1)], [name])
        for film, name in zip(films, classes, strict=True)
    ]
    sheet = Image.new("RGB", (rows[0].width, sum(row.height for row in rows)), "white")
    for number, row in enumerate(rows):
        sheet.paste(row, (0, number * rows[0].height))
    sheet.save(folder / f"{category}-frames.webp", quality=70, method=6)


def example(category: str, class_id: str, index: int = 0) -> Shot:
    """The same object in every class, at a severity in the middle of the default range."""
    return Shot(
        category=category,
        class_id=class_id,
        folder=f"test/{class_id}",
        index=index,
        instance=_INSTANCE + index,
        seed=0,
        size=_SIDE,
        frames=60,
        fps=30,
        severity=_SEVERITY,
    )


def filmed(category: str, class_id: str) -> NDArray[np.uint8]:
    """The frames of the gallery's video of a class."""
    shot = example(category, class_id)
    return np.stack(list(paint(shot, prepare(shot))))


def _labelled(tiles: Sequence[NDArray[np.uint8]], names: Sequence[str]) -> Image.Image:
    """Pictures side by side, each with its name below."""
    height = tiles[0].shape[0]
    widths = [tile.shape[1] for tile in tiles]
    sheet = Image.new("RGB", (sum(widths) + 2 * (len(tiles) - 1), height + _LINE), "white")
    draw, left = ImageDraw.Draw(sheet), 0
    font = ImageFont.load_default(10)
    for tile, name, width in zip(tiles, names, widths, strict=True):
        sheet.paste(Image.fromarray(tile), (left, 0))
        draw.text((left + 2, height + 1), name.replace("_", " "), fill="black", font=font)
        left += width + 2
    return sheet


def summary() -> Iterator[str]:
    """How many anomalies each measure tells, and which of them motion energy leaves hard."""
    rows = [
        (f"{category} {name}".replace("_", " "), row)
        for category, measured in sorted(_measured().items())
        for name, row in measured["anomalies"].items()
    ]
    yield (
        "| evidence | anomalies | one frame: highest | upper end | metadata: highest upper end "
        "| motion energy at least 0.95 | below 0.75 |"
    )
    yield "|---|---|---|---|---|---|---|"
    for evidence in ("motion", "frame"):
        some = [row for _, row in rows if row["evidence"] == evidence]
        if not some:
            continue
        frames = [best_frame(row) for row in some]
        energies = [row["motion energy"]["value"] for row in some]
        cells = (
            evidence,
            len(some),
            f"{max(one['value'] for one in frames):.2f}",
            f"{max(one['high'] for one in frames):.2f}",
            f"{max(row['metadata']['high'] for row in some):.2f}",
            sum(value >= _EASY for value in energies),
            sum(value < _HARD for value in energies),
        )
        yield f"| {' | '.join(map(str, cells))} |"
    yield ""
    hard = [name for name, row in rows if row["motion energy"]["value"] < _HARD]
    yield f"Motion energy is below 0.75 for {', '.join(hard) or 'none'}."


def _measured() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found


def sections() -> str:
    """All categories, as Markdown."""
    knowledge = load_knowledge(kb_folder())
    measured = _measured()
    return "\n\n".join(
        "\n".join(
            section(twin, knowledge.category(name), measured.get(name, {}).get("anomalies", {}))
        )
        for name, twin in twins().items()
    )


def section(twin: Twin, entry: Category, measured: dict[str, Any]) -> Iterator[str]:
    """One category: what moves it, its physics, pictures, anomalies and parameters."""
    doing = ", ".join(entry.interaction.actions)
    yield f"### {entry.name}"
    yield ""
    yield f"`{entry.id}`, {entry.interaction.actuator.replace('_', ' ')}: {doing}. {twin.physics}"
    yield f"Left out: {_lower(twin.leaves_out)}"
    yield ""
    classes = ", ".join([NORMAL, *twin.defects]).replace("_", " ")
    yield f"![{entry.name}, moving: {classes}](twin/{entry.id}.webp)"
    yield ""
    yield f"![Eight frames of each: {classes}](twin/{entry.id}-frames.webp)"
    yield ""
    yield "| anomaly | evidence | what is changed | one frame | metadata | motion energy |"
    yield "|---|---|---|---|---|---|"
    for name, defect in twin.defects.items():
        row = measured.get(name)
        cells = _cells(row) if row else ["not measured"] * 3
        yield f"| `{name}` | {defect.evidence} | {defect.cause} | {' | '.join(cells)} |"
    yield ""
    yield from _parameters(twin)


def _cells(row: dict[str, Any]) -> list[str]:
    frame = best_frame(row)
    return [
        f"{one['value']:.2f} [{one['low']:.2f}, {one['high']:.2f}]"
        for one in (frame, row["metadata"], row["motion energy"])
    ]


def _parameters(twin: Twin) -> Iterator[str]:
    """A table of parameters: their range in sound videos, and in those of each anomaly."""
    classes = [NORMAL, *twin.defects]
    ranges: dict[str, dict[str, tuple[float, float]]] = {}
    for class_id in classes:
        takes = [prepare(example(twin.category, class_id, k)) for k in range(_TAKES)]
        for name in takes[0].motion.parameters:
            values = [take.motion.parameters[name] for take in takes]
            ranges.setdefault(name, {})[class_id] = (min(values), max(values))
    yield f"| parameter | {' | '.join(f'`{name}`' for name in classes)} |"
    yield "|---" * (len(classes) + 1) + "|"
    for name, found in ranges.items():
        cells = [_span(found.get(class_id)) for class_id in classes]
        yield f"| `{name}` | {' | '.join(cells)} |"


def _span(values: tuple[float, float] | None) -> str:
    if values is None:
        return ""
    low, high = (f"{value:.3g}" for value in values)
    return low if low == high else f"{low} to {high}"


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


if __name__ == "__main__":
    main()
