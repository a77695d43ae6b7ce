"""What docs/continuous-integration.md and .pre-commit-hooks.yaml say can be followed."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from jsonschema import Draft7Validator

from physprior.paths import kb_folder, templates_folder

Command = Callable[..., Any]
ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/continuous-integration.md").read_text(encoding="utf-8")
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
PRE_COMMIT, WORKFLOW, GITLAB = (
    yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.S | re.M)
)
RUNS = [step["run"] for step in WORKFLOW["jobs"]["check"]["steps"] if "run" in step]
LINES = [line for line in (*RUNS, *GITLAB["check"]["script"]) if line.startswith("physprior")]
SCRIPT = "".join(re.findall(r"^```sh\n(.*?)^```$", PAGE, re.S | re.M))


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a KB and templates of its own."""
    shutil.copytree(kb_folder(), tmp_path / "kb", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(templates_folder(), tmp_path / "templates")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    return tmp_path


def spoil(repository: Path) -> None:
    path = repository / "kb/clip.yaml"
    path.write_text(path.read_text("utf-8").replace("onset:", "onsett:", 1), "utf-8")


@pytest.mark.parametrize(
    ("written", "schema"),
    [(WORKFLOW, "vendor.github-workflows"), (GITLAB, "vendor.gitlab-ci")],
    ids=["GitHub", "GitLab"],
)
def test_the_snippets_are_what_the_servers_read(written: Any, schema: str) -> None:
    # YAML 1.1 reads GitHub's key `on` as a truth value, GitHub does not.
    document = {("on" if key is True else key): value for key, value in written.items()}
    errors = Draft7Validator(get_builtin_schema(schema)).iter_errors(
        json.loads(json.dumps(document))
    )
    assert [error.message for error in errors] == []


def test_the_page_uses_a_hook_that_there_is() -> None:
    wanted = {hook["id"] for repo in PRE_COMMIT["repos"] for hook in repo["hooks"]}
    assert wanted <= {hook["id"] for hook in HOOKS}
    assert all(f"`{hook['id']}`" in PAGE for hook in HOOKS)


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_passes_a_sound_kb_and_stops_a_broken_one(
    hook: dict[str, Any], repository: Path, physprior: Command
) -> None:
    words = [*shlex.split(hook["entry"]), *hook["args"]]
    assert words.pop(0) == "physprior"
    assert physprior(*words).code == 0
    spoil(repository)
    done = physprior(*words)
    assert done.code == 1
    assert "kb/clip.yaml:" in done.out


def test_a_hook_stops_a_commit_where_there_is_nothing_to_check(
    tmp_path: Path, physprior: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = physprior("check", *HOOKS[0]["args"])
    assert (done.code, done.out) == (2, "")
    assert "no such file or folder: kb, templates" in done.err


def follow(script: str) -> subprocess.CompletedProcess[str]:
    """Run lines of the page as a server does: in bash, which stops at the first that fails."""
    here = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-e", "-c", script],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PATH": here},
        timeout=120,
    )


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES)
def test_each_step_passes_a_sound_kb_and_fails_on_a_broken_one(line: str, repository: Path) -> None:
    assert follow(line).returncode == 0
    spoil(repository)
    assert follow(line).returncode == 1


@pytest.mark.slow
def test_the_steps_write_what_the_servers_take(repository: Path) -> None:
    spoil(repository)
    for line in LINES:
        follow(line)
    (run,) = json.loads((repository / "physprior.sarif").read_text("utf-8"))["runs"]
    assert [found["ruleId"] for found in run["results"]] == ["S012"]
    assert ElementTree.parse(repository / "physprior.xml").getroot().get("failures") == "1"


@pytest.mark.slow
def test_the_script_fails_on_errors_alone(repository: Path) -> None:
    path = repository / "kb/clip.yaml"
    sound = path.read_text("utf-8")
    weak = re.sub(r"(?m)^(  explanations:\n    - )(.)", r"\1Perhaps \2", sound, count=1)
    assert weak != sound
    path.write_text(weak, "utf-8")
    assert follow("physprior check kb templates").returncode == 1
    assert follow(SCRIPT).returncode == 0
    spoil(repository)
    assert follow(SCRIPT).returncode == 1
