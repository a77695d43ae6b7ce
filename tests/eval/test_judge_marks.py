"""Whose marks they are, and what of a question that went wrong is still to be done."""

from __future__ import annotations

import pytest
from judge_http import Answer, Asked
from judge_server import JudgeServer, error, good, in_turn, out_of_range, rate_limited, saying
from judging import Make, marked, rows

from physprior.eval.explanations.evaluation import judge_scores

UNREADABLE = "I would say it is quite good."


def by_number(asked: Asked) -> Answer:
    """Marks that tell which answer was asked about: try 0 has (0, 0), try 1 (1, 2), and so on."""
    number = next(number for number in range(4) if f"try {number}" in asked.user)
    return saying(marked(number, min(4, 2 * number)))(asked)


def test_each_video_has_the_marks_of_its_own_answer(make_judging: Make) -> None:
    work = make_judging(4, connections=3)
    with JudgeServer(by_number) as server:
        work.run(server.url)

    judged, ids = work.read(), [item.id for item in work.items]
    assert judged.values("anomaly_type") == dict(zip(ids, (0.0, 0.25, 0.5, 0.75), strict=True))
    assert judged.values("logic") == dict(zip(ids, (0.0, 0.5, 1.0, 1.0), strict=True))
    assert judged.values() == dict(zip(ids, (0.0, 0.375, 0.75, 0.875), strict=True))


def test_of_one_unreadable_reply_before_a_stop_the_other_asking_is_left(make_judging: Make) -> None:
    work = make_judging(2)
    with JudgeServer(saying(UNREADABLE)) as server:
        work.begin(UNREADABLE, url=server.url)
        report = work.run(server.url)
        assert sorted(server.questions.values()) == [1, 2]
    assert (report.answered, report.unread) == (0, 2)


def test_a_failure_between_two_askings_does_not_begin_them_anew(make_judging: Make) -> None:
    work = make_judging(1)
    with JudgeServer(saying(UNREADABLE)) as server:
        work.begin(UNREADABLE, url=server.url)
        server.script = error(500)
        assert work.run(server.url).failed == 1
        server.script = saying(UNREADABLE)
        assert work.run(server.url).unread == 1
        assert server.count == 2 + 1
    assert work.read().usage.replies == 2


def test_with_the_users_wish_an_unread_question_is_asked_twice_more_and_no_more(
    make_judging: Make,
) -> None:
    work = make_judging(1)
    with JudgeServer(in_turn(*[out_of_range] * 9, good)) as server:
        for wanted, asked in ((False, 2), (False, 2), (True, 4), (True, 6)):
            work.run(server.url, retry_unread=wanted)
            assert server.count == asked


def test_progress_counts_what_earlier_runs_could_not_read_and_nothing_that_they_could(
    make_judging: Make,
) -> None:
    work = make_judging(4)

    def script(asked: Asked) -> Answer:
        return (saying(UNREADABLE) if "try 3" in asked.user else by_number)(asked)

    with JudgeServer(script) as server:
        work.run(server.url)
        work.seen.clear()
        work.run(server.url)
    assert [(one.done, one.total, one.unscored) for one in work.seen] == [(4, 4, 1)]


def test_what_the_judge_asks_for_many_times_is_remarked_once(
    make_judging: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("physprior.endpoint.client._WORTH_TELLING", 0.0)
    work = make_judging(2, connections=1, attempts=9)
    with JudgeServer(in_turn(rate_limited(0.01), rate_limited(0.01), good)) as server:
        report = work.run(server.url)
        assert server.count == 6
    assert [line for line in report.remarks if "pauses" in line] == [
        "the judge asks for pauses of up to 10 s"
    ]


def test_the_judge_s_agreement_is_over_all_its_repeats(make_judging: Make) -> None:
    work = make_judging(2)
    high, low = saying(marked(4, 4)), saying(marked(0, 0))
    with JudgeServer(in_turn(high, high, low)) as server:
        work.run(server.url, repeat=3)

    [task] = judge_scores(work.read(), work.items).tasks
    assert task.agreement.n == 2
    assert task.agreement.exact == 0.0
    assert task.agreement.difference == pytest.approx(2 / 3)


def test_a_repeat_without_a_mark_leaves_the_mean_of_the_others(make_judging: Make) -> None:
    work = make_judging(1)
    turns = in_turn(saying(marked(4, 4)), saying(marked(2, 2)), saying(UNREADABLE))
    with JudgeServer(turns) as server:
        work.run(server.url, repeat=3)

    judged = work.read()
    assert list(judged.values().values()) == [0.75]
    assert [(one.repeat, one.task) for one in judged.unscored] == [(3, "explanation")]


def test_what_was_not_asked_about_yet_is_in_no_mean_and_is_not_unscored(
    make_judging: Make,
) -> None:
    work = make_judging(rows(3))
    with JudgeServer(saying(marked(4, 2))) as server:
        work.run(server.url, limit=1)

    [task] = judge_scores(work.read(), work.items).tasks
    assert task.score.categories["clip"]["all"].n == 1
    assert (task.score.unscored, task.unscored) == (0, ())


def test_an_unscored_description_is_no_unscored_explanation(make_judging: Make) -> None:
    work = make_judging([("clip", "normal", 0.5, None), *rows(1)], profile="paeval")
    described = [
        type(item)(item.line.model_copy(update={"description": said}), item.parsed, *held)
        for item, said, held in (
            (work.items[0], "The jaws close.", (("Why.",), ("What.",))),
            (work.items[1], "The jaws open.", (("Why.",), ())),
        )
    ]
    work.items = described
    with JudgeServer() as server:
        work.run(server.url)

    what, why = judge_scores(work.read(), work.items).tasks
    assert (what.task, what.unscored) == ("description", ((described[1].id, "no reference"),))
    assert (why.task, why.unscored) == ("explanation", ((described[0].id, "no text"),))
