"""Merging a run into one plain checkpoint folder, in the hub's own format.

The run's adapter is added to its base's weights, on the CPU and in the dtype that is asked for; a
run that tuned the layers themselves is whole already, and is written in the same form.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import torch
from safetensors import SafetensorError

from physprior import files, fingerprint, provenance
from physprior.errors import CheckpointError, OutputError
from physprior.vlm.adapter import attach_adapter
from physprior.vlm.at_hand import find_base
from physprior.vlm.chat import CHAT_TEMPLATE
from physprior.vlm.checkpoint import Checkpoint, load_checkpoint, load_tokenizing
from physprior.vlm.load import read_finished, refuse_other_base
from physprior.vlm.merged import DtypeName, MergeRecord, read_merge, write_merge
from physprior.vlm.run_folder import ADAPTER, MODEL, RunRecord, is_run

SHARD = "5GB"
"""The most that one file of weights holds, as the hub has it."""
_CARRIED = ("processor_config.json", "video_preprocessor_config.json")
"""What transformers' own processor of videos reads, taken over from the base where it has it."""
_BESIDE_WEIGHTS = 64 << 20
"""Bytes that tokenizer, card and configuration may take."""


@dataclass(frozen=True)
class MergeReport:
    """What a merge did."""

    out: Path
    """The checkpoint folder."""
    already_done: bool
    """The same merge lay there already; nothing was done."""
    size: int
    """Bytes of its weights."""
    how: str
    """How it was merged, in a sentence for its card."""


def merge_run(
    source: Path,
    out: Path,
    *,
    dtype: DtypeName | None = None,
    write_card: Callable[[RunRecord, str], str],
    shard: str = SHARD,
    announce: Callable[[str], None] = lambda line: None,
) -> MergeReport:
    """Write a finished run as a whole checkpoint into ``out``, all of it or nothing.

    ``dtype``: that of the stored base (of the run's own model with ``tune: layers``) if None.
    ``write_card`` makes the card out of the run's record and how it was merged; ``announce`` is
    told what is being done. Raises CheckpointError where the run or its base are not what they
    should be, OutputError where ``out`` holds something else or the disk is too small.
    """
    run = _open_run(source)
    weights = source / (MODEL if run.tune == "layers" else ADAPTER)
    origin = str(weights) if run.tune == "layers" else run.base
    config, _, _ = load_tokenizing(origin)
    chosen = dtype or _stored_dtype(config, origin)
    record = MergeRecord(
        run_folder=str(source.resolve()),
        run=run,
        weights=_hash(weights),
        dtype=chosen,
        provenance=provenance.describe(),
    )
    size = _size(config, chosen)
    how = _how(run, chosen)
    if _is_same(out, record):
        return MergeReport(out, True, size, how)
    _refuse_place(out, size)
    announce(f"writing {size / 1e9:.2f} GB of {chosen} weights to {out}")
    merged = _load(run, source, chosen)
    _write(merged, record, write_card(run, how), out, shard)
    return MergeReport(out, False, size, how)


def _open_run(source: Path) -> RunRecord:
    if is_run(source):
        return read_finished(source)
    if (source / "adapter_config.json").is_file():
        raise CheckpointError(
            f"{source} is an adapter without its run",
            remedy="name the run folder that it lies in: its run.json tells the base",
        )
    if (source / "config.json").is_file():
        raise CheckpointError(
            f"{source} is a whole checkpoint: there is nothing to merge", remedy="use it as it is"
        )
    raise CheckpointError(
        f"{source} is no run folder: it has no run.json",
        remedy="name a folder that 'physprior train' has made",
    )


def _stored_dtype(config: Any, origin: str) -> DtypeName:
    stored = getattr(config, "dtype", None)
    known: tuple[DtypeName, ...] = get_args(DtypeName)
    for name in known:
        if stored == getattr(torch, name):
            return name
    raise CheckpointError(
        f"{origin} does not say in what dtype its weights are stored",
        remedy="say what the merged ones should have: --dtype bfloat16, float16 or float32",
    )


