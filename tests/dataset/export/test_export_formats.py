from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from exported import Export, rows, said, texts

from physprior import fingerprint
from physprior.dataset.export.formats import FORMATS
from physprior.dataset.export.manifest import read_export
from physprior.dataset.folder import Dataset
from physprior.dataset.records import SPLITS, Record
from physprior.knowledge.load import KnowledgeBase

# The dialogues


@pytest.mark.parametrize("form", FORMATS)
def test_each_split_is_a_file_whose_rows_are_the_records_in_their_order(
    dataset: Dataset, make: Export, form: str
) -> None:
    folder = make(form)
    for split in SPLITS:
        records = dataset.records(split)
        assert records
        found = rows(folder, form, split)
        assert [row["id"] for row in found] == [record.id for record in records]
        assert [texts(row, form) for row in found] == [said(record) for record in records]


@pytest.mark.parametrize("form", FORMATS)
def test_no_sentence_that_is_kept_for_scoring_is_exported(
    make: Export, form: str, kb: KnowledgeBase
) -> None:
    exported = json.dumps([rows(make(form), form, split) for split in SPLITS])
    clip = kb.category("clip")
    references = [text for _, texts in clip.classes() for text in texts.references]
    assert len(references) >= 6
    assert not [text for text in references if json.dumps(text)[1:-1] in exported]
    assert any(text in exported for text in clip.normal.explanations)


# Each format as its own project documents it


def assert_is_trl(row: dict[str, Any]) -> None:
    """TRL 1.16: docs/source/dataset_formats.md (conversational, language modeling) and the
    docstrings of trl.data_utils; the video part as in examples/scripts/sft_video_llm.py."""
    from trl.data_utils import is_conversational, prepare_multimodal_messages

    assert is_conversational(row)
    roles = [message["role"] for message in row["messages"]]
    assert roles == ["user", "assistant"] * (len(roles) // 2)
    # What is structured already is left as it is, and no image is waited for.
    assert prepare_multimodal_messages(row["messages"], images=[]) == row["messages"]
    parts = [part for message in row["messages"] for part in message["content"]]
    videos = [part for part in parts if part["type"] == "video"]
    # transformers takes every one of the keys video, url and path for a video of its own.
    assert [set(part) for part in videos] == [{"type", "video"}]
    assert row["messages"][0]["content"][0] == videos[0]
    assert all(set(part) == {"type", "text"} for part in parts if part not in videos)
    assert row["videos"] == [videos[0]["video"]]


def test_the_trl_export_is_conversational_as_trl_documents_it(make: Export) -> None:
    for row in rows(make("trl"), "trl"):
        assert_is_trl(row)


PARTS_TEMPLATE = (
    "{% for message in messages %}{% if message.role == 'user' %}USER: "
    "{% for part in message.content %}{% if part.type == 'video' %}<video>\n"
    "{% else %}{{ part.text }}{% endif %}{% endfor %} ASSISTANT:"
    "{% else %} {{ message.content[0].text }}</s>{% endif %}{% endfor %}"
)


def test_trl_renders_an_exported_row_as_we_write_it_ourselves(
    dataset: Dataset, make: Export
) -> None:
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast
    from trl.data_utils import apply_chat_template

    from physprior.vlm.chat import write_chat

    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel({"<unk>": 0}, unk_token="<unk>"))
    )
    tokenizer.chat_template = PARTS_TEMPLATE
    for row, record in zip(rows(make("trl"), "trl"), dataset.records("train"), strict=True):
        rendered = apply_chat_template(row, tokenizer)
        assert rendered == {"text": write_chat(record.dialogue()).text}
        # Why there is no column of that name.
        with pytest.raises(KeyError, match="Invalid keys"):
            apply_chat_template({**row, "label": record.label}, tokenizer)


