"""The custom resources by which the CDK makes clusters, providers and Kubernetes objects; AWS' own type for objects.

The properties are those that aws-cdk-lib's `aws-eks` gives them: `cluster-resource.ts`, `k8s-manifest.ts`, and
`aws-iam`'s `oidc-provider.ts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt.kubernetes import declared
from rolecall.model import Cluster, OidcProvider, Origin
from rolecall.problem import Unevaluated
from rolecall.syntax import embedded
from rolecall.tree import Mapping, Scalar, Sequence, one_or_many

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.adapt.cloudformation_values import Context
    from rolecall.cloudformation.template import Resource
    from rolecall.facts import Said
    from rolecall.tree import Node


def cluster(context: Context, resource: Resource, body: Mapping) -> Iterator[Said]:
    """A `Custom::AWSCDK-EKS-Cluster`, which is given what EKS' API takes."""
    config = body.mapping("Config") or Mapping((), resource.span)
    yield Cluster(
        origin=context.origin(resource),
        name=context.named(resource, config, "name"),
        version=config.scalar("version"),
        role=config.scalar("roleArn"),
        auto_mode=config.get("computeConfig") is not None or config.rest is not None,
    )


def oidc_provider(context: Context, resource: Resource, body: Mapping) -> Iterator[Said]:
    """A `Custom::AWSCDKOpenIdConnectProvider`."""
    clients, rest = one_or_many(body.get("ClientIDList"))
    yield OidcProvider(
        context.origin(resource), body.scalar("Url"), clients, rest or body.rest, certain=context.certain(resource)
    )


def manifest(context: Context, resource: Resource, body: Mapping) -> Iterator[Said]:
    """A `Custom::AWSCDK-EKS-KubernetesResource` or an `AWSQS::Kubernetes::Resource`: objects, as text."""
    text = body.scalar("Manifest")
    if text is None:
        return
    root = embedded.parse(text, context.text_of, yaml=True)
    if root is None:
        if text.holes:
            yield Unevaluated(f"manifest of {resource.name}", text.hole.why, text.span)
        return
    objects = tuple(_objects(root))
    for number, item in enumerate(objects):
        name = item.at("metadata", "name")
        yield from declared(
            item,
            Origin(
                context.template.unit,
                resource.name if len(objects) == 1 else f"{resource.name}[{number}]",
                name.span if isinstance(name, Scalar) and resource.whole.covers(name.span) else resource.span,
                resource.whole,
                group=context.template.unit,
            ),
            context.text_of,
        )


def _objects(root: Node) -> Iterator[Mapping]:
    """The objects of a manifest: cdk8s makes lists of lists."""
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            yield node
        elif isinstance(node, Sequence):
            stack.extend(reversed(node.items))
