"""A text that holds Jinja's brackets.

Facts stand in `kb/`, words around them in `templates/`. A template does not look inside a fact for
more brackets, nor for `{name}`: they would reach the model as they stand.

Fails:

    prior:
      motion:
        statement: Therefore, the jaws of the {{ category.name }} should open and close.

Passes:

    prior:
      motion:
        statement: Therefore, the jaws of the clip should open and close.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from physprior.check.entry import CheckedEntry
from physprior.check.rule import Finding, Rule

_BRACKETS = re.compile(r"\{[{%#]|[}%#]\}|\$?\{\w+\}")


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """One finding for each text, at its first bracket."""
    if "{" not in checked.whole and "}" not in checked.whole:
        return
    for path, text in checked.texts:
        found = _BRACKETS.search(text)
        if found:
            yield Finding(
                path,
                f"{found[0]!r} is a template's bracket, and texts of the KB are not templates",
                "write the word itself",
                words=found[0],
            )


RULE = Rule("T002", "template-marker", __doc__, entry=check)
