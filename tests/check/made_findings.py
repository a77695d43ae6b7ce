"""Results of checks that were not made, with what real files hold too seldom to test forms by."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from physprior.check import Diagnostic, Result
from physprior.check.diagnostic import Edit, Fix, Position, Severity

FIX = Fix(
    "rename 'onsett' to 'onset'",
    (Edit(Position(9, 1, 9, 1), "second\n"), Edit(Position(2, 5, 2, 11), "onset")),
    safe=False,
)

ANY_TEXT = st.text(max_size=40)
"""Any characters, those that no XML, no line and no pipe can carry as well."""
ANY_NAME = st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=30)


def finding(
    path: str = "kb/clip.yaml",
    message: str = "unknown key 'onsett'",
    *,
    at: tuple[int, int, int, int] = (2, 5, 2, 11),
    severity: Severity = "error",
    code: str = "S012",
    name: str = "unknown-key",
    remedy: str = "did you mean 'onset'?",
    fix: Fix | None = None,
) -> Diagnostic:
    return Diagnostic(Path(path), *at, code, name, severity, message, remedy, fix)


def result(*found: Diagnostic, files: tuple[str, ...] = ()) -> Result:
    """A check that found these, in files of two lines; ``files`` were clean."""
    contents = {one.path: b"id: clip\n    onsett: persistent\n" for one in found}
    paths = sorted({*contents, *map(Path, files)})
    return Result(tuple(paths), tuple(sorted(found)), (), contents)
