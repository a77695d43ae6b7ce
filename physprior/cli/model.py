"""``physprior model``: checkpoints."""

from __future__ import annotations

import typer

from physprior.cli.model_base import base_command
from physprior.cli.model_estimate import estimate_command
from physprior.cli.model_merge import merge_command
from physprior.cli.model_pretrain import pretrain_command

model_app = typer.Typer(no_args_is_help=True, help="Checkpoints to start from.")
model_app.command("base", short_help="Make a small Video-LLaVA.")(base_command)
model_app.command("pretrain", short_help="Make the pre-trained base again.")(pretrain_command)
model_app.command("estimate", short_help="Say what a training takes before it is paid for.")(
    estimate_command
)
model_app.command("merge", short_help="Write a run as one whole checkpoint.")(merge_command)
