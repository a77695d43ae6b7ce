"""A judge's rubric that is not two blocks with the answer in its fence.

A rubric in `judge/` has a block `system`, what the judge is told of its task, and a block `user`,
what is judged. The model's answer comes within a fence that it cannot leave, so `{{ answer }}`
stands in the user block once and as it is: a filter could open the fence. Words outside the blocks
reach no judge; words from other files would not be known by the rubric's hash; and the version, a
text outside the blocks, tells two states of the rubric apart in results. What a drafter is asked,
in `draft/`, has the same form, and no answer in it.

Fails:

    {% set version = "1" %}
    {% block system %}
    Mark the answer.
    {% endblock %}
    {% block user %}
    {{ answer | upper }}
    {% endblock %}

Passes:

    {% set version = "1" %}
    {% block system %}
    Mark the answer.
    {% endblock %}
    {% block user %}
    {{ answer }}
    {% endblock %}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from physprior.check.diagnostic import START
from physprior.check.rule import Rule, TemplateFinding
from physprior.knowledge.validation import did_you_mean

if TYPE_CHECKING:
    from jinja2 import nodes

    from physprior.check.template import CheckedTemplate

_SHAPE = "write {% block system %} … {% endblock %} and {% block user %} … {% endblock %}"
_VERSION = 'write {% set version = "1" %} above the blocks'
_AS_IT_IS = "write {{ answer }} in the block 'user', once and with nothing done to it"


def check(checked: CheckedTemplate) -> Iterator[TemplateFinding]:
    """What would keep a judge from being asked, or from being asked safely."""
    tree = checked.tree
    if checked.kind not in ("rubric", "request") or tree is None:
        return
    from physprior.dialogue.rubric import ELSEWHERE, version_of

    if not version_of(tree):
        yield TemplateFinding(START, f"the {checked.kind} names no version", _VERSION)
    for node in tree.find_all(ELSEWHERE):
        message = f"a {checked.kind} takes nothing in from other files"
        yield TemplateFinding(checked.word(node.lineno), message, "write the words here")
    yield from _loose(checked, tree)
    yield from _blocks(checked, tree)


def _loose(checked: CheckedTemplate, tree: nodes.Template) -> Iterator[TemplateFinding]:
    """What is written outside the blocks, and turns anywhere."""
    from jinja2 import nodes

    from physprior.check.template.outline import Words, is_mark, outline_of, walk

    turn = next((each for each in tree.find_all(nodes.Output) if is_mark(each)), None)
    if turn is not None:
        message = f"a {checked.kind} is no dialogue: it has blocks and no turns"
        yield TemplateFinding(checked.word(turn.lineno), message, _SHAPE)
        return
    outside = [node for node in tree.body if not isinstance(node, nodes.Block)]
    outline = outline_of(nodes.Template(outside), checked.tags)
    for item in walk(outline.items):
        if isinstance(item, Words):
            reader = "judge" if checked.kind == "rubric" else "model"
            message = f"this stands in no block, and reaches no {reader}"
            yield TemplateFinding(checked.word(item.start), message, "move it into a block")
            return


def _blocks(checked: CheckedTemplate, tree: nodes.Template) -> Iterator[TemplateFinding]:
    from jinja2 import nodes

    from physprior.dialogue.rubric import BLOCKS

    found = {block.name: block for block in tree.find_all(nodes.Block)}
    for name, block in found.items():
        if name not in BLOCKS:
            meant = did_you_mean(name, BLOCKS)
            remedy = f"did you mean '{meant}'?" if meant else _SHAPE
            start = checked.text.index(name, block.lineno + len("block"))
            message = f"a {checked.kind} has no block '{name}'"
            yield TemplateFinding(checked.word(start), message, remedy)
    for name in BLOCKS:
        if name not in found:
            yield TemplateFinding(START, f"the {checked.kind} has no block '{name}'", _SHAPE)
    if "user" in found and checked.kind == "rubric":
        yield from _answers(checked, found)


def _answers(checked: CheckedTemplate, blocks: dict[str, nodes.Block]) -> Iterator[TemplateFinding]:
    """What is wrong with the places at which the answer is written."""
    from jinja2 import nodes

    bare = _bare(blocks["user"].find_all(nodes.Output))
    always = _bare(node for node in blocks["user"].body if isinstance(node, nodes.Output))
    for name, block in blocks.items():
        for place in _named(block):
            if name != "user":
                message = f"the answer has no place in the block '{name}'"
                yield TemplateFinding(checked.word(place), message, _AS_IT_IS)
            elif place not in bare:
                message = "the answer must be written as it is: its fence would be open"
                yield TemplateFinding(checked.word(place), message, _AS_IT_IS)
    for place in sorted(always)[1:]:
        yield TemplateFinding(checked.word(place), "the answer stands here once more", _AS_IT_IS)
    if not _named(blocks["user"]):
        start = checked.word(blocks["user"].lineno)
        yield TemplateFinding(start, "the block 'user' does not show the answer", _AS_IT_IS)


def _named(block: nodes.Block) -> list[int]:
    from jinja2 import nodes

    return [name.lineno for name in block.find_all(nodes.Name) if name.name == "answer"]


def _bare(outputs: Iterable[nodes.Output]) -> set[int]:
    """Where ``{{ answer }}`` stands alone."""
    from jinja2 import nodes

    written = [each for output in outputs for each in output.nodes]
    return {
        each.lineno for each in written if isinstance(each, nodes.Name) and each.name == "answer"
    }


RULE = Rule("J007", "rubric-form", __doc__, template=check)
