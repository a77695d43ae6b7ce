"""The options that say which frames of a video are seen, for the commands that need to know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from physprior.video.sample import Sampling

Kind = Literal["uniform", "window", "burst"]
WindowSeconds = Annotated[
    float | None,
    typer.Option("--window-seconds", help="Length of the window, with --sampling window."),
]
Stride = Annotated[
    int, typer.Option("--stride", min=1, help="Frames from one to the next, with --sampling burst.")
]


def make_sampling(frames: int, kind: Kind, window_seconds: float | None, stride: int) -> Sampling:
    """The sampling that was asked for. Raises BadParameter for options that do not fit together."""
    from pydantic import ValidationError

    from physprior.video.sample import Sampling

    try:
        return Sampling(kind=kind, frames=frames, window_seconds=window_seconds, stride=stride)
    except ValidationError as error:
        said = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise typer.BadParameter(said, param_hint="--sampling") from error
