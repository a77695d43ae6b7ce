"""Defects of single texts, for rules T."""

from __future__ import annotations

import re

from editing import MARK, Entry, Injected
from injection import defect, in_the_middle, lowered, stretched

from physprior.check.rules.too_long import MOST
from physprior.knowledge.compose import DataPath


@defect("T001", "the place of the video in a statement")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence(entry.any(["component", "subject", "motion"], "T001"), "T001")
    token = entry.any(["<video>", "<image>", "<image_0>", "<|video|>"], "T001")
    return entry.edited(entry.write(sentence.path, in_the_middle(sentence.text, MARK + token)))


@defect("T001", "who speaks")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("explanation", "who")
    mark = entry.any(["USER:", "ASSISTANT:", "Assistant :", "SYSTEM:", "[INST]"], "who")
    return entry.edited(entry.write(sentence.path, in_the_middle(sentence.text, MARK + mark)))


@defect("T001", "the verdict in a reason")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("explanation", "verdict")
    said = ["the {}verdict is Anomalous and", "{}Verdict: Anomalous", "{}VERDICT - Normal, but"]
    inserted = entry.any(said, "verdict").format(MARK)
    return entry.edited(entry.write(sentence.path, in_the_middle(sentence.text, inserted)))


@defect("T001", "the end of an answer", T007="the sentence ends with the token, not a full stop")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("description", "end")
    return entry.edited(entry.write(sentence.path, f"{sentence.text}{MARK}</s>"))


@defect("T001", "a token in a name")
def _(entry: Entry) -> Injected:
    path: DataPath = (*entry.last_anomaly, "name")
    name = entry.category.anomalies[-1].name
    return entry.edited(entry.write(path, f"{name} {MARK}<video>"))


@defect("T002", "a template's expression in a statement")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("motion", "T002")
    inserted = f"{MARK}{{{{ category.name }}}}"
    return entry.edited(entry.write(sentence.path, in_the_middle(sentence.text, inserted)))


@defect("T002", "a template's tag in an explanation")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("explanation", "T002")
    inserted = entry.any(
        ["{% if worn %}", "{# why? #}", "{%- endif %}", "{name}", "${part}"], "T002"
    )
    return entry.edited(entry.write(sentence.path, in_the_middle(sentence.text, MARK + inserted)))


@defect("T002", "half a pair of brackets in a name")
def _(entry: Entry) -> Injected:
    path: DataPath = ("prior", "subject", "parts", 0)
    part = entry.category.prior.subject.parts[0]
    return entry.edited(entry.write(path, f"{part} {MARK}}}}}"))


@defect("T003", "an explanation of four words")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("explanation", "T003")
    part = entry.category.prior.subject.parts[0].split()[-1]
    return entry.edited(entry.write(sentence.path, f"The {part} has failed."))


@defect("T003", "a description of two words")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("description", "T003")
    return entry.edited(entry.write(sentence.path, "It stopped."))


@defect("T003", "a step of two words")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("phase", "T003")
    return entry.edited(entry.write(sentence.path, "It moves."))


@defect("T004", "an explanation with a word too many")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("explanation", "T004")
    text = stretched(sentence.text, MOST["explanation"] + 1)
    return entry.edited(entry.write(sentence.path, text))


@defect("T004", "a step with a word too many")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("phase", "T004")
    return entry.edited(entry.write(sentence.path, stretched(sentence.text, MOST["phase"] + 1)))


@defect("T004", "two descriptions in one")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("description", "T004")
    text = stretched(sentence.text, MOST["description"] - 7)
    return entry.edited(
        entry.write(sentence.path, f"{text} What else it shows is told here below.")
    )


@defect("T005", "a note in the middle")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("explanation", "T005")
    notes = [
        "TODO",
        "todo:",
        "FIXME",
        "[TBD]",
        "???",
        "____",
        "xxx",
        "TBC,",
        "(?)",
        "[cause]",
        "n/a",
    ]
    marked = MARK + entry.any(notes, "T005")
    return entry.edited(entry.write(sentence.path, in_the_middle(sentence.text, marked)))


@defect("T005", "a sentence that trails off")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("description", "T005")
    dots = entry.any(["...", "....", "…."], "T005")
    return entry.edited(entry.write(sentence.path, sentence.text.rstrip(".") + MARK + dots))


PROMISES = (
    *("to be confirmed", "to be determined", "to be written", "to be checked", "to be filled in"),
    *("fill in", "see above", "same as above", "as above", "placeholder", "lorem ipsum"),
    "work in progress",
)


@defect("T005", "words that promise more")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("reference", "T005")
    inserted = MARK + entry.any(PROMISES, "promise") + ","
    return entry.edited(entry.write(sentence.path, in_the_middle(sentence.text, inserted)))


