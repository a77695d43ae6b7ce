from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from physprior.dataset.doctor.findings import Section
from physprior.video.sample import Sampling
from physprior.vlm import software
from physprior.vlm.at_hand import SIDE, find_base, hub_cache
from physprior.vlm.machine import examine_machine
from physprior.vlm.software import look_at_torch
from physprior.vlm.try_decoder import try_decoder
from physprior.vlm.tryout import GB, Notes, ask


@pytest.fixture(scope="module")
def examined(tiny_base: Path) -> Section:
    return examine_machine(str(tiny_base), 1000, Sampling())


def rows(section: Section) -> dict[str, str]:
    return dict(section.tables[0].rows)  # type: ignore[arg-type]


def kinds(notes: Notes | Section) -> dict[str, str]:
    return {finding.kind: finding.level for finding in notes.findings}


def test_a_machine_that_runs_these_tests_has_nothing_wrong(examined: Section) -> None:
    assert examined.wrong == 0
    said = rows(examined)
    assert "decoded: works" in said["PyAV"]
    assert "transformers" in said["libraries"]
    assert "build, imported in" in said["torch"]
    assert said["base model"].endswith("complete")


def test_what_the_cache_takes_goes_by_the_frames_that_the_model_sees(
    examined: Section, tiny_base: Path
) -> None:
    side = find_base(str(tiny_base)).side
    assert (
        side
        == json.loads((tiny_base / "preprocessor_config.json").read_text())["crop_size"]["height"]
    )
    assert f"1,000 clips take {1000 * 8 * 3 * side**2 / 1e6:.1f} MB" in rows(examined)["frames"]


def test_a_disk_that_is_too_small_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PHYSPRIOR_CACHE", str(tmp_path / "not/there/yet"))
    monkeypatch.setattr("physprior.vlm.machine.look_at_torch", lambda notes, needs_gpu: None)
    monkeypatch.setattr("physprior.vlm.machine.look_at_decoders", lambda notes: None)
    section = examine_machine(None, 10**9, Sampling())
    assert kinds(section)["disk"] == "finding"
    (finding,) = [one for one in section.findings if one.kind == "disk"]
    # 8 frames of 3 x 224 x 224 bytes, 10^9 times.
    assert "1204224.0 GB" in finding.text
    assert str(tmp_path / "not/there/yet") in finding.text


@pytest.mark.parametrize("backend", ["av", "decord"])
def test_a_decoder_gives_back_what_was_written(backend: Any) -> None:
    assert "error" not in try_decoder(backend)


def test_a_decoder_that_gives_back_other_pictures_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from physprior.video.decode import decode

    def stuck(path: Path, indices: Any, *, backend: Any) -> Any:
        return decode(path, [0] * len(indices), backend=backend)

    monkeypatch.setattr("physprior.vlm.try_decoder.decode", stuck)
    assert try_decoder("av")["error"] == "brightness 30, 30, 30 where 30, 114, 210 was written"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import time; time.sleep(60)", "no answer after 1 s"),
        ("import os; os.abort()", "it ended with -6"),
        ("raise ImportError('libcuda is not there')", "libcuda is not there"),
        ("print('[1]')", "it answered [1]"),
        ("print('warning'); print('{\"fine\": 1}')", ""),
    ],
)
def test_what_hangs_or_dies_is_told_and_takes_nothing_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, said: str
) -> None:
    (tmp_path / "tried_out.py").write_text(body)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    answer = ask("tried_out", patience_s=1)
    assert said in answer.get("error", "")
    assert said or answer == {"fine": 1}


def torch_with(monkeypatch: pytest.MonkeyPatch, **answer: Any) -> Notes:
    told = {"version": "2.13.0", "build": "CUDA 12.8", "seconds": 1.0, "gpus": [], **answer}
    monkeypatch.setattr(software, "ask", lambda module: told)
    notes = Notes()
    look_at_torch(notes, needs_gpu=True)
    return notes


