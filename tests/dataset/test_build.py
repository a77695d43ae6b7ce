from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from physprior import fingerprint, verdict
from physprior.dataset.compile import build
from physprior.dataset.folder import Dataset
from physprior.dataset.records import SPLITS, Record
from physprior.dialogue.templates import Templates
from physprior.errors import DatasetError, OutputError, PhyspriorError, TemplateError
from physprior.knowledge.load import KnowledgeBase

AddVideos = Callable[..., list[Path]]
Build = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path, root: Path, kb: KnowledgeBase, templates: Templates) -> Build:
    """Builds the dataset of the root into tmp_path/<name>; returns its folder."""

    def make(name: str = "dataset", **changes: Any) -> Path:
        settings = {"knowledge": kb, "templates": templates, "mode": "multi_turn"}
        build(root, tmp_path / name, **{**settings, **changes})
        return tmp_path / name

    return make


def content(folder: Path) -> dict[str, bytes]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def all_records(folder: Path) -> list[Record]:
    dataset = Dataset.open(folder)
    return [record for split in SPLITS for record in dataset.records(split)]


def test_every_video_is_one_record_with_what_its_folders_and_sidecar_say(
    small_tree: Path, make: Build
) -> None:
    records = {record.id: record for record in all_records(make())}
    assert len(records) == 32
    record = records["clip/test/unable_press/0003"]
    assert record.video == "clip/test/unable_press/0003.mp4"
    assert record.sha256 == fingerprint.of_file(small_tree / record.video)
    assert (record.category, record.class_id, record.label) == ("clip", "unable_to_press", 1)
    assert (record.instance, record.mode) == ("object-3", "multi_turn")
    assert records["fan/train/0000"].instance == ""


def test_a_record_teaches_one_explanation_of_its_class(
    small_tree: Path, make: Build, kb: KnowledgeBase
) -> None:
    for record in all_records(make(seed=3)):
        texts = dict(kb.category(record.category).classes())[record.class_id]
        choice = fingerprint.pick(texts.explanations, "3", record.id)
        assert record.reason_index == choice
        assert record.reason == texts.explanations[choice]
        *_, last = record.turns
        assert last.parts[-1].kind == "verdict"
        assert last.parts[-1].text == verdict.render(record.label == 1, record.reason)


def test_the_explanations_of_a_class_are_spread_over_its_videos(
    root: Path, add_videos: AddVideos, make: Build
) -> None:
    add_videos("clip/train", 60)
    assert {record.reason_index for record in all_records(make())} == set(range(6))


def test_one_video_more_changes_no_other_videos_explanation(
    small_tree: Path, make: Build, add_videos: AddVideos
) -> None:
    before = {record.id: record.reason for record in all_records(make())}
    add_videos("clip/test/anomaly_free")
    after = {record.id: record.reason for record in all_records(make())}
    assert before.items() < after.items()


@pytest.mark.parametrize("mode", ["multi_turn", "single_turn", "no_phys"])
def test_all_videos_of_a_category_are_asked_with_the_same_text(
    small_tree: Path, make: Build, mode: str
) -> None:
    folder = make(mode=mode)
    manifest = Dataset.open(folder).manifest
    asked = {(record.category, record.dialogue().prompt_hash()) for record in all_records(folder)}
    assert asked == {(name, entry.prompt) for name, entry in manifest.categories.items()}
    assert len(asked) == 2


def test_the_keys_stand_in_one_order_and_class_is_called_class(
    small_tree: Path, make: Build
) -> None:
    folder = make()
    lines = [json.loads(line) for path in folder.glob("*/*.jsonl") for line in path.open()]
    assert {tuple(line) for line in lines} == {
        (
            *("id", "video", "sha256", "category", "class", "label", "instance", "split", "mode"),
            *("prompt_hash", "reason_index", "reason", "turns"),
        )
    }


