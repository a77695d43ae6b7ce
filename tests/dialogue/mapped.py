"""Source maps in a form that tests can read."""

from __future__ import annotations

from collections.abc import Callable

from physprior.dialogue.source_map import Fragment, SourceMap
from physprior.paths import kb_folder

CLIP = kb_folder() / "clip.yaml"
ASK = "{% user %}Hi{% enduser %}\n"
END = "{% assistant %}{% part verdict %}{{ verdict }}{% endpart %}{% endassistant %}"
LIBRARY = """\
{% macro shout(one) %}
LOUD {{ one.name|upper }}!
{%- endmacro %}
{% macro wrapped(key) %}[{{ caller() }} {{ key }}]{% endmacro %}
{% macro turn(question) %}{% user %}{{ question }}{% enduser %}{% endmacro %}
"""
MapOf = Callable[..., SourceMap]


def read(fragment: Fragment) -> list[str]:
    """What was read for a fragment; what a condition read, in brackets."""
    return [f"({one.name})" if one.decides else one.name for one in fragment.sources]


def spread(made: SourceMap) -> list[tuple[str, list[tuple[str, str]]]]:
    """The turns of a map, put together from its fragments alone."""
    return [
        (
            turn.role,
            [(part.kind, "".join(one.text for one in part.fragments)) for part in turn.parts],
        )
        for turn in made.turns
    ]


def plain(made: SourceMap) -> list[tuple[str, list[tuple[str, str]]]]:
    """The turns of the dialogue as it is rendered for training."""
    return [
        (turn.role, [(part.kind, part.text) for part in turn.parts]) for turn in made.dialogue.turns
    ]
