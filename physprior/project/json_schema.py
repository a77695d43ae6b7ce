"""The JSON Schema of ``physprior.yaml``, for editors that complete and check as one types."""

from __future__ import annotations

from typing import Any

from physprior.knowledge.json_form import Choices, Form
from physprior.knowledge.json_schema import schema_of
from physprior.paths import DESCRIBE, recipes_folder, templates_folder
from physprior.project.schema import ProjectFile

_PROTOCOLS = {
    "supervised": "Each class's videos are shared out by fractions: to train, validate and test.",
    "official": "The folders train and test of the videos say it, as Phys-AD has them.",
    "weak": "Normal videos train, with k anomalous ones of each class.",
    "folds": "Cross-validation: one of so many parts tests, the others train.",
}


def project_schema() -> dict[str, Any]:
    """The schema of a project file, draft-07."""
    modes = sorted(path.stem for path in templates_folder().glob("*.j2") if path.stem != DESCRIBE)
    recipes = sorted(path.stem for path in recipes_folder().glob("*.yaml"))
    form = Form(
        choices={"split.protocol": Choices(_PROTOCOLS)},
        suggestions={"mode": tuple(modes), "recipe": tuple(recipes)},
        as_typed=True,
    )
    return schema_of(ProjectFile, "a physprior project", form)
