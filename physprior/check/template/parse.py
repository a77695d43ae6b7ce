"""A template's text as Jinja's tree in which each node knows its exact place; and what breaks it.

Jinja numbers nodes by lines. Here its parser is fed tokens that are numbered by their offsets in
the text instead, so that every node, and every error of the parser, has a column.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import compiler, nodes
from jinja2.environment import Environment
from jinja2.lexer import TokenStream
from jinja2.parser import Parser

from physprior.check.diagnostic import START, Edit, Fix
from physprior.check.rule import TemplateFinding
from physprior.check.template import CheckedTemplate
from physprior.check.template.errors import in_words, of_lexer, of_parser
from physprior.check.template.tags import Token, tags_of
from physprior.dialogue.instrument import TemplateText
from physprior.dialogue.templates import environment
from physprior.knowledge.spans import typed
from physprior.knowledge.validation import did_you_mean

DEEPEST = 40
"""How deep a tree may be; the shipped templates have some 5 levels."""
_BRACKETS = 20
_ITEMS = {  # filters that are told the name of a filter or test: the argument's place
    "map": ("filters", 0),
    "select": ("tests", 0),
    "reject": ("tests", 0),
    "selectattr": ("tests", 1),
    "rejectattr": ("tests", 1),
}


def parse(checked: CheckedTemplate) -> CheckedTemplate:
    """The template with its tags, and with its tree or the error that leaves it without one."""
    jinja = environment(checked.path.parent)
    tokens: list[Token] = []
    try:
        for token in _tokens(jinja, checked.text):
            tokens.append(token)
    except jinja2.TemplateSyntaxError as error:
        return replace(checked, error=of_lexer(checked, error, tokens))
    deep = _deepest_bracket(tokens)
    if deep is not None:
        return replace(checked, error=_nesting(checked, deep))
    tags = tags_of(tokens)
    try:
        tree = _tree(jinja, tokens)
    except jinja2.TemplateSyntaxError as error:
        return replace(checked, error=of_parser(checked, error, tokens, tags))
    except RecursionError:
        return replace(checked, error=_nesting(checked, None))
    except ValueError:
        return replace(checked, error=_number(checked, tokens))
    deep = _deepest(tree)
    if deep is not None:
        return replace(checked, error=_nesting(checked, deep))
    return replace(checked, tree=tree, tags=tags)


def faults(checked: CheckedTemplate) -> Iterator[TemplateFinding]:
    """What keeps a template that parses from compiling, or what it names and Jinja lacks."""
    tree, jinja = checked.tree, environment(checked.path.parent)
    if tree is None:
        return
    found = [*_unknown_calls(checked, tree, jinja), *_missing_templates(checked, tree)]
    yield from found
    if found:
        return
    # No constant may be worked out: 9 ** (9 ** 9) would keep the check busy for ever, and the
    # optimiser changes the tree.
    jinja = jinja.overlay(finalize=_as_it_is)
    try:
        code = compiler.generate(tree, jinja, checked.path.name, str(checked.path), optimized=False)
        compile(str(code), str(checked.path), "exec")
    except jinja2.TemplateSyntaxError as error:
        yield TemplateFinding(
            checked.word(error.lineno), in_words(error.message or ""), "mend the tag"
        )
    except SyntaxError as error:
        yield TemplateFinding(START, f"Python refuses it: {error.msg}", "make it simpler")


@jinja2.pass_context
def _as_it_is(_context: Any, value: Any) -> Any:
    return value


def _tokens(jinja: Environment, text: str) -> Iterator[Token]:
    """Jinja's tokens with their offsets."""
    return (Token(*token) for token in TemplateText(Path(), text).tokens(jinja.lexer, None))


def _tree(jinja: Environment, tokens: list[Token]) -> nodes.Template:
    raw = ((token.start, token.kind, token.text) for token in tokens)
    parser = Parser(jinja, "")
    parser.stream = TokenStream(jinja.lexer.wrap(raw), None, None)
    return parser.parse()


def _deepest_bracket(tokens: list[Token]) -> int | None:
    """The offset of a bracket that lies too deep, or None."""
    depth = 0
    for token in tokens:
        if token.kind == "operator":
            depth += (token.text in "([{") - (token.text in ")]}")
            if depth > _BRACKETS:
                return token.start
    return None


def _deepest(tree: nodes.Node) -> int | None:
    """The offset of a node that lies too deep, or None. Does not recurse."""
    level: list[nodes.Node] = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in node.iter_child_nodes()]
    return level[0].lineno if level else None


def _number(checked: CheckedTemplate, tokens: list[Token]) -> TemplateFinding:
    longest = max((t for t in tokens if t.kind == "integer"), key=lambda token: len(token.text))
    return TemplateFinding(
        checked.span(longest.start, len(longest.text)),
        f"a number of {len(longest.text):,} digits is more than can be read",
        "write a shorter one",
    )


def _nesting(checked: CheckedTemplate, offset: int | None) -> TemplateFinding:
    return TemplateFinding(
        START if offset is None else checked.word(offset),
        "tags or brackets are nested deeper than any dialogue needs",
        "make the template flatter; a template reads like its conversation",
    )


def _unknown_calls(
    checked: CheckedTemplate, tree: nodes.Template, jinja: Environment
) -> Iterator[TemplateFinding]:
    for node in tree.find_all((nodes.Filter, nodes.Test)):
        kind = "filters" if isinstance(node, nodes.Filter) else "tests"
        yield from _unknown_call(checked, jinja, kind, node.name, node.lineno)
        if isinstance(node, nodes.Filter) and node.name in _ITEMS:
            kind, at = _ITEMS[node.name]
            name = node.args[at] if len(node.args) > at else None
            if isinstance(name, nodes.Const) and isinstance(name.value, str):
                yield from _unknown_call(checked, jinja, kind, name.value, name.lineno)


def _unknown_call(
    checked: CheckedTemplate, jinja: Environment, kind: str, name: str, offset: int
) -> Iterator[TemplateFinding]:
    known = jinja.filters if kind == "filters" else jinja.tests
    if name not in known:
        meant = did_you_mean(name, known)
        start = max(checked.text.find(name, offset), offset)
        place = checked.span(start, len(name))
        certain = meant and typed(checked.lines, place) == name
        yield TemplateFinding(
            place,
            f"Jinja has no {kind[:-1]} '{name}'",
            f"did you mean '{meant}'?" if meant else f"use one of Jinja's own {kind}, or none",
            Fix(f"write '{meant}'", (Edit(place, meant),), safe=False) if certain else None,
        )


def _missing_templates(checked: CheckedTemplate, tree: nodes.Template) -> Iterator[TemplateFinding]:
    folder = checked.path.parent
    for node in tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
        name = getattr(node, "template", None)
        if not isinstance(name, nodes.Const) or getattr(node, "ignore_missing", False):
            continue
        named = str(name.value)
        if ".." in named.split("/") or not os.path.isfile(folder / named):
            known = [path.name for path in sorted(folder.glob("*.j2"))]
            meant = did_you_mean(named, known)
            yield TemplateFinding(
                checked.span(name.lineno, len(named) + 2),
                f"there is no template {named!r} beside this one",
                f"did you mean '{meant}'?" if meant else "write what belongs here instead",
            )
