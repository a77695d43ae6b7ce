"""The paper's ablation as one study: arms that differ in how the prior is delivered."""

from __future__ import annotations
