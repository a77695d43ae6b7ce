from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from physprior.dialogue import Templates
from physprior.knowledge.load import KnowledgeBase
from physprior.paths import kb_folder
from physprior.vlm.chat import write_chat


def test_raw_prints_the_exact_characters_that_are_tokenised(
    physprior: Any, kb: KnowledgeBase, templates: Templates
) -> None:
    clip = kb.category("clip")
    for mode in templates.modes():
        for number, reason in enumerate(clip.normal.explanations[:2], 1):
            dialogue = templates.render(clip, mode, anomalous=False, reason=reason)
            outcome = physprior("show", "clip", "--mode", mode, "--explanation", number, "--raw")
            assert (outcome.code, outcome.err) == (0, "")
            assert outcome.out == write_chat(dialogue).text + "\n"


def test_raw_without_a_mode_is_multi_turn(physprior: Any) -> None:
    shown = physprior("show", "clip", "--raw").out
    assert shown == physprior("show", "clip", "--raw", "--mode", "multi_turn").out


def test_each_mode_is_shown_turn_by_turn(
    physprior: Any, kb: KnowledgeBase, templates: Templates
) -> None:
    shown = physprior("show", "clip").out
    blocks = shown.split(f"\n{'=' * 98}\n\n")
    assert [block.partition(":")[0] for block in blocks] == list(templates.modes())
    first = blocks[0].splitlines()
    assert first[0] == "multi_turn: clip, normal, explanation 1 of 6"
    turns = [line for line in first if line[:1].isdigit()]
    assert turns == [
        "1 user",
        "2 assistant, component",
        "3 user",
        "4 assistant, subject",
        "5 user",
        "6 assistant, motion",
        "7 user",
        "8 assistant, verdict",
    ]


