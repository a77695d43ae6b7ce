from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from physprior.dataset.records import Record
from physprior.dialogue import Dialogue, Templates, Turn
from physprior.errors import DatasetError
from physprior.knowledge.load import KnowledgeBase
from physprior.video.sample import Sampling
from physprior.vlm.checkpoint import read_json
from physprior.vlm.run_folder import RunRecord, write_run
from physprior.vlm.token_report import (
    KINDS,
    TokenModel,
    count_tokens,
    dialogues_of,
    fits,
    kb_dialogues,
    open_token_model,
)


@pytest.fixture(scope="module")
def model(tiny_base: Path) -> TokenModel:
    return open_token_model(tiny_base)


def rendered(kb: KnowledgeBase, templates: Templates, mode: str, index: int = 0) -> Dialogue:
    clip = kb.category("clip")
    reason = clip.normal.explanations[index]
    return templates.render(clip, mode, anomalous=False, reason=reason)


def record(dialogue: Dialogue, name: str = "clip/train/0000") -> Record:
    verdict = dialogue.turns[-1].parts[-1].text
    return Record(
        id=name,
        video=f"{name}.mp4",
        sha256="0" * 64,
        category=dialogue.category,
        class_id="normal",
        label=0,
        instance="",
        split="train",
        mode=dialogue.mode,
        prompt_hash=dialogue.prompt_hash(),
        reason_index=0,
        reason=verdict.partition("Reason: ")[2],
        turns=dialogue.turns,
    )


def with_verdict(dialogue: Dialogue, text: str) -> Dialogue:
    """A dialogue of which the verdict gives another reason."""
    *before, last = dialogue.turns
    part = last.parts[-1].model_copy(update={"text": f"Verdict: Normal. Reason: {text}"})
    turn = Turn(role="assistant", parts=(*last.parts[:-1], part))
    return dialogue.model_copy(update={"turns": (*before, turn)})


@pytest.mark.parametrize("mode", ["multi_turn", "single_turn", "no_phys"])
def test_tokens_are_counted_as_training_encodes_them(
    kb: KnowledgeBase, templates: Templates, model: TokenModel, mode: str
) -> None:
    dialogue = rendered(kb, templates, mode)
    encoded = model.encoder.dialogue(dialogue)
    report = count_tokens([("one", dialogue)], model)
    own, _ = report.rows
    assert report.longest.total == len(encoded.input_ids)
    for kind in ("component", "subject", "motion", "verdict"):
        assert own.means[kind] == encoded.kinds.count(kind)
    assert own.means["video"] == 8 * 5
    assert own.share == encoded.kinds.count("verdict") / sum(1 for kind in encoded.kinds if kind)


def test_the_share_is_that_of_all_supervised_tokens_together(
    kb: KnowledgeBase, templates: Templates, model: TokenModel
) -> None:
    one = rendered(kb, templates, "multi_turn")
    long = with_verdict(one, "It is sound. " * 40)
    counted = [count_tokens([("one", each)], model).longest.tokens for each in (one, long)]
    report = count_tokens([("one", one), ("long", long), ("again", one)], model)
    verdict = sum(tokens["verdict"] for tokens in (*counted, counted[0]))
    physics = 3 * sum(counted[0][kind] for kind in ("component", "subject", "motion"))
    assert report.rows[-1].share == pytest.approx(verdict / (verdict + physics))
    assert report.rows[-1].count == 3
    assert report.longest.name == "long"


