"""``python -m physprior.train …`` is ``physprior train …``, for ``accelerate launch -m``."""

from __future__ import annotations

from physprior.cli.launched import run_launched

if __name__ == "__main__":
    run_launched("train")
