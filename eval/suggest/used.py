"""Whether the model uses motion, and the prior, in a category: what the controls say of it."""

from __future__ import annotations

from collections.abc import Iterator

from physprior.eval.report.controls import ControlRun
from physprior.eval.report.words import number
from physprior.eval.suggest.case import Case
from physprior.knowledge.schema import NORMAL


def motion_unused(case: Case) -> Iterator[str]:
    """Only motion shows it, yet a control without motion loses nothing."""
    names = [case.failures.class_id]
    if case.failures.class_id == NORMAL and case.confused_with:
        names = [case.confused_with]
    for name in names:
        anomaly = case.entry.anomaly(name) if case.entry else None
        if case.entry is None or anomaly is None or anomaly.evidence != "motion":
            return
        if any(one.name == "shuffled" and _loses(one, case) for one in case.facts.controls):
            return  # It uses the order of the pictures, whatever the first of them may tell.
        place = case.entry.field(name, "evidence")
        for control in case.facts.controls:
            kept = _kept(control, case.failures.category)
            if kept and control.name in ("first_frame", "shuffled"):
                yield (
                    f"only motion shows {name} ({place.path}:{place.line}), yet with "
                    f"{_SEEN[control.name]} {kept}: it may not look at motion here"
                )


_SEEN = {
    "first_frame": "the first picture alone",
    "shuffled": "the pictures in another order",
}


def prior_unused(case: Case) -> Iterator[str]:
    """Whether the prior is used at all in this category."""
    if case.mode == "no_phys":
        yield (
            "the mode no_phys tells no prior: the explanations are all that it is "
            "taught of the object"
        )
    for control in case.facts.controls:
        if control.name != "wrong_prior":
            continue
        if kept := _kept(control, case.failures.category):
            other = control.predictions.header.wrong_priors.get(case.failures.category, "another")
            yield (
                f"with the prior of {other} in the place of its own {kept}: the prior may not be "
                "used in this category, and then no edit of it changes much"
            )


def _loses(control: ControlRun, case: Case) -> bool:
    """Whether a control surely takes something from the model in this category."""
    compared = control.compared.categories
    spans = [one.ranking.interval for one in compared if one.name == case.failures.category]
    return any(span is not None and span.high < 0 for span in spans)


def _kept(control: ControlRun, category: str) -> str | None:
    """What a control leaves where no loss can be seen of a model that is above chance; else None"""
    compared = next((one for one in control.compared.categories if one.name == category), None)
    if compared is None or compared.ranking.interval is None or compared.reference.interval is None:
        return None
    if compared.ranking.interval.high < 0 or compared.reference.interval.low <= 0.5:
        return None
    hidden = compared.ranking.smallest_visible
    said = (
        f"no loss can be seen in {category} (AUROC {number(compared.reference.value)}, then "
        f"{number(compared.other.value)}"
    )
    return said + (f"; one below {number(hidden)} would stay hidden)" if hidden else ")")
