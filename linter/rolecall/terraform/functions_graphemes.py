"""Strings as a reader sees them: Terraform counts grapheme clusters, not code points."""

from __future__ import annotations

import unicodedata

_JOINED = (
    (0x0300, 0x036F),  # combining diacritical marks
    (0x0483, 0x0489),
    (0xFE00, 0xFE0F),  # variation selectors
)
# Scripts and symbols in which every other code point is a cluster of its own (Unicode Annex 29).
_ALONE = (
    (0x0000, 0x00AC),
    (0x00AE, 0x0590),
    (0x1E00, 0x1FFF),
    (0x2010, 0x2027),
    (0x2030, 0x205E),
    (0x20A0, 0x20CF),
    (0x2100, 0x2BFF),
    (0x3000, 0x3029),
    (0x3030, 0x3096),
    (0x309B, 0xA4CF),
    (0xAC00, 0xD7A3),
    (0xF900, 0xFAFF),
    (0xFF00, 0xFF9D),
    (0x1F300, 0x1F3FA),
    (0x1F400, 0x1FAFF),
)


def clusters(text: str) -> list[str] | None:
    """The characters that a reader sees, or None where they are not told without Unicode's full tables.

    Terraform's strings are in the normal form C.
    """
    if text.isascii():
        return list(text) if "\r\n" not in text else _with_line_ends(text)
    found: list[str] = []
    for letter in unicodedata.normalize("NFC", text):
        code = ord(letter)
        if found and _within(code, _JOINED) and found[-1] not in "\r\n":
            found[-1] += letter
        elif not _within(code, _ALONE) or _within(code, _JOINED):
            return None
        elif letter == "\n" and found and found[-1] == "\r":
            found[-1] = "\r\n"
        else:
            found.append(letter)
    return found


def _with_line_ends(text: str) -> list[str]:
    first, *others = text.split("\r\n")
    return [*first, *(letter for part in others for letter in ("\r\n", *part))]


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)
