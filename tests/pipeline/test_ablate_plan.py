"""What a study is planned to be: its arms, what they share, and what may still change."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
from studying import MODES, small_plan

from physprior.cli.main import app
from physprior.dataset.render import render_category
from physprior.dialogue import Dialogue, Templates
from physprior.errors import RecipeError, StudyError
from physprior.knowledge.load import KnowledgeBase
from physprior.knowledge.schema import NORMAL
from physprior.paths import ABLATION, templates_folder
from physprior.pipeline.ablate import Arm, StudyPlan, commands, read_arms, read_plan
from physprior.pipeline.ablate.arms import knowledge_of, templates_of, wrong_priors
from physprior.pipeline.ablate.plan import keep_plan


def plan(**changes: Any) -> StudyPlan:
    return small_plan(Path("videos"), Path("base"), **changes)


def arms(*free: str, further: tuple[str, ...] = ()) -> tuple[Arm, ...]:
    return read_arms(MODES, further, free)[0]


def taught(kb: KnowledgeBase, arm: Arm, category: str, wrong: dict[str, str]) -> Dialogue:
    """A dialogue of an arm's dataset."""
    templates, mode = templates_of(plan(), arm)
    rendered = render_category(knowledge_of(kb, arm, wrong), templates, category, mode)
    return rendered.classes[NORMAL][0].dialogue


# Arms


def test_the_modes_are_arms_in_the_order_in_which_they_are_named() -> None:
    assert [arm.name for arm in arms()] == list(MODES)
    assert {arm.variation for arm in arms()} == {"none"}


def test_a_further_arm_varies_multi_turn() -> None:
    *_, shuffled, wrong = arms(further=("turns_shuffled", "wrong_prior"))
    assert (shuffled.mode, shuffled.variation) == ("multi_turn", "turns_shuffled")
    assert (wrong.mode, wrong.variation) == ("multi_turn", "wrong_prior")


def test_a_generated_history_is_asked_for_and_trains_nothing() -> None:
    chosen, generated = read_arms(MODES, ["history_generated"], [])
    assert generated
    assert len(chosen) == len(MODES)


def test_a_free_arm_has_fields_of_the_recipe_whose_values_may_hold_commas() -> None:
    one = arms("light=multi_turn,part_weights={motion: 0.5, subject: 1},frames=4")[-1]
    assert (one.name, one.mode) == ("light", "multi_turn")
    assert one.overrides == ("part_weights={motion: 0.5, subject: 1}", "frames=4")
    assert not one.own_budget


def test_a_free_arm_may_be_a_further_arm_with_fields() -> None:
    one = arms("far=wrong_prior,frames=4")[-1]
    assert (one.mode, one.variation, one.overrides) == ("multi_turn", "wrong_prior", ("frames=4",))


@pytest.mark.parametrize("field", ["epochs=2", "batch_size=8", "gradient_accumulation=2"])
def test_an_arm_with_steps_of_its_own_is_marked(field: str) -> None:
    assert arms(f"long=no_phys,{field}")[-1].own_budget


@pytest.mark.parametrize(
    ("further", "free", "said"),
    [
        (("sideways",), (), "no arm 'sideways'"),
        ((), ("multi_turn=no_phys",), "two arms are called multi_turn"),
        ((), ("untuned=no_phys",), "cannot be called 'untuned'"),
        ((), ("../out=no_phys",), "cannot be called"),
        ((), ("long",), "describes no arm"),
        ((), ("long=no_phys,epochs",), "describes no arm"),
        ((), ("other=no_phys,seed=7",), "sets seed"),
        ((), ("other=no_phys,dataset=mine",), "sets dataset"),
    ],
)
def test_what_is_no_arm_is_refused_in_words(
    further: tuple[str, ...], free: tuple[str, ...], said: str
) -> None:
    with pytest.raises(StudyError, match=said):
        read_arms(MODES, further, free)


def test_a_generated_history_needs_runs_to_ask() -> None:
    with pytest.raises(StudyError, match="no arm of this study"):
        read_arms(["no_phys"], ["history_generated"], [])


# Texts


def test_shuffled_turns_say_what_multi_turn_says_in_another_order(kb: KnowledgeBase) -> None:
    *_, shuffled = arms(further=("turns_shuffled",))
    for category in kb.categories:
        plain = taught(kb, arms()[0], category, {})
        other = taught(kb, shuffled, category, {})
        told, parts = (
            {
                part.kind: part.text
                for turn in one.turns
                for part in turn.parts
                if part.kind != "prompt"
            }
            for one in (plain, other)
        )
        assert list(told) == ["component", "subject", "motion", "verdict"]
        assert list(parts) == ["motion", "component", "subject", "verdict"]
        assert told == parts
        assert plain.turns[-2] == other.turns[-2]


