"""Helm in CloudFormation: the CDK's charts, and AWS' own resource type for releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt.helm_settings import Asked, given_by, identities
from rolecall.adapt.kubernetes_values import name_of
from rolecall.model import HelmRelease
from rolecall.syntax import embedded
from rolecall.tree import Hole, Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.adapt.cloudformation_values import Context
    from rolecall.adapt.helm_settings import Given
    from rolecall.cloudformation.template import Resource
    from rolecall.facts import Said

_ELSEWHERE = Hole("values that are in an S3 bucket")


def cdk_chart(context: Context, resource: Resource, body: Mapping) -> Iterator[Said]:
    """A `Custom::AWSCDK-EKS-HelmChart`, whose values are JSON (aws-cdk-lib's aws-eks/lib/helm-chart.ts)."""
    yield from _release(context, resource, body, name="Release", values="Values")


def release(context: Context, resource: Resource, body: Mapping) -> Iterator[Said]:
    """An `AWSQS::Kubernetes::Helm`: values as YAML, and others over them that it sets by their names.

    It does so as `--set` does (quickstart-helm-resource-provider, cmd/resource/utils.go, processValues).
    """
    written = body.mapping("Values")
    settings = tuple(given_by(entry.key, entry.value) for entry in written.entries) if written is not None else ()
    more = _ELSEWHERE if body.get("ValueOverrideURL") is not None else written.rest if written is not None else None
    yield from _release(context, resource, body, name="Name", values="ValueYaml", settings=settings, more=more)


def _release(  # noqa: PLR0913 - two types of resource in one
    context: Context,
    resource: Resource,
    body: Mapping,
    *,
    name: str,
    values: str,
    settings: tuple[Given, ...] = (),
    more: Hole | None = None,
) -> Iterator[Said]:
    origin = context.origin(resource)
    namespace = name_of(body.get("Namespace"))
    yield HelmRelease(
        origin=origin,
        name=name_of(body.get(name)),
        namespace=namespace,
        chart=name_of(body.get("Chart")),
        repository=name_of(body.get("Repository")),
        settings=tuple(one.setting for one in settings),
        settings_rest=more or body.rest,
    )
    text = body.get(values)
    tree = embedded.parse(text, context.text_of, yaml=True) if isinstance(text, Scalar) else text
    if isinstance(text, Scalar) and tree is None and text.holes:
        more = more or text.hole
    layers = (tree,) if isinstance(tree, Mapping) else ()
    asked = Asked(f"chart {resource.name}", origin, namespace, layers, settings, more or body.rest)
    yield from identities(asked, context.text_of)
