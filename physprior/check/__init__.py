"""The checker: reads KB files as a compiler does and says what is wrong, where, and the remedy."""

from __future__ import annotations

from physprior.check.diagnostic import Diagnostic
from physprior.check.refuse import refuse_errors, refuse_unfinished
from physprior.check.run import Result, check_paths

__all__ = ["Diagnostic", "Result", "check_paths", "refuse_errors", "refuse_unfinished"]
