"""Whose scores predictions are: only those of one model, asked one way, share a threshold."""

from __future__ import annotations

from collections.abc import Collection

from pydantic import BaseModel, ConfigDict

from physprior.dialogue import History
from physprior.eval.predictions import Header, Source
from physprior.video.sample import Sampling


class Identity(BaseModel):
    """Whose scores they are: scores are only comparable where all of this is the same."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    source: Source
    """A model of ours, another method's, or a baseline."""
    model: str
    """The run folder or checkpoint as it was named; of any other method, its name."""
    base_fingerprint: str | None
    """Recognises the checkpoint; None for an import."""
    run_fingerprint: str | None
    """Recognises the run; None for all but a run."""
    mode: str | None
    """The dialogue's mode."""
    history: History | None
    """What stood before the verdict."""
    sampling: Sampling | None
    """Which frames the model saw."""
    accepted_changed_prior: tuple[str, ...]
    """Categories whose prompts differ from those trained on."""

    @classmethod
    def of(cls, header: Header) -> Identity:
        """The identity of a predictions file."""
        return cls.model_validate({name: getattr(header, name) for name in cls.model_fields})

    def difference(self, other: Identity, categories: Collection[str]) -> str | None:
        """The first thing that differs, in words; None where scores are comparable.

        A model is told by its fingerprints, since a run folder may be moved; by its name only
        where it is another method or a baseline. Accepted prompts count in ``categories``.
        """
        if self._model() != other._model():
            return f"they are of {self.model}, not of {other.model}"
        for what in ("mode", "history", "sampling"):
            mine, theirs = getattr(self, what), getattr(other, what)
            if mine != theirs:
                return f"their {what} is {_words(mine)}, not {_words(theirs)}"
        changed = {*self.accepted_changed_prior} ^ {*other.accepted_changed_prior}
        if changed & {*categories}:
            return f"other prompts were asked of {', '.join(sorted(changed & {*categories}))}"
        return None

    def _model(self) -> tuple[str | None, ...]:
        name = None if self.source == "predict" else self.model
        return self.source, name, self.base_fingerprint, self.run_fingerprint


def _words(value: str | Sampling | None) -> str:
    if not isinstance(value, Sampling):
        return value or "none"
    said = value.model_dump(exclude_defaults=True, exclude={"kind", "frames"})
    extra = "".join(f", {name.replace('_', ' ')} {number}" for name, number in said.items())
    return f"{value.frames} frames, {value.kind}{extra}"
