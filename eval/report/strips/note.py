"""What a page says of its strips: how many there are, what they show, and why not all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from physprior.eval.report.strips.clips import Clips
from physprior.eval.report.strips.encode import Step
from physprior.eval.report.strips.fit import Fitted
from physprior.eval.report.strips.view import View
from physprior.vlm.crop import Crop


def note(
    fitted: Fitted,
    reasons: Sequence[str | None],
    frames: int,
    view: View,
    found: Clips,
    budget: int,
) -> str:
    """How many videos have a strip, of what size, and what it shows, in sentences.

    ``reasons``: of each video that the model could see, why it has none; None where it has one.
    ``budget``: the bytes that strips may take.
    """
    if not reasons:
        return "The model could see no video, so that there are no frames to show."
    if not fitted.images:
        why = Counter(reason for reason in reasons if reason).most_common(1)
        return f"No video has a strip of its frames: {why[0][0]}."
    step = fitted.step
    sentences = [
        f"{len(fitted.images):,} of {len(reasons):,} videos have a strip of {frames} frames, "
        f"{step.width} × {step.height} pixels each, in {megabytes(fitted.size)}."
    ]
    if left_out := len(fitted.left_out):
        sentences.append(
            f"{left_out:,} have none, as the pictures may take {megabytes(budget)} of the page: "
            "wrong and confident answers came first."
        )
    if frames < view.sampling.frames:
        sentences.append(f"Each shows {frames} of its {view.sampling.frames} frames.")
    if other := sum(reason is not None for reason in reasons) - left_out:
        sentences.append(f"The frames of {other:,} cannot be shown; their cards say why.")
    return " ".join([*sentences, _what_is_shown(view, found, step)])


def _what_is_shown(view: View, found: Clips, step: Step) -> str:
    if view.squeezed:
        return f"They are whole pictures, as it is not known how the model cuts them: {view.why}."
    if found.changed:
        return f"They may not be what the model saw: {found.changed}."
    _, height, width = Crop.of(view.settings).shape
    said = "They are the frames that the model saw, cut as it saw them"
    if (width, height) == (step.width, step.height):
        return f"{said}, and as large."
    return f"{said}; it saw them larger, {width} × {height}."


def megabytes(size: int) -> str:
    """A size in bytes, for people."""
    return f"{size / 1e6:,.1f} MB"
