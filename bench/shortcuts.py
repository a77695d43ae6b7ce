"""How far a video's class can be told without watching it move: shortcuts, and motion energy.

Each function gives one score a video, out of fold: no video is judged by a classifier that has
seen it. Folds are drawn by video, so that the same objects are on both sides: the strongest form.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from physprior.stats import auroc_estimate

SIDE = 24
"""Frames are seen this many pixels wide by the quick classifiers."""
SAMPLED = 8
"""Frames that are looked at, one at a time, evenly spread over a video."""
_FOLDS = 4
_NETWORK_FOLDS, _EPOCHS, _BATCH = 3, 8, 64

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Area:
    """An AUROC with its 95 % interval, and which of the eight frames it comes from, if one."""

    value: float
    low: float
    high: float
    frame: int | None = None

    def __str__(self) -> str:
        at = "" if self.frame is None else f" (frame {self.frame + 1})"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]{at}"


def area(labels: NDArray[np.int64], scores: Numbers, frame: int | None = None) -> Area:
    """The AUROC of ``scores`` with DeLong's interval."""
    found = auroc_estimate(labels.tolist(), scores.tolist())
    assert found.interval is not None
    return Area(found.value, found.interval.low, found.interval.high, frame)


def sampled_at(frames: int) -> NDArray[np.int64]:
    """The frames that are looked at in a video of ``frames``."""
    return ((np.arange(SAMPLED) + 0.5) * frames / SAMPLED).astype(np.int64)


def small(frames: NDArray[np.uint8], side: int = SIDE) -> NDArray[np.float32]:
    """Frames (n, size, size, 3) averaged down to (n, side, side, 3), 0 to 1."""
    n, size = frames.shape[:2]
    step = size // side
    cut = frames[:, : step * side, : step * side].reshape(n, side, step, side, step, 3)
    return (cut.mean(axis=(2, 4)) / 255).astype(np.float32)


