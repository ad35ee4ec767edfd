"""Go's syntax of regular expressions (RE2) in Python's words, as far as the two can mean the same."""

from __future__ import annotations

import re

from rolecall import regex
from rolecall.terraform.values import Failure

_TOKEN = regex.compile(
    r"\\[pP](?:\{\^?\w{1,30}\}|\w)|\\x\{[0-9A-Fa-f]{1,6}\}|\\x[0-9A-Fa-f]{2}|\\Q|\\."
    r"|\[\^?\]?(?:\\.|\[:\^?\w{1,10}:\]|[^\]\\])*\]"
    r"|\(\?P?<[A-Za-z_]\w*>|\(\?[imsU-]*[:)]|\(\?|."
    r"|(?:[*+?]|\{\d+(?:,\d*)?\})\??",
    re.DOTALL,
)
_QUANTIFIER = regex.compile(r"(?:[*+?]|\{\d+(?:,\d*)?\})\??")
_CLASS = regex.compile(
    r"\[:\^?\w{1,10}:\]|\\[pP](?:\{\^?\w{1,30}\}|\w)|\\x\{[0-9A-Fa-f]{1,6}\}|\\x[0-9A-Fa-f]{2}|\\.|.", re.DOTALL
)
_FLAGS = regex.compile(r"\(\?([imsU-]*)([:)])")
_MOST_REPEATED = 1_000
# What these mean inside of brackets: ASCII only, and `\s` without the vertical tab.
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


class UntranslatableError(Exception):
    """A pattern that Go may take, but that is not worked out here."""


class GoPattern:
    """One pattern. `python` is what it is in Python's words, `repetitions` how many of it are open-ended.

    Raises `UntranslatableError`, and `Failure` for what Go refuses.
    """

    def __init__(self, pattern: str, *, ascii_text: bool) -> None:
        self.repetitions = 0
        self._pattern = pattern
        self._ascii_text = ascii_text
        self._at = 0
        self._done: list[str] = []
        # For each open group, whether something in it repeats or has alternatives.
        self._groups = [False]
        self._multiline = False
        self._named = self._numbered = False
        # Whether a quantifier may follow, and whether it would repeat what repeats.
        self._repeatable = self._repeats = False
        while self._at < len(pattern):
            self._step()
        if len(self._groups) > 1:
            raise _refused()
        if self._named and self._numbered:
            raise Failure("a pattern with groups with and without names")

    @property
    def python(self) -> str:
        """The pattern for Python's `re`, with `re.ASCII`."""
        return "".join(self._done)

    def _step(self) -> None:
        quantifier = _QUANTIFIER.match(self._pattern, self._at)
        found = quantifier or _TOKEN.match(self._pattern, self._at)
        mark = found[0] if found else self._pattern[self._at]
        self._at += len(mark)
        if quantifier:
            self._done.append(self._quantifier(mark))
            return
        self._repeatable, self._repeats = True, False
        if mark[0] == "(":
            self._done.append(self._open(mark))
            self._repeatable = False
        elif mark == ")":
            self._done.append(self._close())
        elif mark == "|":
            self._groups[-1] = True
            self._repeatable = False
            self._done.append(mark)
        else:
            self._done.append(self._one(mark))

    def _quantifier(self, mark: str) -> str:
        if not self._repeatable or any(int(bound) > _MOST_REPEATED for bound in re.findall(r"\d+", mark)):
            raise _refused()
        if self._repeats and mark[0] != "?":
            # Python would try all the ways to divide the text among the two.
            raise UntranslatableError
        self.repetitions += mark[0] in "*+" or mark.rstrip("?").endswith(",}")
        self._groups[-1] = self._groups[-1] or mark[0] != "?"
        self._repeatable = False
        return mark

    def _open(self, mark: str) -> str:
        if mark == "(":
            self._numbered = True
        elif mark.endswith(">"):
            self._named = True
            mark = "(?P<" + mark.partition("<")[2]
        else:
            flags = _FLAGS.fullmatch(mark)
            if flags is None:
                raise _refused()
            self._flags(flags[1], alone=flags[2] == ")")
            if flags[2] == ")":
                return mark
        self._groups.append(False)
        return mark

    def _flags(self, flags: str, *, alone: bool) -> None:
        if "U" in flags or "-" in flags or ("i" in flags and not self._ascii_text):
            raise UntranslatableError
        if alone and (self._done or not flags):
            # Python has them for the whole pattern only.
            raise UntranslatableError
        if "m" in flags and not alone:
            raise UntranslatableError
        self._multiline = self._multiline or "m" in flags

    def _close(self) -> str:
        if len(self._groups) == 1:
            raise _refused()
        self._repeats = self._groups.pop()
        self._groups[-1] = self._groups[-1] or self._repeats
        return ")"

    def _one(self, mark: str) -> str:
        """What stands for one letter, or for a place between letters."""
        if mark == "$":
            return r"(?=\n|\Z)" if self._multiline else r"\Z"
        if mark in ("^", "."):
            return mark
        if mark == "[":
            raise _refused()
        if mark[0] == "[":
            return _brackets(mark)
        if mark == "\\Q":
            end = self._pattern.find("\\E", self._at)
            literal = self._pattern[self._at : end if end != -1 else len(self._pattern)]
            self._at = end + 2 if end != -1 else len(self._pattern)
            return re.escape(literal)
        return _escaped(mark) if mark[0] == "\\" else re.escape(mark)


def _refused() -> Failure:
    return Failure("a pattern that is not understood")


def _brackets(mark: str) -> str:
    negated = mark.startswith("[^")
    inner = mark[2 if negated else 1 : -1]
    return f"[{'^' if negated else ''}{''.join(_in_brackets(match[0]) for match in _CLASS.finditer(inner))}]"


def _in_brackets(part: str) -> str:
    if part.startswith("[:"):
        if part[2:-2] not in _SETS:
            raise UntranslatableError
        return _SETS[part[2:-2]]
    if part[0] == "\\":
        if part[1] in "DSWbBAz":
            raise UntranslatableError
        return _PERL.get(part[1]) or _escaped(part)
    return "\\" + part if part in "[]&~|" else part


def _escaped(mark: str) -> str:
    letter = mark[1:2]
    if letter in ("p", "P"):
        raise UntranslatableError
    if letter == "x" and len(mark) > 2 and int(mark[2:].strip("{}"), 16) <= 0x10FFFF:
        return re.escape(chr(int(mark[2:].strip("{}"), 16)))
    known = {"z": r"\Z", "a": r"\x07", **{name: f"[{inner}]" for name, inner in _PERL.items()}}
    known |= {name.upper(): f"[^{inner}]" for name, inner in _PERL.items()}
    if letter in known:
        return known[letter]
    if letter and letter in "AbBfnrtv":
        return mark
    if not letter or letter.isalnum() or not letter.isascii():
        raise _refused()
    return re.escape(letter)
