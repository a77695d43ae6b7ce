"""A sentence encoder: sentences in, unit vectors out, each distinct sentence embedded once.

The packaged one, all-MiniLM-L6-v2, needs no network; any other sentence-transformers model can be
named by its folder or by its name on the hub.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import metadata
from typing import TYPE_CHECKING, Any

from physprior.errors import CheckpointError
from physprior.eval.explanations.encoder_folder import EncoderFolder, find_encoder

if TYPE_CHECKING:
    import numpy as np
    from sentence_transformers import SentenceTransformer

BATCH_SIZE = 32
_LIBRARIES = ("sentence-transformers", "transformers", "tokenizers", "torch")
_PROBE = "The spring returns the lever."
_APART = 1e-4
_REMEDY = "fetch or save it again, or leave --encoder out for the packaged one"
_CHARACTERS_A_TOKEN = 32
_TOKENS_OF_ANY = 2048

Progress = Callable[[int, int], None]
"""Called with how many sentences are embedded, and of how many."""


@dataclass(frozen=True)
class Encoder:
    """A loaded sentence encoder."""

    folder: EncoderFolder
    """Where it lies."""
    max_tokens: int | None
    """How much of a sentence it reads, in tokens; None where it has no limit."""
    model: Any = field(repr=False)
    """The ``SentenceTransformer``, in float32."""
    _counted: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Tokens of the texts that were met: counting takes as long as the model's own reading."""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.folder.name

    @cached_property
    def hash(self) -> str:
        """Hash over its weights, configuration and vocabulary."""
        return self.folder.hash

    @property
    def libraries(self) -> dict[str, str]:
        """Versions of the libraries that it is computed with."""
        return library_versions()

    def encode(
        self,
        sentences: Sequence[str],
        *,
        batch_size: int = BATCH_SIZE,
        progress: Progress | None = None,
    ) -> np.ndarray:
        """A unit row for each sentence: float32, (n, d).

        Each distinct sentence is embedded once, in an order that depends on them alone. In another
        batch a row is rounded otherwise, by less than 1e-6 in a cosine. What is longer than
        ``max_characters`` is cut there before the tokenizer sees it. Raises CheckpointError where
        the encoder gives numbers that are not finite.
        """
        import numpy as np

        distinct = {sentence: self._read(sentence) for sentence in dict.fromkeys(sentences)}
        texts = sorted(set(distinct.values()))
        lengths = self._tokens(texts) or [len(text) for text in texts]
        texts = [text for _, text in sorted(zip(lengths, texts, strict=True))]
        found = []
        for start in range(0, len(texts), batch_size):
            found.append(self._embed(texts[start : start + batch_size]))
            if progress:
                progress(min(start + batch_size, len(texts)), len(texts))
        if not found:
            return np.zeros((0, 0), np.float32)
        places = {text: place for place, text in enumerate(texts)}
        return np.concatenate(found)[[places[distinct[sentence]] for sentence in sentences]]

    def cuts(self, sentences: Sequence[str]) -> list[bool]:
        """Whether the end of each sentence is beyond what the encoder reads."""
        read = [self._read(sentence) for sentence in sentences]
        beyond = [len(text) < len(sentence) for sentence, text in zip(sentences, read, strict=True)]
        if self.max_tokens is None or (tokens := self._tokens(read)) is None:
            return beyond
        most = self.max_tokens
        return [cut or count > most for cut, count in zip(beyond, tokens, strict=True)]

    @property
    def max_characters(self) -> int:
        """Where a sentence is cut: far beyond what its tokens fill in any language."""
        return _CHARACTERS_A_TOKEN * (self.max_tokens or _TOKENS_OF_ANY)

    def _read(self, sentence: str) -> str:
        # Half a surrogate pair, which JSON can hold, is nothing that a tokenizer takes.
        return sentence[: self.max_characters].encode("utf-8", "replace").decode("utf-8")

    def _tokens(self, texts: Sequence[str]) -> list[int] | None:
        """Tokens of each text, with what the encoder puts around it; None where nobody can say."""
        tokenizer = getattr(self.model, "tokenizer", None)
        if tokenizer is None or not texts:
            return None
        from transformers import PreTrainedTokenizerBase

        if not isinstance(tokenizer, PreTrainedTokenizerBase):
            return None
        prompt = self.model.prompts.get(self.model.default_prompt_name) or ""
        new = [text for text in dict.fromkeys(texts) if text not in self._counted]
        if new:
            rows = tokenizer(
                [prompt + text for text in new],
                truncation=False,
                padding=False,
                return_attention_mask=False,
                return_token_type_ids=False,
                verbose=False,
            )["input_ids"]
            self._counted.update(zip(new, map(len, rows), strict=True))
        return [self._counted[text] for text in texts]

    def _embed(self, texts: list[str]) -> np.ndarray:
        import numpy as np

        try:
            rows = self.model.encode(
                texts,
                batch_size=len(texts),
                convert_to_numpy=True,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        except RuntimeError as error:  # Of memory, CPU and accelerator each say it in their way.
            if "memory" not in str(error):
                raise
            raise CheckpointError(
                f"{len(texts)} sentences at once do not fit into memory: {_first_line(error)}",
                remedy="give a smaller --batch-size",
            ) from error
        if not np.isfinite(rows).all():
            raise CheckpointError(
                f"the sentence encoder {self.name} gives numbers that are not finite",
                remedy=_REMEDY,
            )
        return np.asarray(rows, dtype=np.float32)


def load_encoder(name: str | None = None, *, device: str | None = None) -> Encoder:
    """Load the packaged encoder (None), or that of a folder or of a name on the hub.

    ``device``: the accelerator where there is one if None. Raises CheckpointError where it cannot
    be loaded.
    """
    return load_from(find_encoder(name), device=device)


def load_from(folder: EncoderFolder, *, device: str | None = None) -> Encoder:
    """Load an encoder that was found. Raises CheckpointError where it cannot be loaded."""
    chosen = _device(device)
    model = _loaded(folder, chosen, seed=0)
    if not folder.packaged:
        _refuse_drawn_weights(folder, model, _loaded(folder, chosen, seed=1))
    return Encoder(folder, model.max_seq_length, model)


def _loaded(folder: EncoderFolder, device: str, *, seed: int) -> SentenceTransformer:
    """The model in float32; ``seed`` decides the weights that the folder does not have."""
    import torch
    from safetensors import SafetensorError
    from sentence_transformers import SentenceTransformer

    try:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            model = SentenceTransformer(str(folder.path), device=device, local_files_only=True)
    except (
        *(OSError, ValueError, LookupError, RuntimeError, TypeError, AttributeError),
        *(ImportError, AssertionError, SafetensorError),
    ) as error:
        raise CheckpointError(
            f"the sentence encoder {folder.name} cannot be loaded: {_first_line(error)}",
            remedy=_REMEDY,
        ) from error
    return model.float().eval()


def _refuse_drawn_weights(
    folder: EncoderFolder, one: SentenceTransformer, other: SentenceTransformer
) -> None:
    """Weights that are missing are drawn at random, of which the library only warns.

    Some are never used: so it is the embeddings that must be alike.
    """
    rows = [model.encode([_PROBE], show_progress_bar=False) for model in (one, other)]
    if abs(rows[0] - rows[1]).max() > _APART:
        raise CheckpointError(
            f"the sentence encoder {folder.name} lacks weights: it says something else each time"
            " that it is loaded",
            remedy=_REMEDY,
        )


def library_versions() -> dict[str, str]:
    """Versions of the libraries that embeddings are computed with."""
    return {name: metadata.version(name) for name in _LIBRARIES}


def _device(name: str | None) -> str:
    import torch

    from physprior.vlm.checkpoint import default_device

    try:
        device = torch.device(name) if name else default_device()
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, ImportError) as error:
        raise CheckpointError(
            f"the device '{name}' cannot be used: {_first_line(error)}",
            remedy="name cpu, cuda or cuda:1, or leave --device out",
        ) from error
    return str(device)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