def single_frame(pictures: NDArray[np.float32], labels: NDArray[np.int64]) -> Area:
    """The best of eight classifiers, each of which sees one frame of each video, at one place.

    ``pictures`` is float32 (videos, 8, side, side, 3). A support vector machine with radial kernel
    on forty principal components: it bends where a linear one cannot.
    """
    components = min(40, len(pictures) // 2)
    model = make_pipeline(
        PCA(components, random_state=0),
        StandardScaler(),
        SVC(C=2.0, gamma="scale", class_weight="balanced", random_state=0),
    )
    areas = []
    for k in range(pictures.shape[1]):
        flat = pictures[:, k].reshape(len(pictures), -1)
        areas.append(area(labels, _crossed(model, flat, labels, "decision_function"), k))
    return max(areas, key=lambda one: one.value)


def metadata(rows: Numbers, labels: NDArray[np.int64]) -> Area:
    """Boosted trees on frames, fps, and mean and variance of each colour over the whole video."""
    model = HistGradientBoostingClassifier(
        max_iter=60, max_leaf_nodes=8, class_weight="balanced", random_state=0
    )
    return area(labels, _crossed(model, rows, labels, "decision_function"))


def motion_energy(differences: Numbers, labels: NDArray[np.int64]) -> Area:
    """Logistic regression on how much each frame differs from the one before.

    ``differences`` is (videos, frames - 1); the classifier sees sixteen stretches of it, in order
    and sorted, and its mean, deviation, least and greatest.
    """
    stretches = np.array_split(differences, 16, axis=1)
    bins = np.stack([one.mean(axis=1) for one in stretches], axis=1)
    rows = np.concatenate(
        [
            bins,
            np.sort(bins, axis=1),
            np.stack([f(differences, axis=1) for f in (np.mean, np.std, np.min, np.max)], axis=1),
        ],
        axis=1,
    )
    model = make_pipeline(
        StandardScaler(), LogisticRegression(C=0.3, class_weight="balanced", max_iter=2000)
    )
    return area(labels, _crossed(model, rows, labels, "decision_function"))


def colours(frames: NDArray[np.uint8]) -> list[float]:
    """Mean and variance of red, green and blue over all frames (n, height, width, 3)."""
    level = np.arange(256)
    # Counting levels is exact, and several times as fast as adding up millions of pixels.
    counts = np.stack([np.bincount(frames[..., c].ravel(), minlength=256) for c in range(3)])
    share = counts / counts.sum(axis=1, keepdims=True)
    mean = share @ level
    return [*mean.tolist(), *(share @ level**2 - mean**2).tolist()]


def differences(frames: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Mean absolute difference of each frame (n, height, width, 3) from the one before."""
    steps = np.abs(np.diff(frames.astype(np.int16), axis=0))
    return np.asarray(steps.mean(axis=(1, 2, 3)))


def _crossed(model: object, rows: Numbers, labels: NDArray[np.int64], method: str) -> Numbers:
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    return np.asarray(cross_val_predict(model, rows, labels, cv=folds, method=method))


def small_network(pictures: NDArray[np.float32], labels: NDArray[np.int64], seed: int = 0) -> Area:
    """The best of the eight frames for a small convolutional network that sees one at a time.

    ``pictures`` is float32 (videos, 8, side, side, 3). One network a fold learns from all eight
    frames of its videos and is told which of the eight it sees; some 170,000 weights, eight epochs.
    """
    scores = np.zeros(pictures.shape[:2])
    folds = StratifiedKFold(_NETWORK_FOLDS, shuffle=True, random_state=seed)
    for fold, (known, held) in enumerate(folds.split(labels, labels)):
        scores[held] = _trained_scores(pictures, labels, known, held, seed + fold)
    areas = [area(labels, scores[:, k], k) for k in range(pictures.shape[1])]
    return max(areas, key=lambda one: one.value)


def _trained_scores(
    pictures: NDArray[np.float32],
    labels: NDArray[np.int64],
    known: NDArray[np.int64],
    held: NDArray[np.int64],
    seed: int,
) -> Numbers:
    """Train on the ``known`` videos; the logits of every frame of the ``held`` ones."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    places = pictures.shape[1]
    features = nn.Sequential(
        nn.Conv2d(3, 16, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
    )
    side = pictures.shape[2] // 8
    head = nn.Sequential(
        nn.Dropout(0.2), nn.Linear(64 * side * side + places, 64), nn.ReLU(), nn.Linear(64, 1)
    )
    mean = pictures[known].mean(axis=(0, 1, 2, 3))
    deviation = pictures[known].std(axis=(0, 1, 2, 3))

    def prepared(which: NDArray[np.int64]) -> torch.Tensor:
        seen = (pictures[which] - mean) / deviation
        return torch.from_numpy(seen.reshape(-1, *seen.shape[2:]).transpose(0, 3, 1, 2).copy())

    def logits(seen: torch.Tensor, place: torch.Tensor) -> torch.Tensor:
        told = nn.functional.one_hot(place, places).to(seen.dtype)
        found: torch.Tensor = head(torch.cat([features(seen), told], dim=1))
        return found[:, 0]

    seen, truth = prepared(known), torch.from_numpy(labels[known]).float().repeat_interleave(places)
    place = torch.arange(places).repeat(len(known))
    # Of unequal classes, each weighs the same.
    weight = torch.tensor((labels[known] == 0).sum() / (labels[known] == 1).sum())
    loss = nn.BCEWithLogitsLoss(pos_weight=weight.float())
    weights = [*features.parameters(), *head.parameters()]
    steps = _EPOCHS * -(-len(seen) // _BATCH)
    adam = torch.optim.AdamW(weights, lr=2e-3, weight_decay=0.01)
    pace = torch.optim.lr_scheduler.OneCycleLR(adam, max_lr=2e-3, total_steps=steps)
    features.train(), head.train()
    for _ in range(_EPOCHS):
        for batch in torch.randperm(len(seen)).split(_BATCH):
            adam.zero_grad()
            loss(logits(seen[batch], place[batch]), truth[batch]).backward()
            adam.step()
            pace.step()
    features.eval(), head.eval()
    with torch.no_grad():
        given = prepared(held)
        found = logits(given, torch.arange(places).repeat(len(held)))
    return np.asarray(found.numpy().reshape(len(held), places), np.float64)
