"""The replies file: what it holds, what is made of it, and what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from judge_server import JudgeServer
from judging import Judging, Make, marked, rows

from physprior.errors import JudgeError, OutputError
from physprior.eval.judge.replies import judged_path

URL = "http://localhost:1/v1"


@pytest.fixture
def work(make_judging: Make) -> Judging:
    """Four videos, three of which have a reply, one of them unreadable."""
    made: Judging = make_judging(4)
    made.begin(marked(4, 2), "no", marked(0, 1))
    return made


def change(path: Path, number: int, **fields: Any) -> None:
    """Change fields of one line, counted from 1."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[number - 1] = json.dumps({**json.loads(lines[number - 1]), **fields}) + "\n"
    path.write_text("".join(lines), encoding="utf-8")


def refused(work: Judging) -> str:
    with pytest.raises(JudgeError) as caught:
        work.read()
    assert caught.value.remedy
    return caught.value.message


def test_it_lies_beside_the_predictions() -> None:
    path = judged_path(Path("runs/a/test.jsonl"), "paeval")
    assert path == Path("runs/a/test.judge-paeval.jsonl")


def test_marks_are_read_from_the_replies(work: Judging) -> None:
    first, second, third, _ = (item.id for item in work.items)
    judged = work.read()
    assert judged.values() == {first: 0.75, second: None, third: 0.125}
    assert judged.values("anomaly_type") == {first: 1.0, second: None, third: 0.0}
    assert [(one.id, one.task, one.repeat) for one in judged.unscored] == [
        (second, "explanation", 1)
    ]
    assert judged.missing == 1
    assert judged.torn is None


def test_tokens_of_unreadable_replies_count(work: Judging) -> None:
    usage = work.read().usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.replies) == (300, 30, 3)
    assert usage.cost(1.0, 10.0) == pytest.approx(600e-6)


def test_replies_without_a_token_count_are_counted_as_such(work: Judging) -> None:
    first = work.lines("reply")[0]["reply"]
    change(work.out, 2, reply={**first, "prompt_tokens": None, "completion_tokens": None})
    usage = work.read().usage
    assert (usage.prompt_tokens, usage.uncounted) == (200, 1)


def test_a_replied_text_is_kept_to_the_letter(make_judging: Make) -> None:
    odd = 'Größe 📷\u2028\u0000\r\n"}] \u202e {"score": 1}'
    work = make_judging(2)
    work.begin(odd)
    assert work.lines("reply")[0]["reply"]["text"] == odd
    assert len(work.read().unscored) == 1


def test_half_a_line_at_the_end_is_left_out_and_cut_by_the_next_run(work: Judging) -> None:
    whole = work.out.read_bytes()
    work.out.write_bytes(whole + b'{"kind": "reply", "ids"')
    assert work.read().torn == 5
    assert len(work.read().values()) == 3
    with JudgeServer() as server:
        work.endpoint = {}
        work.begin(url=URL)
        assert work.out.read_bytes() == whole
        assert server.count == 0


@pytest.mark.parametrize("kept", [0, 1, 40])
def test_a_run_that_was_stopped_within_the_header_begins_anew(work: Judging, kept: int) -> None:
    header = work.out.read_bytes().split(b"\n")[0]
    work.out.write_bytes(header[:kept])
    work.begin(marked(1, 1))
    assert len(work.read().values()) == 1


