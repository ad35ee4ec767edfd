"""Comments by which a user accepts findings: `# rolecall: ignore[rule-a, rule-b] reason`."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.facts import Suppression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.source import Source

# Bounded repetition: the text is hostile.
_COMMENT = regex.compile(
    r"(?:#|//|/\*)[ \t]{0,8}rolecall:[ \t]{0,8}ignore(?![\w-])"
    r"(?:[ \t]{0,8}\[(?P<rules>[^\]\r\n]{0,2000})\])?(?P<reason>[^\r\n]{0,500})"
)
_HEREDOC = regex.compile(r"<<[-~]?[ \t]*[\"']?(?P<word>[A-Za-z_][A-Za-z0-9_]*)[\"']?")
_BLOCK_SCALAR = regex.compile(r"(?:^|[:\-][ \t]+)(?:![\w:]{1,40}[ \t]+){0,3}[|>][+\-0-9]{0,2}[ \t]*(?:#.*)?$")
_CLOSING = regex.compile(r"\*/(?:[ \t]{0,8}-?\}\})?[ \t]*\Z")
_BEFORE = ("", "{{", "{{-")
"""What may stand before a comment that is alone on its line: in a template of Helm it is in braces."""

_SKIPPED = 100
"""How many comment lines in a row may stand between a suppression and what it is about."""


def comments(source: Source) -> Iterator[Suppression]:
    """The suppressions in a file's comments. JSON has none.

    One beside something covers its own line. One alone on its line covers the next line that is no comment; where
    that opens a heredoc or a block scalar, inside of which no comment can stand, all of that.
    """
    if "rolecall:" not in source.text or source.path.endswith(".json"):
        return
    blocks = _Blocks(source)
    # Comments in a row are about the same line, which is looked for once.
    following = 0, 0
    for match in _COMMENT.finditer(source.text):
        at = source.span(match.start(), match.end())
        first = source.starts[at.line - 1]
        last = at.line
        if source.text[first : match.start()].strip() in _BEFORE:
            if not following[0] <= at.line < following[1]:
                following = at.line, _following(source, at.line)
            last = blocks.last(following[1])
        end = source.starts[last - 1] + len(source.line(last))
        names = tuple(name.strip() for name in (match["rules"] or "").split(",") if name.strip())
        reason = _CLOSING.sub("", match["reason"]).strip(" \t:-")
        yield Suppression(names, reason, source.span(first, end), at)


def _following(source: Source, line: int) -> int:
    """The next line that is neither a comment nor empty; the last one looked at if there is none."""
    total = len(source.starts)
    for number in range(line + 1, min(line + _SKIPPED, total) + 1):
        text = source.line(number).strip()
        if text and not text.startswith(("#", "//", "/*", "*", "{{/*", "{{- /*")):
            return number
    return min(line + _SKIPPED, total)


class _Blocks:
    """Where heredocs and block scalars end. The lines are indexed once, when first asked for."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._where: dict[str, list[int]] | None = None
        # Block scalars inside of each other are no YAML; a file made of them must not cost the square of its length.
        self._budget = 4 * len(source.starts) + 1000

    def last(self, line: int) -> int:
        """The last line of what a line opens; the line itself if it opens nothing."""
        text = self._source.line(line)
        heredoc = _HEREDOC.search(text)
        if heredoc:
            return self._terminator(heredoc["word"], line)
        return self._indented(line, text) if _BLOCK_SCALAR.search(text) else line

    def _terminator(self, word: str, line: int) -> int:
        if self._where is None:
            self._where = {}
            for number in range(1, len(self._source.starts) + 1):
                text = self._source.line(number).strip()
                if text.isidentifier():
                    self._where.setdefault(text, []).append(number)
        numbers = self._where.get(word, [])
        index = bisect_right(numbers, line)
        return numbers[index] if index < len(numbers) else line

    def _indented(self, line: int, text: str) -> int:
        indent = len(text) - len(text.lstrip(" "))
        last = line
        for number in range(line + 1, len(self._source.starts) + 1):
            self._budget -= 1
            if self._budget < 0:
                return line
            below = self._source.line(number)
            if below.strip():
                if len(below) - len(below.lstrip(" ")) <= indent:
                    break
                last = number
        return last
