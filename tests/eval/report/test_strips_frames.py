from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from strips_material import SETTINGS, SIDE, Material, frame, picture

from physprior import fingerprint
from physprior.dialogue import Templates
from physprior.errors import CheckpointError, DatasetError
from physprior.eval.report.strips.clips import Clips
from physprior.eval.report.strips.encode import Step
from physprior.eval.report.strips.fit import Fitted
from physprior.eval.report.strips.note import note
from physprior.eval.report.strips.view import Settings, View, find_view, read_settings
from physprior.knowledge.load import KnowledgeBase
from physprior.video.decode import decode
from physprior.video.sample import Sampling, frame_indices
from physprior.vlm.crop import Crop
from physprior.vlm.frames import Clip, FrameStore


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory, kb: KnowledgeBase, templates: Templates
) -> Material:
    """The material with a full cache."""
    from physprior.dataset.compile import build
    from physprior.simulate import Options, simulate

    made = Material(tmp_path_factory.mktemp("strips") / "made")
    options = Options(categories=("ball",), count=20, size=64, frames=16)
    simulate(made.videos, options, workers=1, progress=lambda done, total: None)
    knowledge = kb.only(["ball"])
    build(made.videos, made.dataset, knowledge=knowledge, templates=templates, mode="multi_turn")
    made.model.mkdir()
    (made.model / "preprocessor_config.json").write_text(json.dumps(SETTINGS))
    assert len(made.strips().images) == len(made.cards) >= 4, "decoded from the videos"
    return made


@pytest.fixture
def material(made: Material, tmp_path: Path) -> Material:
    """A copy that a test may spoil."""
    shutil.copytree(made.place, tmp_path / "own")
    return Material(tmp_path / "own")


def seen(material: Material, at: int = 0, sampling: Sampling | None = None) -> np.ndarray:
    """What the model sees of a video, worked out anew: (frames, height, width, 3)."""
    path = material.videos / material.cards[at].video
    pictures = decode(path, frame_indices(16, 30, sampling or Sampling()))
    return Crop.of(Settings(SETTINGS))(pictures).transpose(0, 2, 3, 1)


def test_a_strip_shows_the_frames_that_the_model_saw_from_left_to_right(made: Material) -> None:
    made_of = made.strips()
    strip = picture(made_of.images[made.cards[0].id])
    assert strip.shape == (SIDE, 8 * SIDE, 3)
    assert (made_of.frames, made_of.width, made_of.height) == (8, SIDE, SIDE)
    expected = np.concatenate(list(seen(made)), axis=1)
    assert np.abs(strip.astype(int) - expected).mean() < 4, "but for what WebP loses"
    assert made_of.faithful
    assert made_of.note.endswith("cut as it saw them, and as large.")


def test_frames_that_are_drawn_smaller_are_said_to_be() -> None:
    view = View(Settings(SETTINGS), Sampling(), False)
    small = Fitted(Step(20, 20, 40), images={"a": b"x"}, size=1)
    said = note(small, [None], 8, view, Clips(), 10)
    assert said.endswith(f"cut as it saw them; it saw them larger, {SIDE} × {SIDE}.")


def test_a_full_cache_is_enough_where_the_videos_are_gone(material: Material) -> None:
    shutil.rmtree(material.videos)
    made_of = material.strips()
    assert len(made_of.images) == len(material.cards)
    assert made_of.faithful
    assert not made_of.missing


def test_the_same_frames_give_the_same_bytes_whatever_the_number_of_threads(
    made: Material,
) -> None:
    assert made.strips(workers=1) == made.strips(workers=3)


def test_strips_stand_in_the_order_of_the_deck(made: Material) -> None:
    backwards = made.cards[::-1]
    assert list(made.strips(backwards).images) == [card.id for card in backwards]


def test_a_skipped_video_has_neither_a_strip_nor_a_reason(made: Material) -> None:
    first = replace(made.cards[0], skipped="empty file")
    made_of = made.strips((first, *made.cards[1:]))
    assert first.id not in made_of.images
    assert first.id not in made_of.missing
    assert made_of.note.startswith(f"{len(made.cards) - 1} of {len(made.cards) - 1} videos")


def test_a_lost_video_is_named_and_the_rest_is_shown(material: Material) -> None:
    lost = material.cards[0]
    cached(material, lost.video).unlink()
    (material.videos / lost.video).unlink()
    made_of = material.strips()
    assert list(made_of.missing) == [lost.id]
    assert f"not in {material.videos}" in made_of.missing[lost.id]
    assert len(made_of.images) == len(material.cards) - 1
    assert "The frames of 1 cannot be shown" in made_of.note


def cached(material: Material, video: str) -> Path:
    store = FrameStore(material.cache, Settings(SETTINGS), Sampling())
    path = material.videos / video
    return store.path(Clip(path, fingerprint.of_file(path)))


