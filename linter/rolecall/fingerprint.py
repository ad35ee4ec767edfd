"""A finding's identity that survives moved code and reworded messages."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.result import Diagnostic


def numbered(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics with their identities.

    One is made of the rule, the path and the subject with the words at its place (where a rule names no subject, the
    message): never of lines, columns, or text of the input, which could be secret. What is the same several times is
    numbered in order.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    done = []
    for diagnostic in diagnostics:
        finding = diagnostic.finding
        parts = (finding.subject, finding.at.text) if finding.subject else (finding.message,)
        identity = (diagnostic.rule.name, diagnostic.at.path, *(" ".join(part.split()) for part in parts))
        seen[identity] += 1
        done.append(replace(diagnostic, identity=(*identity, str(seen[identity]))))
    return tuple(done)
