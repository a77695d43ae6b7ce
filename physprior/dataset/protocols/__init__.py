"""The split protocols by name, one file each."""

from __future__ import annotations

from physprior.dataset.protocols.folds import Folds
from physprior.dataset.protocols.official import Official
from physprior.dataset.protocols.protocol import (
    DEFAULT_FRACTIONS,
    Fractions,
    Protocol,
    check_fractions,
    splits_with_a_part,
)
from physprior.dataset.protocols.supervised import Supervised
from physprior.dataset.protocols.weak import Weak

PROTOCOLS: dict[str, type[Protocol]] = {
    protocol.name: protocol for protocol in (Official, Supervised, Weak, Folds)
}
"""The protocols by name; a new one is a file here."""

__all__ = [
    "DEFAULT_FRACTIONS",
    "PROTOCOLS",
    "Fractions",
    "Protocol",
    "check_fractions",
    "splits_with_a_part",
]
