"""The packaged sentence encoder, loaded once, and encoders that cannot be loaded."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from physprior.errors import CheckpointError
from physprior.eval.explanations.encoder import Encoder, load_encoder
from physprior.eval.explanations.encoder_folder import find_encoder
from physprior.eval.explanations.items import items_of, sentences_of
from physprior.eval.explanations.sbert import score_sbert
from physprior.eval.predictions import Predictions
from physprior.knowledge.load import KnowledgeBase

TOLERANCE = 1e-6
"""The most that rounding in another batch may move a cosine."""


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder(device="cpu")


def test_scores_are_those_of_the_library_s_own_pairwise_loop(
    encoder: Encoder, kb: KnowledgeBase, read: Callable[..., Predictions]
) -> None:
    from sentence_transformers.util import cos_sim

    said = ["The spring has lost its tension.", "Вал не вращается.", "轴承卡住了。", "🔥 🤖"]
    rows = [
        (category, name, 0.0, text)
        for category, name in (("clip", "unable_to_rebound"), ("fan", "normal"))
        for text in said
    ]
    sentences = sentences_of(kb)
    items = items_of(read(rows), sentences)
    found = score_sbert(items, encoder, sentences)
    for item in items:
        own, references = encoder.model.encode([item.answer]), [*item.references]
        cosines = cos_sim(own, encoder.model.encode(references))[0]
        score = found.scores[item.id]
        assert score.max == pytest.approx(float(cosines.max()), abs=TOLERANCE)
        assert score.mean == pytest.approx(float(cosines.mean()), abs=TOLERANCE)
        assert score.nearest == int(cosines.argmax())


def test_neither_batch_nor_neighbours_move_a_row(encoder: Encoder) -> None:
    texts = [" ".join(["turn"] * count) for count in (1, 2, 3, 20, 60)] + ["", "弹簧", "🔥"]
    whole = encoder.encode(texts)
    assert whole.dtype == np.float32
    for batch_size in (1, 3):
        assert encoder.encode(texts, batch_size=batch_size) == pytest.approx(whole, abs=TOLERANCE)
    assert np.array_equal(encoder.encode(texts[::-1])[::-1], whole)
    assert np.array_equal(encoder.encode([*texts, *texts])[len(texts) :], whole)


STRANGE = ["", " ", "\x00", "\u202e", "\ud83d", "ـ" * 99, "弹簧" * 99, "🔥" * 99, "a" * 10**7]


def test_whatever_the_text_a_row_is_finite_and_of_length_one(encoder: Encoder) -> None:
    rows = encoder.encode(STRANGE)
    assert rows.shape == (len(STRANGE), 384)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1.0, abs=TOLERANCE)


def test_of_nothing_there_are_no_rows(encoder: Encoder) -> None:
    assert len(encoder.encode([])) == 0
    assert encoder.cuts([]) == []


def test_a_sentence_is_cut_where_its_end_is_beyond_what_is_read(encoder: Encoder) -> None:
    fits, too_long = "word " * 254, "word " * 255  # Two more tokens stand around them.
    assert encoder.max_tokens == 256
    assert encoder.cuts(["", "word", fits, too_long, "a" * 10**7]) == [False] * 3 + [True] * 2


def test_a_long_text_has_the_row_that_the_library_gives_the_whole_of_it(encoder: Encoder) -> None:
    text = "The arm sticks halfway and does not return. " * 2000 + "All is well."
    assert len(text) > 10 * encoder.max_characters
    [whole] = encoder.model.encode([text])
    [row] = encoder.encode([text])
    assert row == pytest.approx(whole, abs=TOLERANCE)


# Encoders by name


def copy_of(place: Path, *without: str) -> Path:
    """A folder like the packaged encoder's, made of links, without some files."""
    source = find_encoder().path
    place.mkdir()
    for entry in source.iterdir():
        if entry.name not in without:
            (place / entry.name).symlink_to(entry)
    return place


def test_the_packaged_encoder_is_found_by_its_name_unless_a_folder_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_encoder("all-MiniLM-L6-v2") == find_encoder()
    own = copy_of(tmp_path / "all-MiniLM-L6-v2")
    assert find_encoder("all-MiniLM-L6-v2").path == own


def test_a_folder_with_the_same_files_has_the_same_hash(tmp_path: Path) -> None:
    packaged = find_encoder()
    found = find_encoder(str(copy_of(tmp_path / "mine", "README.md", "data_config.json")))
    assert found.hash == packaged.hash
    assert found.name == str(tmp_path / "mine")


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "1_Pooling/config.json"])
def test_a_file_that_decides_changes_the_hash(name: str, tmp_path: Path) -> None:
    folder = copy_of(tmp_path / "mine", name.partition("/")[0])
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("{}")
    assert find_encoder(str(folder)).hash != find_encoder().hash


