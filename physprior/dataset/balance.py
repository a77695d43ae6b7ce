"""How many records a training video gets: variants of its explanation, and class balance.

Balance is per category, because the verdict is learned per category: normal and anomalous records
become as many as each other, and the anomalies share their half equally. Nothing is left out; the
videos of a smaller class get further records, each with the next explanation of the class.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from physprior import fingerprint
from physprior.dataset.index import Video
from physprior.knowledge.schema import NORMAL


def record_counts(
    videos: Iterable[Video], *, variants: int, balance: bool, explanations: dict[str, int]
) -> dict[str, int]:
    """Path to the number of records, of the training videos of one category.

    ``explanations`` is how many each class has; a video never gets more variants than these.
    """
    by_class: dict[str, list[Video]] = defaultdict(list)
    for video in videos:
        by_class[video.class_id].append(video)
    counts = {
        video.path: max(1, min(variants, explanations[class_id]))
        for class_id, own in by_class.items()
        for video in own
    }
    if balance:
        sums = {
            class_id: sum(counts[video.path] for video in own) for class_id, own in by_class.items()
        }
        for class_id, target in targets(sums).items():
            _raise(by_class[class_id], counts, target - sums[class_id])
    return counts


def targets(sums: dict[str, int]) -> dict[str, int]:
    """How many records each class gets, from how many it has; a class without any stays so.

    Each anomaly gets as many as the largest one, or its share of the normal ones where that is
    more; the normal class as many as all anomalies together. Where a side is missing there is
    nothing to balance.
    """
    anomalies = [class_id for class_id, n in sums.items() if class_id != NORMAL and n]
    normal = sums.get(NORMAL, 0)
    if not anomalies or not normal:
        return dict(sums)
    each = max(max(sums[name] for name in anomalies), -(-normal // len(anomalies)))
    return {
        **sums,
        **dict.fromkeys(anomalies, each),
        NORMAL: max(normal, each * len(anomalies)),
    }


def _raise(videos: Sequence[Video], counts: dict[str, int], missing: int) -> None:
    """Share ``missing`` further records among the videos of a class, in a stable order of them."""
    if not missing:
        return
    rounds, rest = divmod(missing, len(videos))
    ordered = sorted(videos, key=lambda video: fingerprint.order("balance", video.id))
    for number, video in enumerate(ordered):
        counts[video.path] += rounds + (number < rest)
