"""What a merged checkpoint says of the run that it came from: physprior.json in its folder.

By it, prediction knows a merged checkpoint's frames and prompts as it knows those of a run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from physprior import files
from physprior.errors import CheckpointError
from physprior.vlm.checkpoint import read_json
from physprior.vlm.run_folder import RunRecord

MERGE_FILE = "physprior.json"
DtypeName = Literal["float32", "bfloat16", "float16"]


class MergeRecord(BaseModel):
    """What made a merged checkpoint."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    """Version of this record's form."""
    run_folder: str
    """Where the run lay."""
    run: RunRecord
    """The run's own record."""
    weights: str
    """Hash of the run's weights: of its adapter, or of its whole model."""
    dtype: DtypeName
    """What the merged weights are stored in."""
    provenance: dict[str, Any]
    """Versions and commit that merged."""


def read_merge(folder: Path) -> MergeRecord | None:
    """The record of a merged checkpoint; None where the folder holds none.

    Raises CheckpointError where it cannot be understood.
    """
    path = folder / MERGE_FILE
    if not path.is_file():
        return None
    try:
        return MergeRecord.model_validate(read_json(path))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise CheckpointError(
            f"{path} is not the record of a merge of this version: $.{where}: {first['msg']}",
            remedy="merge the run again with this version of physprior",
        ) from error


def write_merge(folder: Path, record: MergeRecord) -> None:
    """Write the record, atomically."""
    files.write_json(folder / MERGE_FILE, record.model_dump(mode="json"))
