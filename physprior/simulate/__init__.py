"""The synthetic twin of Phys-AD: small physics, real video files."""

from __future__ import annotations

from physprior.simulate.generate import Summary, simulate
from physprior.simulate.plan import Options

__all__ = ["Options", "Summary", "simulate"]
