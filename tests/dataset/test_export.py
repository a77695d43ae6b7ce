from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from physprior import files, fingerprint
from physprior.cli.data_export import export_command
from physprior.dataset.compile import build
from physprior.dataset.export import media
from physprior.dataset.export.form import refuse_marks
from physprior.dataset.export.formats import FORMATS
from physprior.dataset.export.manifest import ExportManifest, read_export
from physprior.dataset.export.write import export
from physprior.dataset.folder import Dataset
from physprior.dataset.records import SPLITS, Record
from physprior.dialogue.templates import Templates
from physprior.errors import DatasetError, OutputError, PhyspriorError
from physprior.knowledge.load import KnowledgeBase

Export = Callable[..., Path]

CLIPS = (
    "clip/train/0000.mp4",
    "clip/train/0001.mp4",
    'clip/train/it\'s a "clip", 弹簧夹.mp4',
    "clip/test/unable_press/0000.mp4",
    "clip/test/unable_press/0001.mp4",
    "clip/test/unable_press/0002.mp4",
)


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory,
    write_clip: Callable[..., Path],
    kb: KnowledgeBase,
    templates: Templates,
) -> Path:
    """A folder with ``videos`` and a ``dataset`` of three splits; one name needs quoting."""
    place = tmp_path_factory.mktemp("built")
    for seed, name in enumerate(CLIPS):
        write_clip(place / "videos" / name, frames=3, size=(16, 16), seed=seed)
    build(
        place / "videos",
        place / "dataset",
        knowledge=kb,
        templates=templates,
        mode="multi_turn",
        fractions=(0.34, 0.33, 0.33),
    )
    return place


@pytest.fixture
def dataset(built: Path) -> Dataset:
    return Dataset.open(built / "dataset")


@pytest.fixture
def make(dataset: Dataset, tmp_path: Path) -> Export:
    """Exports the dataset into tmp_path/<name>; returns the folder."""

    def make(form: str, name: str = "export", **options: Any) -> Path:
        return export(dataset, tmp_path / name, form, **options).out

    return make


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows(folder: Path, form: str, split: str = "train") -> list[dict[str, Any]]:
    path = folder / f"{split}{FORMATS[form].ending}"
    if form == "parquet":
        import pyarrow.parquet as pq

        return pq.read_table(path).to_pylist()
    if form == "trl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return json.loads(path.read_text(encoding="utf-8"))


def texts(row: dict[str, Any], form: str) -> list[str]:
    """What a row's turns say, without the mark of the video."""
    if form == "parquet":
        return [" ".join(part["text"] for part in turn["parts"]) for turn in row["turns"]]
    if form == "trl":
        return [turn["content"][-1]["text"] for turn in row["messages"]]
    return [turn["value"].removeprefix("<video>\n") for turn in row["conversations"]]


def said(record: Record) -> list[str]:
    return [turn.text for turn in record.turns]


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


# Videos


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("paths", ["absolute", "relative", "copy"])
def test_videos_are_named_as_asked(dataset: Dataset, make: Export, form: str, paths: str) -> None:
    folder = make(form, paths=paths)
    base = {"absolute": None, "relative": dataset.videos_root, "copy": folder}[paths]
    for row, record in zip(rows(folder, form), dataset.records("train"), strict=True):
        named = Path(row["video"] if "video" in row else row["videos"][0])
        assert named.is_absolute() == (paths == "absolute")
        assert fingerprint.of_file(base / named if base else named) == record.sha256


def test_copies_are_those_of_the_exported_splits_alone(dataset: Dataset, make: Export) -> None:
    make("llava", paths="copy")
    folder = make("llava", paths="copy", splits=["test"])
    copied = {name for name in content(folder) if name.startswith("videos/")}
    assert copied == {f"videos/{record.video}" for record in dataset.records("test")}


