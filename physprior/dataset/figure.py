"""The dataset card's figure: how many videos of each category each split has, as an SVG.

It is written by hand, in whole numbers: the same counts give the same bytes on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from physprior.dataset.manifest import CategoryManifest
from physprior.dataset.records import SPLITS, SplitName
from physprior.knowledge.schema import NORMAL

_TITLE = "Videos of each category in each split"
_WIDTH, _LEFT, _RIGHT = 760, 170, 60
_TOP, _ROW, _BAR, _BOTTOM = 58, 30, 10, 16
_SHADES: dict[str, dict[SplitName, str]] = {
    "normal": {"train": "#1f5f99", "val": "#6ba3d0", "test": "#b9d6ec"},
    "anomalous": {"train": "#b8500f", "val": "#e58e4f", "test": "#f6cfb0"},
}
"""Two sides that people of any colour sight can tell apart, each from dark to light."""


def draw_counts(categories: Mapping[str, CategoryManifest]) -> str:
    """The SVG of the videos of each category: two bars a category, cut by split."""
    bars = {name: _sides(made) for name, made in categories.items()}
    most = max((sum(bar.values()) for sides in bars.values() for bar in sides.values()), default=1)
    height = _TOP + _ROW * len(bars) + _BOTTOM
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}"'
        f' viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="12" fill="#222222">',
        f"<title>{_TITLE}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        *_legend(),
    ]
    for row, (name, sides) in enumerate(bars.items()):
        lines.extend(_category(name, sides, _TOP + _ROW * row, max(1, most)))
    return "\n".join([*lines, "</svg>"]) + "\n"


def _sides(made: CategoryManifest) -> dict[str, dict[SplitName, int]]:
    sides: dict[str, dict[SplitName, int]] = {
        side: dict.fromkeys(SPLITS, 0) for side in ("normal", "anomalous")
    }
    for class_id, counts in made.counts.items():
        for split, count in counts.items():
            sides["normal" if class_id == NORMAL else "anomalous"][split] += count
    return sides


def _legend() -> Iterator[str]:
    yield f'<text x="{_LEFT}" y="18" font-weight="bold">{_TITLE}</text>'
    x = _LEFT
    for side, shades in _SHADES.items():
        for split, colour in shades.items():
            yield f'<rect x="{x}" y="30" width="12" height="12" fill="{colour}"/>'
            yield f'<text x="{x + 16}" y="40" font-size="11">{side} {split}</text>'
            x += 84 if side == "normal" else 104


def _category(
    name: str, sides: Mapping[str, Mapping[SplitName, int]], y: int, most: int
) -> Iterator[str]:
    # A category's id is an identifier: nothing in it has to be escaped.
    yield f'<text x="{_LEFT - 8}" y="{y + 15}" text-anchor="end">{name}</text>'
    for number, (side, bar) in enumerate(sides.items()):
        x, top, total = _LEFT, y + number * (_BAR + 1), 0
        for split, count in bar.items():
            total += count
            end = _LEFT + (_WIDTH - _LEFT - _RIGHT) * total // most
            if end > x:
                yield (
                    f'<rect x="{x}" y="{top}" width="{end - x}" height="{_BAR}"'
                    f' fill="{_SHADES[side][split]}"/>'
                )
            x = end
        yield f'<text x="{x + 5}" y="{top + 9}" font-size="10">{total}</text>'
