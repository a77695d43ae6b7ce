"""``physprior model base``: a checkpoint to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from physprior.cli.completion import categories
from physprior.cli.console import quiet_libraries, say
from physprior.cli.in_project import AS_SAID
from physprior.cli.options import Kb, TemplatesFolder, open_kb, open_templates
from physprior.cli.recipes import base_to_make


def base_command(
    size: Annotated[str, typer.Argument(help="Which base to make; 'tiny' is the one there is.")],
    out: Annotated[
        Path | None, typer.Argument(help="The new checkpoint folder.", show_default=AS_SAID)
    ] = None,
    pretrained: Annotated[
        bool,
        typer.Option(
            "--pretrained",
            help="Not random: the one that comes with physprior and has learned to see motion.",
        ),
    ] = False,
    category: Annotated[
        list[str] | None,
        typer.Option(
            "--category",
            help="A category whose words the tokenizer of a random one learns; repeatable.",
            show_default="all of the KB",
            autocompletion=categories,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", min=0, help="Seeds the random weights.", show_default="0"),
    ] = None,
    kb: Kb = None,
    templates: TemplatesFolder = None,
) -> None:
    """Make a small Video-LLaVA with its tokenizer, in the hub's own format.

    A random one knows nothing; the fewer categories it is made for, the fewer tokens their
    dialogues take. The pre-trained one has seen generic shapes move and stop, and no machine: its
    tokenizer is fixed, and it learns faster and better. Both are there to try the whole way on a
    CPU. For real work, use the hub's LanguageBind/Video-LLaVA-7B-hf as the recipe's base.
    """
    if size != "tiny":
        raise typer.BadParameter(f"there is no base '{size}'; use tiny", param_hint="SIZE")
    if pretrained:
        own = {"--category": category, "--seed": seed, "--kb": kb, "--templates": templates}
        if said := [name for name, value in own.items() if value is not None]:
            raise typer.BadParameter(
                f"--pretrained copies weights and tokenizer as they are; leave {said[0]} out",
                param_hint="--pretrained",
            )
        quiet_libraries()
        from physprior.vlm.pretrained import copy_pretrained

        place = out or base_to_make()
        copy_pretrained(place)
        say(f"copied the pre-trained tiny Video-LLaVA to {place}")
        return
    place, knowledge, words = out or base_to_make(), open_kb(kb), open_templates(templates)
    if category:
        knowledge = knowledge.only(category)
    quiet_libraries()
    from physprior.vlm.tiny import make_tiny

    make_tiny(place, knowledge, words, seed=seed or 0)
    say(f"made a tiny Video-LLaVA in {place}")
