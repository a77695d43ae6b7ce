from __future__ import annotations

import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from physprior.errors import OutputError, TrainingError, VideoError
from physprior.video.sample import Sampling
from physprior.vlm.checkpoint import Checkpoint, load_checkpoint
from physprior.vlm.features import FeatureStore, release_towers
from physprior.vlm.frames import Clip, FrameStore
from physprior.vlm.trainable import add_lora, select_layers
from physprior.vlm.video_inputs import pixels, tower_features

Tokens = dict[str, torch.Tensor]
UNIFORM = Sampling(kind="uniform", frames=8)


def expected(checkpoint: Checkpoint, frame_store: FrameStore, clip: Clip) -> torch.Tensor:
    frames = torch.from_numpy(np.array(frame_store.load(clip)))[None]
    values = pixels(checkpoint.model, checkpoint.image_processor, frames)
    return tower_features(checkpoint.model.model, values)


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_a_clip_is_what_the_tower_gives_in_half_precision_and_read_only(
    checkpoint: Checkpoint, frame_store: FrameStore, store: FeatureStore, clips: list[Clip]
) -> None:
    store.prepare(clips)
    for clip in clips:
        features = store.load(clip)
        assert features.shape == store.shape == (8, 5, 128)
        assert features.dtype == np.float16
        assert isinstance(features, np.memmap)
        assert not features.flags.writeable
        tower = expected(checkpoint, frame_store, clip)
        assert np.array_equal(features, tower.to(torch.float16).numpy())
    assert store.rebuilt == []


def test_what_it_needs_on_the_disk_is_said_before(store: FeatureStore, clips: list[Clip]) -> None:
    needed = store.needed_bytes(clips)
    store.prepare(clips)
    found = [path.stat() for path in store.folder.rglob("*.npy")]
    assert sum(status.st_size for status in found) <= needed
    assert needed - sum(status.st_size for status in found) < 4096 * len(clips)
    assert store.needed_bytes(clips) == 0


