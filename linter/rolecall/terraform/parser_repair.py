"""Valid HCL that python-hcl2 8.1 refuses, written as it takes it, in a copy of the same length."""

from __future__ import annotations

import re
from bisect import bisect_left

from rolecall import regex

# Whatever opens, closes or hides something in code, and in a quoted string.
_CODE = regex.compile(r'["{}()\[\]\n]|#[^\n]*|//[^\n]*|/\*[\s\S]*?\*/|<<-?(?P<marker>[^\W\d][\w.-]*)\r?\n')
_STRING = regex.compile(r'"|\\.|\$\$\{|%%\{|[$%]\{|\n', re.DOTALL)
_FOR = regex.compile(r"(?:\s|#[^\n]*|//[^\n]*|/\*[\s\S]*?\*/)*for(?![\w-])(?!\s*[=:])")
_HEREDOC = regex.compile(r"<<-?([^\W\d][\w.-]*)\r?\n")
_BLANKS_AFTER = regex.compile(r"^([ \t]*+)([^\W\d][\w.-]*+)([ \t]++)(?=\r?$)", re.MULTILINE)
_MARKER_ALONE = regex.compile(r"^([ \t]*+)([^\W\d][\w.-]*+)([ \t]*+)(?=\r?$)", re.MULTILINE)
_NOT_NEWLINES = regex.compile(r"[^\r\n]")
_ODD = regex.compile(r"[^\x00-\x7f]|![ \t]*!|-[ \t]*-|-\d|(?<![\w-])core::")
_TOKEN = regex.compile(r"[^\W\d][\w-]*(?:::)?|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|![ \t]*!(?!=)|-")
_OPERAND = regex.compile(r"[\w)\]}\"]")
_WORD = regex.compile(r"(?<![\w-])(?:in|if)\Z")
_NUMBER = regex.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_CLOSING = {")": "(", "]": "[", "}": "{"}
# What may be open: brackets, `f` for the brace of a `for`, `$` and `%` for code inside of a string, `"` for a string.
_WITHOUT_LINES = frozenset("([f$%")


def tidied(text: str) -> str:
    """A copy of the same length with what is common and cheap to repair: most texts need no more.

    Blanks after the marker of a heredoc go before it; the `~` of an interpolation is a blank; the brace of `$${` and
    `%%{` need not be closed. Literal text, names and numbers are never read from the copy.
    """
    markers = {match[1] for match in _HEREDOC.finditer(text)} if "<<" in text else set()
    if markers:
        text = _BLANKS_AFTER.sub(lambda line: line[1] + line[3] + line[2] if line[2] in markers else line[0], text)
    text = text.replace("$${", "$$_").replace("%%{", "%%_")
    return text.replace("${~", "${ ").replace("~}", " }") if "~" in text else text


def repaired(text: str, within: str = "{") -> str:
    """A copy of the same length that python-hcl2 parses where Terraform would. `within`: the bracket it stands in.

    - Comments are blanks, and so are newlines in brackets, in a `for` and in an interpolation, where they say nothing.
    - A heredoc is blank and has a plain marker.
    - `!!x` is `x`, `--x` too; in `5-12` the number is a name; names are ASCII; `core::` is a blank.
    - What `tidied` does.
    """
    copy, code = _Scan(text, within).done()
    if not _ODD.search(copy):
        return copy
    return _with_tokens(copy, code)


