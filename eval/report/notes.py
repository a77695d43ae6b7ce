"""What must be known to read the table by category."""

from __future__ import annotations

NOTES = (
    "In brackets: the interval that covers the true value in 95 of 100 such tests. Videos: normal "
    "+ anomalous.",
    "AUROC ranks the scores (of a model of ours: the log-odds of the two verdict labels): the "
    "chance that an anomalous video, drawn at random, scores above a normal one. 0.5 is chance.",
    "Verdict AUROC uses the parsed words alone; an unparsed answer counts as undecided (one half).",
    "Average precision: of the videos that score above a threshold, the share that is anomalous, "
    "averaged over the thresholds that find one anomalous video more each. Guessing reaches their "
    "share among all videos.",
    "The macro average is the plain mean over categories, as in the paper; a category with one "
    "class has no AUROC (n/a) and is left out of it. Pooled: all videos in one ranking.",
)
