"""The header of a predictions file: what decides the predictions, checked before any is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from physprior import fingerprint, provenance
from physprior.dataset.folder import Dataset
from physprior.dataset.records import Record
from physprior.errors import PredictionError
from physprior.eval.predict.control import refuse_senseless, wrong_priors
from physprior.eval.predict.options import PredictOptions
from physprior.eval.predictions import Header
from physprior.eval.refusals import (
    answer_limit,
    changed_prompts,
    own_sampling,
    refuse_changed,
)
from physprior.vlm.load import LoadedModel
from physprior.vlm.run_folder import RunRecord


def make_header(
    source: str,
    model: LoadedModel,
    dataset: Dataset,
    records: Sequence[Record],
    options: PredictOptions,
) -> Header:
    """The header of predictions of ``records`` with these options.

    Raises PredictionError where the options, the model and the dataset do not go together.
    """
    run = model.run
    sampling = own_sampling(source, run, options.sampling)
    control = options.control
    _refuse_blind_history(records, options)
    refuse_senseless(control, records, replace(options, sampling=sampling))
    limit = answer_limit(options.history, options.score_only, options.max_new_tokens)
    decisive = {
        "base": model.checkpoint.fingerprint,
        "run": run.fingerprint if run else None,
        "dataset": fingerprint.of_file(dataset.folder / "manifest.json"),
        "split": options.split,
        "history": options.history,
        "tokens": limit,
        "text": not options.score_only,
        "control": control,
        "sampling": sampling.model_dump(),
    }
    described = _questions(records, options)
    if described:
        decisive["described"] = described
    return Header(
        fingerprint=fingerprint.of_json(decisive),
        model=source,
        base_fingerprint=model.checkpoint.fingerprint,
        run_fingerprint=run.fingerprint if run else None,
        dataset=str(dataset.folder),
        dataset_hash=str(decisive["dataset"]),
        split_hash=dataset.manifest.split,
        split=options.split,
        mode=dataset.manifest.mode,
        history=options.history,
        control=control,
        wrong_priors=wrong_priors(records) if control == "wrong_prior" else {},
        sampling=sampling,
        max_new_tokens=limit,
        described=described,
        accepted_changed_prior=_changed(source, run, dataset, records, options),
        total=len(records),
        provenance=provenance.describe(),
    )


def _refuse_blind_history(records: Sequence[Record], options: PredictOptions) -> None:
    """Raise PredictionError where the model would tell the physics before it sees the video."""
    blind = [record for record in records if record.dialogue().video_place > 0]
    if blind and options.history == "generated":
        raise PredictionError(
            f"the video of {blind[0].id} goes with the last question: a history that the model "
            "gives itself would be told before it sees anything",
            remedy="ask with --history given",
        )


def _questions(records: Sequence[Record], options: PredictOptions) -> dict[str, str]:
    """The hash of the question for a description, by category."""
    if options.describe is None:
        return {}
    categories = sorted({record.category for record in records})
    return {name: options.describe[name].prompt_hash() for name in categories}


def _changed(
    source: str,
    run: RunRecord | None,
    dataset: Dataset,
    records: Sequence[Record],
    options: PredictOptions,
) -> tuple[str, ...]:
    prompts = {record.category: record.prompt_hash for record in records}
    changed = changed_prompts(run, prompts)
    if not options.accept_changed_prior:
        remedy = "train again on this dataset, restore the KB entry or template and build again"
        refuse_changed(source, run, dataset.manifest.mode, changed, remedy=remedy)
    return changed
