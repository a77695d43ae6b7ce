"""``eval compare`` and ``eval gate`` as a person or a CI job starts them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from physprior.eval.predictions import Header, Prediction, SkippedVideo

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes predictions of forty videos by hand; anomalous ones score higher by ``shift``."""

    def call(name: str, shift: float, split: str = "test", skipped: int = 0, **header: Any) -> Path:
        draw = random.Random(f"{name}{shift}")
        lines = [line(place, shift, draw, split, place < skipped) for place in range(40)]
        fields: dict[str, Any] = {
            "fingerprint": name,
            "model": f"runs/{name}",
            "base_fingerprint": "base",
            "run_fingerprint": name,
            "dataset": "data",
            "dataset_hash": "dataset",
            "split_hash": "split",
            "split": split,
            "mode": "multi_turn",
            "sampling": {},
            "max_new_tokens": None,
            "total": len(lines),
            "provenance": {},
        }
        first = Header.model_validate({**fields, **header}).model_dump_json()
        path = tmp_path / f"{name}-{split}.jsonl"
        path.write_text("".join(f"{text}\n" for text in (first, *lines)), encoding="utf-8")
        return path

    def line(place: int, shift: float, draw: random.Random, split: str, skip: bool) -> str:
        kind = "normal" if place < 15 else "stuck"
        video: dict[str, Any] = {
            "id": f"clip/{split}/{kind}/{place:04d}",
            "video": f"clip/{place}.mp4",
            "category": "clip",
            "class_id": kind,
            "label": int(place >= 15),
            "instance": "",
        }
        if skip:
            return SkippedVideo(**video, reason="empty file").model_dump_json()
        score = draw.gauss(shift if place >= 15 else 0.0, 1.0)
        return Prediction(**video, score=score, text=None).model_dump_json()

    return call


def test_compare_prints_both_runs_the_difference_and_a_conclusion(
    physprior: Any, write: Write
) -> None:
    outcome = physprior("eval", "compare", write("old", 0.5), write("new", 3.0))
    assert (outcome.code, outcome.err) == (0, "")
    assert "A  runs/old (multi_turn, history given, " in outcome.out
    assert "B  runs/new (multi_turn, history given, " in outcome.out
    assert "B ranks better: B - A is +0." in outcome.out
    assert max(map(len, outcome.out.splitlines()[2:])) <= 100


def test_compare_takes_several_runs_beside_the_reference(physprior: Any, write: Write) -> None:
    files = [write(name, shift) for name, shift in (("old", 0.5), ("new", 3.0), ("odd", 0.4))]
    out = " ".join(physprior("eval", "compare", *files).out.split())
    assert "B ranks better: B - A is +0." in out
    assert "C - A is " in out
    assert "after Holm over 2 runs" in out


def test_compare_prints_one_json_object_and_nothing_else(physprior: Any, write: Write) -> None:
    outcome = physprior("eval", "compare", write("old", 0.5), write("new", 3.0), "--json")
    (said,) = json.loads(outcome.out)["comparisons"]
    assert said["other"]["model"] == "runs/new"
    assert said["macro"]["p"] < 0.05


def test_compare_writes_a_page(physprior: Any, write: Write, tmp_path: Path) -> None:
    page = tmp_path / "pages" / "compared.md"
    outcome = physprior("eval", "compare", write("old", 0.5), write("new", 3.0), "-o", page)
    assert f"written: {page}" in outcome.err
    assert page.read_text(encoding="utf-8").startswith("# physprior comparison\n")