class _Scan:
    """One pass over the text, with a stack of what is open."""

    def __init__(self, text: str, within: str) -> None:
        self._text = text
        self._opened = [within]
        self._edits: list[tuple[int, int, str]] = []
        self._code: list[tuple[int, int]] = []
        self._at = 0
        self._lines: dict[str, list[re.Match[str]]] | None = None

    def done(self) -> tuple[str, list[tuple[int, int]]]:
        """The copy, and where there is code in it."""
        text = self._text
        while True:
            in_string = self._opened[-1] == '"'
            match = (_STRING if in_string else _CODE).search(text, self._at)
            if not in_string:
                self._code.append((self._at, match.start() if match else len(text)))
            if match is None:
                break
            self._at = match.end()
            if in_string:
                self._in_string(match)
            else:
                self._in_code(match)
        parts: list[str] = []
        at = 0
        for start, end, written in self._edits:
            parts += (text[at:start], written)
            at = end
        return "".join((*parts, text[at:])), self._code

    def _edit(self, start: int, end: int, written: str) -> None:
        self._edits.append((start, end, written))

    def _in_string(self, match: re.Match[str]) -> None:
        mark = match[0]
        if mark in ('"', "\n"):
            # A string has one line; what follows a broken one is code again.
            self._opened.pop()
        elif mark in ("$${", "%%{"):
            self._edit(match.end() - 1, match.end(), "_")
        elif mark in ("${", "%{"):
            self._opened.append(mark[0])
            if mark == "${" and self._text.startswith("~", self._at):
                self._edit(self._at, self._at + 1, " ")
                self._at += 1

    def _in_code(self, match: re.Match[str]) -> None:
        mark, start, end = match[0], match.start(), match.end()
        if mark == "\n":
            if self._opened[-1] in _WITHOUT_LINES:
                self._edit(start, end, " ")
        elif mark == "{":
            self._opened.append("f" if _FOR.match(self._text, end) else "{")
        elif mark in '"([':
            self._opened.append(mark)
        elif mark in ")]}":
            self._close(mark, start)
        elif match["marker"]:
            self._heredoc(match)
        else:
            self._edit(start, end, " " * (end - start))

    def _close(self, mark: str, at: int) -> None:
        opened = self._opened[-1]
        if len(self._opened) > 1 and (opened == _CLOSING[mark] or (mark == "}" and opened in "f$%")):
            self._opened.pop()
            if opened == "$" and self._text[at - 1] == "~":
                self._edit(at - 1, at, " ")

    def _closing(self, marker: str, at: int) -> re.Match[str] | None:
        """The line that ends a heredoc which begins at an offset."""
        if self._lines is None:
            # Each line of the text once, however many heredocs without an end there are.
            self._lines = {}
            for line in _MARKER_ALONE.finditer(self._text):
                self._lines.setdefault(line[2], []).append(line)
        lines = self._lines.get(marker, [])
        place = bisect_left(lines, at, key=lambda line: line.start())
        return lines[place] if place < len(lines) else None

    def _heredoc(self, match: re.Match[str]) -> None:
        text, marker = self._text, match["marker"]
        found = self._closing(marker, match.end())
        if found is None:
            return
        plain = "X" * len(marker)
        self._edit(match.start("marker"), match.end("marker"), plain)
        self._edit(match.end(), found.start(), _NOT_NEWLINES.sub(" ", text[match.end() : found.start()]))
        # Blanks after the marker go before it.
        self._edit(found.start(), found.end(), found[1] + found[3] + plain)
        # The line end after the marker is a part of the heredoc.
        self._at = found.end() + (2 if text.startswith("\r\n", found.end()) else 1)


def _with_tokens(copy: str, code: list[tuple[int, int]]) -> str:
    """The copy with the tokens repaired that python-hcl2 does not know."""
    letters = list(copy)
    # A number may have been made a name before the scan comes to it.
    for start, end in code:
        at = start
        while (match := _TOKEN.search(copy, at, end)) is not None:
            at = match.end()
            word = match[0]
            if word == "-":
                at = _minus(letters, copy, match.start(), end)
            elif word[0] == "!":
                _blank(letters, match.start(), match.end())
            elif word == "core::":
                if not copy.startswith(":", match.start() - 1):
                    _blank(letters, match.start(), match.end())
            elif not word.isascii():
                letters[match.start() : match.end()] = [c if c.isascii() else "x" for c in word]
    return "".join(letters)


def _minus(letters: list[str], copy: str, place: int, end: int) -> int:
    """Repairs at a minus; gives where to go on."""
    before = copy[:place].rstrip(" \t\r") if place < 200 else copy[place - 200 : place].rstrip(" \t\r")
    after = place + 1
    while after < end and copy[after] in " \t":
        after += 1
    if before and _OPERAND.match(before[-1]) and not _WORD.search(before):
        number = _NUMBER.match(copy, place + 1, end)
        if number is not None:
            # The lexer would take the sign for a part of the number.
            letters[number.start() : number.end()] = "x" * (number.end() - number.start())
        return place + 1
    if copy.startswith("-", after):
        _blank(letters, place, after + 1)
        return after + 1
    return place + 1


def _blank(letters: list[str], start: int, end: int) -> None:
    letters[start:end] = " " * (end - start)
