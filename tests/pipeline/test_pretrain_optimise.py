"""Which weights of a pre-training take their steps by Muon, and how large these are."""

from __future__ import annotations

import pytest
import torch

from physprior.pipeline.pretrain.optimise import MUON_RATE, Optimiser

Named = list[tuple[str, torch.nn.Parameter]]


def weight(*shape: int) -> torch.nn.Parameter:
    return torch.nn.Parameter(torch.zeros(shape))


def moved(named: Named, others: list[torch.nn.Parameter], rate: float) -> None:
    optimiser = Optimiser(named, others, lambda _: rate)
    torch.manual_seed(0)
    weights = [*(one for _, one in named), *others]
    aims = [torch.randn(one.shape) for one in weights]
    loss = torch.stack([(one - aim).pow(2).sum() for one, aim in zip(weights, aims, strict=True)])
    optimiser.step(loss.sum(), 0)


@pytest.mark.parametrize(
    ("name", "by_muon"),
    [
        ("model.language_model.layers.1.self_attn.q_proj.weight", True),
        ("model.language_model.layers.0.mlp.up_proj.weight", True),
        ("model.video_tower.vision_model.encoder.layers.0.mlp.fc1.weight", True),
        ("model.multi_modal_projector.linear_1.weight", True),
        ("model.language_model.layers.0.self_attn.q_proj.weight", False),
        ("model.language_model.embed_tokens.weight", False),
        ("lm_head.weight", False),
    ],
)
def test_matrices_of_layers_but_not_what_looks_back_are_muon_s(name: str, by_muon: bool) -> None:
    one = weight(8, 8)
    # Each kind needs a weight of its own; these are of neither name.
    matrix, other = weight(8, 8), weight(8)
    moved([(name, one), ("model.language_model.layers.9.mlp.up_proj.weight", matrix)], [other], 0.1)
    # AdamW's first step moves every number by the rate; Muon's turns all directions alike.
    is_even = bool(torch.allclose(one.abs(), torch.full_like(one, 0.1), rtol=1e-3))
    assert is_even is not by_muon
    if by_muon:
        sizes = torch.linalg.svdvals(one.detach())
        assert sizes.max() < 2 * sizes.min()


def test_muon_s_steps_are_as_large_as_adamw_s_of_a_multiple_of_the_rate() -> None:
    matrix, other = weight(64, 64), weight(64)
    moved([("model.language_model.layers.1.mlp.up_proj.weight", matrix)], [other], 0.01)
    # 0.2 is how large AdamW's steps are on the way, of its rate; the first one is all of it.
    size = matrix.detach().pow(2).mean().sqrt().item()
    assert size == pytest.approx(0.2 * MUON_RATE * 0.01, rel=0.25)
    assert other.abs().max().item() == pytest.approx(0.01, rel=1e-3)


def test_it_goes_on_from_a_state_as_if_it_had_never_stopped() -> None:
    def course(stops: bool) -> torch.Tensor:
        torch.manual_seed(1)
        matrix = torch.nn.Parameter(torch.randn(8, 8))
        named: Named = [("model.language_model.layers.1.mlp.up_proj.weight", matrix)]
        other = weight(8)
        optimiser = Optimiser(named, [other], lambda number: 0.1 / (number + 1))
        for number in range(6):
            if stops and number == 3:
                state = optimiser.state_dict()
                optimiser = Optimiser(named, [other], lambda number: 0.1 / (number + 1))
                optimiser.load_state_dict(state)
            optimiser.step(((matrix @ matrix.T + other) ** 2).sum(), number)
        return matrix.detach()

    assert torch.equal(course(stops=True), course(stops=False))
