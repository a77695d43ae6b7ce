"""What a training takes before one pays for it: tokens, memory and time, and whether it fits.

Nothing of a base but its config is needed. What is arithmetic, what was measured, and what is
assumed are kept apart.
"""

from __future__ import annotations

from physprior.train.estimate.estimate import Estimate, estimate
from physprior.train.estimate.fit import refuse_small_device

__all__ = ["Estimate", "estimate", "refuse_small_device"]
