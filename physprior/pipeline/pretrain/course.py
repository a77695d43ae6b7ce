"""Pre-training: a random tiny Video-LLaVA learns to see generic motion and to talk about it.

Two things are taught at once. What moves in each patch is read off the language layers half way up,
by a linear layer that is thrown away afterwards: many numbers a video, without which attention
takes very long to find out that frames can be compared. And a short talk about the moving shapes is
learned as any dialogue is. Scenes never repeat; step ``n`` of a seed has always the same ones.
"""

from __future__ import annotations

import contextlib
import copy
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch.nn import functional

from physprior import files, fingerprint
from physprior.errors import OutputError
from physprior.pipeline.pretrain.draws import Batch, Draws
from physprior.pipeline.pretrain.motions import FRAMES
from physprior.pipeline.pretrain.optimise import MUON_RATE, Optimiser
from physprior.pipeline.pretrain.paint import FLOW
from physprior.vlm.attention import attend_on_cpu
from physprior.vlm.look_back import unit_features
from physprior.vlm.precision import fast_bfloat16
from physprior.vlm.tokens import IGNORE

_FLOW_WEIGHT = 2.0


@dataclass(frozen=True)
class Schedule:
    """How long and how fast it is learned."""

    steps: int = 3000
    """Steps; the rate rises for 100, stays for half of them all, and falls to nearly nothing."""
    batch: int = 48
    """Videos a step, all of them new."""
    rate: float = 1e-3
    """Peak learning rate of AdamW; at twice that the difference between frames was lost again.
    Muon's is MUON_RATE times as high."""
    seed: int = 0
    save_every: int = 200
    """Steps between two states from which a stopped pre-training goes on."""

    def rate_at(self, step: int) -> float:
        """The learning rate of a step."""
        rising = min(1.0, (step + 1) / 100)
        falling = min(1.0, max(0.02, 2 * (1 - step / self.steps)))
        return self.rate * rising * falling


@dataclass(frozen=True)
class Measured:
    """What one step has shown."""

    text: float
    """Nats a token of the talk."""
    flow: float
    """Error of the motion in patches, as a share of what saying the mean would have."""
    right: float
    """Share of the talk's tokens guessed right."""


