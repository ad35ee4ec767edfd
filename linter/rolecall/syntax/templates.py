"""Expressions of template languages in text: what they leave unknown, and which language a text is written in."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.tree import Hole

if TYPE_CHECKING:
    from collections.abc import Iterator

EXPRESSION = Hole("a template expression")
MARK = "\ue001"
"""Stands for a character of an expression in a text from which the expressions are taken (see `template_text`)."""
SUBSTITUTION = Hole("an environment substitution")

# IAM's own variables hold a colon (`${aws:username}`, `${saml:sub}`) or are an escaped `*`, `?` or `$`
# (IAM user guide, "IAM policy elements: Variables and tags"); `${NAME:-default}` is a shell's.
_DOLLAR = regex.compile(r"\$\{(?![*?$]\})(?![\w.-]{1,64}:[A-Za-z])[^{}\r\n]{1,300}\}")
# GitHub's `${{ x }}` is one expression after a `$`.
_OPENING = regex.compile(rf"\{{\{{|\$\{{(?!\{{)|{MARK}+")
_MARKS = regex.compile(f"{MARK}+")
_HELM = regex.compile(
    r"\.(?:Values|Release|Chart|Capabilities|Files)\b|\{\{-? *(?:include|template|define|toYaml|with|end)\b"
)

_STEERS = regex.compile(r"\{[{%][-+]?\s*(?:if|with|range|else|end|define|block|for|raw|endif|endfor|endraw)\b")
# Nothing in these can be a secret.
_NAMING = regex.compile(
    r"\{\{-?\s*+(?P<names>(?:(?:include|template)\s+\"[\w.-]+\"\s+[$.]|[$]?\.[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)"
    r"(?:\s*\|\s*(?:quote|squote|trunc\s+\d+|lower))*)\s*-?\}\}"
    r"|\$\{(?P<substitution>[A-Za-z_]\w*)\}"
)
_LONGEST_SHOWN = 80
_JSON = regex.compile(r'"(?:[^"\\]|\\.)*"|(\$\{|%\{|\{\{|\{%)', re.DOTALL)
_CLOSING = {"{{": "}}", "{%": "%}"}

# A value with a name between marks, as scripts that call sed, or the format of Python, C and Go, replace it.
_MARKED = regex.compile(
    r"(?::|^[ \t]*-)[ \t]+[^\s#]{0,200}"
    r"(?:%[A-Z][A-Z0-9_]*%|%[sdqv](?!\w)|@[A-Z][A-Z0-9_]*@|(?<!\{)\{[a-z]\w*\}(?=[/:.-]))"
    r"|^[ \t]+\.\.\.[ \t]*$"
    r"|^[ \t]*(?:-[ \t]+)?<[A-Z][^<>]{2,200}>[ \t]*$"
)


def is_to_be_filled_in(line: str) -> bool:
    """Whether a line that is no YAML is so because of a placeholder that some script replaces."""
    return _MARKED.search(line[:2000]) is not None


def split(text: str) -> tuple[str | Hole, ...]:
    """The known and unknown parts of a string: `{{ … }}` and `${NAME}` are unknown; `$${` and `$(X)` are text."""
    return tuple(hole or text[start:end] for start, end, hole in pieces(text))


def pieces(text: str, *, only_marks: bool = False) -> tuple[tuple[int, int, Hole | None], ...]:
    """Where in the text each part that `split` gives stands, with its hole if it is unknown.

    `only_marks`: what else looks like an expression is text, of CloudFormation's for example.
    """
    return tuple(_pieces(text, _marked(text) if only_marks else _expressions(text)))


def language(text: str, path: str = "") -> str:
    """The name of the template language that a text is written in; empty where it shows no sign of one."""
    if "{{" in text and "}}" in text:
        if _HELM.search(text) or "/templates/" in f"/{path}":
            return "Helm template"
        return "Jinja template" if "{%" in text else "template"
    if "{%" in text and "%}" in text:
        return "Jinja template"
    if "%{" in text:
        return "Terraform template"
    if "${" in text:
        return "template"
    return ""


def shown(hole: Hole, expression: str) -> Hole:
    """The hole of an expression that messages may show as it is written: one that only names something."""
    found = _NAMING.fullmatch(expression) if len(expression) <= _LONGEST_SHOWN else None
    if found is None:
        return hole
    names = found["names"] or found["substitution"]
    return replace(hole, written=f"{{{{ {' '.join(names.split())} }}}}" if found["names"] else f"${{{names}}}")


def steers(text: str) -> bool:
    """Whether a text has expressions that decide which of its lines are made."""
    return _STEERS.search(text) is not None


def expression_in_json(text: str) -> tuple[int, int] | None:
    """Where the first expression stands that no string of a JSON text holds: it makes the text a template."""
    found = next((match for match in _JSON.finditer(text) if match[1]), None)
    if found is None:
        return None
    start = found.start()
    end = text.find(_CLOSING.get(found[1], "}"), start, start + 300)
    return start, end + len(_CLOSING.get(found[1], "}")) if end != -1 else found.end()


def _pieces(text: str, expressions: Iterator[tuple[int, int, Hole]]) -> Iterator[tuple[int, int, Hole | None]]:
    known = 0
    for start, end, hole in expressions:
        if start > known:
            yield known, start, None
        yield start, end, hole
        known = end
    if known < len(text) or not text:
        yield known, len(text), None


def _marked(text: str) -> Iterator[tuple[int, int, Hole]]:
    return ((*match.span(), EXPRESSION) for match in _MARKS.finditer(text))


def _expressions(text: str) -> Iterator[tuple[int, int, Hole]]:
    """The expressions in order. No character is looked at more than a few times, whatever the text."""
    at = 0
    last = text.rfind("}}")
    while match := _OPENING.search(text, at):
        start, at = match.span()
        if match[0][0] == MARK:
            yield start, at, EXPRESSION
        elif match[0] == "{{":
            if start < last:
                at = text.find("}}", at) + 2
                yield start, at, EXPRESSION
        elif text[start - 1 : start] != "$" and (found := _DOLLAR.match(text, start)):
            at = found.end()
            yield start, at, SUBSTITUTION