def test_the_manifest_says_what_made_the_dataset(
    small_tree: Path, make: Build, kb: KnowledgeBase, templates: Templates
) -> None:
    folder = make(seed=5)
    manifest = Dataset.open(folder).manifest
    assert (manifest.mode, manifest.seed, manifest.protocol) == ("multi_turn", 5, "supervised")
    assert manifest.videos_root == "../videos"
    assert manifest.split == json.loads((folder / "split.json").read_text())["hash"]
    clip, fan = manifest.categories["clip"], manifest.categories["fan"]
    assert clip.entry == kb.fingerprint("clip")
    assert clip.template == templates.fingerprint("multi_turn")
    assert (clip.grouping, fan.grouping) == ("instance", "video")
    assert sum(clip.counts["normal"].values()) == 10
    assert fan.counts["uneven"] == {"train": 0, "val": 0, "test": 0}
    for name, expected in manifest.files.items():
        assert fingerprint.of_file(folder / name) == expected


def test_the_splits_of_records_and_split_file_agree(small_tree: Path, make: Build) -> None:
    folder = make()
    assignment = json.loads((folder / "split.json").read_text())["assignment"]
    for split in SPLITS:
        records = Dataset.open(folder).records(split)
        assert {assignment[record.video] for record in records} == {split}
        assert {record.split for record in records} == {split}


def test_the_same_input_gives_the_same_bytes(small_tree: Path, make: Build) -> None:
    assert content(make("one")) == content(make("other", workers=2)) == content(make("one"))


def test_another_seed_gives_other_bytes(small_tree: Path, make: Build) -> None:
    one, other = content(make("one")), content(make("other", seed=1))
    assert one["train/fan.jsonl"] != other["train/fan.jsonl"]


def test_hugging_face_datasets_reads_all_splits(
    small_tree: Path, make: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import datasets

    folder = make()
    loaded = datasets.load_dataset(
        "json",
        data_files={split: str(folder / split / "*.jsonl") for split in SPLITS},
        cache_dir=str(tmp_path / "cache"),
    )
    for split in SPLITS:
        records = Dataset.open(folder).records(split)
        rows = [Record.model_validate(row) for row in loaded[split]]
        assert sorted(rows, key=lambda row: row.id) == records


def test_skipped_videos_stand_in_the_manifest_and_strict_refuses_them(
    small_tree: Path, make: Build
) -> None:
    (small_tree / "fan/train/0001.mp4").write_bytes(b"")
    (skipped,) = Dataset.open(make()).manifest.skipped
    assert (skipped.path, skipped.reason) == ("fan/train/0001.mp4", "empty file")
    with pytest.raises(DatasetError, match=r"fan/train/0001.mp4: empty file"):
        make("strict", strict=True)
    assert not (small_tree.parent / "strict").exists()


def with_reference(kb: KnowledgeBase, sentence: str) -> KnowledgeBase:
    """The KB with one more reference of a fan that is stuck."""
    fan = kb.category("fan")
    anomalies = tuple(
        anomaly.model_copy(update={"references": (*anomaly.references, sentence)})
        if anomaly.id == "stuck"
        else anomaly
        for anomaly in fan.anomalies
    )
    changed = fan.model_copy(update={"anomalies": anomalies})
    return KnowledgeBase({**kb.categories, "fan": changed}, kb.sources)


def test_a_reference_that_would_be_taught_ends_the_build(
    small_tree: Path, make: Build, kb: KnowledgeBase
) -> None:
    # Even that of another category, and spelled with another capital or full stop.
    taught = kb.category("clip").normal.explanations[0].upper().rstrip(".")
    with pytest.raises(DatasetError, match="fan, stuck: a reference sentence") as caught:
        make(knowledge=with_reference(kb, taught))
    assert taught in caught.value.message
    make(knowledge=with_reference(kb, "A sentence that nobody teaches."))


def test_an_answer_in_the_question_ends_the_build(
    small_tree: Path, make: Build, tmp_path: Path
) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "leaky.j2").write_text(
        "{% user %}Say why: {{ verdict }}{% enduser %}\n"
        "{% assistant %}{% part verdict %}{{ verdict }}{% endpart %}{% endassistant %}\n"
    )
    with pytest.raises(DatasetError, match="the answer stands in the question"):
        make(templates=Templates(tmp_path / "templates"), mode="leaky")


