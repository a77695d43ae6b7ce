"""The template environment: renders a category, a mode and a verdict into a Dialogue.

Templates are data that people edit and share, so they run sandboxed, with undefined names
refused and the output's length capped.
"""

from __future__ import annotations

import difflib
import traceback
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NoReturn, TypeVar

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from physprior import fingerprint, verdict
from physprior.dialogue.model import Dialogue, Turn, VideoTurn
from physprior.dialogue.tags import MARKS, DialogueTags, LooseTextError, read_turns
from physprior.errors import TemplateError
from physprior.knowledge.schema import Category, Prior
from physprior.paths import DESCRIBE

Sandbox = TypeVar("Sandbox", bound=ImmutableSandboxedEnvironment)

MAX_CHARACTERS = 20_000
"""A dialogue longer than this is a template gone wrong: 4,096 tokens hold about 16,000."""

# Jinja lets Python's own complaints about the code it makes, about bytes, and about values that a
# filter or an operator cannot take, pass as they are.
BROKEN = (
    *(jinja2.TemplateError, SyntaxError, RecursionError),
    *(TypeError, ValueError, ArithmeticError, LookupError, AttributeError),
)


@dataclass(frozen=True)
class Context:
    """The names that a template can use; the check of templates reads them and their types here."""

    category: Category
    """The entry of the object in the video."""
    prior: Prior
    """The entry's physics, for short."""
    verdict: str
    """The verdict sentence, which the last part holds."""


def environment(folder: Path) -> ImmutableSandboxedEnvironment:
    """The Jinja environment in which the templates of a folder are rendered."""
    return environment_of(ImmutableSandboxedEnvironment, folder)


def environment_of(kind: type[Sandbox], folder: Path) -> Sandbox:
    """The same of another class, which may note more."""
    return kind(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        extensions=[DialogueTags],
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )


class Templates:
    """The dialogue templates of one folder, one file a mode.

    ``video_turn``: the user turn that the video goes with in every dialogue. No template says it,
    so that none can forget the video.
    """

    def __init__(self, folder: Path, *, video_turn: VideoTurn = "first") -> None:
        self.folder = folder
        self.video_turn = video_turn

    @cached_property
    def _environment(self) -> ImmutableSandboxedEnvironment:
        return environment(self.folder)

    def modes(self) -> tuple[str, ...]:
        """The modes that the folder has a template for, sorted."""
        names = sorted(path.stem for path in self.folder.glob("*.j2"))
        return tuple(name for name in names if name != DESCRIBE)

    def path(self, mode: str) -> Path:
        """The template file of a mode. Raises TemplateError where there is none."""
        path = self.folder / f"{mode}.j2"
        if mode not in self.modes():
            known = ", ".join(self.modes()) or "none"
            close = difflib.get_close_matches(mode, self.modes(), n=1)
            meant = f"did you mean '{close[0]}'? " if close else ""
            raise TemplateError(
                f"there is no template for the mode '{mode}' in {self.folder}",
                remedy=f"{meant}use one of these modes: {known}; or write {path.name} there",
            )
        return path

    def fingerprint(self, mode: str) -> str:
        """Hash of the template's text, and of the video's turn where it is not the first."""
        text = fingerprint.of_file(self.path(mode))
        return text if self.video_turn == "first" else fingerprint.of_json([text, self.video_turn])

    def render(self, category: Category, mode: str, *, anomalous: bool, reason: str) -> Dialogue:
        """The dialogue for one video of ``category`` with this verdict.

        Raises TemplateError where the template does not compile, names something that the
        schema does not have, is too long, or does not end in its one verdict part.
        """
        path = self.path(mode)
        sentence = verdict.render(anomalous, reason)
        turns = self._turns(path, Context(category, category.prior, sentence))
        _check_shape(turns, sentence, path)
        return Dialogue(category=category.id, mode=mode, turns=turns, video_turn=self.video_turn)

    def describe(self, category: Category) -> Dialogue:
        """The question for a description of a video of ``category``, its answer still open.

        It is PAEval's (Phys-AD, section 4.3), and no mode. Raises TemplateError where
        ``describe.j2`` is not there, or is not one user turn.
        """
        path = self.folder / f"{DESCRIBE}.j2"
        if not path.is_file():
            raise TemplateError(
                f"there is no {path.name} in {self.folder}, which asks for a description",
                remedy="copy it from the shipped templates and change it to your needs",
            )
        turns = self._turns(path, Context(category, category.prior, ""))
        if [turn.role for turn in turns] != ["user"] or not turns[0].parts:
            raise TemplateError(
                f"{path}: it must be one user turn and nothing else",
                remedy="ask with {% user %} … {% enduser %}; the model gives the answer",
            )
        opened = Turn(role="assistant", parts=())
        return Dialogue(category=category.id, mode=DESCRIBE, turns=(*turns, opened))

    def _turns(self, path: Path, context: Context) -> tuple[Turn, ...]:
        try:
            stream = self._environment.get_template(path.name).generate(vars(context))
            rendered = _capped(stream, path)
        except BROKEN as error:
            _explain(error, path)
        if rendered.count(MARKS[0]) != rendered.count(MARKS[2]):
            raise TemplateError(
                f"{path}: the KB's text for {context.category.id} holds control characters",
                remedy=f"remove them from the entry of {context.category.id}",
            )
        try:
            return read_turns(rendered)
        except LooseTextError as error:
            raise TemplateError(f"{path}: {error}", remedy="mend the template's tags") from error


def _capped(stream: object, path: Path) -> str:
    pieces: list[str] = []
    length = 0
    for piece in stream:  # type: ignore[attr-defined]
        pieces.append(piece)
        length += len(piece)
        if length > MAX_CHARACTERS:
            raise TemplateError(
                f"{path}: the dialogue is longer than {MAX_CHARACTERS} characters",
                remedy="shorten the template or the KB's statements; look for a loop",
            )
    return "".join(pieces)


def _explain(error: Exception, path: Path) -> NoReturn:
    line = getattr(error, "lineno", None)
    if line is None:
        # Jinja rewrites tracebacks, so that the last frame in the template names its line.
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
        line = frames[-1].lineno if frames else 1
    raise TemplateError(
        f"{path}:{line}: {getattr(error, 'message', None) or error}",
        remedy="a template may use category, prior and verdict, with the fields of the KB schema",
    ) from error


def _check_shape(turns: tuple[Turn, ...], sentence: str, path: Path) -> None:
    roles = [turn.role for turn in turns]
    kinds = [part.kind for turn in turns for part in turn.parts]
    problem = ""
    if not turns or roles != ["user", "assistant"] * (len(turns) // 2):
        problem = "the turns must go user, assistant, user, assistant, …"
    elif any(not turn.parts for turn in turns):
        problem = f"turn {[bool(turn.parts) for turn in turns].index(False) + 1} says nothing"
    elif kinds.count("verdict") != 1 or kinds[-1] != "verdict":
        problem = "the dialogue must end in its one verdict part"
    elif turns[-1].parts[-1].text != " ".join(sentence.split()):
        problem = "the verdict part must hold {{ verdict }} and nothing else"
    if problem:
        raise TemplateError(f"{path}: {problem}", remedy="mend the template's tags")
