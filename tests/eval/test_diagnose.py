"""Diagnosing videos that nobody has labelled: what is asked, what comes of it, what is refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from physprior import fingerprint
from physprior.dataset.folder import Dataset
from physprior.dataset.render import render_category
from physprior.dataset.unlabelled import Unlabelled, find_videos
from physprior.dialogue import Templates
from physprior.errors import PredictionError
from physprior.eval.asking import DiagnoseOptions
from physprior.eval.diagnose import diagnose, judge
from physprior.eval.diagnosis import Asked, Diagnosis
from physprior.eval.predict import PredictOptions, predict
from physprior.eval.predictions import read_predictions
from physprior.eval.thresholds import Identity, Thresholds, Validation, fixed
from physprior.knowledge.load import KnowledgeBase, load_knowledge
from physprior.video.sample import Sampling
from physprior.vlm.answer import Answer
from physprior.vlm.checkpoint import load_checkpoint
from physprior.vlm.run_folder import MODEL, RunRecord, write_run
from physprior.vlm.score import LabelScores

Diagnose = Callable[..., list[Diagnosis]]


@pytest.fixture(scope="session")
def untrained_run(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_base: Path,
    kb: KnowledgeBase,
    templates: Templates,
) -> Path:
    """A run that has learnt nothing, on clip alone: its record, and the base as its model."""
    out = tmp_path_factory.mktemp("runs") / "untrained"
    out.mkdir()
    (out / MODEL).symlink_to(tiny_base)
    record = RunRecord(
        state="finished",
        fingerprint="r" * 64,
        base=str(tiny_base),
        base_fingerprint="b" * 64,
        tune="layers",
        mode="single_turn",
        prompts={"clip": render_category(kb, templates, "clip", "single_turn").prompt_hash},
        sampling=Sampling(frames=4),
        dataset={},
        recipe={},
        provenance={},
    )
    write_run(out, record)
    return out


@pytest.fixture
def ask(tiny_base: Path, frames_cache: Path, kb: KnowledgeBase, templates: Templates) -> Diagnose:
    """Diagnoses videos that are named, with the bare base, score only, unless said otherwise."""

    def call(
        *named: Path,
        source: Path | str = tiny_base,
        thresholds: Thresholds | None = None,
        knowledge: KnowledgeBase = kb,
        category: str | None = None,
        **options: Any,
    ) -> list[Diagnosis]:
        asked = DiagnoseOptions(score_only=True, cache=frames_cache, workers=1)
        return diagnose(
            str(source),
            find_videos(named, knowledge, category=category),
            thresholds or fixed(0.0),
            replace(asked, **options),
            knowledge=knowledge,
            templates=templates,
        )

    return call


@pytest.fixture
def clip(videos: Path) -> Path:
    """One video of a clip."""
    return sorted((videos / "clip" / "train").glob("*.mp4"))[0]


def test_a_video_has_the_score_that_predict_gives_it(
    ask: Diagnose,
    videos: Path,
    dataset: Path,
    tiny_base: Path,
    frames_cache: Path,
    tmp_path: Path,
) -> None:
    out = tmp_path / "val.jsonl"
    options = PredictOptions(split="val", score_only=True, cache=frames_cache, workers=1)
    predict(str(tiny_base), dataset, out, options)
    records = Dataset.open(dataset).records("val")
    assert {record.category for record in records} == {"ball", "clip"}
    diagnoses = ask(*(videos / record.video for record in records))
    found = {Path(one.video).relative_to(videos).as_posix(): one.score for one in diagnoses}
    scores = {line.video: line.score for line in read_predictions(out).predictions}
    assert found == pytest.approx(scores, abs=1e-4)


def test_videos_come_in_the_order_they_were_named_whatever_their_categories(
    ask: Diagnose, videos: Path
) -> None:
    folders = [videos / place for place in ("clip/test/normal", "ball/train", "clip/train")]
    named = [path for folder in folders for path in sorted(folder.glob("*.mp4"))[:2]]
    assert [one.video for one in ask(*named)] == [str(path) for path in named]


def test_each_category_is_asked_with_its_own_prior(
    ask: Diagnose, videos: Path, kb: KnowledgeBase
) -> None:
    for one in ask(videos / "clip" / "train" / "0000.mp4", videos / "ball" / "train" / "0000.mp4"):
        prior = kb.category(str(one.category)).prior
        assert one.asked is not None
        assert one.asked.prior is not None
        assert one.asked.prior.component == prior.component.statement
        assert one.asked.prior.subject == prior.subject.statement
        assert one.asked.prior.motion == prior.motion.statement


def test_a_score_above_the_threshold_is_anomalous_and_at_it_is_not(
    ask: Diagnose, clip: Path
) -> None:
    (zero,) = ask(clip)
    assert zero.score is not None
    assert (zero.threshold, zero.rule, zero.threshold_for) == (0.0, "zero", "all")
    for threshold, verdict in [(zero.score, "Normal"), (zero.score - 1e-9, "Anomalous")]:
        (one,) = ask(clip, thresholds=fixed(threshold))
        assert (one.threshold, one.verdict, one.rule) == (threshold, verdict, "fixed")


def test_each_category_is_judged_by_its_own_threshold_or_by_the_one_for_all(
    ask: Diagnose, videos: Path
) -> None:
    chosen = Thresholds(rule="youden", per="category", value=1.5, values={"clip": 99.0})
    named = [videos / category / "train" / "0000.mp4" for category in ("clip", "ball")]
    found = {
        one.category: (one.threshold, one.threshold_for, one.rule)
        for one in ask(*named, thresholds=chosen)
    }
    assert found == {"clip": (99.0, "category", "youden"), "ball": (1.5, "all", "youden")}


def test_batches_change_no_score(ask: Diagnose, videos: Path) -> None:
    named = sorted((videos / "clip" / "train").glob("*.mp4"))[:3]
    together = [one.score for one in ask(*named)]
    alone = [one.score for one in ask(*named, batch_size=1)]
    assert len(together) == 3
    assert together == pytest.approx(alone, abs=1e-4)


def test_score_only_leaves_the_words_out_and_scores_alike(ask: Diagnose, clip: Path) -> None:
    (short,) = ask(clip)
    (full,) = ask(clip, score_only=False, max_new_tokens=3)
    assert (short.text, short.parse, short.truncated) == (None, None, None)
    assert full.text
    assert full.parse == "truncated"
    assert full.score == pytest.approx(short.score, abs=1e-4)


def test_a_generated_history_is_told_in_place_of_the_prior(ask: Diagnose, clip: Path) -> None:
    (one,) = ask(clip, history="generated", max_new_tokens=3)
    assert len(one.turns) == 3
    assert one.asked is not None
    assert one.asked.prior is None


# What the words say


@pytest.fixture
def say(kb: KnowledgeBase, templates: Templates) -> Callable[..., Diagnosis]:
    """Judges an answer of these words whose score is 2, by a threshold of 0."""
    asked = Asked(
        model="run",
        run_fingerprint=None,
        mode="multi_turn",
        history="given",
        sampling=Sampling(),
        prompt_hash="",
        trained=None,
        prompt_changed=False,
        prior=None,
    )

    def judged(text: str | None, *, truncated: bool = False, log_normal: float = -2.0) -> Diagnosis:
        said = Answer(LabelScores(log_normal, 0.0), text, truncated, ())
        return judge(Unlabelled(Path("one.mp4"), "clip", "option"), said, asked, fixed(0.0))

    return judged


def test_the_reason_is_read_from_the_words(say: Callable[..., Diagnosis]) -> None:
    one = say("Verdict: Anomalous. Reason: The spring is broken.")
    assert (one.verdict, one.words, one.contradicts) == ("Anomalous", "Anomalous", False)
    assert (one.reason, one.parse) == ("The spring is broken.", "ok")


def test_words_that_contradict_the_score_do_not_change_the_verdict_and_are_told(
    say: Callable[..., Diagnosis],
) -> None:
    one = say("Verdict: Normal. Reason: It moves freely.")
    assert (one.verdict, one.words, one.contradicts) == ("Anomalous", "Normal", True)
    assert one.reason == "It moves freely."


@pytest.mark.parametrize(
    ("text", "truncated", "parse"),
    [
        ("", False, "empty"),
        ("The spring", True, "truncated"),
        ("Verdict: normal and anomalous.", False, "ambiguous"),
    ],
)
def test_words_without_a_verdict_say_why_and_contradict_nothing(
    say: Callable[..., Diagnosis], text: str, truncated: bool, parse: str
) -> None:
    one = say(text, truncated=truncated)
    assert (one.words, one.contradicts, one.parse) == (None, None, parse)
    assert (one.text, one.verdict) == (text, "Anomalous")


@pytest.mark.parametrize("broken", [float("nan"), float("-inf")])
def test_a_score_that_is_no_number_is_no_verdict(
    say: Callable[..., Diagnosis], broken: float
) -> None:
    one = say("Verdict: Normal. Reason: It moves.", log_normal=broken)
    assert (one.verdict, one.score) == (None, None)
    assert "overflowed" in str(one.error)


# Videos that cannot be used


def test_a_video_that_cannot_be_used_is_named_and_costs_no_other(
    ask: Diagnose, clip: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "clip"
    folder.mkdir()
    (folder / "text.mp4").write_text("no video")
    (folder / "empty.mp4").touch()
    (folder / "cut.mp4").write_bytes(clip.read_bytes()[:1500])
    shutil.copy(clip, folder / "good.mp4")
    errors = {
        Path(one.video).name: (one.error, one.verdict)
        for one in ask(folder, tmp_path / "none.mp4", cache=tmp_path / "cache")
    }
    assert errors.pop("good.mp4")[1] is not None
    assert errors == {
        "text.mp4": ("not a video file, whatever its name says", None),
        "empty.mp4": ("empty file", None),
        "cut.mp4": (
            "truncated: it begins as a video but its index is missing or damaged",
            None,
        ),
        "none.mp4": ("no such file", None),
    }


def test_a_video_that_is_lost_while_others_are_diagnosed_costs_no_other(
    clip: Path, tiny_base: Path, kb: KnowledgeBase, templates: Templates, tmp_path: Path
) -> None:
    folder, cache = tmp_path / "clip", tmp_path / "cache"
    folder.mkdir()
    kept, lost = folder / "kept.mp4", folder / "lost.mp4"
    shutil.copy(clip, kept)
    shutil.copy(clip.with_name("0001.mp4"), lost)

    def lose(what: str, done: int, total: int) -> None:
        if what == "decode" and done == total:
            lost.unlink()
            name = fingerprint.of_file(clip.with_name("0001.mp4"))
            (frames,) = (path for path in cache.rglob("*") if path.name.startswith(name))
            frames.unlink()

    options = DiagnoseOptions(score_only=True, cache=cache, workers=1)
    videos = find_videos([folder], kb, category=None)
    asked = {"knowledge": kb, "templates": templates, "progress": lose}
    found = diagnose(str(tiny_base), videos, fixed(0.0), options, **asked)
    assert [Path(one.video).name for one in found] == ["kept.mp4", "lost.mp4"]
    assert (found[0].error, found[1].verdict) == (None, None)
    assert str(found[1].error).startswith("no such file")


def test_where_no_video_can_be_used_no_model_is_loaded(ask: Diagnose, tmp_path: Path) -> None:
    (one,) = ask(tmp_path / "none.mp4", source="no/such/model")
    assert one.error == "no such file"


# What a run was trained on


def test_a_run_is_asked_in_its_own_mode_and_frames(
    ask: Diagnose, untrained_run: Path, clip: Path
) -> None:
    (one,) = ask(clip, source=untrained_run)
    assert one.asked is not None
    assert (one.asked.mode, one.asked.sampling.frames) == ("single_turn", 4)
    assert (one.asked.trained, one.asked.prompt_changed) == (True, False)
    assert one.asked.run_fingerprint == "r" * 64


def test_a_bare_checkpoint_is_asked_as_it_is_told(ask: Diagnose, clip: Path) -> None:
    (one,) = ask(clip, mode="no_phys", sampling=Sampling(frames=4))
    assert one.asked is not None
    assert (one.asked.mode, one.asked.sampling.frames) == ("no_phys", 4)
    assert (one.asked.trained, one.asked.prior) == (None, None)


def test_a_category_the_run_was_never_trained_on_is_diagnosed_and_said_to_be_one(
    ask: Diagnose, untrained_run: Path, videos: Path
) -> None:
    (one,) = ask(videos / "ball" / "train" / "0000.mp4", source=untrained_run)
    assert one.asked is not None
    assert (one.asked.trained, one.asked.prompt_changed) == (False, False)
    assert one.verdict is not None


def test_a_mode_the_run_was_not_trained_in_is_refused_with_its_own(
    ask: Diagnose, untrained_run: Path, clip: Path
) -> None:
    with pytest.raises(PredictionError, match=r"clip in mode no_phys differ.*in mode single_turn"):
        ask(clip, source=untrained_run, mode="no_phys")


def test_a_run_keeps_to_its_own_frames(ask: Diagnose, untrained_run: Path, clip: Path) -> None:
    with pytest.raises(PredictionError, match="trained on other frames"):
        ask(clip, source=untrained_run, sampling=Sampling(frames=8))


def test_a_prompt_that_the_model_cannot_hold_is_refused_before_any_work(
    ask: Diagnose, clip: Path
) -> None:
    with pytest.raises(PredictionError, match=r"the prompt of clip has .* tokens") as caught:
        ask(clip, score_only=False, max_new_tokens=10**6)
    assert "--max-new-tokens" in caught.value.remedy


def test_where_nothing_is_said_the_limit_of_an_answer_refuses_nothing(
    ask: Diagnose, clip: Path
) -> None:
    (one,) = ask(clip, max_new_tokens=10**6)
    assert one.score is not None
    with pytest.raises(PredictionError, match=r"the prompt of clip has .* tokens"):
        ask(clip, history="generated", max_new_tokens=10**6)


@pytest.fixture
def changed_kb(tmp_path: Path, kb: KnowledgeBase) -> KnowledgeBase:
    """The KB after an edit of the clip's name, which its prompts hold."""
    folder = tmp_path / "kb"
    folder.mkdir()
    text = kb.sources["clip"].read_text(encoding="utf-8")
    name = f"name: {kb.category('clip').name}\n"
    assert name in text
    (folder / "clip.yaml").write_text(text.replace(name, "name: sprung clip\n", 1), "utf-8")
    return load_knowledge(folder)


