"""Go's regular expressions on Python's engine, as far as the two agree and the work stays bounded."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from rolecall.terraform.values import null
from rolecall.tree import Entry, Mapping, Node, Scalar, Sequence, known

if TYPE_CHECKING:
    from rolecall.span import Span

_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?[^)]{0,20}?[:>]|[()*+?{}|$^.]", re.DOTALL)
_SUBSTITUTE = re.compile(r"\$(?:\$|\{(\w+)\}|(\w+))")
# Python backtracks: with n open-ended repetitions the work is at most about length to the power n + 1.
_LONGEST = {0: 100_000, 1: 4_000, 2: 400, 3: 120, 4: 60}


def translated(pattern: str, text: str) -> re.Pattern[str] | None:
    """The pattern, if Python matches this text with it as Go would, and in bounded time; else None."""
    repetitions = _repetitions(pattern)
    if repetitions is None or len(pattern) > 500 or len(text) > _LONGEST.get(repetitions, 0):
        return None
    if "[[" in pattern or "[:" in pattern or "\\z" in pattern or "\\Z" in pattern:
        return None
    if "$" in pattern and "\n" in text:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return re.compile(pattern, re.ASCII)
        except (re.error, OverflowError, RecursionError, Warning):
            return None


def _repetitions(pattern: str) -> int | None:
    """How many open-ended repetitions a pattern has; None if one repeats another, or a look-around is there."""
    count = 0
    # For each open group, whether something in it repeats or has alternatives.
    groups = [False]
    tokens = [match[0] for match in _TOKEN.finditer(pattern)]
    for number, mark in enumerate(tokens):
        if mark == "(" or mark.startswith("(?"):
            if mark[:3] in ("(?=", "(?!", "(?<") and not mark.startswith("(?<name"):
                return None
            groups.append(False)
        elif mark == ")":
            if len(groups) == 1:
                return None
            inner = groups.pop()
            following = tokens[number + 1] if number + 1 < len(tokens) else ""
            if inner and following in ("*", "+", "{"):
                return None
            groups[-1] = groups[-1] or inner
        elif mark in ("*", "+", "{"):
            count += 1
            groups[-1] = True
        elif mark == "|":
            groups[-1] = True
        elif mark.startswith("\\") and mark[1].isdigit():
            return None
    return count if len(groups) == 1 else None


def replaced_by_regex(pattern: str, text: str, substitute: str) -> str | None:
    """`replace` with a pattern between slashes, or None where it is not sure to be as Go does it."""
    compiled = translated(pattern, text)
    if compiled is None or len(substitute) > 1_000:
        return None

    def one(match: re.Match[str]) -> str:
        def group(reference: re.Match[str]) -> str:
            name = reference[1] or reference[2]
            if name is None:
                return "$"
            try:
                return match[int(name) if name.isdigit() else name] or ""
            except IndexError:
                return ""

        return _SUBSTITUTE.sub(group, substitute)

    return compiled.sub(one, text)


def matches(found: re.Match[str], span: Span) -> Node:
    """What Terraform's `regex` gives for a match: the text, a list of groups, or an object of named groups."""
    if found.re.groupindex:
        entries = (Entry(known(name, span), _group(found[name], span)) for name in sorted(found.re.groupindex))
        return Mapping(tuple(entries), span)
    if found.re.groups:
        return Sequence(tuple(_group(group, span) for group in found.groups()), span)
    return known(found[0], span)


def _group(text: str | None, span: Span) -> Scalar:
    return null(span) if text is None else known(text, span)