def gpu(gigabytes: int, error: str = "") -> dict[str, Any]:
    return {"name": "Some GPU", "total": gigabytes * GB, "free": 5 * GB, "error": error}


def test_a_gpu_is_shown_with_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    notes = torch_with(monkeypatch, gpus=[gpu(80)])
    assert ("GPU", "Some GPU, 80.0 GB, 5.0 free") in notes.rows
    assert kinds(notes) == {}


def test_a_gpu_too_small_for_lora_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kinds(torch_with(monkeypatch, gpus=[gpu(8)])) == {"gpu-memory": "note"}


def test_a_gpu_that_cannot_compute_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    notes = torch_with(monkeypatch, gpus=[gpu(80, "no kernel image is available")])
    assert kinds(notes) == {"gpu": "finding"}


def test_a_torch_that_does_not_load_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kinds(torch_with(monkeypatch, error="it ended with -11")) == {"torch": "finding"}


def test_a_driver_whose_gpu_torch_does_not_see_is_a_finding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exists = Path.exists
    monkeypatch.setattr(Path, "exists", lambda path: str(path) == "/dev/nvidia0" or exists(path))
    assert kinds(torch_with(monkeypatch, build="CPU")) == {"gpu-unused": "finding"}


# The base model


@pytest.fixture
def base(tiny_base: Path, tmp_path: Path) -> Path:
    shutil.copytree(tiny_base, tmp_path / "base")
    return tmp_path / "base"


def test_a_whole_checkpoint_has_no_problems(base: Path) -> None:
    found = find_base(str(base))
    assert (found.folder, found.problems) == (base, ())
    assert found.weights == (base / "model.safetensors").stat().st_size


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ("config.json", "config.json"),
        ("model.safetensors", "no weights"),
        ("tokenizer.json", "no tokenizer.json"),
        ("preprocessor_config.json", "no preprocessor_config.json"),
    ],
)
def test_a_checkpoint_that_lacks_a_file_says_which(base: Path, lost: str, said: str) -> None:
    (base / lost).unlink()
    (problem,) = find_base(str(base)).problems
    assert said in problem


def test_weights_that_the_index_promises_and_that_are_not_there_are_named(base: Path) -> None:
    weights = {"a": "model.safetensors", "b": "model-2.safetensors"}
    (base / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weights}))
    (base / "pytorch_model.bin.index.json").write_text('{"weight_map": {"a": "other.bin"}}')
    (problem,) = find_base(str(base)).problems
    assert "1 of its files of weights are missing, such as model-2.safetensors" in problem


def test_another_kind_of_model_is_told(base: Path) -> None:
    (base / "config.json").write_text('{"model_type": "llava"}')
    assert find_base(str(base)).problems == ("it is a llava model, not a video_llava",)


def test_a_model_of_the_hub_is_looked_for_in_its_cache_alone(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    missing = find_base("Some/Model")
    assert (missing.folder, missing.side) == (None, SIDE)
    assert str(tmp_path / "hub") in missing.problems[0]
    cached = tmp_path / "hub/models--Some--Model"
    (cached / "refs").mkdir(parents=True)
    (cached / "refs/main").write_text("abc123")
    base.rename(cached.joinpath("snapshots").mkdir() or cached / "snapshots/abc123")
    assert find_base("Some/Model").problems == ()


def test_the_hub_s_cache_is_where_its_variables_say(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert hub_cache() == Path("/x/huggingface/hub")
    monkeypatch.setenv("HF_HOME", "/h")
    assert hub_cache() == Path("/h/hub")
    monkeypatch.setenv("HF_HUB_CACHE", "/c")
    assert hub_cache() == Path("/c")


def test_a_missing_model_is_a_finding_only_where_it_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("physprior.vlm.machine.look_at_torch", lambda notes, needs_gpu: None)
    monkeypatch.setattr("physprior.vlm.machine.look_at_decoders", lambda notes: None)
    assert kinds(examine_machine(None, 0, Sampling()))["base-missing"] == "note"
    assert kinds(examine_machine("no/model", 0, Sampling()))["base-missing"] == "finding"
