"""``physprior model``: checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from physprior.cli.completion import categories
from physprior.cli.console import quiet_libraries, say
from physprior.cli.in_project import AS_SAID
from physprior.cli.model_estimate import estimate_command
from physprior.cli.model_merge import merge_command
from physprior.cli.options import Kb, TemplatesFolder, open_kb, open_templates
from physprior.cli.recipes import base_to_make

model_app = typer.Typer(no_args_is_help=True, help="Checkpoints to start from.")
model_app.command("estimate", short_help="Say what a training takes before it is paid for.")(
    estimate_command
)
model_app.command("merge", short_help="Write a run as one whole checkpoint.")(merge_command)


@model_app.command("base")
def base_command(
    size: Annotated[str, typer.Argument(help="Which base to make; 'tiny' is the one there is.")],
    out: Annotated[
        Path | None, typer.Argument(help="The new checkpoint folder.", show_default=AS_SAID)
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option(
            "--category",
            help="A category whose words the tokenizer learns; repeatable.",
            show_default="all of the KB",
            autocompletion=categories,
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seeds the random weights.")] = 0,
    kb: Kb = None,
    templates: TemplatesFolder = None,
) -> None:
    """Make a small random Video-LLaVA with its tokenizer, in the hub's own format.

    The fewer categories it is made for, the fewer tokens their dialogues take, and the faster it
    learns. It knows nothing; it is there to try the whole way on a CPU. For real work, use the
    hub's LanguageBind/Video-LLaVA-7B-hf as the recipe's base.
    """
    if size != "tiny":
        raise typer.BadParameter(f"there is no base '{size}'; use tiny", param_hint="SIZE")
    place, knowledge, words = out or base_to_make(), open_kb(kb), open_templates(templates)
    if category:
        knowledge = knowledge.only(category)
    quiet_libraries()
    from physprior.vlm.tiny import make_tiny

    made = make_tiny(place, knowledge, words, seed=seed)
    say(f"made a tiny Video-LLaVA in {made}")
