"""What a rule is: a code, a name, a page of documentation, and what it looks at.

One rule is one file in ``physprior/check/rules``; the file's docstring is the rule's page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from physprior.check.diagnostic import Diagnostic, Fix, Position, Severity
from physprior.knowledge.claims import Claim
from physprior.knowledge.codes import Code
from physprior.knowledge.compose import DataPath
from physprior.knowledge.fix import Fixes

if TYPE_CHECKING:
    from physprior.check.entry import CheckedEntry
    from physprior.check.template import CheckedTemplate


@dataclass(frozen=True)
class Finding:
    """What a rule has to say about one value of an entry."""

    path: DataPath
    """The value: ``("anomalies", 1, "explanations", 0)``."""
    message: str
    """What is wrong, on one line, without its place."""
    remedy: str
    """What to do about it."""
    words: str = ""
    """The words within the value that it is about; the whole value where there are none."""
    fix: Fix | None = None
    """What would mend it."""


@dataclass(frozen=True)
class TemplateFinding:
    """What a rule has to say about one spot of a template."""

    position: Position
    message: str
    remedy: str
    fix: Fix | None = None


@dataclass(frozen=True)
class Rule:
    """One rule; its last fields say what it looks at."""

    code: str
    """``R001``: R for references, T text, P physics, D dialogue, J templates, U suppressions."""
    name: str
    """What it is called in messages: ``unknown-phase``."""
    page: str | None
    """Its documentation: what, why, a failing and a passing example."""
    severity: Severity = "error"
    """``error``: training on it would be wrong; ``warning``: it would be weaker than it could."""
    drafts: bool = True
    """Whether entries with ``status: draft`` are held to it too."""
    entry: Callable[[CheckedEntry], Iterable[Finding]] | None = None
    """Looks at one entry."""
    claims: Callable[[Sequence[Claim]], Iterable[tuple[Claim, str, str]]] | None = None
    """Looks at the folder names of all categories: a claim, what is wrong with it, the remedy."""
    template: Callable[[CheckedTemplate], Iterable[TemplateFinding]] | None = None
    """Looks at one template."""
    fixes: Fixes = "none"
    """What fixes its findings can have."""
    suppressions: bool = False
    """Is about suppressions; those are judged where they are applied."""

    @cached_property
    def kind(self) -> Code:
        """The rule as a kind of finding."""
        return Code(self.code, self.name, self.summary, self.severity, self.fixes)

    @property
    def summary(self) -> str:
        """The first line of its page, as part of a sentence."""
        first = (self.page or "").strip().partition("\n")[0].rstrip(".")
        return first[:1].lower() + first[1:]

    def on_entry(self, checked: CheckedEntry) -> Iterator[Diagnostic]:
        """Its findings in an entry, with their places."""
        if self.entry is None or not (self.drafts or checked.category.status == "reviewed"):
            return
        source = checked.source
        for found in self.entry(checked):
            if any(found.path[: len(path)] == path for path in checked.mended):
                continue
            position = (
                source.within(found.path, found.words) if found.words else source.value(found.path)
            )
            yield self.kind.at(source.path, position, found.message, found.remedy, found.fix)

    def on_claims(self, claims: Sequence[Claim]) -> Iterator[Diagnostic]:
        """Its findings among the folder names of all categories."""
        for claim, message, remedy in self.claims(claims) if self.claims else ():
            yield self.kind.at(claim.path, claim.position, message, remedy)

    def on_template(self, checked: CheckedTemplate) -> Iterator[Diagnostic]:
        """Its findings in a template."""
        for found in self.template(checked) if self.template else ():
            yield self.kind.at(checked.path, found.position, found.message, found.remedy, found.fix)
