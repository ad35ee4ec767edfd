"""Terraform's `yamlencode`: libyaml's layout, with every string in quotes or, of several lines, as a block."""

# What is here follows go-cty-yaml (`encode.go`) and the emitter that it shares with go-yaml (`emitterc.go`).

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.terraform.functions_json import rest_written
from rolecall.terraform.values import decimal, ordered, spelled
from rolecall.tree import Hole, Kind, Mapping, Node, Scalar, Sequence, merged

if TYPE_CHECKING:
    import re

    from rolecall.span import Span

_DEEPEST = 60
_WIDTH = 80
_LONGEST_KEY = 128
_ESCAPES = {
    "\0": "0", "\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", "\x1b": "e", '"': '"',
    "\\": "\\", "\x85": "N", "\u2028": "L", "\u2029": "P",
}  # fmt: skip
_ESCAPED = regex.compile('[^\n -~\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]|[\n"\\\\\u2028\u2029]')
_UNPRINTABLE = regex.compile("[^\n -~\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
_NOT_IN_A_BLOCK = regex.compile(" \n| \\Z")
_ODD_BREAKS = regex.compile("[\u2028\u2029]")


class YamlEncoder:
    """Writes one value; the text comes in pieces, each with its place."""

    def __init__(self) -> None:
        self.pieces: list[tuple[str | Hole, Span]] = []
        self._column = 0

    def document(self, node: Node) -> None:
        """The whole text of a value."""
        if isinstance(node, Scalar):
            self._scalar(node, 2)
            if node.kind is not Kind.STRING and node.kind is not Kind.UNKNOWN:
                # A plain scalar alone could go on.
                self._write("\n...", node.span)
            if not _is_block(node):
                self._write("\n", node.span)
        else:
            self._node(node, 0, 0)

    def _write(self, part: str | Hole, span: Span) -> None:
        if part == "":
            return
        if isinstance(part, str):
            newline = part.rfind("\n")
            self._column = self._column + len(part) if newline == -1 else len(part) - newline - 1
        self.pieces.append((part, span))

    def _node(self, node: Node, indent: int, depth: int) -> None:
        """A value of a collection, and the end of its line; the cursor is where it begins."""
        if depth > _DEEPEST:
            self._write(Hole("a value that is nested too deeply"), node.span)
            self._write("\n", node.span)
        elif isinstance(node, Scalar):
            self._scalar(node, indent + 2)
            if not _is_block(node):
                self._write("\n", node.span)
        elif isinstance(node, Sequence):
            self._sequence(node, indent, depth)
        else:
            self._mapping(node, indent, depth)

    def _sequence(self, node: Sequence, indent: int, depth: int) -> None:
        if not node.items:
            self._write(node.rest or "[]", node.span)
            self._write("\n", node.span)
            return
        for place, item in enumerate(node.items):
            self._write((" " * indent if place else "") + "- ", item.span)
            self._node(item, indent + 2 if isinstance(item, (Sequence, Mapping)) else indent, depth + 1)
        if node.rest is not None:
            self._write(" " * indent + "- ", node.span)
            self._write(rest_written(node.rest), node.span)
            self._write("\n", node.span)

    def _mapping(self, node: Mapping, indent: int, depth: int) -> None:
        if not node.entries:
            self._write(node.rest or "{}", node.span)
            self._write("\n", node.span)
            return
        for place, entry in enumerate(ordered(node)):
            self._write(" " * indent if place else "", entry.key.span)
            if self._key(entry.key, indent):
                self._value(entry.value, indent, depth)
            else:
                self._write(" ", entry.value.span)
                self._node(entry.value, indent + (0 if isinstance(entry.value, Scalar) else 2), depth + 1)
        if node.rest is not None:
            # An entry of which neither key nor value is known.
            rest = rest_written(node.rest)
            for part in (" " * indent + '"', rest, '": ', rest, "\n"):
                self._write(part, node.span)

    def _key(self, key: Scalar, indent: int) -> bool:
        """Writes a key with its colon; gives whether it is one that stands on the line of its value."""
        text = key.known
        simple = text is None or ("\n" not in text and len(text.encode("utf-8", "replace")) <= _LONGEST_KEY)
        if simple:
            self._quoted(key, None)
        else:
            self._write("? ", key.span)
            self._scalar(key, indent + 2)
            self._write(("" if _is_block(key) else "\n") + " " * indent, key.span)
        self._write(":", key.span)
        return simple

    def _value(self, value: Node, indent: int, depth: int) -> None:
        if isinstance(value, Scalar) or not _has_lines(value):
            self._write(" ", value.span)
            self._node(value, indent, depth + 1)
        elif isinstance(value, Sequence):
            self._write("\n" + " " * indent, value.span)
            self._sequence(value, indent, depth + 1)
        elif isinstance(value, Mapping):
            self._write("\n" + " " * (indent + 2), value.span)
            self._mapping(value, indent + 2, depth + 1)

    def _scalar(self, scalar: Scalar, indent: int) -> None:
        if scalar.is_null:
            self._write("null", scalar.span)
        elif scalar.kind is Kind.UNKNOWN:
            self._write(scalar.hole, scalar.span)
        elif scalar.kind is Kind.NUMBER:
            self._write(spelled(decimal(scalar.known or "")), scalar.span)
        elif scalar.kind is Kind.BOOLEAN:
            self._write(scalar.known or "", scalar.span)
        elif scalar.known is not None and "\n" in scalar.known and _ODD_BREAKS.search(scalar.known):
            self._write(Hole("a string with line ends that are rare"), scalar.span)
        elif _is_block(scalar):
            self._block(scalar.known or "", scalar.span, indent)
        else:
            self._quoted(scalar, indent)

    def _block(self, text: str, span: Span, indent: int) -> None:
        hint = "2" if text[0] in " \n" else ""
        if not text.endswith("\n"):
            hint += "-"
        elif text == "\n" or text.endswith("\n\n"):
            hint += "+"
        lines = "".join(f"{' ' * indent if line else ''}{line}\n" for line in text.removesuffix("\n").split("\n"))
        self._write(f"|{hint}\n{lines}", span)

    def _quoted(self, scalar: Scalar, indent: int | None) -> None:
        """A string in quotes, folded at `indent` where it is long; keys and what has holes are not folded."""
        self._write('"', scalar.span)
        text = scalar.known
        if text is not None and indent is not None and len(_escaped(text)) + self._column > _WIDTH:
            self._write(self._folded(text, indent), scalar.span)
        else:
            for part in merged(scalar.parts):
                self._write(_escaped(part) if isinstance(part, str) else part, scalar.span)
        self._write('"', scalar.span)

    def _folded(self, text: str, indent: int) -> str:
        done: list[str] = []
        column, spaces = self._column, False
        for place, letter in enumerate(text):
            if letter == " ":
                if not spaces and column > _WIDTH and 0 < place < len(text) - 1:
                    done.append("\n" + " " * indent)
                    column = indent
                    if text[place + 1] == " ":
                        done.append("\\")
                        column += 1
                else:
                    done.append(" ")
                    column += 1
                spaces = True
            else:
                written = _escaped(letter)
                done.append(written)
                column += len(written)
                spaces = False
        return "".join(done)


def _has_lines(node: Sequence | Mapping) -> bool:
    return bool(node.items if isinstance(node, Sequence) else node.entries)


def _is_block(scalar: Scalar) -> bool:
    text = scalar.known
    if scalar.kind is not Kind.STRING or text is None or "\n" not in text:
        return False
    return not _UNPRINTABLE.search(text) and not _NOT_IN_A_BLOCK.search(text)


def _escaped(text: str) -> str:
    return _ESCAPED.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    letter = match[0]
    if letter in _ESCAPES:
        return "\\" + _ESCAPES[letter]
    code = ord(letter)
    return f"\\x{code:02X}" if code <= 0xFF else f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"
