"""How near two splits come: the least distance of two videos by the prints of their frames.

Exact, and in blocks: a block of pairs is passed over only where its numbers of set bits prove that
nothing in it can be nearer than what was found already.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from physprior.dataset.index import Video

ROWS, COLUMNS = 64, 4096
"""The size of a block of pairs, whose buffers take 3 MB."""

THREADS = 2
"""Threads that share the work where there are ``MANY_PAIRS``."""
MANY_PAIRS = 10_000_000

Found = tuple[int, tuple[int, int]]
"""The least number of differing bits, and the two columns where it is."""

_PRINTS_IN_A_BYTE = 3
"""Prints whose differing bits, 64 each at most, can be summed in one byte."""


@dataclass(frozen=True)
class Pair:
    """Two videos, one of each side, and how far apart they are."""

    distance: float
    """Mean Hamming distance of their frames' prints: of 64 bits, how many differ."""
    paths: tuple[str, str]
    """The videos."""


def nearest_pair(one: Sequence[Video], other: Sequence[Video]) -> Pair | None:
    """The nearest pair of a video of ``one`` and a video of ``other``.

    Only videos with the same number of prints can be compared; None where there are none. Of
    pairs that are equally near, the same one is named whatever the order of the videos.
    """
    sides = _by_length(one), _by_length(other)
    found: list[Pair] = []
    for length in sorted(sides[0].keys() & sides[1].keys()):
        bits, at = _least(sides[0][length].prints, sides[1][length].prints)
        paths = (sides[0][length].paths[at[0]], sides[1][length].paths[at[1]])
        found.append(Pair(bits / length, paths))
    return min(found, key=lambda pair: pair.distance, default=None)


@dataclass(frozen=True)
class _Side:
    paths: list[str]
    prints: NDArray[np.uint64]
    """Shape (prints of a video, videos), in the order of the numbers of set bits."""


def _by_length(videos: Sequence[Video]) -> dict[int, _Side]:
    groups: dict[int, list[Video]] = defaultdict(list)
    for video in sorted(videos, key=lambda video: video.path):
        if video.prints:
            groups[len(video.prints)].append(video)
    return {length: _side(group, length) for length, group in groups.items()}


def _side(videos: Sequence[Video], length: int) -> _Side:
    packed = bytes.fromhex("".join(one for video in videos for one in video.prints))
    prints = np.frombuffer(packed, dtype=">u8").astype(np.uint64).reshape(-1, length)
    order = np.argsort(_set_bits(prints.T), kind="stable")
    return _Side([videos[at].path for at in order], np.ascontiguousarray(prints[order].T))


def _set_bits(prints: NDArray[np.uint64]) -> NDArray[np.int64]:
    bits: NDArray[np.int64] = np.bitwise_count(prints).sum(axis=0, dtype=np.int64)
    return bits


def _least(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> Found:
    starts = range(0, one.shape[1], ROWS)
    if one.shape[1] * other.shape[1] < MANY_PAIRS:
        return _least_of(one, other, starts)
    # Numpy lets go of Python's lock. The number of parts is fixed, so that of pairs that are
    # equally near the same one is found on every machine.
    parts = [starts[first::THREADS] for first in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        return min(pool.map(partial(_least_of, one, other), parts))


def _least_of(one: NDArray[np.uint64], other: NDArray[np.uint64], starts: Sequence[int]) -> Found:
    best, place = 64 * len(one) + 1, (0, 0)
    block = _Block()
    bits_one, bits_other = _set_bits(one), _set_bits(other)
    for row in starts:
        rows = one[:, row : row + ROWS]
        reach = bits_one[row], bits_one[min(row + ROWS, len(bits_one)) - 1]
        for gap, column in _nearest_first(reach, bits_other):
            if gap >= best:
                break
            differing = block.differing(rows, other[:, column : column + COLUMNS])
            at = int(differing.argmin())
            if differing.flat[at] < best:
                best = int(differing.flat[at])
                place = row + at // differing.shape[1], column + at % differing.shape[1]
            if best == 0:
                return best, place
    return best, place


def _nearest_first(reach: tuple[int, int], bits: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """The blocks' first columns, each with the least that its pairs can differ, least first."""
    # Two patterns with 200 and 230 set bits differ in 30 bits or more.
    starts = np.arange(0, len(bits), COLUMNS)
    ends = np.minimum(starts + COLUMNS, len(bits)) - 1
    gaps = np.maximum(0, np.maximum(bits[starts] - reach[1], reach[0] - bits[ends]))
    order = np.argsort(gaps, kind="stable")
    return zip(gaps[order].tolist(), starts[order].tolist(), strict=True)


class _Block:
    """Counts differing bits of a block of pairs, in buffers that it makes once."""

    def __init__(self) -> None:
        self._either = np.empty((ROWS, COLUMNS), np.uint64)
        self._count = np.empty((ROWS, COLUMNS), np.uint8)
        self._some = np.empty((ROWS, COLUMNS), np.uint8)
        self._total = np.empty((ROWS, COLUMNS), np.uint16)

    def differing(
        self, rows: NDArray[np.uint64], columns: NDArray[np.uint64]
    ) -> NDArray[np.uint16]:
        """Shape (rows, columns): in how many bits the pair differs, over all prints."""
        shape = slice(rows.shape[1]), slice(columns.shape[1])
        either, count = self._either[shape], self._count[shape]
        some, total = self._some[shape], self._total[shape]
        total[:] = 0
        for first in range(0, len(rows), _PRINTS_IN_A_BYTE):
            some[:] = 0
            # Sums of bytes are quick; bytes added to wider numbers are not.
            for at in range(first, min(first + _PRINTS_IN_A_BYTE, len(rows))):
                np.bitwise_xor(rows[at, :, None], columns[at, None, :], out=either)
                np.bitwise_count(either, out=count)
                np.add(some, count, out=some)
            np.add(total, some, out=total)
        return total
