"""``physprior data cache``: for a recipe or a model, once, and again."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]


@pytest.fixture
def cache(physprior: Command, dataset: Path, tmp_path: Path) -> Command:
    """The command on the dataset of twelve videos, with a cache of its own."""

    def call(*words: object) -> Any:
        return physprior("data", "cache", dataset, "--cache", tmp_path / "cache/frames", *words)

    return call


@pytest.fixture
def frames_of(tmp_path: Path) -> Callable[[], list[Path]]:
    return lambda: sorted((tmp_path / "cache/frames").rglob("*.npy"))


def test_for_a_recipe_all_videos_are_decoded_once(
    cache: Command, tiny_base: Path, frames_of: Callable[[], list[Path]]
) -> None:
    words = ("--recipe", "tiny_random", "--set", f"base={tiny_base}")
    first = cache(*words)
    assert first.code == 0
    assert re.search(
        r"^frames of 0 of 12 videos are there; the other 12 take 245\.8 kB in ", first.err
    )
    said, place = first.out.splitlines()
    assert said == "12 of 12 videos are cached, 12 of them made now"
    files = frames_of()
    assert len(files) == 12
    assert place == f"frames: {files[0].parent.parent}"
    again = cache(*words)
    assert again.out.startswith("12 of 12 videos are cached, 0 of them made now")


def test_recipe_and_model_share_frames_of_the_same_sampling(
    cache: Command, tiny_base: Path
) -> None:
    cache("--recipe", "tiny_random", "--set", f"base={tiny_base}")
    assert ", 0 of them made now" in cache("--model", tiny_base).out
    other = cache("--model", tiny_base, "--frames", "4", "--split", "test")
    assert re.match(r"(\d+) of \1 videos are cached, \1 of them made now", other.out)


def test_damaged_files_are_made_again_and_counted(
    cache: Command, tiny_base: Path, frames_of: Callable[[], list[Path]]
) -> None:
    cache("--model", tiny_base)
    damaged = frames_of()[3]
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:-20] + bytes(20))
    again = cache("--model", tiny_base)
    assert again.out.startswith(
        "12 of 12 videos are cached, 1 of them made now, 1 of these in place of damaged files"
    )
    assert damaged.read_bytes() == whole


def test_features_are_made_too_where_they_are_asked_for(cache: Command, tiny_base: Path) -> None:
    words = (
        "--recipe",
        "tiny_random",
        "--set",
        f"base={tiny_base}",
        "--set",
        "cache_features=true",
    )
    first = cache(*words)
    assert first.code == 0
    assert re.search(r"^features of 0 of 12 videos are there; the other 12 take ", first.err, re.M)
    assert re.search(r"^features: .*, 12 made now$", first.out, re.M)
    assert re.search(r"^features: .*, 0 made now$", cache(*words).out, re.M)
    assert "features: " not in cache(*words, "--no-features").out
    for_model = cache("--model", tiny_base, "--features")
    assert re.search(r"^features: .*, 0 made now$", for_model.out, re.M)


def test_a_category_that_the_recipe_names_and_the_dataset_lacks_is_refused(
    cache: Command, tiny_base: Path
) -> None:
    words = ("--recipe", "tiny_random", "--set", f"base={tiny_base}", "--set", "only=[clipp]")
    refused = cache(*words)
    assert refused.code == 2
    assert "did you mean clip?" in refused.err


def test_videos_that_cannot_be_used_are_listed_and_with_strict_an_error(
    physprior: Command, dataset: Path, tiny_base: Path, tmp_path: Path
) -> None:
    import json
    import shutil

    record = json.loads(next((dataset / "train").glob("*.jsonl")).read_text().splitlines()[0])
    videos = tmp_path / "videos"
    shutil.copytree(dataset.parent / "videos", videos)
    (videos / record["video"]).write_bytes(b"")
    words = ("data", "cache", dataset, "--model", tiny_base, "--videos", videos)
    words = (*words, "--cache", tmp_path / "frames")
    first = physprior(*words)
    assert first.code == 0
    assert f"skipped 1 video:\n  {videos / record['video']}: empty file" in first.err
    assert first.out.startswith("11 of 12 videos are cached, 11 of them made now")
    strict = physprior(*words, "--strict")
    assert strict.code == 2
    assert "error: 1 of 12 videos cannot be used" in strict.err


def test_videos_that_are_elsewhere_are_an_error(
    cache: Command, tiny_base: Path, tmp_path: Path
) -> None:
    refused = cache("--model", tiny_base, "--videos", tmp_path)
    assert refused.code == 2
    assert "12 of 12 videos cannot be used" in refused.err
    assert "--videos" in refused.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--recipe for a training, --model for a prediction"),
        (("--recipe", "tiny_random", "--model", "base"), "--recipe for a training"),
        (("--recipe", "tiny_random", "--frames", "4"), "a recipe says which frames"),
        (("--model", "base", "--set", "frames=4"), "it sets a field of a recipe"),
        (("--model", "base", "--stride", "2"), "stride belongs to kind burst"),
        (("--recipe", "tiny_random"), "'base' is missing"),
        (("--model", "nowhere"), "there is no model at nowhere"),
        (("--model", "base", "--split", "all"), "'all' is not one of"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_does_not_go_together_is_refused(
    cache: Command, words: tuple[str, ...], said: str
) -> None:
    refused = cache(*words)
    assert refused.code == 2
    assert said in " ".join(refused.err.split())
