"""``physprior data references``: the official label file as references for scoring."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from physprior.cli import console
from physprior.cli.options import Kb, open_kb, project_kb

if TYPE_CHECKING:
    from physprior.dataset.references import References
    from physprior.knowledge.load import KnowledgeBase


def references_command(
    label_file: Annotated[
        Path, typer.Argument(help="The label file (JSON), such as that of Phys-AD's own code.")
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help="The references file to write (JSON).")],
    skip_unknown: Annotated[
        bool,
        typer.Option(
            "--skip-unknown", help="Leave names out that the KB does not know, and list them."
        ),
    ] = False,
    kb: Kb = None,
) -> None:
    """Read a label file into references: sentences for scoring, placed by the KB's aliases.

    They never enter the KB. What the KB teaches in the same words is listed: a score by such a
    sentence would be worthless.
    """
    from physprior.dataset.label_file import read_labels
    from physprior.dataset.references import check_references_place, write_references
    from physprior.paths import kb_folder

    folders = [project_kb(kb) or kb_folder(), kb_folder()]
    check_references_place(out, label_file, folders)
    knowledge = open_kb(kb)
    references = read_labels(label_file, knowledge, skip_unknown=skip_unknown)
    write_references(references, out, source=label_file, kb_folders=folders)
    _print_counts(references, knowledge)
    _print_remarks(references)
    console.say(f"references: {out} ({references.hash[:12]}, of {references.source})")


def _print_counts(references: References, knowledge: KnowledgeBase) -> None:
    rows = []
    for name, classes in references.categories.items():
        known = len([*knowledge.category(name).classes()])
        texts = list(classes.values())
        rows.append(
            (
                name,
                f"{len(classes)} of {known}",
                str(sum(len(one.descriptions) for one in texts)),
                str(sum(len(one.explanations) for one in texts)),
            )
        )
    console.table(("category", "classes", "descriptions", "explanations"), rows)


def _print_remarks(references: References) -> None:
    for remark in references.remarks:
        console.remark(f"{references.source}: {remark.path}: {remark.said}")
    for name in references.unplaced:
        console.remark(f"{references.source}: {name.path}: left out: {name.reason}")
    for one in references.taught:
        console.remark(
            f"warning: {references.source}: {one.path}: the KB teaches this sentence"
            f" ({one.category}, {one.where}): “{one.sentence}”"
        )
