"""Libraries, decoders, torch and the GPUs that it sees: what is there, and whether it works."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from pathlib import Path

from physprior.vlm.tryout import GB, Notes, ask

LORA_GB = 18
"""What LoRA on the 7B base takes of a GPU's memory: an estimate, at batch 1."""


def look_at_libraries(notes: Notes) -> None:
    """Versions, and where they are not what physprior asks for."""
    from packaging.requirements import Requirement

    try:
        asked = importlib.metadata.requires("physprior") or []
    except importlib.metadata.PackageNotFoundError:
        asked = []
    wrong, shown = [], []
    for requirement in map(Requirement, asked):
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        version = _version(requirement.name)
        if not version:
            wrong.append(f"{requirement.name} is not installed")
        elif not requirement.specifier.contains(version, prereleases=True):
            wrong.append(f"{requirement.name} {version} is not {requirement.specifier}")
        if requirement.name in ("transformers", "trl", "peft", "datasets") and version:
            shown.append(f"{requirement.name} {version}")
    notes.row("libraries", ", ".join(shown) or "not known: physprior is not installed")
    # decord may be absent: PyAV decodes then, and the next rows say so.
    if wrong := [words for words in wrong if not words.startswith("decord ")]:
        notes.wrong(
            "library-version",
            f"not what physprior asks for: {'; '.join(wrong)}",
            "pip install -U physprior, or install what constraints.txt names",
        )


def look_at_decoders(notes: Notes) -> None:
    """Each decoder, by a clip that is written and decoded, and which of them is used."""
    has_decord = importlib.util.find_spec("decord") is not None
    works = {}
    for backend, name in (("decord", "decord"), ("av", "PyAV")):
        version = _version(backend)
        if backend == "decord" and not has_decord:
            notes.row(name, "not installed: PyAV decodes")
            continue
        answer = ask("physprior.vlm.try_decoder", backend)
        works[name] = "error" not in answer
        told = f"works, {answer['seconds']:.2f} s" if works[name] else f"fails: {answer['error']}"
        notes.row(name, f"{version or 'version not known'}; a clip written and decoded: {told}")
        if not works[name]:
            notes.wrong(
                "decoder",
                f"{name} {version} does not decode a clip just written: {answer['error']}",
                f"pip install --force-reinstall {backend}"
                + ("; or remove it: PyAV decodes then" if backend == "decord" else ""),
            )
    used = [name for name, fine in works.items() if fine]
    first = f"{used[0]}" if used else "none"
    rest = ", and PyAV for what it cannot read rightly" if used == ["decord", "PyAV"] else ""
    notes.row("decoder used", first + rest)


def look_at_torch(notes: Notes, *, needs_gpu: bool) -> None:
    """Torch and its GPUs, by a product computed on each."""
    version = _version("torch")
    if not version:
        notes.row("torch", "not installed")
        notes.wrong("torch", "torch is not installed: no training, no prediction", "install it")
        return
    answer = ask("physprior.vlm.try_torch")
    if "error" in answer:
        notes.row("torch", f"{version}; fails: {answer['error']}")
        notes.wrong("torch", f"torch {version} fails: {answer['error']}", "install it again")
        return
    build = answer["build"]
    notes.row("torch", f"{answer['version']}, {build} build, imported in {answer['seconds']:.1f} s")
    for gpu in answer["gpus"]:
        notes.row("GPU", f"{gpu['name']}, {gpu['total'] / GB:.1f} GB, {gpu['free'] / GB:.1f} free")
        if gpu["error"]:
            notes.wrong(
                "gpu",
                f"{gpu['name']} does not compute in bfloat16: {gpu['error']}",
                "install a torch that was built for this GPU, and a driver that fits it",
            )
        elif needs_gpu and gpu["total"] < LORA_GB * GB:
            notes.note(
                "gpu-memory",
                f"{gpu['name']} has less than the {LORA_GB} GB that LoRA on the 7B base takes (an "
                "estimate, at batch 1)",
            )
    if not answer["gpus"]:
        notes.row("GPU", "none that torch can use")
        _say_why_no_gpu(notes, build, needs_gpu)


def _say_why_no_gpu(notes: Notes, build: str, needs_gpu: bool) -> None:
    if Path("/proc/driver/nvidia/version").exists() or Path("/dev/nvidia0").exists():
        notes.wrong(
            "gpu-unused",
            f"there is an NVIDIA driver, but this torch ({build} build) finds no GPU",
            "install a CUDA build of torch that fits the driver; see what nvidia-smi says",
        )
    elif needs_gpu:
        notes.note(
            "no-gpu",
            "no GPU: the tiny base trains on a processor, the 7B base does not",
            "physprior model base tiny OUT",
        )


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""
