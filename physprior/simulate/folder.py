"""A simulation's folder: whose it is, what is in it already, and what does not belong there."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from physprior.errors import DatasetError
from physprior.files import PROBE_PREFIX, make_folder, write_json, writing_to
from physprior.simulate.film import Shot
from physprior.simulate.plan import Options, path_of

SIMULATOR = 2
"""Goes up when the same options no longer give the same bytes."""

RECORD = "simulation.json"
"""Says what the folder holds; there only while all of it is there."""
CLAIM = "simulation.part.json"
"""Says what the folder will hold; there while videos are being made, or were when it stopped."""


_OF_THE_SYSTEM = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
"""What file managers leave in a folder that is merely looked at."""


def claim(out: Path, options: Options, shots: list[Shot]) -> list[Shot]:
    """Make ``out`` ours and return the shots whose files are missing, in order.

    Raises DatasetError where the folder was made with other options or holds files that no
    simulation of these options makes; OutputError where it cannot be written.
    """
    with writing_to(out):
        is_file = out.exists() and not out.is_dir()
    if is_file:
        raise DatasetError(f"{out} is a file", remedy="name a folder for the simulation")
    wanted = _wanted(options)
    _refuse_other(out, wanted)
    _refuse_foreign(out, shots, ours=_recorded(out) is not None)
    missing = [shot for shot in shots if not _is_made(out, shot)]
    if missing or not (out / RECORD).is_file():
        make_folder(out)
        write_json(out / CLAIM, wanted)
        with writing_to(out):
            (out / RECORD).unlink(missing_ok=True)
    return missing


def close(out: Path, options: Options, counts: dict[str, dict[str, int]]) -> None:
    """Record that the folder is complete; ``counts`` are videos per category and folder."""
    record = {**_wanted(options), "counts": counts}
    if not (out / CLAIM).exists() and _read(out / RECORD) == record:
        return  # A finished folder may lie where nothing can be written.
    write_json(out / RECORD, record)
    with writing_to(out):
        (out / CLAIM).unlink(missing_ok=True)


def _wanted(options: Options) -> dict[str, Any]:
    return {"options": options.model_dump(mode="json"), "simulator": SIMULATOR}


def sidecar_of(video: Path) -> Path:
    """The JSON file beside a video that says what is in it; written last."""
    return video.with_suffix(".json")


def identity(shot: Shot) -> dict[str, Any]:
    """What a sidecar says of which video it belongs to."""
    return {
        "category": shot.category,
        "class": shot.class_id,
        "instance": f"{shot.category}-{shot.instance:02d}",
        "index": shot.index,
        "seed": shot.seed,
        "size": shot.size,
        "frames": shot.frames,
        "fps": shot.fps,
    }


def _is_made(out: Path, shot: Shot) -> bool:
    video = out / path_of(shot)
    try:
        said = json.loads(sidecar_of(video).read_text(encoding="utf-8"))
        whole = bool(video.stat().st_size == said["bytes"])
        return whole and all(said[name] == value for name, value in identity(shot).items())
    except (OSError, ValueError, KeyError, TypeError):
        # Not there, or cut short by a machine that stopped: either way it is to be made.
        return False


def _read(path: Path) -> Any:
    """What a JSON file holds; None where it cannot be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _recorded(out: Path) -> dict[str, Any] | None:
    for name in (CLAIM, RECORD):
        try:
            found = json.loads((out / name).read_text(encoding="utf-8"))
            return {"options": dict(found["options"]), "simulator": found["simulator"]}
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DatasetError(
                f"{out / name} cannot be read: {error}",
                remedy="simulate into another folder, or delete this one",
            ) from error
    return None


def _refuse_other(out: Path, wanted: dict[str, Any]) -> None:
    found = _recorded(out)
    if found is None or found == wanted:
        return
    flat = {**wanted["options"], "simulator": wanted["simulator"]}
    other = {**found["options"], "simulator": found["simulator"]}
    differences = [
        f"{name} was {_said(other.get(name))}, now {_said(flat.get(name))}"
        for name in sorted(flat.keys() | other.keys())
        if flat.get(name) != other.get(name)
    ]
    raise DatasetError(
        f"{out} holds a simulation with other options: {'; '.join(differences)}",
        remedy="simulate into another folder, repeat the old options, or delete the folder",
    )


def _said(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _refuse_foreign(out: Path, shots: list[Shot], *, ours: bool) -> None:
    videos = [Path(path_of(shot)) for shot in shots]
    # A run that is killed at once leaves the beginning of a claim, and nothing else.
    known = {Path(RECORD), Path(CLAIM)}
    if ours:
        known |= {*videos, *map(sidecar_of, videos)}
    foreign = []
    for path in _files(out):
        if path in known:
            continue
        if _is_remnant(path, known):
            with writing_to(out / path):
                (out / path).unlink(missing_ok=True)
            continue
        foreign.append(path.as_posix())
    if foreign:
        more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
        raise DatasetError(
            f"{out} holds files that this simulation did not make: "
            f"{', '.join(sorted(foreign)[:3])}{more}",
            remedy="simulate into an empty or a new folder",
        )


def _is_remnant(path: Path, known: set[Path]) -> bool:
    """Whether a killed run left ``path`` while it wrote one of the ``known`` files."""
    if path.parent == Path() and path.name.startswith(PROBE_PREFIX):
        return True
    name = path.name.removeprefix(".").removesuffix(".part")
    hidden = path.name.startswith(".") and path.name.endswith(".part")
    return hidden and path.with_name(name.rpartition(".")[0]) in known


def _files(out: Path) -> Iterator[Path]:
    """Every file below ``out``, relative to it."""
    for folder, _, names in os.walk(out):
        for name in names:
            if name not in _OF_THE_SYSTEM:
                yield (Path(folder) / name).relative_to(out)
