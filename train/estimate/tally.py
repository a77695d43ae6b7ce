"""Bytes that tensors hold while a piece of torch runs, with their peak.

Works on real tensors and, under FakeTensorMode, on tensors that have a shape and no memory.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter


class Tally(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the storages that come into being inside it; what was there before counts nothing.

    A view has its tensor's storage and is not counted again. Memory that a kernel takes for
    itself while it runs is not seen.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.live = 0
        """Bytes held now."""
        self.peak = 0
        """The most since the last ``take_peak``."""
        self._known: dict[int, weakref.ref[Any]] = {}

    def take_peak(self) -> int:
        """The peak since the last call; the next one begins at what is held now."""
        peak, self.peak = self.peak, self.live
        return peak

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run an operation and note what is new in what it returns."""
        kwargs = kwargs or {}
        for tensor in tree_iter((args, kwargs)):
            if isinstance(tensor, torch.Tensor):
                self._note(tensor, counts=False)
        result = func(*args, **kwargs)
        for tensor in tree_iter(result):
            if isinstance(tensor, torch.Tensor):
                self._note(tensor, counts=True)
        self.peak = max(self.peak, self.live)
        return result

    def _note(self, tensor: torch.Tensor, *, counts: bool) -> None:
        if tensor.layout != torch.strided:
            return
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key in self._known:
            return
        size = storage.nbytes() if counts else 0
        self.live += size
        self._known[key] = weakref.ref(storage, self._forget(key, size))

    def _forget(self, key: int, size: int) -> Callable[[Any], None]:
        def gone(_: Any) -> None:
            self.live -= size
            self._known.pop(key, None)

        return gone
