"""Training under a launcher: the entry point, and configurations as accelerate reads them.

Two processes that train are in another file; several GPUs are not at hand.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from accelerate.commands.config.config_args import load_config_from_file
from accelerate.commands.launch import _validate_launch_command, launch_command_parser
from accelerate.utils import FullyShardedDataParallelPlugin
from accelerate.utils.launch import prepare_multi_gpu_env
from typer.testing import CliRunner

from physprior.cli.main import app
from physprior.paths import launch_folder
from physprior.train.recipe import read_recipe
from physprior.vlm.checkpoint import load_checkpoint

CONFIGS = sorted(launch_folder().glob("*.yaml"))
PAGE = Path(__file__).resolve().parents[2] / "docs/recipes.md"
LINES = re.findall(
    r"^(accelerate launch .*)$", PAGE.read_text(encoding="utf-8").replace("\\\n", " "), re.M
)


@pytest.fixture(autouse=True)
def _same_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    # accelerate's launcher and plugins write into the environment as they read.
    monkeypatch.setattr(os, "environ", os.environ.copy())


def validated(*words: str) -> Any:
    arguments = launch_command_parser().parse_args(list(words))
    return _validate_launch_command(arguments)[0]


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_configuration_has_no_key_that_accelerate_does_not_know(path: Path) -> None:
    load_config_from_file(str(path))  # refuses a stray key
    known = vars(launch_command_parser().parse_args(["x"]))
    assert set(yaml.safe_load(path.read_text()).get("fsdp_config", {})) <= set(known)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_the_number_of_processes_has_to_be_said(path: Path) -> None:
    with pytest.raises(ValueError, match="--num_processes"):
        validated("--config_file", str(path), "-m", "physprior.train", "tiny")


def test_ddp_starts_one_process_a_gpu_in_bfloat16() -> None:
    asked = validated("--config_file", str(launch_folder() / "ddp.yaml"), "--num_processes=2", "x")
    assert (asked.multi_gpu, asked.use_fsdp, asked.mixed_precision) == (True, False, "bf16")


def test_fsdp_splits_each_layer_of_the_language_model(
    tiny_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(launch_folder() / "fsdp.yaml")
    asked = validated("--config_file", path, "--num_processes=2", "-m", "physprior.train", "x")
    for name, value in prepare_multi_gpu_env(asked).items():
        monkeypatch.setitem(os.environ, name, value)
    plugin = FullyShardedDataParallelPlugin()
    model = load_checkpoint(tiny_base).model
    plugin.set_auto_wrap_policy(model)
    wrapped = [
        name
        for name, module in model.named_modules()
        if plugin.auto_wrap_policy(module=module, recurse=False, nonwrapped_numel=0)
    ]
    assert wrapped == [f"model.language_model.layers.{number}" for number in range(4)]
    assert plugin.fsdp_version == 2
    assert plugin.reshard_after_forward is True
    assert str(plugin.state_dict_type) == "StateDictType.FULL_STATE_DICT"
    assert plugin.cpu_ram_efficient_loading is False


def test_the_page_shows_one_machine_with_each_configuration_and_two_machines() -> None:
    shown = [re.search(r"/(\w+)\.yaml .*?(--machine_rank \d)?", line) for line in LINES]
    assert [match[1] for match in shown if match] == ["ddp", "fsdp", "ddp"]
    assert ["--num_machines 2" in line for line in LINES] == [False, False, True]


@pytest.mark.parametrize("line", LINES)
def test_a_shown_line_is_understood_by_accelerate_and_by_us(line: str) -> None:
    words = shlex.split(line.replace("$LAUNCH", str(launch_folder())))
    asked = validated(*words[2:])
    assert asked.module
    assert asked.training_script == "physprior.train"
    assert asked.num_processes == 4 * asked.num_machines
    name, *settings = asked.training_script_args
    recipe = read_recipe(name, [word for word in settings if word != "--set"])
    assert recipe.gradient_accumulation * asked.num_processes == 16
    assert not (asked.use_fsdp and "8bit" in recipe.optimizer)


def start(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment,
        timeout=120,
    )


def test_the_module_is_the_train_command(tmp_path: Path) -> None:
    done = start("-m", "physprior.train", "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout == CliRunner().invoke(app, ["train", "--help"], prog_name="physprior").stdout


def test_the_module_says_errors_in_words(tmp_path: Path) -> None:
    done = start("-m", "physprior.train", "nothing", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("error: there is no recipe nothing")
    assert "Traceback" not in done.stderr


def test_accelerate_starts_it(tmp_path: Path) -> None:
    launch = ("-m", "accelerate.commands.launch", "--cpu", "--num_processes", "1")
    done = start(*launch, "-m", "physprior.train", "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Usage: physprior train") == 1


def test_of_two_processes_the_first_one_speaks(tmp_path: Path) -> None:
    launch = ("-m", "torch.distributed.run", "--nproc_per_node", "2")
    done = start(*launch, "-m", "physprior.train", "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Usage: physprior train") == 1
