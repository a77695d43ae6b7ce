"""The model card: what a run, its adapter or a merged checkpoint is, for whoever opens it later.

Front matter as the Hugging Face hub reads it, and the run's facts in words. What a record does not
hold (older runs, killed ones) is left out, or said to be unknown.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any, Literal

import yaml

from physprior import files
from physprior.train.card_facts import (
    counts,
    gradient_share,
    hashes,
    loss_rows,
    machine,
    manifest_of,
    settings,
    share,
    validation_rows,
)
from physprior.train.watch import read_log
from physprior.vlm.run_folder import ADAPTER, MODEL, RunRecord

README = "README.md"
Form = Literal["run", "adapter", "model", "merged"]
"""What the card lies in: a run folder, its adapter or model folder, or a merged checkpoint."""


def write_card(out: Path, record: RunRecord) -> None:
    """Write README.md into a run folder, and into the folder of its weights, which gets published.

    PEFT leaves a card of its own there, in which nothing is filled in.
    """
    log = _log(out)
    files.write_text(out / README, card(record, log=log))
    form: Form = "model" if record.tune == "layers" else "adapter"
    weights = out / (MODEL if form == "model" else ADAPTER)
    if weights.is_dir():
        files.write_text(weights / README, card(record, log=log, form=form))


def merged_card(run: Path, record: RunRecord, how: str) -> str:
    """The card of a checkpoint into which the adapter of a run was merged; ``how`` says how."""
    return card(record, log=_log(run), form="merged", how=how)


def card(
    record: RunRecord, *, log: list[dict[str, Any]] | None = None, form: Form = "run", how: str = ""
) -> str:
    """The text of a card. ``log``: the lines of the run's log.jsonl."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = _cell
    text = environment.get_template("card.md.j2").render(
        record=record,
        form=form,
        merged=how,
        **_identity(record, form),
        **_training(record, log or []),
        **_provenance(record),
    )
    return _refill(text)


def _identity(record: RunRecord, form: Form) -> dict[str, Any]:
    categories = sorted(record.prompts)
    named = ", ".join(categories) if len(categories) < 5 else f"{len(categories)} categories"
    folder = record.dataset.get("folder", "unknown")
    counted = record.results.get("counts") or record.prompts
    return {
        "front": _front_matter(record, form),
        "title": f"Video-LLaVA tuned on the physics of {named}",
        "categories": categories,
        # What is passed on need not tell where things lay on somebody's computer.
        "base": record.base if form == "run" or _is_hub_id(record.base) else Path(record.base).name,
        "base_is_folder": form != "run" and not _is_hub_id(record.base),
        "dataset": folder if form == "run" else Path(folder).name,
        "hash_of": {name: record.dataset.get(name, "unknown") for name in ("manifest", "split")},
        "continued": record.continued_from[:16],
        "known_before": [name for name in categories if name not in counted],
        "tuned": _tuned(record),
        "sampling_detail": _sampling_detail(record),
        "snippet": _snippet(record, form),
        "weights": (
            f"`{MODEL}/`: the whole tuned checkpoint in the hub's format"
            if record.tune == "layers"
            else f"`{ADAPTER}/`: LoRA weights in PEFT's format, for the base named above"
        ),
    }


def _front_matter(record: RunRecord, form: Form) -> str:
    is_adapter = record.tune != "layers" and form in ("run", "adapter")
    front: dict[str, Any] = {"library_name": "peft" if is_adapter else "transformers"}
    # The hub takes no folder of somebody's computer for a base: the card names that one in words.
    if _is_hub_id(record.base):
        front["base_model"] = record.base
        front["base_model_relation"] = "adapter" if is_adapter else "finetune"
    front["pipeline_tag"] = "video-text-to-text"
    front["language"] = ["en"]
    tags = ["anomaly-detection", "industrial-inspection", "physics", "video-llava", "physprior"]
    front["tags"] = [*tags, *(["lora"] if is_adapter else [])]
    return yaml.safe_dump(front, sort_keys=False)


def _is_hub_id(base: str) -> bool:
    return base.count("/") == 1 and not base.startswith((".", "/", "~"))


def _tuned(record: RunRecord) -> str:
    ways = {
        "lora": "lora: low-rank adapters",
        "qlora": "qlora: low-rank adapters, trained over language layers in 4 bits",
        "layers": "layers: the language layers' own weights",
    }
    trained = record.results.get("trained_parameters")
    whole = record.results.get("all_parameters")
    if not trained or not whole:
        return ways[record.tune]
    return f"{ways[record.tune]}, {trained:,} of {whole:,} parameters ({trained / whole:.2%})"


