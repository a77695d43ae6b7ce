"""Hypothesis strategies that damage real KB files: their bytes, and the structure behind them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from physprior.paths import kb_folder, templates_folder

NASTY = [
    b"\t", b"\r", b"\r\n", b"\n", b"\n\n", b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80",
    b"\xef\xbb\xbf", b"\xc2\xa0", b"\xe2\x80\xa8", b"\xe2\x80\x9c", b"\xef\xbc\x9a",
    b"\xe2\x80\x8b", b"\xcc\x88", b": ", b":", b" #", b"#", b"- ", b"-", b"? ", b"'", b'"', b"''",
    b"\\", b'"\\U00110000"', b'"\\uD800"', b"|", b">-", b"|9\n", b"&a ", b"*a",
    b"!!python/object:os.system ", b"!x", b"%YAML 9.9\n", b"%", b"@", b"`", b"[", b"]", b"{", b"}",
    b"[" * 40, b"{a: " * 40, b"- " * 40, b"[" * 50_000, b"- " * 20_000, b"? " * 5_000, b"---\n",
    b"...\n", b"<<: ", b"~", b"null", b"#" * 2_000, b'"' * 2_001, b"x" * 20_000, b"a: " * 3_000,
    b"\n- a" * 5_000, b" " * 20_000, b"\n" * 20_000, b"# physprior: ignore\n",
    b" # physprior: ignore T001 - x", b"{{ x }}", b"{% endpart %}", b"{% part verdict %}", b"{#",
]  # fmt: skip
ODD = [
    None, "", " ", "no", "1.10", "a: b", "The clip #3 opens", "- x", "\u00a0", "\u200b", "“x”",
    "\x85", "\ud7ff", "\U0010ffff", "e\u0308" * 50, "Verdict:", "</s>", "USER: x", "x" * 5_000,
    "a " * 5_000, "The " + "spring, " * 2_000 + "opens.", "...", "'" * 99, "?" * 999, "[key]",
    "__class__", "normal",
]  # fmt: skip
KEYS = [
    "id",
    "names",
    "statement",
    "references",
    "normal",
    "anomalies",
    "",
    "[key]",
    "Id",
    "ü",
    "1",
]


def read_bases() -> list[tuple[Path, bytes]]:
    """The shipped entries, the vocabulary and the templates, under their names in their folder."""
    folders = {kb_folder(): "*.yaml", templates_folder(): "*.j2"}
    files = [(folder, path) for folder, kind in folders.items() for path in folder.rglob(kind)]
    return [(path.relative_to(folder), path.read_bytes()) for folder, path in sorted(files)]


Edit = tuple[str, int, int, bytes]


def edit_bytes(data: bytes, edit: Edit) -> bytes:
    """``data`` with one edit; its numbers are places, as ten-thousandths of the length."""
    kind, where, width, token = edit
    at = where * len(data) // 10_000
    end = min(len(data), at + width)
    match kind:
        case "flip":
            return (
                data[:at] + bytes([data[at] ^ (1 << width % 8)]) + data[at + 1 :] if data else b""
            )
        case "insert":
            return data[:at] + token + data[at:]
        case "replace":
            return data[:at] + token + data[end:]
        case "delete":
            return data[:at] + data[end:]
        case "duplicate":
            return data[:end] + data[at:end] * (1 + width % 5) + data[end:]
        case "splice":
            other = width * 37 % (len(data) + 1)
            return data[:at] + data[other:]
        case "indent":
            start = data.rfind(b"\n", 0, at) + 1
            return data[:start] + b" " * (width % 7) + data[start:].lstrip(b" ")
        case _:
            return data[:at]


EDITS = st.tuples(
    st.sampled_from(
        ["flip", "insert", "replace", "delete", "duplicate", "splice", "indent", "truncate"]
    ),
    st.integers(0, 9_999),
    st.integers(0, 400),
    st.sampled_from(NASTY),
)


def _places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(tree, (dict, list)):
        for key in tree if isinstance(tree, dict) else range(len(tree)):
            found += _places(tree[key], (*path, key))
    return found


def _parent(tree: Any, path: tuple[Any, ...]) -> Any:
    for key in path[:-1]:
        tree = tree[key]
    return tree


def _drop(holder: Any, key: Any, value: Any, number: int) -> None:
    del holder[key]


def _duplicate(holder: Any, key: Any, value: Any, number: int) -> None:
    if isinstance(holder, list):
        holder[key:key] = [value] * (1 + number % 200)
    else:
        holder[KEYS[number % len(KEYS)]] = value


def _rename(holder: Any, key: Any, value: Any, number: int) -> None:
    if isinstance(holder, dict):
        name = KEYS[number % len(KEYS)] if number % 2 else str(key)[::-1]
        items = [(name if old == key else old, kept) for old, kept in holder.items()]
        holder.clear()
        holder.update(items)


def _retype(holder: Any, key: Any, value: Any, number: int) -> None:
    kinds = [[value], {"id": value}, [], {}, str(value), [[value]], None, {str(value): None}]
    holder[key] = kinds[number % len(kinds)]


def _nest(holder: Any, key: Any, value: Any, number: int) -> None:
    for _ in range(number % 60):
        value = [value] if number % 2 else {"id": value}
    holder[key] = value


def _odd(holder: Any, key: Any, value: Any, number: int) -> None:
    holder[key] = ODD[number % len(ODD)]


CHANGES: list[Callable[[Any, Any, Any, int], None]] = [
    _drop, _duplicate, _rename, _retype, _nest, _odd,
]  # fmt: skip


def change_tree(tree: Any, changes: list[tuple[int, int, int, int]]) -> Any:
    """A copy of ``tree`` with changes: which, where, with what; the last one swaps two parts."""
    tree = copy.deepcopy(tree)
    for which, where, other, number in changes:
        places = _places(tree)
        if not places:
            break
        path = places[where % len(places)]
        holder = _parent(tree, path)
        if which < len(CHANGES):
            CHANGES[which](holder, path[-1], holder[path[-1]], number)
        else:
            swapped = places[other % len(places)]
            kept = copy.deepcopy(_parent(tree, swapped)[swapped[-1]])
            holder[path[-1]] = kept
    return tree


TREE_CHANGES = st.lists(
    st.tuples(
        st.integers(0, len(CHANGES)),
        st.integers(0, 9_999),
        st.integers(0, 9_999),
        st.integers(0, 999),
    ),
    min_size=1,
    max_size=5,
)


def written(tree: Any) -> bytes:
    """A tree as YAML. Text that no YAML may hold is escaped by the writer."""
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text = yaml.dump(tree, Dumper=dumper, sort_keys=False, allow_unicode=True, width=100)
    return text.encode("utf-8", "surrogatepass")


def damaged_files() -> st.SearchStrategy[tuple[Path, bytes]]:
    """Real files after some edits of their bytes, of their structure, or of both."""
    bases = read_bases()
    trees = [(path, yaml.safe_load(data)) for path, data in bases if path.suffix == ".yaml"]

    def edited(base: tuple[Path, bytes], edits: list[Edit]) -> tuple[Path, bytes]:
        path, data = base
        for edit in edits:
            data = edit_bytes(data, edit)
        return path, data

    restructured = st.builds(
        lambda base, changes: (base[0], written(change_tree(base[1], changes))),
        st.sampled_from(trees),
        TREE_CHANGES,
    )
    return st.one_of(
        st.builds(edited, st.sampled_from(bases), st.lists(EDITS, min_size=1, max_size=4)),
        restructured,
        st.builds(edited, restructured, st.lists(EDITS, min_size=1, max_size=2)),
    )
