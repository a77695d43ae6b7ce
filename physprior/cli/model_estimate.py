"""``physprior model estimate``: tokens, memory and time of a training before one pays for them."""

from __future__ import annotations

import dataclasses
import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from physprior.cli.completion import recipes
from physprior.cli.console import quiet_libraries, say, table
from physprior.cli.in_project import AS_SAID, need_project
from physprior.cli.options import Dataset, the_dataset
from physprior.cli.recipes import read_recipe_here

if TYPE_CHECKING:
    from physprior.train.estimate import Estimate

_GIB, _MIB = 2**30, 2**20
_TERA = 10**12


class Format(StrEnum):
    """How the estimate is printed."""

    TEXT = "text"
    JSON = "json"


def estimate_command(
    recipe: Annotated[
        str | None,
        typer.Argument(
            help="A recipe file, or the name of a shipped recipe.",
            show_default=AS_SAID,
            autocompletion=recipes,
        ),
    ] = None,
    dataset: Dataset = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Set a field of the recipe; repeatable."),
    ] = None,
    device_memory: Annotated[
        float | None,
        typer.Option(
            "--device-memory",
            metavar="GIB",
            min=0.001,
            help="Memory of the card to judge by, in GiB.",
            show_default="that of the device here",
        ),
    ] = None,
    tflops: Annotated[
        float | None,
        typer.Option(
            "--tflops",
            min=0.000001,
            help="The card's matrix rate in training's dtype, in TFLOP/s, as it really is.",
            show_default="measured here, where training would run here",
        ),
    ] = None,
    form: Annotated[
        Format, typer.Option("--format", help="text: tables; json: all figures.")
    ] = Format.TEXT,
) -> None:
    """Estimate the tokens, memory and time of a training; no weights are needed.

    Exits with 1 where the device cannot hold it, and names the shipped recipe that fits.
    """
    if recipe is None:
        need_project("RECIPE")
    asked = [f"dataset={json.dumps(str(the_dataset(dataset)))}", "out=run", *(overrides or [])]
    read = read_recipe_here(recipe, asked)
    quiet_libraries()
    from physprior.train.estimate import estimate
    from physprior.train.estimate.measured import results_folder

    found = estimate(
        read,
        device_bytes=None if device_memory is None else int(device_memory * _GIB),
        rate=None if tflops is None else tflops * _TERA,
        results=results_folder(),
    )
    if form is Format.JSON:
        say(json.dumps(_as_json(found), indent=2, ensure_ascii=False))
    else:
        print_estimate(found)
    if found.fits is False:
        raise typer.Exit(1)


def print_estimate(found: Estimate) -> None:
    """Print an estimate: tokens, memory, whether it fits, time, and earlier estimates' errors."""
    base, recipe = found.base, found.recipe
    own = "" if base.at_hand else "; its config is not at hand: the 7B's public shape is used"
    say(f"{base.name}: {base.total:,} parameters{own}")
    say(f"tune: {recipe.tune}, batches of {recipe.batch_size} × {recipe.gradient_accumulation}\n")
    _print_tokens(found)
    _print_memory(found)
    _print_fit(found)
    _print_time(found)
    _print_measured(found)


def _print_tokens(found: Estimate) -> None:
    tokens = found.tokens
    rows = [
        ("dialogues", f"{tokens.dialogues:,}"),
        ("tokens of a dialogue, on average", f"{tokens.mean:,.0f}"),
        ("of them, its video's", f"{tokens.video:,}"),
        ("tokens of a step, on average", f"{tokens.per_step:,.0f}"),
        ("tokens of an epoch", f"{tokens.epoch:,}"),
        (f"tokens of {found.recipe.epochs:g} epochs", f"{tokens.epoch * found.recipe.epochs:,.0f}"),
        ("taught", f"{tokens.supervised_share:.1%}"),
        *((f"  {kind}", f"{n / tokens.supervised:.1%} of it") for kind, n in tokens.parts.items()),
        ("steps", f"{tokens.steps:,}"),
    ]
    table(("tokens", ""), rows)
    say(
        f"longest: {tokens.longest_record}: {tokens.longest:,} of the {tokens.context:,} that the "
        "model holds"
    )
    if tokens.longest > tokens.context:
        say("  it does not fit: train with fewer frames, or shorten the KB entry's statements")
    if tokens.assumed:
        from physprior.train.estimate.tokens import CHARACTERS

        say(f"assumed: a token for {CHARACTERS:g} characters; {tokens.assumed}")
    say()


