"""What is refused of a predictions file, and by which place it is named."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import pytest

from physprior import files
from physprior.errors import OutputError, PredictionError
from physprior.eval.predictions import Header, PredictionWriter, dump, read_predictions

WriteFile = Callable[..., Path]
ROWS = [
    ("clip", "normal", -1.0, "a"),
    ("clip", "unable_press", 1.0, "b"),
    ("fan", "stuck", None, None),
]


@pytest.fixture
def path(write_file: WriteFile) -> Path:
    return write_file(ROWS)


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines(keepends=True)


def refusal(path: Path) -> str:
    with pytest.raises(PredictionError) as caught:
        read_predictions(path)
    assert caught.value.remedy
    return caught.value.message


def test_a_file_reads_back_with_its_skipped_videos(path: Path) -> None:
    found = read_predictions(path)
    assert [line.score for line in found.predictions] == [-1.0, 1.0]
    assert [line.reason for line in found.skipped] == ["empty file"]
    assert found.missing == 0


def test_videos_without_a_line_are_counted(write_file: WriteFile) -> None:
    assert read_predictions(write_file(ROWS, total=10)).missing == 7


@pytest.mark.parametrize("line", ["not JSON", "{", "", "[]", '{"kind": "prediction"}', '{"a": 1}'])
def test_a_line_that_is_none_is_named_by_its_number(path: Path, line: str) -> None:
    lines = lines_of(path)
    path.write_text("".join([*lines[:2], line + "\n", *lines[2:]]), encoding="utf-8")
    assert refusal(path).startswith(f"{path}:3: this is no line of a predictions file: $")


def test_a_file_without_a_header_is_refused(path: Path) -> None:
    path.write_text("".join(lines_of(path)[1:]), encoding="utf-8")
    assert refusal(path).startswith(f"{path}:1: there is no header")


@pytest.mark.parametrize("content", [b"", b"no line break"])
def test_a_file_without_a_line_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert refusal(path).startswith(f"{path}:1: there is no header")


def test_two_files_in_one_are_refused(path: Path) -> None:
    lines = lines_of(path)
    path.write_text("".join([*lines, lines[0]]), encoding="utf-8")
    assert refusal(path) == f"{path}:5: a second header stands here"


def test_a_video_that_stands_twice_is_named_with_its_line(path: Path) -> None:
    lines = lines_of(path)
    path.write_text("".join([*lines, lines[1]]), encoding="utf-8")
    assert refusal(path) == f"{path}:5: clip/test/normal/0000 stands in line 2 already"


def test_a_prediction_takes_the_place_of_a_video_that_could_not_be_used(path: Path) -> None:
    lines = lines_of(path)
    mended = json.loads(lines[1]) | {"id": "fan/test/stuck/0002"}
    path.write_text("".join([*lines, json.dumps(mended) + "\n"]), encoding="utf-8")
    found = read_predictions(path)
    assert found.predictions[-1].id == "fan/test/stuck/0002"
    assert (len(found.predictions), found.skipped, found.missing) == (3, (), 0)


def test_a_video_that_could_not_be_used_after_its_prediction_is_named(path: Path) -> None:
    lines = lines_of(path)
    skipped = json.loads(lines[3]) | {"id": "clip/test/normal/0000"}
    path.write_text("".join([*lines, json.dumps(skipped) + "\n"]), encoding="utf-8")
    assert refusal(path) == f"{path}:5: clip/test/normal/0000 stands in line 2 already"


def test_more_videos_than_the_split_has_are_refused(write_file: WriteFile) -> None:
    path = write_file(ROWS, total=2)
    assert refusal(path).startswith(f"{path}:1: the header says that the split has 2 videos, and 3")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ('"score":1.0', '"score":NaN'),
        ('"score":1.0', '"score":Infinity'),
        ('"score":1.0', '"score":-Infinity'),
        ('"score":1.0', '"score":1e999'),
        ('"score":1.0', '"score":"high"'),
        ('"score":1.0,', ""),
        ('"label":1', '"label":0'),
        ('"label":1', '"label":2'),
        ('"id":"clip/test/unable_press/0001"', '"id":""'),
        ('"id":"clip/test/unable_press/0001",', ""),
        ('"text":"b"', '"text":"\\ud800"'),
        ('"mass":0.5', '"mass":NaN'),
        ('"mass":0.5', '"mass":2.0'),
        ('"mass":0.5', '"mass":-0.5'),
        ('"log_normal":-1.0', '"log_normal":NaN'),
        ('"log_anomalous":-1.0', '"log_anomalous":-Infinity'),
        ('"seconds":null', '"seconds":NaN'),
        ('"category":"clip"', '"category":""'),
        ('"category":"clip"', '"category":"clip\\u001b[2J"'),
        ('"class":"unable_press"', '"class":"\\nnormal"'),
        ('"video":"clip', '"video":"\\u0007clip'),
        ('"kind":"prediction"', '"kind":"guess"'),
        ('"kind":"prediction"', '"kind":"prediction","more":1'),
    ],
)
def test_a_value_that_cannot_be_is_named_by_its_line(path: Path, changed: str, said: str) -> None:
    lines = lines_of(path)
    assert changed in lines[2]
    path.write_text("".join([*lines[:2], lines[2].replace(changed, said), lines[3]]))
    assert refusal(path).startswith(f"{path}:3: ")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ('"id":"clip/test/unable_press/0001"', f'"id":"{"long" * 1000}\\u0007"'),
        ('"text":"b"', '"text":"b","' + "\x1b[2J" * 1000 + '":1'),
        ('"text":"b"', '"text":"b","' + "\\u001b[2J" * 1000 + '":1'),
    ],
)
def test_what_a_damaged_line_holds_is_shown_short_and_harmless(
    path: Path, changed: str, said: str
) -> None:
    lines = lines_of(path)
    path.write_text("".join([*lines[:2], lines[2].replace(changed, said), lines[3]]))
    message = refusal(path)
    assert message.startswith(f"{path}:3: ")
    assert len(message) < len(str(path)) + 500
    assert message.isprintable()


def test_a_line_of_many_megabytes_is_read(write_file: WriteFile) -> None:
    text = "The jaws close. " * 250_000
    assert read_predictions(write_file([("clip", "normal", 0.5, text)])).predictions[0].text == text


def test_windows_line_breaks_are_read(path: Path) -> None:
    before = read_predictions(path)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_predictions(path) == before


def test_a_binary_file_is_refused(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe\x00\n")
    assert refusal(path) == f"{path}:1: it is not UTF-8 text"


def test_a_line_in_another_encoding_is_named(path: Path) -> None:
    lines = [line.encode("utf-8") for line in lines_of(path)]
    path.write_bytes(b"".join([*lines[:2], lines[2].replace(b'"b"', b'"\xfcber"'), lines[3]]))
    assert refusal(path) == f"{path}:3: it is not UTF-8 text"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "none.jsonl")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "directory" in refusal(tmp_path)


@pytest.mark.parametrize("version", [1, 3])
def test_another_version_of_the_file_is_refused_by_its_number(path: Path, version: int) -> None:
    header, *rest = lines_of(path)
    other = json.dumps({**json.loads(header), "format": version})
    path.write_text("".join([other + "\n", *rest]), encoding="utf-8")
    assert refusal(path) == (
        f"{path}:1: predictions of format {version}; this physprior reads format 2"
    )


def test_a_file_of_the_first_version_is_refused_by_its_number(path: Path) -> None:
    path.write_text('{"kind": "header", "format": 1, "model": "runs/mine"}\n', encoding="utf-8")
    assert "predictions of format 1" in refusal(path)


def test_a_header_without_what_made_it_is_refused(path: Path) -> None:
    header, *rest = lines_of(path)
    less = {key: value for key, value in json.loads(header).items() if key != "split_hash"}
    path.write_text("".join([json.dumps(less) + "\n", *rest]), encoding="utf-8")
    assert refusal(path).startswith(f"{path}:1: not the header of a predictions file: $.split_hash")


def test_half_a_line_of_a_killed_process_is_left_out(write_file: WriteFile) -> None:
    path = write_file([("clip", "normal", 0.5, "whole"), ("clip", "normal", 0.5, "ends in 風扇")])
    # Within a character of three bytes.
    content = path.read_bytes()
    path.write_bytes(content[: content.index("扇".encode()) + 1])
    found = read_predictions(path)
    assert [line.text for line in found.predictions] == ["whole"]
    assert (found.missing, found.torn) == (1, 3)


def test_a_whole_file_has_no_torn_line(path: Path) -> None:
    assert read_predictions(path).torn is None


def header_of(path: Path) -> Header:
    return read_predictions(path).header


def test_a_writer_goes_on_behind_the_last_whole_line(path: Path) -> None:
    whole = path.read_bytes()
    header = header_of(path)
    path.write_bytes(whole + b'{"kind": "predi')
    with PredictionWriter(path, header) as writer:
        assert writer.done == {"clip/test/normal/0000", "clip/test/unable_press/0001"}
        assert writer.skipped == {"fan/test/stuck/0002"}
    assert path.read_bytes() == whole


@pytest.mark.parametrize("content", [b"my notes", b"my notes\nand more", b"\xff\xd8\xff\n\x00"])
def test_a_writer_leaves_another_file_as_it_is(path: Path, content: bytes) -> None:
    header = header_of(path)
    path.write_bytes(content)
    with pytest.raises(PredictionError):
        PredictionWriter(path, header)
    assert path.read_bytes() == content


def test_a_writer_leaves_the_predictions_of_another_model_as_they_are(path: Path) -> None:
    header = header_of(path).model_copy(update={"fingerprint": "0" * 64})
    cut = path.read_bytes() + b'{"kind"'
    path.write_bytes(cut)
    with pytest.raises(PredictionError, match="another model, dataset or setting\n"):
        PredictionWriter(path, header)
    assert path.read_bytes() == cut


def test_what_differs_from_earlier_predictions_is_named(path: Path) -> None:
    changed = {"fingerprint": "0" * 64, "dataset_hash": "1" * 64, "split": "val"}
    changed |= {"base_fingerprint": "2" * 64, "run_fingerprint": None}
    with pytest.raises(PredictionError, match=r"differs in: model, dataset, split\)"):
        PredictionWriter(path, header_of(path).model_copy(update=changed))


def test_a_second_writer_of_the_same_file_is_refused_until_the_first_has_ended(path: Path) -> None:
    header, before = header_of(path), path.read_bytes()
    with PredictionWriter(path, header):
        with pytest.raises(PredictionError, match="another process is writing") as caught:
            PredictionWriter(path, header)
        assert str(path) in caught.value.message
        assert "wait until it has ended" in caught.value.remedy
    assert path.read_bytes() == before
    PredictionWriter(path, header).close()


def test_a_second_writer_is_refused_before_there_is_any_line(path: Path, tmp_path: Path) -> None:
    header = header_of(path)
    with PredictionWriter(tmp_path / "new" / "test.jsonl", header) as writer:
        with pytest.raises(PredictionError, match="another process is writing"):
            PredictionWriter(writer.path, header)
        assert header_of(writer.path) == header


def test_a_process_that_was_killed_leaves_no_lock_behind(path: Path) -> None:
    hold = (
        "import sys, time, fcntl; stream = open(sys.argv[1], 'a');"
        "fcntl.flock(stream, fcntl.LOCK_EX); print('locked', flush=True); time.sleep(60)"
    )
    header = header_of(path)
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(path)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        with pytest.raises(PredictionError, match="another process is writing"):
            PredictionWriter(path, header)
        other.kill()
    PredictionWriter(path, header).close()


def test_a_file_that_is_replaced_before_it_is_locked_is_opened_anew(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines, header, lock = lines_of(path), header_of(path), fcntl.flock

    def replace_and_lock(stream: TextIO, how: int) -> None:
        monkeypatch.setattr(fcntl, "flock", lock)
        files.write_text(path, "".join(lines[:2]))
        lock(stream, how)

    monkeypatch.setattr(fcntl, "flock", replace_and_lock)
    with PredictionWriter(path, header) as writer:
        assert writer.done == {"clip/test/normal/0000"}
        writer.append([])


@pytest.mark.parametrize("replaced", [False, True])
def test_lines_are_not_written_to_a_file_that_was_taken_away(path: Path, replaced: bool) -> None:
    line, header = read_predictions(path).predictions[0], header_of(path)
    with PredictionWriter(path, header) as writer:
        path.unlink()
        if replaced:
            path.write_bytes(b"mine")
        with pytest.raises(PredictionError, match="removed or replaced"):
            writer.append([line])
    assert path.exists() is replaced


@pytest.mark.parametrize("kept", [0, 1, 100, -1])
def test_a_writer_that_was_stopped_within_its_header_begins_anew(path: Path, kept: int) -> None:
    header = header_of(path)
    whole = dump(header).encode("utf-8")
    path.write_bytes(whole[:kept])
    PredictionWriter(path, header).close()
    assert path.read_bytes() == whole


def test_what_is_no_file_is_not_written_to(path: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for place in (pipe, tmp_path, Path(os.devnull)):
        with pytest.raises(OutputError, match="it is no file"):
            PredictionWriter(place, header_of(path))
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_a_disk_that_is_full_before_the_header_names_the_file(path: Path, tmp_path: Path) -> None:
    header, out = header_of(path), tmp_path / "new.jsonl"
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limit[1]))
    try:
        with pytest.raises(OutputError, match=f"cannot write {out}"):
            PredictionWriter(out, header)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert out.stat().st_size == 100
    with PredictionWriter(out, header):
        assert header_of(out) == header
