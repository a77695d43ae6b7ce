"""``physprior model merge``: a run as one plain checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from physprior.cli.console import quiet_libraries, remark, say


def merge_command(
    run: Annotated[Path, typer.Argument(help="The run folder.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The new checkpoint folder.")],
    dtype: Annotated[
        Literal["float32", "bfloat16", "float16"] | None,
        typer.Option(
            "--dtype", help="What weights are stored in.", show_default="as the base has them"
        ),
    ] = None,
) -> None:
    """Write a run as one whole checkpoint, in the hub's own format.

    Its adapter is added to the base's weights. The folder loads without physprior and without PEFT,
    and comes with a model card.
    """
    quiet_libraries()
    from physprior.train.card import merged_card
    from physprior.vlm.merge import merge_run

    report = merge_run(
        run,
        out,
        dtype=dtype,
        write_card=lambda record, how: merged_card(run, record, how),
        announce=remark,
    )
    if report.already_done:
        remark("nothing to do: this merge lies there already")
    say(report.how.replace("`", ""))
    say(f"checkpoint: {report.out}")
