"""Comments by which a user accepts findings: `# rolecall: ignore[rule-a, rule-b] reason`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall.facts import Suppression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.source import Source

# The reason ends where a block comment does. Bounded repetition: the text is hostile.
_COMMENT = re.compile(
    r"(?:#|//|/\*)[ \t]{0,8}rolecall:[ \t]{0,8}ignore\b(?:\[(?P<rules>[^\]\r\n]{0,2000})\])?(?P<reason>[^\r\n]{0,500})",
)


def comments(source: Source) -> Iterator[Suppression]:
    """The suppressions in a file's comments.

    One beside something covers its own line; one alone on its line covers the next line that is no such comment too,
    for places where a comment cannot stand beside a value.
    """
    if "rolecall:" not in source.text or source.path.endswith(".json"):
        return
    for match in _COMMENT.finditer(source.text):
        at = source.span(match.start(), match.end())
        first = source.starts[at.line - 1]
        last = at.line
        if not source.text[first : match.start()].strip():
            last = at.line + 1
            while source.line(last).lstrip().startswith(("#", "//", "/*")) and last < len(source.starts):
                last += 1
        end = source.starts[last - 1] + len(source.line(last)) if last <= len(source.starts) else len(source.text)
        rules = tuple(name.strip() for name in (match["rules"] or "").split(",") if name.strip())
        reason = match["reason"].strip().removesuffix("*/").strip()
        yield Suppression(rules, reason, source.span(first, end), at)
