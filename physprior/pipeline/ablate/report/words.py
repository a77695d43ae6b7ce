"""What can and what cannot be concluded of an ablation, in sentences made from its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from physprior.eval.compare_words import LEVEL, p_value, signed
from physprior.eval.report.words import NOT_AVAILABLE, estimate, interval, number
from physprior.pipeline.ablate.report.model import (
    MAIN,
    PAPER,
    REFERENCE,
    Difference,
    Row,
    Spread,
    Told,
)
from physprior.stats import Estimate

CHANCE = 0.5


def stands(one: Difference) -> bool:
    """Whether a difference may be called one: p after Holm, its interval and all its seeds."""
    if one.holm is None or one.holm >= LEVEL or one.macro.value is None:
        return False
    if not one.macro.value or _around_nothing(one):
        return False
    return seeds_agree(one)


def seeds_agree(one: Difference) -> bool:
    """Whether each pair of trainings differs to the side that their averages do."""
    known = [value for value in one.seeds.values() if value is not None]
    return all(value * (one.macro.value or 0.0) > 0 for value in known)


def _around_nothing(one: Difference) -> bool:
    low, high = one.macro.low, one.macro.high
    return low is not None and high is not None and low <= 0 <= high


def conclusions(
    differences: Sequence[Difference],
    histories: Sequence[Difference],
    references: Sequence[Difference],
    told: Sequence[Told],
    rows: Sequence[Row],
) -> Iterator[str]:
    """The paragraph, sentence by sentence."""
    claim = _claim(differences)
    if claim:
        yield claim
    for one in differences:
        yield of_difference(one, len(differences))
    if not any(one.against == REFERENCE for one in differences):
        yield f"Nothing can be said against {REFERENCE}: no other arm shares scored videos with it."
    for told_of in told:
        if told_of.name.startswith("single_turn"):
            yield _collapse(told_of)
    for one in histories:
        yield of_difference(one, len(histories))
    yield from _references(references)
    yield from (f"{row.name}: {row.note}" for row in rows if row.note)
    yield (
        "The intervals and p values hold the trainings fixed and draw the videos: what other seeds "
        "would change is not in them, and a few seeds say little of it. All of it is of one base, "
        "one recipe and one split; it does not repeat the paper's experiment, whose model, videos "
        "and split are others."
    )


def _claim(differences: Sequence[Difference]) -> str:
    """The paper's order of its three arms, held against what was found."""
    found = {(one.name, one.against): one for one in differences}
    prior, turns = found.get((MAIN, REFERENCE)), found.get((MAIN, "single_turn"))
    if prior is None or turns is None:
        return ""
    said = [_verdict(one) for one in (prior, turns)]
    lead = (
        "The paper claims that priors over several turns beat both no priors and the same priors "
        "in one answer."
    )
    if said == ["better", "better"]:
        few = min(len(prior.seeds), len(turns.seeds))
        alone = "" if few > 1 else ", of one seed each: another may say otherwise"
        return f"{lead} Both show here, on these videos{alone}."
    if "worse" in said:
        parts = [
            name
            for name, one in zip((REFERENCE, "single_turn"), said, strict=True)
            if one == "worse"
        ]
        return (
            f"{lead} Here the opposite shows: {MAIN} ranks worse than {' and than '.join(parts)}."
        )
    if said == ["open", "open"]:
        return f"{lead} This run shows neither."
    shown, open_ = (REFERENCE, "single_turn") if said[0] == "better" else ("single_turn", REFERENCE)
    return f"{lead} Here it shows against {shown}, and does not against {open_}."


def _verdict(one: Difference) -> str:
    if not stands(one):
        return "open"
    return "better" if (one.macro.value or 0.0) > 0 else "worse"


def of_difference(one: Difference, family: int) -> str:
    """What may be concluded of one comparison."""
    pair = f"{one.name} and {one.against}"
    if one.macro.value is None or one.p is None:
        return f"{pair}: no category has scored videos of both classes in both."
    found = f"{change(one)} in macro AUROC on {one.macro.n} videos, p {p_value(one.p)}"
    if family > 1:
        found += f" ({p_value(one.holm)} after Holm over {family} comparisons)"
    better, worse = (one.name, one.against) if one.macro.value > 0 else (one.against, one.name)
    if one.method == "equal ranks":
        said = f"{pair} rank these videos alike."
    elif stands(one):
        said = f"{better} ranks better than {worse}: {found}."
    elif one.holm is not None and one.holm < LEVEL and not seeds_agree(one):
        said = (
            f"The seed-averaged scores of {pair} differ ({found}), but not every seed says so: "
            "which seed is drawn may matter more than the arm."
        )
    elif one.holm is not None and one.holm < LEVEL:
        said = (
            f"Test and interval disagree on {pair}: {found}. The interval, which is the more "
            "cautious near an AUROC of 1, holds 0; the difference is not counted as shown."
        )
    else:
        said = (
            f"This run does not show that {one.name} ranks better or worse than {one.against}: "
            f"{found}. {_hidden(one)}"
        )
    return " ".join(filter(None, (said, _seeds(one), _categories(one))))


