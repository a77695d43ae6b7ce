"""What an engineer sees in the editor: the server behind VS Code's YAML extension, typed into."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from language_server import LanguageServer, OpenFile

from physprior.paths import kb_folder

pytestmark = pytest.mark.slow

MODELINE = "# yaml-language-server: $schema=../.physprior/kb.schema.json\n"


class Editor:
    """Files of the project, each opened under a name of its own."""

    def __init__(self, server: LanguageServer, project: Path) -> None:
        self._server, self._project, self._opened = server, project, 0

    def entry(self, text: str) -> OpenFile:
        """An entry of the KB with this text, and with its modeline."""
        self._opened += 1
        return self.file(f"kb/typed_{self._opened}.yaml", MODELINE + text)

    def file(self, place: str, text: str | None = None) -> OpenFile:
        """A file of the project as it is there, or with this text."""
        path = self._project / place
        return self._server.open(path, path.read_text(encoding="utf-8") if text is None else text)


@pytest.fixture(scope="module")
def editor(server: LanguageServer, project: Path) -> Editor:
    return Editor(server, project)


def shipped(name: str = "clip") -> str:
    return (kb_folder() / f"{name}.yaml").read_text(encoding="utf-8")


def line_of(words: str, text: str) -> int:
    """The line of these words in an entry, which the modeline stands before."""
    return text[: text.index(words)].count("\n") + 2


# What is marked


def test_nothing_is_marked_in_a_finished_entry(editor: Editor) -> None:
    assert editor.entry(shipped()).problems() == []


def test_in_a_new_entry_the_words_that_are_to_be_chosen_are_marked(
    editor: Editor, project: Path
) -> None:
    lines = (project / "kb/pendulum.yaml").read_text(encoding="utf-8").splitlines()
    marked = editor.file("kb/pendulum.yaml").problems()
    assert {message.partition(" that the editor")[0] for _, message in marked} == {
        "Choose one of the actuators",
        "Choose one of the actions",
        "Choose one of the properties",
    }
    assert all("todo" in lines[line - 1].lower() for line, _ in marked)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("id: clip\n", "id: Spring Clip\n", "An id is lower-case words joined by underscores"),
        ("name: spring clip\n", "name:\n", "One text is needed here."),
        ("status: reviewed\n", "status: done\n", "Write one of: draft, reviewed."),
        ("actuator: gripper\n", "actuator: griper\n", "Choose one of the actuators"),
        ("- elastic\n", "- elastik\n", "Choose one of the properties"),
        ("expected: The gripper", "expected: Here: The gripper", "If ': ' or ' #' stands in it"),
        ("onset: persistent\n", "onset: sometimes\n", "Write one of: persistent, intermittent."),
        ("evidence: motion\n", "evidense: motion\n", "Property evidense is not allowed."),
    ],
)
def test_a_slip_is_marked_in_its_line_with_what_to_do(
    editor: Editor, right: str, wrong: str, said: str
) -> None:
    text = shipped().replace(right, wrong, 1)
    marked = editor.entry(text).problems()
    assert line_of(wrong, text) in [line for line, message in marked if said in message]


def test_a_key_that_is_missing_is_named(editor: Editor) -> None:
    text = shipped().replace("    onset: persistent\n", "", 1)
    assert [message for _, message in editor.entry(text).problems()] == [
        'Missing property "onset".'
    ]


def test_a_list_that_was_left_empty_and_one_that_is_too_short_are_marked(editor: Editor) -> None:
    text = "normal:\n  descriptions:\n  explanations:\n    - One.\n  references: [One., Two.]\n"
    said = [message for line, message in editor.entry(text).problems() if line > 2]
    assert said == [
        "A list is needed here: each item on a line of its own, beginning with '- '.",
        "Array has too few items. Expected 5 or more.",
    ]


def test_the_vocabulary_is_not_held_to_be_an_entry(editor: Editor) -> None:
    assert editor.file("kb/vocabulary.yaml").problems() == []


# What is proposed


def test_the_keys_of_an_entry_are_proposed_in_their_order_each_with_what_it_is_for(
    editor: Editor,
) -> None:
    proposed = editor.entry("\n").completions(MODELINE)
    keys = [label for label in proposed if " " not in label]
    assert keys[:4] == ["id", "name", "aliases", "status"]
    assert keys[4:] == ["interaction", "prior", "normal", "anomalies"]
    assert "The physics of a sound object" in str(proposed["prior"]["documentation"])


def test_a_whole_entry_is_proposed_with_all_that_it_needs(editor: Editor) -> None:
    whole = editor.entry("\n").completions(MODELINE)["a category of physprior's KB"]["insertText"]
    keys = [line.strip(" -").partition(":")[0] for line in whole.splitlines()]
    assert [key for key in keys if key] == [
        *("id", "name", "status", "interaction", "actuator", "actions"),
        *("prior", "component", "names", "properties", "statement"),
        *("subject", "parts", "statement", "motion", "statement", "phases", "id", "expected"),
        *("normal", "descriptions", "explanations", "references"),
        *("anomalies", "id", "name", "violates", "onset", "evidence"),
        *("descriptions", "explanations", "references"),
    ]


def test_no_two_places_of_the_whole_entry_are_filled_by_one_typing(editor: Editor) -> None:
    whole = editor.entry("\n").completions(MODELINE)["a category of physprior's KB"]["insertText"]
    stops = re.findall(r"\$\{?(\d+)", whole)
    assert len(stops) > 10
    assert len(stops) == len({*stops})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("status: ", ["draft", "reviewed"]),
        ("anomalies:\n  - onset: ", ["persistent", "intermittent"]),
        ("anomalies:\n  - evidence: ", ["motion", "frame"]),
    ],
)
def test_a_choice_is_proposed_each_with_its_meaning(
    editor: Editor, text: str, words: list[str]
) -> None:
    proposed = editor.entry(text).completions(text)
    assert sorted(proposed) == sorted(words)
    assert all(item["documentation"] for item in proposed.values())


def test_a_word_of_the_vocabulary_is_proposed_with_its_meaning(editor: Editor) -> None:
    text = "prior:\n  component:\n    properties:\n      - "
    proposed = editor.entry(text).completions(text)
    assert proposed["elastic"]["documentation"].startswith("Returns to its shape")


def test_no_sentence_about_another_object_is_proposed(editor: Editor) -> None:
    text = "prior:\n  component:\n    statement: "
    assert editor.entry(text).completions(text) == {}


def test_behind_a_dash_an_anomaly_is_proposed_as_a_whole(editor: Editor) -> None:
    text = "anomalies:\n  - "
    proposed = editor.entry(text).completions(text)
    whole = next(item for label, item in proposed.items() if label.startswith("anomalies: id"))
    assert "\n  violates:\n    - \n  onset: $3\n" in whole["insertText"]


# What is shown where the mouse rests


def test_a_key_shows_what_it_is_for_and_how_another_entry_has_it(editor: Editor) -> None:
    shown = editor.entry(shipped("fan")).hover("parts:")
    assert "The moving parts, by the names that the sentences call them." in shown
    assert "In the entry of the spring clip, for example: *handles*" in shown


def test_a_choice_shows_what_each_word_means(editor: Editor) -> None:
    shown = editor.entry(shipped()).hover("evidence:")
    assert "`motion`: No single frame could show it" in shown
    assert "`frame`: One frame could show it" in shown


def test_a_field_of_a_defect_speaks_of_the_defect(editor: Editor) -> None:
    text = shipped()
    shown = editor.entry(text[text.index("anomalies:") :]).hover("explanations:")
    assert "which part fails" in shown


# The project file and the recipe


@pytest.mark.parametrize("place", ["physprior.yaml", "recipe.yaml"])
def test_nothing_is_marked_in_what_init_has_written(editor: Editor, place: str) -> None:
    assert editor.file(place).problems() == []


def test_the_settings_of_the_project_are_enough_without_a_modeline(editor: Editor) -> None:
    typed = editor.file("physprior.yaml", "vidoes: elsewhere\nsplit:\n  protocol: ")
    assert typed.problems()[0] == (1, "Property vidoes is not allowed.")
    assert "weak" in typed.completions("protocol: ")


def test_a_number_that_a_recipe_cannot_have_is_marked(editor: Editor) -> None:
    typed = editor.file("recipe.yaml", "epochs: 0\nbatch_size: two\n")
    assert [line for line, _ in typed.problems()] == [1, 2]
    assert "How often every video is seen." in typed.hover("epochs")
