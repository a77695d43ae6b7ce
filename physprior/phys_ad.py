"""What the Phys-AD paper says the data set holds: its Table 3, to compare with and never to assume.

The published counts disagree. The table's row for Ball prints 30 abnormal test videos, but its own
135 test videos less 45 normal ones are 90, and its total of 2,836 needs 90 too: 90 stands here. The
paper's total of 6,434 stands against others in ``TOTALS``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Counts:
    """A category's row of the table, in videos."""

    train: int
    """Training videos, all of them normal."""
    test_normal: int
    test_anomalous: int
    frames: int
    """Frames of each video: the table's frames divided by its videos."""
    objects: int
    """Object types: kinds of fan, of clip."""
    defects: int
    """Defect types: anomalies."""

    @property
    def videos(self) -> int:
        """All videos of the category."""
        return self.train + self.test_normal + self.test_anomalous


COUNTS = {
    "car": Counts(300, 150, 450, 60, 5, 3),
    "fan": Counts(180, 90, 270, 180, 3, 3),
    "rolling_bearing": Counts(60, 30, 30, 60, 1, 1),
    "spherical_bearing": Counts(60, 30, 30, 60, 1, 1),
    "servo": Counts(120, 60, 180, 120, 1, 3),
    "clip": Counts(240, 120, 240, 120, 4, 2),
    "usb": Counts(240, 120, 120, 60, 4, 1),
    "hinge": Counts(30, 15, 45, 120, 1, 2),
    "sticky_roller": Counts(30, 15, 30, 180, 1, 2),
    "caster_wheel": Counts(30, 15, 45, 180, 1, 2),
    "screw": Counts(30, 15, 30, 180, 1, 2),
    "lock": Counts(120, 60, 120, 60, 1, 2),
    "gear": Counts(180, 90, 360, 120, 3, 4),
    "clock": Counts(150, 73, 151, 180, 5, 2),
    "slide": Counts(60, 30, 120, 120, 1, 3),
    "zipper": Counts(120, 60, 120, 120, 2, 2),
    "button": Counts(120, 60, 240, 180, 4, 4),
    "liquid": Counts(30, 15, 30, 180, 1, 2),
    "rubber_band": Counts(60, 30, 30, 180, 1, 1),
    "ball": Counts(90, 45, 90, 240, 3, 2),
    "magnet": Counts(60, 30, 60, 180, 2, 2),
    "toothpaste": Counts(90, 45, 45, 180, 3, 1),
}
"""Category id of the KB to its row; the paper's U Disk is ``usb``."""

TOTALS = {"the paper": 6434, "its project page": 6359, "a third party's list": 6426}
"""Who says how many videos there are in all."""

MISPRINTS = {"ball": "the paper prints 30 anomalous test videos; 90 is what its sums need"}
"""Category id to what the table prints wrongly, where the rows above differ from it."""
