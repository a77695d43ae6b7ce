"""``physprior eval``: predictions beside one another: others', baselines, compared, gated."""

from __future__ import annotations

import typer

from physprior.cli.eval_baselines import baselines_command
from physprior.cli.eval_compare import compare_command
from physprior.cli.eval_gate import gate_command
from physprior.cli.eval_import import import_command
from physprior.cli.eval_judge import judge_command
from physprior.cli.eval_paeval import paeval_command
from physprior.cli.eval_published import published_command
from physprior.cli.eval_sbert import sbert_command
from physprior.cli.eval_suggest import suggest_command

eval_app = typer.Typer(
    no_args_is_help=True,
    help="Explanations; other methods and baselines; comparison; a gate for CI.",
)
eval_app.command("import", short_help="Take another method's predictions in.")(import_command)
eval_app.command("baselines", short_help="Score a split without training.")(baselines_command)
eval_app.command("judge", short_help="Let a language model mark explanations.")(judge_command)
eval_app.command("paeval", short_help="Print Phys-AD's three numbers.")(paeval_command)
eval_app.command("sbert", short_help="Hold explanations against references.")(sbert_command)
eval_app.command("compare", short_help="Test runs against a reference.")(compare_command)
eval_app.command("gate", short_help="Fail CI where predictions are not good enough.")(gate_command)
eval_app.command("published", short_help="Print a paper's table.")(published_command)
eval_app.command("suggest", short_help="Say what to look at where it fails.")(suggest_command)
