"""The rules of the check, one a file; a file that is put here is found."""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache

from physprior.check.rule import Rule


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """Every rule, by its code. Raises ValueError where two have one code or name."""
    found: list[Rule] = []
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        found.append(importlib.import_module(module.name).RULE)
    for key in ("code", "name"):
        if len({getattr(rule, key) for rule in found}) < len(found):
            raise ValueError(f"two rules in {__name__} have one {key}")
    return tuple(sorted(found, key=lambda rule: rule.code))
