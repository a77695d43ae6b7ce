"""The video goes with the first question, and in one arm of the ablation with the last one."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from physprior.dataset.compile import build
from physprior.dataset.depend import template_hash
from physprior.dataset.export.form import refuse_marks
from physprior.dataset.folder import Dataset
from physprior.dataset.records import Record
from physprior.dialogue import Dialogue, Templates
from physprior.errors import DatasetError, PredictionError
from physprior.eval.predict import PredictOptions, predict
from physprior.knowledge.load import KnowledgeBase
from physprior.paths import templates_folder
from physprior.vlm.chat import VIDEO, write_chat, write_prompt
from physprior.vlm.load import load_model

REASON = "The jaws open and close as they should."
LAST = Templates(templates_folder(), video_turn="last")


def rendered(kb: KnowledgeBase, templates: Templates, mode: str) -> Dialogue:
    return templates.render(kb.category("clip"), mode, anomalous=False, reason=REASON)


def test_the_video_goes_with_the_question_that_is_said(
    kb: KnowledgeBase, templates: Templates
) -> None:
    first, last = (write_chat(rendered(kb, each, "multi_turn")).text for each in (templates, LAST))
    questions = [text.split(" ASSISTANT:")[0] for text in last.split("USER: ")[1:]]
    assert [VIDEO in question for question in questions] == [False, False, False, True]
    assert questions[-1].startswith(f"{VIDEO}\nCompare the video")
    assert first.startswith(f"USER: {VIDEO}\n")
    # Nothing else is another.
    assert first.replace(f"{VIDEO}\n", "") == last.replace(f"{VIDEO}\n", "")


@pytest.mark.parametrize("mode", ["multi_turn", "single_turn", "no_phys"])
def test_a_prompt_is_the_beginning_of_what_was_trained_on(kb: KnowledgeBase, mode: str) -> None:
    dialogue = rendered(kb, LAST, mode)
    assert write_chat(dialogue).text.startswith(write_prompt(dialogue))
    assert write_prompt(dialogue).count(VIDEO) == 1


def test_what_has_one_question_is_the_same_text_either_way(
    kb: KnowledgeBase, templates: Templates
) -> None:
    one, other = (rendered(kb, each, "no_phys") for each in (templates, LAST))
    assert write_chat(one) == write_chat(other)


def test_a_run_is_told_apart_by_its_prompts_and_a_dataset_by_its_template(
    kb: KnowledgeBase, templates: Templates
) -> None:
    one, other = (rendered(kb, each, "multi_turn") for each in (templates, LAST))
    assert one.prompt_hash() != other.prompt_hash()
    assert other.until_verdict().video_turn == "last"
    assert template_hash(templates, "multi_turn") != template_hash(LAST, "multi_turn")


def test_hashes_and_records_of_the_first_question_say_nothing_of_it(
    kb: KnowledgeBase, templates: Templates
) -> None:
    dialogue = rendered(kb, templates, "multi_turn")
    turns = [
        [turn.role, [[part.kind, part.text] for part in turn.parts]]
        for turn in dialogue.until_verdict().turns
    ]
    said = json.dumps(turns, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert dialogue.prompt_hash() == hashlib.sha256(said.encode()).hexdigest()
    text = templates.path("multi_turn").read_bytes()
    assert templates.fingerprint("multi_turn") == hashlib.sha256(text).hexdigest()
    assert list(json.loads(record_of(dialogue).line()))[-1] == "turns"


def record_of(dialogue: Dialogue) -> Record:
    return Record(
        id="clip/a",
        video="clip/a.mp4",
        sha256="0",
        category="clip",
        class_id="normal",
        label=0,
        instance="",
        split="train",
        mode=dialogue.mode,
        prompt_hash=dialogue.prompt_hash(),
        reason_index=0,
        reason=REASON,
        turns=dialogue.turns,
        video_turn=dialogue.video_turn,
    )


def test_a_record_keeps_the_turn_of_its_video(kb: KnowledgeBase) -> None:
    dialogue = rendered(kb, LAST, "multi_turn")
    record = record_of(dialogue)
    assert json.loads(record.line())["video_turn"] == "last"
    assert Record.model_validate_json(record.line()).dialogue() == dialogue


def test_other_projects_formats_refuse_it(kb: KnowledgeBase) -> None:
    with pytest.raises(DatasetError, match="goes with the last question"):
        refuse_marks(record_of(rendered(kb, LAST, "multi_turn")))


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory, kb: KnowledgeBase) -> Path:
    from physprior.simulate import Options, simulate

    root = tmp_path_factory.mktemp("last")
    options = Options(categories=("clip",), count=12, instances=12, size=64, frames=16)
    simulate(root / "videos", options, workers=1, progress=lambda done, total: None)
    build(root / "videos", root / "dataset", knowledge=kb, templates=LAST, mode="multi_turn")
    return root / "dataset"


def test_a_built_dataset_has_it_in_every_record(dataset: Path) -> None:
    records = Dataset.open(dataset).records("train")
    assert {record.video_turn for record in records} == {"last"}
    assert {record.prompt_hash for record in records} == {records[0].dialogue().prompt_hash()}


def test_a_model_is_asked_with_the_video_last_and_tells_no_history_of_its_own(
    dataset: Path, tiny_base: Path, tmp_path: Path
) -> None:
    model = load_model(tiny_base)
    asked = PredictOptions(score_only=True, cache=tmp_path / "frames", workers=1)
    out = tmp_path / "test.jsonl"
    assert predict(str(tiny_base), dataset, out, asked, model=model).made > 0
    generated = PredictOptions(history="generated", cache=tmp_path / "frames", workers=1)
    with pytest.raises(PredictionError, match="before it sees anything"):
        predict(str(tiny_base), dataset, tmp_path / "own.jsonl", generated, model=model)
    assert not (tmp_path / "own.jsonl").exists()