def test_prompts_that_changed_since_training_are_refused(
    ask: Diagnose, untrained_run: Path, clip: Path, changed_kb: KnowledgeBase
) -> None:
    with pytest.raises(PredictionError, match="prompts of clip") as caught:
        ask(clip, source=untrained_run, knowledge=changed_kb)
    assert "--accept-changed-prior" in caught.value.remedy


def test_prompts_that_changed_are_accepted_on_demand_and_recorded(
    ask: Diagnose, untrained_run: Path, clip: Path, changed_kb: KnowledgeBase
) -> None:
    (one,) = ask(clip, source=untrained_run, knowledge=changed_kb, accept_changed_prior=True)
    assert one.asked is not None
    assert one.asked.prompt_changed


# Whose thresholds they are


def thresholds_of(model: Path, **changed: Any) -> Thresholds:
    fields: dict[str, Any] = {
        "source": "predict",
        "model": "elsewhere",
        "base_fingerprint": load_checkpoint(model).fingerprint,
        "run_fingerprint": None,
        "mode": "multi_turn",
        "history": "given",
        "sampling": Sampling(),
        "accepted_changed_prior": (),
    }
    identity = Identity.model_validate({**fields, **changed})
    return Thresholds(rule="youden", per="global", value=3.0, identity=identity)


