"""Nothing but the physics tells the classes apart, and what shows in motion shows in no frame."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest
from films import shot
from numpy.typing import NDArray

from physprior.simulate.film import prepare
from physprior.simulate.generate import make_video
from physprior.simulate.plan import path_of
from physprior.simulate.twin import twins
from physprior.video.decode import decode

MOTION = [
    (c, name) for c, t in twins().items() for name, d in t.defects.items() if d.evidence == "motion"
]


def states_of(category: str, class_id: str, index: int, instance: int) -> NDArray[np.float64]:
    """One row per frame of all that is painted; a fan's angle counts modulo a turn."""
    states = prepare(shot(category, class_id, index, instance)).motion.states
    if category == "fan":
        states = {**states, "angle_rad": states["angle_rad"] % (2 * np.pi)}
    return np.concatenate([v.reshape(len(v), -1) for v in states.values()], axis=1)


def farthest(category: str, class_id: str, instance: int) -> float:
    """How far an anomaly's states stray from what sound videos of the same object show."""
    sound = np.concatenate([states_of(category, "normal", k, instance) for k in range(60)])
    faulty = np.concatenate([states_of(category, class_id, k, instance) for k in range(6)])
    if category == "fan":
        # Angle and place are drawn apart from each other: each is compared alone.
        return max(_gap(sound[:, [k]], faulty[:, [k]]) for k in range(sound.shape[1]))
    return _gap(sound, faulty)


def _gap(sound: NDArray[np.float64], faulty: NDArray[np.float64]) -> float:
    apart = [np.abs(sound - row).max(axis=1).min() for row in faulty]
    return float(max(apart))


@pytest.mark.parametrize(("category", "class_id"), MOTION)
def test_each_state_of_a_motion_anomaly_is_one_that_sound_objects_pass_through(
    category: str, class_id: str
) -> None:
    # Half a pixel of 96 is 0.005 frame widths. A fan's place is drawn once a video: sixty videos
    # leave gaps of a pixel or two between the places that were drawn.
    limit = 0.03 if category == "fan" else 0.012
    assert max(farthest(category, class_id, instance) for instance in (0, 7, 13)) < limit


@pytest.mark.parametrize(
    ("category", "class_id"),
    [("clip", "unable_to_rebound"), ("ball", "leak"), ("ball", "unfull"), ("slide", "derailment")],
)
def test_the_states_of_a_frame_anomaly_are_none_that_sound_objects_show(
    category: str, class_id: str
) -> None:
    assert farthest(category, class_id, 0) > 0.03


@pytest.mark.parametrize("category", sorted(twins()))
def test_surroundings_follow_one_law_for_all_classes(category: str) -> None:
    def looks(class_id: str) -> NDArray[np.float64]:
        settings = [prepare(shot(category, class_id, k)).setting for k in range(100)]
        return np.array(
            [[*astuple(s.view)[1:], *s.tone, s.light, *s.slope, s.noise] for s in settings]
        )

    sound = looks("normal")
    for class_id in twins()[category].defects:
        shift = (looks(class_id).mean(axis=0) - sound.mean(axis=0)) / (sound.std(axis=0) + 1e-9)
        assert np.abs(shift).max() < 0.55


@pytest.mark.parametrize("category", sorted(twins()))
def test_one_object_is_the_same_object_in_every_class(category: str) -> None:
    classes = ["normal", *twins()[category].defects]
    units = {prepare(shot(category, class_id, 3, 11)).unit for class_id in classes}
    assert len(units) == 1
    assert prepare(shot(category, "normal", 3, 12)).unit not in units


def probe(folder: Path, category: str, class_id: str, *, last: bool, count: int = 168) -> float:
    """AUROC of a linear probe that sees one small grey frame a video, on objects it never saw."""
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    shots = [shot(category, name, k) for name in ("normal", class_id) for k in range(count)]
    chosen = np.random.default_rng(3).integers(60, size=len(shots))
    pictures = []
    for one, at in zip(shots, chosen.tolist(), strict=True):
        video = folder / path_of(one)
        if not video.exists():
            make_video(folder, one)
        picture = decode(video, np.array([59 if last else at]))[0]
        pictures.append(picture.mean(axis=2).reshape(32, 3, 32, 3).mean(axis=(1, 3)).ravel())
    labels = np.repeat([0, 1], count)
    model = make_pipeline(
        PCA(40, random_state=0), StandardScaler(), LogisticRegression(C=0.1, max_iter=2000)
    )
    scores = cross_val_predict(
        model,
        np.array(pictures),
        labels,
        groups=[one.instance for one in shots],
        cv=GroupKFold(6),
        method="predict_proba",
    )
    return float(roc_auc_score(labels, scores[:, 1]))


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("films")


@pytest.mark.slow
@pytest.mark.parametrize(("category", "class_id"), MOTION)
def test_one_frame_does_not_tell_a_motion_anomaly(
    films: Path, category: str, class_id: str
) -> None:
    assert probe(films, category, class_id, last=False) <= 0.65


@pytest.mark.slow
@pytest.mark.parametrize("class_id", ["derailment", "ball_drop"])
def test_the_same_probe_finds_a_frame_anomaly_in_the_last_frame(films: Path, class_id: str) -> None:
    assert probe(films, "slide", class_id, last=True) >= 0.9


@pytest.mark.slow
@pytest.mark.parametrize("category", ["clip", "slide"])
def test_the_clock_does_not_help_either(films: Path, category: str) -> None:
    class_id = {"clip": "unable_to_press", "slide": "jam"}[category]
    assert probe(films, category, class_id, last=True) <= 0.65
