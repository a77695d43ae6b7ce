"""The question to a drafter: rendered from ``templates/draft``, with the form of its answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from physprior.check.rules.too_long import MOST
from physprior.dialogue.rubric import DraftContext, RubricTemplate
from physprior.draft.entry import DraftEntry
from physprior.draft.notes import Notes
from physprior.draft.strips import Strips
from physprior.draft.wish import KEYS, TEXTS, Wish
from physprior.endpoint.prompt import Prompt
from physprior.errors import JudgeError
from physprior.knowledge.schema import NORMAL
from physprior.knowledge.vocabulary import Vocabulary
from physprior.paths import DRAFTS

_KIND = "request"


def prompt_of(
    wish: Wish,
    entry: DraftEntry,
    notes: Notes | None,
    templates: Path,
    *,
    vocabulary: Vocabulary | None = None,
    strips: Strips | None = None,
) -> Prompt:
    """The question that a wish makes. Raises JudgeError for a template that is unfit."""
    path = templates / DRAFTS / f"{wish.question}.j2"
    template = RubricTemplate(path, kind=_KIND)
    context = _context(wish, entry, notes, vocabulary, strips)
    system, user = template.render(context)
    if notes is not None and user.count(notes.fenced) != 1:
        raise JudgeError(
            f"{path}: the block 'user' must hold {{{{ notes }}}} once and unchanged",
            remedy="hold it against the shipped one",
        )
    images = strips.images if strips else ()
    return Prompt(system, user, schema_of(wish, entry.id, vocabulary), wish.question, images)


def schema_of(wish: Wish, category: str, vocabulary: Vocabulary | None) -> dict[str, Any]:
    """The JSON schema of the answer. Its ids can be no other's."""
    # Without bounds: strict modes of some endpoints refuse minItems and maxLength.
    text: dict[str, Any] = {"type": "string"}
    texts = {"type": "array", "items": text}
    fields: dict[str, Any] = {"category": {"type": "string", "enum": [category]}}
    if wish.class_id:
        fields["class"] = {"type": "string", "enum": [wish.class_id]}
        fields["sentences"] = texts
    for key in wish.keys:
        if key == "motion_phases":
            phase = {"id": text, "expected": text}
            fields[key] = {"type": "array", "items": _object(phase)}
        elif key == "component_properties" and vocabulary:
            words = {"type": "string", "enum": list(vocabulary.properties)}
            fields[key] = {"type": "array", "items": words}
        else:
            fields[key] = texts if key in TEXTS else text
    return _object(fields)


def _object(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def _context(
    wish: Wish,
    entry: DraftEntry,
    notes: Notes | None,
    vocabulary: Vocabulary | None,
    strips: Strips | None,
) -> DraftContext:
    anomalous = wish.class_id not in ("", NORMAL)
    where = wish.path[:-1]
    name = entry.text((*where, "name")) or wish.class_id.replace("_", " ")
    written = (entry.text(KEYS[key]) for key in KEYS if key.endswith("_statement"))
    return DraftContext(
        category=entry.name,
        id=entry.id,
        actuator=entry.text(("interaction", "actuator")).replace("_", " "),
        actions=tuple(entry.texts(("interaction", "actions"))),
        names=tuple(entry.texts(KEYS["component_names"])),
        properties=tuple(entry.texts(KEYS["component_properties"])),
        parts=tuple(entry.texts(KEYS["subject_parts"])),
        statements=tuple(text for text in written if text),
        phases=tuple(entry.phases()),
        class_id=wish.class_id,
        defect=name if anomalous else "",
        violates=tuple(entry.texts((*where, "violates"))) if anomalous else (),
        onset=entry.text((*where, "onset")) if anomalous else "",
        existing=tuple(entry.texts(wish.path)) if wish.path else (),
        count=wish.count,
        most=_most(wish),
        wanted=wish.keys,
        vocabulary=tuple(vocabulary.properties.items()) if vocabulary else (),
        notes=notes.fenced if notes else "",
        strips=len(strips.images) if strips else 0,
        frames=strips.frames if strips else 0,
    )


def _most(wish: Wish) -> int:
    kinds = {"descriptions": MOST["description"], "explanations": MOST["explanation"]}
    return kinds.get(wish.question, MOST["motion"] if wish.question == "motion" else 40)