def test_a_disk_without_room_is_refused_before_anything_is_made(
    store: FeatureStore, clips: list[Clip], monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil._ntuple_diskusage(10**9, 10**9, 10_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(OutputError, match="the features of 5 videos need"):
        store.prepare(clips)
    assert not list(store.folder.rglob("*.npy"))


def test_killed_and_started_again_it_goes_on_and_gives_the_same_bytes(
    store: FeatureStore,
    checkpoint: Checkpoint,
    frame_store: FrameStore,
    clips: list[Clip],
    tmp_path: Path,
) -> None:
    def stop(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.prepare(clips, batch_size=2, progress=stop)
    first = {path: path.stat().st_mtime_ns for path in store.folder.rglob("*.npy")}
    assert len(first) == 2
    seen: list[tuple[int, int]] = []
    store.prepare(clips, batch_size=2, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(2, 5), (4, 5), (5, 5)]
    assert {path: path.stat().st_mtime_ns for path in first} == first
    undisturbed = FeatureStore(tmp_path / "undisturbed", checkpoint, frame_store)
    undisturbed.prepare(clips, batch_size=5)
    for clip in clips:
        assert store.path(clip).read_bytes() == undisturbed.path(clip).read_bytes()


def test_a_video_that_comes_twice_is_made_once(store: FeatureStore, clips: list[Clip]) -> None:
    seen: list[tuple[int, int]] = []
    copy = Clip(Path("elsewhere.mp4"), clips[0].sha256)
    store.prepare(
        [clips[0], copy, clips[0]], progress=lambda done, total: seen.append((done, total))
    )
    assert seen == [(0, 1), (1, 1)]
    assert np.array_equal(store.load(copy), store.load(clips[0]))


def test_a_damaged_file_is_made_again_from_its_frames(
    store: FeatureStore, clips: list[Clip]
) -> None:
    store.prepare(clips)
    before = store.path(clips[1]).read_bytes()
    damage(store.path(clips[1]))
    store.load(clips[1])
    assert store.path(clips[1]).read_bytes() == before
    assert [(one.path, one.reason) for one in store.rebuilt] == [
        (clips[1].path, "its checksum is wrong")
    ]


def test_a_file_that_was_cut_short_is_found_when_clips_are_prepared(
    store: FeatureStore, clips: list[Clip]
) -> None:
    store.prepare(clips)
    path = store.path(clips[2])
    before = path.read_bytes()
    path.write_bytes(before[:1000])
    assert store.missing(clips) == [clips[2]]
    store.prepare(clips)
    assert path.read_bytes() == before


def test_a_changed_byte_is_found_where_clips_are_prepared_and_verified(
    store: FeatureStore, checkpoint: Checkpoint, frame_store: FrameStore, clips: list[Clip]
) -> None:
    store.prepare(clips[:4])
    before = store.path(clips[2]).read_bytes()
    damage(store.path(clips[2]))
    again = FeatureStore(store.folder.parent, checkpoint, frame_store)
    again.prepare(clips)
    assert store.path(clips[2]).read_bytes() != before
    again.prepare(clips, verify=True)
    assert store.path(clips[2]).read_bytes() == before
    assert [one.path for one in again.rebuilt] == [clips[2].path]


def test_without_its_tower_a_damaged_file_is_an_error_that_the_same_command_mends(
    store: FeatureStore,
    checkpoint: Checkpoint,
    frame_store: FrameStore,
    clips: list[Clip],
    tiny_base: Path,
) -> None:
    store.prepare(clips)
    damage(store.path(clips[1]))
    store.path(clips[2]).unlink()
    release_towers(checkpoint.model)
    for clip, reason in ((clips[1], "checksum"), (clips[2], "not there")):
        with pytest.raises(VideoError, match=reason) as caught:
            store.load(clip)
        assert str(clip.path) in caught.value.message
        assert "physprior data cache" in caught.value.remedy
    again = FeatureStore(store.folder.parent, load_checkpoint(tiny_base), frame_store)
    again.prepare(clips)
    assert all(store.load(clip).any() for clip in clips)


def test_a_file_that_cannot_be_opened_is_an_error_that_names_the_video(
    store: FeatureStore, checkpoint: Checkpoint, clips: list[Clip]
) -> None:
    store.path(clips[0]).mkdir(parents=True)
    with pytest.raises(OutputError):
        store.load(clips[0])
    release_towers(checkpoint.model)
    with pytest.raises(VideoError, match=r"0\.mp4 cannot be used: Is a directory"):
        store.load(clips[0])


def test_a_process_that_reads_ahead_does_not_run_the_tower(
    store: FeatureStore, clips: list[Clip]
) -> None:
    store.prepare(clips)
    damage(store.path(clips[0]))
    ahead: Any = torch.utils.data.DataLoader(
        clips[:2],  # type: ignore[arg-type]
        num_workers=1,
        collate_fn=lambda rows: [np.array(store.load(clip)) for clip in rows],
    )
    with pytest.raises(VideoError, match="cannot be used: its checksum is wrong"):
        list(ahead)


def test_another_process_gets_the_store_without_the_model(
    store: FeatureStore, clips: list[Clip]
) -> None:
    store.prepare(clips)
    sent = pickle.dumps(store)
    assert len(sent) < 20_000
    received = pickle.loads(sent)
    assert np.array_equal(received.load(clips[0]), store.load(clips[0]))


@pytest.mark.parametrize(("factor", "largest"), [(1e6, r"\d"), (float("nan"), "nan")])
def test_features_that_do_not_fit_half_precision_are_refused_by_their_video(
    checkpoint: Checkpoint,
    frame_store: FrameStore,
    clips: list[Clip],
    tmp_path: Path,
    factor: float,
    largest: str,
) -> None:
    checkpoint.model.model.video_tower.pre_layrnorm.weight.data.mul_(factor)
    store = FeatureStore(tmp_path, checkpoint, frame_store)
    with pytest.raises(VideoError, match=rf"0\.mp4 do not fit float16: .* {largest}") as caught:
        store.prepare(clips)
    assert "cache_features: false" in caught.value.remedy
    assert store.missing(clips) == clips


def test_runs_with_other_language_layers_share_the_features(
    checkpoint: Checkpoint, frame_store: FrameStore, store: FeatureStore, tmp_path: Path
) -> None:
    select_layers(checkpoint.model)
    with torch.no_grad():
        for weight in checkpoint.model.parameters():
            if weight.requires_grad:
                weight.mul_(1.5)
    for part in (checkpoint.model, checkpoint.tokenizer, checkpoint.image_processor):
        part.save_pretrained(tmp_path / "tuned")
    tuned = load_checkpoint(tmp_path / "tuned")
    assert FeatureStore(store.folder.parent, tuned, frame_store).folder == store.folder
    tuned.model = add_lora(tuned.model, rank=4, alpha=8, dropout=0.0)
    assert FeatureStore(store.folder.parent, tuned, frame_store).folder == store.folder


def test_another_tower_layer_dtype_or_sampling_is_another_folder(
    checkpoint: Checkpoint, frame_store: FrameStore, tmp_path: Path
) -> None:
    def folder(frames: FrameStore = frame_store) -> Path:
        return FeatureStore(tmp_path, checkpoint, frames).folder

    burst = Sampling(kind="burst", frames=8)
    folders = [folder(), folder(FrameStore(tmp_path, checkpoint.image_processor, burst))]
    checkpoint.model.config.vision_feature_layer = -1
    folders.append(folder())
    bias = checkpoint.model.model.video_tower.encoder.layers[0].mlp.fc1.bias
    bias.data[3] += 1e-6
    folders.append(folder())
    checkpoint.model.bfloat16()
    folders.append(folder())
    assert len(set(folders)) == len(folders) == 5


def test_it_is_opened_before_the_towers_are_released(
    checkpoint: Checkpoint, frame_store: FrameStore, tmp_path: Path
) -> None:
    release_towers(checkpoint.model)
    with pytest.raises(TrainingError, match="taken off"):
        FeatureStore(tmp_path, checkpoint, frame_store)


def test_a_place_that_cannot_be_written_is_an_output_error(
    checkpoint: Checkpoint, frame_store: FrameStore, clips: list[Clip], tmp_path: Path
) -> None:
    (tmp_path / "features").write_text("in the way")
    with pytest.raises(OutputError):
        FeatureStore(tmp_path / "features", checkpoint, frame_store).prepare(clips)
