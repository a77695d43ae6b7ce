"""A sentence that stands twice in an entry.

Sentences are drawn for the videos of a class. The same one under two classes teaches that they
cannot be told apart; twice in one class it is a lack of the variety that was asked for.

Fails:

    normal:
      descriptions:
        - The jaws part under the gripper and meet again once it lets go.
        - The jaws part under the gripper and meet again once it lets go.

Passes:

    normal:
      descriptions:
        - The jaws part under the gripper and meet again once it lets go.
        - The clip opens like a beak and is shut again at the end.
"""

from __future__ import annotations

from collections.abc import Iterator

from physprior.check.entry import CheckedEntry, Sentence
from physprior.check.rule import Finding, Rule
from physprior.knowledge.edits import delete_item
from physprior.knowledge.fix import Fix
from physprior.knowledge.schema import Normal

_FEWEST = {
    name: next(limit.min_length for limit in field.metadata if hasattr(limit, "min_length"))
    for name, field in Normal.model_fields.items()
}
"""How many sentences each list needs."""


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """One finding for each later occurrence."""
    first: dict[str, Sentence] = {}
    for sentence in checked.sentences:
        earlier = first.setdefault(" ".join(sentence.words), sentence)
        if earlier is not sentence and not _has_own_rule(earlier, sentence):
            line = checked.source.value(earlier.path).line
            yield Finding(
                sentence.path,
                f"this sentence already stands on line {line}",
                "write another one, or delete it",
                fix=_fix(checked, earlier, sentence),
            )


def _fix(checked: CheckedEntry, earlier: Sentence, later: Sentence) -> Fix | None:
    """Delete the later one of two that are the same to the letter, where the list can do without.

    Of two in lists of different meaning, a person chooses.
    """
    one_list = earlier.path[:-1] == later.path[:-1] and isinstance(later.path[-1], int)
    if not one_list or earlier.text.split() != later.text.split():
        return None
    texts = [one.text for one in checked.sentences if one.path[:-1] == later.path[:-1]]
    if len({" ".join(text.split()) for text in texts}) < _FEWEST[str(later.path[-2])]:
        return None
    return delete_item(checked.source, later.path, safe=True)


def _has_own_rule(earlier: Sentence, later: Sentence) -> bool:
    # Explanations that repeat a description, another class's explanation, or a reference have
    # rules of their own, which say why that matters.
    kinds = {earlier.kind, later.kind}
    same_class = earlier.class_id == later.class_id
    if kinds == {"description", "explanation"}:
        return same_class
    return kinds == {"explanation", "reference"} or (
        kinds <= {"explanation", "reference"} and not same_class
    )


RULE = Rule("T008", "repeated-sentence", __doc__, entry=check, fixes="safe")
