"""What a drafter is asked is words in ``templates/draft``: checked, sandboxed, one file each."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from physprior.check.run import check_paths
from physprior.dialogue import Templates
from physprior.draft.order import Order, make_order
from physprior.draft.settle import marked
from physprior.errors import JudgeError
from physprior.paths import kb_folder, templates_folder

SHIPPED = templates_folder() / "draft"


@pytest.fixture
def words(tmp_path: Path) -> Path:
    """A folder of templates of one's own."""
    shutil.copytree(SHIPPED, tmp_path / "words" / "draft")
    return tmp_path / "words"


def order(words: Path, notes: Path) -> Order:
    return make_order(kb_folder(), words, "clip", notes=notes, what="explanations")


def changed(words: Path, old: str, new: str) -> Path:
    path = words / "draft" / "explanations.j2"
    text = path.read_text()
    assert old in text
    # The last one: the first may stand in the comment at the top.
    before, _, after = text.rpartition(old)
    path.write_text(before + new + after)
    return path


def test_the_shipped_ones_pass_the_check_and_are_no_modes() -> None:
    result = check_paths([SHIPPED], cache=False)
    assert (result.diagnostics, result.passed_over) == ((), ())
    assert len(result.files) == 4
    assert "explanations" not in Templates(templates_folder()).modes()


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ('{% set version = "1" %}', "", "J007 rubric-form: the request names no version"),
        ("{% block system %}", "Hi. {% block system %}", "reaches no model"),
        ("{% block system %}", "{% block sistem %}", "a request has no block 'sistem'"),
        ("{{ defect }}", "{{ deffect }}", "J002 unknown-field: a template has no name 'deffect'"),
        ("{{ notes }}", "{{ answer }}", "J002 unknown-field: a template has no name 'answer'"),
        ("{{ notes }}", "{% include 'x.j2' %}", "a request takes nothing in from other files"),
    ],
)
def test_the_check_finds_what_would_keep_a_drafter_from_being_asked(
    words: Path, old: str, new: str, finding: str
) -> None:
    path = changed(words, old, new)
    assert finding in "\n".join(
        found.concise() for found in check_paths([path], cache=False).diagnostics
    )


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("{{ notes }}", "", "must hold {{ notes }} once and unchanged"),
        ("{{ notes }}", "{{ notes }}{{ notes }}", "must hold {{ notes }} once and unchanged"),
        ("{{ notes }}", "{{ notes | upper }}", "must hold {{ notes }} once and unchanged"),
        ("{{ defect }}", "{{ deffect }}", "'deffect' is undefined"),
        ('{% set version = "1" %}', "", "a request names its version"),
        ("{{ notes }}", "{{ notes.__class__.__mro__ }}", "unsafe"),
    ],
)
def test_a_template_that_is_unfit_is_refused_before_anything_is_sent(
    words: Path, notes: Path, old: str, new: str, reason: str
) -> None:
    changed(words, old, new)
    with pytest.raises(JudgeError) as refused:
        order(words, notes)
    assert reason in refused.value.message


def test_words_of_one_s_own_are_sent(words: Path, notes: Path) -> None:
    changed(words, "You help an engineer", "Du hilfst einer Ingenieurin")
    assert all("Du hilfst einer" in prompt.system for _, prompt in order(words, notes).asked)


def test_a_template_that_is_missing_is_named(words: Path, notes: Path) -> None:
    (words / "draft" / "explanations.j2").unlink()
    with pytest.raises(JudgeError, match=r"there is no request .*explanations\.j2"):
        order(words, notes)


@pytest.mark.parametrize(
    ("model", "comment"),
    [
        ("qwen3:8b", "draft: review me (model qwen3:8b)"),
        ("a\n- id: stolen", "draft: review me (model a - id: stolen)"),
        ("\u202e\x1b[31m", "draft: review me (model [31m)"),
        ("x" * 100, f"draft: review me (model {'x' * 60})"),
        (" ", "draft: review me"),
    ],
)
def test_whatever_a_model_is_called_the_comment_is_one_line(model: str, comment: str) -> None:
    assert marked(model) == comment
