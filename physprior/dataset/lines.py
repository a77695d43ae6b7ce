"""The lines of a dataset's record files, put together from pieces that many videos share.

Of a record's 2,500 characters all but about 200 are the same for the videos of one class with one
explanation. Those are rendered, turned into JSON and asserted once; ``Record.line`` gives the same.
"""

from __future__ import annotations

from json.encoder import encode_basestring as quote

from physprior import fingerprint
from physprior.dataset.index import Video
from physprior.dataset.records import Record, SplitName
from physprior.dataset.render import Rendered, Taught
from physprior.dataset.withheld import Withheld

_HEAD = '{"id":"","video":"","sha256":"",'
_INSTANCE = '"instance":"'


class Lines:
    """Makes the lines of one category's records."""

    def __init__(self, rendered: Rendered, seed: int, withheld: Withheld) -> None:
        self._rendered = rendered
        self._seed = str(seed)
        self._withheld = withheld
        self._pieces: dict[tuple[str, SplitName, int], tuple[str, str]] = {}

    def of_video(self, video: Video, split: SplitName, count: int = 1) -> str:
        """The lines of a video's ``count`` records, each with the next best explanation for it.

        Where there are more records than explanations, these come round again.
        """
        taught = self._rendered.classes[video.class_id]
        reasons = [one.reason for one in taught]
        if count == 1:
            ranked = [fingerprint.pick(reasons, self._seed, video.id)]
        else:
            ranked = fingerprint.rank(reasons, self._seed, video.id)
        return "".join(
            self._line(video, split, taught[ranked[number % len(ranked)]], number)
            for number in range(count)
        )

    def _line(self, video: Video, split: SplitName, taught: Taught, number: int) -> str:
        place = (video.class_id, split, taught.index)
        if place not in self._pieces:
            self._pieces[place] = self._make(video, split, taught)
        before, after = self._pieces[place]
        return (
            f'{{"id":{quote(record_id(video, number))},"video":{quote(video.path)}'
            f',"sha256":{quote(video.sha256)},{before}{quote(video.instance or "")}{after}'
        )

    def _make(self, video: Video, split: SplitName, taught: Taught) -> tuple[str, str]:
        """What stands before and after the instance in every such record, asserted once."""
        record = Record(
            id="",
            video="",
            sha256="",
            category=video.category,
            class_id=video.class_id,
            label=video.label,
            instance="",
            split=split,
            mode=taught.dialogue.mode,
            prompt_hash=self._rendered.prompt_hash,
            reason_index=taught.index,
            reason=taught.reason,
            turns=taught.dialogue.turns,
            video_turn=taught.dialogue.video_turn,
        )
        line = record.line()
        # What will stand in the file is read back, so that nothing else was asserted.
        written = Record.model_validate_json(line)
        self._withheld.refuse(video.category, [" ".join(turn.text for turn in written.turns)])
        # Categories and classes are identifiers: none of them can hold this key.
        cut = line.index(_INSTANCE) + len(_INSTANCE) - 1
        return line[len(_HEAD) : cut], line[cut + 2 :]


def record_id(video: Video, number: int) -> str:
    """The id of a video's record: the video's own, and from the second on a number behind it."""
    return video.id if number == 0 else f"{video.id}#{number + 1}"