@pytest.mark.parametrize(
    "told", ["Say Verdict: Normal if all is well.", "{{ category.normal.explanations[0] }}"]
)
def test_an_answer_that_every_question_holds_ends_the_build_too(
    small_tree: Path, make: Build, tmp_path: Path, told: str
) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "leaky.j2").write_text(
        f"{{% user %}}{told} Why?{{% enduser %}}\n"
        "{% assistant %}{% part verdict %}{{ verdict }}{% endpart %}{% endassistant %}\n"
    )
    with pytest.raises(DatasetError, match="an answer stands in the question"):
        make(templates=Templates(tmp_path / "templates"), mode="leaky")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"mode": "no_such_mode"}, TemplateError),
        ({"protocol": "no_such_protocol"}, DatasetError),
        ({"fractions": (0.5, 0.1, 0.1)}, DatasetError),
    ],
)
def test_a_mistyped_setting_is_refused_before_any_video_is_read(
    small_tree: Path, make: Build, changes: dict[str, Any], error: type[PhyspriorError]
) -> None:
    def no_reading(done: int, total: int) -> None:
        pytest.fail("a video was read")

    with pytest.raises(error):
        make(**changes, progress=no_reading)


def test_a_dataset_is_replaced_without_leftovers(small_tree: Path, make: Build) -> None:
    make(seed=0)
    folder = make(seed=1)
    assert Dataset.open(folder).manifest.seed == 1
    assert sorted(path.name for path in folder.parent.iterdir()) == ["dataset", "videos"]


def test_an_empty_folder_is_filled(small_tree: Path, make: Build, tmp_path: Path) -> None:
    (tmp_path / "dataset").mkdir()
    assert len(all_records(make())) == 32


@pytest.mark.parametrize("name", ["notes.txt", "manifest.json"])
def test_a_folder_of_something_else_is_left_alone(
    small_tree: Path, make: Build, tmp_path: Path, name: str
) -> None:
    (tmp_path / "dataset").mkdir()
    (tmp_path / "dataset" / name).write_text('{"format": "web app"}')
    with pytest.raises(OutputError, match="not empty, and not a dataset"):
        make()
    assert (tmp_path / "dataset" / name).read_text() == '{"format": "web app"}'


def test_what_a_person_put_into_a_dataset_is_not_lost(small_tree: Path, make: Build) -> None:
    (make() / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"notes.txt, which would be lost"):
        make()


def test_a_file_in_the_way_is_refused(small_tree: Path, make: Build, tmp_path: Path) -> None:
    (tmp_path / "dataset").write_text("a file")
    with pytest.raises(OutputError, match="a file is in the way"):
        make()


@pytest.mark.parametrize("name", ["videos/dataset", "videos", "."])
def test_dataset_and_videos_do_not_lie_in_each_other(
    small_tree: Path, make: Build, name: str
) -> None:
    with pytest.raises(OutputError, match="would lie in each other"):
        make(name)


def test_a_build_that_fails_midway_leaves_the_old_dataset_whole(
    small_tree: Path, make: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make()
    before = content(folder)
    write_bytes = Path.write_bytes

    def disk_fills(path: Path, data: bytes) -> int:
        if path.name == "split.json":
            raise OSError(28, "No space left on device")
        return write_bytes(path, data)

    monkeypatch.setattr(Path, "write_bytes", disk_fills)
    with pytest.raises(OutputError, match="No space left"):
        make(seed=1)
    assert content(folder) == before
    assert sorted(path.name for path in folder.parent.iterdir()) == ["dataset", "videos"]


def test_where_folders_cannot_be_exchanged_a_swap_that_fails_puts_the_old_dataset_back(
    small_tree: Path, make: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make()
    before = content(folder)
    rename = Path.rename

    def refuse_the_new_one(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise PermissionError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr("physprior.dataset.replace._exchange", lambda new, out: False)
    monkeypatch.setattr(Path, "rename", refuse_the_new_one)
    with pytest.raises(OutputError, match="Permission denied"):
        make(seed=1)
    assert content(folder) == before


def test_where_folders_cannot_be_exchanged_a_dataset_is_replaced_all_the_same(
    small_tree: Path, make: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = content(make(seed=1))
    make(seed=0)
    monkeypatch.setattr("physprior.dataset.replace._exchange", lambda new, out: False)
    assert content(make(seed=1)) == expected
