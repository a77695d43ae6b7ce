"""PAEval's description: asked in a dialogue of its own, without touching the verdict."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from physprior.cli.main import app
from physprior.dataset.folder import Dataset
from physprior.dialogue import Templates
from physprior.errors import KnowledgeError, PredictionError
from physprior.eval.predict import PredictOptions, predict
from physprior.eval.predictions import read_predictions
from physprior.knowledge.load import KnowledgeBase
from physprior.vlm.load import load_model


@pytest.fixture(scope="module")
def plain(frames_cache: Path) -> PredictOptions:
    return PredictOptions(max_new_tokens=4, batch_size=3, cache=frames_cache, workers=1)


@pytest.fixture(scope="module")
def describing(plain: PredictOptions, kb: KnowledgeBase, templates: Templates) -> PredictOptions:
    questions = {name: templates.describe(kb.category(name)) for name in ("ball", "clip")}
    return replace(plain, describe=questions)


@pytest.fixture(scope="module")
def described(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_base: Path,
    dataset: Path,
    describing: PredictOptions,
) -> Path:
    out = tmp_path_factory.mktemp("described") / "test.jsonl"
    predict(str(tiny_base), dataset, out, describing)
    return out


def test_every_video_is_described_and_judged_as_without(
    described: Path, tiny_base: Path, dataset: Path, plain: PredictOptions, tmp_path: Path
) -> None:
    without = tmp_path / "plain.jsonl"
    predict(str(tiny_base), dataset, without, plain)
    found = {line.id: line for line in read_predictions(described).predictions}
    for line in read_predictions(without).predictions:
        assert line.description is None
        assert found[line.id].description is not None
        assert (found[line.id].text, found[line.id].score) == (line.text, line.score)


def test_a_description_is_what_the_question_alone_brings_forth(
    described: Path, tiny_base: Path, dataset: Path, describing: PredictOptions
) -> None:
    import torch

    from physprior.vlm.frames import Clip, FrameStore
    from physprior.vlm.video_inputs import pixels

    model = load_model(tiny_base).checkpoint
    opened = Dataset.open(dataset)
    record = opened.records("test")[0]
    sampling = read_predictions(described).header.sampling
    assert sampling is not None
    assert describing.cache is not None
    store = FrameStore(describing.cache, model.image_processor, sampling)
    frames = store.load(Clip(opened.videos_root / record.video, record.sha256))
    assert describing.describe is not None
    ids = model.encoder(sampling.frames).prompt(describing.describe[record.category])
    made = model.model.generate(
        input_ids=torch.tensor([ids]),
        pixel_values_videos=pixels(
            model.model, model.image_processor, torch.from_numpy(frames)[None]
        ),
        max_new_tokens=4,
        do_sample=False,
    )
    said = model.tokenizer.decode(made[0, len(ids) :], skip_special_tokens=True).strip()
    found = {line.id: line for line in read_predictions(described).predictions}
    assert found[record.id].description == said


def test_with_a_generated_history_it_stays_a_dialogue_of_its_own(
    described: Path, tiny_base: Path, dataset: Path, describing: PredictOptions, tmp_path: Path
) -> None:
    out = tmp_path / "generated.jsonl"
    predict(str(tiny_base), dataset, out, replace(describing, history="generated"))
    given = {line.id: line.description for line in read_predictions(described).predictions}
    found = {line.id: line.description for line in read_predictions(out).predictions}
    assert found == given


def test_the_question_decides_the_predictions_and_is_recorded(
    described: Path,
    tiny_base: Path,
    dataset: Path,
    describing: PredictOptions,
    plain: PredictOptions,
) -> None:
    assert set(read_predictions(described).header.described) == {"ball", "clip"}
    with pytest.raises(PredictionError, match="differs in: description"):
        predict(str(tiny_base), dataset, described, plain)


def test_a_control_asks_for_no_description(describing: PredictOptions) -> None:
    assert describing.under("blank").describe is None
    assert describing.under(None).describe == describing.describe


def test_a_question_that_the_model_has_no_room_for_is_refused(
    tiny_base: Path, dataset: Path, describing: PredictOptions, tmp_path: Path
) -> None:
    assert describing.describe is not None
    long = {
        name: one.model_copy(
            update={
                "turns": (
                    one.turns[0].model_copy(
                        update={
                            "parts": (
                                one.turns[0].parts[0].model_copy(update={"text": "what " * 9000}),
                            )
                        }
                    ),
                    one.turns[1],
                )
            }
        )
        for name, one in describing.describe.items()
    }
    with pytest.raises(PredictionError, match="the model holds"):
        predict(str(tiny_base), dataset, tmp_path / "x.jsonl", replace(describing, describe=long))
    assert not (tmp_path / "x.jsonl").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--describe", "--score-only"], "leaves all words out"),
        (["--kb", "kb"], "for --describe alone"),
        (["--templates", "templates"], "for --describe alone"),
    ],
)
def test_options_that_contradict_each_other_are_misuse(
    words: list[str], said: str, tmp_path: Path
) -> None:
    out = tmp_path / "x.jsonl"
    result = CliRunner().invoke(app, ["predict", "model", "dataset", "-o", str(out), *words])
    assert result.exit_code == 2
    assert said in " ".join(result.output.replace("│", " ").split())


def test_a_category_that_the_kb_does_not_know_is_named(
    tiny_base: Path, dataset: Path, tmp_path: Path
) -> None:
    (tmp_path / "kb").mkdir()
    words = ["predict", str(tiny_base), str(dataset), "-o", str(tmp_path / "x.jsonl")]
    result = CliRunner().invoke(app, [*words, "--describe", "--kb", str(tmp_path / "kb")])
    assert isinstance(result.exception, KnowledgeError)
