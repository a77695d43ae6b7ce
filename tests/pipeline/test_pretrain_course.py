"""What pre-training says of its scenes, how it learns, and how it goes on when it was stopped."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from physprior.dialogue import Dialogue, Templates
from physprior.errors import OutputError
from physprior.knowledge.load import KnowledgeBase
from physprior.pipeline.pretrain.captions import Mover, movers, talk, vocabulary
from physprior.pipeline.pretrain.course import Measured, Pretraining, Schedule
from physprior.pipeline.pretrain.make import SHAPE, make_pretrained
from physprior.pipeline.pretrain.motions import CHANNELS, COURSES, FRAMES
from physprior.pipeline.pretrain.scenes import ACTOR, FORMS, RIDER, Scene, draw_scenes
from physprior.vlm.checkpoint import load_checkpoint
from physprior.vlm.tiny import TinyShape, make_model, make_processor, make_tokenizer

SMALL = SHAPE.model_copy(
    update={
        "vocabulary": 900,
        "width": 32,
        "layers": 2,
        "tower_layers": 1,
        "image_size": 24,
        "patch_size": 12,
    }
)
BRIEF = Schedule(steps=5, batch=3, save_every=2)
STEPS = re.compile(r"[0-9]( [0-9]){6}\.")


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def scene() -> Scene:
    return draw_scenes(chance(), 1500)


@pytest.fixture(scope="module")
def talks(scene: Scene) -> list[tuple[list[Mover], Dialogue]]:
    generator = chance(1)
    found = [movers(scene, number) for number in range(len(scene.rides))]
    return [(moving, talk(moving, generator)) for moving in found]


def said_in(dialogue: Dialogue) -> list[str]:
    return [part.text for turn in dialogue.turns for part in turn.parts]


def answers(dialogue: Dialogue) -> Iterator[tuple[str, str]]:
    said = said_in(dialogue)
    yield from zip(said[::2], said[1::2], strict=True)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return make_tokenizer(vocabulary(), SMALL.vocabulary)


def test_every_sentence_of_a_talk_is_known_to_the_vocabulary(
    talks: list[tuple[list[Mover], Dialogue]],
) -> None:
    known = set(vocabulary())
    said = {text for _, dialogue in talks for text in said_in(dialogue)}
    assert {text for text in said - known if not STEPS.fullmatch(text)} == {"Yes.", "No."}
    assert len(said & known) > 80


def test_every_word_of_a_talk_is_one_token_and_never_bytes(
    talks: list[tuple[list[Mover], Dialogue]], tokenizer: Any
) -> None:
    said = {text for _, dialogue in talks for text in said_in(dialogue)} | set(vocabulary())
    for text in said:
        tokens = tokenizer.tokenize(text)
        assert not [token for token in tokens if token.startswith("<")], text
        assert len(tokens) == len(re.findall(r"[A-Za-z]+|[0-9]|[^\sA-Za-z0-9]", text)), tokens


def test_the_pretrained_tokenizer_has_a_token_for_each_word_of_a_talk(
    kb: KnowledgeBase, templates: Templates
) -> None:
    from physprior.vlm.tiny import corpus

    own = make_tokenizer([*corpus(kb, templates), *vocabulary()], SHAPE.vocabulary)
    assert len(own) <= SHAPE.vocabulary
    words = set(re.findall(r"[A-Za-z]+|[0-9]", " ".join(vocabulary())))
    assert {word for word in words if own.tokenize(word) != [f"▁{word}"]} == set()


def test_how_far_a_steady_shape_comes_is_two_from_frame_to_frame(
    talks: list[tuple[list[Mover], Dialogue]],
) -> None:
    told = {
        moving[0].course: dict(answers(dialogue))["How far does it come from frame to frame?"]
        for moving, dialogue in talks
    }
    assert told["steady"] == "2 2 2 2 2 2 2."
    assert told["still"] == "0 0 0 0 0 0 0."
    assert told["return"] == "4 4 4 0 4 4 4."  # whichever way it goes
    assert told["faster"] != told["slower"] == told["faster"][-2::-1] + "."
    assert sorted(told["jump"]) == sorted("0 0 0 0 0 0 9.")
    assert set(told) == set(COURSES)


def test_yes_and_no_are_what_the_motion_shows(
    scene: Scene, talks: list[tuple[list[Mover], Dialogue]]
) -> None:
    counts: dict[tuple[str, str], int] = {}
    for number, (moving, dialogue) in enumerate(talks):
        told = list(answers(dialogue))
        for place, mover in enumerate(moving):
            way = (scene.acting, scene.riding)[place].way[number].double()
            step = way.diff()
            truth = {
                "Is its pace even?": bool(step.std() < 1e-6 < step.abs().min()),
                "Does it rest at any time?": bool((step == 0).any()),
                "Does it go back?": bool((step < 0).any()),
                "Does it change at all?": bool(step.any()),
            }
            asked, answer = told[2] if place == 0 else told[4]
            # Turning back between two frames, it is in the same place in both, and does not rest.
            if mover.course == "return" and asked == "Does it rest at any time?":
                assert answer == "No."
                continue
            assert answer == ("Yes." if truth[asked] else "No."), (mover.course, asked)
            counts[asked, answer] = counts.get((asked, answer), 0) + 1
    assert len(counts) == 2 * 4
    assert min(counts.values()) > 20


def test_a_talk_asks_about_each_mover_by_its_name(
    talks: list[tuple[list[Mover], Dialogue]],
) -> None:
    for moving, dialogue in talks:
        asked = [question for question, _ in answers(dialogue)]
        named = [f"What does the {mover.name} do?" for mover in moving]
        assert [asked[0], *asked[3:4]] == named
        assert len(asked) == (3 if len(moving) == 1 else 5)
        roles = [turn.role for turn in dialogue.turns]
        assert roles == ["user", "assistant"] * len(asked)


def test_only_shapes_with_a_motion_of_their_own_that_are_seen_are_talked_about(
    scene: Scene, talks: list[tuple[list[Mover], Dialogue]]
) -> None:
    seen = scene.opacity[:, RIDER].amax(dim=1) > 0.3
    alone = (seen & ~scene.rides).tolist()
    assert 100 < sum(alone) < len(alone) - 100
    for number, (moving, _) in enumerate(talks):
        told = [(ACTOR, scene.acting), (RIDER, scene.riding)][: 2 if alone[number] else 1]
        if alone[number] and len(moving) == 1:  # two of one name cannot be told apart
            forms = scene.form[number, [ACTOR, RIDER]].tolist()
            assert forms[0] == forms[1]
            told = told[:1]
        assert len(moving) == len(told)
        assert len({mover.name for mover in moving}) == len(moving)
        for mover, (place, motion) in zip(moving, told, strict=True):
            assert mover.name.split()[1] == FORMS[int(scene.form[number, place])]
            assert mover.course == COURSES[int(motion.course[number])]
            assert mover.channel == CHANNELS[int(motion.channel[number])]


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ((0.9, 0.1, 0.1), "red"),
        ((0.1, 0.2, 0.9), "blue"),
        ((0.0, 0.0, 0.0), "black"),
        ((1.0, 1.0, 1.0), "white"),
        ((0.15, 0.75, 0.15), "green"),
    ],
)
def test_a_shape_is_named_by_the_colour_it_has(colour: tuple[float, ...], name: str) -> None:
    one = draw_scenes(chance(), 1)
    one.colour[0, ACTOR] = torch.tensor(colour)
    one.form[0, ACTOR] = FORMS.index("star")
    assert movers(one, 0)[0].name == f"{name} star"


def test_nothing_is_said_of_any_machine_of_the_knowledge_base(kb: KnowledgeBase) -> None:
    def words(text: str) -> list[str]:
        return [word.removesuffix("s") for word in re.findall("[a-z]+", text.lower())]

    known: set[tuple[str, ...]] = set()
    for entry in kb.categories.values():
        prior = entry.prior
        named = (entry.id, entry.name, *prior.component.names, *prior.subject.parts)
        known |= {tuple(words(text)) for text in (*named, *prior.component.properties)}
    assert len(known) > 100
    said = words(" ".join(vocabulary()))
    names_of_one_word = {name[0] for name in known if len(name) == 1}
    assert names_of_one_word & set(said) == set()
    pairs = set(pairwise(said))
    assert not any(pair in pairs for name in known for pair in pairwise(name))
    plain = {"of", "the", "a", "in", "by", "at", "to", "and", "it", "from"}
    assert {word for name in known for word in name} & set(said) - plain == set()


def new_course(tokenizer: Any, schedule: Schedule, shape: TinyShape = SMALL) -> Pretraining:
    model = make_model(shape, tokenizer, schedule.seed)
    return Pretraining(model, tokenizer, make_processor(shape), schedule)


def weights(course: Pretraining) -> dict[str, torch.Tensor]:
    return {name: one.clone() for name, one in course.model.state_dict().items()}


class StoppedError(Exception):
    """What stops a pre-training in the middle."""


def stop_after(last: int) -> Callable[[int, int, Measured], None]:
    def progress(step: int, steps: int, measured: Measured) -> None:
        if step == last:
            raise StoppedError

    return progress


def test_stopped_and_gone_on_is_as_never_stopped_bit_for_bit(
    tokenizer: Any, tmp_path: Path
) -> None:
    measured: dict[str, list[tuple[int, Measured]]] = {"whole": [], "rest": []}

    def note(where: str) -> Callable[[int, int, Measured], None]:
        return lambda step, steps, found: measured[where].append((step, found))

    whole = new_course(tokenizer, BRIEF)
    whole.run(tmp_path / "whole.state", note("whole"))
    with pytest.raises(StoppedError):
        new_course(tokenizer, BRIEF).run(tmp_path / "state", stop_after(3))
    assert (tmp_path / "state").is_file()
    rest = new_course(tokenizer, BRIEF)
    rest.run(tmp_path / "state", note("rest"))
    # What was learned after the last state is learned again, and the same.
    assert [step for step, _ in measured["rest"]] == [3, 4, 5]
    assert measured["rest"] == measured["whole"][2:]
    expected = weights(whole)
    assert all(torch.equal(one, expected[name]) for name, one in weights(rest).items())


def test_another_seed_learns_other_scenes(tokenizer: Any, tmp_path: Path) -> None:
    found: list[Measured] = []
    for seed in (0, 0, 1):
        model = make_model(SMALL, tokenizer, 0)  # the same weights to begin with
        schedule = Schedule(steps=1, batch=3, seed=seed)
        course = Pretraining(model, tokenizer, make_processor(SMALL), schedule)
        course.run(tmp_path / "state", lambda step, steps, one: found.append(one))
    assert found[0] == found[1]
    assert found[0] != found[2]


def test_every_step_has_scenes_of_its_own(tokenizer: Any, tmp_path: Path) -> None:
    shown: list[torch.Tensor] = []
    course = new_course(tokenizer, BRIEF)
    tower = course.model.model.video_tower
    tower.register_forward_pre_hook(lambda _, given: shown.append(given[0].flatten(1)))
    course.run(tmp_path / "state")
    assert len(shown) == BRIEF.steps
    assert {frames.shape[0] for frames in shown} == {BRIEF.batch * FRAMES}
    frames = torch.cat(shown)
    assert len(torch.unique(frames, dim=0)) == len(frames)


def test_what_is_measured_of_the_talk_is_the_models_own_loss(
    tokenizer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("physprior.pipeline.pretrain.course.fast_bfloat16", lambda: False)
    course, found = new_course(tokenizer, Schedule(steps=1, batch=6)), list[Measured]()
    batch = course._draw(1)
    padding = batch.ids == tokenizer.pad_token_id
    assert padding.any()
    with torch.no_grad():
        whole = course.model(
            input_ids=batch.ids,
            attention_mask=(~padding).long(),
            labels=batch.labels,
            pixel_values_videos=batch.frames,
        )
    course.run(tmp_path / "state", lambda step, steps, one: found.append(one))
    assert found[0].text == pytest.approx(float(whole.loss), rel=1e-4)
    told = batch.labels[:, 1:] != -100
    guessed = whole.logits[:, :-1].argmax(dim=-1) == batch.labels[:, 1:]
    assert found[0].right == pytest.approx(float(guessed[told].float().mean()))


@pytest.mark.parametrize("changed", [{"steps": 6}, {"batch": 2}, {"rate": 2e-3}, {"seed": 1}])
def test_a_state_of_another_schedule_is_refused_in_words(
    tokenizer: Any, tmp_path: Path, changed: dict[str, Any]
) -> None:
    state = tmp_path / "out.state"
    with pytest.raises(StoppedError):
        new_course(tokenizer, BRIEF).run(state, stop_after(3))
    before = state.read_bytes()
    course = new_course(tokenizer, Schedule(**{**vars(BRIEF), **changed}))
    start = weights(course)
    with pytest.raises(OutputError, match=r"out\.state is of a pre-training with other settings"):
        course.run(state)
    assert state.read_bytes() == before
    assert all(torch.equal(one, start[name]) for name, one in weights(course).items())


def test_the_rate_rises_stays_and_falls() -> None:
    schedule = Schedule(steps=1000, rate=1.0)
    rates = [schedule.rate_at(step) for step in range(1000)]
    assert rates[0] == pytest.approx(0.01)
    assert rates[:100] == sorted(rates[:100])
    assert set(rates[100:500]) == {1.0}
    assert rates[500:] == sorted(rates[500:], reverse=True)
    assert rates[750] == pytest.approx(0.5)
    assert rates[-1] == pytest.approx(0.02)


@pytest.fixture(scope="module", params=[False, True], ids=["float32", "bfloat16"])
def learned(
    request: pytest.FixtureRequest, tokenizer: Any, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Pretraining, dict[str, torch.Tensor], list[Measured]]:
    """A course of 40 steps at a high rate, the weights it began with, and what it has shown."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "physprior.pipeline.pretrain.course.fast_bfloat16", lambda: bool(request.param)
        )
        course = new_course(tokenizer, Schedule(steps=40, batch=8, rate=0.02))
    start, found = weights(course), list[Measured]()
    state = tmp_path_factory.mktemp("learned") / "state"
    course.run(state, lambda step, steps, measured: found.append(measured))
    return course, start, found


