"""The dialogues of a category, rendered once for each class and explanation, and checked.

Two leaks would make every later number worthless, so they end a build: an answer in the prompt,
and a reference sentence, which is kept for scoring, in the training text.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from physprior.dataset.leaks import answer_in_prompt
from physprior.dataset.withheld import Withheld
from physprior.dialogue.model import Dialogue
from physprior.dialogue.templates import Templates
from physprior.errors import DatasetError
from physprior.knowledge.load import KnowledgeBase
from physprior.knowledge.schema import NORMAL, Category


@dataclass(frozen=True)
class Taught:
    """One explanation of a class in its dialogue."""

    index: int
    """The explanation's place in the KB entry."""
    reason: str
    """The explanation."""
    dialogue: Dialogue
    """The whole conversation, the verdict with this reason last."""


@dataclass(frozen=True)
class Rendered:
    """All dialogues of a category; they differ in their verdicts alone."""

    prompt_hash: str
    """Hash of what stands before the verdict."""
    classes: dict[str, tuple[Taught, ...]]
    """Class id, ``normal`` first, to its dialogues in the order of the explanations."""


def render_category(
    knowledge: KnowledgeBase,
    templates: Templates,
    category_id: str,
    mode: str,
    withheld: Withheld | None = None,
) -> Rendered:
    """Render every explanation of every class of a category.

    ``withheld`` are the KB's references, where they are at hand already.
    Raises DatasetError where the text before the verdict differs between classes or holds an
    answer, or where any text holds a reference sentence of the KB; TemplateError where the
    template cannot render.
    """
    category = knowledge.category(category_id)
    classes = {
        class_id: tuple(
            Taught(
                number,
                reason,
                templates.render(category, mode, anomalous=class_id != NORMAL, reason=reason),
            )
            for number, reason in enumerate(texts.explanations)
        )
        for class_id, texts in category.classes()
    }
    dialogues = [taught.dialogue for row in classes.values() for taught in row]
    prompts = {dialogue.prompt_hash() for dialogue in dialogues}
    if len(prompts) > 1:
        raise DatasetError(
            f"{category_id}, mode {mode}: the text before the verdict depends on the verdict,"
            " so the answer stands in the question",
            remedy=f"use {{{{ verdict }}}} in the verdict part alone of {templates.path(mode)}",
        )
    _refuse_answers(category, dialogues[0], templates.path(mode))
    (withheld or Withheld.of(knowledge)).refuse(
        category_id, (" ".join(turn.text for turn in one.turns) for one in dialogues)
    )
    return Rendered(prompts.pop(), classes)


def _refuse_answers(category: Category, dialogue: Dialogue, template: Path) -> None:
    # Also one that all videos' prompts hold: it is the right answer for some of them.
    sentences = [one for _, texts in category.classes() for one in texts.explanations]
    if answer := answer_in_prompt(dialogue, sentences):
        raise DatasetError(
            f"{category.id}, mode {dialogue.mode}: an answer stands in the question: “{answer}”",
            remedy=f"take it out of {template}, or word the entry's statements otherwise",
        )
