"""How severe a failure is, as the files beside the videos say it: what is of no use is counted."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from figures_material import WriteFile

from physprior.errors import DatasetError
from physprior.eval.predictions import Predictions, read_predictions
from physprior.eval.report.severity import read_severities, severity_scores
from physprior.eval.scoring import score

ROWS: list[Any] = [
    ("ball", "normal", 0.0, None),
    ("ball", "leak", 1.0, None),
    ("ball", "leak", 2.0, None),
]
FIRST, SECOND = "ball/test/leak/0001", "ball/test/leak/0002"


@pytest.fixture
def predictions(write_file: WriteFile) -> Predictions:
    return read_predictions(write_file(ROWS, dataset="no-such-dataset"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "videos").mkdir()
    return tmp_path / "videos"


def say(root: Path, video: str, content: Any) -> None:
    path = root / f"{video}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def test_the_severity_beside_a_video_is_its_own(predictions: Predictions, root: Path) -> None:
    say(root, FIRST, {"severity": 0.25, "class": "leak"})
    say(root, SECOND, {"severity": 1})
    found = read_severities(predictions, videos=root)
    assert dict(found) == {FIRST: 0.25, SECOND: 1.0}
    assert (found.ignored, found.missing) == ((), ())


def test_a_skipped_video_has_its_severity_too(write_file: WriteFile, root: Path) -> None:
    say(root, "ball/test/leak/0000", {"severity": 0.5})
    skipped = read_predictions(write_file([("ball", "leak", None, None), *ROWS[:1]]))
    assert dict(read_severities(skipped, videos=root)) == {"ball/test/leak/0000": 0.5}


@pytest.mark.parametrize("said", [{}, {"severity": None}, {"instance": "ball-1"}, []])
def test_a_sidecar_that_says_none_is_no_fault(
    predictions: Predictions, root: Path, said: Any
) -> None:
    say(root, FIRST, said)
    found = read_severities(predictions, videos=root)
    assert (dict(found), found.ignored, found.missing) == ({}, (), ())


@pytest.mark.parametrize(
    "said",
    [
        *('{"severity": NaN}', '{"severity": Infinity}', '{"severity": 1e999}'),
        *('{"severity": "x"}', '{"severity": "0.5"}', '{"severity": 7}', '{"severity": -0.1}'),
        *('{"severity": true}', '{"severity": [0.5]}', f'{{"severity": 1{"0" * 400}}}'),
        *('{"severity": 0.5', "", "\x00", "[" * 100_000),
    ],
)
def test_a_sidecar_that_is_damaged_or_says_no_severity_is_left_out_and_counted(
    predictions: Predictions, root: Path, said: str
) -> None:
    say(root, FIRST, said)
    say(root, SECOND, {"severity": 0.5})
    found = read_severities(predictions, videos=root)
    assert dict(found) == {SECOND: 0.5}
    (ignored,) = found.ignored
    assert ignored.startswith(f"{FIRST}: its s")
    assert found.missing == ()


def test_a_severity_of_a_sound_object_is_passed_over(predictions: Predictions, root: Path) -> None:
    say(root, "ball/test/normal/0000", {"severity": 0.5})
    assert dict(read_severities(predictions, videos=root)) == {}


def test_the_videos_of_the_predictions_dataset_are_found(
    write_file: WriteFile, dataset: Path, videos: Path
) -> None:
    from physprior.dataset.folder import Dataset

    records = Dataset.open(dataset).records("test")
    rows = [(record.category, record.class_id, 0.0, None) for record in records]
    path = write_file(rows, dataset=str(dataset))
    text = path.read_text(encoding="utf-8")
    for number, record in enumerate(records):
        made = f"{record.category}/test/{record.class_id}/{number:04d}"
        text = text.replace(f'"{made}"', f'"{record.id}"').replace(f'"{made}.', f'"{record.id}.')
    path.write_text(text, encoding="utf-8")
    told = {
        record.id: json.loads((videos / f"{record.id}.json").read_bytes())["severity"]
        for record in records
        if record.label
    }
    predictions = read_predictions(path)
    assert dict(read_severities(predictions)) == told
    assert dict(read_severities(predictions, dataset=dataset)) == told
    assert len(told) > 0


def test_a_lost_dataset_is_missing_and_no_error(predictions: Predictions) -> None:
    found = read_severities(predictions)
    assert dict(found) == {}
    (missing,) = found.missing
    assert "no-such-dataset" in missing
    assert "--videos" in missing


def test_a_lost_folder_of_videos_is_missing_and_no_error(
    predictions: Predictions, tmp_path: Path
) -> None:
    (missing,) = read_severities(predictions, videos=tmp_path / "gone").missing
    assert "gone is not here" in missing


def test_a_dataset_that_is_named_and_is_none_is_refused(
    predictions: Predictions, root: Path
) -> None:
    with pytest.raises(DatasetError, match="not a dataset"):
        read_severities(predictions, dataset=root)


@pytest.mark.parametrize(
    "name", ["../secret", "/secret", "a/../../secret", "x" * 5000, "/", "a/..", ""]
)
def test_a_path_that_is_none_below_the_videos_is_not_followed(
    write_file: WriteFile, root: Path, name: str
) -> None:
    say(root.parent, "secret", {"severity": 0.5})
    path = write_file(ROWS)
    text = path.read_text(encoding="utf-8").replace(f'"{FIRST}.mp4"', f'"{name}.mp4"')
    path.write_text(text, encoding="utf-8")
    found = read_severities(read_predictions(path), videos=root)
    assert dict(found) == {}


def test_normal_videos_alone_need_no_folder(write_file: WriteFile) -> None:
    found = read_severities(read_predictions(write_file(ROWS[:1], dataset="no-such-dataset")))
    assert (dict(found), found.missing) == ({}, ())


def test_what_was_read_can_be_scored(predictions: Predictions, root: Path) -> None:
    say(root, FIRST, {"severity": 0.6})
    found = severity_scores(score(predictions), read_severities(predictions, videos=root))
    assert found is not None
    assert (found.bins[0].anomalous, found.without) == (1, 1)


@pytest.mark.parametrize(
    "video", ["{root.parent}/secret.mp4", "../secret.mp4", "ball/../../secret.mp4"]
)
def test_a_path_that_leaves_the_videos_folder_is_not_followed(
    predictions: Predictions, root: Path, video: str
) -> None:
    (root.parent / "secret.json").write_text('{"severity": 0.5}')
    lines = [
        line.model_copy(update={"video": video.format(root=root)})
        for line in predictions.predictions
    ]
    found = read_severities(dataclasses.replace(predictions, predictions=tuple(lines)), None, root)
    assert (dict(found), found.ignored) == ({}, ())
