"""The exchange of two runs' ranks, video by video: a permutation test of a difference of AUROCs.

Where two runs do not differ, it is chance which of them gave a video which rank. So the test
exchanges the two runs' midranks of each video, or does not, at a fair coin's word, and asks how
often the AUROCs then differ by as much as they do (Bandos, Rockette and Gur, Statistics in Medicine
2005).

Such an exchange is one sign a video. Let s be the sign of a normal video and t that of an anomalous
one. The pair adds w to the difference when s = t = 1, -w when both are -1, v when s = -1 and t = 1,
and -v the other way round: w (s + t) / 2 + v (t - s) / 2, which is linear in s and in t. So the
difference is a sum of fixed weights under fair signs, one sign a video, or one a cluster where
whole clusters are exchanged. The weights are whole numbers in units of 1 / (4 m n), and the sum's
distribution can be built exactly, weight by weight, where 2^N exchanges could never be listed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from physprior.stats.labelled import Flags, Floats

Integers = npt.NDArray[np.int64]

EXACT_REACH, EXACT_STEPS = 5_000_000, 200_000_000
"""Values and additions up to which the distribution is built exactly (below half a second)."""
LISTED = 12
"""Weights that are so few that all their signs are listed, however large they are."""
DRAWS = 20_000
"""Exchanges that are drawn where it is not."""
CHUNK = 8_000_000
"""Signs that are held at once, of a byte each, before they are multiplied by the weights."""


@dataclass(frozen=True, eq=False)
class SignedSum:
    """The sum of integer ``weights`` (int64), each under a fair sign of its own.

    As they stand, the weights add up to what was observed.
    """

    weights: Integers
    unit: float = 1.0
    """What one of the integers stands for."""

    @property
    def observed(self) -> int:
        """The sum with every sign as it was found, an integer."""
        return int(self.weights.sum())

    @property
    def error(self) -> float:
        """Standard deviation of the sum, times the unit."""
        return self.unit * float(np.sqrt(np.sum(np.square(self.weights.astype(np.float64)))))

    @property
    def moving(self) -> Integers:
        """Sizes of the weights that are not 0, without their common divisor, ascending."""
        sizes = np.sort(np.abs(self.weights[self.weights != 0]))
        return sizes // self._divisor

    @property
    def exact(self) -> bool:
        """Whether the distribution is small enough to be built whole."""
        moving = self.moving
        reach = int(moving.sum())
        small = reach <= EXACT_REACH and reach * len(moving) <= EXACT_STEPS
        return small or self._listable

    @property
    def least(self) -> float:
        """The smallest p that any outcome of this test can have."""
        return min(1.0, 2.0 ** (1 - len(self.moving)))

    def p(self, seed: int = 0) -> float:
        """How often a sum is at least as far from 0 as the one observed; 1 where that is 0.

        Where the distribution is too large, (1 + hits) / (1 + draws) of seeded draws.
        """
        if self.observed == 0:
            return 1.0
        if self._listable:
            return float(np.mean(np.abs(self._listed()) >= abs(self.observed)))
        if not self.exact:
            sums = self.draw(np.random.default_rng(seed), DRAWS)
            return (1 + int(np.sum(np.abs(sums) >= abs(self.observed)))) / (1 + DRAWS)
        masses = self._distribution()
        tail = (len(masses) - 1 - abs(self.observed) // self._divisor) // 2
        return min(1.0, 2 * float(masses[: tail + 1].sum()))

    def draw(self, generator: np.random.Generator, count: int) -> Floats:
        """``count`` sums, each under signs that are drawn, in whole numbers of the unit."""
        if self._listable:
            return generator.choice(self._listed(), count).astype(np.float64)
        if self.exact:
            steps = np.cumsum(self._distribution())
            drawn = generator.random(count) * steps[-1]
            plus: Floats = np.searchsorted(steps[:-1], drawn, side="right").astype(np.float64)
        else:
            plus = self._plus(generator, count)
        return self._divisor * (2 * plus - float(self.moving.sum()))

    def _plus(self, generator: np.random.Generator, count: int) -> Floats:
        """``count`` sums of those sizes whose drawn sign is plus."""
        sizes = self.moving.astype(np.float64)
        chunk = max(1, CHUNK // len(sizes))
        shapes = [(min(chunk, count - start), len(sizes)) for start in range(0, count, chunk)]
        drawn = [generator.integers(0, 2, shape, np.int8) @ sizes for shape in shapes]
        return np.concatenate(drawn).astype(np.float64)

    @property
    def _listable(self) -> bool:
        return len(self.moving) <= LISTED

    def _listed(self) -> Integers:
        """The sums under every choice of signs."""
        sums = np.zeros(1, dtype=np.int64)
        for weight in self.weights[self.weights != 0].tolist():
            sums = np.concatenate([sums + weight, sums - weight])
        return sums

    @property
    def _divisor(self) -> int:
        return int(np.gcd.reduce(self.weights)) or 1

    def _distribution(self) -> Floats:
        """How probable it is that the sizes with a plus add up to 0, 1, 2 and so on."""
        sizes = self.moving
        masses, reach = np.zeros(int(sizes.sum()) + 1), 0
        masses[0] = 1.0
        for size in sizes.tolist():
            masses[: reach + 1] *= 0.5
            masses[size : reach + size + 1] += masses[: reach + 1].copy()
            reach += size
        return masses


def exchange(labels: Flags, a: Floats, b: Floats, groups: Integers | None = None) -> SignedSum:
    """The difference ``b`` - ``a`` of two AUROCs under exchanges of ranks.

    ``labels``: (N,), true where anomalous, both classes there; ``a``, ``b``: (N,), finite;
    ``groups``: (N,), from 0, videos of one number are exchanged together; without it each alone.
    """
    ranks = [doubled_midranks(scores) for scores in (b, a)]
    either = np.concatenate(ranks)
    anomalous = np.sort(either[np.tile(labels, 2)])
    normal = np.sort(either[~np.tile(labels, 2)])
    won = [
        np.where(labels, _above(normal, rank), _above(-anomalous[::-1], -rank)) for rank in ranks
    ]
    weights, unit = won[0] - won[1], 1 / (4 * int(labels.sum()) * int((~labels).sum()))
    if groups is None:
        return SignedSum(weights, unit)
    grouped = np.zeros(int(groups.max()) + 1, dtype=np.int64)
    np.add.at(grouped, groups, weights)
    return SignedSum(grouped, unit)


def doubled_midranks(scores: Floats) -> Integers:
    """Twice each score's rank from 1, ties sharing their mean: whole numbers."""
    return _above(np.sort(scores), scores) + 1


def _above(ascending: Floats | Integers, values: Floats | Integers) -> Integers:
    """How many of ``ascending`` each value exceeds, twice, a tie counting once."""
    below = np.searchsorted(ascending, values, side="left")
    up_to = np.searchsorted(ascending, values, side="right")
    return (below + up_to).astype(np.int64)
