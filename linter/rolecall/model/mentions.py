"""What the documents of a tree refer to by name, those that are not read for more included."""

from __future__ import annotations

from rolecall.records import dataclass


@dataclass(frozen=True, slots=True)
class Mentions:
    """The names that any document refers to, searched generously: what is not among them, nothing uses.

    `inhabited` are the namespaces that pods of these documents are written for. `anything`: some documents are
    templates or refer in a way that is not searched, so that any name may be meant.
    """

    names: frozenset[str]
    inhabited: frozenset[str]
    anything: bool = False
