"""A film at twice the frames a second shows the same motion: frames look, they move nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from films import shot

from physprior.simulate.film import prepare
from physprior.simulate.twin import twins

CLASSES = [(c, name) for c, twin in twins().items() for name in ("normal", *twin.defects)]
ROUGH = {
    ("clock", "vibration"): "a rattling pointer's blows are chaotic",
    ("servo", "vibration"): "the phase of the trembling is that of rounding",
    ("rolling_bearing", "ball_stuck"): "when the ring slips is decided by a hair",
}


@pytest.mark.parametrize(("category", "class_id"), CLASSES)
def test_the_motion_does_not_depend_on_the_frames(category: str, class_id: str) -> None:
    for index in range(2):
        one = shot(category, class_id, index)
        few = prepare(one).motion.states
        many = prepare(replace(one, frames=120, fps=60)).motion.states
        for name, values in few.items():
            apart = np.abs(values - many[name][::2])
            # What is out of the picture lies far away; when it gets there is a matter of a frame.
            apart = apart[apart < 5]
            if (category, class_id) in ROUGH:
                assert np.median(apart) < 0.3, name
            else:
                assert np.quantile(apart, 0.98) < 0.03, name
