"""Access keys that CloudFormation makes, followed to every place of the template that is given a part of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt.cloudformation_nodes import texts
from rolecall.answer import Answer
from rolecall.model import AccessKey, KeyFlow, KeyUse
from rolecall.tree import Hole, Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.adapt.cloudformation_values import Context
    from rolecall.cloudformation.template import Resource
    from rolecall.span import Span
    from rolecall.tree import Node

KEY = "AWS::IAM::AccessKey"
# `Ref` is the id. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-accesskey.html
_PARTS = {"": "id", "SecretAccessKey": "secret"}
_STARTED = ("AWS::AutoScaling::LaunchConfiguration", "AWS::EC2::Instance", "AWS::EC2::LaunchTemplate")
# The CDK's and AWS' own resource types that make objects in a cluster.
_IN_CLUSTER = (
    *("AWSQS::Kubernetes::", "Custom::AWSCDK-EKS-HelmChart", "Custom::AWSCDK-EKS-KubernetesResource"),
    "Custom::AWSCDK-EKS-KubernetesPatch",
)


def access_keys(context: Context) -> Iterator[AccessKey]:
    """The access keys of a template, each with where it goes."""
    keys = tuple(context.template.of(KEY))
    if not keys:
        return
    flows = tuple(_flows(context))
    for key in keys:
        body = context.template.properties(key)
        yield AccessKey(
            origin=context.origin(key),
            user=body.scalar("UserName"),
            status=body.scalar("Status"),
            flows=tuple(dict.fromkeys(flow for name, flow in flows if name == key.name)),
            made_by="CloudFormation",
        )


def _flows(context: Context) -> Iterator[tuple[str, KeyFlow]]:
    for resource in context.template.resources:
        body = context.template.properties(resource) if resource.made is not Answer.NO else None
        target = _target(resource, body) if body is not None else None
        if body is None or target is None:
            continue
        for value in _started(context, resource) if target[0] is KeyUse.USER_DATA else (body,):
            yield from _found(value, resource.name, *target)
    yield from _outputs(context)


def _started(context: Context, resource: Resource) -> Iterator[Node]:
    """What an instance starts with: its user data, and the files that `cfn-init` writes."""
    yield from texts(context, resource)
    metadata = resource.body.get("Metadata")
    value = context.template.evaluator.value(metadata) if metadata is not None else None
    if value is not None:
        yield value


def _outputs(context: Context) -> Iterator[tuple[str, KeyFlow]]:
    for name, body in context.template.outputs():
        written = body.get("Value")
        value = context.template.evaluator.value(written) if written is not None else None
        if value is not None:
            for key, flow in _found(value, f"Outputs.{name.display}", KeyUse.OUTPUT, f"output {name.display}"):
                if flow.carries_secret:
                    yield key, flow


def _target(resource: Resource, body: Mapping) -> tuple[KeyUse, str] | None:
    """The use and the name of what a resource is given; None for one that is not followed."""
    kind = resource.type
    if kind in _STARTED:
        return KeyUse.USER_DATA, f"the user data of {resource.name}"
    if kind == "AWS::SSM::Parameter":
        # CloudFormation makes none of type SecureString.
        return KeyUse.PARAMETER, f"SSM parameter {body.text('Name') or resource.name}"
    if kind == "AWS::SecretsManager::Secret":
        return KeyUse.STORE, f"Secrets Manager secret {body.text('Name') or resource.name}"
    return (KeyUse.CLUSTER, f"the object of {resource.name}") if kind.startswith(_IN_CLUSTER) else None


def _found(value: Node, address: str, use: KeyUse, target: str) -> Iterator[tuple[str, KeyFlow]]:
    for hole, place in _holes(value):
        for reference in hole.references:
            part = _PARTS.get(reference.attribute)
            if reference.type == KEY and part is not None:
                yield reference.address, KeyFlow(use, part, target, address, place)


def _holes(value: Node) -> Iterator[tuple[Hole, Span]]:
    stack: list[Node] = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, Scalar):
            places = node.places if len(node.places) == len(node.parts) else (node.span,) * len(node.parts)
            yield from ((part, at) for part, at in zip(node.parts, places, strict=True) if isinstance(part, Hole))
            continue
        if node.rest is not None:
            yield node.rest, node.span
        if isinstance(node, Sequence):
            stack.extend(reversed(node.items))
        else:
            stack.extend(entry.value for entry in reversed(node.entries))
