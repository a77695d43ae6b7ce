"""A client of the YAML language server, over standard input and output, as an editor is one."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ANSWER_WITHIN_S = 60.0


class LanguageServer:
    """A server that runs in a folder, and the files that are open in it."""

    def __init__(self, command: Sequence[str], folder: Path, settings: Mapping[str, Any]) -> None:
        """Start ``command``; ``settings`` are VS Code's: ``{"yaml.schemas": …}``."""
        own = {key.removeprefix("yaml."): value for key, value in settings.items()}
        self._settings = {"validate": True, "completion": True, "hover": True, **own}
        # No schema is looked for on the net.
        self._settings["schemaStore"] = {"enable": False}
        self._process = subprocess.Popen(
            [*command, "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._arrived: queue.Queue[dict[str, Any]] = queue.Queue()
        self._published: dict[str, list[dict[str, Any]]] = {}
        self._versions: dict[str, int] = {}
        self._asked = 0
        threading.Thread(target=self._read, daemon=True).start()
        markup = {"contentFormat": ["markdown"]}
        item = {"snippetSupport": True, "documentationFormat": ["markdown"]}
        self._ask(
            "initialize",
            {
                "processId": None,
                "rootUri": folder.resolve().as_uri(),
                "workspaceFolders": [{"uri": folder.resolve().as_uri(), "name": "project"}],
                "capabilities": {
                    "workspace": {"configuration": True, "workspaceFolders": True},
                    "textDocument": {"hover": markup, "completion": {"completionItem": item}},
                },
            },
        )
        self._tell("initialized", {})
        self._tell("workspace/didChangeConfiguration", {"settings": None})

    def open(self, path: Path, text: str) -> OpenFile:
        """Open a file with this text, whatever lies on the disk."""
        uri = path.resolve().as_uri()
        if uri in self._versions:
            self._tell("textDocument/didClose", {"textDocument": {"uri": uri}})
            # Behind the answer nothing comes any more that is about the text of before.
            self.ask("textDocument/hover", uri, 0, 0)
            self._published.pop(uri, None)
        version = self._versions[uri] = self._versions.get(uri, 0) + 1
        document = {"uri": uri, "languageId": "yaml", "version": version, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": document})
        return OpenFile(self, uri, text)

    def problems(self, uri: str) -> list[dict[str, Any]]:
        """What the server marks in a file that was opened, once it has looked at it."""
        while uri not in self._published:
            self._take()
        return self._published.pop(uri)

    def ask(self, method: str, uri: str, line: int, character: int) -> Any:
        """The answer to a question about a place in a file."""
        place = {"line": line, "character": character}
        return self._ask(method, {"textDocument": {"uri": uri}, "position": place})

    def close(self) -> None:
        """End the server."""
        self._process.kill()
        self._process.communicate()

    def _ask(self, method: str, params: Any) -> Any:
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": params})
        while True:
            message = self._take()
            if message.get("id") == self._asked and "method" not in message:
                assert "error" not in message, message["error"]
                return message["result"]

    def _tell(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def _take(self) -> dict[str, Any]:
        message = self._arrived.get(timeout=ANSWER_WITHIN_S)
        if "id" in message and "method" in message:
            self._send({"id": message["id"], "result": self._answer(message)})
        elif message.get("method") == "textDocument/publishDiagnostics":
            published = message["params"]
            self._published[published["uri"]] = published["diagnostics"]
        return message

    def _answer(self, question: dict[str, Any]) -> Any:
        """What an editor says when the server asks."""
        if question["method"] != "workspace/configuration":
            return None
        known = {"yaml": self._settings, "[yaml]": {"editor.tabSize": 2}}
        return [known.get(item["section"], {}) for item in question["params"]["items"]]

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while header := stream.readline():
            length = int(header.partition(b":")[2])
            while stream.readline().strip():
                pass
            self._arrived.put(json.loads(stream.read(length)))


class OpenFile:
    """A file in the editor: what is marked in it, and what is said where the cursor stands."""

    def __init__(self, server: LanguageServer, uri: str, text: str) -> None:
        self._server, self._uri, self._text = server, uri, text

    def problems(self) -> list[tuple[int, str]]:
        """What is marked: the line, from 1, and what is said; from top to bottom."""
        found = self._server.problems(self._uri)
        return sorted((one["range"]["start"]["line"] + 1, one["message"]) for one in found)

    def hover(self, words: str) -> str:
        """What is shown where the mouse rests on the first of these words."""
        shown = self._server.ask("textDocument/hover", self._uri, *self._place(words))
        return "" if shown is None else str(shown["contents"]["value"])

    def completions(self, behind: str) -> dict[str, dict[str, Any]]:
        """What is proposed where the cursor stands behind these words, by what is read."""
        line, character = self._place(behind, len(behind))
        asked = self._server.ask("textDocument/completion", self._uri, line, character)
        return {item["label"]: item for item in (asked or {"items": []})["items"]}

    def _place(self, words: str, further: int = 1) -> tuple[int, int]:
        before = self._text[: self._text.index(words) + further]
        return before.count("\n"), len(before) - before.rfind("\n") - 1
