"""What a retraining finds changed: whatever reaches a training record, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from retraining import PRIOR, TOLD, Paper, collection, edit, make_paper, video

from physprior.errors import DatasetError, KnowledgeError


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    return make_paper(tmp_path)


def kinds(paper: Paper) -> dict[str, str]:
    return {name: change.kind for name, change in paper.found().items()}


def test_an_unchanged_kb_gives_no_change(paper: Paper) -> None:
    found = paper.found()
    assert {name: (one.kind, one.why) for name, one in found.items()} == {
        "clip": ("unchanged", ()),
        "slide": ("unchanged", ()),
    }
    assert paper.changes().to_train == ()


def test_a_comment_and_another_layout_are_no_change(paper: Paper) -> None:
    edit(paper.kb / "clip.yaml", "id: clip", "# a comment\n\nid:    clip")
    assert paper.found()["clip"].why == ()
    assert kinds(paper) == {"clip": "unchanged", "slide": "unchanged"}


def test_an_edited_explanation_changes_its_category_alone(paper: Paper) -> None:
    held = [one for one in paper.dataset.records("train") if one.reason.startswith(TOLD)]
    assert held
    edit(paper.kb / "clip.yaml", TOLD, TOLD.replace("work", "effort"))
    found = paper.found()
    assert found["slide"].kind == "unchanged"
    assert found["clip"].kind == "changed"
    (why,) = found["clip"].why
    assert why.startswith("explanations changed: ")
    assert why.endswith(" of 16 training videos")
    assert paper.changes().to_train == ("clip",)


def test_a_sentence_that_is_never_taught_is_no_change(paper: Paper) -> None:
    edit(paper.kb / "clip.yaml", "status: reviewed", "status: draft")
    change = paper.found()["clip"]
    assert (change.kind, change.why) == (
        "unchanged",
        ("its entry has changed in nothing that is taught",),
    )


def test_an_edited_prior_changes_the_prompt(paper: Paper) -> None:
    edit(paper.kb / "clip.yaml", PRIOR, "has a torsion spring between its handles, which")
    assert paper.found()["clip"].why == ("prompt changed",)
    assert paper.changes().to_train == ("clip",)


def test_an_edited_template_changes_every_category(paper: Paper) -> None:
    edit(paper.templates / "multi_turn.j2", "Which parts move", "Which pieces move")
    assert {one.why for one in paper.found().values()} == {("template changed",)}
    assert paper.changes().to_train == ("clip", "slide")


def test_a_comment_in_the_template_is_no_change(paper: Paper) -> None:
    path = paper.templates / "multi_turn.j2"
    path.write_text("{# a comment #}\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert {(one.kind, one.why) for one in paper.found().values()} == {
        ("unchanged", ("the template has changed in nothing that it says",))
    }


def test_a_category_with_an_entry_and_videos_is_added(paper: Paper) -> None:
    paper.save(collection(categories=("ball", "clip", "slide")))
    found = paper.found()
    assert {name: one.kind for name, one in found.items()} == {
        "ball": "added",
        "clip": "unchanged",
        "slide": "unchanged",
    }
    assert found["ball"].records == 16
    assert paper.changes().to_train == ("ball",)


def test_a_category_of_the_dataset_that_the_run_left_out_is_added(paper: Paper) -> None:
    found = paper.found(before=paper.before(only=("clip",)))
    assert found["slide"].kind == "added"
    assert found["slide"].why == ("the run was not trained on it",)


def test_a_category_that_a_continued_run_was_told_otherwise_is_changed(paper: Paper) -> None:
    before = paper.before()
    before.record.prompts["clip"] = "the prompt of the run before"
    assert paper.found(before=before)["clip"].why == (
        "prompt changed: the run was last trained on another",
    )


def test_a_category_without_entry_or_videos_is_removed_and_trains_nothing(paper: Paper) -> None:
    paper.save(collection(categories=("clip",)))
    assert paper.found()["slide"].why == ("its videos are gone",)
    (paper.kb / "slide.yaml").unlink()
    changes = paper.changes()
    assert changes.by_category["slide"].kind == "removed"
    assert changes.by_category["slide"].why == ("the knowledge base no longer holds it",)
    assert changes.to_train == ()


def test_videos_of_a_category_that_the_kb_no_longer_holds_are_refused(paper: Paper) -> None:
    (paper.kb / "slide.yaml").unlink()
    with pytest.raises(DatasetError, match="the KB does not hold slide/"):
        paper.changes()


def test_more_fewer_and_relabelled_videos_are_counted(paper: Paper) -> None:
    videos = {one.path: one for one in collection()}
    records = paper.dataset.records("train")
    trained = [one.video for one in records if one.category == "clip" and not one.label]
    del videos[trained[0]]
    moved = videos[trained[1]]
    videos[trained[1]] = moved.model_copy(update={"class_id": "unable_to_press", "label": 1})
    videos |= {f"clip/train/{number}.mp4": video(f"clip/train/{number}.mp4") for number in range(8)}
    paper.save(videos.values())
    found = paper.found()
    assert found["slide"].kind == "unchanged"
    assert found["clip"].why == ("videos changed: 4 more, 1 gone, 1 in another class",)


def test_videos_that_are_new_but_do_not_train_are_no_change(paper: Paper) -> None:
    held = next(one for one in paper.dataset.records("test") if one.category == "clip")
    copy = video("clip/test/normal/copy.mp4", held.class_id, sha256=held.sha256)
    paper.save([*collection(), copy])
    change = paper.found()["clip"]
    assert (change.kind, change.why) == (
        "unchanged",
        ("its videos have changed in none that trains",),
    )


def test_looking_writes_nothing(paper: Paper) -> None:
    edit(paper.kb / "clip.yaml", TOLD, "Effort comes back when")

    def state() -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in paper.folder.rglob("*")}

    before = state()
    paper.changes()
    assert state() == before


def test_a_kb_with_errors_is_refused(paper: Paper) -> None:
    edit(paper.kb / "clip.yaml", "violates:\n      - press", "violates:\n      - pres")
    with pytest.raises(KnowledgeError, match="error"):
        paper.changes()


def test_videos_that_have_nothing_in_common_with_the_run_s_are_refused(paper: Paper) -> None:
    paper.save(collection(categories=("ball",)))
    with pytest.raises(DatasetError, match="none of the videos of"):
        paper.changes()


def test_a_split_without_a_video_to_compare_on_is_said_before_any_training(tmp_path: Path) -> None:
    from physprior.dataset.split import SplitOptions

    paper = make_paper(tmp_path, SplitOptions(fractions=(0.7, 0.0, 0.3)))
    with pytest.raises(DatasetError, match="no video stands in the split val") as refused:
        paper.changes()
    assert "--split test" in refused.value.remedy
    paper.changes(split="test")
