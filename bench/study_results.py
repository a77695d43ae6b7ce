"""What a study found, small enough to keep: its report, and one summary a run with its command.

    cd WHERE_THE_STUDY_LIES
    python bench/study_results.py ablation -o bench/results/ablation

Copied as they are: summary.json, ablation.md, ablation.svg, study.json, opened.json. Made from the
runs' own records and predictions: runs.json, which has each step of the study in its order, the
command that does it alone, and what came of it. Weights, videos and predictions stay where they
are: the commands make them again.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from physprior.errors import PhyspriorError
from physprior.eval.predict.options import control_path
from physprior.eval.predictions import read_predictions
from physprior.eval.scoring import score
from physprior.files import as_json, make_folder, write_together
from physprior.pipeline.ablate import commands, read_plan
from physprior.pipeline.ablate.report.model import Measured
from physprior.vlm.run_folder import read_run

KEPT = ("summary.json", "ablation.md", "ablation.svg", "study.json", "opened.json")
"""The study's own files that are kept, none of which speaks of the machine's folders."""
RESULTS = ("device", "kept", "seconds", "steps", "tokens", "train_loss", "trained_parameters")
"""What a run's record says of its end, without what is the same in every run."""


def trained(run: Path) -> dict[str, Any]:
    """How a training ended."""
    record = read_run(run)
    results = record.results
    return {
        "fingerprint": record.fingerprint,
        "mode": record.mode,
        "provenance": record.provenance,
        **{name: results[name] for name in RESULTS if name in results},
        "skipped": len(results["skipped"]),
        "validation": results["validation"],
    }


def predicted(path: Path) -> dict[str, Any]:
    """What the predictions of one file come to."""
    predictions = read_predictions(path)
    header, found = predictions.header, score(predictions)
    return {
        "fingerprint": header.fingerprint,
        "split": header.split,
        "mode": header.mode,
        "history": header.history,
        "control": header.control,
        "videos": len(predictions.predictions),
        "skipped": len(predictions.skipped),
        "macro": {
            name: Measured.of(one).model_dump()
            for name, one in found.macro.items()
            if one.value is not None
        },
        "auroc": {part.category: part.measures["auroc"].value for part in found.categories},
    }


def summarised(out: Path) -> Iterator[dict[str, Any]]:
    """Each step with its command, and the summary of what it made."""
    plan = read_plan(out)
    for command in commands(out, plan, workers=2):
        words = shlex.split(command, comments=True)
        made: dict[str, Any] = {"command": command}
        if words[1:2] == ["train"]:
            named = dict(word.split("=", 1) for word in words if "=" in word)
            made |= trained(Path(named["out"]))
        elif words[1:2] == ["predict"]:
            path = Path(words[words.index("-o") + 1])
            control = words[words.index("--control") + 1] if "--control" in words else None
            made |= predicted(control_path(path, control) if control else path)
        yield made
    for path in sorted((out / "test" / "baselines").glob("*.jsonl")):
        yield {"baseline": path.stem, **predicted(path)}


def main(words: Sequence[str] | None = None) -> int:
    """Write the results of a study that has ended."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("study", type=Path, help="the study's folder, named as it was to the study")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder of the results")
    asked = parser.parse_args(words)
    try:
        steps = list(summarised(asked.study))
        copies = {name: (asked.study / name).read_bytes() for name in KEPT}
    except (PhyspriorError, OSError) as error:
        parser.error(str(error))
    make_folder(asked.out)
    copies["runs.json"] = as_json({"steps": steps}).encode("utf-8")
    write_together({asked.out / name: content for name, content in copies.items()})
    print(f"{len(steps)} steps of {asked.study} summarised in {asked.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
