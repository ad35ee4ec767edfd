"""EKS in CloudFormation: clusters, node groups, access entries, add-ons, Pod Identity associations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt.cloudformation_values import hole_of, several, unseen
from rolecall.adapt.policy import policy_document
from rolecall.model import (
    AccessEntry,
    Addon,
    Cluster,
    FargateProfile,
    FargateSelector,
    NodeGroup,
    PodIdentityAssociation,
)
from rolecall.tree import Entry, Hole, Kind, Mapping, Scalar, Sequence, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.adapt.cloudformation_values import Context
    from rolecall.cloudformation.template import Resource
    from rolecall.facts import Said


def cluster(context: Context, resource: Resource, body: Mapping) -> Iterator[Said]:
    """An `AWS::EKS::Cluster`."""
    auto_mode = body.mapping("ComputeConfig")
    yield Cluster(
        origin=context.origin(resource),
        name=context.named(resource, body, "Name"),
        version=body.scalar("Version"),
        role=body.scalar("RoleArn"),
        auto_mode_role=auto_mode.scalar("NodeRoleArn") if auto_mode is not None else None,
        auto_mode=_may_be_on(auto_mode) or unseen(body, "ComputeConfig") is not None,
    )


def _may_be_on(auto_mode: Mapping | None) -> bool:
    enabled = auto_mode.scalar("Enabled") if auto_mode is not None else None
    return auto_mode is not None and not (enabled is not None and enabled.boolean is False)


def node_group(context: Context, resource: Resource, body: Mapping) -> Iterator[Said]:
    """An `AWS::EKS::Nodegroup`."""
    template = body.mapping("LaunchTemplate")
    launch_template = None
    if template is not None:
        launch_template = template.scalar("Name") or template.scalar("Id")
    elif (hole := hole_of(body.get("LaunchTemplate")) or body.rest) is not None:
        launch_template = unknown(hole, resource.span)
    yield NodeGroup(
        origin=context.origin(resource),
        name=context.named(resource, body, "NodegroupName"),
        cluster=body.scalar("ClusterName"),
        role=body.scalar("NodeRole"),
        launch_template=launch_template,
        ami_type=body.scalar("AmiType"),
    )


def access_entry(context: Context, resource: Resource, body: Mapping) -> Iterator[Said]:
    """An `AWS::EKS::AccessEntry`."""
    yield AccessEntry(
        context.origin(resource), body.scalar("ClusterName"), body.scalar("PrincipalArn"), body.scalar("Type")
    )


def pod_identity_association(context: Context, resource: Resource, body: Mapping) -> Iterator[Said]:
    """An `AWS::EKS::PodIdentityAssociation`."""
    policy = body.scalar("Policy")
    yield PodIdentityAssociation(
        origin=context.origin(resource),
        cluster=body.scalar("ClusterName"),
        namespace=body.scalar("Namespace"),
        service_account=body.scalar("ServiceAccount"),
        role=body.scalar("RoleArn"),
        disable_session_tags=body.scalar("DisableSessionTags"),
        target_role=body.scalar("TargetRoleArn"),
        policy=policy,
        certain=context.certain(resource),
        session=policy_document(policy, context.text_of) if policy is not None else None,
    )


def addon(context: Context, resource: Resource, body: Mapping) -> Iterator[Said]:
    """An `AWS::EKS::Addon` and its associations; EKS knows the namespace of an add-on that does not say it."""
    cluster_name = body.scalar("ClusterName")
    yield Addon(context.origin(resource), cluster_name, body.scalar("AddonName"), body.scalar("ServiceAccountRoleArn"))
    config = body.mapping("NamespaceConfig")
    namespace = config.scalar("Namespace") if config is not None else None
    for association in several(body, "PodIdentityAssociations"):
        yield PodIdentityAssociation(
            origin=context.origin(resource),
            cluster=cluster_name,
            namespace=namespace or unknown(Hole("the add-on's own namespace"), association.span),
            service_account=association.scalar("ServiceAccount"),
            role=association.scalar("RoleArn"),
            certain=context.certain(resource),
        )


def fargate_profile(context: Context, resource: Resource, body: Mapping) -> Iterator[Said]:
    """An `AWS::EKS::FargateProfile`."""
    yield FargateProfile(
        origin=context.origin(resource),
        cluster=body.scalar("ClusterName"),
        role=body.scalar("PodExecutionRoleArn"),
        selectors=tuple(_selector(selector) for selector in several(body, "Selectors")),
        selectors_rest=unseen(body, "Selectors"),
    )


def _selector(body: Mapping) -> FargateSelector:
    labels = body.get("Labels")
    items = labels.items if isinstance(labels, Sequence) else ()
    entries = tuple(
        Entry(key, value if value is not None else Scalar(("",), Kind.STRING, key.span))
        for item in items
        if isinstance(item, Mapping) and (key := item.scalar("Key")) is not None
        for value in (item.scalar("Value"),)
    )
    return FargateSelector(body.scalar("Namespace"), entries, hole_of(labels))
