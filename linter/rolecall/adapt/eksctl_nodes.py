"""Node groups of eksctl: the role that they get, their metadata options, the commands that they start with."""

# Defaults are those of eksctl's pkg/cfn/builder/iam_helper.go (makeManagedPolicies) and nodegroup.go
# (makeMetadataOptions), commit 99984adb6.

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.adapt import user_data as scripts
from rolecall.adapt.eksctl_policies import ADDON_POLICIES, managed_policy, switched
from rolecall.adapt.eksctl_roles import NODES, arn_of, node_trust, role
from rolecall.adapt.kubernetes_values import name_of
from rolecall.iam.managed import managed_name
from rolecall.model import MetadataOptions, NodeGroup, UserData
from rolecall.tree import Hole, Kind, Mapping, Scalar, Sequence, known, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.adapt.eksctl_roles import Context
    from rolecall.facts import Said
    from rolecall.model import Origin, Role
    from rolecall.span import Span

KIND = "eksctl node group"
_FAMILIES = {"AmazonLinux2": "AL2_", "AmazonLinux2023": "AL2023_", "Bottlerocket": "BOTTLEROCKET_"}
_PULL = "AmazonEC2ContainerRegistryPullOnly"
_PUSH = "AmazonEC2ContainerRegistryPowerUser"


def node_groups(context: Context) -> Iterator[Said]:
    """The groups under `nodeGroups` and `managedNodeGroups`."""
    for key in ("nodeGroups", "managedNodeGroups"):
        for body in context.root.mappings(key):
            yield from _node_group(context, body, managed=key == "managedNodeGroups")


def _node_group(context: Context, body: Mapping, *, managed: bool) -> Iterator[Said]:
    name = name_of(body.get("name"))
    at = name.span if name is not None else body.entries[0].key.span if body.entries else body.span
    called = f"node group {name.display if name is not None else 'without a name'} of {context.called}"
    origin = context.origin(called, at, body.span)
    iam = body.mapping("iam") or Mapping((), at)
    profile = name_of(iam.get("instanceProfileARN"))
    given = name_of(iam.get("instanceRoleARN"))
    if given is None and profile is None:
        made = _role(context, iam, origin, managed=managed)
        yield made
        given = arn_of(made, at)
    template = body.mapping("launchTemplate") if managed else None
    yield NodeGroup(
        origin=origin,
        name=name,
        cluster=context.name,
        role=given,
        launch_template=template.scalar("id") or unknown(Hole("a launch template without an id"), template.span)
        if template is not None
        else None,
        ami_type=_ami_type(body),
        metadata=_metadata(body, at) if template is None else None,
        instance_profile=profile,
        kind=KIND,
    )
    yield from _user_data(context, body, origin)


def _role(context: Context, iam: Mapping, origin: Origin, *, managed: bool) -> Role:
    at = origin.span
    switches = iam.mapping("withAddonPolicies")
    given = switched(switches, ADDON_POLICIES)
    named = context.origin(f"node role of {origin.address}", at, origin.whole)
    made = role(named, iam, node_trust(at), NODES, given)
    written = {managed_name(arn) for arn in made.managed}
    defaults = _defaults(context, iam, at, managed=managed, pushes=_PUSH in written)
    more = tuple(arn for arn in defaults if managed_name(arn) not in written)
    return replace(made, managed=(*made.managed, *more))


def _defaults(context: Context, iam: Mapping, at: Span, *, managed: bool, pushes: bool) -> Iterator[Scalar]:
    """The policies that eksctl attaches by itself; a list of one's own is instead of most of them."""
    if not iam.items("attachPolicyARNs"):
        yield managed_policy("AmazonEKSWorkerNodePolicy", at)
        with_oidc = context.with_oidc
        if with_oidc is None or with_oidc.boolean is False:
            yield managed_policy("AmazonEKS_CNI_Policy", at)
        yield managed_policy("AmazonSSMManagedInstanceCore", at)
        if managed:
            yield managed_policy(_PULL, at)
    if not managed and not pushes:
        yield managed_policy(_PULL, at)


def _ami_type(body: Mapping) -> Scalar | None:
    """How EKS' word for the AMI begins, which tells its family."""
    family = body.scalar("amiFamily")
    text = family.known if family is not None else None
    if family is None or text is None:
        return None
    start = "WINDOWS_" if text.startswith("Windows") else _FAMILIES.get(text)
    return known(start, family.span) if start else None


def _metadata(body: Mapping, at: Span) -> MetadataOptions:
    """The options, which eksctl always sets: tokens required unless `disableIMDSv1` is false, hop limit 2.

    With `disablePodIMDS` tokens are required and the limit is 1, whatever else is written.
    """
    no_pods, no_v1 = body.scalar("disablePodIMDS"), body.scalar("disableIMDSv1")
    if no_pods is not None and no_pods.boolean is None:
        either = unknown(Hole("whether disablePodIMDS is on"), no_pods.span)
        return MetadataOptions(at, either, either)
    if no_pods is not None and no_pods.boolean:
        return MetadataOptions(at, known("required", no_pods.span), known("1", no_pods.span, Kind.NUMBER))
    limit = known("2", no_pods.span if no_pods is not None else at, Kind.NUMBER)
    if no_v1 is None:
        return MetadataOptions(at, known("required", at), limit)
    if no_v1.boolean is None:
        return MetadataOptions(at, unknown(Hole("whether disableIMDSv1 is on"), no_v1.span), limit)
    return MetadataOptions(at, known("required" if no_v1.boolean else "optional", no_v1.span), limit)


def _user_data(context: Context, body: Mapping, origin: Origin) -> Iterator[Said]:
    """What the instances run before they join the cluster, or instead of eksctl's own way to join."""
    commands = body.get("preBootstrapCommands")
    texts = [item for item in commands.items if isinstance(item, Scalar)] if isinstance(commands, Sequence) else []
    override = body.scalar("overrideBootstrapCommand")
    if override is not None:
        texts.append(override)
    settings = tuple(one for text in texts for one in scripts.settings(text, context.text_of, (context.source.path,)))
    if settings:
        yield UserData(origin, settings, any(map(scripts.names_other_store, texts)))
