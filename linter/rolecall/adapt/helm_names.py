"""The names by which Helm sets values, `a.b[0].c` with dots escaped in keys, read as Helm reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEPEST = 30  # MaxNestedNameLevel of Helm's pkg/strvals/parser.go
_LARGEST = 65_536  # MaxIndex, there


def keys_of(name: str) -> tuple[str | int, ...] | None:
    """The keys that a name leads through, indexes as numbers; None where Helm refuses the name.

    A dot ends a key, a backslash takes the next character as it is, `[0]` is an index. An equals sign or a comma that
    is not escaped ends the name, since the provider hands name and value to Helm as one text.
    """
    keys: list[str | int] = []
    for key in _keys(name):
        if key is None or len(keys) > _DEEPEST:
            return None
        keys.append(key)
    # Helm drops a key without a name.
    return tuple(keys) if keys and "" not in keys else None


def value_of(text: str) -> tuple[str, ...] | str:
    """What Helm makes of the text after the equals sign: a string, or the strings of a list in braces.

    What follows a comma is another setting and is left out.
    """
    if not text.startswith("{"):
        return _until(text, 0, ",")[0]
    items: list[str] = []
    at = 1
    while at <= len(text):
        item, at = _until(text, at, ",}")
        items.append(item)
        if at >= len(text) or text[at] == "}":
            break
        at += 1
    return tuple(items)


def _keys(name: str) -> Iterator[str | int | None]:
    at = 0
    while True:
        key, at = _until(name, at, "=[,.")
        end = name[at : at + 1]
        yield key
        while end == "[":
            closing = name.find("]", at)
            index = name[at + 1 : closing] if closing > at else ""
            number = int(index) if index.isascii() and index.isdigit() and len(index) <= len(str(_LARGEST)) else None
            yield number if number is not None and number <= _LARGEST else None
            if number is None:
                return
            at = closing + 1
            end = name[at : at + 1]
            if end not in ("", "[", ".", "="):
                yield None
                return
        if end != ".":
            return
        at += 1


def _until(text: str, at: int, stops: str) -> tuple[str, int]:
    """The text up to one of some characters, escapes taken out, and where that stands."""
    found: list[str] = []
    while at < len(text) and text[at] not in stops:
        if text[at] == "\\":
            at += 1
            if at >= len(text):
                break
        found.append(text[at])
        at += 1
    return "".join(found), at
