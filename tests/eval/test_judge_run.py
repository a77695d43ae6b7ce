"""Asking a judge about a predictions file: what is asked, what is kept, what is asked again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from judge_server import JudgeServer, error, good, good_text, in_turn, out_of_range, saying, slow
from judging import KEY, Make, rows

from physprior.errors import JudgeError


def test_each_video_gets_the_marks_that_its_reply_holds(make_judging: Make) -> None:
    work = make_judging(6)
    with JudgeServer() as server:
        work.run(server.url)
        replies = {asked.user: json.loads(good_text(asked)) for asked in server.asked}
    values = work.read().values()
    assert len(replies) == len(values) == 6
    mean = {sum(v for v in one.values() if isinstance(v, int)) / 8 for one in replies.values()}
    assert set(values.values()) == mean


def test_the_same_command_again_asks_nothing(make_judging: Make) -> None:
    work = make_judging(5)
    with JudgeServer() as server:
        work.run(server.url)
        before = work.out.read_bytes()
        report = work.run(server.url)
        assert server.count == 5
    assert (report.answered, report.usage.replies) == (5, 0)
    assert work.out.read_bytes() == before


def test_equal_questions_of_several_videos_are_asked_once(make_judging: Make) -> None:
    same = ("clip", "normal", 0.5, "Verdict: Normal. Reason: it is fine.")
    work = make_judging([same, same, same, ("ball", *same[1:])])
    with JudgeServer() as server:
        work.run(server.url)
        assert server.count == 2
    values = work.read().values()
    assert len(values) == 4
    assert None not in values.values()
    assert len(work.read().repeats()) == 2


def test_an_empty_answer_counts_0_and_is_not_asked_about(make_judging: Make) -> None:
    work = make_judging([*rows(1), ("clip", "normal", 0.5, "")])
    with JudgeServer() as server:
        work.run(server.url)
        assert server.count == 1
    judged = work.read()
    empty = work.items[1].id
    assert judged.values()[empty] == judged.values("logic")[empty] == 0.0
    assert judged.unscored == []
    assert judged.missing == 0


def test_a_prediction_without_text_is_unscored_with_its_reason(make_judging: Make) -> None:
    work = make_judging([*rows(1), ("clip", "normal", 0.5, None)])
    with JudgeServer() as server:
        work.run(server.url)
    judged = work.read()
    assert [(one.id, one.reason) for one in judged.unscored] == [(work.items[1].id, "no text")]
    assert judged.values()[work.items[1].id] is None


def test_a_reply_that_cannot_be_read_is_asked_for_once_more(make_judging: Make) -> None:
    work = make_judging(3)
    with JudgeServer(in_turn(out_of_range, good)) as server:
        report = work.run(server.url)
        assert set(server.questions.values()) == {2}
    assert (report.unread, work.read().unscored) == (0, [])
    assert work.read().usage.replies == 6
    assert work.read().usage.prompt_tokens == 600


def test_a_second_reply_that_cannot_be_read_is_unscored_and_not_paid_for_again(
    make_judging: Make,
) -> None:
    work = make_judging(3)
    with JudgeServer(saying("I would say it is quite good.")) as server:
        report = work.run(server.url)
        again = work.run(server.url)
        assert server.count == 6
    assert (report.unread, again.unread, again.answered) == (3, 0, 3)
    judged = work.read()
    assert len(judged.unscored) == 3
    assert all(one.reason for one in judged.unscored)
    assert set(judged.values().values()) == {None}
    assert again.usage.replies == 0
    assert work.seen[-1].unscored == 3


def test_unread_replies_are_asked_for_again_where_the_user_wants_it(make_judging: Make) -> None:
    work = make_judging(3)
    with JudgeServer(in_turn(out_of_range, out_of_range, out_of_range, good)) as server:
        work.run(server.url)
        work.run(server.url, retry_unread=True)
        assert set(server.questions.values()) == {4}
    assert work.read().unscored == []


def test_a_question_without_a_reply_is_unscored_and_asked_by_the_next_run(
    make_judging: Make,
) -> None:
    work = make_judging(4)
    spoilt = work.items[1].answer or ""
    with JudgeServer() as server:
        server.script = lambda asked: (error(500) if spoilt in asked.user else good)(asked)
        assert work.run(server.url).failed == 1
        assert [one.id for one in work.read().unscored] == [work.items[1].id]
        assert "500" in work.read().unscored[0].reason
        assert work.read().values()[work.items[1].id] is None
        server.script = good
        assert work.run(server.url).failed == 0
        assert server.count == 3 + 2 + 1
    assert work.read().unscored == []


def test_a_judge_that_has_answered_nothing_at_all_is_an_error_and_no_result(
    make_judging: Make,
) -> None:
    work = make_judging([*rows(3), ("clip", "normal", 0.5, "")])
    with JudgeServer(error(503)) as server:
        with pytest.raises(JudgeError, match=r"none of 3 questions.*503"):
            work.run(server.url)
        server.script = good
        assert work.run(server.url).failed == 0
    assert work.read().unscored == []


def test_what_the_judge_was_not_shown_is_said(make_judging: Make) -> None:
    work = make_judging([*rows(2), ("clip", "normal", 0.5, "Verdict: Normal. " * 5000)])
    with JudgeServer() as server:
        report = work.run(server.url)
    assert work.read().cut == (work.items[2].id,)
    assert [work.items[2].id in remark for remark in report.remarks] == [True]


def test_a_judge_that_can_never_answer_stops_the_run_and_what_came_is_kept(
    make_judging: Make,
) -> None:
    work = make_judging(12, connections=1)
    with JudgeServer() as server:
        server.script = lambda asked: (good if asked.number < 5 else error(401))(asked)
        with pytest.raises(JudgeError, match="401"):
            work.run(server.url)
        assert len(work.lines("reply")) == 5
        server.script = good
        report = work.run(server.url)
        assert server.count == 13
    assert report.answered == 5
    assert None not in work.read().values().values()


def test_what_is_under_way_when_the_run_stops_is_kept(make_judging: Make) -> None:
    work = make_judging(12, connections=2)
    with JudgeServer() as server:
        server.script = lambda asked: (slow(0.2) if asked.number == 0 else error(401))(asked)
        with pytest.raises(JudgeError, match="401"):
            work.run(server.url)
        assert server.count == 2
    assert len(work.read().values()) == 1


def test_a_fault_of_the_callers_ends_the_run(make_judging: Make) -> None:
    work = make_judging(24, connections=2)
    work.after_each = lambda: len(work.seen) == 4 and 1 / 0
    with JudgeServer(latency=0.01) as server:
        with pytest.raises(ZeroDivisionError):
            work.run(server.url)
        assert server.count < 8
    assert len(work.read().values()) == server.count


def test_nothing_is_sent_where_there_is_nothing_to_ask(make_judging: Make) -> None:
    work = make_judging([("clip", "normal", 0.5, ""), ("clip", "unable_to_press", 0.5, " ")])
    report = work.run("http://localhost:1/v1")
    assert report.questions == 0
    assert set(work.read().values().values()) == {0.0}


def test_an_endpoint_that_answers_nothing_stops_the_run_after_20_questions(
    make_judging: Make,
) -> None:
    work = make_judging(60, attempts=1, connections=2)
    with JudgeServer(error(503)) as server, pytest.raises(JudgeError, match="20"):
        work.run(server.url)
    assert server.count < 25


def test_repeats_are_asked_anew_and_their_mean_counts(make_judging: Make) -> None:
    work = make_judging(2)
    marks = iter([1, 2, 3, 4, 2, 1])

    def drawn(asked: Any) -> Any:
        said = json.loads(good_text(asked))
        mark = next(marks)
        return saying(json.dumps({k: mark if isinstance(v, int) else v for k, v in said.items()}))(
            asked
        )

    work.endpoint["connections"] = 1
    with JudgeServer(drawn) as server:
        work.run(server.url, repeat=3)
        assert server.count == 6
    judged = work.read()
    assert list(judged.repeats().values()) == [(0.25, 0.75, 0.5), (0.5, 1.0, 0.25)]
    assert list(judged.values().values()) == pytest.approx([0.5, 1.75 / 3])


def test_raising_the_repeats_goes_on_with_the_same_file(make_judging: Make) -> None:
    work = make_judging(2)
    with JudgeServer() as server:
        work.run(server.url)
        report = work.run(server.url, repeat=3)
        assert server.count == 6
    assert (report.answered, report.questions) == (2, 6)
    assert [len(marks) for marks in work.read().repeats().values()] == [3, 3]


def test_a_limit_asks_the_first_questions_alone(make_judging: Make) -> None:
    work = make_judging(6)
    with JudgeServer() as server:
        work.run(server.url, limit=2)
        assert server.count == 2
        judged = work.read()
        # Replies are written as they come, in any order.
        assert sorted(judged.values()) == sorted(item.id for item in work.items[:2])
        assert judged.missing == 4
        work.run(server.url, limit=2)
        assert server.count == 2
        work.run(server.url)
        assert server.count == 6
    assert work.read().missing == 0


def test_never_more_questions_are_under_way_than_connections(make_judging: Make) -> None:
    work = make_judging(24, connections=3)
    with JudgeServer(latency=0.01) as server:
        work.run(server.url)
        assert server.most_at_once == 3


def test_progress_counts_what_is_settled_and_what_it_took(make_judging: Make) -> None:
    work = make_judging(3)
    with JudgeServer() as server:
        work.run(server.url)
    assert [one.done for one in work.seen] == [0, 1, 2, 3]
    assert {one.total for one in work.seen} == {3}
    assert work.seen[-1].usage.prompt_tokens == 300
    assert work.seen[-1].usage.cost(2.0, 0.0) == pytest.approx(600e-6)


def test_while_the_judge_is_silent_the_caller_hears_that_the_run_goes_on(
    make_judging: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("physprior.eval.judge.asking._BEAT", 0.02)
    work = make_judging(1)
    with JudgeServer(latency=0.2) as server:
        work.run(server.url)
    assert sum(one.done == 0 for one in work.seen) > 3
    assert work.seen[-1].done == 1


@pytest.mark.parametrize("field", ["key", "ids", "repeat"])
def test_a_reply_to_a_question_that_is_not_asked_is_refused_before_anything_is_paid_for(
    make_judging: Make, field: str
) -> None:
    work = make_judging(3)
    with JudgeServer() as server:
        work.run(server.url)
        lines = work.lines()
        lines[2][field] = {"key": "0" * 64, "ids": ["clip/test/normal/9"], "repeat": 7}[field]
        work.out.write_text("".join(json.dumps(line) + "\n" for line in lines))
        for again in (work.run, work.forecast):
            with pytest.raises(JudgeError, match="that this command does not ask"):
                again(server.url)
        assert server.count == 3


def test_a_judge_whose_name_changes_during_the_run_is_remarked(make_judging: Make) -> None:
    work = make_judging(3, connections=1)
    named = lambda name: lambda asked: saying(good_text(asked), model=name)(asked)  # noqa: E731
    with JudgeServer() as server:
        server.script = lambda asked: named("old" if asked.number < 2 else "new")(asked)
        report = work.run(server.url)
    assert work.read().models == ("old", "new")
    assert any("old" in remark and "new" in remark for remark in report.remarks)


def test_a_forecast_sends_and_writes_nothing(make_judging: Make, tmp_path: Path) -> None:
    work = make_judging(5)
    cache = tmp_path / "cache" / "judge.sqlite"
    with JudgeServer() as server:
        told = work.forecast(server.url, cache=cache)
        assert (told.questions, told.answered, told.cached, told.to_ask) == (5, 0, 0, 5)
        assert told.characters > 1000
        assert server.count == 0
        assert not work.out.exists()
        assert not cache.parent.exists()
        work.run(server.url, limit=2, cache=cache)
        told = work.forecast(server.url, cache=cache)
        assert (told.answered, told.cached, told.to_ask) == (2, 0, 3)
        told = work.with_out("other.jsonl").forecast(server.url, cache=cache)
        assert (told.answered, told.cached, told.to_ask) == (0, 2, 3)


def test_the_key_is_in_no_file(make_judging: Make, tmp_path: Path) -> None:
    work = make_judging(2)
    with JudgeServer(lambda asked: saying(f"{asked.key} {good_text(asked)}")(asked)) as server:
        work.run(server.url, cache=tmp_path / "judge.sqlite")
        assert server.asked[0].key == KEY
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) >= 3
    assert not any(KEY.encode() in content for content in written)