def _sampling_detail(record: RunRecord) -> str:
    if record.sampling.kind == "window":
        return f" over the middle {record.sampling.window_seconds} s"
    if record.sampling.kind == "burst":
        return f" around the middle, {record.sampling.stride} frame(s) apart"
    return " over the clip"


def _snippet(record: RunRecord, form: Form) -> str:
    model = "from transformers import VideoLlavaForConditionalGeneration\n\n"
    load = "VideoLlavaForConditionalGeneration.from_pretrained"
    inner = MODEL if record.tune == "layers" else ADAPTER
    here = "path/to/this/folder" + (f"/{inner}" if form == "run" else "")
    base = record.base if form == "run" or _is_hub_id(record.base) else "path/to/the/base"
    if record.tune == "layers" or form == "merged":
        return f'{model}model = {load}("{here}", dtype="auto")'
    return (
        f"from peft import PeftModel\n{model}"
        f'base = {load}("{base}", dtype="auto")\n'
        f'model = PeftModel.from_pretrained(base, "{here}")'
    )


def _training(record: RunRecord, log: list[dict[str, Any]]) -> dict[str, Any]:
    results = record.results
    validation = results.get("validation") or {}
    loss, label = validation.get("val/loss"), validation.get("val/accuracy/label")
    train_loss = results.get("train_loss")
    return {
        "amount": _amount(results),
        "kept": _kept(results),
        "counts": counts(record),
        "validation": validation,
        "caution": _caution(record.recipe),
        "why_no_validation": " (`validate_every: 0`)"
        if record.recipe.get("validate_every") == 0
        else "",
        "auroc": validation_rows(record),
        "validation_loss": "" if loss is None else f"{loss:.4f}",
        "label_accuracy": share(label) if label is not None else "",
        "losses": loss_rows(log, validation),
        "train_loss": "" if train_loss is None else f"{train_loss:.4f}",
        "share": gradient_share(log),
        "settings": settings(record),
        "machine": machine(record),
        "skipped": results.get("skipped") or [],
    }


def _amount(results: dict[str, Any]) -> str:
    said = [
        f"{results[key]:,} {unit}"
        for key, unit in (("videos", "videos"), ("steps", "steps"), ("seconds", "s"))
        if results.get(key) is not None
    ]
    return ", ".join(said)


def _kept(results: dict[str, Any]) -> str:
    kept = results.get("kept") or {}
    return f"those of step {kept['step']}: {kept.get('why', 'unknown')}" if "step" in kept else ""


def _caution(recipe: dict[str, Any]) -> str:
    chose = []
    if recipe.get("keep") == "best":
        chose.append("which weights were kept")
    if recipe.get("patience") is not None:
        chose.append("when training stopped")
    if not chose:
        return "These are videos of the validation split."
    return f"The validation videos decided {' and '.join(chose)}, so these figures are too good."


def _provenance(record: RunRecord) -> dict[str, Any]:
    manifest = manifest_of(record)
    versions = record.provenance.get("versions", {})
    code = record.provenance.get("code", {})
    commit = ""
    if code.get("commit"):
        changed = " with changes" if code.get("dirty") else ""
        commit = f" Code: commit `{code['commit']}`{changed}."
    return {
        "manifest": manifest,
        "versions": ", ".join(f"{name} {versions[name]}" for name in sorted(versions)) + ".",
        "commit": commit,
        "hashes": hashes(record, manifest),
    }


def _log(out: Path) -> list[dict[str, Any]]:
    try:
        return read_log(out / "log.jsonl")
    except (OSError, ValueError):
        return []


def _refill(text: str) -> str:
    """The text with its paragraphs filled anew; code, tables, lists and headings stay."""
    _, front, body = text.split("---\n", 2)
    blocks, in_code = [], False
    for block in body.strip().split("\n\n"):
        if not in_code and not block.startswith(("|", "#", "`" * 3, "- ")):
            block = textwrap.fill(block, 100, break_long_words=False, break_on_hyphens=False)
        in_code ^= block.count("`" * 3) % 2 == 1
        blocks.append(block)
    return f"---\n{front}---\n\n" + "\n\n".join(blocks) + "\n"


def _cell(text: object) -> str:
    """A text, such as a path, that cannot end a cell, a line or begin a tag."""
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;")
