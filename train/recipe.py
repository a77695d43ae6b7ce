"""The training recipe: every field with its meaning and default, read from YAML, set by --set."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from physprior.errors import RecipeError
from physprior.paths import recipes_folder
from physprior.video.sample import Sampling

PartKind = Literal["component", "subject", "motion", "verdict"]
_REQUIRED = {
    "base": "the checkpoint to tune",
    "dataset": "the dataset folder",
    "out": "the run folder to make",
}
"""The fields that something has to say, in words for where nothing does."""


class Recipe(BaseModel):
    """How one run is trained. Paths are read from where the command is given."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    base: str
    """The checkpoint to tune: a folder or a hub id."""
    dataset: Path
    """The dataset folder that ``physprior build`` made."""
    out: Path
    """The run folder to make."""
    videos: Path | None = None
    """Where the videos lie, if not where the dataset says."""
    cache: Path | None = None
    """Where decoded frames are kept, to be shared by all runs; the user's cache if not said."""
    continue_from: Path | None = None
    """A finished run to start from, instead of the bare base: of the same base, tuned the same way;
    adapters of ``lora`` and ``qlora`` may be continued as each other, with the same rank."""
    only: tuple[str, ...] = ()
    """Categories to train on; all of the dataset's if none is named."""
    rehearse: float = Field(0.0, ge=0, le=1)
    """With ``only``: share of every other category's videos that is trained on too, against
    forgetting."""

    tune: Literal["lora", "qlora", "layers"] = "lora"
    """``lora``: low-rank adapters on the language layers. ``qlora``: the same over language layers
    held in 4 bits. ``layers``: those layers' own weights."""
    lora_rank: int = Field(16, ge=1)
    """Rank of each adapter."""
    lora_alpha: int = Field(32, ge=1)
    """Adapters are scaled by alpha / rank."""
    lora_dropout: float = Field(0.05, ge=0, lt=1)
    """Dropout before each adapter."""
    frozen_layers: int = Field(0, ge=0)
    """How many of the language layers, counted from the input, stay as the base has them."""

    frames: int = Field(8, ge=2)
    """Frames that the model sees of a video; the base was trained on 8."""
    sampling: Literal["uniform", "window", "burst"] = "uniform"
    """``uniform`` over the clip, over the middle ``window_seconds``, or a ``burst``: neighbours."""
    window_seconds: float | None = Field(None, gt=0)
    """Length of the window, with ``sampling: window``."""
    stride: int = Field(1, ge=1)
    """Distance between a burst's frames, in frames of the video."""
    cache_features: bool = False
    """Run the frozen vision tower once, keep its features, and train without it in memory."""

    part_weights: dict[PartKind, float] = Field(default_factory=dict)
    """How much a part's tokens count in the loss, by kind; 1 where not said. Below 1 for component,
    subject and motion, the physics, which is the same for every video, does not outweigh the
    verdict."""
    label_weight: float = Field(1.0, gt=0, lt=1e6)
    """How much the tokens of the verdict's label count, on top of their part's weight: the label is
    two tokens of the thirty of a verdict, and the only ones that the anomaly score reads."""
    epochs: float = Field(1.0, gt=0)
    """How often every video is seen."""
    batch_size: int = Field(1, ge=1)
    """Videos on a device at once."""
    gradient_accumulation: int = Field(1, ge=1)
    """Batches that make one step."""
    optimizer: Literal["adamw", "muon", "adamw_8bit", "paged_adamw_8bit"] = "adamw"
    """``adamw``, or with its state in 8 bits, paged to the computer's memory where the card's is
    full; both need bitsandbytes. ``muon``: steps that turn all directions of a weight alike."""
    learning_rate: float = Field(2e-4, gt=0)
    """Peak learning rate, on AdamW's scale; Muon's steps are made as large as AdamW's."""
    schedule: Literal["cosine", "linear", "constant_with_warmup"] = "cosine"
    """How the rate falls after the warm-up."""
    warmup: float = Field(0.03, ge=0, lt=1)
    """Share of the steps in which the rate rises from zero."""
    weight_decay: float = Field(0.0, ge=0)
    """The optimizer's decoupled weight decay."""
    max_grad_norm: float = Field(1.0, gt=0)
    """Gradients longer than this are shortened to it."""
    precision: Literal["auto", "float32", "fast"] = "auto"
    """What is computed in: ``auto`` is bfloat16 on a GPU and float32 on a CPU, ``fast`` is bfloat16
    on a CPU, too, where that has instructions for it. The weights that train are float32 always."""
    gradient_checkpointing: bool = False
    """Compute activations again in the backward pass: slower, far less memory."""
    seed: int = Field(0, ge=0)
    """Seeds the adapters, the order of the videos and the dropout."""

    validate_every: int = Field(200, ge=0)
    """Steps between two validations, and one at the end; 0 for none."""
    keep: Literal["best", "last"] = "best"
    """Which weights the run ends with: those of the best validation, or the last ones."""
    patience: int | None = Field(None, ge=1)
    """Validations in a row without gain after which training stops early; never if not said."""
    gradient_every: int = Field(200, ge=0)
    """Steps between two measurements of each part's gradient on a fixed batch; 0 for none."""

    save_every: int = Field(50, ge=1)
    """Steps between two checkpoints, from which a killed run goes on."""
    log_every: int = Field(5, ge=1)
    """Steps between two lines of the log."""
    report_to: tuple[Literal["tensorboard", "wandb", "trackio"], ...] = ()
    """Trackers that get what is logged; each has to be installed."""
    workers: int = Field(2, ge=1)
    """Processes that decode videos into the cache."""
    clip_limit_s: float = Field(60.0, gt=0)
    """The longest that decoding one video may take, in seconds, before it is given up."""
    loader_workers: int = Field(0, ge=0)
    """Processes that read cached frames ahead of a training step; 0: the training process does."""
    strict: bool = False
    """Treat a video that cannot be used as an error, instead of skipping and listing it."""

    @field_validator("part_weights")
    @classmethod
    def _weights_are_positive(cls, weights: dict[PartKind, float]) -> dict[PartKind, float]:
        if any(not 0 < weight < 1e6 for weight in weights.values()):
            raise ValueError("a part's weight must be above 0")
        return weights

    @model_validator(mode="after")
    def _no_setting_without_effect(self) -> Recipe:
        self.sample()
        if self.rehearse and not self.only:
            raise ValueError("rehearse belongs to only: without it every category is trained on")
        if self.patience is not None and not self.validate_every:
            raise ValueError("patience counts validations, and validate_every is 0")
        return self

    def sample(self) -> Sampling:
        """The sampling that the recipe asks for."""
        return Sampling(
            kind=self.sampling,
            frames=self.frames,
            window_seconds=self.window_seconds,
            stride=self.stride,
        )


