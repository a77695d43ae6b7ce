"""What a judge or a drafter is asked: a template of two blocks, what it is told and its task.

    {% set version = "1" %}
    {% block system %} … {% endblock %}
    {% block user %} … {% endblock %}

It runs sandboxed and with undefined names refused, as dialogues do. It is one file, so that its
hash is the hash of all that the judge is told.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NoReturn

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from physprior import fingerprint
from physprior.dialogue.templates import BROKEN
from physprior.errors import JudgeError

BLOCKS = ("system", "user")
MAX_CHARACTERS = 200_000
"""A block longer than this is a rubric gone wrong."""
ELSEWHERE = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)
"""What would bring in words of other files, which the rubric's hash does not know."""


@dataclass(frozen=True)
class RubricContext:
    """The names that a rubric can use; the check of templates reads them and their types here."""

    category: str
    """What the object is: ``spring clip``."""
    task: Literal["description", "explanation"]
    """What of the model's answer is judged."""
    anomalous: bool
    """Whether the object in the video has a defect."""
    truth: str
    """``normal``, or the defect: ``unable to rebound``."""
    references: tuple[str, ...]
    """Sentences that are right about the video, each in quotation marks."""
    answer: str
    """The model's words, within their fence."""


@dataclass(frozen=True)
class DraftContext:
    """The names that a question to a drafter can use; what is not known of an entry is empty."""

    category: str
    """What the object is: ``spring clip``."""
    id: str
    """The category's id."""
    actuator: str
    """What acts on it: ``gripper``."""
    actions: tuple[str, ...]
    """What the actuator does, in order."""
    names: tuple[str, ...]
    """What the key component is called."""
    properties: tuple[str, ...]
    """The properties that make it work."""
    parts: tuple[str, ...]
    """The moving parts."""
    statements: tuple[str, ...]
    """The prior's statements, as far as they are written."""
    phases: tuple[tuple[str, str], ...]
    """The phases of the motion: each one's id, and what is expected in it, or nothing."""
    class_id: str
    """The class that sentences are about: its id, ``normal`` among them; else nothing."""
    defect: str
    """What a person calls the class's defect; empty for the normal class."""
    violates: tuple[str, ...]
    """The phases that the defect breaks."""
    onset: str
    """``persistent`` or ``intermittent``; empty where that is not said."""
    existing: tuple[str, ...]
    """The sentences of that kind that the class has."""
    count: int
    """How many more are asked for."""
    most: int
    """The most words that a sentence may have."""
    wanted: tuple[str, ...]
    """The keys of the prior that are asked for."""
    vocabulary: tuple[tuple[str, str], ...]
    """The properties that there are words for, each with its meaning."""
    notes: str
    """The engineer's notes, within their fence."""
    strips: int
    """How many pictures go along, each with frames of one video of a sound object."""
    frames: int
    """How many frames each of them shows."""


class RubricTemplate:
    """A rubric's file. Raises JudgeError where it is not there or cannot be read."""

    def __init__(self, path: Path, *, kind: str = "rubric") -> None:
        self.path = path
        self._kind = kind
        try:
            data = path.read_bytes()
            self._text = data.decode("utf-8")
        except FileNotFoundError:
            raise JudgeError(
                f"there is no {kind} {path}",
                remedy="copy it from the shipped templates and change it to your needs",
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise JudgeError(f"cannot read {path}: {reason}", remedy="name another") from error
        self.hash = fingerprint.of_bytes(data)
        self.version = self._version()

    def render(self, context: RubricContext | DraftContext) -> tuple[str, str]:
        """Both blocks, without blanks around them. Raises JudgeError."""
        system, user = (self._block(name, context) for name in BLOCKS)
        return system, user

    def _block(self, name: str, context: RubricContext | DraftContext) -> str:
        pieces: list[str] = []
        length = 0
        try:
            template = self._template
            for piece in template.blocks[name](template.new_context(vars(context))):
                pieces.append(piece)
                length += len(piece)
                if length > MAX_CHARACTERS:
                    raise JudgeError(
                        f"{self.path}: the block '{name}' is longer than {MAX_CHARACTERS}"
                        " characters",
                        remedy=f"shorten the {self._kind}; look for a loop",
                    )
        except BROKEN as error:
            self._explain(error, context)
        return "".join(pieces).strip()

    def _version(self) -> str:
        try:
            tree = _environment().parse(self._text)
        except BROKEN as error:
            self._explain(error)
        written = sorted(node.name for node in tree.find_all(nodes.Block))
        if written != sorted(BLOCKS):
            self._refuse(f"a {self._kind} has the blocks system and user, each once")
        if next(tree.find_all(ELSEWHERE), None) is not None:
            self._refuse(f"a {self._kind} is one file: it takes nothing in from others")
        if any(_writes(node) for node in tree.body if not isinstance(node, nodes.Block)):
            reader = "judge" if self._kind == "rubric" else "model"
            self._refuse(f"what stands outside the blocks of a {self._kind} reaches no {reader}")
        version = version_of(tree)
        if not version:
            self._refuse(f'a {self._kind} names its version: {{% set version = "1" %}}')
        return version

    @cached_property
    def _template(self) -> jinja2.Template:
        jinja = _environment()
        code = jinja.compile(self._text, self.path.name, str(self.path))
        return jinja2.Template.from_code(jinja, code, jinja.make_globals(None))

    def _refuse(self, message: str) -> NoReturn:
        raise JudgeError(f"{self.path}: {message}", remedy="hold it against the shipped one")

    def _explain(
        self, error: Exception, context: RubricContext | DraftContext | None = None
    ) -> NoReturn:
        line = getattr(error, "lineno", None)
        if line is None:
            every = traceback.extract_tb(error.__traceback__)
            own = [frame.lineno or 1 for frame in every if frame.filename == str(self.path)]
            line = self._template.get_corresponding_lineno(own[-1]) if own else 1
        names = ", ".join((type(context) if context else RubricContext).__annotations__)
        raise JudgeError(
            f"{self.path}:{line}: {getattr(error, 'message', None) or error}",
            remedy=f"a {self._kind} may use {names}",
        ) from error


def version_of(tree: nodes.Template) -> str:
    """The version that a rubric gives itself outside its blocks; empty where it gives none."""
    for node in tree.body:
        if isinstance(node, nodes.Assign) and isinstance(node.node, nodes.Const):
            target: Any = node.target
            if getattr(target, "name", "") == "version" and isinstance(node.node.value, str):
                return node.node.value.strip()
    return ""


def _writes(node: nodes.Node) -> bool:
    """Whether a node outside the blocks has something to say."""
    texts = (data.data for data in node.find_all(nodes.TemplateData))
    outputs = (each for output in _outputs(node) for each in output.nodes)
    expressions = (each for each in outputs if not isinstance(each, nodes.TemplateData))
    return any(text.strip() for text in texts) or next(expressions, None) is not None


def _outputs(node: nodes.Node) -> list[nodes.Output]:
    own = [node] if isinstance(node, nodes.Output) else []
    return [*own, *node.find_all(nodes.Output)]


def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
