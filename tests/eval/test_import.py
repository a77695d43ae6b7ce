"""Another method's table: what is taken for which video, and what is refused by which line."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from physprior.cli.main import app
from physprior.dataset.folder import Dataset
from physprior.dataset.records import Record
from physprior.errors import PredictionError
from physprior.eval.importing import ImportOptions, import_predictions
from physprior.eval.predictions import Predictions, read_predictions
from physprior.eval.scoring import score
from physprior.verdict import ParseStatus

OPTIONS = ImportOptions(name="Video-LLaMA")


@pytest.fixture(scope="module")
def records(dataset: Path) -> list[Record]:
    return Dataset.open(dataset).records("test")


@pytest.fixture
def take(dataset: Path, tmp_path: Path) -> Callable[..., Predictions]:
    """Imports a table that is given by its text or bytes."""

    def import_table(
        content: str | bytes, name: str = "theirs.csv", options: ImportOptions = OPTIONS
    ) -> Predictions:
        table, out = tmp_path / name, tmp_path / "out.jsonl"
        table.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        import_predictions(table, dataset, out, options)
        return read_predictions(out)

    return import_table


@pytest.fixture
def refusal(take: Callable[..., Predictions], tmp_path: Path) -> Callable[..., str]:
    """What is said of a table that is refused, the folder left out; nothing was written."""

    def refused(
        content: str | bytes, name: str = "theirs.csv", options: ImportOptions = OPTIONS
    ) -> str:
        with pytest.raises(PredictionError) as caught:
            take(content, name, options)
        assert caught.value.remedy
        assert not (tmp_path / "out.jsonl").exists()
        return caught.value.message.replace(f"{tmp_path}/", "")

    return refused


def table(records: list[Record], cell: Callable[[Record], str] = lambda record: "0.5") -> str:
    rows = [f"{record.video},{cell(record)}" for record in records]
    return "\n".join(["video,score", *rows]) + "\n"


def json_lines(records: list[Record], **fields: object) -> str:
    return "".join(json.dumps({"video": record.id, **fields}) + "\n" for record in records)


# What is read


def test_a_table_becomes_a_predictions_file_of_its_split(
    take: Callable[..., Predictions], records: list[Record], dataset: Path
) -> None:
    found = take(table(records, lambda record: str(record.label * 3 - 1)))
    assert [line.id for line in found.predictions] == [record.id for record in records]
    assert [line.score for line in found.predictions] == [r.label * 3.0 - 1 for r in records]
    assert [line.label for line in found.predictions] == [record.label for record in records]
    assert {line.text for line in found.predictions} == {None}
    header = found.header
    assert (header.source, header.model, header.split) == ("import", "Video-LLaMA", "test")
    assert header.split_hash == Dataset.open(dataset).manifest.split
    assert (header.base_fingerprint, header.mode, header.history, header.sampling) == (None,) * 4
    assert (header.total, found.missing) == (len(records), 0)


def test_texts_are_kept_to_the_letter_and_read_for_a_verdict(
    take: Callable[..., Predictions], records: list[Record]
) -> None:
    text = ' Verdict: Anomalous. Reason: er "klemmt"; 彈簧, \u2028\n "now" '
    found = take(json_lines(records, text=text), "theirs.jsonl")
    assert {line.text for line in found.predictions} == {text}
    assert {line.parse for line in found.predictions} == {ParseStatus.OK}
    assert {line.score for line in found.predictions} == {None}


def test_an_empty_answer_of_json_lines_is_one(
    take: Callable[..., Predictions], records: list[Record]
) -> None:
    found = take(json_lines(records, text=""), "theirs.jsonl")
    assert {(line.text, line.parse) for line in found.predictions} == {("", ParseStatus.EMPTY)}


def test_an_empty_cell_says_nothing(
    take: Callable[..., Predictions], records: list[Record]
) -> None:
    rows = [f"{r.id},{'0.5,' if r.label else ',It is normal.'}" for r in records]
    found = take("\n".join(["video,score,text", *rows]))
    for line in found.predictions:
        wanted = (0.5, None) if line.label else (None, "It is normal.")
        assert (line.score, line.text) == wanted


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found(
    take: Callable[..., Predictions], records: list[Record], separator: str
) -> None:
    found = take(table(records).replace(",", separator))
    assert {line.score for line in found.predictions} == {0.5}


def test_a_byte_order_mark_windows_line_breaks_and_blank_lines_are_no_matter(
    take: Callable[..., Predictions], records: list[Record]
) -> None:
    content = table(records).replace("\n", "\r\n\r\n").encode("utf-8")
    assert len(take(b"\xef\xbb\xbf" + content).predictions) == len(records)


def test_a_column_is_known_by_its_name_wherever_it_stands(
    take: Callable[..., Predictions], records: list[Record]
) -> None:
    rows = [f"x,-1.5e-3,{record.id}" for record in records]
    found = take("\n".join(["run, Score ,VIDEO", *rows]))
    assert {line.score for line in found.predictions} == {-0.0015}


def test_columns_that_nobody_reads_are_told(
    dataset: Path, tmp_path: Path, records: list[Record]
) -> None:
    path = tmp_path / "theirs.csv"
    path.write_text("\n".join(["video,score,run", *(f"{r.id},1,x" for r in records)]))
    report = import_predictions(path, dataset, tmp_path / "out.jsonl", OPTIONS)
    assert report.notes == ("columns of theirs.csv that are not read: run",)


@pytest.mark.parametrize(
    "name",
    [
        lambda record: record.id,
        lambda record: record.video,
        lambda record: f"./{record.video}",
        lambda record: f"/data/Phys-AD/{record.video}",
        lambda record: f"D:\\data\\{record.id}".replace("/", "\\"),
        lambda record: f"  {record.id}.MP4 ",
        lambda record: f"phys-ad//{record.id}.avi",
    ],
    ids=["id", "path", "./", "above", "Windows", "other case", "other ending"],
)
def test_a_video_is_found_by_its_id_or_path_with_or_without_ending_and_folders(
    take: Callable[..., Predictions], records: list[Record], name: Callable[[Record], str]
) -> None:
    rows = [f"{name(record)},{record.label}" for record in records]
    found = take("\n".join(["video,score", *rows]))
    assert [line.score for line in found.predictions] == [record.label for record in records]


def test_fewer_folders_do_where_one_video_alone_ends_so(
    take: Callable[..., Predictions], records: list[Record]
) -> None:
    faulty = [record for record in records if record.label]
    rows = [f"{r.id.split('/', 2)[2] if r.label else r.id},{r.label}" for r in records]
    found = take("\n".join(["video,score", *rows]))
    assert sum(line.score == 1 for line in found.predictions) == len(faulty) > 0


def test_paths_may_begin_in_a_folder_below_the_root(
    take: Callable[..., Predictions], records: list[Record]
) -> None:
    clips = [record for record in records if record.video.startswith("clip/test/")]
    rows = [f"{record.video.removeprefix('clip/test/')},1" for record in clips]
    options = replace(OPTIONS, below="clip/test/", allow_missing=True)
    found = take("\n".join(["video,score", *rows]), options=options)
    assert [line.id for line in found.predictions] == [record.id for record in clips]


def test_a_table_of_another_split_is_taken_for_that_split(
    take: Callable[..., Predictions], dataset: Path
) -> None:
    videos = Dataset.open(dataset).records("val")
    found = take(table(videos), options=replace(OPTIONS, split="val"))
    assert (found.header.split, len(found.predictions)) == ("val", len(videos))


def test_the_same_table_gives_the_same_bytes_and_its_order_does_not_matter(
    take: Callable[..., Predictions], records: list[Record]
) -> None:
    one = take(table(records))
    content = one.path.read_bytes()
    take(table(records))
    assert one.path.read_bytes() == content
    assert take(table(records[::-1])).predictions == one.predictions


def test_long_answers_with_quotes_and_line_breaks_are_read(
    take: Callable[..., Predictions], records: list[Record], tmp_path: Path
) -> None:
    text = 'Die "Klammer"; schließt\r\n' * 60_000
    with (tmp_path / "made.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["video", "text"])
        writer.writerows([record.id, text if record is records[0] else "x"] for record in records)
    found = take((tmp_path / "made.csv").read_bytes())
    assert found.predictions[0].text == text


def test_videos_that_are_left_out_count_as_missing_where_that_is_allowed(
    take: Callable[..., Predictions], records: list[Record]
) -> None:
    found = take(table(records[:-2]), options=replace(OPTIONS, allow_missing=True))
    assert (len(found.predictions), found.missing) == (len(records) - 2, 2)


def test_an_import_takes_the_place_of_an_earlier_one(
    take: Callable[..., Predictions], records: list[Record]
) -> None:
    take(table(records))
    assert {line.score for line in take(table(records, lambda _: "2")).predictions} == {2.0}


# What is refused


def test_videos_that_are_left_out_are_refused_by_name(
    refusal: Callable[..., str], records: list[Record]
) -> None:
    said = refusal(table(records[:-2]))
    assert said.startswith(f"theirs.csv: 2 of the {len(records)} videos of the split test are miss")
    assert said.splitlines()[1:] == [f"  {record.video}" for record in records[-2:]]


def test_a_video_that_is_meant_twice_is_named_with_both_lines(
    refusal: Callable[..., str], records: list[Record]
) -> None:
    first = records[0]
    said = refusal(table(records) + f"/elsewhere/{first.id},1\n")
    number = len(records) + 2
    assert f"theirs.csv:{number}: {first.video} stands in line 2 already" in said


def test_a_video_of_another_split_is_told_by_its_split(
    refusal: Callable[..., str], records: list[Record], dataset: Path
) -> None:
    other = Dataset.open(dataset).records("train")[0]
    said = refusal(table(records) + f"{other.id},1\n")
    assert f"{other.id}: a video of the split train, and not of test" in said


@pytest.mark.parametrize("name", ["fan/test/stuck/0001", "lip/test/normal/0003", "x" * 5000])
def test_a_video_that_is_not_known_is_named(
    refusal: Callable[..., str], records: list[Record], name: str
) -> None:
    said = refusal(table(records) + f"{name},1\n")
    assert said.splitlines()[1].startswith(f"  theirs.csv:{len(records) + 2}: {name[:20]}")
    assert len(said) < 500


def test_a_name_that_several_videos_end_with_is_refused_with_them(
    refusal: Callable[..., str], records: list[Record]
) -> None:
    said = refusal(table(records) + "0001,1\n")
    assert "0001: it could be " in said
    assert said.count(".mp4 (") == 3


@pytest.mark.parametrize(
    "score",
    ["nan", "NaN", "inf", "-Infinity", "1e999", "high", "1_000", "0x1p3", "٣", "--1", "1 2", "1e"],
)
def test_a_score_that_is_no_finite_number_is_named_by_its_line(
    refusal: Callable[..., str], records: list[Record], score: str
) -> None:
    said = refusal(table(records, lambda r: score if r is records[1] else "1"))
    assert f"theirs.csv:3: the score is '{score}', which is no finite number" in said


@pytest.mark.parametrize(
    "score", ["NaN", "-Infinity", "1e999", "true", "[1]", '"high"', "1" + "0" * 400, "9" * 5000]
)
def test_a_score_of_json_that_is_no_finite_number_is_named_by_its_line(
    refusal: Callable[..., str], records: list[Record], score: str
) -> None:
    row = json.dumps({"video": records[0].id})[:-1] + f', "score": {score}}}\n'
    said = refusal(json_lines(records[1:], score=1) + row, "theirs.jsonl")
    assert f"theirs.jsonl:{len(records)}: " in said
    assert len(said) < 500


def test_a_decimal_comma_is_refused_with_what_to_write(
    refusal: Callable[..., str], records: list[Record]
) -> None:
    rows = [f"{record.id};0,53" for record in records]
    assert "write a decimal point" in refusal("\n".join(["video;score", *rows]))


def test_a_row_without_score_and_text_is_refused(
    refusal: Callable[..., str], records: list[Record]
) -> None:
    said = refusal(table(records, lambda r: " " if r is records[2] else "1"))
    assert "theirs.csv:4: neither a score nor a text" in said


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("clip/test/normal/0003,0.5", "no column video"),
        ("video", "no column score or text"),
        ("video,label", "no column score or text"),
        ("video,score,score", "the column score stands twice"),
        ("vidoe,score", "no column vidoe; did you mean video?"),
        ("video,scores", "no column scores; did you mean score?"),
        ("", "no column video"),
    ],
)
def test_a_header_that_does_not_name_the_columns_is_refused(
    refusal: Callable[..., str], header: str, said: str
) -> None:
    assert refusal(f"{header}\nclip/test/normal/0003,1\n").startswith(f"theirs.csv:1: {said}")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "theirs.csv:1: no column video"),
        ("video,score\n", "theirs.csv: there is no row in it"),
        ("video,score\na,1\nb,1,2\n", "theirs.csv:3: 3 cells where the header has 2"),
        ("video,score\n,1\n", "theirs.csv:2: it names no video"),
        ('video,text\na,b\nc,"d\ne\nf', "theirs.csv:3: cannot be read as CSV"),
        ('video,text\na,"b"c\n', "theirs.csv:2: cannot be read as CSV"),
        (b"video,score\na,1\nb\0,1\n", "theirs.csv:3: a NUL byte"),
        (b"video,text\na,1\nb,\xfcber\n", "theirs.csv:3: not UTF-8: byte 0xfc"),
        (b"\xef\xbb\xbfvideo,text\na,\xff\n", "theirs.csv:2: not UTF-8: byte 0xff"),
        ("video,score\n".encode("utf-16"), "theirs.csv:1: UTF-16 and not UTF-8"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_line(
    refusal: Callable[..., str], content: str | bytes, said: str
) -> None:
    assert said in refusal(content)


@pytest.mark.parametrize(
    "row",
    [
        "not JSON",
        "[1]",
        "3",
        '{"video": "a", "score": 1',
        '{"video": 3, "score": 1}',
        '{"video": "a", "text": 3}',
        '{"video": "a", "text": "\\ud800"}',
        '{"video": "a", "score": null, "text": null}',
        '{"video": "a", "video": "b", "score": 1}',
        "[" * 100_000,
    ],
)
def test_a_line_of_json_that_is_no_row_is_named(refusal: Callable[..., str], row: str) -> None:
    content = json.dumps({"video": "a", "score": 1, "text": "b"}) + f"\n\n{row}\n"
    said = refusal(content, "theirs.jsonl")
    assert "theirs.jsonl:3: " in said
    assert len(said) < 500


def test_all_that_is_wrong_is_told_at_once_up_to_twenty_lines(
    refusal: Callable[..., str], records: list[Record]
) -> None:
    said = refusal(table(records) + "none,1\n" * 25)
    assert "theirs.csv: 25 problems:" in said
    assert said.endswith("and 5 more")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "\x1b[31mred"])
def test_a_method_without_a_name_that_tables_can_show_is_refused(
    refusal: Callable[..., str], records: list[Record], name: str
) -> None:
    assert "no name for a method" in refusal(table(records), options=replace(OPTIONS, name=name))


def test_a_table_that_is_not_there_is_refused(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(PredictionError, match=r"none\.csv cannot be read: No such file"):
        import_predictions(tmp_path / "none.csv", dataset, tmp_path / "out.jsonl", OPTIONS)


def test_a_file_of_another_kind_is_refused_by_its_name(refusal: Callable[..., str]) -> None:
    assert "neither CSV nor JSON lines" in refusal("x", "theirs.xlsx")


@pytest.mark.parametrize("content", ["my notes\n", "", '{"kind": "header"}\n'])
def test_a_file_that_is_no_import_is_not_replaced(
    dataset: Path, tmp_path: Path, records: list[Record], content: str
) -> None:
    path, out = tmp_path / "theirs.csv", tmp_path / "out.jsonl"
    path.write_text(table(records))
    out.write_text(content)
    with pytest.raises(PredictionError, match="is no earlier import"):
        import_predictions(path, dataset, out, OPTIONS)
    assert out.read_text() == content


# The command


def test_the_command_says_what_was_imported_and_what_is_missing(
    dataset: Path, tmp_path: Path, records: list[Record]
) -> None:
    path, out = tmp_path / "theirs.csv", tmp_path / "out.jsonl"
    path.write_text(table(records[1:]))
    words = ["eval", "import", path, dataset, "--name", "Other", "-o", out, "--allow-missing"]
    said = CliRunner().invoke(app, [str(word) for word in words])
    assert said.exit_code == 0
    count = len(records) - 1
    assert said.stdout.splitlines() == [
        f"imported {count} videos of the split test ({count} with a score, 0 with a text): {out}"
    ]
    assert f"  {records[0].video}" in said.stderr.splitlines()


def test_an_import_is_scored_like_any_predictions(
    take: Callable[..., Predictions], records: list[Record]
) -> None:
    scores = score(take(table(records, lambda record: str(record.label))))
    assert scores.macro_auroc == 1
    worded = score(take(json_lines(records, text="No anomaly."), "theirs.jsonl"))
    assert (worded.macro_auroc, worded.macro_verdict_auroc) == (None, 0.5)
