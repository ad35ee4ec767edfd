"""EKS in Terraform: clusters, node groups, access entries, Pod Identity associations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt.terraform import block as one_block
from rolecall.adapt.terraform import blocks, named, unseen
from rolecall.model import (
    AccessEntry,
    Addon,
    Cluster,
    FargateProfile,
    FargateSelector,
    NodeGroup,
    PodIdentityAssociation,
)
from rolecall.problem import Unevaluated
from rolecall.tree import Hole, Mapping, Scalar, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.adapt.terraform import Block, Context
    from rolecall.facts import Said


def cluster(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """An `aws_eks_cluster`."""
    auto_mode = one_block(body, "compute_config")
    yield Cluster(
        origin=context.origin(block),
        name=body.scalar("name"),
        version=body.scalar("version"),
        role=body.scalar("role_arn"),
        auto_mode_role=auto_mode.scalar("node_role_arn") if auto_mode else None,
        auto_mode=_may_be_on(auto_mode) or unseen(body, "compute_config") is not None,
    )


def _may_be_on(auto_mode: Mapping | None) -> bool:
    enabled = auto_mode.scalar("enabled") if auto_mode is not None else None
    return auto_mode is not None and not (enabled is not None and enabled.boolean is False)


def node_group(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """An `aws_eks_node_group`."""
    template = one_block(body, "launch_template")
    launch_template = None
    if template is not None:
        # A state has both, and knows launch templates by name here; HCL has one of them.
        name = template.scalar("name")
        launch_template = name if name is not None and name.known else template.scalar("id") or name
    elif (hole := body.rest or unseen(body, "launch_template")) is not None:
        launch_template = unknown(hole, block.span)
    if launch_template is not None and launch_template.holes and not _is_declared(context, launch_template):
        why = launch_template.holes[0].why
        yield Unevaluated(f"launch template of {block.address}", why, launch_template.span)
    yield NodeGroup(
        origin=context.origin(block),
        name=named(context, block, body, "node_group_name"),
        cluster=body.scalar("cluster_name"),
        role=body.scalar("node_role_arn"),
        launch_template=launch_template,
        ami_type=body.scalar("ami_type"),
    )


def _is_declared(context: Context, template: Scalar) -> bool:
    """Whether a value comes from a launch template of this module."""
    named_by = (context.module.resolve(reference) for hole in template.holes for reference in hole.references)
    return any(made is not None and made.labels[:1] == ("aws_launch_template",) for made in named_by)


def access_entry(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """An `aws_eks_access_entry`."""
    yield AccessEntry(
        context.origin(block),
        body.scalar("cluster_name"),
        context.joined(block, "principal_arn", body.scalar("principal_arn")),
        body.scalar("type"),
    )


def pod_identity_association(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """An `aws_eks_pod_identity_association`."""
    policy = body.scalar("policy")
    yield PodIdentityAssociation(
        origin=context.origin(block),
        cluster=body.scalar("cluster_name"),
        namespace=body.scalar("namespace"),
        service_account=body.scalar("service_account"),
        role=body.scalar("role_arn"),
        disable_session_tags=body.scalar("disable_session_tags"),
        target_role=body.scalar("target_role_arn"),
        policy=policy,
        certain=block.provider is not None and context.certain(block, body),
        configuration=block.provider,
        session=context.documents.read(policy, policy.span) if policy is not None else None,
    )


def addon(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """An `aws_eks_addon` and its associations; EKS knows the add-on's namespace, the file does not say it."""
    yield Addon(
        context.origin(block),
        body.scalar("cluster_name"),
        body.scalar("addon_name"),
        body.scalar("service_account_role_arn"),
    )
    for association in blocks(body, "pod_identity_association"):
        yield PodIdentityAssociation(
            origin=context.origin(block),
            cluster=body.scalar("cluster_name"),
            namespace=unknown(Hole("the add-on's own namespace"), association.span),
            service_account=association.scalar("service_account"),
            role=association.scalar("role_arn"),
        )


def fargate_profile(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """An `aws_eks_fargate_profile`."""
    yield FargateProfile(
        origin=context.origin(block),
        cluster=body.scalar("cluster_name"),
        role=body.scalar("pod_execution_role_arn"),
        selectors=tuple(_selector(selector) for selector in blocks(body, "selector")),
        selectors_rest=unseen(body, "selector"),
    )


def _selector(body: Mapping) -> FargateSelector:
    labels = body.get("labels")
    if isinstance(labels, Mapping):
        return FargateSelector(body.scalar("namespace"), labels.entries, labels.rest)
    holes = labels.holes if isinstance(labels, Scalar) else ()
    return FargateSelector(body.scalar("namespace"), labels_rest=next(iter(holes), None))