def test_each_sentence_stands_above_the_lines_that_it_comes_from(
    physprior: Any, kb: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(kb_folder(), tmp_path / "kb", ignore=shutil.ignore_patterns("*.py", "__*"))
    monkeypatch.chdir(tmp_path)
    shown = physprior("show", "clip", "--mode", "no_phys", "--kb", "kb").out.splitlines()
    at = shown.index("  Watch the spring clip in this video.")
    assert shown[at + 1].split() == ["kb/clip.yaml:5", "name"]
    at = next(number for number, line in enumerate(shown) if "Verdict: Normal." in line)
    place, name = shown[at + 2].split()
    assert name == "normal.explanations[1]"
    path, line = place.split(":")
    said = Path(path).read_text().splitlines()[int(line) - 1]
    assert said.strip().removeprefix("- ") in kb.category("clip").normal.explanations[0]


def test_one_mode_is_shown_alone(physprior: Any) -> None:
    shown = physprior("show", "clip", "--mode", "no_phys").out
    assert shown.startswith("no_phys: clip, normal, explanation 1 of 6\n")
    assert "=====" not in shown


def test_another_entry_that_is_broken_is_no_obstacle(physprior: Any, tmp_path: Path) -> None:
    shutil.copy(kb_folder() / "clip.yaml", tmp_path)
    (tmp_path / "fan.yaml").write_text("id: [")
    assert physprior("show", "clip", "--kb", tmp_path).code == 0
    outcome = physprior("show", "fan", "--kb", tmp_path)
    assert outcome.code == 2
    assert f"{tmp_path / 'fan.yaml'} has 1 problem" in outcome.err


def test_an_anomaly_is_named_by_id_or_by_alias(physprior: Any, kb: KnowledgeBase) -> None:
    leak = kb.category("ball").anomaly("leak")
    assert leak is not None
    shown = [
        physprior("show", "ball", "--raw", "--anomaly", name).out
        for name in ("leak", *leak.aliases, "Leak")
    ]
    assert len(set(shown)) == 1
    assert f"Verdict: Anomalous. Reason: {leak.explanations[0]}" in shown[0]


def test_no_colour_reaches_a_pipe_but_where_it_is_asked_for(
    physprior: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\x1b" not in physprior("show", "clip").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[36m  The clip has a torsion spring" in physprior("show", "clip").out
    assert "\x1b" not in physprior("show", "clip", "--raw").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in physprior("show", "clip").out


@pytest.mark.parametrize(
    ("words", "says", "suggests"),
    [
        (["clipp"], "no category 'clipp'", "did you mean 'clip'"),
        (["ball", "--anomaly", "leek"], "ball has no anomaly 'leek'", "did you mean 'leak'"),
        (["clip", "--mode", "multi_trun"], "no template for the mode 'multi_trun'", "multi_turn"),
        (["clip", "--explanation", "99"], "none numbered 99", "--explanation 1 to"),
        (["clip", "--anomaly", "normal"], "clip has no anomaly 'normal'", "its anomalies are"),
        (["clip", "--out", "/dev/null/a"], "cannot write /dev/null/a", "an output place"),
        (["clip", "--html", "--anomaly", "x"], "clip has no anomaly 'x'", "its anomalies are"),
        (["clip", "--html", "--videos", "none"], "none: no such file or folder", "name the folder"),
        (["clip", "--html", "--mode", "x"], "no template for the mode 'x'", "multi_turn"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(
    physprior: Any, words: list[str], says: str, suggests: str
) -> None:
    outcome = physprior("show", *words)
    assert (outcome.code, outcome.out) == (2, "")
    problem, remedy = outcome.err.splitlines()
    assert problem.startswith("error: ")
    assert says in problem
    assert remedy.startswith("  remedy: ")
    assert suggests in remedy


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--port", "0"], "--port: goes with --html"),
        (["--no-open"], "--no-open: goes with --html"),
        (["--videos", "v"], "--videos: goes with --html"),
        (["--html", "--raw"], "--raw: goes without --html and --out"),
        (["--out", "p.html", "--port", "1"], "--port: --out serves nothing"),
    ],
)
def test_options_that_mean_nothing_together_are_refused(
    physprior: Any, words: list[str], says: str
) -> None:
    outcome = physprior("show", "clip", *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert says in outcome.err


def test_a_port_in_use_is_one_clear_message(physprior: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = physprior("show", "clip", "--html", "--no-open", "--port", port)
    assert (outcome.code, outcome.out) == (2, "")
    problem, remedy = outcome.err.splitlines()
    assert f"cannot be served on port {port} of 127.0.0.1: Address already in use" in problem
    assert "--port 0" in remedy


def test_the_page_is_written_as_one_file(physprior: Any, dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    outcome = physprior("show", "clip", "-o", out, "--videos", dataset.parent / "videos")
    assert (outcome.code, outcome.out) == (0, f"{out}\n")
    html = out.read_text()
    assert "<title>spring clip, physprior show</title>" in html
    # Three of each class, where there are as many; every strip lies in the page.
    assert 3 <= html.count('<img src="data:image/webp;base64,') <= 9
    assert "clip/train/0000.mp4" in html


def test_videos_of_a_list_are_shown_too(physprior: Any, dataset: Path, tmp_path: Path) -> None:
    root = dataset.parent / "videos"
    listed = tmp_path / "mine.csv"
    listed.write_text(f"video,category,label\n{root}/clip/train/0000.mp4,clip,normal\n")
    (tmp_path / "videos").symlink_to(root)
    outcome = physprior("show", "clip", "-o", tmp_path / "p.html", "--videos", listed)
    assert outcome.code == 0
    # A list's videos lie below its own folder: this one says so on the page.
    assert "does not lie in the videos root" in (tmp_path / "p.html").read_text()


def test_a_broken_entry_makes_a_page_that_says_where(physprior: Any, tmp_path: Path) -> None:
    text = (kb_folder() / "clip.yaml").read_text().replace("evidence: frame", "evidense: frame")
    (tmp_path / "clip.yaml").write_text(text)
    out = tmp_path / "page.html"
    outcome = physprior("show", "clip", "--kb", tmp_path, "--out", out)
    assert outcome.code == 0
    assert "clip.yaml has 1 error; the page says where" in outcome.err
    assert "unknown key" in out.read_text()


def test_the_page_of_the_documentation_shows_what_is_printed(
    physprior: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(__file__).resolve().parents[2]
    monkeypatch.chdir(root)
    page = (root / "docs" / "show.md").read_text()
    (shown,) = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    assert physprior("show", "clip", "--mode", "no_phys").out == shown


@pytest.mark.slow
def test_the_page_opens_in_a_browser_and_ctrl_c_ends_it_in_one_line(tmp_path: Path) -> None:
    browser, told = tmp_path / "browser", tmp_path / "told"
    browser.write_text(f'#!/bin/sh\necho "$1" > {told}.part && mv {told}.part {told}\n')
    browser.chmod(0o755)
    process = subprocess.Popen(
        [sys.executable, *["-m", "physprior", "show", "clip", "--html", "--port", "0"]],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "BROWSER": f"{browser} %s"},
    )
    assert process.stdout is not None
    url = process.stdout.readline()
    assert url.startswith("http://127.0.0.1:")
    until = time.monotonic() + 20
    while not told.exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert told.read_text() == url
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[1:] == ["", "stopped"]
