"""The README of a run folder: what it is, in words, for whoever opens it a year later."""

from __future__ import annotations

from pathlib import Path

from physprior import files
from physprior.vlm.run_folder import ADAPTER, MODEL, RunRecord


def write_card(out: Path, record: RunRecord) -> None:
    """Write README.md into a run folder."""
    files.write_text(out / "README.md", card(record))


def card(record: RunRecord) -> str:
    """The text of the README."""
    weights = (
        f"`{ADAPTER}/`: LoRA weights in PEFT's format, for the base named below"
        if record.tune == "lora"
        else f"`{MODEL}/`: the whole tuned checkpoint in the hub's format"
    )
    results = record.results
    skipped = results.get("skipped", [])
    versions = "\n".join(
        f"- {name} {version}" for name, version in record.provenance["versions"].items()
    )
    trained = f"{results['trained_parameters']:,} of {results['all_parameters']:,}"
    listed = "\n".join(f"- {line}" for line in skipped)
    return f"""# A physprior run

A Video-LLaVA whose language layers (attention and feed-forward) were tuned on physics-informed
dialogues in the mode `{record.mode}`. Vision towers, projector, embeddings and head are the base's.

| | |
|---|---|
| base | `{record.base}` |
| tuned | {record.tune}: {trained} parameters |
| dataset | `{record.dataset["folder"]}` (split {record.dataset["split"][:12]}) |
| categories | {", ".join(sorted(record.prompts))} |
| frames | {record.sampling.frames}, {record.sampling.kind} |
| training | {results["videos"]} videos, {results["steps"]} steps, {results["seconds"]} s |
| mean training loss | {results["train_loss"]:.4f} |

## What lies here

- {weights}
- `recipe.yaml`: the recipe with every default filled in
- `run.json`: hashes of base, dataset, split and prompts; versions
- `log.jsonl`: loss and learning rate as training went
- `checkpoints/`: where training goes on after a kill; may be removed once it has finished

## How to use it

    physprior predict <this folder> <dataset> --split test -o predictions.jsonl
    physprior score predictions.jsonl

Prediction samples frames as training did and refuses a category whose prompts have changed since.

## Skipped videos: {len(skipped)}

{listed or "None."}

## Made with

{versions}
"""
