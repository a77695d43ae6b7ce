"""Lists of one's own, as CSV and JSON lines."""

from __future__ import annotations

import contextlib
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from physprior.dataset.listing import Listed, read_list
from physprior.dataset.open import open_videos
from physprior.errors import DatasetError
from physprior.knowledge.load import KnowledgeBase

AddVideos = Callable[..., list[Path]]
ReadCsv = Callable[..., list[Listed]]
HEAD = "video,category,label,anomaly,instance,split\n"


@pytest.fixture
def read_csv(tmp_path: Path, kb: KnowledgeBase) -> ReadCsv:
    """Reads a text as list.csv."""

    def read(text: str | bytes, name: str = "list.csv") -> list[Listed]:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_list(path, kb).rows

    return read


def refusal(read_csv: ReadCsv, text: str | bytes, name: str = "list.csv") -> str:
    with pytest.raises(DatasetError) as caught:
        read_csv(text, name)
    assert caught.value.remedy
    return caught.value.message


def test_a_list_places_its_videos(root: Path, add_videos: AddVideos, kb: KnowledgeBase) -> None:
    add_videos("mine", 3)
    path = root / "list.csv"
    path.write_text(
        HEAD
        + "mine/0002.mp4,clip,anomalous,unable_press,c-2,test\n"
        + f"{root}/mine/0000.mp4,Clip,normal,,c-1,train\n"
        + "./mine/0001.mp4,fan,,vibrate,,\n"
    )
    index = open_videos(path, kb)
    assert [
        (v.path, v.category, v.class_id, v.label, v.instance, v.split) for v in index.videos
    ] == [
        ("mine/0000.mp4", "clip", "normal", 0, "c-1", "train"),
        ("mine/0001.mp4", "fan", "vibration", 1, None, None),
        ("mine/0002.mp4", "clip", "unable_to_press", 1, "c-2", "test"),
    ]
    assert index.root == root
    assert all(video.content and video.prints for video in index.videos)


def test_a_list_may_lie_elsewhere(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase, tmp_path: Path
) -> None:
    add_videos("mine")
    path = tmp_path / "elsewhere.jsonl"
    path.write_text('{"video": "mine/0000.mp4", "category": "clip", "label": 0}\n')
    assert open_videos(path, kb, root=root).videos[0].path == "mine/0000.mp4"
    with pytest.raises(DatasetError, match="none of its 1 videos is there") as caught:
        open_videos(path, kb)
    assert "--root" in caught.value.remedy


def test_missing_files_and_links_out_are_skipped_with_their_lines(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase, tmp_path: Path
) -> None:
    add_videos("mine")
    (root / "out.mp4").symlink_to(tmp_path / "list.csv")
    (tmp_path / "list.csv").touch()
    (root / "list.csv").write_text(
        "video,category,label\nmine/0000.mp4,clip,0\nmine/1.mp4,clip,0\nout.mp4,clip,0\n"
        "mine\\0000.mp4,clip,0\n"
    )
    index = open_videos(root / "list.csv", kb)
    assert len(index.videos) == 1
    assert {skip.path: skip.reason for skip in index.skipped} == {
        "mine/1.mp4": "no such file (list.csv:3)",
        "out.mp4": "a symbolic link out of the videos root (list.csv:4)",
        "mine\\0000.mp4": "no such file; write / and not \\ (list.csv:5)",
    }


def test_the_list_s_word_is_held_against_the_sidecar(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase
) -> None:
    first, second = add_videos("mine", 2)
    first.with_suffix(".json").write_text('{"class": "unable_to_press"}')
    second.with_suffix(".json").write_text('{"instance": "of the sidecar"}')
    (root / "list.csv").write_text(
        "video,category,label\nmine/0000.mp4,clip,0\nmine/0001.mp4,clip,0\n"
    )
    index = open_videos(root / "list.csv", kb)
    assert index.videos[0].instance == "of the sidecar"
    assert index.skipped[0].reason == "its list says normal, its sidecar says unable_to_press"


