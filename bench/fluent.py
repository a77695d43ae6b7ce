"""What a model would score in SBERT that says a taught sentence to everything, beside a real one.

    python bench/fluent.py physprior-demo/report-multi_turn/test.jsonl

The texts of a predictions file are replaced: by *normal* with one taught sentence a category, and
by the true verdict with a taught sentence of the true class. Prints the macro averages of each by
verdict; the table stands in docs/explanations.md.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from physprior.eval.explanations.items import Sentences
    from physprior.eval.predictions import Prediction, Predictions
    from physprior.stats.estimate import Estimate

COLUMNS = ("SBERT", "right", "wrong", "anom.", "earned", "copied")


def main() -> None:
    """Print the table of a predictions file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("predictions", type=Path, help="a predictions file with texts")
    path = parser.parse_args().predictions
    os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    from physprior.eval.explanations.items import sentences_of
    from physprior.eval.predictions import read_predictions
    from physprior.knowledge.load import load_knowledge
    from physprior.paths import kb_folder

    sentences = sentences_of(load_knowledge(kb_folder()))
    file = read_predictions(path)
    models: dict[str, Callable[[Prediction], str | None]] = {
        "as predicted": lambda line: line.text,
        'always "normal"': lambda line: _says(sentences, line, "normal"),
        "always right": lambda line: _says(sentences, line, line.class_id),
    }
    print(f"{len(file.predictions)} videos of {path}")
    print(f"{'SBERT, macro average':21}" + "".join(f"  {name:>6}" for name in COLUMNS))
    for name, says in models.items():
        lines = tuple(line.model_copy(update={"text": says(line)}) for line in file.predictions)
        row = _row(replace(file, predictions=lines), sentences)
        print(f"{name:21}" + "".join(f"  {_shown(row[column]):>6}" for column in COLUMNS))


def _says(sentences: Sentences, line: Prediction, class_id: str) -> str:
    from physprior import verdict

    taught = sentences.classes[line.category][class_id].taught[0]
    return verdict.render(class_id != "normal", taught)


def _row(file: Predictions, sentences: Sentences) -> dict[str, Estimate]:
    from physprior.eval.explanations.encoder import load_encoder
    from physprior.eval.explanations.evaluation import sbert_scores
    from physprior.eval.explanations.items import items_of
    from physprior.eval.explanations.means import earned, summarise
    from physprior.eval.explanations.sbert import score_sbert

    items = items_of(file, sentences)
    scores = sbert_scores(file.path, score_sbert(items, load_encoder(), sentences), items)
    kept = summarise(earned(scores.result.values("max"), items), items)
    found = scores.best.macro
    return {
        "SBERT": found["all"],
        "right": found["right"],
        "wrong": found["wrong"],
        "anom.": found["anomalous"],
        "earned": kept.macro["anomalous"],
        "copied": scores.copied_macro,
    }


def _shown(estimate: Estimate) -> str:
    return "n/a" if estimate.value is None else f"{estimate.value:.3f}"


if __name__ == "__main__":
    main()
