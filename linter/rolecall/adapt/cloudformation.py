"""CloudFormation and SAM templates: what their resources declare about identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt import cloudformation_eks as eks
from rolecall.adapt import cloudformation_iam as iam
from rolecall.adapt import cloudformation_keys as keys
from rolecall.adapt import cloudformation_nodes as nodes
from rolecall.adapt.cloudformation_values import Context
from rolecall.answer import Answer
from rolecall.cloudformation.template import load
from rolecall.problem import Unevaluated
from rolecall.tree import Mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.cloudformation.template import Resource
    from rolecall.facts import Said
    from rolecall.source import Source
    from rolecall.syntax.document import Document

RESOURCES: dict[str, Callable[[Context, Resource, Mapping], Iterator[Said]]] = {
    "AWS::AutoScaling::AutoScalingGroup": nodes.autoscaling_group,
    "AWS::AutoScaling::LaunchConfiguration": nodes.launch_configuration,
    "AWS::EC2::Instance": nodes.instance,
    "AWS::EC2::LaunchTemplate": nodes.launch_template,
    "AWS::EKS::AccessEntry": eks.access_entry,
    "AWS::EKS::Addon": eks.addon,
    "AWS::EKS::Cluster": eks.cluster,
    "AWS::EKS::FargateProfile": eks.fargate_profile,
    "AWS::EKS::Nodegroup": eks.node_group,
    "AWS::EKS::PodIdentityAssociation": eks.pod_identity_association,
    "AWS::IAM::GroupPolicy": iam.policy_of_others,
    "AWS::IAM::InstanceProfile": iam.instance_profile,
    "AWS::IAM::ManagedPolicy": iam.managed_policy,
    "AWS::IAM::OIDCProvider": iam.oidc_provider,
    "AWS::IAM::Policy": iam.policy,
    "AWS::IAM::Role": iam.role,
    "AWS::IAM::RolePolicy": iam.role_policy,
    "AWS::IAM::UserPolicy": iam.policy_of_others,
    **dict.fromkeys(iam.POLICIES_OF_RESOURCES, iam.resource_policy),
}
"""What reads a type of resource."""


def adapt(document: Document, source: Source) -> Iterator[Said]:
    """The entities that a template declares, and what of it could not be evaluated."""
    root = document.root
    if not isinstance(root, Mapping):
        return
    template = load(source, root)
    context = Context(template)
    for resource in template.resources:
        adapter = RESOURCES.get(resource.type)
        if adapter is not None and resource.made is not Answer.NO:
            yield from adapter(context, resource, template.properties(resource))
    yield from keys.access_keys(context)
    yield from iam.handed_out(context)
    for macro in template.macros():
        yield Unevaluated("CloudFormation template", f"the macro {macro.display} may change all of it", macro.span)
    for span, reason in template.unseen():
        yield Unevaluated("CloudFormation resources", reason, span)
