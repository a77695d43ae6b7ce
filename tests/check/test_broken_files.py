"""One defect in a file gives one finding, at its place, in these words, with this remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
from broken import BROKEN, Broken

from physprior.check import check_paths
from physprior.check.codes import CODES
from physprior.check.rules import rules
from physprior.check.run import check_bytes


def test_the_entry_that_they_are_made_from_is_sound(sound: str) -> None:
    assert check_bytes(Path("pump.yaml"), sound.encode()) == []


@pytest.mark.parametrize("broken", [pytest.param(broken, id=broken.title) for broken in BROKEN])
def test_one_defect_is_one_finding(broken: Broken, sound: str, tmp_path: Path) -> None:
    for name, category_id in broken.beside.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(sound.replace("id: pump", f"id: {category_id}"), "utf-8")
    path = tmp_path / broken.file
    path.write_bytes(broken.make(sound))
    found = check_paths([tmp_path], cache=False).diagnostics
    expected = f"{path}:{broken.finding.replace('{folder}', str(tmp_path))}"
    assert [(one.concise(), one.remedy) for one in found] == [(expected, broken.remedy)]


def test_every_kind_of_finding_occurs() -> None:
    # Rules about templates have broken templates of their own.
    of_templates = {rule.code for rule in rules() if rule.template}
    seen = {broken.finding.split()[1] for broken in BROKEN}
    assert seen == CODES.keys() - of_templates


def test_there_are_sixty_different_ones_or_more(sound: str) -> None:
    made = {(broken.make(sound), broken.file, *broken.beside) for broken in BROKEN}
    assert len(made) == len(BROKEN) >= 60
