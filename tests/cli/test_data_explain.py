from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from physprior import fingerprint
from physprior.dataset.compile import build
from physprior.dataset.folder import Dataset
from physprior.dataset.index import index_videos
from physprior.dataset.index_file import write_index
from physprior.dataset.records import SPLITS, Record
from physprior.dialogue import Templates
from physprior.knowledge.load import KnowledgeBase, load_knowledge
from physprior.paths import kb_folder, templates_folder


@pytest.fixture(scope="module")
def records(dataset: Path) -> list[Record]:
    opened = Dataset.open(dataset)
    return [record for split in SPLITS for record in opened.records(split)]


@pytest.fixture
def own_sources(tmp_path: Path) -> tuple[Path, Path]:
    """Copies of the KB and the templates, which may be edited."""
    kb, templates = tmp_path / "kb", tmp_path / "templates"
    shutil.copytree(kb_folder(), kb)
    shutil.copytree(templates_folder(), templates)
    return kb, templates


def anomalous(records: list[Record]) -> Record:
    return next(record for record in records if record.label)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_record_is_shown_with_the_place_of_each_sentence(
    physprior: Any,
    dataset: Path,
    records: list[Record],
    kb: KnowledgeBase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(kb_folder().parent)
    record = anomalous(records)
    outcome = physprior("data", "explain", dataset, record.id)
    assert (outcome.code, outcome.err) == (0, "")
    lines = (kb_folder() / "clip.yaml").read_text().splitlines()
    number = 1 + next(n for n, line in enumerate(lines) if line.startswith("      The clip has a"))
    assert outcome.out.startswith(f"{record.id}  (multi_turn, {record.split})\n")
    assert f"      kb/clip.yaml:{number}:7 " in outcome.out
    assert "prior.component.statement\n      templates/multi_turn.j2:7:21" in outcome.out
    assert "{{ prior.component.statement }}" in outcome.out
    assert f".explanations[{record.reason_index + 1}]" in outcome.out
    assert "\x1b" not in outcome.out


def test_the_label_and_the_explanation_are_given_their_reasons(
    physprior: Any, dataset: Path, records: list[Record]
) -> None:
    record = anomalous(records)
    said = " ".join(physprior("data", "explain", dataset, record.id).out.split())
    assert f"label Anomalous ({record.class_id}), by its folder '{record.class_id}'" in said
    assert f"explanation number {record.reason_index + 1} of the 6 of {record.class_id}" in said
    assert "drawn by a stable hash of the video, the sentence and seed 0" in said


def test_a_folder_that_is_an_alias_is_said_to_be_one(
    physprior: Any, tmp_path: Path, kb: KnowledgeBase, templates: Templates, write_clip: Any
) -> None:
    for folder in ("train", "test/norm", "test/unable_press", "test/unable_rebound"):
        for number in range(4):
            path = tmp_path / f"videos/clip/{folder}/{number}.mp4"
            write_clip(path, frames=3, size=(16, 16), seed=len(str(path)) * 97 + number)
    build(tmp_path / "videos", tmp_path / "out", knowledge=kb, templates=templates, mode="no_phys")
    said = physprior("data", "explain", tmp_path / "out", "clip/test/unable_press/1").out
    said = " ".join(said.split())
    assert "by its folder 'unable_press', which is its alias (" in said
    said = physprior("data", "explain", tmp_path / "out", "clip/train/1").out
    assert "by its folder 'train', which holds normal videos alone" in " ".join(said.split())


def test_a_label_that_an_index_gave_is_said_to_be_the_index_s(
    physprior: Any, dataset: Path, tmp_path: Path, kb: KnowledgeBase, templates: Templates
) -> None:
    index = index_videos(dataset.parent / "videos", kb)
    write_index(index, tmp_path / "videos.jsonl")
    build(
        tmp_path / "videos.jsonl",
        tmp_path / "out",
        knowledge=kb,
        templates=templates,
        mode="no_phys",
    )
    name = next(video.path for video in index.videos if video.label)
    said = " ".join(physprior("data", "explain", tmp_path / "out", name).out.split())
    assert "videos.jsonl, which the dataset was built from, and by its folder '" in said


def test_a_text_that_this_version_renders_otherwise_gets_no_places(
    physprior: Any, dataset: Path, records: list[Record], tmp_path: Path
) -> None:
    shutil.copytree(dataset, tmp_path / "old")
    path = tmp_path / "old" / records[0].split / "clip.jsonl"
    edit(path, "Watch the spring clip", "Watch this spring clip")
    manifest = tmp_path / "old" / "manifest.json"
    content = json.loads(manifest.read_text())
    content["files"][f"{records[0].split}/clip.jsonl"] = fingerprint.of_file(path)
    content["physprior_version"] = "0.0.7"
    manifest.write_text(json.dumps(content))
    outcome = physprior("data", "explain", tmp_path / "old", records[0].id)
    assert outcome.code == 1
    assert "changed physprior 0.0.7 built the dataset" in " ".join(outcome.out.split())
    assert "Watch this spring clip" in outcome.out
    assert ".j2:" not in outcome.out


@pytest.mark.parametrize("named", ["id", "path", "place"])
def test_a_record_is_named_by_its_id_or_its_video(
    physprior: Any, dataset: Path, records: list[Record], named: str
) -> None:
    record = records[0]
    names = {
        "id": record.id,
        "path": record.video,
        "place": str(dataset.parent / "videos" / record.video),
    }
    outcome = physprior("data", "explain", dataset, names[named])
    assert outcome.code == 0
    assert outcome.out.startswith(f"{record.id}  (")


def test_a_video_with_several_records_shows_them_all(
    physprior: Any, dataset: Path, tmp_path: Path, kb: KnowledgeBase, templates: Templates
) -> None:
    build(
        dataset.parent / "videos",
        tmp_path / "out",
        knowledge=kb,
        templates=templates,
        mode="no_phys",
        variants=2,
    )
    train = Dataset.open(tmp_path / "out").records("train")
    again = next(record for record in train if record.id.endswith("#2"))
    said = physprior("data", "explain", tmp_path / "out", again.video).out
    assert said.startswith(f"{again.video.removesuffix('.mp4')}  (")
    assert f"\n{again.id}  (" in said
    assert "seed 0: place 2 in its order" in " ".join(said.split())


def test_every_text_of_a_record_is_in_the_json_with_its_origin(
    physprior: Any, dataset: Path, records: list[Record]
) -> None:
    record = anomalous(records)
    outcome = physprior("data", "explain", dataset, record.id, "--json")
    (shown,) = json.loads(outcome.out)["records"]
    assert shown["id"] == record.id
    assert shown["changed"] == []
    parts = [part for turn in shown["turns"] for part in turn["parts"]]
    assert [part["text"] for part in parts] == [
        part.text for turn in record.turns for part in turn.parts
    ]
    for part in parts:
        assert "".join(one["text"] for one in part["fragments"]) == part["text"]
        assert all(one["template"]["file"].endswith(".j2") for one in part["fragments"])
    values = [value["value"] for part in parts for one in part["fragments"] for value in one["kb"]]
    assert f"anomalies[{record.class_id}].explanations[{record.reason_index + 1}]" in values


def test_a_comment_in_the_kb_moves_the_lines_and_nothing_else(
    physprior: Any, dataset: Path, records: list[Record], own_sources: tuple[Path, Path]
) -> None:
    kb, templates = own_sources
    words = ("data", "explain", dataset, records[0].id, "--kb", kb, "--templates", templates)
    before = physprior(*words)
    edit(kb / "clip.yaml", "id: clip", "# one line more\nid: clip")
    after = physprior(*words)
    assert (before.code, after.code) == (0, 0)
    assert f"{kb}/clip.yaml:5:7 " in before.out
    assert f"{kb}/clip.yaml:6:7 " in after.out


@pytest.mark.parametrize("what", ["entry", "template", "entry gone", "template gone"])
def test_sources_that_have_changed_are_named_and_no_places_are_guessed(
    physprior: Any,
    dataset: Path,
    records: list[Record],
    own_sources: tuple[Path, Path],
    what: str,
) -> None:
    kb, templates = own_sources
    if what == "entry":
        edit(kb / "clip.yaml", "The clip has a torsion spring", "The clip owns a torsion spring")
        changed = f"{kb}/clip.yaml has changed since the build: "
    elif what == "template":
        edit(templates / "multi_turn.j2", "Watch the", "Look at the")
        changed = f"{templates}/multi_turn.j2 has changed since the build: "
    elif what == "entry gone":
        (kb / "clip.yaml").unlink()
        changed = "the KB has no category clip"
    else:
        (templates / "multi_turn.j2").unlink()
        changed = f"{templates} has no template multi_turn.j2"
    words = ("data", "explain", dataset, records[0].id, "--kb", kb, "--templates", templates)
    outcome = physprior(*words)
    said = " ".join(outcome.out.split())
    assert outcome.code == 1
    assert f"changed {changed}" in said
    assert records[0].reason in said
    assert records[0].turns[1].text in said
    assert ".yaml:" not in said
    assert ".j2:" not in said
    (shown,) = json.loads(physprior(*words, "--json").out)["records"]
    assert len(shown["changed"]) == 1
    assert "fragments" not in shown["turns"][0]["parts"][0]


def test_an_unknown_record_is_answered_with_the_nearest(
    physprior: Any, dataset: Path, records: list[Record]
) -> None:
    outcome = physprior("data", "explain", dataset, records[0].id.replace("clip", "clp"))
    assert (outcome.code, outcome.out) == (2, "")
    assert f"did you mean '{records[0].id}'?" in outcome.err


def test_shipped_sources_are_those_that_the_dataset_was_built_from(dataset: Path) -> None:
    manifest = Dataset.open(dataset).manifest
    assert manifest.categories["clip"].entry == load_knowledge(kb_folder()).fingerprint("clip")
