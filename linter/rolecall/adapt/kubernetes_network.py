"""NetworkPolicies: which addresses they let pods reach by HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt.kubernetes_values import name_of
from rolecall.model import AddressBlock, NetworkPolicy
from rolecall.tree import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.model import KubernetesObject

_HTTP = 80


def network_policy(named: KubernetesObject, root: Mapping) -> NetworkPolicy:
    """A `NetworkPolicy` of networking.k8s.io. Rules without `to` are not in it: they let out to wherever."""
    spec = root.mapping("spec")
    egress = spec.get("egress") if spec else None
    return NetworkPolicy(
        named.kind,
        named.api_version,
        named.name,
        named.namespace,
        named.annotations,
        named.labels,
        named.origin,
        reached=tuple(block for rule in spec.mappings("egress") for block in _blocks(rule)) if spec else (),
        limits_egress=_limits(spec, written=egress is not None) if spec else None,
        rest=spec is None or spec.rest is not None or _is_open(egress),
    )


def _limits(spec: Mapping, *, written: bool) -> bool | None:
    """Whether it says anything of egress; where `policyTypes` is not written, it does if there are such rules."""
    types = spec.get("policyTypes")
    if types is None or (isinstance(types, Scalar) and types.is_null):
        return written
    if not isinstance(types, Sequence):
        return None
    if any(isinstance(item, Scalar) and item.known == "Egress" for item in types.items):
        return True
    return None if _is_open(types) else False


def _is_open(node: object) -> bool:
    if isinstance(node, Sequence):
        return node.rest is not None or any(isinstance(item, Scalar) and item.holes for item in node.items)
    return isinstance(node, Scalar) and bool(node.holes)


def _blocks(rule: Mapping) -> Iterator[AddressBlock]:
    ports = tuple(rule.mappings("ports"))
    if ports and not any(_takes_http(port) for port in ports):
        return
    for peer in rule.mappings("to"):
        block = peer.mapping("ipBlock")
        cidr = name_of(block.get("cidr")) if block else None
        if block is not None and cidr is not None:
            excepted = block.get("except")
            items = block.items("except")
            yield AddressBlock(
                cidr,
                tuple(item for item in items if isinstance(item, Scalar)),
                cidr.span,
                block.rest is not None or (excepted is not None and _is_open(excepted)),
            )


def _takes_http(port: Mapping) -> bool:
    """Whether TCP port 80 is surely among these; named ports are ports of pods."""
    protocol = port.scalar("protocol")
    if protocol is not None and not protocol.is_empty and protocol.known != "TCP":
        return False
    number = port.scalar("port")
    if number is None or number.is_empty:
        return True
    last = port.scalar("endPort")
    end = last.number if last is not None else None
    return number.number is not None and number.number <= _HTTP <= (end if end is not None else number.number)