def test_thresholds_of_the_same_model_are_taken(ask: Diagnose, tiny_base: Path, clip: Path) -> None:
    (one,) = ask(clip, thresholds=thresholds_of(tiny_base))
    assert one.threshold == 3.0


@pytest.mark.parametrize(
    "changed",
    [{"base_fingerprint": "0" * 64}, {"sampling": Sampling(frames=4)}],
    ids=["model", "sampling"],
)
def test_thresholds_of_another_model_or_sampling_are_refused(
    ask: Diagnose, tiny_base: Path, clip: Path, changed: dict[str, Any]
) -> None:
    with pytest.raises(PredictionError, match="thresholds"):
        ask(clip, thresholds=thresholds_of(tiny_base, **changed))


def test_prompts_accepted_of_a_category_that_is_not_asked_about_do_not_matter(
    ask: Diagnose, tiny_base: Path, clip: Path
) -> None:
    (one,) = ask(clip, thresholds=chosen_on_clip_and_fan(tiny_base, accepted=("fan",)))
    assert one.threshold == 3.0


def test_prompts_accepted_of_a_category_that_is_asked_about_otherwise_are_refused(
    ask: Diagnose, tiny_base: Path, clip: Path
) -> None:
    with pytest.raises(PredictionError, match="other prompts were asked of clip"):
        ask(clip, thresholds=chosen_on_clip_and_fan(tiny_base, accepted=("clip", "fan")))


def chosen_on_clip_and_fan(model: Path, accepted: tuple[str, ...]) -> Thresholds:
    """Thresholds of the model, chosen on videos of both, with changed prompts of some."""
    validation = Validation(
        path="val.jsonl",
        sha256="a" * 64,
        fingerprint="f" * 64,
        split_hash="5" * 64,
        counts={"clip": (3, 3), "fan": (3, 3)},
        videos=(),
    )
    chosen = thresholds_of(model, accepted_changed_prior=accepted)
    return chosen.model_copy(update={"validation": validation})