def test_the_shuffled_turns_are_no_mode_that_is_offered(templates: Templates) -> None:
    assert "turns_shuffled" not in templates.modes()
    assert Templates(templates_folder() / ABLATION).modes() == ("turns_shuffled",)


def test_no_category_is_told_its_own_physics_in_the_wrong_prior_arm(kb: KnowledgeBase) -> None:
    wrong = wrong_priors(kb.categories)
    assert wrong.keys() == kb.categories.keys()
    assert sorted(wrong.values()) == sorted(kb.categories)
    *_, arm = arms(further=("wrong_prior",))
    for category, other in wrong.items():
        assert other != category
        own, told = kb.category(category).prior, kb.category(other).prior
        said = taught(kb, arm, category, wrong)
        text = " ".join(turn.text for turn in said.turns)
        assert told.motion.statement in text
        assert own.motion.statement not in text
        # The questions and the verdict are its own.
        plain = taught(kb, arms()[0], category, {})
        assert [turn for turn in said.turns if turn.role == "user"] == [
            turn for turn in plain.turns if turn.role == "user"
        ]
        assert said.turns[-1] == plain.turns[-1]


def test_one_category_has_no_wrong_prior() -> None:
    with pytest.raises(StudyError, match="clip alone"):
        wrong_priors(["clip"])


# The plan on the disk


def test_arms_and_seeds_may_be_added_until_the_test_split_is_opened(tmp_path: Path) -> None:
    keep_plan(tmp_path, plan(), opened=False)
    grown = plan(further=("turns_shuffled",), seeds=3)
    assert keep_plan(tmp_path, grown, opened=False).seeds == 3
    assert read_plan(tmp_path) == grown


@pytest.mark.parametrize(
    "change", [{"seeds": 2}, {"further": ("wrong_prior",)}, {"further": ("history_generated",)}]
)
def test_nothing_is_added_once_it_was_opened(tmp_path: Path, change: dict[str, Any]) -> None:
    keep_plan(tmp_path, plan(), opened=False)
    with pytest.raises(StudyError, match="was opened"):
        keep_plan(tmp_path, plan(**change), opened=True)
    assert read_plan(tmp_path) == plan()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": 1}, "seed"),
        ({"overrides": ("epochs=2",)}, "overrides"),
        ({"videos": "others"}, "videos"),
        ({"base": "other"}, "base"),
    ],
)
def test_another_study_in_the_same_folder_is_refused(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    keep_plan(tmp_path, plan(), opened=False)
    with pytest.raises(StudyError, match=f"differs in: {said}"):
        keep_plan(tmp_path, plan(**change), opened=False)


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(StudyError, match="not empty"):
        keep_plan(tmp_path, plan(), opened=False)


def test_a_damaged_plan_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "study.json").write_text('{"arms": 1}')
    with pytest.raises(StudyError, match="not the plan of a study"):
        read_plan(tmp_path)


# What is announced


def test_each_step_is_a_command_that_there_is(tmp_path: Path) -> None:
    chosen = plan(
        further=("turns_shuffled", "wrong_prior", "history_generated"),
        free=("few=no_phys,frames=4,part_weights={motion: 0.5}",),
        videos=None,
        base=None,
        count=24,
        instances=8,
        categories=("ball", "clip"),
        seeds=2,
    )
    tree: Any = typer.main.get_command(app)
    lines = list(commands(tmp_path / "a study", chosen, workers=1))
    trained = 0
    for line in lines:
        words = shlex.split(line, comments=True)[1:]
        command = tree
        while words and hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        if line.startswith("physprior"):
            command.make_context("step", words)
        trained += line.startswith("physprior train ")
    assert trained == 2 * len(chosen.arms)
    opening = next(at for at, line in enumerate(lines) if "opened, once" in line)
    assert not any("--split test" in line for line in lines[:opening])
    assert not any(line.startswith("physprior train") for line in lines[opening:])
    assert not (tmp_path / "a study").exists()


def test_an_unknown_field_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="'epoch' is no field"):
        list(commands(tmp_path, plan(free=("odd=no_phys,epoch=2",)), workers=1))


def test_a_training_that_may_stop_early_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="stop early"):
        list(commands(tmp_path, plan(overrides=("patience=2",)), workers=1))
