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
from physprior.video.sample import Sampling
from physprior.vlm.load import LoadedModel


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
    sampling = _sampling(source, model, options)
    control = options.control
    refuse_senseless(control, records, replace(options, sampling=sampling))
    tokens = None if options.score_only else options.max_new_tokens
    decisive = {
        "base": model.checkpoint.fingerprint,
        "run": run.fingerprint if run else None,
        "dataset": fingerprint.of_file(dataset.folder / "manifest.json"),
        "split": options.split,
        "history": options.history,
        # Where the model answers every turn, the limit decides the score too.
        "tokens": options.max_new_tokens if options.history == "generated" else tokens,
        "text": not options.score_only,
        "control": control,
        "sampling": sampling.model_dump(),
    }
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
        max_new_tokens=tokens,
        accepted_changed_prior=_changed(source, model, records, options.accept_changed_prior),
        total=len(records),
        provenance=provenance.describe(),
    )


def _sampling(source: str, model: LoadedModel, options: PredictOptions) -> Sampling:
    if model.run is None:
        return options.sampling or Sampling()
    if options.sampling not in (None, model.run.sampling):
        raise PredictionError(
            f"{source} was trained on other frames than are asked for",
            remedy="leave the sampling out: a run knows its own",
        )
    return model.run.sampling


def _changed(
    source: str, model: LoadedModel, records: Sequence[Record], accept: bool
) -> tuple[str, ...]:
    if model.run is None:
        return ()
    trained = model.run.prompts
    prompts = {record.category: record.prompt_hash for record in records}
    changed = tuple(
        category
        for category, prompt in sorted(prompts.items())
        # A category that was added since has no trained prompt to differ from.
        if category in trained and trained[category] != prompt
    )
    if changed and not accept:
        raise PredictionError(
            f"the prompts of {', '.join(changed)} differ from those that {source} was trained on "
            f"(trained in mode {model.run.mode})",
            remedy="train again on this dataset, restore the KB entry or template and build again, "
            "or pass --accept-changed-prior, which is recorded",
        )
    return changed
