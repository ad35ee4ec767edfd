"""A finding's identity that survives moved code, reformatting and renamed labels."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.result import Diagnostic


def numbered(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics with their fingerprints.

    One is made of the rule, the path, the subject and, where a rule names no subject, the message: never of lines,
    columns, or text of the input, which could be secret. The same mistake made several times is numbered in order.
    """
    seen: Counter[str] = Counter()
    done = []
    for diagnostic in diagnostics:
        finding = diagnostic.finding
        identity = finding.subject or " ".join(finding.message.split())
        base = sha256("\0".join((diagnostic.rule.name, diagnostic.at.path, identity)).encode()).hexdigest()[:32]
        seen[base] += 1
        done.append(replace(diagnostic, fingerprint=f"{base}:{seen[base]}"))
    return tuple(done)
