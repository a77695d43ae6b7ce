"""The JSON that the original Video-LLaVA trains on: LLaVA's, with ``video`` for ``image``."""

from __future__ import annotations

from collections.abc import Sequence

from physprior.dataset.export.conversation import conversation, json_array
from physprior.dataset.export.form import Format, Sample, Written


def encode(samples: Sequence[Sample]) -> bytes:
    """A JSON array: id, video, conversations."""
    return json_array(
        {
            "id": sample.record.id,
            "video": sample.video,
            "conversations": conversation(sample),
        }
        for sample in samples
    )


def _usage(written: Written) -> str:
    folder = {
        "absolute": "/",
        "relative": "the folder of the videos",
        "copy": "this folder",
    }[written.paths]
    data = next(iter(written.files.values()))
    return f"""\
Video-LLaVA's training scripts take `--data_path {data}` and `--video_folder`: {folder}. They number
the samples anew, whatever their ids.
"""


FORMAT = Format(
    ending=".json",
    loader="json",
    title="Video-LLaVA, LLaVA's JSON",
    documented="https://github.com/PKU-YuanGroup/Video-LLaVA/blob/main/TRAIN_AND_VALIDATE.md",
    encode=encode,
    usage=_usage,
)
