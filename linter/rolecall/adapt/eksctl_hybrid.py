"""Hybrid nodes of eksctl: the role that their machines get from Systems Manager or IAM Roles Anywhere."""

# eksctl's pkg/cfn/builder/iam.go and cluster.go (commit 99984adb6).

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt.eksctl_policies import DEREGISTERS, DESCRIBES_CLUSTER, Switched, document, managed_policy
from rolecall.adapt.eksctl_roles import anywhere_trust, arn_of, manager_trust, role
from rolecall.adapt.kubernetes_values import name_of
from rolecall.model import AccessEntry
from rolecall.problem import Unevaluated
from rolecall.tree import Mapping, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.adapt.eksctl_roles import Context
    from rolecall.facts import Said

_TYPE = "HYBRID_LINUX"
_MANAGED = ("AmazonSSMManagedInstanceCore", "AmazonEC2ContainerRegistryPullOnly")


def hybrid_nodes(context: Context) -> Iterator[Said]:
    """The role of hybrid nodes where there are any, and that the cluster lets it in."""
    entry, network = context.root.entry("remoteNetworkConfig"), context.root.mapping("remoteNetworkConfig")
    if entry is None or network is None:
        return
    if not any(network.items(key) for key in ("remoteNodeNetworks", "remotePodNetworks")):
        return
    iam = network.mapping("iam") or Mapping((), entry.key.span)
    given, at = name_of(iam.get("roleARN")), entry.key.span
    if given is None:
        provider = name_of(iam.get("provider")) or known("ssm", at)
        # eksctl compares it without regard to case, and refuses others.
        trusts = {"ssm": manager_trust, "ira": anywhere_trust}
        trust = trusts.get((provider.known or "").lower())
        if trust is None:
            reason = "the provider of their credentials is not known"
            yield Unevaluated(f"role of hybrid nodes of {context.called}", reason, provider.span)
            return
        at = provider.span
        statements = [DESCRIBES_CLUSTER] if trust is anywhere_trust else [DEREGISTERS, DESCRIBES_CLUSTER]
        policies = Switched(
            tuple(managed_policy(name, at) for name in _MANAGED),
            tuple(document([statement], at) for statement in statements),
        )
        origin = context.origin(f"role of hybrid nodes of {context.called}", at, network.span)
        made = role(origin, Mapping((), at), trust(at), given=policies)
        yield made
        given = arn_of(made, at)
    origin = context.origin(f"access entry of hybrid nodes of {context.called}", at, network.span)
    yield AccessEntry(origin, context.name, given, known(_TYPE, at))
