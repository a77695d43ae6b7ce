"""``python -m physprior.train RECIPE`` is ``physprior train RECIPE``, for ``accelerate launch -m``.

Started in several processes, the first one speaks; the others say only what went wrong.
"""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stdout

from physprior.cli.main import run


def main() -> None:
    """Run ``physprior train`` with the arguments of this process."""
    sys.argv[1:1] = ["train"]
    if os.environ.get("RANK", "0") == "0":
        run()
        return
    with open(os.devnull, "w", encoding="utf-8") as nothing, redirect_stdout(nothing):
        run()


if __name__ == "__main__":
    main()