def read_recipe(
    source: str | None,
    overrides: Sequence[str] = (),
    *,
    defaults: Callable[[str], Any] | None = None,
) -> Recipe:
    """Read a recipe file, or a shipped recipe by its name, with ``key=value`` overrides.

    ``defaults`` is asked for each required field that neither says. Raises RecipeError with every
    problem at once, or with the shipped recipes' names where ``source`` is None or names no recipe.
    """
    path = _find(source)
    values = _parse(path)
    for override in overrides:
        key, separator, text = override.partition("=")
        if not separator:
            raise RecipeError(
                f"--set {override} has no value", remedy="write it as --set key=value"
            )
        values[key.strip()] = _parse_value(text, override)
    if defaults is not None:
        values |= {field: defaults(field) for field in _REQUIRED if field not in values}
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        problems = "\n".join(f"  {_say(problem)}" for problem in error.errors())
        raise RecipeError(
            f"the recipe {path} cannot be followed:\n{problems}",
            remedy="mend the file, or set a field with --set key=value; docs/recipes.md lists them",
        ) from error


def _find(source: str | None) -> Path:
    names = ", ".join(sorted(known.stem for known in recipes_folder().glob("*.yaml")))
    remedy = f"name a YAML file, or a shipped recipe: {names}"
    if source is None:
        raise RecipeError("no recipe was named", remedy=remedy)
    path = Path(source)
    if path.is_file():
        return path
    shipped = recipes_folder() / f"{source}.yaml"
    if shipped.is_file():
        return shipped
    raise RecipeError(f"there is no recipe {source}", remedy=remedy)


def _parse(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        # ValueError: bytes that are no UTF-8, and what YAML takes for a date that there is not.
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise RecipeError(f"{where}: {problem}", remedy="mend the YAML") from error
    if not isinstance(values, dict):
        raise RecipeError(f"{path} holds no fields", remedy="write it as 'key: value' lines")
    return values


def _parse_value(text: str, override: str) -> Any:
    try:
        return yaml.safe_load(text)
    except (ValueError, yaml.YAMLError) as error:
        raise RecipeError(f"--set {override} is no YAML value", remedy="quote it") from error


def _say(problem: Any) -> str:
    where = ".".join(str(step) for step in problem["loc"])
    if problem["type"] == "extra_forbidden":
        close = difflib.get_close_matches(where, Recipe.model_fields, n=1)
        hint = f"; did you mean '{close[0]}'?" if close else ""
        return f"'{where}' is no field of a recipe{hint}"
    if problem["type"] == "missing":
        return f"'{where}' is missing: {_meaning(where)}"
    said = str(problem["msg"]).removeprefix("Value error, ")
    return f"{where or 'sampling'}: {said}" + (f" (it is {problem['input']!r})" if where else "")


def _meaning(field: str) -> str:
    return _REQUIRED.get(field, "it has no default")
