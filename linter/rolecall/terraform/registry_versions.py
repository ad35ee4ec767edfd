"""Version constraints of module calls, as far as they decide which range of versions is meant."""

from __future__ import annotations

from typing import TypeAlias

from rolecall import regex
from rolecall.records import dataclass

Version: TypeAlias = "tuple[int, ...]"
"""Three numbers. Pre-releases and build metadata are left out: Terraform chooses them only by exact name."""

_LENGTH = 3
# Version Constraints, https://developer.hashicorp.com/terraform/language/expressions/version-constraints
_CONSTRAINT = regex.compile(r"\s*(>=|<=|!=|~>|>|<|=|)\s*v?(\d{1,9}(?:\.\d{1,9}){0,2})(?:-[\w.-]+)?(?:\+[\w.-]+)?\s*")


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions from `low` on, below `high`."""

    low: Version
    high: Version


@dataclass(frozen=True, slots=True)
class Allowed:
    """The versions that a constraint allows: from `low` on, below `high` (None: without end), but not these."""

    low: Version = (0, 0, 0)
    high: Version | None = None
    excluded: frozenset[Version] = frozenset()

    def meets(self, versions: Versions) -> bool:
        """Whether one of these versions may be chosen. Which of them were released is not known here."""
        low = max(self.low, versions.low)
        high = versions.high if self.high is None else min(self.high, versions.high)
        while low in self.excluded:
            low = _next(low)
        return low < high


NEWEST = Allowed()
"""What no constraint allows."""


def version_of(text: str) -> Version:
    """The version that a text like `5.30` or `5.30.0` means."""
    numbers = tuple(int(part) for part in text.split("."))
    return numbers + (0,) * (_LENGTH - len(numbers))


def allowed(constraint: str | None) -> Allowed:
    """What a constraint like `>= 5.0, < 6.0` allows; all, if there is none or it is not one."""
    result = NEWEST
    for part in (constraint or "").split(","):
        match = _CONSTRAINT.fullmatch(part)
        if match is None:
            return NEWEST
        result = _narrowed(result, match[1], match[2])
    return result


def _narrowed(before: Allowed, operator: str, text: str) -> Allowed:
    version = version_of(text)
    low, high, excluded = before.low, before.high, before.excluded
    match operator:
        case "" | "=":
            low, high = max(low, version), _least(high, _next(version))
        case ">=":
            low = max(low, version)
        case ">":
            low = max(low, _next(version))
        case "<=":
            high = _least(high, _next(version))
        case "<":
            high = _least(high, version)
        case "~>":
            # Only the rightmost number that is written may grow; `~> 5` allows every version from 5 on.
            written = text.count(".") + 1
            low = max(low, version)
            if written > 1:
                fixed = version[: written - 1]
                high = _least(high, (*fixed[:-1], fixed[-1] + 1) + (0,) * (_LENGTH - len(fixed)))
        case _:
            excluded |= {version}
    return Allowed(low, high, excluded)


def _next(version: Version) -> Version:
    return (*version[:-1], version[-1] + 1)


def _least(one: Version | None, other: Version) -> Version:
    return other if one is None else min(one, other)
