"""Plain JSON of a plan, whose shape nobody vouches for: look-ups that find nothing rather than fail."""

from __future__ import annotations


def at(value: object, *path: str) -> object:
    """What is at the end of a path of keys; None where there is nothing."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def text(value: object, *path: str) -> str:
    """The string at the end of a path of keys; empty where there is none."""
    found = at(value, *path)
    return found if isinstance(found, str) else ""


def items(value: object) -> list[object]:
    """The items of an array; none of anything else."""
    return value if isinstance(value, list) else []


def keys(value: object) -> list[str]:
    """The keys of an object; none of anything else."""
    return list(value) if isinstance(value, dict) else []


def has_mark(marks: object) -> bool:
    """Whether a tree of marks, which has the shape of the values that it is about, has a true somewhere."""
    pending = [marks]
    while pending:
        mark = pending.pop()
        if mark is True:
            return True
        if isinstance(mark, dict):
            pending += mark.values()
        elif isinstance(mark, list):
            pending += mark
    return False
