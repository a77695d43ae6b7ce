"""A suppression that names no rule, or one that cannot be suppressed.

The form is `physprior: ignore[CODE] reason`, with one code or several between the brackets. What
the reader and the schema find (S codes) cannot be suppressed: such an entry cannot be used. Nor can
findings about suppressions themselves.

Fails:

    # physprior: ignore[R999] the file keeps its old name until the next release
    id: clip

Passes:

    # physprior: ignore[R004] the file keeps its old name until the next release
    id: clamp
"""

from __future__ import annotations

from physprior.check.rule import Rule

RULE = Rule("U003", "unknown-suppression", __doc__, suppressions=True, fixes="safe or unsafe")
