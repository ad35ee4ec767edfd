"""The expressions of template languages in a text: where each stands, and what it does to the lines around it."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

# Nothing in these goes back over what it has taken, so that each costs one pass. Strings and comments may hold braces.
_BRACES = regex.compile(
    r"\{\{(?:-?\s*+/\*(?:[^*]|\*(?!/))*+\*/\s*+-?\}\}"
    r"|(?:[^\"`}]++|\"(?:[^\"\\\n]|\\.)*+\"|`[^`]*+`|\}(?!\})|[\"`])*+\}\})",
    re.DOTALL,
)
_JINJA = regex.compile(r"\{%(?:[^\"'%]++|\"[^\"\n]*+\"|'[^'\n]*+'|%(?!\})|[\"'])*+%\}|\{#(?:[^#]|#(?!\}))*+#\}")
_INNER = r"(?:[^\"{}]++|\"(?:[^\"\\\n]|\\.)*+\"|\{(?:[^{}]++|\{[^{}]*+\})*+\})*+\}"
_TERRAFORM = regex.compile(rf"%\{{{_INNER}|\$\{{{_INNER}")
_OPENING = regex.compile(r"\{\{|\{%|\{#")
# A variable of IAM, or an escaped character in its policies, is text.
_ANY_OPENING = regex.compile(
    r"\{\{|\{%|\{#|(?<!%)%\{~? *(?:if|else|endif|for|endfor)\b|(?<!\$)\$\{(?![*?$]\})(?![\w.-]{1,64}:[A-Za-z])"
)

_WORD = regex.compile(
    r"(?:\{\{-?|\{%[-+]?|%\{~?)\s*(?P<word>/\*|[A-Za-z]+|\$\w*(?:\s*,\s*\$\w*)?\s*:?=(?!=))", re.DOTALL
)


class Does(Enum):
    """What an expression does: make text, steer the lines after it, or neither."""

    OUTPUT = "output"
    OPEN = "open"
    ELSE = "else"
    END = "end"
    NOTHING = "nothing"


_WORDS = {
    **dict.fromkeys(("if", "with", "range", "for", "define", "block", "raw", "macro", "filter", "call"), Does.OPEN),
    **dict.fromkeys(("else", "elif"), Does.ELSE),
    **dict.fromkeys(("end", "endif", "endfor", "endraw", "endmacro", "endblock", "endwith"), Does.END),
    **dict.fromkeys(("fail", "break", "continue", "set", "import", "from", "extends", "do"), Does.NOTHING),
}
_CERTAIN = frozenset({"define", "block", "raw", "macro", "filter", "call"})


@dataclass(frozen=True, slots=True)
class Action:
    """One expression. `trims`: it takes away the white space before it."""

    start: int
    end: int
    does: Does
    word: str
    trims: bool


def actions(text: str, *, dollars: bool) -> Iterator[Action]:
    """The expressions of a text in order; none after one that does not end. `dollars`: `${…}` and `%{…}` are some."""
    at = 0
    opening = _ANY_OPENING if dollars else _OPENING
    jinja = "{%" in text
    while (found := opening.search(text, at)) is not None:
        start, mark = found.start(), found[0]
        at = found.end()
        if mark == "{#" and not jinja:
            continue
        pattern = _BRACES if mark == "{{" else _JINJA if mark[0] == "{" else _TERRAFORM
        match = pattern.match(text, start)
        if match is None:
            # Without an end it takes in all the rest, and so would every other after it.
            return
        at = match.end()
        yield _action(text, start, at, mark)


def _action(text: str, start: int, end: int, mark: str) -> Action:
    word = ""
    if mark == "{#":
        does = Does.NOTHING
    elif mark[0] == "$":
        does = Does.OUTPUT
    else:
        match = _WORD.match(text, start, end)
        word = match["word"] if match else ""
        does = _WORDS.get(word, Does.OUTPUT)
        if word == "/*" or word.endswith("=") or (mark[0:2] == "{%" and does is Does.OUTPUT and word != "include"):
            does = Does.NOTHING
    return Action(start, end, does, word, text[start + 2 : start + 3] in ("-", "~"))


def pairs(actions: list[Action], length: int) -> tuple[dict[int, Action], list[tuple[int, int]]]:
    """The end of each `if` and its like by where it starts, and the stretches that may not be made."""
    partners: dict[int, Action] = {}
    possible: list[tuple[int, int]] = []
    stack: list[Action] = []
    for action in actions:
        if action.does is Does.OPEN:
            stack.append(action)
        elif action.does is Does.END and stack:
            opened = stack.pop()
            partners[opened.start] = action
            if opened.word not in _CERTAIN:
                possible.append((opened.end, action.start))
    possible.extend((opened.end, length) for opened in stack if opened.word not in _CERTAIN)
    possible.sort()
    return partners, possible
