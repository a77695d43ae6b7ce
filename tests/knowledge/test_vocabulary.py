"""The closed lists of words are read as strictly as an entry, with the same findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from physprior.errors import KnowledgeError
from physprior.knowledge.load import VOCABULARY
from physprior.knowledge.vocabulary import load_vocabulary, read_vocabulary
from physprior.paths import kb_folder

SOUND = (
    "actuators:\n  robot_arm: An arm.\nactions:\n  press: Push.\nproperties:\n  low wear: Lasts.\n"
)


def write(folder: Path, text: str) -> Path:
    path = folder / VOCABULARY
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_vocabulary_is_sound() -> None:
    vocabulary, source, findings = read_vocabulary(kb_folder() / VOCABULARY)
    assert findings == []
    assert vocabulary is not None
    assert list(vocabulary.actuators) == list(source.data["actuators"])


def test_each_list_holds_words_with_their_meaning(tmp_path: Path) -> None:
    vocabulary = load_vocabulary(write(tmp_path, SOUND))
    assert vocabulary.actuators == {"robot_arm": "An arm."}
    assert vocabulary.actions == {"press": "Push."}
    assert vocabulary.properties == {"low wear": "Lasts."}


@pytest.mark.parametrize(
    ("right", "wrong", "expected", "remedy"),
    [
        (
            "robot_arm",
            "Robot Arm",
            "2:3: S016 bad-id: 'Robot Arm' in actuators is no id",
            "use lower-case words joined by underscores, such as 'robot_arm'",
        ),
        (
            "low wear",
            "' '",
            "6:3: S018 empty-value: a key is empty in properties",
            "write the word that it stands for",
        ),
        (
            "press: Push.",
            "press:",
            "4:3: S018 empty-value: actions.press is empty",
            "write what belongs here",
        ),
        (
            "press: Push.",
            "press: #3 push",
            "4:3: S018 empty-value: actions.press is empty",
            "write what belongs here; what stands behind the '#' is a comment: put the whole "
            "text between double quotes if it is meant",
        ),
        (
            "press: Push.",
            "press: [Push.]",
            "4:10: S014 wrong-type: actions.press is a list, where text is needed",
            "write one text, without '- ' or brackets",
        ),
        (
            "actions:\n  press: Push.",
            "actions: {}",
            "3:1: S015 too-few: actions has no words; at least 1 is needed",
            "add 1 more",
        ),
        (
            "actions:\n  press: Push.",
            "actions: [press]",
            "3:10: S014 wrong-type: actions is a list, where a mapping of words is needed",
            "write each word below it, indented, with a colon, a space and its meaning",
        ),
        (
            "actions:\n  press: Push.",
            "actions:\n  press:Push.",
            "4:3: S014 wrong-type: actions is text, where a mapping of words is needed",
            "write 'press: ', with a colon and a space",
        ),
        (
            "actions:",
            "acts:",
            "3:1: S012 unknown-key: unknown key 'acts'",
            "did you mean 'actions'?",
        ),
        (
            "actions:\n  press: Push.\n",
            "",
            "1:1: S013 missing-key: the key 'actions' is missing",
            "add 'actions:' among its keys",
        ),
    ],
)
def test_a_breach_is_said_once_at_its_place(
    tmp_path: Path, right: str, wrong: str, expected: str, remedy: str
) -> None:
    path = write(tmp_path, SOUND.replace(right, wrong))
    vocabulary, _, (found,) = read_vocabulary(path)
    assert vocabulary is None
    assert found.concise() == f"{path}:{expected}"
    assert found.remedy == remedy


def test_a_word_that_stands_twice_keeps_a_vocabulary_from_loading(tmp_path: Path) -> None:
    path = write(tmp_path, SOUND + "  low wear: Again.\n")
    with pytest.raises(KnowledgeError, match=r"7:3: S002.*"):
        load_vocabulary(path)


def test_a_vocabulary_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="vocabulary"):
        load_vocabulary(tmp_path / VOCABULARY)
