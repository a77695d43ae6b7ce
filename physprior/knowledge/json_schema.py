"""The JSON Schemas of KB entries and vocabularies, for editors that complete and check.

They say in the editor, while one types, what ``physprior check`` says afterwards, as far as a JSON
Schema can know: keys, lists, ids, counts and the closed lists of words. The editor alone marks two
things: an unquoted ``true`` or ``null`` that is meant as a word, because it reads YAML by its types
where the check reads text as typed; and, in a draft, a word of a closed list that is yet to be
chosen, so that it can propose the list there.
"""

from __future__ import annotations

from typing import Any

from physprior.knowledge.json_form import Choices, Form, schema_of, schema_text
from physprior.knowledge.load import VOCABULARY, load_entry
from physprior.knowledge.schema import Category
from physprior.knowledge.vocabulary import Vocabulary, load_vocabulary
from physprior.paths import kb_folder

__all__ = ["kb_schema", "schema_of", "schema_text", "vocabulary_schema"]

PLACE = ".physprior/kb.schema.json"
"""Where a project has it."""
_EXAMPLE = "clip"
"""The shipped entry whose values explain the fields by example."""
_TRAITS = {
    "status": {
        "draft": "Not yet read through: it may be thin and unfinished, but not wrong.",
        "reviewed": "An engineer of the object has read it through: it is held to every rule.",
    },
    "anomalies[].onset": {
        "persistent": "There from the first frame on.",
        "intermittent": "Beginning partway, after a time of sound motion.",
    },
    "anomalies[].evidence": {
        "motion": "No single frame could show it: it is seen in how things move.",
        "frame": "One frame could show it: a crack, a missing part.",
    },
}

_STATEMENT = "One sentence that holds for every video, sound or faulty: no word of failure in it."
_DOCS = {
    "id": "The category's id, which is also its file's name: lower-case words joined by "
    "underscores, as ``rubber_band``.",
    "interaction": "How the inspection station makes the object move.",
    "prior": "The physics of a sound object: its key component, the parts that move, the motion.",
    "prior.component": "The key component, and the property that makes it work.",
    "prior.component.statement": f"Taught: which component, with which property. {_STATEMENT}",
    "prior.subject": "The parts that move, and how they respond.",
    "prior.subject.parts": "The moving parts, by the names that the sentences call them.",
    "prior.subject.statement": f"Taught: which parts move, and how they respond. {_STATEMENT}",
    "prior.motion": "The motion of a sound object, cut into phases.",
    "prior.motion.statement": f"Taught: the motion that should be seen. {_STATEMENT}",
    "prior.motion.phases": "The motion's steps, in order. Every anomaly violates one or more.",
    "normal": "What is seen of a sound object, and why its motion is sound.",
    "normal.descriptions": "What is seen of a sound object: 3 sentences or more.",
    "normal.explanations": "Taught: why the motion is sound, in 5 sentences or more. Each names a "
    "part and what it does.",
    "normal.references": "Why the motion is sound, in other words: 2 sentences or more, kept for "
    "scoring and never taught.",
    "anomalies": "The defect types, one item each.",
    "anomalies[].id": "The defect's id, and the name of its videos' folder: lower-case words joined"
    " by underscores, as ``unable_to_rebound``.",
    "anomalies[].violates": "The ids of the phases of ``prior.motion.phases`` that it breaks.",
    "anomalies[].descriptions": "What is seen of this defect: 3 sentences or more.",
    "anomalies[].explanations": "Taught: which part fails, what it then does or does not do, and "
    "why, in 5 sentences or more. One that could stand under another defect teaches nothing.",
    "anomalies[].references": "The same in other words: 2 sentences or more, kept for scoring and "
    "never taught.",
}


def kb_schema(vocabulary: Vocabulary | None = None) -> dict[str, Any]:
    """The schema of a KB entry, draft-07, with the words of a vocabulary: the shipped one's.

    Raises KnowledgeError where the shipped KB cannot be read.
    """
    words = vocabulary or load_vocabulary(kb_folder() / VOCABULARY)
    choices = {path: Choices(meanings) for path, meanings in _TRAITS.items()}
    choices["interaction.actuator"] = _listed("actuators", words.actuators)
    choices["interaction.actions[]"] = _listed("actions", words.actions)
    choices["prior.component.properties[]"] = _listed("properties", words.properties)
    example = load_entry(kb_folder() / f"{_EXAMPLE}.yaml").category
    form = Form(
        choices=choices,
        docs=_DOCS,
        example=example.model_dump(mode="json"),
        example_of=example.name,
        as_typed=True,
    )
    return schema_of(Category, "a category of physprior's KB", form)


def vocabulary_schema() -> dict[str, Any]:
    """The schema of a ``vocabulary.yaml``, draft-07."""
    return schema_of(Vocabulary, "the vocabulary of a KB", Form(as_typed=True))


def _listed(name: str, words: dict[str, str]) -> Choices:
    return Choices(
        words,
        f"Choose one of the {name} that the editor proposes here. If yours is missing, add it to "
        f"{VOCABULARY}, with its meaning, and write this schema anew: "
        f"physprior kb schema -o {PLACE}",
    )