def test_a_run_that_was_stopped_after_the_header_still_lists_what_is_unasked(
    make_judging: Make,
) -> None:
    work = make_judging([*rows(1), ("clip", "normal", 0.5, ""), ("clip", "normal", 0.5, None)])
    work.begin()
    whole = work.out.read_bytes()
    assert len(whole.splitlines()) == 3
    for kept in (1, 2):
        work.out.write_bytes(b"".join(whole.splitlines(keepends=True)[:kept]) + b'{"ki')
        work.begin()
        assert work.out.read_bytes() == whole


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{}", "kind"),
        ("[1, 2]", "$"),
        ("not json", "$"),
        ("[" * 100_000, "$"),
        ('{"kind": "reply"}', "$.ids"),
        ('{"kind": "unasked", "ids": [], "task": "explanation", "reason": "", "value": 0}', "ids"),
        ('{"kind": "failure", "ids": ["a"], "task": "sing", "reason": ""}', "task"),
        ("\udcff", "$"),
        ("", "$"),
    ],
)
def test_a_damaged_line_is_named(work: Judging, line: str, said: str) -> None:
    content = work.out.read_bytes().splitlines(keepends=True)
    content.insert(2, line.encode("utf-8", "surrogateescape") + b"\n")
    work.out.write_bytes(b"".join(content))
    message = refused(work)
    assert f"{work.out}:3: " in message
    assert said in message
    assert len(message) < 700


def test_a_terminal_is_not_handed_what_a_damaged_line_says(work: Judging) -> None:
    change(work.out, 3, **{"\x1b[31m" * 500: 1})
    message = refused(work)
    assert "\x1b" not in message
    assert len(message) < 1000


@pytest.mark.parametrize("kind", ["reply", "failure"])
def test_a_terminal_is_not_handed_what_an_edited_file_says(work: Judging, kind: str) -> None:
    odd = "\x1b[31m" * 500
    line = {**work.lines("reply")[0], "key": "other", "ids": ["a"], "kind": kind}
    if kind == "failure":
        for name in ("form", "asking", "source", "left_out", "reply"):
            del line[name]
        line["reason"] = odd
    else:
        line["reply"]["model"] = odd
    with work.out.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line) + "\n")
    judged = work.read()
    told = [*judged.models, *(one.reason for one in judged.unscored)]
    assert any("31m" in text for text in told)
    assert not any("\x1b" in text or len(text) > 1000 for text in told)
    change(work.out, 5, ids=[odd])
    assert "control character" in refused(work)


def test_a_line_that_stands_twice_is_refused(work: Judging) -> None:
    lines = work.out.read_text(encoding="utf-8").splitlines(keepends=True)
    work.out.write_text("".join([*lines, lines[1]]), encoding="utf-8")
    assert f"{work.out}:5: " in refused(work)
    assert "line 2 already" in refused(work)


def test_of_several_replies_to_a_question_the_first_that_can_be_read_counts(work: Judging) -> None:
    lines = work.lines("reply")
    more = [(lines[0], 2, marked(0, 0)), (lines[1], 2, marked(4, 4)), (lines[1], 3, marked(0, 0))]
    with work.out.open("a", encoding="utf-8") as stream:
        for line, asking, text in more:
            said = {**line, "asking": asking, "reply": {**line["reply"], "text": text}}
            stream.write(json.dumps(said) + "\n")
    assert list(work.read().values().values()) == [0.75, 1.0, 0.125]
    assert work.read().usage.replies == 6


def test_a_failure_after_a_mark_takes_nothing_from_it(work: Judging) -> None:
    line = {name: work.lines("reply")[0][name] for name in ("ids", "task", "repeat", "key")}
    failure = {"kind": "failure", **line, "reason": "HTTP 500"}
    before = work.read().values()
    with work.out.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(failure) + "\n")
    assert work.read().values() == before
    assert [one.id for one in work.read().unscored] == [work.items[1].id]


def test_a_video_under_two_questions_is_refused(work: Judging) -> None:
    change(work.out, 3, ids=[work.items[0].id])
    assert f"{work.out}:3: {work.items[0].id} stands in line 2 already" in refused(work)


def test_a_second_header_is_refused(work: Judging) -> None:
    lines = work.out.read_text(encoding="utf-8").splitlines(keepends=True)
    work.out.write_text("".join([*lines, lines[0]]), encoding="utf-8")
    assert f"{work.out}:5: a second header" in refused(work)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "reply"}, "no header"),
        ({"format": 2}, "another format"),
        ({"profile_version": 99}, "version 99"),
        ({"profile": "opinion"}, "opinion"),
        ({"repeat": 0}, "$.repeat"),
    ],
)
def test_a_header_that_cannot_be_followed_is_refused(
    work: Judging, fields: dict[str, Any], said: str
) -> None:
    change(work.out, 1, **fields)
    message = refused(work)
    assert message.startswith(f"{work.out}:1: ")
    assert said in message


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]\n", b"null\n", b"\n"])
def test_a_file_that_is_none_is_refused(work: Judging, content: bytes) -> None:
    work.out.write_bytes(content)
    assert "header" in refused(work)


