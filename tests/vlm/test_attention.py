"""Attention under autocast on a CPU: another way, the same outcome, no trace in what is saved."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from physprior.vlm import attention
from physprior.vlm.attention import FLOAT32, attend_on_cpu
from physprior.vlm.checkpoint import Checkpoint, load_checkpoint


def padded_on_the_left(tokens: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The same batch with each row's padding before it, where later tokens could look."""
    rolled = {name: values.clone() for name, values in tokens.items()}
    for row, mask in enumerate(tokens["attention_mask"]):
        lacking = int((mask == 0).sum())
        for name, values in tokens.items():
            rolled[name][row] = values[row].roll(lacking)
    return rolled


def outcome(
    checkpoint: Checkpoint, tokens: dict[str, torch.Tensor], frames: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]]:
    """Logits where a token stands, the loss, and all gradients."""
    model = checkpoint.model
    model.zero_grad()
    # Through the towers, too, which training leaves as they are.
    found = model(**tokens, pixel_values_videos=frames / 127.5 - 1, use_cache=False)
    found.loss.backward()
    gradients = {
        name: one.grad.clone() for name, one in model.named_parameters() if one.grad is not None
    }
    return found.logits.detach()[tokens["attention_mask"].bool()], found.loss.detach(), gradients


@pytest.mark.parametrize("side", ["right", "left"])
def test_logits_and_gradients_are_those_of_plain_attention(
    own_checkpoint: Checkpoint,
    tokens: dict[str, torch.Tensor],
    frames: torch.Tensor,
    side: str,
) -> None:
    assert (tokens["attention_mask"] == 0).sum() >= 5
    if side == "left":
        tokens = padded_on_the_left(tokens)
    own_checkpoint.model.requires_grad_(True)
    own_checkpoint.model.set_attn_implementation("sdpa")
    plain = outcome(own_checkpoint, tokens, frames)
    attend_on_cpu(own_checkpoint.model)
    ours = outcome(own_checkpoint, tokens, frames)
    torch.testing.assert_close(ours[0], plain[0], atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(ours[1], plain[1], atol=1e-5, rtol=1e-5)
    assert ours[2].keys() == plain[2].keys()
    assert any("video_tower" in name for name in plain[2])
    assert any("q_proj" in name for name in plain[2])
    for name, gradient in plain[2].items():
        size = float(gradient.abs().max())
        torch.testing.assert_close(
            ours[2][name], gradient, atol=1e-6 + 1e-3 * size, rtol=0, msg=name
        )


def test_padding_is_never_looked_at(
    own_checkpoint: Checkpoint, tokens: dict[str, torch.Tensor], frames: torch.Tensor
) -> None:
    attend_on_cpu(own_checkpoint.model)
    tokens = padded_on_the_left(tokens)
    other = {name: values.clone() for name, values in tokens.items()}
    other["input_ids"][tokens["attention_mask"] == 0] = 40
    assert not torch.equal(other["input_ids"], tokens["input_ids"])
    one, two = (outcome(own_checkpoint, batch, frames)[0] for batch in (tokens, other))
    assert torch.equal(one, two)


def test_under_autocast_the_language_layers_attend_in_float32(
    own_checkpoint: Checkpoint,
    tokens: dict[str, torch.Tensor],
    frames: torch.Tensor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[set[torch.dtype]] = []
    theirs = attention.sdpa_attention_forward

    def spy(module: Any, query: Any, key: Any, value: Any, *rest: Any, **named: Any) -> Any:
        found = theirs(module, query, key, value, *rest, **named)
        seen.append({one.dtype for one in (query, key, value, found[0])})
        return found

    monkeypatch.setattr(attention, "sdpa_attention_forward", spy)
    attend_on_cpu(own_checkpoint.model)
    plain = outcome(own_checkpoint, tokens, frames)
    with torch.autocast("cpu", torch.bfloat16):
        rounded = outcome(own_checkpoint, tokens, frames)
    assert seen == [{torch.float32}] * 2 * len(own_checkpoint.model.model.language_model.layers)
    # In bfloat16, a number has three digits.
    assert float(rounded[1]) == pytest.approx(float(plain[1]), rel=0.02)
    assert not torch.equal(rounded[0].float(), plain[0])


def test_what_it_hands_on_is_of_the_queries_own_precision() -> None:
    from transformers import AttentionInterface

    query, key, value = torch.randn(3, 1, 2, 5, 4, generator=torch.Generator().manual_seed(0))
    module = torch.nn.Module()
    module.is_causal = True  # type: ignore[assignment]
    attend = AttentionInterface()[FLOAT32]
    exact, _ = attend(module, query, key, value, None)
    causal = torch.nn.functional.scaled_dot_product_attention(query, key, value, is_causal=True)
    torch.testing.assert_close(exact, causal.transpose(1, 2))
    halves = [one.bfloat16() for one in (query, key, value)]
    with torch.autocast("cpu", torch.bfloat16):
        found, _ = attend(module, *halves, None)
    assert found.dtype is torch.bfloat16
    within, _ = attend(module, *(one.float() for one in halves), None)
    assert torch.equal(found, within.bfloat16())


def test_each_part_attends_in_what_is_fast_for_it(own_checkpoint: Checkpoint) -> None:
    attend_on_cpu(own_checkpoint.model)
    core = own_checkpoint.model.model
    assert core.language_model.config._attn_implementation == FLOAT32
    for tower in (core.video_tower, core.image_tower):
        assert tower.config._attn_implementation == "eager"


def test_a_saved_model_says_nothing_of_it_and_loads_without_physprior(
    own_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    attend_on_cpu(own_checkpoint.model)
    own_checkpoint.model.save_pretrained(tmp_path)
    config = (tmp_path / "config.json").read_text()
    assert "physprior" not in config
    assert "attn_implementation" not in config
    assert json.loads(config)["text_config"]["hidden_size"] == 128
    script = (
        "import sys\n"
        "from transformers import VideoLlavaForConditionalGeneration as Model\n"
        "model = Model.from_pretrained(sys.argv[1])\n"
        "print(model.model.language_model.config._attn_implementation)\n"
        "assert not [name for name in sys.modules if name.startswith('physprior')]\n"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, timeout=120
    )
    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stdout.split()[-1] == "sdpa"


def test_what_was_saved_attends_as_any_checkpoint_does(
    own_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    attend_on_cpu(own_checkpoint.model)
    own_checkpoint.model.save_pretrained(tmp_path)
    own_checkpoint.tokenizer.save_pretrained(tmp_path)
    own_checkpoint.image_processor.save_pretrained(tmp_path)
    again = load_checkpoint(tmp_path, device=torch.device("cpu")).model.model
    for part in (again.language_model, again.video_tower, again.image_tower):
        assert part.config._attn_implementation == "sdpa"
