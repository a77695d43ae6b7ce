"""A folder of valid entries loads as one knowledge base; anything else says all that is wrong."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from physprior.errors import KnowledgeError
from physprior.knowledge.load import KnowledgeBase, load_entry, load_knowledge
from physprior.knowledge.schema import Category


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_an_entry_comes_with_its_category_and_its_places(tmp_path: Path, entry_text: str) -> None:
    entry = load_entry(write(tmp_path, "clip.yaml", entry_text))
    assert entry.category.id == "clip"
    assert entry.source.key(("anomalies", 0, "onset")).line == 28
    assert entry.path == tmp_path / "clip.yaml"


def test_categories_are_sorted_by_id_whatever_their_files_are_called(
    tmp_path: Path, entry_text: str
) -> None:
    first = write(tmp_path, "z.yaml", entry_text.replace("id: clip", "id: anchor"))
    last = write(tmp_path, "a.yml", entry_text)
    knowledge = load_knowledge(tmp_path)
    assert list(knowledge.categories) == ["anchor", "clip"]
    assert knowledge.sources == {"anchor": first, "clip": last}


def test_folders_below_are_searched_and_other_files_passed_over(
    tmp_path: Path, entry_text: str
) -> None:
    path = write(tmp_path, "springs/clip.yaml", entry_text)
    for name in ("vocabulary.yaml", "notes.txt", ".hidden.yaml", ".git/x.yaml"):
        write(tmp_path, name, "words: [not an entry\n")
    assert load_knowledge(tmp_path).sources == {"clip": path}


def test_every_problem_of_every_file_is_listed_with_its_place(
    tmp_path: Path, entry_text: str
) -> None:
    write(tmp_path, "a.yaml", entry_text.replace("status: reviewed", "status: done"))
    write(tmp_path, "b.yaml", entry_text.replace("id: clip", "id: Clip"))
    write(tmp_path, "c.yaml", "a: b: c\n")
    with pytest.raises(KnowledgeError) as caught:
        load_knowledge(tmp_path)
    assert "3 problems" in caught.value.message
    for place in ("a.yaml:3:9: S017", "b.yaml:1:5: S016", "c.yaml:1:5: S001"):
        assert place in caught.value.message
    assert f"physprior check {tmp_path}" in caught.value.remedy


def test_a_repeated_key_keeps_an_entry_from_loading(tmp_path: Path, entry_text: str) -> None:
    path = write(tmp_path, "clip.yaml", entry_text + "id: clip\n")
    with pytest.raises(KnowledgeError, match="S002"):
        load_entry(path)


def test_two_files_with_one_category_are_refused(tmp_path: Path, entry_text: str) -> None:
    write(tmp_path, "a.yaml", entry_text)
    write(tmp_path, "b.yaml", "# the other\n" + entry_text)
    with pytest.raises(KnowledgeError, match=r"b\.yaml:2:5: S019 .*a\.yaml"):
        load_knowledge(tmp_path)


@pytest.mark.parametrize("name", ["absent", "empty"])
def test_a_folder_without_entries_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(KnowledgeError, match=name):
        load_knowledge(tmp_path / name)


def test_an_unknown_category_is_answered_with_the_nearest(tmp_path: Path, entry_text: str) -> None:
    write(tmp_path, "clip.yaml", entry_text)
    knowledge = load_knowledge(tmp_path)
    with pytest.raises(KnowledgeError, match="did you mean 'clip'"):
        knowledge.category("clips")
    with pytest.raises(KnowledgeError, match="name one of these: clip"):
        knowledge.category("zzz")


def test_layout_and_comments_do_not_change_the_fingerprint(tmp_path: Path, entry_text: str) -> None:
    write(tmp_path / "one", "clip.yaml", entry_text)
    other = "# remark\n" + entry_text.replace("name: spring clip", 'name: "spring clip"   # x')
    other = other.replace("parts: [jaws]", "parts:\n      - jaws").replace("\n", "\r\n")
    write(tmp_path / "two", "other.yaml", other)
    one, two = load_knowledge(tmp_path / "one"), load_knowledge(tmp_path / "two")
    assert one.fingerprint("clip") == two.fingerprint("clip")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("The spring is elastic.", "The spring is elastic"), ("[a, b, c]", "[a, c, b]")],
)
def test_any_change_of_content_changes_the_fingerprint(
    tmp_path: Path, entry_text: str, right: str, wrong: str
) -> None:
    write(tmp_path / "one", "clip.yaml", entry_text)
    write(tmp_path / "two", "clip.yaml", entry_text.replace(right, wrong))
    one, two = load_knowledge(tmp_path / "one"), load_knowledge(tmp_path / "two")
    assert one.fingerprint("clip") != two.fingerprint("clip")


def test_a_new_optional_key_in_the_schema_leaves_fingerprints_as_they_were(
    tmp_path: Path, entry_text: str
) -> None:
    class LaterCategory(Category):
        remarks: str = ""

    entry = load_entry(write(tmp_path, "clip.yaml", entry_text))
    later = LaterCategory.model_validate(entry.source.data)
    prints = [KnowledgeBase({"clip": c}, {}).fingerprint("clip") for c in (entry.category, later)]
    assert prints[0] == prints[1]


def test_the_knowledge_base_travels_to_worker_processes(tmp_path: Path, entry_text: str) -> None:
    write(tmp_path, "clip.yaml", entry_text)
    knowledge = load_knowledge(tmp_path)
    assert pickle.loads(pickle.dumps(knowledge)) == knowledge