def test_damaged_changed_and_empty_videos_say_why_they_have_no_strip(material: Material) -> None:
    changed, cut, empty, *rest = material.cards
    for card in (changed, cut, empty):
        cached(material, card.video).unlink()
    shutil.copy(material.videos / rest[0].video, material.videos / changed.video)
    whole = (material.videos / cut.video).read_bytes()
    (material.videos / cut.video).write_bytes(whole[: len(whole) // 2])
    (material.videos / empty.video).write_bytes(b"")
    made_of = material.strips()
    assert made_of.missing[changed.id] == "changed since the dataset was built"
    assert "truncated" in made_of.missing[cut.id]
    assert made_of.missing[empty.id] == "empty file"
    assert list(made_of.images) == [card.id for card in rest]


def test_damaged_frames_are_named_where_no_video_can_mend_them(material: Material) -> None:
    card = material.cards[0]
    file = cached(material, card.video)
    file.write_bytes(b"\xff" * file.stat().st_size)
    shutil.rmtree(material.videos)
    made_of = material.strips()
    assert "cached frames cannot be used" in made_of.missing[card.id]
    assert len(made_of.images) == len(material.cards) - 1


def test_without_dataset_and_videos_every_card_says_so_and_nothing_is_raised(
    material: Material,
) -> None:
    cards = material.cards
    header = {"dataset": str(material.place / "gone"), "dataset_hash": "d"}
    made_of = material.strips(cards, header)
    assert made_of.images == {}
    assert set(made_of.missing) == {card.id for card in cards}
    assert made_of.note.startswith("No video has a strip of its frames: ")
    assert "not a dataset" in made_of.note


def test_without_the_dataset_the_videos_alone_are_enough_but_may_be_others(
    material: Material,
) -> None:
    header = {"dataset": str(material.place / "gone")}
    made_of = material.strips(material.cards, header, videos=material.videos)
    assert len(made_of.images) == len(material.cards)
    assert not made_of.faithful
    assert "They may not be what the model saw" in made_of.note


def test_a_card_cannot_point_outside_the_videos_folder(material: Material) -> None:
    outside = material.place / "secret.mp4"
    shutil.copy(material.videos / material.cards[0].video, outside)
    card = replace(material.cards[0], video="../secret.mp4")
    made_of = material.strips(
        (card,), {"dataset": str(material.place / "gone")}, videos=material.videos
    )
    assert made_of.images == {}
    assert "not in the videos' folder" in made_of.missing[card.id]


def test_a_dataset_that_was_built_again_is_said_to_be_another(made: Material) -> None:
    made_of = made.strips(header={"dataset_hash": "another"})
    assert made_of.images
    assert not made_of.faithful
    assert "built again" in made_of.note


def test_a_named_dataset_that_is_none_is_refused(made: Material, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="not a dataset"):
        made.strips(dataset=tmp_path)


def test_a_named_model_that_is_none_is_refused(made: Material, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="preprocessor_config"):
        made.strips(model=tmp_path)


def test_without_the_model_whole_pictures_are_shown_as_wide_as_the_video(
    made: Material, write_clip, tmp_path: Path
) -> None:
    card = replace(made.cards[0], video="wide.mp4")
    write_clip(tmp_path / "wide.mp4", size=(36, 64))
    made_of = made.strips(
        (card,),
        {"model": "gone", "dataset": "gone"},
        videos=tmp_path,
        cache=tmp_path / "cache",
    )
    assert (made_of.width, made_of.height) == (224, 126)
    assert not made_of.faithful
    assert "gone is not there any more" in made_of.note
    whole = decode(tmp_path / "wide.mp4", frame_indices(12, 30, Sampling()))[0]
    left, right = frame(made_of.images[card.id], 0, 224)[:, [10, -10]].mean(axis=(0, 2))
    assert left == pytest.approx(whole[:, 2].mean(), abs=12)
    assert right == pytest.approx(whole[:, -3].mean(), abs=12)


def test_videos_of_another_shape_keep_it_on_black(
    made: Material, write_clip, tmp_path: Path
) -> None:
    names = ["a.mp4", "b.mp4", "tall.mp4"]
    for name in names:
        write_clip(tmp_path / name, size=(64, 36) if name == "tall.mp4" else (36, 64))
    cards = tuple(replace(card, video=name) for card, name in zip(made.cards, names, strict=False))
    header = {"source": "import", "dataset": "gone", "sampling": None}
    made_of = made.strips(cards, header, videos=tmp_path, cache=tmp_path / "cache")
    tall = frame(made_of.images[cards[2].id], 0, made_of.width)
    assert tall[:, :70].mean() < 3, "black beside it"
    assert tall[:, 100:124].mean() > 20
    assert "another method" in made_of.note


def test_a_run_brings_its_base_and_its_cache(material: Material) -> None:
    run = material.write_run(material.place / "run", recipe={"cache": str(material.cache)})
    shutil.rmtree(material.videos)
    header = {"model": str(run), "run_fingerprint": "r"}
    made_of = material.strips(header=header, cache=None)
    assert len(made_of.images) == len(material.cards)
    assert made_of.faithful


def test_a_whole_tuned_run_brings_its_own_model(material: Material) -> None:
    run = material.write_run(material.place / "run", tune="layers", base="gone")
    shutil.copytree(material.model, run / "model")
    made_of = material.strips(header={"model": str(run), "run_fingerprint": "r"})
    assert made_of.faithful


def test_a_model_known_by_a_relative_path_is_looked_for_above_the_predictions(
    material: Material,
) -> None:
    material.write_run(material.place / "runs" / "mine", base="model")
    made_of = material.strips(header={"model": "runs/mine", "run_fingerprint": "r"})
    assert made_of.faithful


def test_a_hub_model_is_found_in_the_hub_cache_at_the_commit_that_was_asked(
    material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, commit = material.place / "hub", "c" * 40
    shutil.copytree(material.model, hub / "models--some--model" / "snapshots" / commit)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(hub))
    asked = {"model": "some/model", "base_fingerprint": f"some/model@{commit}"}
    assert material.strips(header=asked).faithful
    other = {**asked, "base_fingerprint": f"some/model@{'d' * 40}"}
    assert find_view(material.predictions(**other), None).squeezed


@pytest.mark.parametrize("model", ["", "x" * 5_000, "../a/b", "a b/c", "https://some/where"])
def test_a_model_whose_name_is_no_place_is_merely_missing(made: Material, model: str) -> None:
    asked = made.predictions(model=model, base_fingerprint=f"{model}@{'c' * 40}")
    assert find_view(asked, None).squeezed


def test_another_run_in_the_same_folder_is_not_taken_for_the_model(material: Material) -> None:
    run = material.write_run(material.place / "run", fingerprint="trained anew")
    found = find_view(material.predictions(model=str(run), run_fingerprint="r"), None)
    assert found.squeezed
    assert "another run" in found.why


@pytest.mark.parametrize("content", ["", "[]", "{", '{"size": {"longest": 3}}', '{"resample": []}'])
def test_a_damaged_file_of_settings_costs_the_crop_and_not_the_report(
    material: Material, content: str
) -> None:
    (material.model / "preprocessor_config.json").write_text(content)
    shutil.rmtree(material.videos)
    made_of = material.strips()
    assert not made_of.faithful
    assert len(made_of.missing) == len(material.cards)


@pytest.mark.slow
def test_a_control_is_shown_as_the_model_saw_it(made: Material) -> None:
    card = made.cards[0]
    strip = made.strips((card,), {"control": "first_frame"}).images[card.id]
    first = frame(strip, 0).astype(int)
    assert all(np.abs(frame(strip, at) - first).mean() < 3 for at in range(1, 8))
    assert np.abs(frame(made.strips((card,)).images[card.id], 4) - first).mean() > 3


def test_more_frames_than_a_picture_is_wide_are_thinned_and_said(
    made: Material, write_clip, tmp_path: Path
) -> None:
    card = replace(made.cards[0], video="long.mp4")
    write_clip(tmp_path / "long.mp4", frames=90)
    made_of = made.strips(
        (card,),
        {"dataset": "gone", "sampling": Sampling(frames=90)},
        videos=tmp_path,
        cache=tmp_path / "cache",
    )
    assert made_of.frames == 64
    assert picture(made_of.images[card.id]).shape[1] == 64 * made_of.width
    assert "Each shows 64 of its 90 frames" in made_of.note


def test_a_cache_that_cannot_be_written_costs_only_what_is_not_in_it(material: Material) -> None:
    card = material.cards[0]
    folder = cached(material, card.video).parent
    shutil.rmtree(folder)
    folder.write_bytes(b"in the way")
    made_of = material.strips()
    assert "cannot write" in made_of.missing[card.id]
    assert made_of.images


def test_progress_is_told_to_the_end(made: Material) -> None:
    told: list[tuple[int, int]] = []
    made.strips(progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (len(made.cards), len(made.cards))


def test_no_cards_make_no_strips(made: Material) -> None:
    made_of = made.strips(())
    assert made_of.images == {}
    assert "no frames to show" in made_of.note


@pytest.mark.slow
def test_what_transformers_reads_of_a_checkpoint_names_the_same_cache(
    made: Material, tmp_path: Path
) -> None:
    from transformers import VideoLlavaImageProcessor

    short = tmp_path / "short"
    short.mkdir()
    (short / "preprocessor_config.json").write_text('{"size": 112, "crop_size": 112}')
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "preprocessor_config.json").write_text("{}")
    for folder in (made.model, short, bare):
        theirs = VideoLlavaImageProcessor.from_pretrained(folder)
        ours = Settings(read_settings(folder))
        keys = {FrameStore(tmp_path, one, Sampling()).key for one in (theirs, ours)}
        assert len(keys) == 1, folder
