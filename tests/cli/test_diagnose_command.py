"""``physprior diagnose``: what it prints, where it prints it, and how it ends."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from physprior.cli.diagnosis_table import WIDTH, pages
from physprior.eval.diagnosis import Asked, Diagnosis, PriorTold
from physprior.video.sample import Sampling


@pytest.fixture
def clip(dataset: Path) -> Path:
    """One video of a clip, in its folder."""
    return dataset.parent / "videos" / "clip" / "train" / "0000.mp4"


@pytest.fixture
def diagnose(physprior: Any, tiny_base: Path) -> Callable[..., Any]:
    """The command with the bare base, score only."""

    def call(*words: object) -> Any:
        return physprior("diagnose", tiny_base, *words, "--score-only", "--workers", 1)

    return call


def test_a_table_says_verdict_and_score_below_the_prior(diagnose: Any, clip: Path) -> None:
    outcome = diagnose(clip)
    assert outcome.code == 0
    assert "component" in outcome.out
    assert "subject" in outcome.out
    assert "motion" in outcome.out
    assert (
        "threshold  0, above which a score is anomalous (rule zero, for all categories)"
        in outcome.out
    )
    assert "diagnose: 1/1" in outcome.err


def test_json_is_one_array_with_the_same_keys_for_every_video_named(
    diagnose: Any, clip: Path, tmp_path: Path
) -> None:
    outcome = diagnose(clip, tmp_path / "none.mp4", "--format", "json", "--threshold", "1e-17")
    assert outcome.code == 0
    one, none = json.loads(outcome.out)
    assert [*one] == [*none] == [*Diagnosis.model_fields]
    assert one["verdict"] == ("Anomalous" if one["score"] > 1e-17 else "Normal")
    assert (one["threshold"], one["rule"], one["error"]) == (1e-17, "fixed", None)
    assert one["score"] == pytest.approx(one["log_anomalous"] - one["log_normal"], abs=1e-15)
    assert (none["verdict"], none["error"]) == (None, "no such file")


def test_what_cannot_be_used_is_listed_and_no_failure(
    diagnose: Any, clip: Path, tmp_path: Path
) -> None:
    (tmp_path / "clip").mkdir()
    (tmp_path / "clip" / "notes.mp4").write_text("no video")
    outcome = diagnose(tmp_path / "clip", clip, tmp_path / "none.mp4")
    assert outcome.code == 0
    assert "skipped 2 videos:\n" in outcome.err
    assert f"  {tmp_path}/clip/notes.mp4: not a video file" in outcome.err
    assert f"  {tmp_path}/none.mp4: no such file\n" in outcome.err


def test_where_nothing_can_be_used_it_is_misuse_with_each_reason(
    diagnose: Any, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    outcome = diagnose(tmp_path / "empty", tmp_path / "none.mp4")
    assert (outcome.code, outcome.out) == (2, "")
    assert f"{tmp_path / 'empty'}: a folder without videos" in outcome.err
    assert f"{tmp_path / 'none.mp4'}: no such file" in outcome.err
    assert "remedy: " in outcome.err


def test_json_is_whole_even_where_nothing_can_be_used(diagnose: Any, tmp_path: Path) -> None:
    outcome = diagnose(tmp_path / "none.mp4", "--format", "json")
    assert outcome.code == 2
    assert [one["error"] for one in json.loads(outcome.out)] == ["no such file"]


def test_an_anomalous_video_is_a_finding_only_with_exit_code(diagnose: Any, clip: Path) -> None:
    assert diagnose(clip, "--threshold", -1e9).code == 0
    assert diagnose(clip, "--threshold", -1e9, "--exit-code").code == 1
    assert diagnose(clip, "--threshold", 1e9, "--exit-code").code == 0


def test_with_exit_code_a_video_that_cannot_be_used_is_a_finding_too(
    diagnose: Any, clip: Path, tmp_path: Path
) -> None:
    assert diagnose(clip, tmp_path / "none.mp4", "--threshold", 1e9, "--exit-code").code == 1


def test_an_unknown_category_is_refused_with_the_one_that_may_be_meant(
    diagnose: Any, clip: Path
) -> None:
    outcome = diagnose(clip, "--category", "klip")
    assert (outcome.code, outcome.out) == (2, "")
    assert "no category 'klip'" in outcome.err
    assert "did you mean 'clip'?" in outcome.err


def test_a_category_that_the_folders_contradict_is_told(diagnose: Any, clip: Path) -> None:
    outcome = diagnose(clip, "--category", "fan")
    assert outcome.out.startswith("fan: ")
    assert "the folders of 1 video say clip, --category says fan" in outcome.err


@pytest.mark.parametrize(
    "words",
    [
        ["--threshold", "nan"],
        ["--threshold", "inf"],
        ["--threshold", "1", "--thresholds", "file.json"],
        ["--history", "none"],
        ["--format", "csv"],
        ["--sampling", "window"],
    ],
    ids=" ".join,
)
def test_options_that_mean_nothing_are_misuse(diagnose: Any, clip: Path, words: list[str]) -> None:
    outcome = diagnose(clip, *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("Usage: physprior diagnose")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--mode", "multiturn"], "did you mean 'multi_turn'?"),
        (["--thresholds", "none.json"], "none.json cannot be read"),
        (["--kb", "nowhere"], "nowhere is not a folder"),
    ],
    ids=["mode", "thresholds", "kb"],
)
def test_what_is_not_there_is_refused(
    diagnose: Any, clip: Path, words: list[str], said: str
) -> None:
    outcome = diagnose(clip, *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert outcome.err.count("error: ") == 1


# The table


def diagnosis(video: str, **changed: Any) -> Diagnosis:
    asked: dict[str, Any] = {
        "model": "run",
        "run_fingerprint": "r" * 64,
        "mode": "multi_turn",
        "history": "given",
        "sampling": Sampling(),
        "prompt_hash": "p" * 64,
        "trained": True,
        "prompt_changed": False,
        "prior": PriorTold(component="A spring " * 20, subject="Two jaws.", motion="They close."),
    }
    fields: dict[str, Any] = {
        "video": video,
        "category": "clip",
        "category_from": "folder",
        "verdict": "Anomalous",
        "score": 2.5,
        "threshold": 0.25,
        "rule": "youden",
        "threshold_for": "category",
        "words": "Anomalous",
        "contradicts": False,
        "parse": "ok",
        "reason": "The spring is broken.",
        "text": "Verdict: Anomalous. Reason: The spring is broken.",
        "truncated": False,
    }
    told = {name: changed.pop(name) for name in [*changed] if name in asked}
    return Diagnosis.model_validate({**fields, **changed, "asked": {**asked, **told}})


def printed(*made: Diagnosis) -> str:
    return " ".join("\n".join(pages(made)).split())


def test_no_line_is_wider_than_the_page_whatever_names_and_reasons_hold() -> None:
    wide = diagnosis(
        "videos/" + "a-long-folder/" * 9 + "x" * 90 + ".mp4",
        reason="word " * 200 + "y" * 300,
        score=-12345.678,
    )
    lines = [*pages([wide, diagnosis("clip/one.mp4")])]
    assert max(map(len, lines)) <= WIDTH
    assert "".join("".join(lines).split()).count("y") >= 300


def test_words_that_contradict_the_score_are_told() -> None:
    said = printed(diagnosis("one.mp4", words="Normal", contradicts=True, reason="It moves."))
    assert "one.mp4 Anomalous +2.500 [its words say Normal] It moves." in said


def test_words_without_a_verdict_are_told_with_how_they_begin() -> None:
    unread = diagnosis("one.mp4", words=None, parse="missing", reason=None, text="The spring " * 99)
    assert "no verdict in its words (missing): The spring The spring" in printed(unread)
    assert printed(unread).endswith("…")
    silent = diagnosis("one.mp4", words=None, parse="empty", reason=None, text="")
    assert printed(silent).endswith("no verdict in its words (empty)")


def test_what_a_model_says_cannot_move_the_terminal_or_be_taken_for_markup() -> None:
    said = printed(diagnosis("one.mp4", reason="[red]It\x1b[2J\rmoves\n:smile: [/]"))
    assert "[red]It\\x1b[2J moves :smile: [/]" in said


def test_a_page_says_what_the_run_was_not_trained_on() -> None:
    assert "never trained on this category" in printed(diagnosis("one.mp4", trained=False))
    assert "trained on other prompts" in printed(diagnosis("one.mp4", prompt_changed=True))
    assert "no physics was told" in printed(diagnosis("one.mp4", prior=None, mode="no_phys"))


def test_each_category_has_a_page_of_its_own() -> None:
    made = [diagnosis("a.mp4"), diagnosis("b.mp4", category="fan"), diagnosis("c.mp4")]
    heads = [line for line in pages(made) if "asked in mode" in line]
    assert [head.partition(":")[0] for head in heads] == ["clip", "fan"]


def test_a_name_with_blanks_umlauts_and_brackets_is_printed_as_it_is(
    diagnose: Any, clip: Path, tmp_path: Path
) -> None:
    (tmp_path / "clip").mkdir()
    shutil.copy(clip, tmp_path / "clip" / "ein schöner Clip [1].mp4")
    assert "ein schöner Clip [1].mp4" in diagnose(tmp_path / "clip").out


def test_the_page_of_the_json_has_every_key_in_its_order_and_no_other() -> None:
    page = Path(__file__).parents[2] / "docs" / "diagnosis.md"
    tables = page.read_text(encoding="utf-8").partition("| key | value |")[2]
    every, _, asked = tables.partition("| key of `asked` | value |")
    for table, model in ((every, Diagnosis), (asked, Asked)):
        heads = re.findall(r"^\| (`.+?`) \|", table, re.M)
        assert re.findall("`([^`]+)`", " ".join(heads)) == [*model.model_fields]
