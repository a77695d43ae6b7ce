"""No single frame tells a motion anomaly; a classifier that may bend looks at eight of each video.

The frames are those that the encoder gets; bench/twin_shortcuts.py measures the files themselves,
with more videos and a network beside.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from films import SAMPLED, shot
from numpy.typing import NDArray

from physprior.simulate.film import paint, prepare
from physprior.simulate.twin import twins

COUNT = 800
MORE = {"button": 1500}
"""Where a few of a sound object's frames must be telling, more videos say how few they are."""
MOTION = {
    category: [name for name, defect in twin.defects.items() if defect.evidence == "motion"]
    for category, twin in twins().items()
}


@pytest.fixture(autouse=True)
def _bench_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "bench")


def eight_frames(category: str, class_id: str, count: int) -> NDArray[np.float32]:
    """Small pictures of the eight frames of ``count`` videos."""
    from shortcuts import small

    shots = [shot(category, class_id, index) for index in range(count)]
    return np.array([small(np.stack(list(paint(s, prepare(s), SAMPLED)))) for s in shots])


@pytest.mark.slow
@pytest.mark.parametrize("category", [name for name, anomalies in MOTION.items() if anomalies])
def test_one_frame_does_not_tell_a_motion_anomaly(category: str) -> None:
    from shortcuts import single_frame

    count = MORE.get(category, COUNT)
    sound = eight_frames(category, "normal", count)
    labels = np.repeat([0, 1], count)
    for class_id in MOTION[category]:
        found = single_frame(
            np.concatenate([sound, eight_frames(category, class_id, count)]), labels
        )
        assert found.high <= 0.60, f"{category}/{class_id}: {found}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("category", "class_id"), [("slide", "derailment"), ("ball", "unfull"), ("hinge", "falloff")]
)
def test_the_same_classifier_finds_what_a_frame_shows(category: str, class_id: str) -> None:
    from shortcuts import single_frame

    seen = [eight_frames(category, name, 150) for name in ("normal", class_id)]
    assert single_frame(np.concatenate(seen), np.repeat([0, 1], 150)).low >= 0.9
