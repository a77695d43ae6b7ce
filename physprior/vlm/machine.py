"""What this machine has for the work: decoders that decode, libraries, torch, a GPU, room on disk.

Whatever may hang or die (a decoder, torch, a driver) is tried in a process of its own with a time
limit. Nothing is fetched: no network is used.
"""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

from physprior import paths
from physprior.dataset.doctor.findings import Section, Table, counted
from physprior.video.sample import Sampling
from physprior.vlm.at_hand import Base, find_base, hub_cache
from physprior.vlm.software import look_at_decoders, look_at_libraries, look_at_torch
from physprior.vlm.tryout import GB, Notes

HUB_BASE = "LanguageBind/Video-LLaVA-7B-hf"
"""The checkpoint that the paper tunes."""
BASE_GB = 15
"""What the 7B base takes on disk."""

_NO_BASE_YET = (
    "'physprior model base tiny' makes a small one to try the way with; for real work let the"
    f" project's base be {HUB_BASE}"
)


def examine_machine(
    model: str | None, clips: int, sampling: Sampling, *, of_project: str | None = None
) -> Section:
    """The section on the machine.

    ``model`` is a checkpoint's folder or hub id that is meant to be used, None for the project's,
    ``of_project``, else the paper's base; ``clips`` of ``sampling.frames`` frames are what the
    cache would have to take.
    """
    notes = Notes()
    base = find_base(model or of_project or HUB_BASE)
    _look_at_computer(notes)
    look_at_libraries(notes)
    look_at_decoders(notes)
    look_at_torch(notes, needs_gpu=base.is_large)
    _look_at_disk(notes, clips * sampling.frames * 3 * base.side**2, clips)
    _look_at_base(notes, base, asked=model is not None)
    rows = tuple(notes.rows)
    table = Table(caption="what is here", heads=("what", "found"), rows=rows, figures=False)
    return Section(
        name="machine",
        title="The machine",
        tables=(table,),
        findings=tuple(notes.findings),
    )


def _look_at_computer(notes: Notes) -> None:
    notes.row("system", f"{platform.platform(terse=True)}, Python {platform.python_version()}")
    notes.row("processor", f"{counted(_cores(), 'core')}, {platform.machine()}")
    memory = installed_memory()
    notes.row("memory", f"{memory / GB:.1f} GB" if memory else "not known")


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def installed_memory() -> int:
    """Bytes of memory, or what a container may use of them; 0 where the system does not say."""
    try:
        installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 0
    try:
        allowed = int(Path("/sys/fs/cgroup/memory.max").read_text())
    except (OSError, ValueError):
        return installed
    return min(installed, allowed)


def _look_at_disk(notes: Notes, needed: int, clips: int) -> None:
    cache = paths.cache_folder()
    place = _existing(cache)
    free = shutil.disk_usage(place).free
    notes.row("cache", f"{cache}, {free / GB:.1f} GB free")
    if clips:
        notes.row("frames", f"{counted(clips, 'clip')} take {_size(needed)} there, at most")
    if needed > free:
        notes.wrong(
            "disk",
            f"decoded frames would take {_size(needed)}, and {cache} has {_size(free)} free",
            "set PHYSPRIOR_CACHE to a folder with more room",
        )
    if not os.access(place, os.W_OK | os.X_OK):
        notes.wrong(
            "cache", f"{place} may not be written to", "set PHYSPRIOR_CACHE to a folder that may"
        )


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one around it that is there."""
    return next(place for place in (folder, *folder.absolute().parents) if place.exists())


def _size(count: int) -> str:
    return f"{count / GB:.1f} GB" if count >= GB else f"{count / 10**6:.1f} MB"


def _look_at_base(notes: Notes, base: Base, *, asked: bool) -> None:
    if base.folder is None:
        notes.row("base model", f"{base.name}: not at hand")
    else:
        state = "; ".join(base.problems) if base.problems else "complete"
        notes.row("base model", f"{base.name}: {base.folder}, {_size(base.weights)}, {state}")
    for problem in base.problems if base.folder else ():
        notes.wrong("base-incomplete", f"{base.name}: {problem}", "fetch or make it again")
    if base.folder is not None:
        return
    words = f"{base.name} is not at hand: {'; '.join(base.problems)}"
    free = _size(shutil.disk_usage(_existing(hub_cache())).free)
    remedy = f"hf download {base.name} (the 7B base takes {BASE_GB} GB; {free} are free there)"
    if asked:
        notes.wrong("base-missing", words, remedy if base.is_hub_id else "check the path")
    else:
        notes.note("base-missing", words, remedy if base.is_hub_id else _NO_BASE_YET)
