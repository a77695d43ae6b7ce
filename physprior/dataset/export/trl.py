"""TRL's conversational language-modeling format: ``messages`` made of content parts.

TRL documents images alone. The video part is that of transformers' chat templates; its key is
``video``, which transformers, TRL's own video example and qwen-vl-utils all read. There is no
column ``label``: beside ``messages`` TRL takes it for another type of dataset and refuses it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from physprior.dataset.export.form import Format, Sample, Written


def encode(samples: Sequence[Sample]) -> bytes:
    """One JSON line a sample: id, messages, videos."""
    return "".join(json.dumps(_row(one), ensure_ascii=False) + "\n" for one in samples).encode()


def _row(sample: Sample) -> dict[str, Any]:
    messages: list[dict[str, Any]] = [
        {"role": turn.role, "content": [{"type": "text", "text": turn.text}]}
        for turn in sample.record.turns
    ]
    messages[0]["content"].insert(0, {"type": "video", "video": sample.video})
    return {"id": sample.record.id, "messages": messages, "videos": [sample.video]}


def _usage(written: Written) -> str:
    split = next(iter(written.files))
    return f"""\
**TRL's own collator reads images, no video.** Left to itself, SFTTrainer drops the clips and trains
on the text alone, and its loss looks normal. Give it a data collator that reads `videos`:

```python
SFTTrainer(
    ...,
    train_dataset=data["{split}"],
    data_collator=a_collator_of_yours,
    args=SFTConfig(
        dataset_kwargs={{"skip_prepare_dataset": True}},
        remove_unused_columns=False,
        max_length=None,
    ),
)
```
"""


FORMAT = Format(
    ending=".jsonl",
    loader="json",
    title="TRL, conversational",
    documented="https://huggingface.co/docs/trl/dataset_formats",
    encode=encode,
    usage=_usage,
)
