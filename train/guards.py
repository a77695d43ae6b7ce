"""What is looked at before the first step, and after the last: that the right weights move.

What goes wrong here goes wrong in silence: towers that were not frozen, adapters that never move,
a batch that does not fit after an hour.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from physprior.errors import TrainingError

_CHUNK = 1 << 24


def describe_trained(model: Any, trained: list[str]) -> list[str]:
    """What trains, for a person: the count, then the names, folded by layer."""
    sizes = {name: parameter.numel() for name, parameter in model.named_parameters()}
    count = sum(sizes[name] for name in trained)
    share = count / sum(sizes.values())
    return [
        f"{count:,} parameters train in {len(trained)} tensors ({share:.2%} of the model):",
        *(f"  {line}" for line in fold_names(trained)),
    ]


def fold_names(names: list[str]) -> list[str]:
    """Names as few patterns: ``layers.{0..31}.self_attn.{q,k,v,o}_proj.lora_{A,B}.weight``."""
    folded = _fold(names, re.compile(r"(?<=\.)\d+(?=\.)"), _ranges)
    for part in (r"(?<=\.)[a-z]+(?=_proj\b)", r"(?<=\.lora_)[AB]\b"):
        folded = _fold(folded, re.compile(part), lambda own: own)
    return folded


def _fold(
    names: list[str], part: re.Pattern[str], tell: Callable[[list[str]], Iterable[str]]
) -> list[str]:
    # Names that differ in the first place where the pattern is found, and nowhere else, as one.
    found: dict[tuple[str, str], list[str]] = {}
    for name in names:
        match = part.search(name)
        key = (name[: match.start()], name[match.end() :]) if match else (name, "")
        found.setdefault(key, []).extend([match[0]] if match else [])
    return [
        before + (",".join(own) if len(own) < 2 else "{" + ",".join(tell(own)) + "}") + after
        for (before, after), own in found.items()
    ]


def _ranges(numbers: list[str]) -> Iterator[str]:
    start = previous = None
    for number in [*sorted(map(int, numbers)), None]:
        if previous is not None and (number is None or number != previous + 1):
            yield str(start) if start == previous else f"{start}..{previous}"
            start = number
        start = number if start is None else start
        previous = number


@dataclass(frozen=True)
class Snapshot:
    """Checksums of a model's parameters: which ones trained, and what each one was."""

    trained: dict[str, tuple[int, ...]]
    frozen: dict[str, tuple[int, ...]]

    @classmethod
    def of(cls, model: Any) -> Snapshot:
        """Of every parameter, by its bits."""
        sums: dict[bool, dict[str, tuple[int, ...]]] = {True: {}, False: {}}
        for name, parameter in model.named_parameters():
            sums[parameter.requires_grad][name] = checksum(parameter)
        return cls(sums[True], sums[False])

    def compare(self, model: Any, *, steps: int) -> tuple[int, int]:
        """(trained tensors that have moved, frozen ones that have not), after ``steps`` steps.

        Raises TrainingError where a frozen one has moved by a bit, or no trained one has moved.
        """
        now = Snapshot.of(model)
        if touched := sorted(
            name for name, was in self.frozen.items() if now.frozen.get(name) != was
        ):
            raise TrainingError(
                f"{len(touched)} weights that should be frozen have changed, such as {touched[0]}",
                remedy="do not use this run; report it, with the recipe",
            )
        moved = sum(now.trained[name] != was for name, was in self.trained.items())
        # The first step of a warm-up may have a rate of zero.
        if not moved and steps > 1:
            raise TrainingError(
                f"after {steps} steps none of the {len(self.trained)} trained weights has moved",
                remedy="raise learning_rate in the recipe; report it if that does not help",
            )
        return moved, len(self.frozen)


@torch.no_grad()
def checksum(tensor: torch.Tensor) -> tuple[int, ...]:
    """A checksum of a tensor's bits and of their order, computed where it lies."""
    local = tensor.to_local() if hasattr(tensor, "to_local") else tensor.detach()
    integers = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
    bits = local.contiguous().view(integers[local.element_size()]).flatten()
    plain = ordered = 0
    for start in range(0, len(bits), _CHUNK):
        chunk = bits[start : start + _CHUNK].long()
        places = torch.arange(1, len(chunk) + 1, device=chunk.device) % 65521
        plain += int(chunk.sum())
        ordered += int((chunk * places).sum()) * (1 + start // _CHUNK)
    return (len(bits), plain, ordered)


def rehearse(run: Callable[[], torch.Tensor], model: Any, longest: str) -> None:
    """One real forward and backward on the longest record, before the first step.

    ``run`` gives its loss. Leaves no gradient and no random number behind. Raises TrainingError
    where memory does not suffice: in the first minute, and not after an hour.
    """
    devices = [torch.cuda.current_device()] if torch.cuda.is_available() else []
    try:
        with torch.random.fork_rng(devices=devices):
            loss = run()
            torch.autograd.backward(loss)
    except torch.OutOfMemoryError as error:
        raise TrainingError(
            f"the longest record, {longest}, does not fit into the device's memory: "
            f"{str(error).splitlines()[0]}",
            remedy="lower batch_size (and raise gradient_accumulation), set "
            "gradient_checkpointing: true, or use tune: qlora; 'physprior model estimate' says "
            "what fits",
        ) from error
    if not any(p.grad is not None and bool(p.grad.any()) for p in model.parameters()):
        raise TrainingError(
            f"the longest record, {longest}, gives no weight a gradient",
            remedy="report it, with the recipe: nothing would be learned",
        )
    model.zero_grad(set_to_none=True)