def test_the_talk_is_learned(
    learned: tuple[Pretraining, dict[str, torch.Tensor], list[Measured]],
) -> None:
    _, _, found = learned
    early, late = found[:5], found[-5:]
    assert sum(one.text for one in early) / 5 > 6  # nats: chance among 900 tokens is 6.8
    assert sum(one.text for one in late) / 5 < 4
    assert max(one.right for one in early) < 0.1 < min(one.right for one in late)
    # Motion is not found out in so few steps, but that most of it is nought is.
    assert sum(one.flow for one in late) < 0.5 * sum(one.flow for one in found[3:8])


def test_all_that_learns_has_moved(
    learned: tuple[Pretraining, dict[str, torch.Tensor], list[Measured]],
) -> None:
    course, start, _ = learned
    # Where no gradient comes, decay alone takes this share from a weight.
    kept = 1.0
    for step in range(course.schedule.steps):
        kept *= 1 - 0.01 * course.schedule.rate_at(step)
    moved = {
        name: float((one - kept * start[name]).abs().max())
        for name, one in weights(course).items()
        if "image_tower" not in name
    }
    unmoved = {name for name, most in moved.items() if most < 0.01}
    # Features are read before the tower's last norm, and without rotary positions a bias of the
    # keys changes no attention.
    assert {name for name in unmoved if "post_layernorm" not in name} <= {
        "model.video_tower.encoder.layers.0.self_attn.k_proj.bias"
    }
    parts = ("video_tower", "projector", "language_model.layers", "embed_tokens", "lm_head")
    assert all(any(part in name for name in moved) for part in parts)


