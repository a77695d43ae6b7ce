"""A profile's rubric: the template that a judge's prompt is written by, and what it must hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from physprior.dialogue.rubric import RubricContext, RubricTemplate
from physprior.errors import JudgeError
from physprior.eval.judge.profiles.fence import Fenced, escape, fence, quote

if TYPE_CHECKING:
    from physprior.eval.explanations.items import Item
    from physprior.eval.judge.profiles.model import Profile, Task
from physprior.paths import RUBRICS


@dataclass(frozen=True)
class Rubric:
    """A rubric that was read."""

    version: str
    """What its author calls this state of it."""
    hash: str
    """SHA-256 of its text."""
    template: RubricTemplate = field(repr=False, compare=False)

    def ask(
        self, item: Item, task: Task, text: str, references: Sequence[str], *, all_: bool
    ) -> tuple[str, str, Fenced]:
        """The system and the user message about a text, and the text's fence.

        The rubric never sees the text itself. ``all_``: each reference must stand in the user
        message. Raises JudgeError where the rubric cannot be rendered, leaves the answer out, or
        changes it: a changed fence may be open.
        """
        fenced = fence(text)
        quoted = tuple(quote(reference) for reference in references)
        context = RubricContext(
            category=escape(item.category.replace("_", " ")),
            task=task,
            anomalous=bool(item.line.label),
            truth=escape(item.line.class_id.replace("_", " ")),
            references=quoted,
            answer=fenced.text,
        )
        system, user = self.template.render(context)
        nonces = user.count(fenced.nonce), system.count(fenced.nonce)
        if fenced.text not in user or nonces != (2, 0):
            self._refuse("the block 'user' must hold {{ answer }} once and unchanged, no other any")
        if all_ and any(reference not in user for reference in quoted):
            self._refuse("the block 'user' must hold each of the references unchanged")
        return system, user, fenced

    def _refuse(self, message: str) -> NoReturn:
        raise JudgeError(
            f"{self.template.path}: {message}", remedy="hold it against the shipped rubric"
        )


def load_rubric(profile: Profile, templates_folder: Path) -> Rubric:
    """The rubric ``judge/NAME.j2`` of a folder of templates. Raises JudgeError."""
    template = RubricTemplate(templates_folder / RUBRICS / f"{profile.name}.j2")
    return Rubric(template.version, template.hash, template)
