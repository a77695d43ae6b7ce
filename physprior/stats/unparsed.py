"""What answers that cannot be read could change: the worst and the best they allow."""

from __future__ import annotations

from collections.abc import Sequence

from physprior.stats.labelled import anomalous_flags, same_length


def auroc_bounds(labels: Sequence[int], said: Sequence[bool | None]) -> tuple[float, float] | None:
    """The lowest and highest AUROC of hard verdicts, whatever the unread ones (None) say.

    ``labels``: 1 for anomalous; ``said``: whether the answer says anomalous. At worst each unread
    answer is wrong and at best it is right, since AUROC, here (TPR + TNR) / 2, never falls when an
    anomalous video's verdict rises, and never rises when a normal one's does. None where only one
    class is there. Without unread answers both ends are the verdicts' AUROC. Raises ValueError for
    a label that is not 0 or 1, and for unequal lengths.
    """
    same_length(labels, said, "verdicts")
    words: tuple[list[bool | None], list[bool | None]] = ([], [])
    for flag, word in zip(anomalous_flags(labels), said, strict=True):
        words[int(flag)].append(word)
    normal, anomalous = words
    if not (normal and anomalous):
        return None
    worst = normal.count(False) / len(normal) + anomalous.count(True) / len(anomalous)
    best = 2 - normal.count(True) / len(normal) - anomalous.count(False) / len(anomalous)
    return worst / 2, best / 2