class Pretraining:
    """A model on its way, with its optimiser. ``model``: a Video-LLaVA that looks back, on the
    device where it is to learn.

    ``workers``: processes that draw scenes ahead; 0: each step's are drawn when it begins.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        image_processor: Any,
        schedule: Schedule,
        *,
        workers: int = 0,
    ) -> None:
        self.model = model
        self.schedule = schedule
        self.step = 0
        self._workers = workers
        self._device: torch.device = next(model.parameters()).device
        self._video = model.config.video_token_index
        self._draw = Draws(
            model.config, tokenizer, image_processor, batch=schedule.batch, seed=schedule.seed
        )
        width = model.config.text_config.hidden_size
        with torch.random.fork_rng():
            torch.manual_seed(schedule.seed)
            self._reader = torch.nn.Sequential(
                torch.nn.LayerNorm(width), torch.nn.Linear(width, len(FLOW))
            ).to(self._device)
        # The image tower is the video tower once more: it is never shown anything here.
        weights = [
            (name, parameter)
            for name, parameter in model.named_parameters()
            if ".image_tower." not in f".{name}."
        ]
        self._optimiser = Optimiser(weights, self._reader.parameters(), schedule.rate_at)
        self._made_of = fingerprint.of_json(
            [
                vars(schedule),
                ["muon", MUON_RATE],
                tokenizer.get_vocab(),
                model.config.vision_config.to_dict(),
                model.config.text_config.to_dict(),
            ]
        )
        """What a state must be of, to be gone on with."""
        self._half: dict[str, torch.Tensor] = {}
        layers = model.model.language_model.layers
        layers[len(layers) // 2 - 1].register_forward_hook(self._keep)
        self._bfloat16 = fast_bfloat16()
        if self._device.type == "cpu":
            attend_on_cpu(model)
        with torch.no_grad():
            unit_features(model, self._features(self._draw(0).frames.to(self._device)))

    def run(
        self, state: Path, progress: Callable[[int, int, Measured], None] = lambda *_: None
    ) -> None:
        """Learn to the end, from ``state`` where an earlier start left one.

        Raises OutputError where the state is of another schedule or cannot be written.
        """
        if state.is_file():
            self._resume(state)
        self.model.train()
        steps = range(self.step + 1, self.schedule.steps + 1)
        for batch in self._draw.of(steps, self._workers):
            measured = self._learn(batch.to(self._device))
            self.step += 1
            progress(self.step, self.schedule.steps, measured)
            if self.step % self.schedule.save_every == 0:
                self._save(state)
        self.model.eval()
        core = self.model.model
        core.image_tower = copy.deepcopy(core.video_tower)

    def _features(self, frames: torch.Tensor) -> torch.Tensor:
        states = self.model.model.video_tower(frames.flatten(0, 1), output_hidden_states=True)
        found: torch.Tensor = states.hidden_states[self.model.config.vision_feature_layer]
        return found

    def _learn(self, batch: Batch) -> Measured:
        from transformers.modeling_outputs import BaseModelOutputWithPooling

        targets = batch.labels[:, 1:]
        columns = (targets != IGNORE).any(dim=0).nonzero().squeeze(1)
        targets = targets[:, columns]
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._bfloat16):
            seen = self.model.model.multi_modal_projector(self._features(batch.frames))
            logits = self.model(
                input_ids=batch.ids,
                # Padding stands on the right, where no token that counts looks.
                attention_mask=None,
                logits_to_keep=columns,
                use_cache=False,
                mm_encoder_outputs={"video": BaseModelOutputWithPooling(pooler_output=seen)},
            ).logits.float()
            found = self._reader(self._half["states"][batch.ids == self._video]).float()
        text = functional.cross_entropy(
            logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORE
        )
        found = found.view(len(batch.ids), FRAMES, -1, len(FLOW))[:, 1:, 1:]
        flow = functional.smooth_l1_loss(found, batch.flow)
        mean = batch.flow.mean(dim=(0, 1, 2)).expand_as(batch.flow)
        loss = text + _FLOW_WEIGHT * flow
        self._optimiser.step(loss, self.step)
        right = (logits.argmax(dim=-1) == targets)[targets != IGNORE].float().mean()
        share = flow.detach() / functional.smooth_l1_loss(mean, batch.flow)
        return Measured(text.item(), share.item(), right.item())

    def _keep(self, _: Any, __: Any, output: Any) -> None:
        self._half["states"] = output[0] if isinstance(output, tuple) else output

    def _save(self, state: Path) -> None:
        part = state.with_name(state.name + ".part")
        with files.writing_to(state):
            torch.save(
                {
                    "made_of": self._made_of,
                    "step": self.step,
                    "model": self.model.state_dict(),
                    "reader": self._reader.state_dict(),
                    "optimiser": self._optimiser.state_dict(),
                },
                part,
            )
            part.replace(state)

    def _resume(self, state: Path) -> None:
        held = _read(state)
        if held["made_of"] != self._made_of:
            raise OutputError(
                f"{state} is of a pre-training with other settings, or with other words",
                remedy="give the same settings and texts, or remove that file to begin anew",
            )
        self.step = held["step"]
        self.model.load_state_dict(held["model"])
        self._reader.load_state_dict(held["reader"])
        self._optimiser.load_state_dict(held["optimiser"])


def _read(state: Path) -> dict[str, Any]:
    # What is no archive, or half of one, torch reads as something else and fails in many ways.
    if zipfile.is_zipfile(state):
        with contextlib.suppress(RuntimeError, UnpicklingError, EOFError, KeyError):
            held = torch.load(state, map_location="cpu", weights_only=True)
            if isinstance(held, dict) and "made_of" in held:
                return held
    raise OutputError(
        f"{state} cannot be read: it is damaged, or no state of a pre-training",
        remedy="remove that file to begin anew",
    )