@defect("T005", "a name that is not there yet")
def _(entry: Entry) -> Injected:
    path: DataPath = (*entry.last_anomaly, "name")
    return entry.edited(entry.put(path, MARK + entry.any(["tbd", "TODO", "?? name"], "name")))


HEDGES = (
    *("may have", "might have", "could have", "has probably", "has possibly", "has perhaps"),
    *("seems to have", "appears to have", "has apparently", "has likely", "has potentially"),
    *("has usually", "has in most cases", "is thought to have"),
    *("has presumably", "is believed to have", "is suspected to have", "supposedly has"),
)


@defect("T006", "in the middle of an explanation")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("explanation", "T006")
    hedge = entry.any(HEDGES, "T006")
    marked = re.sub("^(has |is )?", rf"\1{MARK}", hedge)
    text = in_the_middle(sentence.text, f"which {marked} changed,")
    return entry.edited(entry.write(sentence.path, text))


@defect("T006", "at the beginning of a reference")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("reference", "T006")
    hedges = [
        "Maybe",
        "Perhaps",
        "Probably",
        "Possibly",
        "It is possible that",
        "It is unclear whether",
        "I guess",
    ]
    marked = re.sub("^(It is )?", rf"\1{MARK}", entry.any(hedges, "T006"))
    return entry.edited(entry.write(sentence.path, f"{marked} {lowered(sentence.text)}."))


@defect("T006", "across the end of a line")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("explanation", "line")
    text = in_the_middle(sentence.text, f"which {MARK}appears\nto have changed,")
    return entry.edited(entry.write(sentence.path, text))


@defect("T006", "in a statement of the prior")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("motion", "T006")
    assert "should" in sentence.text
    text = sentence.text.replace("should", f"should {MARK}probably", 1)
    return entry.edited(entry.write(sentence.path, text))


@defect("T007", "without a capital letter")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence(entry.any(["subject", "description", "explanation"], "a"), "T007")
    return entry.edited(entry.write(sentence.path, lowered(sentence.text) + "."))


@defect("T007", "without a full stop")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence(entry.any(["phase", "explanation", "reference"], "T007"), "T007")
    ending = entry.any(["", ",", ";"], "T007")
    return entry.edited(entry.write(sentence.path, sentence.text.rstrip(".") + ending))


@defect("T007", "a motion that is and not should be")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence(entry.any(["subject", "motion"], "will"), "will")
    return entry.edited(entry.write(sentence.path, sentence.text.replace("should", "will")))


@defect("T007", "a component without a verb")
def _(entry: Entry) -> Injected:
    component = entry.category.prior.component
    name = component.names[0]
    text = f"A {component.properties[0]} {name} at the heart of the {entry.category.name}."
    return entry.edited(entry.write(("prior", "component", "statement"), text))


@defect("T008", "a description pasted twice")
def _(entry: Entry) -> Injected:
    class_id = entry.any(["normal", *(one.id for one in entry.category.anomalies)], "T008")
    first, _, last = entry.sentences("description", of=class_id)[:3]
    return entry.edited(entry.write(last.path, first.text))


@defect("T008", "an explanation pasted twice, otherwise wrapped and spelt")
def _(entry: Entry) -> Injected:
    class_id = entry.any(["normal", *(one.id for one in entry.category.anomalies)], "again")
    told = entry.sentences("explanation", of=class_id)
    first, last = told[1], told[-1]
    text = first.text.replace(",", " –").replace(" the ", " The ")
    return entry.edited(entry.write(last.path, in_the_middle(text, "\n").replace(" \n ", "\n")))


@defect("T008", "a description pasted under another class")
def _(entry: Entry) -> Injected:
    source = entry.sentence("description", "from", of="normal")
    target = entry.sentence("description", "to", of=entry.category.anomalies[-1].id)
    return entry.edited(entry.write(target.path, source.text))


@defect("T008", "the motion as a description")
def _(entry: Entry) -> Injected:
    target = entry.sentence("description", "motion", of="normal")
    return entry.edited(entry.write(target.path, entry.category.prior.motion.statement))


def drafted(entry: Entry, path: tuple[str | int, ...], comment: str) -> Injected:
    """A comment on the line above a value, which is what the finding is about."""
    value, key = entry.source.value(path), entry.source.key(path)
    line = entry.offset(key.line, 1)
    place = entry.offset(value.line, value.column)
    return entry.edited((line, line, f"    {comment}\n"), (place, place, MARK))


@defect("T009", "a drafted explanation that nobody has read")
def _(entry: Entry) -> Injected:
    class_id = entry.any(["normal", *(one.id for one in entry.category.anomalies)], "T009")
    sentence = entry.sentences("explanation", of=class_id)[-1]
    return drafted(entry, sentence.path, "# draft: review me (model qwen3:8b)")


@defect("T009", "a drafted statement that nobody has read")
def _(entry: Entry) -> Injected:
    return drafted(entry, ("prior", "motion", "statement"), "# draft: review me")
