"""The catalogue: every AWS action with its access level, the statements of every AWS managed policy.

The data is generated (docs/decisions/0015-catalogue.md) and opened when first asked.
"""

from __future__ import annotations

import json
import pkgutil
import zlib
from enum import Enum
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from rolecall.iam.globs import matcher
from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator


class Level(Enum):
    """What an action does, as the Service Authorization Reference has it."""

    LIST = "List"
    READ = "Read"
    WRITE = "Write"
    PERMISSIONS = "Permissions management"
    TAGGING = "Tagging"

    @property
    def mutates(self) -> bool:
        """Whether the action changes something."""
        return self not in (Level.LIST, Level.READ)


@dataclass(frozen=True, slots=True)
class Action:
    """An AWS action. `on_resources`: a policy can limit it to named resources; else `*` is the only resource it has."""

    name: str
    level: Level
    on_resources: bool


@cache
def _services() -> dict[str, str]:
    """The line of each service, by its prefix."""
    text = zlib.decompress(_read("actions.z")).decode()
    return {line[: line.index("\t")]: line for line in text.splitlines()}


@cache
def _actions(service: str) -> dict[str, Action]:
    """The actions of a service by their names in lower case; none for a prefix that AWS does not have."""
    prefix, _, *groups = _services().get(service, f"{service}\t").split("\t")
    kinds = [(level, on_resources) for level in Level for on_resources in (True, False)]
    return {
        name.lower(): Action(f"{prefix}:{name}", level, on_resources)
        for (level, on_resources), names in zip(kinds, groups, strict=False)
        for name in names.split()
    }


@cache
def arn_services(service: str) -> tuple[str, ...]:
    """The other services that the ARNs of a service's resources name: `eks` for `eks-auth`."""
    return tuple(_services().get(service, "\t").split("\t", 2)[1].split())


def action(name: str) -> Action | None:
    """The action of this name (`s3:GetObject`, in any case); None where AWS has none."""
    service, _, rest = name.lower().partition(":")
    return _actions(service).get(rest)


def expand(pattern: str) -> tuple[Action, ...]:
    """The actions that a policy's action pattern (`s3:Get*`) takes in; none for one that AWS does not have."""
    service, colon, rest = pattern.lower().partition(":")
    if not colon:
        service, rest = ("*", "*") if service and not service.strip("*") else (service, "")
    if "*" in service or "?" in service:
        return _expanded_everywhere(service, rest)
    if "*" in rest or "?" in rest:
        return _expanded(service, rest)
    found = _actions(service).get(rest)
    return (found,) if found else ()


@lru_cache(maxsize=4096)
def _expanded(service: str, rest: str) -> tuple[Action, ...]:
    return tuple(_matching(service, rest))


@lru_cache(maxsize=64)
def _expanded_everywhere(service: str, rest: str) -> tuple[Action, ...]:
    fits = matcher(service)
    return tuple(found for prefix in _services() if fits(prefix) for found in _matching(prefix, rest))


def _matching(service: str, rest: str) -> Iterator[Action]:
    fits = matcher(rest)
    return (found for name, found in _actions(service).items() if fits(name))


def is_managed(name: str) -> bool:
    """Whether AWS has a managed policy of this name."""
    return name in _index()


@lru_cache(maxsize=256)
def managed_statements(name: str) -> tuple[dict[str, Any], ...] | None:
    """The statements of an AWS managed policy, as its JSON has them; None for a name that is not known."""
    place = _index().get(name)
    if place is None:
        return None
    start, end, line = place
    lines = _block(start, end)
    return tuple(json.loads(lines[line]))


@lru_cache(maxsize=8)
def _block(start: int, end: int) -> list[str]:
    return zlib.decompress(_policies()[start:end]).decode().split("\n")


@cache
def _index() -> dict[str, tuple[int, int, int]]:
    """The block and the line in it of each policy."""
    data = _policies()
    at = data.index(_END) + len(_END)
    found = {}
    for row in data[: at - len(_END)].decode().split("\n"):
        size, _, names = row.partition("\t")
        for line, name in enumerate(names.split(" ")):
            found[name] = (at, at + int(size), line)
        at += int(size)
    return found


_END: Final = b"\n\n"


@cache
def _policies() -> bytes:
    return _read("policies.z")


def _read(name: str) -> bytes:
    # `importlib.resources` would cost more to import than the file to read.
    found = pkgutil.get_data("rolecall.iam", f"data/{name}")
    if found is None:
        raise FileNotFoundError(name)
    return found
