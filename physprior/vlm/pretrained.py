"""The pre-trained tiny base that comes with physprior: its files, copied out."""

from __future__ import annotations

import shutil
from pathlib import Path

from physprior import files
from physprior.errors import CheckpointError, OutputError
from physprior.paths import pretrained_folder


def copy_pretrained(out: Path) -> Path:
    """Write the shipped pre-trained checkpoint into ``out``, whole or not at all; returns it.

    Its tokenizer is fixed, as that of any pre-trained model: words that it has not seen are told in
    pieces. Raises OutputError where ``out`` holds something already, CheckpointError where this
    installation has no such weights.
    """
    source = pretrained_folder()
    if not (source / "model.safetensors").is_file():
        raise CheckpointError(
            f"{source} holds no weights", remedy="install physprior again; its files are incomplete"
        )
    if out.exists() and any(out.iterdir()):
        raise OutputError(f"{out} is not empty", remedy="name a new folder, or remove it")
    files.make_folder(out)
    out = out.absolute()
    part = out.with_name(f"{out.name}.part")
    with files.writing_to(out):
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(source, part, copy_function=shutil.copyfile)
        out.rmdir()
        part.rename(out)
    return out