def test_the_image_tower_ends_as_the_video_tower(
    learned: tuple[Pretraining, dict[str, torch.Tensor], list[Measured]],
) -> None:
    course, start, _ = learned
    core = course.model.model
    image, video = core.image_tower.state_dict(), core.video_tower.state_dict()
    assert image.keys() == video.keys()
    assert all(torch.equal(image[name], video[name]) for name in image)
    patches = "embeddings.patch_embedding.weight"
    assert not torch.equal(
        start[f"model.image_tower.{patches}"], start[f"model.video_tower.{patches}"]
    )
    # It is a copy: what tunes one later leaves the other.
    assert core.image_tower is not core.video_tower
    assert not course.model.training


@pytest.fixture(scope="module")
def pretrained(
    tmp_path_factory: pytest.TempPathFactory, kb: KnowledgeBase, templates: Templates
) -> Path:
    """A checkpoint that was pre-trained for three steps."""
    out = tmp_path_factory.mktemp("pretrained") / "base"
    return make_pretrained(
        out,
        kb.only(("clip",)),
        templates,
        Schedule(steps=3, batch=2, save_every=2),
        shape=SMALL,
    )


def test_a_pretrained_base_loads_and_leaves_no_state_behind(pretrained: Path) -> None:
    assert sorted(path.name for path in pretrained.parent.iterdir()) == ["base"]
    stored = load_file(pretrained / "model.safetensors")
    assert {one.dtype for one in stored.values()} == {torch.float16}
    checkpoint = load_checkpoint(pretrained, device=torch.device("cpu"))
    assert {one.dtype for one in checkpoint.model.parameters()} == {torch.float32}
    assert checkpoint.tokens_per_frame == 5
    assert checkpoint.model.config.video_seq_length == FRAMES * 5
    assert all(one.isfinite().all() for one in checkpoint.model.parameters())