def test_a_folder_and_a_missing_file_are_refused(work: Judging, tmp_path: Path) -> None:
    work.out = tmp_path
    assert "cannot be read" in refused(work)
    work.out = tmp_path / "no.jsonl"
    assert "cannot be read" in refused(work)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("rubric_hash", "rubric"),
        ("model", "model"),
        ("base_url", "base URL"),
        ("predictions_hash", "predictions"),
        ("references_hash", "references"),
        ("questions_hash", "wording"),
    ],
)
def test_replies_to_something_else_are_refused_by_name_and_left_alone(
    work: Judging, field: str, said: str
) -> None:
    change(work.out, 1, **{field: "other"})
    before = work.out.read_bytes()
    with pytest.raises(JudgeError, match=rf"differs in: {said}"):
        work.begin()
    with pytest.raises(JudgeError, match=rf"differs in: {said}"):
        work.forecast(URL)
    assert work.out.read_bytes() == before


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("max_tokens", 7, "tokens of a reply"),
        ("structured", "object", "structured output"),
        ("temperature", 0.5, "temperature"),
    ],
)
def test_another_setting_is_another_judge(
    work: Judging, setting: str, value: object, said: str
) -> None:
    work.endpoint[setting] = value
    with pytest.raises(JudgeError, match=rf"differs in: {said}\)"):
        work.begin()


def test_predictions_named_as_the_replies_file_are_left_alone(work: Judging) -> None:
    work.out = work.predictions.path
    before = work.out.read_bytes()
    with pytest.raises(JudgeError):
        work.begin()
    assert work.out.read_bytes() == before


def test_two_runs_cannot_write_to_one_file(work: Judging) -> None:
    hold = (
        "import sys; from physprior.line_file import LineFile; from pathlib import Path\n"
        "with LineFile(Path(sys.argv[1]), 'replies'): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(work.out)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(JudgeError, match="another process"):
            work.begin()
        other.communicate("")
    work.begin()


def test_a_place_that_cannot_be_written_is_said_before_a_question_is_paid_for(
    work: Judging, tmp_path: Path
) -> None:
    work.out = tmp_path / "predictions.jsonl" / "below.jsonl"
    with JudgeServer() as server:
        with pytest.raises(OutputError):
            work.run(server.url)
        assert server.count == 0


def test_a_file_that_is_taken_away_stops_the_run(make_judging: Make) -> None:
    work = make_judging(8, connections=1)
    with JudgeServer() as server:
        work.after_each = lambda: server.count == 3 and work.out.unlink()
        with pytest.raises(JudgeError, match="removed or replaced"):
            work.run(server.url)
        assert server.count == 4


def test_the_tasks_of_paeval_have_values_of_their_own(make_judging: Make) -> None:
    path = make_judging(rows(2)).predictions.path
    change(path, 2, description="An arm that is pressed down.")
    change(path, 3, description="")
    work = make_judging(path, "paeval")
    with JudgeServer() as server:
        work.run(server.url)
        assert server.count == 3
    judged = work.read()
    first, second = (item.id for item in work.items)
    assert set(judged.tasks) == {"description", "explanation"}
    assert set(judged.values(task="explanation")) == {first, second}
    assert judged.values(task="description")[second] == 0.0
    assert judged.values(task="description")[first] not in (0.0, None)
    with pytest.raises(ValueError, match="description"):
        judged.values()


def test_a_form_that_was_damaged_is_named(make_judging: Make) -> None:
    work = make_judging(1, "paeval")
    work.begin('{"reasoning": "", "similarities": [1, 1]}')
    change(work.out, 2, form={})
    assert f"{work.out}:2: " in refused(work)
