"""The README of an export: how to load it, and what made it."""

from __future__ import annotations

from physprior.dataset.export.form import Format, Written
from physprior.dataset.export.manifest import ExportManifest

_PATHS = {
    "absolute": "Videos are named by where they lay on the machine that exported.",
    "relative": "Videos are named from the root of the video collection, which is not in here.",
    "copy": "Videos are named from this folder; copies of them lie in `videos/`.",
}


def readme(form: Format, written: Written, manifest: ExportManifest) -> str:
    """The README's text: front matter for ``datasets``, how to load, what made it."""
    return "\n".join(
        [
            _front_matter(written),
            f"# {form.title}: a physprior export\n",
            _contents(written, manifest),
            "## Loading\n",
            _loading(form, written),
            form.usage(written),
            f"The format is described at <{form.documented}>.\n",
            "## What made it\n",
            _origin(manifest),
        ]
    )


def _front_matter(written: Written) -> str:
    lines = ["---", "configs:", "- config_name: default", "  data_files:"]
    for split, file in written.files.items():
        lines += [f"  - split: {split}", f"    path: {file}"]
    return "\n".join([*lines, "---", ""])


def _contents(written: Written, manifest: ExportManifest) -> str:
    lines = ["| split | file | dialogues |", "|---|---|---|"]
    for split, rows in manifest.rows.items():
        file = f"`{written.files[split]}`" if split in written.files else "none"
        lines.append(f"| {split} | {file} | {rows} |")
    return "\n".join(
        [
            "Each row is one video with its dialogue; the verdict stands last. Sentences that are"
            " kept for scoring are not in here.",
            "",
            *lines,
            "",
            f"{_PATHS[manifest.paths]} Their licence is that of their collection.",
            "",
        ]
    )


def _loading(form: Format, written: Written) -> str:
    files = ", ".join(f'"{split}": "{file}"' for split, file in written.files.items())
    return f"""\
```python
from datasets import load_dataset

data = load_dataset("{form.loader}", data_files={{{files}}})
```
"""


def _origin(manifest: ExportManifest) -> str:
    rows = [
        ("physprior", f"{manifest.physprior_version}, dataset built by {manifest.built_by}"),
        ("dataset (its manifest)", f"`{manifest.dataset}`"),
        ("mode", f"`{manifest.mode}`"),
        ("split protocol", f"`{manifest.protocol}`, seed {manifest.seed}"),
        ("split", f"`{manifest.split}`"),
        ("videos", f"`{manifest.videos}`"),
    ]
    lines = ["| what | which |", "|---|---|", *(f"| {what} | {which} |" for what, which in rows)]
    lines += ["", "| category | KB entry | template | prompt |", "|---|---|---|---|"]
    lines += [
        f"| {name} | `{made.entry[:12]}` | `{made.template[:12]}` | `{made.prompt[:12]}` |"
        for name, made in manifest.categories.items()
    ]
    return "\n".join([*lines, "", "Whole hashes stand in `export.json`.", ""])
