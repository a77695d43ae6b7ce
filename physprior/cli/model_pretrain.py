"""``physprior model pretrain``: how the pre-trained tiny base was made, to be made again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from physprior.cli.console import progress, quiet_libraries, say
from physprior.cli.options import Kb, TemplatesFolder, open_kb, open_templates

if TYPE_CHECKING:
    from physprior.pipeline.pretrain import Measured


def pretrain_command(
    out: Annotated[Path, typer.Argument(help="The new checkpoint folder.")],
    steps: Annotated[int, typer.Option("--steps", min=1, help="Steps of learning.")] = 3000,
    batch: Annotated[int, typer.Option("--batch-size", min=1, help="Videos a step.")] = 48,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seeds weights and scenes.")] = 0,
    threads: Annotated[
        int, typer.Option("--threads", min=1, help="Threads; as many give the same weights.")
    ] = 2,
    kb: Kb = None,
    templates: TemplatesFolder = None,
) -> None:
    """Pre-train a tiny Video-LLaVA on generic shapes that move, as the shipped one was.

    Scenes are drawn and painted as they are needed. Of KB and templates only the words are taken,
    for the tokenizer. Takes about half an hour; stopped, the same command goes on.
    """
    knowledge, words = open_kb(kb), open_templates(templates)
    quiet_libraries()
    import torch

    from physprior.pipeline.pretrain import Schedule, make_pretrained

    torch.set_num_threads(threads)
    schedule = Schedule(steps=steps, batch=batch, seed=seed)
    with progress("pretrain") as show:

        def learned(step: int, all_steps: int, measured: Measured) -> None:
            known = f"text {measured.text:.2f}, motion {measured.flow:.2f} of chance"
            show(step, all_steps, known)

        made = make_pretrained(out, knowledge, words, schedule, progress=learned)
    say(f"made a pre-trained tiny Video-LLaVA in {made}")
