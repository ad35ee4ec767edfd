"""Text as a terminal shows it: what each character looks like, how wide it is, and nothing that could do harm."""

from __future__ import annotations

_TAB = 4


def clean(text: str) -> str:
    """A text on one line, without anything that a terminal would obey instead of showing."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(shown(character) if character not in "\r\n\t" else " " for character in text)


def visible(text: str) -> str:
    """A line of text as it stands on the screen."""
    return text if text.isascii() and text.isprintable() else "".join(map(shown, text))


def shown(character: str) -> str:
    """What stands for a character on the screen."""
    if character == "\t":
        return " " * _TAB
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)  # the picture of the control character
    if code == 0x7F:
        return "\u2421"
    if character.isspace():
        return " "
    # A joiner between emoji is harmless; what turns the direction of writing, or is unassigned, is not.
    return character if code == 0x200D else "\ufffd"


def width(character: str) -> int:
    """How many columns what is shown for a character takes, as by Unicode's East Asian Width."""
    if character == "\t":
        return _TAB
    if character.isascii():
        return 1
    from unicodedata import category, east_asian_width  # noqa: PLC0415 - only for text beyond ASCII

    if category(character) in ("Mn", "Me") or character == "\u200d":
        return 0
    return 2 if east_asian_width(character) in "WF" and character.isprintable() else 1


def columns(text: str) -> int:
    """How many columns a text takes."""
    return len(text) if text.isascii() and text.isprintable() else sum(map(width, text))


def wrap(text: str, room: int, *, first: int = 0) -> list[str]:
    """A text in lines of at most `room` columns, the first one shorter by `first`. Long words stand alone, whole."""
    lines: list[str] = []
    line = ""
    used = first
    for word in clean(text).split(" "):
        size = columns(word)
        if line and used + 1 + size > room:
            lines.append(line)
            line, used = word, size
        else:
            used += size + (1 if line else 0)
            line = f"{line} {word}" if line else word
    lines.append(line)
    return lines