def test_compare_chooses_each_run_s_thresholds_on_its_own_validation_file(
    physprior: Any, write: Write
) -> None:
    runs = [write("old", 0.5), write("new", 3.0)]
    validation = [write("old", 0.5, "val"), write("new", 3.0, "val")]
    asked = [word for path in validation for word in ("--validation", path)]
    outcome = physprior("eval", "compare", *runs, *asked, "--rule", "f1", "--per", "global")
    assert outcome.code == 0
    assert "each run's threshold (rule f1)" in " ".join(outcome.out.split())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--rule", "f1"], "needs --validation"),
        (["--per", "global"], "needs --validation"),
        (["--validation", "old-val.jsonl"], "1 validation files"),
    ],
)
def test_compare_refuses_thresholds_that_do_not_add_up(
    physprior: Any,
    write: Write,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write("old", 0.5, "val")
    outcome = physprior("eval", "compare", write("old", 0.5), write("new", 3.0), *options)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err


def test_compare_refuses_runs_on_other_videos(physprior: Any, write: Write) -> None:
    outcome = physprior("eval", "compare", write("old", 0.5), write("new", 3.0, split_hash="other"))
    assert (outcome.code, outcome.out) == (2, "")
    assert "do not predict the same videos" in outcome.err


def test_compare_wants_something_to_compare_with(physprior: Any, write: Write) -> None:
    assert physprior("eval", "compare", write("old", 0.5)).code == 2


def test_a_gate_that_holds_exits_with_0(physprior: Any, write: Write) -> None:
    outcome = physprior(
        "eval", "gate", write("new", 3.0), "--min-auroc", 0.8, "--not-worse-than", write("old", 0.5)
    )
    assert (outcome.code, outcome.err) == (0, "")
    assert "gate passed: 2 of 2 conditions hold" in outcome.out


def test_a_gate_that_fails_exits_with_1_and_says_each_condition(
    physprior: Any, write: Write
) -> None:
    outcome = physprior(
        "eval",
        "gate",
        write("old", 0.5),
        *("--min-auroc", 0.9, "--min-category-auroc", 0.2, "--not-worse-than", write("new", 3.0)),
    )
    assert outcome.code == 1
    assert all(len(line) <= 100 for line in outcome.out.splitlines())
    lines = outcome.out.replace("\n  ", " ").splitlines()
    assert [line.split()[0] for line in lines] == ["FAIL", "ok", "FAIL", "gate"]
    assert "is below 0.9" in lines[0]
    assert "worse than the baseline: -0." in lines[2]


def test_a_gate_prints_one_json_object_whether_it_holds_or_fails(
    physprior: Any, write: Write
) -> None:
    file = write("new", 3.0)
    for least, code in ((0.1, 0), (1.0, 1)):
        outcome = physprior("eval", "gate", file, "--min-auroc", least, "--json")
        said = json.loads(outcome.out)
        assert (outcome.code, said["passed"]) == (code, code == 0)
        assert said["conditions"][0]["required"] == least


def test_a_gate_names_the_videos_that_it_could_not_judge(physprior: Any, write: Write) -> None:
    outcome = physprior("eval", "gate", write("new", 3.0, skipped=2), "--min-auroc", 0.5)
    assert outcome.code == 0
    assert "skipped 2 videos:" in outcome.err


def test_a_gate_says_when_the_baseline_is_the_run_itself(physprior: Any, write: Write) -> None:
    file = write("new", 3.0)
    outcome = physprior("eval", "gate", file, "--not-worse-than", file)
    assert outcome.code == 0
    assert "are they the same predictions?" in outcome.err


def test_a_gate_says_when_the_baseline_is_a_control(physprior: Any, write: Write) -> None:
    control = write("blank", 0.0, control="blank")
    outcome = physprior("eval", "gate", write("new", 3.0), "--not-worse-than", control)
    assert outcome.code == 0
    assert "the baseline is the control blank" in outcome.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "no condition"),
        (["--min-auroc", "nan"], "--min-auroc is nan"),
        (["--min-auroc", "1.2"], "--min-auroc is 1.2"),
        (["--margin", "0.1"], "--margin has no baseline"),
        (["--min-auroc", "high"], "--min-auroc"),
        (["--min-auroc", "0.5", "--by", "upper"], "upper"),
        (["--not-worse-than", "nowhere.jsonl"], "nowhere.jsonl"),
    ],
)
def test_a_gate_that_cannot_be_judged_exits_with_2(
    physprior: Any, write: Write, options: list[str], said: str
) -> None:
    outcome = physprior("eval", "gate", write("new", 3.0), *options)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert "Traceback" not in outcome.err


def test_a_gate_over_unfinished_predictions_exits_with_2(physprior: Any, write: Write) -> None:
    outcome = physprior("eval", "gate", write("new", 3.0, total=60), "--min-auroc", 0.1)
    assert outcome.code == 2
    assert "is not finished: 20 of 60" in outcome.err