def _hash(weights: Path) -> str:
    shards = sorted(weights.glob("*.safetensors"))
    if not shards:
        raise CheckpointError(f"{weights} holds no weights", remedy="train again")
    return fingerprint.of_json([fingerprint.of_file(path) for path in shards])


def _size(config: Any, dtype: DtypeName) -> int:
    from transformers import VideoLlavaForConditionalGeneration

    with torch.device("meta"):
        model = VideoLlavaForConditionalGeneration(config)
    numbers = sum(parameter.numel() for parameter in model.parameters())
    return numbers * getattr(torch, dtype).itemsize


def _how(run: RunRecord, dtype: DtypeName) -> str:
    if run.tune == "layers":
        return (
            f"The run tuned the language layers themselves, so its model was whole already; this is"
            f" that model, in {dtype}."
        )
    base = Path(run.base).name if Path(run.base).exists() else run.base
    said = f"The run's adapter (LoRA) was added to the weights of the base, `{base}`, in {dtype}."
    if run.tune == "qlora":
        said += (
            " The adapter was trained over language layers in 4 bits and is merged into the"
            " unquantised ones: scores are those that `physprior predict` gives for the run, and"
            " not quite those that the trainer saw."
        )
    return said


def _is_same(out: Path, record: MergeRecord) -> bool:
    try:
        there = read_merge(out)
    except CheckpointError:
        return False
    if there is None or find_base(str(out)).problems:
        return False
    # What decides the weights: other versions of the libraries need not make them again.
    return all(
        getattr(there, name) == getattr(record, name) for name in ("weights", "dtype", "run")
    )


def _refuse_place(out: Path, size: int) -> None:
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise OutputError(f"{out} is not empty", remedy="name a new folder, or remove it")
    place = out.resolve()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < size + _BESIDE_WEIGHTS:
        raise OutputError(
            f"{out} needs {size / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free",
            remedy="make room, or name a folder on another disk",
        )


def _load(run: RunRecord, source: Path, dtype: DtypeName) -> Checkpoint:
    cpu, stored = torch.device("cpu"), getattr(torch, dtype)
    if run.tune == "layers":
        merged = load_checkpoint(source / MODEL, device=cpu, dtype=stored)
    else:
        merged = load_checkpoint(run.base, device=cpu, dtype=stored)
        refuse_other_base(merged, run, source)
        merged.model = attach_adapter(merged.model, source / ADAPTER).merge_and_unload()
    for name, parameter in merged.model.named_parameters():
        if not torch.isfinite(parameter).all():
            raise CheckpointError(
                f"{name} of {source} is not all numbers in {dtype}",
                remedy="try --dtype bfloat16 or float32, whose range is wider, or train again",
            )
    return merged


def _write(merged: Checkpoint, record: MergeRecord, card: str, out: Path, shard: str) -> None:
    out = out.resolve()
    # Written beside it and renamed: a checkpoint is whole, or is not there.
    part = out.with_name(f"{out.name}.part")
    with _writing_weights(out):
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        # The base's own template is not the form in which these weights were trained.
        merged.tokenizer.chat_template = CHAT_TEMPLATE
        merged.tokenizer.save_pretrained(part)
        merged.image_processor.save_pretrained(part)
        _carry_over(record.run.base, part)
        merged.model.save_pretrained(part, max_shard_size=shard)
        for weights in part.glob("*.safetensors"):
            # safetensors lets nobody but its writer read them, which a shared disk is not for.
            shutil.copymode(part / "config.json", weights)
        files.write_text(part / "README.md", card)
        write_merge(part, record)
        if out.exists():
            out.rmdir()
        part.rename(out)


def _carry_over(base: str, part: Path) -> None:
    folder = find_base(base).folder
    for name in _CARRIED:
        if folder is not None and (folder / name).is_file():
            shutil.copyfile(folder / name, part / name)


@contextlib.contextmanager
def _writing_weights(out: Path) -> Iterator[None]:
    # safetensors has an error of its own for a full disk.
    try:
        with files.writing_to(out):
            yield
    except SafetensorError as error:
        raise OutputError(
            f"the weights cannot be written to {out}: {str(error).splitlines()[0]}",
            remedy="make room, and give the same command again",
        ) from error
