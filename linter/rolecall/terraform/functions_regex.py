"""Go's regular expressions on Python's engine, as far as the two agree and the work stays bounded."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from rolecall.terraform.values import Failure, null
from rolecall.tree import Entry, Mapping, Node, Scalar, Sequence, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.span import Span

_TOKEN = re.compile(
    r"\\[pP](?:\{\^?\w{1,30}\}|\w)|\\x\{[0-9A-Fa-f]{1,6}\}|\\x[0-9A-Fa-f]{2}|\\Q|\\."
    r"|\[\^?\]?(?:\\.|\[:\^?\w{1,10}:\]|[^\]\\])*\]"
    r"|\(\?P?<[A-Za-z_]\w*>|\(\?[imsU-]*[:)]|\(\?|[()|$^.]"
    r"|(?:[*+?]|\{\d+(?:,\d*)?\})\??",
    re.DOTALL,
)
_CLASS = re.compile(
    r"\[:\^?\w{1,10}:\]|\\[pP](?:\{\^?\w{1,30}\}|\w)|\\x\{[0-9A-Fa-f]{1,6}\}|\\x[0-9A-Fa-f]{2}|\\.|.", re.DOTALL
)
_SUBSTITUTE = re.compile(r"\$(?:\$|\{(\w+)\}|(\w+))")
# Python backtracks: with n open-ended repetitions the work is at most about length to the power n + 1.
_LONGEST = {0: 100_000, 1: 4_000, 2: 400, 3: 120, 4: 60}
# What these mean in Go (RE2, `regexp/syntax`), inside of brackets: ASCII only, and `\s` without the vertical tab.
_SETS = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": r"0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_PERL = {"d": "0-9", "s": r"\t\n\f\r ", "w": "0-9A-Za-z_"}


class _UntranslatableError(Exception):
    """A pattern that Go takes, but that is not worked out here."""


def translated(pattern: str, text: str) -> re.Pattern[str] | None:
    """The pattern, if Python matches this text with it as Go would, and in bounded time; else None.

    Raises `Failure` for some patterns that Go refuses.
    """
    if len(pattern) > 500:
        return None
    try:
        python, repetitions = _translation(pattern, text)
    except _UntranslatableError:
        return None
    if len(text) > _LONGEST.get(repetitions, 0):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return re.compile(python, re.ASCII)
        except (re.error, OverflowError, RecursionError, Warning):
            return None


def _translation(pattern: str, text: str) -> tuple[str, int]:
    """The pattern in Python's words, and how many open-ended repetitions it has."""
    count = at = 0
    done: list[str] = []
    # For each open group, whether something in it repeats or has alternatives; and whether the group before does.
    groups, last = [False], False
    multiline = False
    repeatable = False
    names = numbers = 0
    while at < len(pattern):
        match = _TOKEN.match(pattern, at)
        token = match[0] if match else pattern[at]
        at += len(token)
        quantifier = match is not None and (token[0] in "*+?" or (token[0] == "{" and len(token) > 1))
        if quantifier:
            if not repeatable:
                raise Failure("a pattern that is not understood")
            if token[0] in "*+" or token.rstrip("?").endswith(",}"):
                count += 1
                open_ended = True
            else:
                open_ended = token[0] == "{"
                if any(int(bound) > 1_000 for bound in re.findall(r"\d+", token)):
                    raise Failure("a pattern that is not understood")
            if last and token[0] != "?":
                raise _UntranslatableError
            groups[-1] = groups[-1] or open_ended
            done.append(token)
            repeatable = False
            continue
        last, repeatable = False, True
        if token == "(" or token.startswith("(?"):
            flags = re.fullmatch(r"\(\?([imsU-]*)([:)])", token)
            if token == "(":
                numbers += 1
            elif token.startswith(("(?P<", "(?<")):
                names += 1
                token = "(?P<" + token.partition("<")[2]
            elif flags is None:
                raise Failure("a pattern that is not understood")
            else:
                multiline = _flags(flags[1], flags[2], text, multiline=multiline, first=not done)
                if flags[2] == ")":
                    done.append(token if flags[1] and "-" not in flags[1] else _untranslatable())
                    repeatable = False
                    continue
            groups.append(False)
            repeatable = False
        elif token == ")":
            if len(groups) == 1:
                raise Failure("a pattern that is not understood")
            last = groups.pop()
            groups[-1] = groups[-1] or last
        elif token == "|":
            groups[-1] = True
            repeatable = False
        elif token == "$":
            token = r"(?=\n|\Z)" if multiline else r"\Z"
        elif token.startswith("[") and len(token) > 1:
            token = _brackets(token)
        elif token == "\\Q":
            end = pattern.find("\\E", at)
            literal = pattern[at : end if end != -1 else len(pattern)]
            at = end + 2 if end != -1 else len(pattern)
            token = re.escape(literal)
        elif token.startswith("\\"):
            token = _escaped(token)
        elif token == "[":
            raise Failure("a pattern that is not understood")
        elif match is None:
            token = re.escape(token)
        done.append(token)
    if len(groups) > 1:
        raise Failure("a pattern that is not understood")
    if names and numbers:
        raise Failure("a pattern with groups with and without names")
    return "".join(done), count


def _untranslatable() -> str:
    raise _UntranslatableError


def _flags(flags: str, end: str, text: str, *, multiline: bool, first: bool) -> bool:
    """Whether `^` and `$` are about lines after some flags."""
    if "U" in flags or "-" in flags or ("i" in flags and not text.isascii()):
        raise _UntranslatableError
    if end == ")" and not first:
        raise _UntranslatableError
    if "m" in flags and end == ":":
        raise _UntranslatableError
    return multiline or "m" in flags


def _brackets(token: str) -> str:
    negated = token.startswith("[^")
    inner = token[2 if negated else 1 : -1]
    done: list[str] = []
    for match in _CLASS.finditer(inner):
        part = match[0]
        if part.startswith("[:"):
            name = part[2:-2]
            if name.startswith("^") or name not in _SETS:
                raise _UntranslatableError
            done.append(_SETS[name])
        elif part.startswith("\\") and part[1] in _PERL:
            done.append(_PERL[part[1]])
        elif part.startswith("\\"):
            if part[1] in "DSWbBAz":
                raise _UntranslatableError
            done.append(_escaped(part))
        elif part in "[&~|":
            done.append("\\" + part)
        elif part == "]":
            done.append("\\]")
        else:
            done.append(part)
    return f"[{'^' if negated else ''}{''.join(done)}]"


def _escaped(token: str) -> str:
    letter = token[1]
    if letter in _PERL:
        return f"[{_PERL[letter]}]"
    if letter in "DSW":
        return f"[^{_PERL[letter.lower()]}]"
    if letter in "pP":
        raise _UntranslatableError
    if letter == "x":
        code = int(token[2:].strip("{}"), 16) if len(token) > 2 else None
        if code is None or code > 0x10FFFF:
            raise Failure("a pattern that is not understood")
        return re.escape(chr(code))
    if letter == "z":
        return r"\Z"
    if letter in "AbBfnrtv":
        return token
    if letter == "a":
        return r"\x07"
    if letter.isalnum() or not letter.isascii():
        raise Failure("a pattern that is not understood")
    return re.escape(letter)


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
