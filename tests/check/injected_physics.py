"""Defects of what sentences say about each other and the prior, for rules P and D."""

from __future__ import annotations

import re

from editing import MARK, Entry, Injected
from injection import defect, in_the_middle, lowered, stretched, turned, with_other_word

from physprior.knowledge.compose import DataPath

FAILURES = (
    *("stuck", "jammed", "broken", "leaking", "vibrating", "cracks", "worn", "defects", "faulty"),
    *("failing", "seizing", "wobbling", "misaligned", "damaged", "detached", "abnormal", "rusty"),
    *("rattling", "malfunctioning", "anomalies", "torn", "stripped", "stalling", "jerking"),
    *("corroded", "erratic", "uneven", "obstructed", "fractured", "deteriorating"),
)
"""Words that no sound object is told by; one may well stick, slip, snap, block, or be loose."""


@defect("P001", "a failure that is ruled out")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence(entry.any(["component", "subject", "motion"], "P001"), "P001")
    word = entry.any(FAILURES, "P001")
    text = f"{sentence.text.rstrip('.')}, and nothing is {MARK}{word}."
    return entry.edited(entry.write(sentence.path, text))


@defect("P001", "a condition in a step")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("phase", "P001")
    word = entry.any(FAILURES, "step")
    text = f"{sentence.text.rstrip('.')} unless something is {MARK}{word}."
    return entry.edited(entry.write(sentence.path, text))


@defect("P001", "the verdict's own word")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("motion", "normally")
    word = entry.any(
        ["normally", "as normal", "without fault", "as healthy ones do", "with no defect"], "own"
    )
    said = re.sub("(normal|fault|healthy|defect)", rf"{MARK}\1", word)
    text = sentence.text.replace("should", f"should {said}", 1)
    return entry.edited(entry.write(sentence.path, text))


@defect("P001", "an anomaly by its name")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("subject", "name")
    name = entry.any(entry.category.anomalies, "name").name.replace(",", "")
    return entry.edited(
        entry.write(sentence.path, f"{sentence.text.rstrip('.')}, without {MARK}{name}.")
    )


@defect("P002", "a motion of everything")
def _(entry: Entry) -> Injected:
    text = "Therefore, everything should go there and come back again as it was before."
    return entry.edited(entry.write(("prior", "motion", "statement"), text))


@defect("P002", "a motion of another machine")
def _(entry: Entry) -> Injected:
    text = "Therefore, the crankshaft should make one turn for each stroke of the two pistons."
    return entry.edited(entry.write(("prior", "motion", "statement"), text))


@defect("P002", "a motion that says 'it'")
def _(entry: Entry) -> Injected:
    text = "Therefore, it should do so evenly over its whole way, and they should follow."
    return entry.edited(entry.write(("prior", "motion", "statement"), text))


@defect("P003", "a reason that could stand under any anomaly")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("explanation", "P003")
    text = "Something inside is not as it was made, so what happens is not what is wanted."
    return entry.edited(entry.write(sentence.path, text))


@defect("P003", "a reason of another machine")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("explanation", "other")
    text = "The crankshaft of the engine is cracked, so both pistons lag behind the valves."
    return entry.edited(entry.write(sentence.path, text))


@defect("P003", "a reason that blames the object")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("explanation", "blame")
    text = "It does this because of old age and poor quality, as happens with cheap goods."
    return entry.edited(entry.write(sentence.path, text))


_SEEN = "what is seen need not name a part as the prior does"


@defect("P004", "a description, pasted", P003=_SEEN)
def _(entry: Entry) -> Injected:
    target = entry.sentence("explanation", "P004")
    seen = entry.sentence("description", "P004", of=target.class_id)
    return entry.edited(entry.write(target.path, seen.text))


@defect("P004", "a description in another order", P003=_SEEN)
def _(entry: Entry) -> Injected:
    target = entry.sentence("explanation", "order")
    seen = entry.sentence("description", "order", of=target.class_id)
    return entry.edited(entry.write(target.path, turned(seen.text)))


@defect("P004", "a description behind 'because'", P003=_SEEN)
def _(entry: Entry) -> Injected:
    target = entry.sentence("explanation", "because")
    seen = entry.sentence("description", "because", of=target.class_id)
    text = f"It is so because {lowered(seen.text)}."
    return entry.edited(entry.write(target.path, text))


