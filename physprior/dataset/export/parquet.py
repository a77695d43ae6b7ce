"""Parquet: the records as a table with every column that they have, turns and parts too."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from physprior.dataset.export.form import Format, Sample, Written

if TYPE_CHECKING:
    import pyarrow as pa

ROW_GROUP = 5000
"""Rows that are made at a time, and that a reader can take alone."""


def schema() -> pa.Schema:
    """The columns, in the order of a record's keys; nothing is left to be guessed from rows."""
    import pyarrow as pa

    text = pa.string()
    part = pa.struct([("kind", text), ("text", text)])
    turn = pa.struct([("role", text), ("parts", pa.list_(part))])
    return pa.schema(
        [
            ("id", text),
            ("video", text),
            ("sha256", text),
            ("category", text),
            ("class", text),
            ("label", pa.int64()),
            ("instance", text),
            ("split", text),
            ("mode", text),
            ("prompt_hash", text),
            ("reason_index", pa.int64()),
            ("reason", text),
            ("turns", pa.list_(turn)),
        ]
    )


def encode(samples: Sequence[Sample]) -> bytes:
    """One row a record; ``video`` is the path as the export names it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns, buffer = schema(), io.BytesIO()
    with pq.ParquetWriter(buffer, columns, compression="zstd") as writer:
        for start in range(0, len(samples), ROW_GROUP):
            group = samples[start : start + ROW_GROUP]
            rows = [{**one.record.model_dump(mode="json"), "video": one.video} for one in group]
            writer.write_table(pa.Table.from_pylist(rows, schema=columns))
    return buffer.getvalue()


def _usage(written: Written) -> str:
    file = next(iter(written.files.values()))
    return f"""\
Any reader of Parquet takes it, pandas and DuckDB among them:

```python
import pandas
pandas.read_parquet("{file}")
```
"""


FORMAT = Format(
    ending=".parquet",
    loader="parquet",
    title="Parquet",
    documented="https://parquet.apache.org/docs/file-format/",
    encode=encode,
    usage=_usage,
)