def test_a_folder_is_loaded_by_its_path(encoder: Encoder, tmp_path: Path) -> None:
    other = load_encoder(str(copy_of(tmp_path / "mine")), device="cpu")
    assert np.array_equal(other.encode(["It moves."]), encoder.encode(["It moves."]))


def test_a_name_on_the_hub_is_taken_from_the_hub_s_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    cached = tmp_path / "models--sentence-transformers--mine"
    (cached / "refs").mkdir(parents=True)
    (cached / "refs/main").write_text("0123")
    (cached / "snapshots").mkdir()
    copy_of(cached / "snapshots/0123")
    found = [find_encoder(name) for name in ("mine", "sentence-transformers/mine")]
    assert {one.name for one in found} == {"sentence-transformers/mine"}
    assert {one.hash for one in found} == {find_encoder().hash}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("./nowhere", "there is no such folder"),
        ("/nowhere/at/all", "there is no such folder"),
        ("", "there is no such folder"),
        ("someone/encoder", "not in the hub's cache"),
        ("all-mpnet-base-v2", "sentence-transformers/all-mpnet-base-v2 is not in the hub's cache"),
        ("two words", "neither a folder nor a name on the hub"),
    ],
)
def test_an_encoder_that_is_not_at_hand_is_named_and_so_is_the_packaged_one(
    name: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(CheckpointError, match=said) as caught:
        find_encoder(name)
    assert "all-MiniLM-L6-v2" in caught.value.remedy


def test_a_file_is_no_encoder(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(b"")
    with pytest.raises(CheckpointError, match="is a file and no folder"):
        find_encoder(str(tmp_path / "weights.bin"))


def test_a_model_that_is_no_sentence_encoder_is_not_made_one(tmp_path: Path) -> None:
    folder = copy_of(tmp_path / "bare", "modules.json")
    with pytest.raises(CheckpointError, match=r"is no sentence encoder: it has no modules\.json"):
        find_encoder(str(folder))


@pytest.mark.parametrize("content", ["", "{", "[1]", '[{"idx": 0}]', "null", '"x"', '{"path": 1}'])
def test_modules_that_cannot_be_read_are_refused(content: str, tmp_path: Path) -> None:
    folder = copy_of(tmp_path / "mine", "modules.json")
    (folder / "modules.json").write_text(content)
    with pytest.raises(CheckpointError, match=r"modules\.json"):
        find_encoder(str(folder))


def modules(*kinds: str) -> str:
    listed = [
        {"idx": at, "name": str(at), "path": "", "type": kind} for at, kind in enumerate(kinds)
    ]
    return json.dumps(listed)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.safetensors", b""),
        ("model.safetensors", b"\x10" * 500),
        ("model.safetensors", None),
        ("config.json", b"{"),
        ("config.json", b"{}"),
        ("config.json", b'{"model_type": "no_such_model"}'),
        ("config.json", None),
        ("tokenizer.json", b"{}"),
        ("modules.json", b"[]"),
        ("modules.json", modules("no_such.module.Anything").encode()),
        ("modules.json", modules("os.getcwd").encode()),
    ],
)
def test_an_encoder_that_is_damaged_is_refused_in_words(
    name: str, content: bytes | None, tmp_path: Path
) -> None:
    folder = copy_of(tmp_path / "mine", name)
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises(CheckpointError) as caught:
        load_encoder(str(folder), device="cpu")
    assert str(folder) in caught.value.message
    assert "--encoder" in caught.value.remedy


def test_an_encoder_that_lacks_weights_is_refused(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = copy_of(tmp_path / "mine", "model.safetensors")
    weights = load_file(find_encoder().path / "model.safetensors")
    save_file(
        {name: one for name, one in weights.items() if "layer.3.attention.output" not in name},
        folder / "model.safetensors",
        metadata={"format": "pt"},
    )
    with pytest.raises(CheckpointError, match="lacks weights"):
        load_encoder(str(folder), device="cpu")


def test_an_encoder_whose_numbers_are_not_finite_is_refused(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = copy_of(tmp_path / "mine", "model.safetensors")
    weights = load_file(find_encoder().path / "model.safetensors")
    weights["encoder.layer.0.output.dense.bias"][:] = float("nan")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(CheckpointError, match="not finite"):
        load_encoder(str(folder), device="cpu").encode(["It moves."])


@pytest.mark.parametrize("device", ["nonsense", "cuda:99", "meta:x", "hpu"])
def test_a_device_that_is_not_there_is_named(device: str) -> None:
    with pytest.raises(CheckpointError, match=f"device '{device}' cannot be used"):
        load_encoder(device=device)
