"""The questions of a study: the validation split for thresholds, then the test split, once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from physprior import fingerprint
from physprior.dataset.manifest import MANIFEST
from physprior.errors import PredictionError
from physprior.pipeline.ablate.places import Places
from physprior.pipeline.ablate.plan import Arm, StudyPlan
from physprior.pipeline.ablate.prepare import UNTUNED, base_of, texts
from physprior.pipeline.ablate.runs import all_runs, recipe_of
from physprior.pipeline.ablate.step import Step, Voices, line, tell_skipped

if TYPE_CHECKING:
    from physprior.eval.predict import PredictOptions
    from physprior.eval.predictions import Control

BATCH = 32
"""Videos on the device at once."""
_IN_ONE = "single_turn"
"""The mode that is asked with a generated history in every study."""
_TURNS = "multi_turn"


@dataclass
class _Model:
    """The model that was asked last: it is asked several times in a row, and loaded once."""

    source: str = ""
    loaded: Any = None

    def of(self, source: str) -> Any:
        from physprior.vlm.load import load_model

        if source != self.source:
            # Let go of the one before, so that two never take memory at once.
            self.source, self.loaded = "", None
            self.source, self.loaded = source, load_model(source)
        return self.loaded


@dataclass(frozen=True)
class Questions:
    """Makes the steps in which models are asked."""

    plan: StudyPlan
    places: Places
    workers: int
    _model: _Model = field(default_factory=_Model)

    def validation(self) -> Iterator[Step]:
        """Every run on the validation split, where only scores are needed."""
        for arm, seed in all_runs(self.plan):
            options = self._options(split="val", score_only=True)
            yield self._tuned("validate", arm, seed, self.places.validation(arm, seed), options)
            if self._says_history(arm):  # its scores have a threshold of their own
                options = self._options(split="val", score_only=True, history="generated")
                generated = self.places.validation(arm, seed, generated=True)
                yield self._tuned("validate", arm, seed, generated, options)

    def test(self) -> Iterator[Step]:
        """Everything that is asked of the test split."""
        for arm, seed in all_runs(self.plan):
            yield from self._tested(arm, seed)
        for mode in UNTUNED:
            yield self._untuned(mode)
        yield self._baselines()

    def _tested(self, arm: Arm, seed: int) -> Iterator[Step]:
        out = self.places.tested(arm, seed)
        yield self._tuned("test", arm, seed, out, self._options())
        if self._says_history(arm):
            generated = self.places.tested(arm, seed, generated=True)
            yield self._tuned("test", arm, seed, generated, self._options(history="generated"))
        if seed == 0 and arm == self._controlled():
            for control in self._controls(arm):
                yield self._tuned("test", arm, seed, out, self._options().under(control))

    def _says_history(self, arm: Arm) -> bool:
        if arm.mode == _IN_ONE:
            return True
        return self.plan.history_generated and arm.name == _TURNS

    def _controlled(self) -> Arm:
        """The arm whose first run is asked under controls: ``multi_turn``, else the first one."""
        arms = self.plan.arms
        return next((arm for arm in arms if arm.name == _TURNS), arms[0])

    def _controls(self, arm: Arm) -> list[Control]:
        from physprior.eval.predict import CONTROLS, possible_controls

        dataset = self.places.dataset(arm.dataset)
        if not (dataset / MANIFEST).is_file():  # a plan that is only printed
            return list(CONTROLS)
        return possible_controls(dataset, self._options())[0]

    def _options(self, **asked: Any) -> PredictOptions:
        from physprior.eval.predict import PredictOptions

        return PredictOptions(
            batch_size=BATCH, cache=self.places.frames, workers=self.workers, **asked
        )

    def _tuned(self, kind: Any, arm: Arm, seed: int, out: Path, options: PredictOptions) -> Step:
        run = self.places.run(arm, seed)
        name = f"{arm.name}, seed {seed}, {_how(options)}"
        return self._step(kind, str(run), arm.dataset, out, options, name)

    def _untuned(self, mode: str) -> Step:
        common = Arm(name=mode, mode=mode)
        sampling = recipe_of(self.plan, self.places, common, 0).sample()
        out = self.places.untuned(mode)
        base = base_of(self.plan, self.places)
        options = self._options(sampling=sampling)
        return self._step("test", base, mode, out, options, f"the untuned base, {mode}")

    def _step(
        self, kind: Any, source: str, name: str, out: Path, options: PredictOptions, said: str
    ) -> Step:
        dataset = self.places.dataset(name)
        command = _command(source, dataset, out, options)
        return Step(kind, command, partial(self._ask, source, dataset, out, options), said)

    def _ask(
        self, source: str, dataset: Path, out: Path, options: PredictOptions, voices: Voices
    ) -> float | None:
        from physprior.eval.predict import control_path, predict

        out = control_path(out, options.control)
        if _is_made(source, dataset, out, options):
            return None
        began = time.monotonic()
        report = predict(
            source,
            dataset,
            out,
            options,
            model=self._model.of(source),
            progress=voices.progress,
        )
        tell_skipped(voices, [f"{one.video}: {one.reason}" for one in report.skipped])
        return time.monotonic() - began

    def _baselines(self) -> Step:
        dataset = self.places.dataset(next(iter(texts(self.plan))))
        frames = recipe_of(self.plan, self.places, Arm(name=_TURNS, mode=_TURNS), 0).frames

        def work(voices: Voices) -> None:
            from physprior.eval.baselines import predict_baselines

            predict_baselines(
                dataset,
                self.places.baselines,
                base=Path(base_of(self.plan, self.places)),
                cache=self.places.frames,
                frames=frames,
                workers=self.workers,
                progress=voices.progress,
            )

        return Step(
            "test", f"# baselines without training, into {self.places.baselines}", work, "baselines"
        )


def _is_made(source: str, dataset: Path, out: Path, options: PredictOptions) -> bool:
    """Whether a run's predictions are all there, so that its weights need not be loaded."""
    from physprior.eval.predictions import read_predictions
    from physprior.vlm.run_folder import is_run, read_run

    if not out.is_file() or not is_run(Path(source)):
        return False
    try:
        made = read_predictions(out)
    except PredictionError:
        return False  # predict itself goes on with the file, or says what is wrong with it
    head = made.header
    asked = (options.split, options.history, options.control)
    return (
        not made.missing
        and made.torn is None
        and not made.skipped
        and head.run_fingerprint == read_run(Path(source)).fingerprint
        and head.dataset_hash == fingerprint.of_file(dataset / MANIFEST)
        and (head.split, head.history, head.control) == asked
    )


def _how(options: PredictOptions) -> str:
    if options.control:
        return f"control {options.control}"
    return f"{options.split}{', its own history' * (options.history == 'generated')}"


def _command(source: str, dataset: Path, out: Path, options: PredictOptions) -> str:
    words: list[object] = ["predict", source, dataset, "--split", options.split, "-o", out]
    words += ["--batch-size", options.batch_size, "--cache", options.cache]
    if options.history == "generated":
        words += ["--history", options.history]
    if options.control:
        # The command asks without the control, too; what is there already it does not ask again.
        words += ["--control", options.control.replace("_", "-")]
    elif options.score_only:
        words += ["--score-only"]
    if (shown := options.sampling) is not None:
        words += ["--frames", shown.frames, "--sampling", shown.kind, "--stride", shown.stride]
        words += ["--window-seconds", shown.window_seconds] if shown.window_seconds else []
    return line(*words)
