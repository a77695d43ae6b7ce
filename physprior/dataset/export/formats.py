"""The formats by name; a new one is a file beside this one and a line here."""

from __future__ import annotations

from physprior.dataset.export import llava, parquet, sharegpt, trl
from physprior.dataset.export.form import Format
from physprior.errors import DatasetError

FORMATS: dict[str, Format] = {
    "trl": trl.FORMAT,
    "sharegpt": sharegpt.FORMAT,
    "llava": llava.FORMAT,
    "parquet": parquet.FORMAT,
}


def find_format(name: str) -> Format:
    """The format of this name. Raises DatasetError, with the names there are."""
    if name not in FORMATS:
        raise DatasetError(
            f"there is no export format '{name}'", remedy=f"use one of: {', '.join(FORMATS)}"
        )
    return FORMATS[name]
