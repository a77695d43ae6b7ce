"""LLaMA-Factory's ShareGPT format for videos, with the entry for its ``dataset_info.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from physprior.dataset.export.conversation import conversation, json_array
from physprior.dataset.export.form import Format, Sample, Written
from physprior.dataset.records import SplitName

DATASET_INFO = "dataset_info.json"
"""The file by which LLaMA-Factory finds datasets."""


def encode(samples: Sequence[Sample]) -> bytes:
    """A JSON array: id, conversations, videos."""
    return json_array(
        {
            "id": sample.record.id,
            "conversations": conversation(sample),
            "videos": [sample.video],
        }
        for sample in samples
    )


def dataset_info(written: Written) -> Mapping[str, str]:
    """``dataset_info.json`` with one dataset a split."""
    entries = {
        _name(written, split): {
            "file_name": file,
            "formatting": "sharegpt",
            "columns": {"messages": "conversations", "videos": "videos"},
        }
        for split, file in written.files.items()
    }
    return {DATASET_INFO: json.dumps(entries, indent=2, ensure_ascii=False) + "\n"}


def _name(written: Written, split: SplitName) -> str:
    return f"physprior_{written.mode}_{split}"


def _usage(written: Written) -> str:
    names = [_name(written, split) for split in written.files]
    media = {
        "absolute": "",
        "relative": "media_dir: the folder of the videos\n",
        "copy": "media_dir: this folder\n",
    }[written.paths]
    return f"""\
In LLaMA-Factory's settings, or with the entries of `{DATASET_INFO}` copied into its own:

```yaml
dataset_dir: this folder
{media}dataset: {names[0]}
```

The datasets are called {", ".join(f"`{name}`" for name in names)}.
"""


FORMAT = Format(
    ending=".json",
    loader="json",
    title="LLaMA-Factory, ShareGPT with videos",
    documented="https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md",
    encode=encode,
    usage=_usage,
    companions=dataset_info,
)
