"""Processes that were started together part in order, unless one of them has failed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch.distributed as dist

from physprior.cli import launched
from physprior.cli.launched import run_launched
from physprior.vlm.processes import leave_processes


@pytest.fixture
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process as the only one of a group, as a launcher would start it."""
    monkeypatch.setattr(sys, "argv", ["train"])
    store = dist.FileStore(str(tmp_path / "store"), 1)
    dist.init_process_group("gloo", store=store, rank=0, world_size=1)
    yield
    leave_processes()


def ending(code: int | str | None) -> Callable[[], None]:
    def run() -> None:
        raise SystemExit(code)

    return run


def say_done() -> None:
    sys.stdout.write("done\n")


def test_alone_there_is_nobody_to_leave() -> None:
    assert not dist.is_initialized()
    leave_processes()


@pytest.mark.parametrize(
    ("end", "left"), [(ending(0), True), (ending(None), True), (ending(2), False)]
)
def test_the_others_are_left_where_all_went_well_and_only_there(
    group: None, monkeypatch: pytest.MonkeyPatch, end: Callable[[], None], left: bool
) -> None:
    monkeypatch.setattr("physprior.cli.main.run", end)
    with pytest.raises(SystemExit):
        run_launched("train")
    assert dist.is_initialized() is not left
    assert sys.argv[1] == "train"


def test_a_command_that_just_returns_leaves_too(
    group: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("physprior.cli.main.run", lambda: None)
    run_launched("predict")
    assert not dist.is_initialized()


def test_a_fault_is_not_kept_waiting_for_the_others(
    group: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault() -> None:
        raise ZeroDivisionError("a wheel came off")

    monkeypatch.setattr("physprior.cli.main.run", fault)
    with pytest.raises(ZeroDivisionError):
        run_launched("train")
    assert dist.is_initialized()


@pytest.mark.parametrize(("rank", "speaks"), [("0", True), ("1", False)])
def test_the_first_process_speaks_for_all(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], rank: str, speaks: bool
) -> None:
    monkeypatch.setenv("RANK", rank)
    monkeypatch.setattr(sys, "argv", ["train"])
    monkeypatch.setattr("physprior.cli.main.run", say_done)
    assert launched.is_main_process() is speaks
    run_launched("train")
    assert capsys.readouterr().out == ("done\n" if speaks else "")