def test_equal_dialogues_are_tokenised_once(
    kb: KnowledgeBase,
    templates: Templates,
    tiny_base: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = open_token_model(tiny_base)
    encode, seen = model.encoder.dialogue, []

    def noting(dialogue: Dialogue) -> object:
        seen.append(dialogue)
        return encode(dialogue)

    monkeypatch.setattr(model.encoder, "dialogue", noting)
    records = [
        record(rendered(kb, templates, "multi_turn", number % 2), f"clip/train/{number:04d}")
        for number in range(20)
    ]
    report = count_tokens(dialogues_of(records), model)
    assert (report.rows[-1].count, len(seen)) == (20, 2)


def test_a_kb_is_counted_in_every_mode_with_each_explanation_once(
    kb: KnowledgeBase, templates: Templates, model: TokenModel
) -> None:
    small = kb.only(["clip", "fan"])
    report = count_tokens(kb_dialogues(small, templates), model)
    explanations = {
        category.id: sum(len(texts.explanations) for _, texts in category.classes())
        for category in small.categories.values()
    }
    expected = {
        (mode, category): count
        for mode in ("multi_turn", "no_phys", "single_turn")
        for category, count in (*explanations.items(), ("", sum(explanations.values())))
    }
    assert {(row.mode, row.category): row.count for row in report.rows} == expected
    shares = {row.mode: row.share for row in report.rows if not row.category}
    assert shares["no_phys"] == 1
    assert shares["single_turn"] < 0.5


def test_records_that_fit_are_reported(
    kb: KnowledgeBase, templates: Templates, tiny_base: Path
) -> None:
    report = fits([record(rendered(kb, templates, "multi_turn"))], tiny_base)
    assert report.context == 4096
    assert report.unfit == ()
    assert set(report.longest.tokens) == set(KINDS)


def test_a_record_that_does_not_fit_is_named_with_what_to_shorten(
    kb: KnowledgeBase, templates: Templates, model: TokenModel
) -> None:
    short = rendered(kb, templates, "multi_turn")
    long = with_verdict(short, "It is sound. " * 1200)
    with pytest.raises(DatasetError) as caught:
        fits([record(short), record(long, "clip/train/0001")], model)
    over = count_tokens([("long", long)], model).longest.total - 4096
    assert caught.value.message.startswith("1 dialogue does not fit the 4,096 tokens of ")
    assert "  clip/train/0001: " in caught.value.message
    assert "clip/train/0000" not in caught.value.message
    assert f"shorten the verdict text of clip by {over:,} of its " in caught.value.remedy


def test_too_many_frames_are_answered_with_how_many_there_may_be(
    kb: KnowledgeBase, templates: Templates, tiny_base: Path
) -> None:
    records = [record(rendered(kb, templates, "no_phys"))]
    with pytest.raises(DatasetError) as caught:
        fits(records, tiny_base, frames=900)
    most = int(caught.value.remedy.split("at most ")[1].split()[0])
    assert fits(records, tiny_base, frames=most)
    with pytest.raises(DatasetError):
        fits(records, tiny_base, frames=most + 1)


@pytest.fixture
def narrow(tiny_base: Path, tmp_path: Path) -> Path:
    """The tiny checkpoint with a context that holds hardly more than the video."""
    folder = tmp_path / "narrow"
    shutil.copytree(tiny_base, folder)
    config = read_json(folder / "config.json")
    config["text_config"]["max_position_embeddings"] = 50
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def test_the_context_is_that_of_the_model(
    kb: KnowledgeBase, templates: Templates, narrow: Path
) -> None:
    with pytest.raises(DatasetError, match="do not fit the 50 tokens of"):
        fits([record(rendered(kb, templates, "no_phys"))] * 2, narrow)


def test_a_run_is_counted_with_its_base_and_its_frames(
    kb: KnowledgeBase, templates: Templates, tiny_base: Path, tmp_path: Path
) -> None:
    run = RunRecord(
        state="finished",
        fingerprint="",
        base=str(tiny_base),
        base_fingerprint="",
        tune="lora",
        mode="multi_turn",
        prompts={},
        sampling=Sampling(kind="uniform", frames=4),
        dataset={},
        recipe={},
        provenance={},
    )
    write_run(tmp_path, run)
    assert fits([record(rendered(kb, templates, "no_phys"))], tmp_path).frames == 4
    assert open_token_model(tmp_path, frames=6).frames == 6


def test_nothing_to_count_is_an_error(model: TokenModel) -> None:
    with pytest.raises(DatasetError, match="no dialogue"):
        fits([], model)
