"""With the weights that it begins with, the first language layer sees what has changed."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from physprior.pipeline.pretrain.captions import vocabulary
from physprior.pipeline.pretrain.make import SHAPE
from physprior.vlm.look_back import look_back, unit_features
from physprior.vlm.tiny import TinyShape, make_model, make_tokenizer

FRAMES = 8
BEFORE = 12
"""Tokens of the question that stand before the video."""


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return make_tokenizer(vocabulary(), 800)


def looking_back(tokenizer: Any, **changes: Any) -> Any:
    return make_model(SHAPE.model_copy(update=changes), tokenizer, 0).eval()


def first_layer(model: Any, embeddings: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """What the first layer's attention is given (normalised) and what it gives."""
    seen: dict[str, torch.Tensor] = {}
    layer = model.model.language_model.layers[0]
    hooks = [
        layer.input_layernorm.register_forward_hook(
            lambda _, given, found: seen.update(given=found)
        ),
        layer.self_attn.register_forward_hook(lambda _, given, found: seen.update(found=found[0])),
    ]
    with torch.no_grad():
        model.model.language_model(inputs_embeds=embeddings, use_cache=False)
    for hook in hooks:
        hook.remove()
    return seen["given"], seen["found"]


def tokens_of(model: Any, tokens_per_frame: int, *, size: float = 1.0) -> torch.Tensor:
    width = model.config.text_config.hidden_size
    length = BEFORE + FRAMES * tokens_per_frame + 20
    return size * torch.randn(2, length, width, generator=torch.Generator().manual_seed(0))


def by_frame(states: torch.Tensor, tokens_per_frame: int) -> torch.Tensor:
    video = states[:, BEFORE : BEFORE + FRAMES * tokens_per_frame]
    return video.unflatten(1, (FRAMES, tokens_per_frame))


@pytest.mark.parametrize("heads", [1, 2])
@pytest.mark.parametrize(("image_size", "tokens_per_frame"), [(48, 10), (32, 5)])
def test_the_first_layer_takes_away_the_same_patch_of_the_frame_before(
    tokenizer: Any, heads: int, image_size: int, tokens_per_frame: int
) -> None:
    model = looking_back(tokenizer, heads=heads, image_size=image_size)
    given, found = first_layer(model, tokens_of(model, tokens_per_frame))
    given, found = by_frame(given, tokens_per_frame), by_frame(found, tokens_per_frame)
    rest = (found[:, 1:] + given[:, :-1]).norm(dim=-1) / given[:, :-1].norm(dim=-1)
    assert rest.max() < 0.02
    # Tokens of noise have nothing in common: no other place would do.
    here = (found[:, 1:] + given[:, 1:]).norm(dim=-1) / given[:, 1:].norm(dim=-1)
    assert here.min() > 1


def test_what_does_not_change_is_taken_away_whole(tokenizer: Any) -> None:
    model = looking_back(tokenizer)
    tokens = tokens_of(model, 10)
    video = by_frame(tokens, 10)
    video[:] = video[:, :1].clone()
    video[:, 4, 3] += 1.0  # in one frame, one patch is another
    given, found = first_layer(model, tokens)
    change = by_frame(given + found, 10)[:, 1:].norm(dim=-1)
    changed = torch.zeros(FRAMES - 1, 10, dtype=torch.bool)
    changed[3:5, 3] = True  # it comes, and goes again
    assert change[:, changed].min() > 3
    assert change[:, ~changed].max() < 0.5


def test_each_head_looks_back_by_itself(tokenizer: Any) -> None:
    model = looking_back(tokenizer)
    model.set_attn_implementation("eager")
    with torch.no_grad():
        attention = model.model.language_model(
            inputs_embeds=tokens_of(model, 10), use_cache=False, output_attentions=True
        ).attentions[0]
    assert attention.shape[1] == 2
    at = torch.arange(BEFORE + 10, BEFORE + FRAMES * 10)
    assert attention[:, :, at, at - 10].amin() > 0.95


def test_no_other_layer_is_changed_and_the_same_seed_gives_the_same(tokenizer: Any) -> None:
    def made(seed: int, *, looks: bool = True) -> dict[str, torch.Tensor]:
        shape = TinyShape(
            **{**SHAPE.model_dump(), "width": 32, "layers": 2, "look_back": looks},
        )
        return dict(make_model(shape, tokenizer, seed).state_dict())

    one, again = made(3), made(3)
    assert all(torch.equal(weight, again[name]) for name, weight in one.items())
    model = make_model(SHAPE, tokenizer, 0)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    chance = torch.get_rng_state()
    look_back(model, tokens_per_frame=10, seed=9)
    assert torch.equal(torch.get_rng_state(), chance)
    changed = {
        name for name, weight in model.state_dict().items() if not torch.equal(weight, before[name])
    }
    attention = "model.language_model.layers.0.self_attn."
    # The biases depend on no chance.
    assert changed == {f"{attention}{part}_proj.weight" for part in "qkvo"}
    assert f"{attention}q_proj.bias" in made(3)
    assert f"{attention}q_proj.bias" not in made(3, looks=False)


def test_features_become_tokens_of_mean_square_1_and_keep_their_direction(tokenizer: Any) -> None:
    model = looking_back(tokenizer)
    projector = model.model.multi_modal_projector
    torch.nn.init.normal_(projector.linear_2.bias)
    features = 7 * torch.randn(20, 10, 128, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        before = projector(features)
        unit_features(model, features)
        after = projector(features)
    assert before.pow(2).mean() > 1.5 or before.pow(2).mean() < 0.7
    assert after.pow(2).mean() == pytest.approx(1.0, abs=1e-4)
    torch.testing.assert_close(after / after.norm(), before / before.norm(), atol=1e-6, rtol=1e-4)
