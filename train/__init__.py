"""Training: a recipe, the collator, and the SFT run. Installed as ``physprior.train``."""

from __future__ import annotations
