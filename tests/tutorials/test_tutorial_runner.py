"""The runner of the tutorials notices what is wrong, and lets pass what a page says may differ."""

from __future__ import annotations

from pathlib import Path

import pytest
from tutorial_editor import write
from tutorial_output import agrees
from tutorial_page import Commands, Output, PageError, Slack, Writing, read_steps
from tutorial_session import Session

DOCS = Path(__file__).resolve().parents[2] / "docs"
TUTORIALS = ["add-a-category.md", "the-whole-loop.md"]


def page(*blocks: str) -> str:
    return "# A page\n\n" + "\n\nwords\n\n".join(blocks) + "\n"


def fenced(info: str, text: str, remark: str = "") -> str:
    comment = f"<!-- {remark} -->\n" if remark else ""
    return f"{comment}```{info}\n{text}\n```"


# Reading


def test_the_steps_of_a_page_come_in_their_order() -> None:
    steps = read_steps(
        page(
            fenced("sh", "ls"),
            fenced("text", "film.py"),
            fenced("python film.py", "pass"),
            fenced("sh", "false", "exits with 1"),
        )
    )
    assert steps == [
        Commands("ls\n", 0, Output("film.py\n", None, 10), 4),
        Writing("python", "film.py", "pass\n", 16),
        Commands("false\n", 1, None, 23),
    ]


def test_a_block_that_names_no_file_is_no_step() -> None:
    assert read_steps(page(fenced("yaml", "id: clip"), fenced("mermaid", "a --> b"))) == []


@pytest.mark.parametrize(
    ("remark", "slack"),
    [("numbers within 0.1", Slack(absolute=0.1)), ("numbers within 40%", Slack(relative=0.4))],
)
def test_a_comment_above_an_output_gives_its_numbers_slack(remark: str, slack: Slack) -> None:
    (step,) = read_steps(page(fenced("sh", "ls"), fenced("text", "1", remark)))
    assert isinstance(step, Commands)
    assert step.output
    assert step.output.slack == slack


@pytest.mark.parametrize("before", ["", fenced("python film.py", "pass")])
def test_an_output_below_no_command_is_a_fault_of_the_page(before: str) -> None:
    with pytest.raises(PageError, match="below no command"):
        read_steps(page(before, fenced("text", "x")))


def test_a_comment_that_is_misspelt_is_a_fault_of_the_page() -> None:
    with pytest.raises(PageError, match="no comment that a tutorial knows"):
        read_steps(page(fenced("sh", "ls"), fenced("text", "x", "number within 3")))


# Writing

ENTRY = "# top\n\nid: a\n\n# of b\nb:\n  - 1\n\nc:\n  - 2\n"


def test_a_yaml_block_takes_the_place_of_the_section_with_its_comments() -> None:
    step = Writing("yaml", "a.yaml", "b:\n  - 3\n", 1)
    assert write(step, ENTRY) == "# top\n\nid: a\n\nb:\n  - 3\n\nc:\n  - 2\n"


def test_a_yaml_block_may_hold_several_sections() -> None:
    step = Writing("yaml", "a.yaml", "id: z\n\nc:\n  - 9\n", 1)
    assert write(step, ENTRY) == "# top\n\nid: z\n\n# of b\nb:\n  - 1\n\nc:\n  - 9\n"


def test_a_section_that_the_file_has_not_is_a_fault_of_the_page() -> None:
    with pytest.raises(PageError, match="no sections"):
        write(Writing("yaml", "a.yaml", "d: 1\n", 1), ENTRY)


def test_a_diff_puts_lines_in_the_places_of_others() -> None:
    step = Writing("diff", "a.yaml", "-  - 1\n+  - 3\n+  - 4\n-  - 2\n", 1)
    assert write(step, ENTRY) == "# top\n\nid: a\n\n# of b\nb:\n  - 3\n  - 4\n\nc:\n"


def test_a_diff_of_lines_that_the_file_has_not_is_a_fault_of_the_page() -> None:
    with pytest.raises(PageError, match="has not once"):
        write(Writing("diff", "a.yaml", "- - 1\n", 1), ENTRY)


# Comparing


@pytest.mark.parametrize(
    ("shown", "printed", "slack"),
    [
        ("a\nb\n", "a\nb\n", None),
        ("took … s\n", "took 12.5 s\n", None),
        ("a\n…\nz\n", "a\nm\nn\nz\n", None),
        ("a\n…\n", "a\n", None),
        ("AUROC 0.93\n", "AUROC 1.00\n", Slack(absolute=0.1)),
        ("a  0.930  b\n-----------\n", "a   1.0  b\n----------\n", Slack(absolute=0.1)),
        ("+0.03 [-0.01, 0.05]\n", "-0.02 [-0.05, 0.01]\n", Slack(absolute=0.1)),
        ("2,000 of … s\n", "2,100 of 3 s\n", Slack(relative=0.1)),
    ],
)
def test_an_output_agrees_with_the_page(shown: str, printed: str, slack: Slack | None) -> None:
    assert agrees(shown, printed, slack)


@pytest.mark.parametrize(
    ("shown", "printed", "slack"),
    [
        ("a\nb\n", "a\n", None),
        ("a\n", "a\nb\n", None),
        ("a\n", "", None),
        ("a\n…\nz\n", "a\nm\n", None),
        ("AUROC 0.93\n", "AUROC 0.94\n", None),
        ("AUROC 0.93\n", "AUROC 0.82\n", Slack(absolute=0.1)),
        ("AUROC 0.93\n", "AUROC n/a\n", Slack(absolute=0.1)),
        ("a 0.93\n", "b 0.93\n", Slack(absolute=0.1)),
        ("2,000\n", "2,300\n", Slack(relative=0.1)),
    ],
)
def test_an_output_that_is_another_is_noticed(
    shown: str, printed: str, slack: Slack | None
) -> None:
    assert not agrees(shown, printed, slack)


# Following


def follow(tmp_path: Path, text: str) -> Session:
    path = tmp_path / "page.md"
    path.write_text(text, encoding="utf-8")
    (tmp_path / "empty").mkdir()
    session = Session(tmp_path / "empty")
    session.follow(path)
    return session


def test_the_terminal_stays_where_a_block_has_left_it(tmp_path: Path) -> None:
    blocks = (
        fenced("sh", "mkdir here\ncd here"),
        fenced("python a.py", "print('hello')"),
        fenced("sh", "python a.py"),
        fenced("text", "hello"),
    )
    assert follow(tmp_path, page(*blocks)).folder == tmp_path / "empty/here"


@pytest.mark.parametrize(
    "blocks",
    [
        (fenced("sh", "false"),),
        (fenced("sh", "false\ntrue"),),
        (fenced("sh", "true", "exits with 1"),),
        (fenced("sh", "echo a"), fenced("text", "b")),
    ],
)
def test_a_step_that_goes_otherwise_ends_the_tour(tmp_path: Path, blocks: tuple[str, ...]) -> None:
    with pytest.raises(AssertionError, match=r"page\.md:"):
        follow(tmp_path, page(*blocks))


# The pages themselves


@pytest.mark.parametrize("name", TUTORIALS)
def test_a_tutorial_can_be_read(name: str) -> None:
    steps = read_steps((DOCS / name).read_text(encoding="utf-8"))
    assert sum(isinstance(step, Commands) for step in steps) > 3
    assert any(isinstance(step, Writing) for step in steps)
