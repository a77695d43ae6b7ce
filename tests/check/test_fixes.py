"""What a fix makes of a file: which slips have one, which of these are safe, which is not made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from broken import BROKEN
from fix_layouts import ENTRIES, SAFE, UNSAFE, findings, repaired, typed_anew

from physprior.check import Diagnostic
from physprior.check.cache import Cache
from physprior.check.codes import CODES
from physprior.check.examine import examine
from physprior.check.run import check_bytes
from physprior.paths import templates_folder

Find = Callable[[str], list[Diagnostic]]

TURNS = """\
{% user %}
Is the {{ category.name }} normal or anomalous?
{% enduser %}
{% assistant %}
{{ prior.motion.statement }}
{% part verdict %}{{ verdict }}{% endpart %}
{% endassistant %}
"""

FIXED = {  # what is typed, what is typed wrongly, what becomes of it, and whether that is safe
    "a colon in a text": ("hand pump\n", "pump: by hand\n", '"pump: by hand"\n', False),
    "a wrapped text with a colon": (
        "- Nothing follows the plate on its way up.",
        "- Seen later: nothing follows\n        the plate on its way up.",
        '- "Seen later: nothing follows\n        the plate on its way up."',
        False,
    ),
    "an at sign, and marks inside": (
        "name: hand pump",
        'name: @5" pump',
        "name: '@5\" pump'",
        False,
    ),
    "both marks inside": (
        "name: hand pump",
        "name: @5\" pump's",
        'name: "@5\\" pump\'s"',
        False,
    ),
    "a backslash": ("name: hand pump", r'name: "hand\pump"', r'name: "hand\\pump"', False),
    "a full-width colon": ("status: rev", "status：rev", "status: rev", False),
    "a number sign": ("name: hand pump", "name: hand pump #2", 'name: "hand pump #2"', False),
    "curly quotes": ("name: hand pump", "name: “hand pump”", 'name: "hand pump"', False),
    "a list of one": ("violates: [sink, rise]", "violates: sink, rise", None, False),
    "an alias that is the id": (
        "aliases: [no_return]",
        "aliases: [no_return, Stays Down]",
        "aliases: [no_return]",
        True,
    ),
    "a known word with a blank": ("[elastic]", "[energy storing]", "[energy-storing]", True),
    "an optional key without a value": ("    aliases: [no_return]\n", "    aliases:\n", "", True),
    "a list around a word": ("evidence: motion", "evidence: [ motion ]", None, True),
    "a suppression behind a value": (
        "status: reviewed",
        "status: reviewed  # physprior: ignore[T004] It is long.",
        None,
        True,
    ),
    "one code of two": (
        "      - Nothing follows the",
        "      # physprior: ignore[T003, T006] They say so.\n      - It may follow the",
        "      # physprior: ignore[T006] They say so.\n      - It may follow the",
        True,
    ),
    "a code in small letters": (
        "      - Nothing follows the",
        "      # physprior: ignore[t006] They say so.\n      - It may follow the",
        "      # physprior: ignore[T006] They say so.\n      - It may follow the",
        True,
    ),
}


@pytest.mark.parametrize("case", FIXED)
def test_a_slip_becomes_what_was_meant(case: str, sound: str) -> None:
    right, wrong, made, safe = FIXED[case]
    assert sound.count(right) == 1
    after, _ = repaired("pump.yaml", sound.replace(right, wrong).encode(), unsafe=not safe)
    assert after.decode() == sound.replace(right, right if made is None else made)
    assert findings("pump.yaml", after) == ()


@pytest.mark.parametrize("case", [case for case, row in FIXED.items() if not row[3]])
def test_what_guesses_is_not_made_unasked(case: str, sound: str) -> None:
    right, wrong, *_ = FIXED[case]
    data = sound.replace(right, wrong).encode()
    assert repaired("pump.yaml", data)[0] == data


UNFIXED = {  # slips without a fix: what is typed, what is typed wrongly, the code
    "a key that is there already": ("    onset: p", "    onsett: p\n    onset: p", "S012"),
    "an id that another has": ("  - id: rise", "  - id: Sink", "S016"),
    "a phase that is named already": ("[sink, rise]", "[sink, rise, rize]", "R001"),
    "a sentence that cannot be spared": (
        "    - One even stroke leads down to the stop and back to full height.",
        "    - The head of the pump goes down once and comes up again.",
        "T008",
    ),
    "an item with a comment of its own": (
        "    violates: [sink, rise]",
        "    violates:\n      - sink\n      - rise\n      # The main one.\n      - sink",
        "R005",
    ),
    "an item with a comment behind it": (
        "    violates: [sink, rise]",
        "    violates:\n      - sink\n      - rise\n      - sink # the main one",
        "R005",
    ),
    "a suppression whose reason goes on": (
        "status: reviewed",
        "# physprior: ignore[T004] It is long,\n# and has to be.\nstatus: reviewed",
        "U001",
    ),
    "a suppression of what another file may bring": (
        "status: reviewed",
        "# physprior: ignore[R003] They share a folder.\nstatus: reviewed",
        "U001",
    ),
}


@pytest.mark.parametrize("case", UNFIXED)
def test_what_leaves_a_doubt_has_no_fix(case: str, sound: str) -> None:
    right, wrong, code = UNFIXED[case]
    data = sound.replace(right, wrong, 1).encode()
    assert code in [found.code for found in findings("pump.yaml", data)]
    assert repaired("pump.yaml", data, unsafe=True)[0] == data


def test_a_suppression_that_may_be_at_the_wrong_line_is_not_deleted_unasked(sound: str) -> None:
    text = sound.replace("Nothing follows the", "It may follow the")
    comment = "# physprior: ignore[T006] They say so.\n"
    data = text.replace("status:", comment + "status:").encode()
    assert [found.code for found in findings("pump.yaml", data)] == ["U001", "T006"]
    assert repaired("pump.yaml", data)[0] == data
    assert repaired("pump.yaml", data, unsafe=True)[0] == text.encode()


def test_a_category_s_id_is_folded_unasked_only_to_the_name_of_its_file(sound: str) -> None:
    data = sound.replace("id: pump", "id: Pump").encode()
    assert repaired("pump.yaml", data)[0] == sound.encode()
    assert repaired("bellows.yaml", data)[0] == data


def test_a_fix_that_brings_an_error_is_not_made_and_that_is_said(sound: str) -> None:
    data = sound.replace("name: hand pump", "name: hand pump #<video>").encode()
    after, done = repaired("pump.yaml", data, unsafe=True)
    assert after == data
    assert [(found.code, brings) for found, brings in done.refused] == [("S020", "T001")]


def test_of_two_fixes_that_exclude_each_other_the_first_is_made(sound: str) -> None:
    text = sound.replace("    onset: p", "    onsett: intermittent\n    onsset: p")
    after, done = repaired("pump.yaml", text.encode(), unsafe=True)
    assert after.decode() == text.replace("onsett:", "onset:")
    assert [found.code for found in done.result.diagnostics] == ["S012"]
    assert done.refused == ()


def test_fixes_that_touch_wait_for_each_other(sound: str) -> None:
    data = sound.replace(
        "status:", "# physprior: ignore[T003, T004, T006] They are so.\nstatus:"
    ).encode()
    after, done = repaired("pump.yaml", data)
    assert after == sound.encode()
    assert [found.code for found in done.fixed] == ["U001"] * 3


def test_one_fix_makes_room_for_another(sound: str) -> None:
    text = sound.replace("    onset: persistent", "\N{NO-BREAK SPACE}   Onset: Persistent")
    after, done = repaired("pump.yaml", text.encode())
    assert after == sound.encode()
    assert [found.code for found in done.fixed] == ["S007", "S012", "S017"]


def test_a_vocabulary_is_fixed_as_an_entry_is() -> None:
    shipped = ENTRIES[0].with_name("vocabulary.yaml").read_text("utf-8")
    wrong = shipped.replace("  robot_arm:", "  Robot Arm:").replace("actions:", "Actions:")
    assert repaired("vocabulary.yaml", wrong.encode())[0] == shipped.encode()


TEMPLATES = {
    "a part's kind": ("part verdict", "part verdct", False),
    "a field": ("motion.statement", "motion.statment", False),
    "a name": ("{{ verdict }}", "{{ verdictt }}", False),
    "a filter": ("category.name }}", "category.name | uper }}", None),
    "a blank without width": ("Is the", "Is\N{ZERO WIDTH SPACE} the", True),
    "a suppression": (
        "{% assistant %}\n",
        "{# physprior: ignore[J003] It is so. #}\n{% assistant %}\n",
        True,
    ),
    "a suppression that eats blanks": (
        "{% assistant %}\n",
        "{#- physprior: ignore[J003] It is so. -#}\n{% assistant %}\n",
        False,
    ),
}


@pytest.mark.parametrize("case", TEMPLATES)
def test_a_slip_in_a_template_is_undone(case: str) -> None:
    right, wrong, safe = TEMPLATES[case]
    assert check_bytes(Path("turns.j2"), TURNS.encode()) == []
    data = TURNS.replace(right, wrong, 1).encode()
    if not safe:
        assert repaired("turns.j2", data)[0] == data
    after, done = repaired("turns.j2", data, unsafe=not safe)
    made = TURNS if safe is not None else data.decode().replace("uper", "upper")
    assert after.decode() == made
    assert done.result.diagnostics == ()


@pytest.mark.parametrize(
    "path", sorted(templates_folder().glob("*.j2")), ids=lambda path: path.name
)
def test_the_shipped_templates_have_nothing_to_fix(path: Path) -> None:
    data = path.read_bytes()
    assert repaired(path.name, data, unsafe=True)[0] == data


def test_a_file_too_large_to_be_read_to_its_end_is_left_alone(sound: str) -> None:
    data = sound.replace("onset:", "Onset:").encode() + b"#" * 250_000
    assert repaired("pump.yaml", data, unsafe=True)[0] == data


def test_a_code_says_what_fixes_its_findings_have(sound: str) -> None:
    made = [(broken.file, broken.make(sound)) for broken in BROKEN if not broken.beside]
    made += [("pump.yaml", sound.replace(a, b).encode()) for a, b, *_ in FIXED.values()]
    made += [("turns.j2", TURNS.replace(a, b, 1).encode()) for a, b, _ in TEMPLATES.values()]
    made += [("pump.yaml", sound.replace("id: pump", f"id: {w}").encode()) for w in ("Pump", "Fän")]
    made.append(("pump.yaml", sound.replace("[sink, rise]", "[sink, rize]").encode()))
    made.append(("pump.yaml", sound.replace("onset: persistent", "onset: Persistent").encode()))
    made.append(("pump.yaml", sound.replace("hand pump", "hand\x07pump", 1).encode()))
    misplaced = "# physprior: ignore[T006] They say so.\nstatus:"
    hedged = sound.replace("Nothing follows the", "It may follow the")
    made.append(("pump.yaml", hedged.replace("status:", misplaced).encode()))
    made.append(("turns.j2", ("{#- physprior: ignore[S001] It is so. -#}\n" + TURNS).encode()))
    spared = "    - The head of the pump goes down once and comes up again.\n"
    made.append(("pump.yaml", sound.replace(spared, spared * 2).encode()))
    seen: dict[str, set[str]] = {code: set() for code in CODES}
    for name, data in made:
        for found in findings(name, data):
            if found.fix:
                seen[found.code].add("safe" if found.fix.safe else "unsafe")
    said = {code: " or ".join(sorted(kinds)) or "none" for code, kinds in seen.items()}
    assert said == {code: kind.fixes for code, kind in CODES.items()}


def test_fixes_are_remembered_as_the_findings_are(tmp_path: Path, sound: str) -> None:
    path = Path("pump.yaml")
    data = sound.replace("onset:", "onsett:").replace("[sink, rise]", "[sink, rise, sink]").encode()
    record = examine(path, data, None)
    assert [found.fix is not None for found in record.diagnostics] == [True, True]
    with Cache(tmp_path) as cache:
        cache.put("key", record)
    with Cache(tmp_path) as cache:
        kept = cache.get("key", path)
    assert kept is not None
    assert [found.fix for found in kept.diagnostics] == [found.fix for found in record.diagnostics]


def test_suppressions_are_remembered_with_what_goes_with_them(tmp_path: Path, sound: str) -> None:
    path = Path("pump.yaml")
    comment = "# physprior: ignore[T004] It is long.\n"
    record = examine(path, sound.replace("status:", comment + "status:").encode(), None)
    with Cache(tmp_path) as cache:
        cache.put("key", record)
    with Cache(tmp_path) as cache:
        kept = cache.get("key", path)
    assert kept is not None
    assert kept.suppressions == record.suppressions


def test_every_slip_of_the_property_tests_finds_a_place() -> None:
    from random import Random

    for slip in (SAFE | UNSAFE).values():
        right = [typed_anew(path, seed) for seed, path in enumerate(ENTRIES)]
        wrong = [list(file.lines) for file in right]
        for lines in wrong:
            slip(lines, Random(1))
        assert any(tuple(lines) != file.lines for lines, file in zip(wrong, right, strict=True))