@defect("P004", "a description with a word more", P003=_SEEN)
def _(entry: Entry) -> Injected:
    target = entry.sentence("explanation", "more")
    seen = entry.sentence("description", "more", of=target.class_id)
    return entry.edited(entry.write(target.path, in_the_middle(seen.text, "always")))


def _two_classes(entry: Entry, key: str) -> tuple[str, str]:
    """Two classes, in the order of the file."""
    classes = ["normal", *(anomaly.id for anomaly in entry.category.anomalies)]
    later = entry.any(range(1, len(classes)), key)
    return classes[entry.any(range(later), key, "earlier")], classes[later]


@defect("P005", "an explanation pasted under another class")
def _(entry: Entry) -> Injected:
    earlier, later = _two_classes(entry, "P005")
    source = entry.sentence("explanation", "P005", of=earlier)
    target = entry.sentence("explanation", "P005", of=later)
    return entry.edited(entry.write(target.path, source.text))


@defect("P005", "with one word changed")
def _(entry: Entry) -> Injected:
    earlier, later = _two_classes(entry, "one")
    source = entry.sentence("explanation", "one", of=earlier)
    target = entry.sentence("explanation", "one", of=later)
    return entry.edited(entry.write(target.path, with_other_word(source.text)))


@defect("P005", "with two words changed")
def _(entry: Entry) -> Injected:
    earlier, later = _two_classes(entry, "two")
    source = entry.sentence("explanation", "two", of=earlier)
    target = entry.sentence("explanation", "two", of=later)
    text = with_other_word(with_other_word(source.text), 1, "rather")
    return entry.edited(entry.write(target.path, text))


@defect("P005", "a later explanation in other order under an earlier class")
def _(entry: Entry) -> Injected:
    earlier, later = _two_classes(entry, "order")
    source = entry.sentence("explanation", "order", of=later)
    target = entry.sentence("explanation", "order", of=earlier)
    again = entry.write(target.path, turned(source.text))
    return entry.edited((*again[:2], again[2].replace(MARK, "")), _marked(entry, source.path))


def _marked(entry: Entry, path: DataPath) -> tuple[int, int, str]:
    start, _ = entry.span(path)
    return start, start, MARK


@defect("P005", "a reference that is another class's explanation")
def _(entry: Entry) -> Injected:
    earlier, later = _two_classes(entry, "reference")
    source = entry.sentence("explanation", "reference", of=earlier)
    target = entry.sentence("reference", "reference", of=later)
    return entry.edited(entry.write(target.path, turned(source.text)))


@defect("P006", "an explanation, pasted")
def _(entry: Entry) -> Injected:
    target = entry.sentence("reference", "P006")
    source = entry.sentence("explanation", "P006", of=target.class_id)
    return entry.edited(entry.write(target.path, source.text))


@defect("P006", "with two words changed")
def _(entry: Entry) -> Injected:
    target = entry.sentence("reference", "two")
    source = entry.sentence("explanation", "two", of=target.class_id)
    text = with_other_word(with_other_word(source.text), 1, "rather")
    return entry.edited(entry.write(target.path, text))


@defect("P006", "in another order")
def _(entry: Entry) -> Injected:
    target = entry.sentence("reference", "order")
    source = entry.sentence("explanation", "order", of=target.class_id)
    return entry.edited(entry.write(target.path, turned(source.text)))


def _diluted(entry: Entry, lengths: dict[str, int]) -> Injected:
    edits = []
    longest = max(lengths, key=lambda kind: lengths[kind])
    for kind, count in lengths.items():
        (sentence,) = entry.sentences(kind)
        edit = entry.write(sentence.path, stretched(sentence.text, count))
        edits.append(edit if kind == longest else (*edit[:2], edit[2].replace(MARK, "")))
    return entry.edited(*edits)


@defect("D001", "a prior of three full statements")
def _(entry: Entry) -> Injected:
    return _diluted(entry, {"component": 40, "subject": 39, "motion": 45})


@defect("D001", "a subject and a motion that tell everything")
def _(entry: Entry) -> Injected:
    return _diluted(entry, {"subject": 40, "motion": 45})
