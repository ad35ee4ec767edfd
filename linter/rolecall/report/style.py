"""Colour for those who can see it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rolecall.records import dataclass
from rolecall.rule import Severity

if TYPE_CHECKING:
    from typing import TextIO

_CODES = {"bold": "1", "red": "1;31", "yellow": "1;33", "blue": "1;34", "cyan": "1;36", "green": "1;32", "dim": "2"}
_SEVERITIES = {
    Severity.CRITICAL: "red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "cyan",
}


@dataclass(frozen=True, slots=True)
class Style:
    """How text is painted and how many columns there are for it."""

    colour: bool = False
    width: int = 80

    def paint(self, text: str, name: str) -> str:
        """The text in a colour, if there is colour."""
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m" if self.colour and text else text

    def strike(self, text: str) -> str:
        """The text struck through and dim, if there is colour."""
        return f"\x1b[2;9m{text}\x1b[0m" if self.colour else text

    def severity(self, text: str, severity: Severity) -> str:
        """The text in a severity's colour."""
        return self.paint(text, _SEVERITIES[severity])


def style_for(stream: TextIO, choice: str = "auto") -> Style:
    """The style for a stream: colour on a terminal only, unless the user or `NO_COLOR`/`FORCE_COLOR` says otherwise.

    Both variables count when they are set and not empty (https://no-color.org, https://force-color.org).
    """
    terminal = stream.isatty()
    if choice == "auto":
        colour = terminal and os.environ.get("TERM") != "dumb"
        if os.environ.get("NO_COLOR"):
            colour = False
        elif os.environ.get("FORCE_COLOR"):
            colour = True
    else:
        colour = choice == "always"
    return Style(colour, _columns(stream) if terminal else 80)


def _columns(stream: TextIO) -> int:
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return 80
    # Wider lines are hard to read; narrower ones cannot be filled sensibly.
    return min(max(columns, 40), 120) if columns else 80