@pytest.mark.parametrize(
    ("label", "anomaly", "class_id"),
    [
        ("normal", "", "normal"),
        ("0", "", "normal"),
        ("Normal", "anomaly_free", "normal"),
        ("", "good", "normal"),
        ("anomalous", "unable_press", "unable_to_press"),
        ("1", "unable_to_rebound", "unable_to_rebound"),
        ("", "Unable Press", "unable_to_press"),
    ],
)
def test_label_and_anomaly_say_the_class(
    read_csv: ReadCsv, label: str, anomaly: str, class_id: str
) -> None:
    (row,) = read_csv(f"video,category,label,anomaly\na.mp4,clip,{label},{anomaly}\n")
    assert row.class_id == class_id


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("a.mp4,clip,anomalus,jam,,", "no label: anomalus; did you mean anomalous?"),
        ("a.mp4,clip,2,,,", "no label: 2 (it is normal, anomalous, 0 or 1)"),
        ("a.mp4,clip,anomalous,,,", "is anomalous, but names no anomaly (clip has: unable_"),
        ("a.mp4,clip,,,,", "has no label and no anomaly"),
        ("a.mp4,clip,normal,unable_press,,", "contradicts itself: label normal, anomaly unable_"),
        ("a.mp4,clip,1,good,,", "contradicts itself: label 1, anomaly good"),
        ("a.mp4,clip,,unable_pres,,", "no anomaly of clip: unable_pres; did you mean unable_to_"),
        ("a.mp4,clipp,0,,,", "no category of the KB: clipp; did you mean clip?"),
        ("a.mp4,,0,,,", "names no category"),
        (",clip,0,,,", "names no video"),
        ("a.mp4,clip,0,,,valid", "no split: valid; did you mean val?"),
        ("../a.mp4,clip,0,,,", "../a.mp4 leads out of the videos root"),
        ("a/../../a.mp4,clip,0,,,", "a/../../a.mp4 leads out of the videos root"),
        ("/etc/a.mp4,clip,0,,,", "/etc/a.mp4 does not lie in the videos root"),
        ("a.txt,clip,0,,,", "a.txt is no video by its ending"),
        ('"a\nb.mp4",clip,0,,,', "the name a\\x0ab.mp4 holds control characters"),
        ("a.mp4,clip,0", "3 cells where the header has 6"),
    ],
)
def test_what_is_wrong_with_a_row_is_told_with_its_line(
    read_csv: ReadCsv, tmp_path: Path, row: str, why: str
) -> None:
    message = refusal(read_csv, f"{HEAD}good.mp4,clip,0,,,\n{row}\n")
    assert f"{tmp_path}/list.csv:3: {why}" in message
    assert "list.csv: 1 problem:" in message


def test_two_rows_for_one_video_are_told(read_csv: ReadCsv) -> None:
    text = "video,category,label\na.mp4,clip,0\nb.mp4,clip,0\n./a.mp4,clip,0\n"
    assert "list.csv:4: a.mp4 stands in line 2 already" in refusal(read_csv, text)


def test_all_that_is_wrong_is_told_up_to_twenty(read_csv: ReadCsv) -> None:
    message = refusal(read_csv, HEAD + "a.mp4,clipp,2,,,dev\n" * 30)
    assert "60 problems" in message
    assert message.count("list.csv:") == 21  # the first names the list
    assert message.endswith("and 40 more")


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("video,label", "list.csv:1: no column category"),
        ("video,category,instance", "list.csv:1: no column label or anomaly"),
        ("vidoe,category,label", "list.csv:1: no column vidoe; did you mean video?"),
        ("video,category,anomly", "list.csv:1: no column anomly; did you mean anomaly?"),
        ("video,video,category,label", "the column video stands twice"),
        ("", "no column video; no column category; no column label or anomaly"),
    ],
)
def test_columns_that_lack_or_are_mistyped_are_told(read_csv: ReadCsv, head: str, why: str) -> None:
    assert why in refusal(read_csv, f"{head}\na.mp4,clip,0\n" if head else "")


def test_columns_of_other_tools_are_passed_over_and_told(tmp_path: Path, kb: KnowledgeBase) -> None:
    (tmp_path / "list.csv").write_text("video,category,label,camera\na.mp4,clip,0,left\n")
    listing = read_list(tmp_path / "list.csv", kb)
    assert len(listing.rows) == 1
    assert listing.notes == ("columns of list.csv that are not read: camera",)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_whatever_a_spreadsheet_writes_is_read(
    read_csv: ReadCsv, separator: str, line_end: str, mark: bytes
) -> None:
    rows = (
        ("video", "category", "label"),
        ("夹子 „1“.mp4", "clip", "normal"),
        (' "a".mp4', "fan", "0"),
    )
    quoted = [[f'"{cell.replace(chr(34), 2 * chr(34))}"' for cell in row] for row in rows]
    text = line_end.join(separator.join(row) for row in quoted) + line_end
    videos = [row.video for row in read_csv(mark + text.encode())]
    assert videos == ['"a".mp4', "夹子 „1“.mp4"]


