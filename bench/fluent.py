"""What a model would score in SBERT that says a taught sentence to everything, beside a real one.

    python bench/fluent.py physprior-demo/report-multi_turn/test.jsonl

The texts of a predictions file are replaced: by *normal* with one taught sentence a category, and
by the true verdict with a taught sentence of the true class. Prints the macro averages of each by
verdict, and what ``physprior score`` says of the first of these; it stands in docs/explanations.md.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from physprior.eval.explanations.evaluation import Explanations
    from physprior.eval.explanations.items import Sentences
    from physprior.eval.predictions import Prediction, Predictions

NORMAL = 'always "normal"'
COLUMNS = ("SBERT", "right", "wrong", "anom.", "earned", "copied")


def main() -> None:
    """Print the table of a predictions file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("predictions", type=Path, help="a predictions file with texts")
    path = parser.parse_args().predictions
    os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    from physprior.cli.console import paragraph, table
    from physprior.eval.explanations.items import sentences_of
    from physprior.eval.predictions import read_predictions
    from physprior.eval.report.explained_words import readings
    from physprior.knowledge.load import load_knowledge
    from physprior.paths import kb_folder

    sentences = sentences_of(load_knowledge(kb_folder()))
    file = read_predictions(path)
    models: dict[str, Callable[[Prediction], str | None]] = {
        "as predicted": lambda line: line.text,
        NORMAL: lambda line: _says(sentences, line, "normal"),
        "always right": lambda line: _says(sentences, line, line.class_id),
    }
    found = {
        name: _scored(replace(file, predictions=tuple(_saying(file, says))), sentences)
        for name, says in models.items()
    }
    print(f"{len(file.predictions)} videos of {path}\n")
    rows = [[name, *_values(one)] for name, one in found.items()]
    table(("SBERT, macro average", *COLUMNS), rows)
    print(f"\n{NORMAL}:")
    for line in readings(found[NORMAL]):
        paragraph(line)


def _saying(file: Predictions, says: Callable[[Prediction], str | None]) -> Iterator[Prediction]:
    for line in file.predictions:
        yield line.model_copy(update={"text": says(line)})


def _says(sentences: Sentences, line: Prediction, class_id: str) -> str:
    from physprior import verdict

    taught = sentences.classes[line.category][class_id].taught[0]
    return verdict.render(class_id != "normal", taught)


def _scored(file: Predictions, sentences: Sentences) -> Explanations:
    from physprior.eval.explanations.encoder import load_encoder
    from physprior.eval.explanations.evaluation import Explanations, sbert_scores
    from physprior.eval.explanations.items import items_of
    from physprior.eval.explanations.sbert import score_sbert

    items = items_of(file, sentences)
    scores = sbert_scores(file.path, score_sbert(items, load_encoder(), sentences), items)
    return Explanations(tuple(items), scores, ())


def _values(found: Explanations) -> list[str]:
    from physprior.eval.report.words import number

    scores = found.sbert
    assert scores is not None
    groups = [scores.best.macro[group] for group in ("all", "right", "wrong", "anomalous")]
    rest = (scores.earned.macro["anomalous"], scores.copied_macro)
    return [number(one.value) for one in (*groups, *rest)]


if __name__ == "__main__":
    main()
