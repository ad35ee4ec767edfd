"""A walk over a large JSON text: values that nobody asks for are skipped at the standard library's speed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from rolecall import regex
from rolecall.syntax.json import MAX_DEPTH, JsonError

if TYPE_CHECKING:
    from collections.abc import Callable

Visit: TypeAlias = "Callable[[str, int], int | None]"
"""What is done with a member: its key and where its value starts. It gives the value's end, or None to have it skipped.

The items of an array have no key.
"""

_SPACE = regex.compile(r"[ \t\r\n]*")
# Numbers are of no concern but as indexes, and Python refuses to convert the longest.
_DECODER = json.JSONDecoder(strict=False, parse_float=str, parse_int=lambda digits: int(digits[:18]))


class Walk:
    """Goes through a text from collection to collection. Every method raises `JsonError` where the text is no JSON."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._depth = 0

    def root(self, visit: Visit) -> None:
        """The members of the object that the text is."""
        start = self._blank(0)
        if self.text[start : start + 1] != "{":
            raise JsonError("expected an object", start)
        end = self._blank(self.members(start, visit))
        if end != len(self.text):
            raise JsonError("text after the end of the document", end)

    def value(self, at: int) -> tuple[object, int]:
        """The plain value that starts at an offset, and its end."""
        try:
            return _DECODER.raw_decode(self.text, at)
        except json.JSONDecodeError as error:
            raise JsonError(error.msg[:1].lower() + error.msg[1:], error.pos) from None
        except RecursionError:
            raise JsonError("nested too deeply", at) from None

    def members(self, at: int, visit: Visit) -> int:
        """Each member of the object that starts at an offset; its end. What is no object is skipped."""
        return self._collection(at, "{", "}", visit)

    def items(self, at: int, visit: Visit) -> int:
        """Each item of the array that starts at an offset; its end. What is no array is skipped."""
        return self._collection(at, "[", "]", visit)

    def _collection(self, at: int, opening: str, closing: str, visit: Visit) -> int:
        if self.text[at : at + 1] != opening:
            return self.value(at)[1]
        if self._depth >= MAX_DEPTH:
            raise JsonError(f"nested deeper than {MAX_DEPTH} levels", at)
        self._depth += 1
        at = self._blank(at + 1)
        if self.text[at : at + 1] == closing:
            self._depth -= 1
            return at + 1
        while True:
            key = ""
            if opening == "{":
                key, at = self._key(at)
            end = visit(key, at)
            at = self._blank(self.value(at)[1] if end is None else end)
            mark = self.text[at : at + 1]
            if mark == closing:
                self._depth -= 1
                return at + 1
            if mark != ",":
                ended = "the text ends in the middle of the document"
                raise JsonError(f"expected ',' or {closing!r}" if mark else ended, at)
            at = self._blank(at + 1)

    def _key(self, at: int) -> tuple[str, int]:
        key, end = self.value(at) if self.text[at : at + 1] == '"' else (None, at)
        if not isinstance(key, str):
            raise JsonError("expected a key in double quotes", at)
        at = self._blank(end)
        if self.text[at : at + 1] != ":":
            raise JsonError("expected ':' after a key", at)
        return key, self._blank(at + 1)

    def _blank(self, at: int) -> int:
        found = _SPACE.match(self.text, at)
        return found.end() if found else at
