"""The cache of replies: nothing is paid for twice, and nothing depends on it."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from judge_server import JudgeServer, error, good, out_of_range
from judging import Make, marked, reply

from physprior.errors import JudgeError
from physprior.eval.judge.cache import ReplyCache
from physprior.eval.judge.profiles import PROFILES
from physprior.eval.judge.profiles.llm_score import LLMScore


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "judge.sqlite"


def test_another_file_of_the_same_questions_asks_nothing(make_judging: Make, cache: Path) -> None:
    work = make_judging(5)
    again = work.with_out("again.jsonl")
    with JudgeServer() as server:
        work.run(server.url, cache=cache)
        report = again.run(server.url, cache=cache)
        assert server.count == 5
    assert (report.answered, report.cached) == (0, 5)
    assert again.read().values() == work.read().values()
    usage = again.read().usage
    assert (usage.replies, usage.prompt_tokens, usage.cached) == (0, 0, 5)


@pytest.mark.parametrize(
    "other", [{"max_tokens": 99}, {"temperature": 0.5}, {"structured": "schema"}]
)
def test_another_setting_is_asked_anew(
    make_judging: Make, cache: Path, other: dict[str, object]
) -> None:
    work = make_judging(2)
    again = work.with_out("again.jsonl")
    again.endpoint = other
    with JudgeServer() as server:
        work.run(server.url, cache=cache)
        assert again.run(server.url, cache=cache).cached == 0
        assert server.count == 4


def test_another_endpoint_is_asked_anew(make_judging: Make, cache: Path) -> None:
    work = make_judging(2)
    with JudgeServer() as server, JudgeServer() as other:
        work.run(server.url, cache=cache)
        work.with_out("again.jsonl").run(other.url, cache=cache)
        assert other.count == 2


def test_another_version_of_the_profile_is_asked_anew(
    make_judging: Make, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = make_judging(2)
    with JudgeServer() as server:
        work.run(server.url, cache=cache)
        monkeypatch.setitem(PROFILES, "llm-score", LLMScore(version=99))
        work.with_out("again.jsonl").run(server.url, cache=cache)
        assert server.count == 4


def test_each_repeat_is_asked_and_kept_for_itself(make_judging: Make, cache: Path) -> None:
    work = make_judging(2)
    with JudgeServer() as server:
        work.run(server.url, cache=cache, repeat=2)
        assert server.count == 4
        assert work.with_out("again.jsonl").run(server.url, cache=cache, repeat=3).cached == 4
        assert server.count == 6


def test_what_gave_no_marks_is_not_kept(make_judging: Make, cache: Path) -> None:
    work = make_judging(3)
    lost, unread = (item.answer or "" for item in work.items[:2])
    with JudgeServer() as server:
        server.script = lambda asked: (
            error(500) if lost in asked.user else out_of_range if unread in asked.user else good
        )(asked)
        work.run(server.url, cache=cache)
        assert len(work.read().unscored) == 2
        with contextlib.closing(sqlite3.connect(cache)) as kept:
            assert kept.execute("SELECT count(*) FROM replies").fetchone() == (1,)
        server.script = good
        again = work.with_out("again.jsonl")
        assert again.run(server.url, cache=cache).cached == 1
        assert again.read().unscored == []


def test_a_kept_reply_that_cannot_be_read_is_asked_for_anew(
    make_judging: Make, cache: Path
) -> None:
    work = make_judging(3)
    with JudgeServer() as server:
        work.run(server.url, cache=cache)
        damage = ["not json", reply("no marks").model_dump_json(), '{"text": 1}']
        with sqlite3.connect(cache) as kept:
            for (key,), text in zip(
                kept.execute("SELECT key FROM replies").fetchall(), damage, strict=True
            ):
                kept.execute("UPDATE replies SET reply = ? WHERE key = ?", (text, key))
        kept.close()
        again = work.with_out("again.jsonl")
        assert again.run(server.url, cache=cache).cached == 0
        assert again.read().values() == work.read().values()
        assert work.with_out("third.jsonl").run(server.url, cache=cache).cached == 3


def test_a_cache_that_is_none_is_done_without_and_said_once(
    make_judging: Make, cache: Path
) -> None:
    cache.parent.mkdir()
    cache.write_bytes(b"this is no database" * 100)
    work = make_judging(3)
    with JudgeServer() as server:
        report = work.run(server.url, cache=cache)
        assert server.count == 3
    assert len(report.remarks) == 1
    assert str(cache) in report.remarks[0]
    assert work.seen[0].told == report.remarks  # before anything is paid for
    assert None not in work.read().values().values()
    assert cache.read_bytes() == b"this is no database" * 100


def test_a_cache_that_fails_during_the_run_is_done_without_and_said_once(
    make_judging: Make, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("physprior.eval.judge.cache._PATIENCE", 0.05)
    work = make_judging(6)
    ReplyCache(cache).close()
    with sqlite3.connect(cache, isolation_level=None) as holder, JudgeServer() as server:
        work.after_each = lambda: len(work.seen) == 3 and holder.execute("BEGIN EXCLUSIVE")
        report = work.run(server.url, cache=cache)
        assert server.count == 6
    holder.close()
    assert len(report.remarks) == 1
    assert "locked" in report.remarks[0]
    assert None not in work.read().values().values()


def test_wherever_no_cache_can_be_the_work_goes_on(tmp_path: Path) -> None:
    file, folder = tmp_path / "file", tmp_path / "folder"
    file.write_text("")
    folder.mkdir()
    for path in (folder, file / "below.sqlite", Path("/dev/full"), Path("/proc/judge.sqlite")):
        with ReplyCache(path) as kept:
            kept.put("a", reply("b"))
            assert kept.get("a") is None
            assert len(kept.remarks) == 1
            assert str(path) in kept.remarks[0]


def test_a_forecast_says_that_the_cache_cannot_be_used(make_judging: Make, cache: Path) -> None:
    cache.parent.mkdir()
    cache.write_bytes(b"this is no database" * 100)
    (remark,) = make_judging(2).forecast("http://localhost:1/v1", cache=cache).remarks
    assert str(cache) in remark


def test_a_reply_that_cannot_be_written_down_is_kept_for_the_next_run(
    make_judging: Make, cache: Path
) -> None:
    work = make_judging(6, connections=3)
    with JudgeServer(latency=0.02) as server:
        work.after_each = lambda: len(work.seen) == 4 and work.out.unlink()
        with pytest.raises(JudgeError, match="removed or replaced"):
            work.run(server.url, cache=cache)
        work.after_each = lambda: None
        work.run(server.url, cache=cache)
        assert server.count == 6
    assert None not in work.read().values().values()


def test_a_forecast_makes_no_cache(cache: Path) -> None:
    with ReplyCache(cache, read_only=True) as kept:
        assert kept.get("a") is None
        assert kept.remarks == []
    assert not cache.parent.exists()


def test_a_reply_comes_back_as_it_was_put(cache: Path) -> None:
    odd = reply("Größe 📷\u2028\u0000 " + marked(1, 2))
    with ReplyCache(cache) as kept:
        kept.put("a", odd)
        kept.put("a", odd)
    with ReplyCache(cache, read_only=True) as kept:
        assert kept.get("a") == odd
        assert kept.get("b") is None
