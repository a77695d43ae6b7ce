"""physprior: physics priors for vision-language models that inspect how things move.

The rooms, in the order data goes through them: knowledge, dialogue, check, video, simulate,
dataset, stats, vlm, train, eval, pipeline, cli. Nothing heavy is imported here.
"""

from __future__ import annotations

__version__ = "0.1.0"
