"""What a model is not asked: other frames or prompts than it was trained on, more than it holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from physprior.dialogue import Dialogue, History
from physprior.errors import PredictionError
from physprior.video.sample import Sampling
from physprior.vlm.checkpoint import Checkpoint
from physprior.vlm.run_folder import RunRecord


def own_sampling(source: str, run: RunRecord | None, asked: Sampling | None) -> Sampling:
    """Which frames a model is shown: a run's own; a bare checkpoint's as asked, else the default.

    Raises PredictionError where others than the run's are asked for.
    """
    if run is None:
        return asked or Sampling()
    if asked not in (None, run.sampling):
        raise PredictionError(
            f"{source} was trained on other frames than are asked for",
            remedy="leave the sampling out: a run knows its own",
        )
    return run.sampling


def changed_prompts(run: RunRecord | None, prompts: Mapping[str, str]) -> tuple[str, ...]:
    """The categories, sorted, whose prompt differs from the one that the run was trained on.

    ``prompts``: the prompt's hash by category.
    """
    # A category that the run never saw has no trained prompt to differ from.
    trained = run.prompts if run else {}
    return tuple(
        category
        for category, prompt in sorted(prompts.items())
        if trained.get(category, prompt) != prompt
    )


def refuse_changed(
    source: str, run: RunRecord | None, mode: str, changed: Sequence[str], *, remedy: str
) -> None:
    """Raise PredictionError where there are ``changed`` prompts.

    ``mode``: in which they are asked; ``remedy``: what to do but to accept them.
    """
    if run is not None and changed:
        raise PredictionError(
            f"the prompts of {', '.join(changed)} in mode {mode} differ from those that {source} "
            f"was trained on (in mode {run.mode})",
            remedy=f"{remedy}, or pass --accept-changed-prior, which is recorded",
        )


def answer_limit(history: History, score_only: bool, max_new_tokens: int) -> int | None:
    """Most tokens of an answer; None where the model says nothing.

    With a generated history it speaks even where only the score is wanted, and the limit decides
    that score.
    """
    return None if score_only and history == "given" else max_new_tokens


def refuse_long(
    checkpoint: Checkpoint, frames: int, dialogues: Iterable[Dialogue], limit: int | None
) -> None:
    """Raise PredictionError where a prompt and its answer are longer than the model's context.

    ``limit``: most tokens of an answer; None where a label alone is asked for. With a generated
    history the given one is what is counted: what the model will say is not known.
    """
    context = checkpoint.model.config.text_config.max_position_embeddings
    encoder = checkpoint.encoder(frames)
    for dialogue in dialogues:
        prompt, labels = encoder.labels(dialogue)
        answer = max(map(len, labels)) if limit is None else limit
        if len(prompt) + answer > context:
            raise PredictionError(
                f"the prompt of {dialogue.category} has {len(prompt):,} tokens, and an answer may "
                f"have {answer:,}; the model holds {context:,}",
                remedy=("" if limit is None else "lower --max-new-tokens, ")
                + "take fewer frames, or shorten the prior",
            )
