"""Thresholds are chosen on validation videos, kept with what they belong to, and held to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from physprior import fingerprint
from physprior.errors import OutputError, PredictionError
from physprior.eval.predictions import Predictions, read_predictions
from physprior.eval.thresholds import (
    Thresholds,
    choose_thresholds,
    find_thresholds,
    fixed,
    read_thresholds,
    write_thresholds,
)

WriteFile = Callable[..., Path]
CLIP = [
    ("clip", "normal", -4.0, None),
    ("clip", "normal", -2.0, None),
    ("clip", "unable_press", 1.0, None),
    ("clip", "unable_rebound", 3.0, None),
]
FAN = [("fan", "normal", 5.0, None), ("fan", "stuck", 9.0, None)]
BALL = [("ball", "leak", 6.0, None)]


@pytest.fixture
def validation(write_file: WriteFile) -> Callable[..., Predictions]:
    def make(rows: list[Any], **header: Any) -> Predictions:
        return read_predictions(write_file(rows, **{"split": "val", **header}))

    return make


@pytest.fixture
def other_header(validation: Callable[..., Predictions]) -> Callable[..., Any]:
    return lambda **fields: validation(CLIP, **{"split": "test", **fields}).header


def test_each_category_chooses_its_own(validation: Callable[..., Predictions]) -> None:
    chosen = choose_thresholds(validation([*FAN, *CLIP]), "youden", "category")
    assert chosen.values == {"clip": -0.5, "fan": 7.0}
    assert (chosen.of("clip"), chosen.of("fan")) == (-0.5, 7.0)
    assert chosen.own("clip")


def test_one_for_all_is_chosen_on_all_of_them(validation: Callable[..., Predictions]) -> None:
    chosen = choose_thresholds(validation([*CLIP, *FAN]), "youden", "global")
    # Three of three anomalous above, two of three normal below.
    assert chosen.of("clip") == chosen.of("fan") == chosen.of("never seen") == -0.5
    assert not chosen.own("clip")
    assert chosen.values == {}


def test_a_category_of_one_class_takes_the_one_for_all(
    validation: Callable[..., Predictions],
) -> None:
    chosen = choose_thresholds(validation([*CLIP, *FAN, *BALL]), "youden", "category")
    assert chosen.borrowed == ("ball",)
    assert chosen.of("ball") == chosen.value
    assert not chosen.own("ball")


def test_normal_videos_alone_can_keep_a_categorys_false_alarms_rare(
    validation: Callable[..., Predictions],
) -> None:
    hinge = [("hinge", "normal", float(place), None) for place in range(10)]
    chosen = choose_thresholds(validation([*CLIP, *hinge]), "fpr=0.1", "category")
    assert chosen.values == {"clip": -0.5, "hinge": 8.5}
    assert chosen.borrowed == ()


def test_it_is_said_how_few_videos_a_threshold_rests_on(
    validation: Callable[..., Predictions],
) -> None:
    chosen = choose_thresholds(validation([*CLIP, *FAN, *BALL]), "f1", "category")
    assert chosen.validation is not None
    assert chosen.validation.counts == {"ball": (0, 1), "clip": (2, 2), "fan": (1, 1)}


@pytest.mark.parametrize("split", ["test", "train", "validation", ""])
def test_no_split_but_val_chooses(validation: Callable[..., Predictions], split: str) -> None:
    with pytest.raises(PredictionError, match="would flatter"):
        choose_thresholds(validation(CLIP, split=split), "youden", "category")


@pytest.mark.parametrize("control", ["blank", "first_frame", "shuffled", "wrong_prior"])
def test_a_control_does_not_choose(validation: Callable[..., Predictions], control: str) -> None:
    with pytest.raises(PredictionError, match=f"is the control {control}"):
        choose_thresholds(validation(CLIP, control=control), "youden", "global")


def test_half_of_a_validation_does_not_choose(validation: Callable[..., Predictions]) -> None:
    with pytest.raises(PredictionError, match="3 of 7 videos are missing"):
        choose_thresholds(validation(CLIP, total=7), "youden", "global")


def test_an_unknown_rule_is_refused_with_the_known_ones(
    validation: Callable[..., Predictions],
) -> None:
    with pytest.raises(PredictionError, match=r"no rule 'best'; there are youden, f1"):
        choose_thresholds(validation(CLIP), "best", "global")


@pytest.mark.parametrize("rows", [BALL, CLIP[:2]])
@pytest.mark.parametrize("per", ["category", "global"])
def test_one_class_alone_does_not_choose(
    validation: Callable[..., Predictions], rows: list[Any], per: Any
) -> None:
    with pytest.raises(PredictionError, match="both classes"):
        choose_thresholds(validation(rows), "youden", per)


def test_without_predictions_nothing_is_chosen(validation: Callable[..., Predictions]) -> None:
    with pytest.raises(PredictionError, match="holds no prediction"):
        choose_thresholds(validation([("clip", "normal", None, None)]), "youden", "global")


def test_a_method_without_scores_chooses_nothing(validation: Callable[..., Predictions]) -> None:
    file = validation(CLIP)
    mute = [line.model_copy(update={"score": None}) for line in file.predictions]
    with pytest.raises(PredictionError, match="no scored videos of both classes"):
        choose_thresholds(replace(file, predictions=tuple(mute)), "youden", "category")


def test_an_infinite_score_is_named(validation: Callable[..., Predictions]) -> None:
    file = validation(CLIP)
    first = file.predictions[0].model_copy(update={"score": float("inf")})
    with pytest.raises(PredictionError, match="the score of clip/test/normal/0000 is inf"):
        choose_thresholds(
            replace(file, predictions=(first, *file.predictions[1:])), "youden", "global"
        )


def test_a_file_that_is_gone_is_named(validation: Callable[..., Predictions]) -> None:
    file = validation(CLIP)
    file.path.unlink()
    with pytest.raises(PredictionError, match=r"predictions\.jsonl cannot be read"):
        choose_thresholds(file, "youden", "global")


def test_zero_needs_no_classes(validation: Callable[..., Predictions]) -> None:
    chosen = choose_thresholds(validation(BALL), "zero", "category")
    assert (chosen.of("ball"), chosen.of("clip")) == (0.0, 0.0)


def test_it_is_read_as_it_was_written(
    validation: Callable[..., Predictions], tmp_path: Path
) -> None:
    chosen = choose_thresholds(
        validation([*CLIP, *FAN, *BALL], sampling={"kind": "burst", "stride": 3}),
        "fpr=0.05",
        "category",
    )
    write_thresholds(tmp_path / "thresholds.json", chosen)
    assert read_thresholds(tmp_path / "thresholds.json") == chosen


def test_the_same_predictions_give_the_same_bytes(
    validation: Callable[..., Predictions], tmp_path: Path
) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    write_thresholds(one, choose_thresholds(validation([*CLIP, *FAN]), "youden", "category"))
    write_thresholds(other, choose_thresholds(validation([*CLIP, *FAN]), "youden", "category"))
    assert one.read_bytes() == other.read_bytes()


def test_the_validation_file_is_recognised_by_its_content(
    validation: Callable[..., Predictions],
) -> None:
    file = validation(CLIP)
    kept = choose_thresholds(file, "youden", "global").validation
    assert kept is not None
    assert kept.sha256 == fingerprint.of_file(file.path)
    assert (kept.fingerprint, kept.split_hash) == ("f" * 64, "5" * 64)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(OutputError, match="cannot write"):
        write_thresholds(tmp_path / "taken" / "thresholds.json", fixed(0.0))


def test_predictions_of_the_same_run_are_welcome_though_it_was_moved(
    validation: Callable[..., Predictions], other_header: Callable[..., Any]
) -> None:
    chosen = choose_thresholds(validation(CLIP), "youden", "category")
    chosen.refuse_other(other_header(model="elsewhere/mine"))
    chosen.refuse_other(other_header(max_new_tokens=None))
    chosen.refuse_other(other_header(control="blank"))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"run_fingerprint": "0" * 64, "model": "runs/other"}, "of runs/mine, not of runs/other"),
        ({"run_fingerprint": None}, "of runs/mine"),
        ({"base_fingerprint": "0" * 64}, "of runs/mine"),
        ({"source": "import", "model": "VERA"}, "of runs/mine, not of VERA"),
        ({"mode": "no_phys"}, "their mode is multi_turn, not no_phys"),
        ({"history": "generated"}, "their history is given, not generated"),
        (
            {"sampling": {"frames": 4, "kind": "burst", "stride": 2}},
            "their sampling is 8 frames, uniform, not 4 frames, burst, stride 2",
        ),
        (
            {"sampling": {"kind": "window", "window_seconds": 1.5}},
            "not 8 frames, window, window seconds 1.5",
        ),
        ({"accepted_changed_prior": ("clip", "fan")}, "other prompts were asked of clip"),
    ],
)
def test_predictions_made_otherwise_are_refused_with_what_differs(
    validation: Callable[..., Predictions],
    other_header: Callable[..., Any],
    fields: dict[str, Any],
    words: str,
) -> None:
    chosen = choose_thresholds(validation(CLIP), "youden", "category")
    with pytest.raises(PredictionError, match=words):
        chosen.refuse_other(other_header(**fields))


def test_prompts_of_a_category_that_chose_nothing_are_no_obstacle(
    validation: Callable[..., Predictions], other_header: Callable[..., Any]
) -> None:
    chosen = choose_thresholds(validation(CLIP), "youden", "category")
    chosen.refuse_other(other_header(accepted_changed_prior=("fan",)))


def test_other_methods_are_told_by_name(
    validation: Callable[..., Predictions], other_header: Callable[..., Any]
) -> None:
    method = {
        "source": "import",
        "base_fingerprint": None,
        "run_fingerprint": None,
        "mode": None,
        "history": None,
        "sampling": None,
    }
    chosen = choose_thresholds(validation(CLIP, model="VERA", **method), "f1", "global")
    chosen.refuse_other(other_header(model="VERA", **method))
    with pytest.raises(PredictionError, match="of VERA, not of AnomalyCLIP"):
        chosen.refuse_other(other_header(model="AnomalyCLIP", **method))


def test_a_fixed_threshold_is_for_any_model(other_header: Callable[..., Any]) -> None:
    assert (fixed(0.0).rule, fixed(-0.0).rule, fixed(1.5).rule) == ("zero", "zero", "fixed")
    assert fixed(1.5).of("clip") == 1.5
    fixed(1.5).refuse_other(other_header(mode="no_phys"))


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_fixed_threshold_is_a_finite_number(bad: float) -> None:
    with pytest.raises(PredictionError, match="not a finite number"):
        fixed(bad)


def test_videos_that_chose_are_not_scored_at_their_choice(
    validation: Callable[..., Predictions],
) -> None:
    file = validation(CLIP)
    with pytest.raises(PredictionError, match="chose these thresholds"):
        choose_thresholds(file, "youden", "global").refuse_chosen_on(file)


def written(tmp_path: Path, change: Callable[[dict[str, Any]], Any]) -> Path:
    fields = Thresholds(rule="youden", per="category", value=0.0, values={"clip": 1.0}).model_dump()
    change(fields)
    path = tmp_path / "thresholds.json"
    path.write_text(json.dumps(fields))
    return path


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda fields: fields.update(rule="best"), r"\$\.rule: .*no rule 'best'"),
        (lambda fields: fields["values"].update(clip=float("nan")), r"\$\.values\.clip"),
        (lambda fields: fields.update(value="1.0"), r"\$\.value"),
        (lambda fields: fields.update(value=True), r"\$\.value"),
        (lambda fields: fields.pop("value"), r"\$\.value"),
        (lambda fields: fields.update(format=2), r"\$\.format"),
        (lambda fields: fields.update(per="video"), r"\$\.per"),
        (lambda fields: fields.update(more=1), r"\$\.more"),
    ],
)
def test_a_damaged_file_is_refused_at_its_place(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any], where: str
) -> None:
    with pytest.raises(PredictionError, match=where):
        read_thresholds(written(tmp_path, change))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null", b"[" * 100_000])
def test_what_is_no_thresholds_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "thresholds.json"
    path.write_bytes(content)
    with pytest.raises(PredictionError, match="no thresholds file"):
        read_thresholds(path)


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(PredictionError, match="cannot be read"):
        read_thresholds(tmp_path / name)


def test_thresholds_beside_the_predictions_are_found(
    validation: Callable[..., Predictions], write_file: WriteFile
) -> None:
    chosen = choose_thresholds(validation([*FAN, *CLIP]), "youden", "category")
    others = read_predictions(write_file(BALL, "test.jsonl"))
    assert find_thresholds(others) == (None, "")
    mine = chosen.model_copy(
        update={
            "validation": chosen.validation and chosen.validation.model_copy(update={"videos": ()})
        }
    )
    write_thresholds(others.path.with_name("thresholds.json"), mine)
    assert find_thresholds(others) == (mine, "")


@pytest.mark.parametrize(
    ("header", "why"),
    [({"run_fingerprint": "0" * 64}, "do not belong"), ({}, "chose these thresholds")],
)
def test_thresholds_beside_that_do_not_belong_are_left_out_with_the_reason(
    validation: Callable[..., Predictions], write_file: WriteFile, header: Any, why: str
) -> None:
    chosen = choose_thresholds(validation([*FAN, *CLIP]), "youden", "category")
    # The ids are those of the validation videos.
    predictions = read_predictions(write_file([*FAN, *CLIP], "test.jsonl", **header))
    path = predictions.path.with_name("thresholds.json")
    write_thresholds(path, chosen)
    found, unfit = find_thresholds(predictions)
    assert found is None
    assert unfit.startswith(f"{path}: ")
    assert why in unfit
