"""What the words of a Dockerfile mean: ARG and ENV put into values, as far as they are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from rolecall.secrets import mask
from rolecall.tree import Hole, Kind, Reference, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rolecall.span import Span
    from rolecall.syntax.dockerfile_words import Use, Value

Parts: TypeAlias = "tuple[str | Hole, ...]"
Scope: TypeAlias = "Mapping[str, Parts]"
"""The variables that are set at a place, with their values."""

ARGUMENT = "a build argument without a default"
UNDECLARED = "a variable that the Dockerfile does not set"
BUILT_IN = "a build argument that the builder sets"
_PATTERN = "a pattern substitution"
_TOO_LONG = "a value that grows too long"
_LONGEST = 4096

# https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope
BUILT_INS = frozenset(
    f"{prefix}{suffix}" for prefix in ("TARGET", "BUILD") for suffix in ("PLATFORM", "OS", "ARCH", "VARIANT")
)


def argument_hole(path: str, name: str) -> Hole:
    """The value of an ARG that has no default."""
    return Hole(BUILT_IN if name in BUILT_INS else ARGUMENT, (Reference(path, name),))


def evaluate(value: Value, scope: Scope, path: str) -> Parts:
    """Literal text and holes that a value comes to."""
    return joined(part for piece in value for part in _evaluated(piece, scope, path))


def _evaluated(piece: str | Use, scope: Scope, path: str) -> Parts:
    if isinstance(piece, str):
        return (piece,)
    bound = scope.get(piece.name)
    unset = bound is None or (len(bound) == 1 and isinstance(bound[0], Hole) and bound[0].reason == ARGUMENT)
    empty = unset or bound == ("",)
    if piece.operator in (":-", "-") and (empty if piece.operator == ":-" else unset):
        return evaluate(piece.word, scope, path)
    if piece.operator in (":+", "+"):
        if bound is None or (bound == ("",) and piece.operator == ":+"):
            return ("",)
        return bound if unset else evaluate(piece.word, scope, path)
    if piece.operator == "other":
        return (Hole(_PATTERN, (Reference(path, piece.name),)),)
    return bound if bound is not None else (Hole(UNDECLARED, (Reference(path, piece.name),)),)


def joined(parts: Iterable[str | Hole]) -> Parts:
    """Parts with neighbouring texts put together; one hole where they grow out of bounds."""
    found: list[str | Hole] = []
    length = 0
    for part in parts:
        length += len(part) if isinstance(part, str) else 1
        if length > _LONGEST:
            return (Hole(_TOO_LONG),)
        if found and isinstance(part, str) and isinstance(found[-1], str):
            found[-1] += part
        elif part != "":
            found.append(part)
    return tuple(found) or ("",)


def known(parts: Parts) -> str | None:
    """The text, if all of it is known."""
    return parts[0] if len(parts) == 1 and isinstance(parts[0], str) else None


def scalar(parts: Parts, span: Span) -> Scalar:
    """A scalar of these parts, key material in them masked."""
    masked = tuple(mask(part) if isinstance(part, str) else part for part in parts)
    whole_hole = len(masked) == 1 and isinstance(masked[0], Hole)
    return Scalar(masked, Kind.UNKNOWN if whole_hole else Kind.STRING, span)
