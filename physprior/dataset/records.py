"""One line of a dataset: a labelled video with its rendered dialogue."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)

from physprior.dialogue.model import Dialogue, Turn, VideoTurn
from physprior.errors import DatasetError

SplitName = Literal["train", "val", "test"]
SPLITS: tuple[SplitName, ...] = ("train", "val", "test")
"""The splits of a dataset, in their usual order."""


class Record(BaseModel):
    """One sample. All records have the same keys in the same order, so that tables read them."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True
    )

    id: str
    """The video's path without its ending: ``clip/test/unable_press/0003``."""
    video: str
    """The video's path relative to the videos root, with forward slashes."""
    sha256: str
    """Hash of the video file."""
    category: str
    """The category's id."""
    class_id: str = Field(alias="class")
    """``normal`` or the anomaly's id; its key in the file is ``class``."""
    label: Literal[0, 1]
    """1 where the video shows an anomaly."""
    instance: str
    """The physical object in it; empty where nobody said."""
    split: SplitName
    """The split that the video belongs to."""
    mode: str
    """The template's name."""
    prompt_hash: str
    """Hash of everything before the verdict; the same for all videos of a category."""
    reason_index: int
    """Which of the class's explanations is taught here."""
    reason: str
    """That explanation."""
    turns: tuple[Turn, ...]
    """The dialogue, verdict last."""
    video_turn: VideoTurn = "first"
    """The user turn that the video goes with; its key is in the file where it is not the first."""

    def dialogue(self) -> Dialogue:
        """The dialogue as the template made it."""
        return Dialogue(
            category=self.category, mode=self.mode, turns=self.turns, video_turn=self.video_turn
        )

    @model_serializer(mode="wrap")
    def _say_what_is_unusual(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        told: dict[str, Any] = serialise(self)
        if self.video_turn == "first":
            del told["video_turn"]
        return told

    def line(self) -> str:
        """The record as one line of JSON, its line break included."""
        return self.model_dump_json() + "\n"


def read_records(path: Path) -> list[Record]:
    """The records of a JSON-lines file, in its order.

    Raises DatasetError with ``file:line`` for a line that is no record.
    """
    records = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            records.append(Record.model_validate_json(line))
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(str(step) for step in problem["loc"])
            raise DatasetError(
                f"{path}:{number}: not a record of a dataset: $.{where}: {problem['msg']}",
                remedy="build the dataset again with physprior build",
            ) from error
    return records
