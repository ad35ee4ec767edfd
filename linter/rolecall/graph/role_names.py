"""Roles as a user names them: by name, by ARN, by their address in Terraform, by the module that makes them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.model import Role, TrustPolicy
from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.graph import Graph
    from rolecall.model import Origin

_KEY = regex.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
_ATTRIBUTE = regex.compile(r"\.(?:arn|name|id|unique_id|json)$")
_MODULE = regex.compile(r'module\.[^.\[\]"]+(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?(?=\.)')


@dataclass(frozen=True, slots=True)
class NamedTrust:
    """A role, or a trust policy that stands alone (`role` None), with what it may be called.

    `trust` None: it is not shown.
    """

    display: str
    origin: Origin
    trust: TrustPolicy | None
    names: tuple[str, ...] = ()
    arn: str = ""
    role: Role | None = None


def called(graph: Graph, text: str) -> tuple[NamedTrust, ...]:
    """The roles that a text means, those whose trust policy is seen if there are such; none where none does."""
    found = _called(graph, text)
    return tuple(one for one in found if one.trust is not None) or found


def names(graph: Graph) -> tuple[str, ...]:
    """Everything that a role of this world may be called."""
    return tuple(graph.keep(_index))


def _called(graph: Graph, text: str) -> tuple[NamedTrust, ...]:
    index: dict[str, list[NamedTrust]] = graph.keep(_index)
    found = index.get(text) or index.get(_ATTRIBUTE.sub("", text))
    if not found and text.startswith("arn:"):
        account = text.split(":")[4:5]
        found = [
            one
            for one in index.get(text.rpartition("/")[2], [])
            if not one.arn and (one.trust is None or _account(one.trust) in (None, *account))
        ]
    return tuple(found or ())


def _account(trust: TrustPolicy) -> str | None:
    return trust.account.known if trust.account is not None else None


def _index(graph: Graph) -> dict[str, list[NamedTrust]]:
    found: dict[str, dict[int, NamedTrust]] = defaultdict(dict)
    for one in all_named(graph):
        for name in one.names:
            found[name][id(one)] = one
    return {name: list(ones.values()) for name, ones in found.items()}


def all_named(graph: Graph) -> list[NamedTrust]:
    """Every role of a world, and every trust policy that stands alone."""
    roles = graph.all(Role)
    owned = {id(role.trust) for role in roles if role.trust is not None}
    found = [_role(role) for role in roles]
    for trust in graph.all(TrustPolicy):
        if id(trust) not in owned:
            own = trust.role.known if trust.role is not None else None
            found.append(
                NamedTrust(trust.display, trust.origin, trust, (*_addresses(trust.origin), *filter(None, [own])))
            )
    return found


def _role(role: Role) -> NamedTrust:
    name = role.name.known if role.name is not None else None
    arn = role.arn.known if role.arn is not None else None
    own = [name, arn, arn.rpartition("/")[2] if arn is not None and name is None else None]
    return NamedTrust(
        role.display, role.origin, role.trust, (*_addresses(role.origin), *filter(None, own)), arn or "", role
    )


def _addresses(origin: Origin) -> tuple[str, ...]:
    """The address, with and without the keys of instances, and those of the modules around it."""
    address = origin.address
    modules = []
    at = 0
    while (match := _MODULE.match(address, at)) is not None:
        modules.append(address[: match.end()])
        at = match.end() + 1
    every = (address, *modules)
    return tuple(dict.fromkeys((*every, *(_KEY.sub("", one) for one in every))))