def test_lines_are_counted_over_names_with_line_breaks(read_csv: ReadCsv) -> None:
    text = 'video,category,label,note\na.mp4,clip,0,"two\nlines"\nb.mp4,clipp,0,\n'
    assert "list.csv:4: no category" in refusal(read_csv, text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (HEAD.encode() + b"a\xff.mp4,clip,0,,,\n", "not UTF-8: byte 0xff"),
        ((HEAD + "a.mp4,clip,0,,,\n").encode("utf-16"), "not UTF-8: byte 0xff"),
        (HEAD + '"a.mp4,clip,0,,,\nb.mp4,clip,0,,,\n', "list.csv:2: cannot be read as CSV"),
        (b"\0" * (1 << 21), "a line of more than"),
    ],
    ids=["latin 1", "utf-16", "open quote", "zeros"],
)
def test_what_is_no_csv_is_refused_in_words(read_csv: ReadCsv, text: str | bytes, why: str) -> None:
    assert why in refusal(read_csv, text)


def test_json_lines_say_the_same(read_csv: ReadCsv) -> None:
    rows = [
        {"video": "b.mp4", "category": "clip", "label": 1, "anomaly": "unable_press"},
        {"video": "a.mp4", "category": "clip", "label": False, "instance": 7, "split": None},
    ]
    text = "\n\n".join(json.dumps(row) for row in rows)
    assert read_csv(text, "list.jsonl") == [
        Listed("a.mp4", "clip", "normal", "7", None, 3),
        Listed("b.mp4", "clip", "unable_to_press", None, None, 1),
    ]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{video}", "list.jsonl:2: not JSON"),
        ('["a.mp4"]', "list.jsonl:2: not a JSON object"),
        ('{"video": ["a.mp4"], "category": "clip", "label": 0}', "list.jsonl:2: video: neither"),
        (
            '{"vidio": "a.mp4", "category": "clip", "label": 0}',
            "list.jsonl:2: no column vidio; did",
        ),
        ("[" * 100_000, "list.jsonl:2: not JSON"),
    ],
)
def test_a_json_line_that_is_no_row_is_told(read_csv: ReadCsv, line: str, why: str) -> None:
    good = '{"video": "good.mp4", "category": "clip", "label": 0}\n'
    assert why in refusal(read_csv, good + line + "\n", "list.jsonl")


def test_a_file_that_is_no_list_by_its_name_is_refused(tmp_path: Path, kb: KnowledgeBase) -> None:
    (tmp_path / "list.txt").write_text(HEAD)
    with pytest.raises(DatasetError, match="neither a folder, nor an index, nor a list"):
        open_videos(tmp_path / "list.txt", kb)


def test_noise_is_refused_in_words_or_read(read_csv: ReadCsv) -> None:
    words = ["a.mp4", "clip", "0", "normal", "jam", ",", "\n", '"', ";", "\0", "é", "../", "\r"]
    for seed in range(200):
        chosen = random.Random(seed).choices(words, k=40)
        with contextlib.suppress(DatasetError):
            read_csv(HEAD + "".join(chosen))


# Not ru_maxrss, in which the memory of the parent outlives exec.
MILLION = r"""
import re, sys
from pathlib import Path
from physprior import paths
from physprior.dataset.listing import read_list
from physprior.errors import DatasetError
from physprior.knowledge.load import load_knowledge
try:
    rows = len(read_list(Path(sys.argv[1]), load_knowledge(paths.kb_folder())).rows)
except DatasetError as error:
    rows = error.message.splitlines()[-1].strip()
peak = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024
print(rows, peak)
"""


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("category", "expected"), [("clip", "1000000"), ("clip{n}", "and 999980 more")]
)
def test_a_million_rows_are_read_in_bounded_time_and_memory(
    tmp_path: Path, category: str, expected: str
) -> None:
    path = tmp_path / "list.csv"
    with path.open("w") as stream:
        stream.write("video,category,label,anomaly\n")
        for n in range(1_000_000):
            stream.write(f"clips/{n:07d}.mp4,{category.format(n=n)},,unable_press\n")
    started = time.monotonic()
    command = [sys.executable, "-c", MILLION, str(path)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert said.startswith(expected)
    assert int(said.split()[-1]) < 500
    assert time.monotonic() - started < 60