def change(one: Difference) -> str:
    """``+0.031 [-0.01, 0.08]``, or n/a."""
    return f"{signed(one.macro.value)} {interval(one.macro.estimate.interval)}".rstrip()


def _hidden(one: Difference) -> str:
    if one.smallest_visible is None:
        return "How small a difference would have been seen is not known."
    return (
        f"One smaller than {number(one.smallest_visible)} would have stayed hidden more than one "
        "time in five, so this is no proof that they are equal."
    )


def _seeds(one: Difference) -> str:
    if not one.seeds:
        return ""
    values = by_seed(one.seeds)
    if len(one.seeds) == 1:
        return f"It rests on one seed ({values}); another may say otherwise."
    return f"Seed by seed: {values}."


def by_seed(seeds: Mapping[str, float | None]) -> str:
    """``+0.020, -0.011``, in the order of the seeds."""
    return ", ".join(signed(value) for value in seeds.values())


def _categories(one: Difference) -> str:
    if one.tested < 2 or not (one.better or one.worse):
        return ""
    parts = [
        f"{side} in {', '.join(f'{name} ({signed(value)})' for name, value in found.items())}"
        for side, found in (("better", one.better), ("worse", one.worse))
        if found
    ]
    return f"By category, after Holm over {one.tested}, {one.name} ranks {' and '.join(parts)}."


def _collapse(one: Told) -> str:
    """Whether the scores collapse, or only the words' threshold."""
    scores, words = one.auroc.mean.estimate, one.verdict.mean.estimate
    figures = (
        f"macro AUROC {estimate(scores)} by log-odds and {estimate(words)} by the parsed words"
    )
    if one.at_threshold is not None and one.at_threshold.mean.value is not None:
        figures += (
            f", {estimate(one.at_threshold.mean.estimate)} by hard verdicts at the validation's "
            "threshold"
        )
    said = f"{one.name}: {figures}. "
    if scores.value is None or words.value is None:
        return said.rstrip()
    ranks, speaks = _above_chance(scores), _above_chance(words)
    if not ranks:
        said += (
            "Its scores are not surely above chance: the ranking itself fails, not its threshold."
        )
    elif not speaks:
        said += (
            "Its scores rank, and its words do not: not the ranking collapses but its threshold."
        )
    elif words.interval and scores.interval and words.interval.high < scores.interval.low:
        said += "Both are above chance; its words say less than its scores know."
    else:
        said += "Neither collapses on the whole."
    if one.constant and one.of:
        said += (
            f" In {one.constant:g} of {one.of} categories (mean over seeds) every answer says the "
            "same word, which is a verdict AUROC of exactly 0.5."
        )
    return said


def _above_chance(found: Estimate) -> bool:
    if found.value is None:
        return False
    return (found.interval.low if found.interval else found.value) > CHANCE


def _references(found: Sequence[Difference]) -> Iterator[str]:
    if not found:
        return
    main = f"{found[0].name}, seed-averaged,"
    sides: dict[str, list[str]] = {"better": [], "worse": [], "open": []}
    for one in found:
        # What was not trained has no seeds that could disagree.
        sides[_verdict(one)].append(f"{one.against} ({change(one)})")
    better, worse, open_ = ("; ".join(names) for names in sides.values())
    if better:
        yield f"{main} ranks better than {better}."
    if worse:
        yield (
            f"{main} ranks worse than {worse}, for which nothing was tuned: whatever tuning taught "
            "it, that is not worth its cost here."
        )
    if open_:
        yield f"{main} is not shown to rank better or worse than {open_}."


def over_seeds(found: Spread) -> str:
    """``0.90 to 0.93, sd 0.012``; a dash for one seed or none."""
    if found.least is None or found.most is None or found.deviation is None:
        return "–"
    return f"{number(found.least)} to {number(found.most)}, sd {number(found.deviation)}"


def percent(value: float | None) -> str:
    """``12.3%``, or n/a."""
    return NOT_AVAILABLE if value is None else f"{value:.1%}"


def published_note(published: Mapping[str, str]) -> str:
    """What the paper prints, and why it is not to be held against the figures here."""
    printed = ", ".join(f"{name} {published[name]}" for name in PAPER if name in published)
    return (
        f"The paper's Table 3 prints macro averages of {printed}; they are of a 7B model on other "
        "videos, without intervals, and no figure here is to be held against them: only the order "
        "is asked."
    )
