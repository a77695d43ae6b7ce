"""The ``physprior`` command: registers every command and turns errors into words."""

from __future__ import annotations

import io
import os
import sys
import tempfile
import traceback
from pathlib import Path
from types import TracebackType
from typing import Annotated

import typer

from physprior import __version__
from physprior.cli.build import build_command
from physprior.cli.check import check_command
from physprior.cli.console import Stopped
from physprior.cli.data_cache import cache_command
from physprior.cli.data_doctor import doctor_command
from physprior.cli.data_explain import explain_command
from physprior.cli.data_export import export_command
from physprior.cli.data_index import index_command
from physprior.cli.data_references import references_command
from physprior.cli.data_split import split_command
from physprior.cli.data_status import status_command
from physprior.cli.data_tokens import tokens_command
from physprior.cli.demo import demo_command
from physprior.cli.diagnose import diagnose_command
from physprior.cli.eval import eval_app
from physprior.cli.in_project import begin_command
from physprior.cli.init import init_command
from physprior.cli.kb import kb_app
from physprior.cli.model import model_app
from physprior.cli.new import new_command
from physprior.cli.predict import predict_command
from physprior.cli.report import report_command
from physprior.cli.retrain import retrain_command
from physprior.cli.score import score_command
from physprior.cli.show import show_command
from physprior.cli.simulate import simulate_command
from physprior.cli.study import study_app
from physprior.cli.train import train_command
from physprior.errors import PhyspriorError

_INTERRUPTED = 130

app = typer.Typer(
    name="physprior",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Teach a vision-language model how a machine should move, then ask it what failed.",
)
data_app = typer.Typer(no_args_is_help=True, help="Videos and datasets.")
data_app.command("simulate", short_help="Make videos of machines.")(simulate_command)
data_app.command("index", short_help="Look at videos once, and write it down.")(index_command)
data_app.command("doctor", short_help="Look at videos and machine before the work.")(doctor_command)
data_app.command("export", short_help="Write a dataset in another project's format.")(
    export_command
)
data_app.command("explain", short_help="Show where each sentence of a record comes from.")(
    explain_command
)
data_app.command("split", short_help="Say which videos train, validate and test.")(split_command)
data_app.command("tokens", short_help="Count the tokens of dialogues for a model.")(tokens_command)
data_app.command("cache", short_help="Decode videos once, before they are needed.")(cache_command)
data_app.command("status", short_help="Say what a dataset is behind of.")(status_command)
data_app.command("references", short_help="Read a label file into references.")(references_command)

app.command("init", short_help="Start a project of your own.")(init_command)
app.command("new", short_help="Write a commented KB entry to fill in.")(new_command)
app.command("check", short_help="Check KB entries.")(check_command)
app.command("show", short_help="Print one dialogue as the model will see it.")(show_command)
app.command("build", short_help="Build a dataset from videos.")(build_command)
app.command("train", short_help="Fine-tune a Video-LLaVA as a recipe says.")(train_command)
app.command("retrain", short_help="Train a run on what has changed in the KB.")(retrain_command)
app.command("predict", short_help="Predict a split: scores and answers.")(predict_command)
app.command("score", short_help="Score predictions.")(score_command)
app.command("report", short_help="Make the page: how good, where it fails, what to edit.")(
    report_command
)
app.command("diagnose", short_help="Diagnose videos that nobody has labelled.")(diagnose_command)
app.command("demo", short_help="Run the whole way on simulated videos.")(demo_command)
app.add_typer(kb_app, name="kb")
app.add_typer(data_app, name="data")
app.add_typer(model_app, name="model")
app.add_typer(eval_app, name="eval")
app.add_typer(study_app, name="study")


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"physprior {__version__}\n")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[  # noqa: ARG001 - its own callback prints it and leaves
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Teach a vision-language model how a machine should move, then ask it what failed."""
    begin_command()


def run() -> None:
    """Entry point: exit 0 fine, 1 findings, 2 misuse or a broken setup; no traceback."""
    _open_closed_streams()
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        # The name of a file may be no text, and a locale may lack its letters.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        _run_app()
    except PhyspriorError as error:
        _fail(f"error: {error}")
    except BrokenPipeError:
        # The reader of our output has left (physprior … | head): nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except OSError as error:
        _fail(f"error: {_refusal(error)}")


def _open_closed_streams() -> None:
    """Where nobody listens (physprior … >&-), what is said goes nowhere; it is no fault."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115


def _run_app() -> None:
    try:
        app(prog_name="physprior")
    except SystemExit as leaving:
        # Typer turns Ctrl-C and a reader that has left into silent exits.
        if leaving.code == _INTERRUPTED and not isinstance(leaving, Stopped):
            sys.stderr.write("\nstopped; the same command goes on where it stopped\n")
        if isinstance(leaving.__context__, BrokenPipeError):
            raise leaving.__context__ from None
        sys.stdout.flush()
        raise
    finally:
        # Typer puts a hook of its own, which prints tracebacks, in the place of any other.
        sys.excepthook = _explain_fault


def _refusal(error: OSError) -> str:
    """What the system refused; it has no name for a current folder that somebody removed."""
    if error.filename is None and isinstance(error, FileNotFoundError):
        return "the current folder is not there any more\n  remedy: cd to one that is there"
    return f"{error.filename or 'the system'}: {error.strerror or error}"


def _fail(message: str) -> None:
    sys.stderr.write(message + "\n")
    raise SystemExit(2)


def _explain_fault(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """A fault of our own: say so, and keep the traceback in a file for the report of it."""
    handle, name = tempfile.mkstemp(prefix="physprior-fault-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        words = _without_key(sys.argv[1:])
        stream.write(f"physprior {__version__}, {Path(sys.argv[0]).name} {words}\n")
        traceback.print_exception(kind, error, trace, file=stream)
    said = (str(error).strip().splitlines() or [""])[0]
    sys.stderr.write(
        f"error: physprior met a fault of its own ({kind.__name__}: {said})\n"
        f"  remedy: report it, with {name}\n"
    )
    raise SystemExit(2)


def _without_key(words: list[str]) -> list[str]:
    """A command line without its key: what is kept of a fault is sent to others."""
    return [
        "--key=[key]" if word.startswith("--key=") else "[key]" if before == "--key" else word
        for before, word in zip(["", *words], words, strict=False)
    ]


if __name__ == "__main__":
    run()
