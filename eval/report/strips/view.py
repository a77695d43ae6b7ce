"""What a model saw of videos: its sampling, and what its image processor does with a picture.

Read from the files beside its weights; neither torch nor transformers is imported for it.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from physprior.errors import CheckpointError
from physprior.eval.predictions import Header, Predictions
from physprior.eval.report.typed import places
from physprior.video.sample import Sampling
from physprior.vlm.crop import Crop

SQUEEZED = 224
"""Side of the square that whole pictures are squeezed into where nobody knows the model's crop."""
_RUN = "run.json"
_FILES = ("processor_config.json", "preprocessor_config.json")
# VideoLlavaImageProcessor's own defaults, for what a checkpoint's file leaves out.
_DEFAULTS: dict[str, Any] = {
    "do_resize": True,
    "size": {"shortest_edge": 224},
    "resample": 3,
    "do_center_crop": True,
    "crop_size": {"height": 224, "width": 224},
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
}


@dataclass(frozen=True)
class Settings:
    """What an image processor does, as ``FrameStore`` asks for it."""

    values: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """The settings by their names in ``preprocessor_config.json``."""
        return self.values


@dataclass(frozen=True)
class View:
    """Which frames of a video are shown, and how they are cut."""

    settings: Settings
    sampling: Sampling
    squeezed: bool
    """Whole pictures, squeezed into a square: nobody knows the model's own crop."""
    why: str = ""
    """Why it is not known what the model saw; empty where it is."""
    caches: tuple[Path, ...] = ()
    """Where the run's recipe kept frames."""


def find_view(predictions: Predictions, model: Path | None) -> View:
    """What the model of these predictions saw; ``model``: where its folder lies now.

    Where it is gone, or there is none: whole pictures. Raises CheckpointError where ``model`` is
    named and is not this model.
    """
    header = predictions.header
    if header.source != "predict":
        whose = "another method's" if header.source == "import" else "a baseline's"
        return _whole(header, f"the predictions are {whose}")
    reasons = []
    for folder in _places(predictions, header.model, model):
        try:
            checkpoint, caches = _checkpoint(folder, header, predictions)
            values = read_settings(checkpoint)
        except CheckpointError as error:
            if model is not None:
                raise
            reasons.append(error.message)
        else:
            return View(Settings(values), header.sampling or Sampling(), False, "", caches)
    if found := _in_hub_cache(header.model, header.base_fingerprint):
        return View(Settings(read_settings(found)), header.sampling or Sampling(), False)
    why = reasons[0] if reasons else f"the model {header.model} is not there any more"
    return _whole(header, why)


def _whole(header: Header, why: str) -> View:
    side = {"height": SQUEEZED, "width": SQUEEZED}
    values = {**_DEFAULTS, "size": side, "do_center_crop": False, "crop_size": None}
    return View(Settings(values), header.sampling or Sampling(), True, why)


def _places(predictions: Predictions, said: str, named: Path | None = None) -> Iterator[Path]:
    """The folders where a model may lie that was known as ``said``."""
    if named is not None:
        yield named
        return
    # Not Path.is_dir: it raises where the name is too long to be one.
    yield from filter(os.path.isdir, places(said, predictions.path))


def _checkpoint(
    folder: Path, header: Header, predictions: Predictions
) -> tuple[Path, tuple[Path, ...]]:
    """The checkpoint that a model's folder shows frames by, and the caches that its recipe names.

    Raises CheckpointError where it is another run, or its base cannot be found.
    """
    if not (folder / _RUN).is_file():
        return folder, ()
    run = _read_object(folder / _RUN)
    if run.get("fingerprint") != header.run_fingerprint:
        raise CheckpointError(
            f"{folder} holds another run than the one that made {predictions.path}",
            remedy="name the run folder that the predictions were made with",
        )
    caches = tuple(_caches(run, predictions))
    if run.get("tune") == "layers":
        return folder / "model", caches
    base = str(run.get("base", ""))
    for place in _places(predictions, base):
        return place, caches
    if found := _in_hub_cache(base, str(run.get("base_fingerprint", ""))):
        return found, caches
    raise CheckpointError(
        f"the base {base} of {folder} is not there any more",
        remedy="bring it back to where it was",
    )


def _caches(run: dict[str, Any], predictions: Predictions) -> Iterator[Path]:
    recipe = run.get("recipe")
    said = recipe.get("cache") if isinstance(recipe, dict) else None
    if isinstance(said, str) and said:
        yield from _places(predictions, said)


def _in_hub_cache(source: str, fingerprint: str | None) -> Path | None:
    """The folder of a hub checkpoint's files, where they are on this machine."""
    name, _, commit = (fingerprint or "").rpartition("@")
    if name != source or source.count("/") != 1:
        return None
    from huggingface_hub import try_to_load_from_cache

    for file in _FILES[::-1]:
        # A name that is none of the hub's is a ValueError.
        with contextlib.suppress(ValueError):
            found = try_to_load_from_cache(source, file, revision=commit)
            if isinstance(found, str):
                return Path(found).parent
    return None


def read_settings(checkpoint: Path) -> dict[str, Any]:
    """The settings of a checkpoint's image processor, as transformers fills them in."""
    said: dict[str, Any] | None = None
    for name in _FILES:
        if said is None and (checkpoint / name).is_file():
            found: Any = _read_object(checkpoint / name)
            said = found.get("image_processor") if name == _FILES[0] else found
    if not isinstance(said, dict):
        raise CheckpointError(
            f"{checkpoint} holds no {_FILES[1]}", remedy="fetch the checkpoint or make it again"
        )
    values = {**_DEFAULTS, **{key: said[key] for key in _DEFAULTS if said.get(key) is not None}}
    if isinstance(values["size"], int):
        values["size"] = {"shortest_edge": values["size"]}
    if isinstance(values["crop_size"], int):
        values["crop_size"] = dict.fromkeys(("height", "width"), values["crop_size"])
    try:
        Crop.of(Settings(values))
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{checkpoint} holds image settings that mean nothing: {error}",
            remedy="restore its preprocessor_config.json",
        ) from error
    return values


def _read_object(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(
            f"{path} cannot be read: {str(error) or type(error).__name__}",
            remedy="restore the file",
        ) from error
    if not isinstance(value, dict):
        raise CheckpointError(f"{path} holds no JSON object", remedy="restore the file")
    return value
