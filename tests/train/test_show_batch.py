from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from shop import Batch, Shop, everything_taught, mixed, open_shop, taught_text

from physprior.train.look.show_batch import first_numbers, piece_texts
from physprior.train.recipe import Recipe
from physprior.vlm.tokens import IGNORE

MakeRecipe = Callable[..., Recipe]
PER_TOKEN = ("input_ids", "labels", "attention_mask", "weights", "kinds", "in_label")


@pytest.fixture
def shop(make_recipe: MakeRecipe) -> Shop:
    return open_shop(make_recipe())


@pytest.mark.parametrize("mode", ["multi_turn", "single_turn", "no_phys"])
def test_every_check_holds_of_a_batch_of_the_collator(
    make_recipe: MakeRecipe, datasets: dict[str, Path], mode: str
) -> None:
    shop = open_shop(
        make_recipe(dataset=datasets[mode], label_weight=5, part_weights={"verdict": 2})
    )
    shown = shop.read(shop.batch(mixed(shop)))
    assert [check.what for check in shown.checks if not check.holds] == []
    assert shown.sound


def test_tokens_marked_as_taught_are_exactly_those_with_a_label(shop: Shop) -> None:
    batch = shop.batch(mixed(shop))
    for number, row in enumerate(shop.read(batch).records):
        marked = {token.place for token in row.tokens if token.taught}
        assert marked == set((batch["labels"][number] != IGNORE).nonzero().flatten().tolist())


def test_a_token_is_taught_by_the_batch_and_not_by_the_dialogue(shop: Shop) -> None:
    batch = shop.batch([0])
    batch["labels"][0] = IGNORE
    batch["labels"][0, 3] = batch["input_ids"][0, 3]
    assert [token.place for token in shop.read(batch).records[0].tokens if token.taught] == [3]


def test_the_taught_tokens_say_the_answers_with_their_ends(shop: Shop) -> None:
    row = shop.read(shop.batch([0])).records[0]
    answers = [turn.text for turn in row.record.turns if turn.role == "assistant"]
    assert taught_text(row) == "".join(f" {answer}</s>" for answer in answers)


def test_the_label_s_tokens_are_those_of_the_verdict_s_word(shop: Shop) -> None:
    for row in shop.read(shop.batch(mixed(shop))).records:
        said = "".join(token.text for token in row.tokens if token.part == "label")
        assert said == (" Anomalous." if row.record.label else " Normal.")


def test_the_video_s_tokens_are_shown_as_one_with_their_number(shop: Shop) -> None:
    row = shop.read(shop.batch([0])).records[0]
    (video,) = [token for token in row.tokens if token.part == "video"]
    assert (video.count, video.text) == (40, "<video>")
    assert sum(token.count for token in row.tokens) == row.length == shop.samples[0].length


def test_the_sums_hold_every_token_and_the_whole_weight_of_the_batch(
    make_recipe: MakeRecipe,
) -> None:
    shop = open_shop(make_recipe(label_weight=7))
    batch = shop.batch(mixed(shop))
    sums = shop.read(batch).sums
    assert sum(one.tokens for one in sums) == batch["input_ids"].numel()
    assert sum(one.taught for one in sums) == int((batch["labels"] != IGNORE).sum())
    assert sum(one.weight for one in sums) == pytest.approx(float(batch["weights"].sum()), rel=1e-5)
    assert sum(one.share for one in sums) == pytest.approx(1)
    each = {one.part: one.weight / one.taught for one in sums if one.taught}
    assert each["label"] == pytest.approx(7 * each["verdict"], rel=0.05)


def test_a_character_of_several_tokens_is_shown_once(shop: Shop) -> None:
    tokenizer = shop.checkpoint.tokenizer
    ids = tokenizer("The 世 clip")["input_ids"]
    texts = piece_texts(tokenizer, ids)
    assert len(texts) == len(ids)
    assert "".join(texts) == "The 世 clip"
    assert sum("世" in text for text in texts) == 1


# Collators that are broken on purpose


def labels_shifted(batch: Batch) -> None:
    batch["labels"] = batch["labels"].roll(1, dims=1)


def label_elsewhere(batch: Batch) -> None:
    batch["in_label"] = batch["in_label"].roll(1, dims=1)


def one_answer_not_taught(batch: Batch) -> None:
    for row in range(len(batch["labels"])):
        first = (batch["kinds"][row] == 1).nonzero().flatten()
        for name, none in (("labels", IGNORE), ("kinds", 0), ("weights", 0)):
            batch[name][row, first] = none


