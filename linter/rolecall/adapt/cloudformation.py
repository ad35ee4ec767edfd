"""CloudFormation and SAM templates: what their resources declare about identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt import cloudformation_cdk as cdk
from rolecall.adapt import cloudformation_eks as eks
from rolecall.adapt import cloudformation_helm as helm
from rolecall.adapt import cloudformation_iam as iam
from rolecall.adapt import cloudformation_keys as keys
from rolecall.adapt import cloudformation_nodes as nodes
from rolecall.adapt.cloudformation_values import Context
from rolecall.answer import Answer
from rolecall.cloudformation.template import load
from rolecall.model import Origin, StackValues
from rolecall.model.stacks import NESTED, NestedStack
from rolecall.problem import Unevaluated
from rolecall.tree import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.cloudformation.template import Resource, Template
    from rolecall.facts import Said
    from rolecall.source import Source
    from rolecall.syntax.document import Document
    from rolecall.tree import Node

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
    "AWSQS::Kubernetes::Helm": helm.release,
    "AWSQS::Kubernetes::Resource": cdk.manifest,
    "Custom::AWSCDK-EKS-Cluster": cdk.cluster,
    "Custom::AWSCDK-EKS-HelmChart": helm.cdk_chart,
    "Custom::AWSCDK-EKS-KubernetesResource": cdk.manifest,
    "Custom::AWSCDKOpenIdConnectProvider": cdk.oidc_provider,
    **dict.fromkeys(iam.POLICIES_OF_RESOURCES, iam.resource_policy),
}
"""What reads a type of resource."""


def adapt(document: Document, source: Source) -> Iterator[Said]:
    """The entities that a template declares, and what of it could not be evaluated."""
    root = document.root
    if not isinstance(root, Mapping):
        return
    template = load(source, root)
    context = Context(template, document.possible)
    for resource in template.resources:
        adapter = RESOURCES.get(resource.type)
        if adapter is not None and resource.made is not Answer.NO:
            yield from adapter(context, resource, template.properties(resource))
    yield from keys.access_keys(context)
    yield from iam.handed_out(context)
    yield from _shared(context)
    for macro in template.macros():
        yield Unevaluated("CloudFormation template", f"the macro {macro.display} may change all of it", macro.span)
    for span, reason in template.unseen():
        yield Unevaluated("CloudFormation resources", reason, span)


def _shared(context: Context) -> Iterator[StackValues]:
    """What the template hands to other stacks and gets of them, as far as that was asked for."""
    template = context.template
    evaluator = template.evaluator
    outputs: list[tuple[str, Scalar]] = []
    exports: list[tuple[Scalar, Scalar]] = []
    for key, body in template.outputs():
        value = _scalar(template, body.get("Value"))
        export = body.mapping("Export")
        name = _scalar(template, export.get("Name")) if export is not None else None
        if value is not None:
            outputs.append((key.display, value))
            if name is not None:
                exports.append((name, value))
    span = template.root.span
    yield StackValues(
        Origin(template.unit, "Outputs", span, span, group=template.unit),
        tuple(outputs),
        tuple(exports),
        tuple(evaluator.imports.values()),
        tuple(_nested(template)),
        tuple(
            (name, default.span)
            for name, declared in evaluator.sections.parameters.items()
            if (default := declared.scalar("Default")) is not None
        ),
    )


def _scalar(template: Template, node: Node | None) -> Scalar | None:
    value = template.evaluator.value(node) if node is not None else None
    return value if isinstance(value, Scalar) and not value.is_null else None


def _nested(template: Template) -> Iterator[NestedStack]:
    for resource in template.of(*NESTED):
        body = template.properties(resource)
        where = body.scalar("TemplateURL") or body.scalar("Location")
        given = body.mapping("Parameters")
        entries = given.entries if given is not None else ()
        if where is not None:
            parameters = ((one.key.display, one.value) for one in entries if isinstance(one.value, Scalar))
            yield NestedStack(resource.name, where, tuple(parameters))
