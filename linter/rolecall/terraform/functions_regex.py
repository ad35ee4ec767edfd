"""Go's regular expressions on Python's engine, as far as the two agree and the work stays bounded."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.terraform.functions_regex_go import GoPattern, UntranslatableError
from rolecall.terraform.values import null
from rolecall.tree import Entry, Mapping, Node, Scalar, Sequence, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.span import Span

_SUBSTITUTE = regex.compile(r"\$(?:\$|\{(\w+)\}|(\w+))")
# Python backtracks: with n open-ended repetitions the work is at most about length to the power n + 1.
_LONGEST = {0: 100_000, 1: 4_000, 2: 400, 3: 120, 4: 60}


def translated(pattern: str, text: str) -> re.Pattern[str] | None:
    """The pattern, if Python matches this text with it as Go would, and in bounded time; else None.

    Raises `Failure` for some patterns that Go refuses.
    """
    if len(pattern) > 500:
        return None
    try:
        go = GoPattern(pattern, ascii_text=text.isascii())
    except UntranslatableError:
        return None
    if len(text) > _LONGEST.get(go.repetitions, 0):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return re.compile(go.python, re.ASCII)
        except (re.error, OverflowError, RecursionError, Warning):
            return None


def occurrences(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The matches one after the other as Go finds them: no empty one directly after another (`regexp.allMatches`)."""
    at, before = 0, -1
    while at <= len(text):
        match = pattern.search(text, at)
        if match is None:
            return
        if match.end() == at:
            accepted = match.start() != before
            at += 1
        else:
            accepted = True
            at = match.end()
        before = match.end()
        if accepted:
            yield match


def replaced_by_regex(pattern: str, text: str, substitute: str) -> str | None:
    """`replace` with a pattern between slashes, or None where it is not sure to be as Go does it."""
    compiled = translated(pattern, text)
    if compiled is None or len(substitute) > 1_000:
        return None
    done: list[str] = []
    at = copied = 0
    while at <= len(text):
        match = compiled.search(text, at)
        if match is None:
            break
        done.append(text[copied : match.start()])
        if match.end() > copied or match.start() == 0:
            done.append(_filled(substitute, match))
        copied = match.end()
        at = max(at + 1, match.end())
    return "".join(done) + text[copied:]


def _filled(substitute: str, match: re.Match[str]) -> str:
    def group(reference: re.Match[str]) -> str:
        name = reference[1] or reference[2]
        if name is None:
            return "$"
        try:
            return match[int(name) if name.isdigit() else name] or ""
        except IndexError:
            return ""

    return _SUBSTITUTE.sub(group, substitute)


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