def test_a_folder_that_holds_something_is_refused_before_anything_is_learned(
    tmp_path: Path, kb: KnowledgeBase, templates: Templates
) -> None:
    (tmp_path / "note").touch()
    with pytest.raises(OutputError, match="is not empty"):
        make_pretrained(tmp_path, kb, templates, BRIEF, shape=SMALL, progress=stop_after(1))


def test_stopped_making_goes_on_to_the_same_checkpoint(
    pretrained: Path, tmp_path: Path, kb: KnowledgeBase, templates: Templates
) -> None:
    schedule = Schedule(steps=3, batch=2, save_every=2)
    small = kb.only(("clip",))
    out = tmp_path / "base"
    with pytest.raises(StoppedError):
        make_pretrained(out, small, templates, schedule, shape=SMALL, progress=stop_after(2))
    with pytest.raises(StoppedError):
        make_pretrained(out, small, templates, schedule, shape=SMALL, progress=stop_after(3))
    make_pretrained(out, small, templates, schedule, shape=SMALL)
    for name in ("model.safetensors", "config.json", "tokenizer.json"):
        assert (out / name).read_bytes() == (pretrained / name).read_bytes()


def test_a_pretrained_base_is_tuned_and_predicts(
    pretrained: Path, tmp_path: Path, kb: KnowledgeBase, templates: Templates
) -> None:
    from physprior.dataset.compile import build
    from physprior.eval.predict import PredictOptions, predict
    from physprior.eval.predictions import read_predictions
    from physprior.simulate import Options, simulate
    from physprior.train.recipe import Recipe
    from physprior.train.run import train

    options = Options(categories=("clip",), count=12, instances=4, size=32, frames=8)
    simulate(tmp_path / "videos", options, workers=1, progress=lambda done, total: None)
    dataset = tmp_path / "dataset"
    build(tmp_path / "videos", dataset, knowledge=kb, templates=templates, mode="multi_turn")
    recipe = Recipe(
        base=str(pretrained),
        dataset=dataset,
        out=tmp_path / "run",
        cache=tmp_path / "cache",
        tune="lora",
        batch_size=4,
        learning_rate=1e-2,
        workers=1,
    )
    train(recipe)
    scores = []
    for number, model in enumerate((pretrained, recipe.out)):
        out = tmp_path / f"{number}.jsonl"
        predict(str(model), dataset, out, PredictOptions(score_only=True, batch_size=4))
        scores.append([line.score for line in read_predictions(out).predictions])
    assert len(scores[0]) == len(scores[1]) > 0
    assert scores[0] != scores[1]


def test_a_damaged_state_is_refused_in_words(tokenizer: Any, tmp_path: Path) -> None:
    state = tmp_path / "base.state"
    for damage in (b"junk", b"", b"PK\x03\x04 half an archive"):
        state.write_bytes(damage)
        with pytest.raises(OutputError, match="cannot be read"):
            new_course(tokenizer, Schedule(steps=2, batch=2)).run(state)
        assert state.read_bytes() == damage


def test_a_state_of_other_words_is_refused(tokenizer: Any, tmp_path: Path) -> None:
    state, schedule = tmp_path / "base.state", Schedule(steps=2, batch=2, save_every=1)
    new_course(tokenizer, schedule).run(state)
    other = make_tokenizer(["Other words make another vocabulary."], 2000)
    with pytest.raises(OutputError, match="other words"):
        new_course(other, schedule).run(state)
