"""The synthetic twin of Phys-AD: small physics, real video files."""

from __future__ import annotations

from physprior.simulate.generate import Options, Summary, simulate

__all__ = ["Options", "Summary", "simulate"]
