"""``physprior retrain`` as it is typed: what it says, and how it ends."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from retraining import TOLD, Trained, copy_kb, edit, state

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    """The command in this process: its exit code, what it printed, and what it remarked."""
    from physprior.cli.main import run

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["physprior", "retrain", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as leaving:
            run()
        said = capsys.readouterr()
        return int(leaving.value.code or 0), said.out, said.err

    hook = sys.excepthook
    yield call
    sys.excepthook = hook


def test_where_nothing_changed_it_says_so_and_trains_nothing(
    command: Command, trained: Trained
) -> None:
    held = state(trained.root)
    code, out, _ = command(trained.run, "--kb", trained.kb)
    assert code == 0
    assert "nothing to do: nothing that is taught has changed" in out
    assert {path: held.get(path) for path in state(trained.root)} == held


def test_a_dry_run_says_what_would_be_trained_and_writes_nothing(
    command: Command, trained: Trained, tmp_path: Path
) -> None:
    kb = copy_kb(tmp_path / "kb")
    edit(kb / "clip.yaml", TOLD, TOLD.replace("work", "effort"))
    words = ("--kb", kb, "--videos", trained.all_videos, "--rehearse", 1, "--dry-run")
    code, out, _ = command(trained.run, "-o", tmp_path / "new", *words)
    assert code == 0
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert "added      trains on 12 of 12" in lines["ball"]
    assert "changed    trains on 12 of 12  explanations changed: " in lines["clip"]
    assert "unchanged  trains on 12 of 12" in lines["slide"]
    assert "would train 1 epochs" in lines["would"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kb"]


def test_it_prints_the_table_and_where_the_report_is(
    command: Command, trained: Trained, tmp_path: Path
) -> None:
    kb = copy_kb(tmp_path / "kb")
    edit(kb / "clip.yaml", TOLD, TOLD.replace("work", "effort"))
    code, out, err = command(trained.run, "--kb", kb, "-o", tmp_path / "new", "--epochs", 0.5)
    assert code == 0, err
    assert "$ physprior build " in err
    rows = {line.split()[0]: line.split() for line in out.splitlines() if line.strip()}
    assert rows["macro"][-3:] != []
    assert rows["report:"][1] == str(tmp_path / "new" / "retrain.md")
    assert (tmp_path / "new" / "retrain.json").is_file()
    assert "Traceback" not in err


@pytest.mark.parametrize("words", [("no-run",), ("no-run", "--kb", "no-kb")])
def test_misuse_ends_with_2_and_the_remedy(command: Command, words: tuple[str, ...]) -> None:
    code, out, err = command(*words)
    assert (code, out) == (2, "")
    assert err.count("error: ") == 1
    assert "\n  remedy: " in err
