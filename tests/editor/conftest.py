from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from language_server import LanguageServer
from typer.testing import CliRunner

from physprior.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
SERVER = ROOT / ".cache/editor/node_modules/yaml-language-server/bin/yaml-language-server"


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as ``init`` makes it, with a ``new`` entry."""
    folder = tmp_path_factory.mktemp("project")
    with contextlib.chdir(folder):
        for words in (["init"], ["new", "pendulum"]):
            result = CliRunner().invoke(app, words, catch_exceptions=False)
            assert result.exit_code == 0, result.output
    return folder


@pytest.fixture(scope="session")
def server(project: Path) -> Iterator[LanguageServer]:
    """The YAML language server in the project, with the settings that lie in it."""
    node = shutil.which("node") or shutil.which("nodejs")
    assert node is not None
    assert SERVER.is_file(), "tests/editor/install has not been run"
    settings = json.loads((project / ".vscode/settings.json").read_text(encoding="utf-8"))
    running = LanguageServer([node, str(SERVER)], project, settings)
    yield running
    running.close()