def end_not_taught(batch: Batch) -> None:
    for row in range(len(batch["labels"])):
        last = (batch["labels"][row] != IGNORE).nonzero().flatten()[-1]
        for name, none in (("labels", IGNORE), ("kinds", 0), ("weights", 0)):
            batch[name][row, last] = none


def parts_lost(batch: Batch) -> None:
    batch["kinds"] = torch.zeros_like(batch["kinds"])


def weights_doubled(batch: Batch) -> None:
    batch["weights"] = batch["weights"] * 2


def weights_on_the_prompt(batch: Batch) -> None:
    batch["weights"] = batch["weights"].flip(1)


def cut_at_the_end(batch: Batch) -> None:
    for name in PER_TOKEN:
        batch[name] = batch[name][:, :-20]


def video_tokens_cut(batch: Batch) -> None:
    for name in PER_TOKEN:
        batch[name] = torch.cat([batch[name][:, :6], batch[name][:, 10:]], dim=1)


def videos_of_other_records(batch: Batch) -> None:
    batch["frames"] = batch["frames"].roll(1, dims=0)


def one_pixel_changed(batch: Batch) -> None:
    batch["frames"][0, 0, 0, 0, 0] += 1


def dialogues_of_other_records(batch: Batch) -> None:
    for name in PER_TOKEN:
        batch[name] = batch[name].flip(0)


def padding_taught(batch: Batch) -> None:
    pads = batch["attention_mask"] == 0
    batch["labels"][pads] = batch["input_ids"][pads]


@pytest.mark.parametrize(
    ("fault", "noticed"),
    [
        (everything_taught, "answers are taught, each with its end, and nothing else"),
        (labels_shifted, "a taught token's target is the token itself, and it has a part"),
        (one_answer_not_taught, "answers are taught, each with its end, and nothing else"),
        (end_not_taught, "answers are taught, each with its end, and nothing else"),
        (parts_lost, "a taught token's target is the token itself, and it has a part"),
        (weights_doubled, "weights sum to the taught tokens"),
        (weights_on_the_prompt, "weights sum to the taught tokens"),
        (cut_at_the_end, "tokens say the record's whole dialogue"),
        (video_tokens_cut, "video tokens equal the video's features"),
        (videos_of_other_records, "frames are those of the record's video"),
        (one_pixel_changed, "frames are those of the record's video"),
        (dialogues_of_other_records, "the verdict is the record's label"),
        (label_elsewhere, "the verdict is the record's label"),
        (padding_taught, "padding stands behind the dialogue and teaches nothing"),
    ],
)
def test_a_broken_collator_shows(shop: Shop, fault: Callable[[Batch], None], noticed: str) -> None:
    batch = shop.batch(mixed(shop))
    batch["frames"] = batch["frames"].clone()
    fault(batch)
    shown = shop.read(batch)
    assert not shown.sound
    assert noticed in [check.what for check in shown.checks if not check.holds]


def test_a_check_that_does_not_hold_names_the_records(shop: Shop) -> None:
    batch = shop.batch(mixed(shop))
    batch["weights"][1] *= 2
    shown = shop.read(batch)
    (wrong,) = [check for check in shown.checks if not check.holds]
    assert wrong.found == f"not in {shown.records[1].record.id}"


# Which batch


@pytest.mark.parametrize("seed", [0, 3])
def test_the_first_batch_is_the_one_that_the_trainer_draws_first(
    make_recipe: MakeRecipe, seed: int
) -> None:
    from physprior.train.trainer import Course, make_trainer
    from physprior.train.tune import tune
    from physprior.vlm.checkpoint import load_checkpoint

    shop = open_shop(make_recipe(seed=seed, batch_size=5))
    checkpoint = load_checkpoint(shop.recipe.base)
    course = Course(
        recipe=shop.recipe,
        collator=shop.collator,
        validating=None,
        encoder=checkpoint.encoder(shop.recipe.frames),
        image_processor=checkpoint.image_processor,
        progress=lambda done, total, said: None,
        is_main=True,
    )
    trainer = make_trainer(tune(checkpoint, shop.recipe), checkpoint.tokenizer, course)
    first = next(iter(trainer.get_train_dataloader()))
    assert first["sample"].tolist() == first_numbers(len(shop.samples), shop.recipe)
