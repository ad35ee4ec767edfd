"""Whether an unknown value may turn out to be an error, which `try` would pass over."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rolecall.tree import Hole

_TAKE_ANY_TEXT = frozenset(
    {"basename", "dirname", "lower", "replace", "title", "trim", "trimprefix", "trimspace", "trimsuffix", "upper"}
)


def is_text(hole: Hole) -> bool:
    """Whether an unknown is a text in every run, never null: what is made of the directory, or of the workspace."""
    names = [reference.block for reference in hole.references]
    chosen = bool(names) and all(name.startswith(("path.", "terraform.")) for name in names)
    return chosen and all(step.partition("#")[0] in _TAKE_ANY_TEXT for step in hole.through)


def may_fail(hole: Hole) -> bool:
    """Whether an unknown may turn out to be an error: what is done with it may not fit it."""
    if is_text(hole):
        return False
    inputs = any(reference.block.startswith(("var.", "module.")) for reference in hole.references)
    return bool(hole.through) or not hole.references or inputs
