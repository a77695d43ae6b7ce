"""The entry that ``physprior new`` writes: a clean draft, a sound entry once it is filled in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from door_closer import HARDLY_OPENS, NORMAL, PRIOR, SLAMS_SHUT, fill

from physprior.check.run import check_bytes
from physprior.errors import KnowledgeError
from physprior.knowledge.schema import Category
from physprior.knowledge.source import parse_source
from physprior.knowledge.validation import validate
from physprior.knowledge.vocabulary import Vocabulary, load_vocabulary
from physprior.paths import kb_folder
from physprior.project.new_entry import NewEntry, count_open, refuse_bad_words, render_entry
from physprior.project.taken import place_for

BARE = NewEntry("door_closer")
NAMED = NewEntry(
    "door_closer",
    anomalies=("slams_shut", "hardly_opens"),
    phases=("open", "close"),
    actuator="robot_arm",
    actions=("push", "release"),
)
FILE = Path("door_closer.yaml")


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    return load_vocabulary(kb_folder() / "vocabulary.yaml")


def findings(text: str) -> list[str]:
    return [found.code for found in check_bytes(FILE, text.encode())]


def category(text: str) -> Category:
    found, broken = validate(parse_source(FILE, text.encode()))
    assert found is not None, broken
    return found


@pytest.mark.parametrize("wanted", [BARE, NAMED], ids=["bare", "named"])
def test_a_new_entry_is_a_draft_in_which_the_check_finds_nothing(
    wanted: NewEntry, words: Vocabulary
) -> None:
    text = render_entry(wanted, words)
    assert findings(text) == []
    assert category(text).status == "draft"


@pytest.mark.parametrize("wanted", [BARE, NAMED], ids=["bare", "named"])
def test_set_to_reviewed_it_is_unfinished_at_every_todo(
    wanted: NewEntry, words: Vocabulary
) -> None:
    text = render_entry(wanted, words)
    reviewed = text.replace("status: draft", "status: reviewed")
    assert findings(reviewed).count("T005") == count_open(text)


def test_with_every_todo_replaced_it_passes_as_reviewed(words: Vocabulary) -> None:
    text = fill(render_entry(NAMED, words), [*PRIOR, *NORMAL, *SLAMS_SHUT, *HARDLY_OPENS])
    assert findings(text) == []
    assert category(text).status == "reviewed"


def test_it_passes_also_where_every_id_was_left_open(words: Vocabulary) -> None:
    ids = ["robot_arm", "push"]
    text = render_entry(BARE, words)
    text = text.replace("id: todo_first", "id: open").replace("id: todo_second", "id: close")
    answers = [*ids, *PRIOR, *NORMAL, "slams_shut", "slams shut", *SLAMS_SHUT]
    # The one anomaly breaks both phases, or the other would have none.
    filled = fill(text, answers).replace("      - close\n", "      - open\n      - close\n")
    assert findings(filled) == []


def test_each_field_stands_below_a_comment_on_it(words: Vocabulary) -> None:
    text = render_entry(BARE, words)
    source, lines = parse_source(FILE, text.encode()), text.splitlines()
    # A second phase or anomaly is as the first.
    fields = [path for path in source.keys if not {*path} & {1, 2}]
    assert len(fields) == len(set(fields)) == 34
    for path in fields:
        assert lines[source.key(path).line - 2].lstrip().startswith("#"), path


def test_each_example_of_a_sentence_stands_in_an_entry_that_passes(words: Vocabulary) -> None:
    text = render_entry(BARE, words)
    examples = re.findall(r"#   ([A-Z].*\.)$|# What is seen in this step: (.*)$", text, re.M)
    examples = ["".join(found) for found in examples]
    assert len(examples) == 10
    assert {*examples} <= {*PRIOR, *NORMAL, *SLAMS_SHUT}


def test_the_words_of_the_vocabulary_are_named_beside_their_fields(words: Vocabulary) -> None:
    comments = " ".join(re.findall(r"# (.*)", render_entry(BARE, words))).split()
    for known in (words.actuators, words.actions, words.properties):
        assert ", ".join(known) in " ".join(comments)


def test_its_lines_fit_an_editor_s_window(words: Vocabulary) -> None:
    assert max(map(len, render_entry(BARE, words, schema="../x.json").splitlines())) <= 100


def test_one_phase_is_the_one_that_every_anomaly_breaks(words: Vocabulary) -> None:
    text = render_entry(NewEntry("fan", anomalies=("stuck",), phases=("spin",)), words)
    assert category(text).anomalies[0].violates == ("spin",)


@pytest.mark.parametrize(
    "name", ["Door closer", "Türschließer (2-fach)", "a: b", "#3 valve", "no", '"', "- x", "{y}"]
)
def test_a_name_is_kept_to_the_letter(name: str, words: Vocabulary) -> None:
    assert category(render_entry(NewEntry("x", name=name), words)).name == name


def test_the_editor_s_line_comes_first_where_there_is_a_schema(words: Vocabulary) -> None:
    first = render_entry(BARE, words, schema="../.physprior/kb.schema.json").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../.physprior/kb.schema.json"
    assert "yaml-language-server" not in render_entry(BARE, words)


@pytest.mark.parametrize(
    ("wanted", "says", "meant"),
    [
        (NewEntry("Door Closer"), "the category 'Door Closer' is no id", "'door_closer'"),
        (NewEntry("2_door"), "the category '2_door'", "'door'"),
        (NewEntry("tür"), "the category 'tür'", "'tur'"),
        (NewEntry("Fußhebel"), "the category 'Fußhebel'", "'fusshebel'"),
        (NewEntry("dør"), "the category 'dør'", "like door_closer"),
        (NewEntry("доводчик"), "the category 'доводчик'", "like door_closer"),
        (NewEntry("x", anomalies=("a", "Slams-Shut")), "--anomaly 'Slams-Shut'", "'slams_shut'"),
        (NewEntry("x", phases=("Open",)), "--phase 'Open'", "'open'"),
        (NewEntry("x", actuator="robot arm"), "--actuator 'robot arm'", "'robot_arm'"),
        (NewEntry("x", actions=("push!",)), "--action 'push!'", "'push'"),
        (NewEntry("x", name="a\x1bb"), "--name 'a\\x1bb'", "on one line"),
    ],
)
def test_a_word_that_is_no_id_is_named_with_the_one_that_may_be_meant(
    wanted: NewEntry, says: str, meant: str
) -> None:
    with pytest.raises(KnowledgeError) as caught:
        refuse_bad_words(wanted)
    assert says in caught.value.message
    assert meant in caught.value.remedy


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def test_an_entry_goes_into_a_file_of_its_id(tmp_path: Path) -> None:
    assert place_for("door_closer", tmp_path) == tmp_path / "door_closer.yaml"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("pump.yaml", "", "pump.yaml is there already"),
        ("press.yaml", "id: pump\n", "press.yaml describes 'pump' already"),
        (
            "press.yaml",
            "id: press\naliases: [Pump]\n",
            "'pump' is an alias of the category 'press'",
        ),
        ("press.yaml", "id: pump\nname: [\n", None),
    ],
    ids=["file", "id", "alias", "unreadable"],
)
def test_an_id_that_is_taken_is_refused_also_by_a_broken_entry(
    name: str, text: str, says: str | None, tmp_path: Path
) -> None:
    write(tmp_path, name, text)
    if says is None:
        # What cannot be read claims nothing; the check names it.
        assert place_for("pump", tmp_path).name == "pump.yaml"
        return
    with pytest.raises(KnowledgeError, match=re.escape(says)):
        place_for("pump", tmp_path)


def test_an_id_that_a_whole_entry_has_as_alias_is_taken(words: Vocabulary, tmp_path: Path) -> None:
    text = render_entry(BARE, words).replace("aliases: []", "aliases: [Door Check]", 1)
    write(tmp_path, "door_closer.yaml", text)
    with pytest.raises(KnowledgeError, match="alias of the category 'door_closer'"):
        place_for("door_check", tmp_path)


def test_no_category_can_be_called_vocabulary(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="holds the words of the KB"):
        place_for("vocabulary", tmp_path)
