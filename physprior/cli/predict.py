"""``physprior predict``: a score and an answer for every video of a split."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from physprior.cli.console import Steps, list_skipped, quiet_libraries, remark, say
from physprior.cli.launched import is_main_process
from physprior.cli.options import (
    DEFAULT_WORKERS,
    Kb,
    TemplatesFolder,
    Workers,
    open_kb,
    open_templates,
)
from physprior.cli.runs import dataset_for, newest_run, place_of_predictions
from physprior.cli.sampling import Kind, Stride, WindowSeconds, make_sampling

if TYPE_CHECKING:
    from physprior.dataset.records import SplitName
    from physprior.dialogue import Dialogue
    from physprior.eval.predict import PredictOptions, PredictReport
    from physprior.eval.predictions import Control


class AskedControl(StrEnum):
    """The controls by their names on the command line."""

    BLANK = "blank"
    FIRST_FRAME = "first-frame"
    SHUFFLED = "shuffled"
    WRONG_PRIOR = "wrong-prior"
    ALL = "all"


History = Annotated[
    Literal["given", "generated"],
    typer.Option(
        "--history",
        help="What stands before the verdict: the KB's physics, or what the model says itself.",
    ),
]
Controls = Annotated[
    list[AskedControl] | None,
    typer.Option(
        "--control",
        help="Predict once more, score only, with something taken away: the picture, the motion, "
        "the order of the frames, or the right prior. Give it several times, or 'all'.",
        show_default="none",
    ),
]
Describe = Annotated[
    bool,
    typer.Option(
        "--describe",
        help="Ask what is seen, too, in a dialogue of its own (templates/describe.j2): PAEval's "
        "description.",
    ),
]
Frames = Annotated[
    int | None, typer.Option("--frames", min=2, help="Frames of a video, for a bare checkpoint.")
]
AskedKind = Annotated[
    Kind | None, typer.Option("--sampling", help="How they are chosen, for a bare checkpoint.")
]
AcceptChangedPrior = Annotated[
    bool,
    typer.Option(
        "--accept-changed-prior",
        help="Predict although prompts differ from those trained on; recorded.",
    ),
]
Videos = Annotated[
    Path | None,
    typer.Option("--videos", help="Where the videos lie.", show_default="as the dataset says"),
]
Cache = Annotated[
    Path | None,
    typer.Option("--cache", help="Where frames are kept.", show_default="the user's cache"),
]


def predict_command(
    model: Annotated[
        str | None,
        typer.Argument(
            help="A run folder, a checkpoint folder, or a hub id.",
            show_default="the project's newest run",
        ),
    ] = None,
    dataset: Annotated[
        Path | None,
        typer.Argument(
            help="A dataset folder that 'build' has made.",
            show_default="that of the project's run",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            help="The predictions file (JSONL).",
            show_default="the project's results/RUN/SPLIT.jsonl",
        ),
    ] = None,
    split: Annotated[
        Literal["train", "val", "test"], typer.Option("--split", help="Which split to predict.")
    ] = "test",
    history: History = "given",
    control: Controls = None,
    score_only: Annotated[
        bool, typer.Option("--score-only", help="Leave the generated text out; much faster.")
    ] = False,
    describe: Describe = False,
    kb: Kb = None,
    templates: TemplatesFolder = None,
    batch_size: Annotated[
        int, typer.Option("--batch-size", min=1, help="Videos on the device at once.")
    ] = 16,
    max_new_tokens: Annotated[
        int, typer.Option("--max-new-tokens", min=1, help="Most tokens of an answer.")
    ] = 128,
    frames: Frames = None,
    sampling: AskedKind = None,
    window_seconds: WindowSeconds = None,
    stride: Stride = 1,
    accept_changed_prior: AcceptChangedPrior = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Make a video that cannot be used an error.")
    ] = False,
    videos: Videos = None,
    cache: Cache = None,
    workers: Workers = DEFAULT_WORKERS,
) -> None:
    """Predict a split: the anomaly score of every video, and what the model says of it.

    Run again, it finishes what is missing. Predictions of a control lie beside the others, as
    OUT.control-NAME.jsonl. With accelerate or torchrun, start it as 'python -m physprior.eval'.
    """
    said = frames is not None or sampling is not None or window_seconds is not None or stride != 1
    kind = sampling or "uniform"
    asked = make_sampling(frames or 8, kind, window_seconds, stride) if said else None
    if describe and score_only:
        raise typer.BadParameter("--score-only leaves all words out", param_hint="--describe")
    if (kb or templates) and not describe:
        name = "--kb" if kb else "--templates"
        raise typer.BadParameter(
            "it is for --describe alone: a dataset holds its prompts", param_hint=name
        )
    model = model or str(newest_run("MODEL"))
    dataset = dataset or dataset_for(model)
    out = out or place_of_predictions(model, split)
    quiet_libraries()
    from physprior.eval.predict import PredictOptions

    options = PredictOptions(
        split=split,
        history=history,
        score_only=score_only,
        describe=_questions(dataset, split, kb, templates) if describe else None,
        batch_size=batch_size,
        max_new_tokens=max_new_tokens,
        sampling=asked,
        accept_changed_prior=accept_changed_prior,
        strict=strict,
        videos=videos,
        cache=cache,
        workers=workers,
    )
    _predict_all(model, dataset, out, options, control or [])


def _questions(
    dataset: Path, split: SplitName, kb: Path | None, templates: Path | None
) -> dict[str, Dialogue]:
    """The question for a description, by category of the split."""
    from physprior.dataset.folder import Dataset

    knowledge, words = open_kb(kb), open_templates(templates)
    names = sorted({record.category for record in Dataset.open(dataset).records(split)})
    return {name: words.describe(knowledge.category(name)) for name in names}


def _predict_all(
    source: str,
    dataset: Path,
    out: Path,
    options: PredictOptions,
    asked: list[AskedControl],
) -> None:
    from physprior.eval.predict import (
        CONTROLS,
        control_path,
        possible_controls,
        predict,
        refuse_controls,
    )
    from physprior.vlm.load import load_model

    wanted = [name for name in CONTROLS if name.replace("_", "-") in asked]
    if AskedControl.ALL in asked:
        wanted, reasons = possible_controls(dataset, options)
        for name, reason in reasons.items():
            remark(f"the control {name.replace('_', '-')} is left out: {reason}")
    refuse_controls(dataset, wanted, options)
    model = load_model(source)
    for control in (None, *wanted):
        with Steps() as steps:
            report = predict(
                source,
                dataset,
                control_path(out, control),
                options.under(control),
                model=model,
                progress=steps if is_main_process() else _say_nothing,
            )
        _tell(report, control)


def _say_nothing(what: str, done: int, total: int) -> None:
    """Only the first of several processes shows how far it is."""


def _tell(report: PredictReport, control: Control | None) -> None:
    if control is None and is_main_process():
        list_skipped(report.skipped, lambda skip: f"{skip.video}: {skip.reason}")
    if report.rebuilt and is_main_process():
        remark(f"made {report.rebuilt} damaged files of the frame cache again")
    already = f" ({report.found} were there already)" if report.found else ""
    under = f" under the control {control.replace('_', '-')}" if control else ""
    say(f"predicted {report.made} videos{under}{already}: {report.path}")
