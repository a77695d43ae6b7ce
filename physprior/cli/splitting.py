"""The options that say how videos are split, for the commands that split them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from physprior.dataset.split import SplitOptions

ProtocolName = Annotated[
    str, typer.Option("--protocol", help="How to split: official, supervised, weak or folds.")
]
Seed = Annotated[
    int, typer.Option("--seed", help="Seed of the split and of the choice of explanations.")
]
Parts = Annotated[
    str, typer.Option("--fractions", help="Parts of train, val and test; they sum to 1.")
]
K = Annotated[
    int | None,
    typer.Option("--k", help="For weak: anomalous videos of each class that train; 4 if not said."),
]
Folds = Annotated[
    int | None, typer.Option("--folds", help="For folds: into how many parts; 5 if not said.")
]
Fold = Annotated[
    int | None,
    typer.Option("--fold", help="For folds: which of them tests, from 1; the first if not said."),
]
SplitFile = Annotated[
    Path | None,
    typer.Option("--split-file", help="A published split to use; it needs no other option."),
]
AllowMissing = Annotated[
    bool,
    typer.Option("--allow-missing", help="Leave out what is not both in the split file and here."),
]
AllowLeak = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-leak",
        metavar="PATH=REASON",
        help="Let this video stand in two splits; the reason goes on record; repeatable.",
        show_default="none",
    ),
]


def split_options(context: typer.Context, options: dict[str, Any]) -> SplitOptions:
    """What was said about the split. A published one refuses what is said against it.

    Raises DatasetError for options that do not fit together, BadParameter for odd fractions.
    """
    from physprior.dataset.split import SplitOptions

    said = {name: value for name, value in options.items() if _was_said(context, name)}
    if "fractions" in said:
        said["fractions"] = _parse_fractions(said["fractions"])
    return SplitOptions(**said)


def _was_said(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def _parse_fractions(text: str) -> tuple[float, float, float]:
    try:
        train, val, test = (float(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter(
            f"'{text}' is not three numbers such as 0.7,0.1,0.2", param_hint="--fractions"
        ) from None
    return train, val, test
