"""``model base --pretrained`` copies the base that comes with it; ``model pretrain`` makes it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from physprior.vlm.checkpoint import load_checkpoint


@pytest.fixture
def misused(physprior: Any) -> Callable[..., str]:
    """Runs a command whose words are wrong; returns what it said of them."""

    def call(*words: object) -> str:
        outcome = physprior(*words)
        assert outcome.code == 2
        assert outcome.out == ""
        assert "\nError: Invalid value for " in outcome.err
        return str(outcome.err).split("\nError: ")[1]

    return call


@pytest.fixture
def shipped(tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkpoint in the place of the one that comes with physprior."""
    source = Path(shutil.copytree(tiny_base, tmp_path / "shipped"))
    monkeypatch.setattr("physprior.vlm.pretrained.pretrained_folder", lambda: source)
    return source


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_pretrained_base_is_copied_file_by_file(
    physprior: Any, shipped: Path, tmp_path: Path
) -> None:
    out = tmp_path / "models" / "base"
    outcome = physprior("model", "base", "tiny", out, "--pretrained")
    assert outcome.code == 0, outcome.err
    assert f"copied the pre-trained tiny Video-LLaVA to {out}" in outcome.out + outcome.err
    assert contents(out) == contents(shipped)
    assert [path.name for path in out.parent.iterdir()] == ["base"]
    assert load_checkpoint(out).source == str(out)


def test_a_copy_may_be_written_where_what_is_shipped_may_not(
    physprior: Any, shipped: Path, tmp_path: Path
) -> None:
    for path in shipped.iterdir():
        path.chmod(0o444)
    out = tmp_path / "base"
    assert physprior("model", "base", "tiny", out, "--pretrained").code == 0
    assert all(path.stat().st_mode & 0o200 for path in out.iterdir())


def test_an_empty_folder_is_filled_and_rests_of_a_killed_copy_are_no_hindrance(
    physprior: Any, shipped: Path, tmp_path: Path
) -> None:
    out = tmp_path / "base"
    out.mkdir()
    (tmp_path / "base.part").mkdir()
    (tmp_path / "base.part" / "model.safetensors").write_bytes(b"half")
    assert physprior("model", "base", "tiny", out, "--pretrained").code == 0
    assert contents(out) == contents(shipped)
    assert not (tmp_path / "base.part").exists()


def test_a_folder_that_holds_something_is_left_as_it_is(
    refused: Callable[..., str], shipped: Path, tmp_path: Path
) -> None:
    out = tmp_path / "base"
    out.mkdir()
    (out / "note").write_text("mine")
    assert "base is not empty" in refused("model", "base", "tiny", out, "--pretrained")
    assert contents(out) == {"note": b"mine"}
    assert "base is not empty" in refused("model", "pretrain", out, "--steps", 1)
    assert contents(out) == {"note": b"mine"}


@pytest.mark.parametrize(
    "words",
    [
        ("--category", "clip"),
        ("--seed", "1"),
        ("--seed", "0"),
        ("--kb", "kb"),
        ("--templates", "templates"),
    ],
)
def test_what_makes_a_random_base_is_refused_for_a_copied_one(
    misused: Callable[..., str], shipped: Path, tmp_path: Path, words: tuple[str, str]
) -> None:
    out = tmp_path / "base"
    said = misused("model", "base", "tiny", out, "--pretrained", *words)
    assert f"leave {words[0]} out" in said
    assert "--pretrained" in said
    assert not out.exists()


def test_an_installation_without_the_weights_says_so(
    refused: Callable[..., str], shipped: Path, tmp_path: Path
) -> None:
    (shipped / "model.safetensors").unlink()
    said = refused("model", "base", "tiny", tmp_path / "base", "--pretrained")
    assert "shipped holds no weights" in said
    assert "install physprior again" in said
    assert not (tmp_path / "base").exists()


def test_a_place_that_cannot_be_written_is_refused_in_words(
    refused: Callable[..., str], shipped: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    below = tmp_path / "file" / "below"
    assert "cannot write" in refused("model", "base", "tiny", below, "--pretrained")
    assert "cannot write" in refused("model", "pretrain", below, "--steps", 1)


@pytest.fixture
def _own_threads() -> Iterator[None]:
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("_own_threads")
def test_pretraining_writes_a_base_that_loads_and_tells_how_far_it_is(
    physprior: Any, tmp_path: Path
) -> None:
    out = tmp_path / "base"
    outcome = physprior("model", "pretrain", out, "--steps", 2, "--batch-size", 4)
    assert outcome.code == 0, outcome.err
    assert "made a pre-trained tiny Video-LLaVA in" in outcome.out + outcome.err
    assert "pretrain" in outcome.err
    assert [path.name for path in tmp_path.iterdir()] == ["base"]
    checkpoint = load_checkpoint(out)
    assert checkpoint.tokens_per_frame == 10
    assert checkpoint.model.config.text_config.attention_bias is True
    assert "physprior" not in (out / "config.json").read_text()


@pytest.mark.parametrize("words", [("--steps", 0), ("--batch-size", 0), ("--seed", -1)])
def test_pretraining_on_nothing_is_refused(
    misused: Callable[..., str], tmp_path: Path, words: tuple[str, int]
) -> None:
    assert words[0] in misused("model", "pretrain", tmp_path / "base", *words)
    assert not (tmp_path / "base").exists()