def test_copying_that_was_stopped_goes_on_where_it_stopped(
    make: Export, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def stop(done: int, total: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make("llava", paths="copy", progress=stop)
    assert not (tmp_path / "export").exists()
    copied: list[str] = []
    copy = shutil.copyfile
    monkeypatch.setattr(media.shutil, "copyfile", lambda a, b: copied.append(a) or copy(a, b))
    folder = make("llava", paths="copy")
    assert len(copied) == len(CLIPS) - 4
    assert len([name for name in content(folder) if name.startswith("videos/")]) == len(CLIPS)
    assert [path.name for path in tmp_path.iterdir()] == ["export"]


def test_what_a_stopped_export_copied_and_this_one_does_not_want_is_dropped(
    dataset: Dataset, make: Export
) -> None:
    def stop(done: int, total: int) -> None:
        if done == total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make("llava", paths="copy", progress=stop)
    folder = make("llava", paths="copy", splits=["test"])
    copied = {name for name in content(folder) if name.startswith("videos/")}
    assert copied == {f"videos/{record.video}" for record in dataset.records("test")}
    assert all(any(path.iterdir()) for path in folder.rglob("*") if path.is_dir())


def test_copies_that_are_there_are_not_made_again(
    make: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(make("llava", paths="copy"))
    monkeypatch.setattr(media.shutil, "copyfile", lambda a, b: pytest.fail("copied again"))
    assert content(make("llava", paths="copy")) == before


@pytest.fixture
def moved(built: Path, tmp_path: Path) -> Path:
    """A copy of dataset and videos that a test may spoil."""
    return Path(shutil.copytree(built, tmp_path / "moved"))


def test_a_video_that_changed_since_the_build_is_not_copied(moved: Path, tmp_path: Path) -> None:
    dataset = Dataset.open(moved / "dataset")
    dataset.video_path(dataset.records("test")[0]).write_bytes(b"another film")
    with pytest.raises(DatasetError, match="changed since the dataset was built"):
        export(dataset, tmp_path / "export", "trl", paths="copy")
    assert not (tmp_path / "export").exists()


def test_videos_that_are_not_there_are_named_unless_paths_are_relative(
    moved: Path, tmp_path: Path
) -> None:
    dataset = Dataset.open(moved / "dataset")
    dataset.video_path(dataset.records("test")[0]).unlink()
    for paths in ("absolute", "copy"):
        with pytest.raises(DatasetError, match=re.escape(dataset.records("test")[0].video)):
            export(dataset, tmp_path / "export", "trl", paths=paths)
    assert [path.name for path in tmp_path.iterdir()] == ["moved"]
    export(dataset, tmp_path / "export", "trl", paths="relative")


def test_videos_may_have_moved(moved: Path, tmp_path: Path) -> None:
    (moved / "videos").rename(moved / "elsewhere")
    dataset = Dataset.open(moved / "dataset", videos_root=moved / "elsewhere")
    export(dataset, tmp_path / "export", "trl")
    assert all("/elsewhere/" in row["videos"][0] for row in rows(tmp_path / "export", "trl"))


# The folder


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_dataset_gives_the_same_bytes(make: Export, form: str) -> None:
    assert content(make(form, "one")) == content(make(form, "other")) == content(make(form, "one"))


def test_only_the_splits_that_are_named_are_exported(make: Export) -> None:
    names = set(content(make("trl", splits=["test", "val"])))
    assert names == {"README.md", "export.json", "val.jsonl", "test.jsonl"}


def test_a_split_without_videos_has_no_file_and_is_counted(
    built: Path, kb: KnowledgeBase, templates: Templates, tmp_path: Path
) -> None:
    build(
        built / "videos",
        tmp_path / "dataset",
        knowledge=kb,
        templates=templates,
        mode="no_phys",
        fractions=(1, 0, 0),
    )
    dataset = Dataset.open(tmp_path / "dataset")
    manifest = export(dataset, tmp_path / "export", "parquet").manifest
    assert manifest.rows == {"train": len(CLIPS), "val": 0, "test": 0}
    assert set(content(tmp_path / "export")) == {"README.md", "export.json", "train.parquet"}
    with pytest.raises(DatasetError, match="no videos in test"):
        export(dataset, tmp_path / "export", "parquet", splits=["test"])


def test_an_export_is_replaced_without_leftovers(make: Export, tmp_path: Path) -> None:
    make("sharegpt", paths="copy")
    folder = make("parquet")
    assert set(content(folder)) == {
        *("README.md", "export.json"),
        *(f"{split}.parquet" for split in SPLITS),
    }
    assert [path.name for path in tmp_path.iterdir()] == ["export"]


@pytest.mark.parametrize("name", ["notes.txt", "export.json", "videos/mine.mp4"])
def test_a_folder_of_something_else_is_left_alone(make: Export, tmp_path: Path, name: str) -> None:
    path = tmp_path / "export" / name
    path.parent.mkdir(parents=True)
    path.write_text('{"format": "web app"}')
    with pytest.raises(OutputError, match=f"not empty, and not an export: it holds {name}"):
        make("trl")
    assert path.read_text() == '{"format": "web app"}'


@pytest.mark.parametrize("name", ["notes.txt", "videos/mine.mp4"])
def test_what_a_person_put_beside_an_export_is_not_lost(make: Export, name: str) -> None:
    path = make("trl", paths="copy") / name
    path.write_text("mine")
    with pytest.raises(OutputError, match=f"{name}, which would be lost"):
        make("trl")
    assert path.read_text() == "mine"


def test_what_a_person_wrote_into_an_export_is_not_lost(make: Export) -> None:
    readme = make("trl") / "README.md"
    readme.write_text("my own words")
    with pytest.raises(OutputError, match=r"README.md changed since it was exported"):
        make("trl")
    assert readme.read_text() == "my own words"


def test_a_file_in_the_way_is_refused(make: Export, tmp_path: Path) -> None:
    (tmp_path / "export").write_text("a file")
    with pytest.raises(OutputError, match="a file is in the way"):
        make("trl")


@pytest.mark.parametrize("place", ["dataset", "dataset/export", "videos", "videos/export", "."])
def test_export_dataset_and_videos_do_not_lie_in_each_other(built: Path, place: str) -> None:
    before = content(built)
    with pytest.raises(OutputError, match="would lie in each other"):
        export(Dataset.open(built / "dataset"), built / place, "trl")
    assert content(built) == before


def test_an_export_that_fails_midway_leaves_the_old_one_whole(
    make: Export, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = content(make("trl"))
    write_text = files.write_text

    def disk_fills(path: Path, text: str) -> None:
        if path.name == "export.json":
            raise OutputError(f"cannot write {path}: No space left on device")
        write_text(path, text)

    monkeypatch.setattr(files, "write_text", disk_fills)
    with pytest.raises(OutputError, match="No space left"):
        make("parquet")
    assert content(tmp_path / "export") == before
    assert [path.name for path in tmp_path.iterdir()] == ["export"]


KILLED_EXPORT = """
import os, signal, sys
from pathlib import Path
from physprior.dataset.export.write import export
from physprior.dataset.folder import Dataset

rename, count = Path.rename, 0
def rename_or_die(self, target):
    global count
    if count == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
    count += 1
    return rename(self, target)
Path.rename = rename_or_die
export(Dataset.open(Path(sys.argv[1])), Path(sys.argv[2]), "parquet")
"""


@pytest.mark.parametrize("renames", [0, 1])
def test_a_killed_export_is_mended_by_the_next(
    dataset: Dataset, make: Export, tmp_path: Path, renames: int
) -> None:
    before = content(make("trl"))
    words = [str(dataset.folder), str(tmp_path / "export"), str(renames)]
    killed = subprocess.run([sys.executable, "-c", KILLED_EXPORT, *words], check=False)
    assert killed.returncode == -signal.SIGKILL
    if renames == 0:
        assert content(tmp_path / "export") == before
    assert content(make("trl")) == before
    assert [path.name for path in tmp_path.iterdir()] == ["export"]


def test_the_old_export_that_a_killed_one_set_aside_is_put_back(
    make: Export, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = content(make("trl"))
    aside = tmp_path / ".export.export.part" / "old"
    aside.parent.mkdir()
    (tmp_path / "export").rename(aside)
    monkeypatch.setattr(files, "write_bytes", stop)
    with pytest.raises(KeyboardInterrupt):
        make("parquet")
    assert content(tmp_path / "export") == before


def test_what_a_killed_export_did_not_clear_away_is_no_obstacle(
    make: Export, tmp_path: Path
) -> None:
    aside = tmp_path / ".export.export.part" / "old"
    aside.parent.mkdir()
    shutil.copytree(make("trl"), aside)
    assert "train.parquet" in content(make("parquet"))
    assert [path.name for path in tmp_path.iterdir()] == ["export"]


def stop(*_: Any) -> None:
    raise KeyboardInterrupt


# What cannot be exported


@pytest.mark.parametrize("mark", ["<video>", "<image>", "</s>", "ASSISTANT:"])
def test_a_dialogue_with_a_mark_of_other_projects_is_refused(dataset: Dataset, mark: str) -> None:
    line = dataset.records("train")[0].line().replace("Which motion", f"Which {mark} motion")
    record = Record.model_validate_json(line)
    with pytest.raises(DatasetError, match=f"{record.id}: its dialogue holds") as caught:
        refuse_marks(record)
    assert mark in caught.value.message


def test_an_unknown_format_is_answered_with_those_there_are(make: Export) -> None:
    with pytest.raises(DatasetError, match="no export format 'csv'") as caught:
        make("csv")
    assert caught.value.remedy == "use one of: trl, sharegpt, llava, parquet"


def test_a_video_path_that_leads_out_of_the_root_is_not_followed(
    dataset: Dataset, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    for path in ("../secret.mp4", "clip/../../secret.mp4", "/secret.mp4"):
        with pytest.raises(DatasetError, match="leads out of the videos root"):
            media.copy_videos(dataset, {path: ""}, tmp_path / "new", tmp_path / "out", stop)
    assert not (tmp_path / "secret.mp4").exists()


# The command


APP = typer.Typer()
APP.command()(export_command)


def run(*words: object) -> Any:
    result = CliRunner().invoke(APP, [str(word) for word in words])
    if isinstance(result.exception, PhyspriorError):
        raise result.exception
    return result


def test_the_command_exports_and_counts(dataset: Dataset, tmp_path: Path) -> None:
    out = tmp_path / "export"
    result = run(
        dataset.folder, "-o", out, "--format", "llava", "--split", "test", "--split", "val"
    )
    lines = result.stdout.splitlines()
    counts = {split: len(dataset.records(split)) for split in ("val", "test")}
    assert [line.split() for line in lines if ".json" in line] == [
        ["val", "val.json", str(counts["val"])],
        ["test", "test.json", str(counts["test"])],
    ]
    assert lines[-1] == (
        f"export: {out} (llava, mode multi_turn, split {dataset.manifest.split[:12]})"
    )
    manifest = ExportManifest.model_validate_json((out / "export.json").read_bytes())
    assert (manifest.kind, manifest.paths, manifest.rows) == ("llava", "absolute", counts)


def test_the_command_takes_videos_from_elsewhere(moved: Path, tmp_path: Path) -> None:
    (moved / "videos").rename(moved / "elsewhere")
    words = (moved / "dataset", "-o", tmp_path / "export", "--format", "trl")
    with pytest.raises(DatasetError, match="6 videos are not in"):
        run(*words)
    assert run(*words, "--videos", moved / "elsewhere").exit_code == 0


def test_a_format_must_be_named(dataset: Dataset, tmp_path: Path) -> None:
    assert run(dataset.folder, "-o", tmp_path / "export").exit_code == 2