def assert_is_sharegpt(row: dict[str, Any]) -> None:
    """LLaMA-Factory, data/README.md, "Sharegpt Format" and "Multimodal Video Dataset"."""
    turns = row["conversations"]
    assert all(set(turn) == {"from", "value"} for turn in turns)
    # Human in odd positions, gpt in even ones, and the last word is gpt's.
    assert [turn["from"] for turn in turns] == ["human", "gpt"] * (len(turns) // 2)
    assert all(isinstance(turn["value"], str) and turn["value"].strip() for turn in turns)
    # As many videos as <video> tokens.
    assert sum(turn["value"].count("<video>") for turn in turns) == len(row["videos"]) == 1
    assert turns[0]["value"].startswith("<video>")
    assert all(isinstance(path, str) for path in row["videos"])


INFO_KEYS = {"file_name", "formatting", "ranking", "subset", "split", "num_samples", "columns"}


def test_the_sharegpt_export_is_as_llama_factory_documents_it(make: Export) -> None:
    for row in rows(make("sharegpt"), "sharegpt"):
        assert_is_sharegpt(row)


def test_llama_factory_finds_each_split_by_the_dataset_info(make: Export) -> None:
    folder = make("sharegpt")
    entries = json.loads((folder / "dataset_info.json").read_text())
    assert list(entries) == [f"physprior_multi_turn_{split}" for split in SPLITS]
    for entry in entries.values():
        assert set(entry) <= INFO_KEYS
        assert entry["formatting"] == "sharegpt"
        (first, *_) = json.loads((folder / entry["file_name"]).read_text())
        assert entry["columns"] == {"messages": "conversations", "videos": "videos"}
        assert set(entry["columns"].values()) <= set(first)


def assert_is_llava(row: dict[str, Any], video_folder: Path) -> None:
    """Video-LLaVA, videollava/train/train.py: LazySupervisedDataset, preprocess_multimodal and
    preprocess_v1 (conversation template v1)."""
    assert set(row) == {"id", "video", "conversations"}
    assert Path(os.path.join(video_folder, row["video"])).is_file()
    turns = row["conversations"]
    assert [turn["from"] for turn in turns] == ["human", "gpt"] * (len(turns) // 2)
    assert turns[0]["value"].startswith("<video>\n")
    whole = " ".join(turn["value"] for turn in turns)
    assert (whole.count("<video>"), whole.count("<image>")) == (1, 0)
    # The roles' names and the end token are what the answers are masked by.
    assert not re.search(r"</s>|USER:|ASSISTANT:", whole)


@pytest.mark.parametrize("paths", ["absolute", "relative", "copy"])
def test_the_llava_export_is_as_video_llava_reads_it(
    dataset: Dataset, make: Export, paths: str
) -> None:
    folder = make("llava", paths=paths)
    videos = {"absolute": Path("/"), "relative": dataset.videos_root, "copy": folder}[paths]
    for row in rows(folder, "llava"):
        assert_is_llava(row, videos)


def test_the_parquet_export_has_every_column_of_a_record(dataset: Dataset, make: Export) -> None:
    found = rows(make("parquet", paths="relative"), "parquet")
    assert [Record.model_validate(row) for row in found] == dataset.records("train")
    line = json.loads(dataset.records("train")[0].line())
    assert list(found[0]) == list(line)


# Loading


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """``datasets.load_dataset`` with a cache of its own; conftest has switched the hub off."""
    import datasets

    def load(*words: Any, **options: Any) -> Any:
        return datasets.load_dataset(*words, cache_dir=str(tmp_path / "cache"), **options)

    datasets.disable_progress_bars()
    yield load
    datasets.enable_progress_bars()


@pytest.mark.parametrize("form", FORMATS)
def test_hugging_face_datasets_loads_an_export(
    dataset: Dataset, make: Export, load: Callable[..., Any], form: str
) -> None:
    folder, made = make(form), FORMATS[form]
    data_files = {split: str(folder / f"{split}{made.ending}") for split in SPLITS}
    loaded = load(made.loader, data_files=data_files)
    for split in SPLITS:
        records = dataset.records(split)
        assert loaded[split].num_rows == len(records)
        assert texts(loaded[split][0], form) == said(records[0])
    if form == "trl":
        assert_is_trl(loaded["train"][0])


@pytest.mark.parametrize("form", FORMATS)
def test_the_folder_loads_as_a_whole_by_its_readme(
    make: Export, load: Callable[..., Any], form: str
) -> None:
    loaded = load(str(make(form, paths="copy")))
    assert {split: data.num_rows for split, data in loaded.items()} == {
        split: len(rows(make(form, paths="copy"), form, split)) for split in SPLITS
    }


@pytest.mark.parametrize("form", FORMATS)
def test_what_the_readme_says_of_loading_works(
    make: Export, form: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import datasets

    folder = make(form)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    code = re.findall(r"```python\n(.*?)```", (folder / "README.md").read_text(), re.S)[0]
    names: dict[str, Any] = {}
    exec(code, names)
    assert set(names["data"]) == set(SPLITS)


def test_the_readme_and_the_manifest_say_what_made_the_export(
    dataset: Dataset, make: Export
) -> None:
    folder, source = make("trl"), dataset.manifest
    text, manifest = (folder / "README.md").read_text(), read_export(folder)
    assert manifest is not None
    made = fingerprint.of_file(dataset.folder / "manifest.json")
    for thing in (made, source.split, source.videos, "`multi_turn`", "`supervised`, seed 0"):
        assert thing in text
    assert (manifest.dataset, manifest.split, manifest.mode) == (made, source.split, "multi_turn")
    assert manifest.categories["clip"].entry == source.categories["clip"].entry
    for name, expected in manifest.files.items():
        assert fingerprint.of_file(folder / name) == expected