def _print_memory(found: Estimate) -> None:
    memory = found.memory
    where = "on a GPU, in bfloat16" if memory.on_card else "on the CPU, in float32"
    rows = [
        (f"{component.name} (assumed)" if component.assumed else component.name, component.bytes)
        for component in memory.components
    ]
    shown = [(name, size(count)) for name, count in [*rows, ("all", memory.peak)]]
    table((f"memory {where}", ""), shown, last_apart=True)
    for note in memory.notes:
        say(note)
    say()
    phases = sorted(memory.phases.items(), key=lambda phase: -phase[1])
    table(("the fullest moment of", "tensors"), [(name, size(count)) for name, count in phases])
    say()


def _print_fit(found: Estimate) -> None:
    from physprior.train.estimate.fit import remedy

    device = "GPU" if found.memory.on_card else "computer"
    if found.device_bytes is None:
        say("there is no GPU here to judge by; --device-memory GIB says whether one would do")
    elif found.fits:
        spare = size(found.device_bytes - found.memory.peak)
        say(f"fits: the {device} has {size(found.device_bytes)}, and {spare} to spare")
    else:
        say(f"does not fit: the {device} has {size(found.device_bytes)}")
        say(f"  remedy: {remedy(found.other, device)}")
    say()


def _print_time(found: Estimate) -> None:
    work = found.work
    whole = sum(work.step.values())
    rows = [(name, operations(count)) for name, count in work.step.items()]
    table(("operations of a step", ""), [*rows, ("all", operations(whole))], last_apart=True)
    validation = f", {operations(work.validation)} of them for validation" * bool(work.validation)
    say(f"all steps: {operations(work.total)}{validation}")
    taken = found.duration
    if taken is None:
        say("time: give the GPU's matrix rate with --tflops; it cannot be measured here")
        return
    low, high = taken.shares
    why = f"measured: {taken.shares_from}" if taken.shares_from else "assumed"
    fast, slow = (span(seconds) for seconds in taken.seconds)
    say(f"time: {fast} to {slow}" if fast != slow else f"time: {fast}")
    rate = f"{taken.rate / _TERA:.3g} TFLOP/s ({taken.rate_from})"
    say(f"  at {low:.0%} to {high:.0%} ({why}) of the matrix rate, {rate}")


def _print_measured(found: Estimate) -> None:
    say()
    if not found.measured:
        say("no run of this kind has been measured yet: the estimate's error is not known")
        return
    rows = [
        (
            run.source,
            str(run.batch),
            size(run.peak),
            size(run.estimated),
            f"{run.error:+.1%}",
            f"{run.tokens_per_second:,.0f}",
        )
        for run in found.measured
    ]
    table(("measured", "batch", "tensors", "estimated", "error", "tokens/s"), rows)


def size(count: int) -> str:
    """Bytes for a person: GiB, or MiB and KiB for what is small."""
    if count >= _GIB / 10:
        return f"{count / _GIB:.2f} GiB"
    return f"{count / _MIB:.2f} MiB" if count >= _MIB / 10 else f"{count / 2**10:.1f} KiB"


def operations(count: float) -> str:
    """Floating-point operations for a person."""
    for unit, one in (("EFLOP", 1e18), ("PFLOP", 1e15), ("TFLOP", 1e12)):
        if count >= one:
            return f"{count / one:.2f} {unit}"
    return f"{count / 1e9:.2f} GFLOP"


def span(seconds: float) -> str:
    """Seconds for a person."""
    for unit, one in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * one:
            return f"{seconds / one:.1f} {unit}"
    return f"{seconds:.0f} s"


def _as_json(found: Estimate) -> dict[str, Any]:
    memory, tokens = found.memory, found.tokens
    return {
        "recipe": found.recipe.model_dump(mode="json"),
        "base": {
            "name": found.base.name,
            "at_hand": found.base.at_hand,
            "parameters": found.base.parameters,
        },
        "tokens": dataclasses.asdict(tokens),
        "memory": {"peak": memory.peak, "fullest": memory.fullest, **dataclasses.asdict(memory)},
        "device_bytes": found.device_bytes,
        "fits": found.fits,
        "fitting_recipe": None if found.other is None else _fitting_json(found),
        "work": {"total": found.work.total, **dataclasses.asdict(found.work)},
        "time": None if found.duration is None else dataclasses.asdict(found.duration),
        "measured": [{**dataclasses.asdict(run), "error": run.error} for run in found.measured],
    }


def _fitting_json(found: Estimate) -> dict[str, Any]:
    assert found.other is not None
    other = found.other
    return {"name": other.name, "peak": other.memory.peak, "changes": other.changes}
