"""``python -m physprior`` is the ``physprior`` command."""

from __future__ import annotations

from physprior.cli.main import run

if __name__ == "__main__":
    run()
