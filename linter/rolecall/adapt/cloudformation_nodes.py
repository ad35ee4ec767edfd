"""EC2 in CloudFormation, as far as it makes nodes: launch templates and configurations, groups, user data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt import user_data as scripts
from rolecall.adapt.cloudformation_values import hole_of, keys_of_tags, several
from rolecall.adapt.node_starts import bootstraps_eks, family, names_cluster
from rolecall.cloudformation.evaluate import call_of
from rolecall.model import LaunchTemplate, MetadataOptions, NodeGroup
from rolecall.tree import Mapping, Scalar, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.adapt.cloudformation_values import Context
    from rolecall.cloudformation.template import Resource
    from rolecall.facts import Said
    from rolecall.tree import Node

_ENCODE = "Fn::Base64"
_DATA = "LaunchTemplateData"


def launch_template(context: Context, resource: Resource, body: Mapping) -> Iterator[Said]:
    """An `AWS::EC2::LaunchTemplate`."""
    data = body.mapping(_DATA) or Mapping((), resource.span, hole_of(body.get(_DATA)))
    tagged = [*several(body, "TagSpecifications"), *several(data, "TagSpecifications")]
    name = context.named(resource, body, "LaunchTemplateName")
    yield from _template(context, resource, data, name, tagged)


def launch_configuration(context: Context, resource: Resource, body: Mapping) -> Iterator[Said]:
    """An `AWS::AutoScaling::LaunchConfiguration`."""
    yield from _template(context, resource, body, context.named(resource, body, "LaunchConfigurationName"), [])


def instance(context: Context, resource: Resource, body: Mapping) -> Iterator[Said]:
    """The user data of an `AWS::EC2::Instance`."""
    del body
    yield from _user_data(context, resource)


def autoscaling_group(context: Context, resource: Resource, body: Mapping) -> Iterator[Said]:
    """An `AWS::AutoScaling::AutoScalingGroup` that carries a cluster's tag: self-managed nodes."""
    cluster = next(filter(names_cluster, keys_of_tags(body.get("Tags"))[0]), None)
    if cluster is not None:
        yield NodeGroup(
            origin=context.origin(resource),
            name=context.named(resource, body, "AutoScalingGroupName"),
            cluster=cluster,
            role=None,
            launch_template=_template_of(resource, body),
        )


def texts(context: Context, resource: Resource) -> tuple[Scalar, ...]:
    """The text of a resource's user data before it is put in base64, where one unknown part would hide all of it."""
    written: Node | None = resource.written
    for key in (_DATA, "UserData") if resource.type == "AWS::EC2::LaunchTemplate" else ("UserData",):
        written = written.get(key) if isinstance(written, Mapping) else None
    if written is None:
        return ()
    call = call_of(written) if isinstance(written, Mapping) else None
    value = context.template.evaluator.value(call[1] if call is not None and call[0] == _ENCODE else written)
    return (scripts.decoded(value),) if isinstance(value, Scalar) and not value.is_null else ()


def _template(
    context: Context, resource: Resource, body: Mapping, name: Scalar, tagged: list[Mapping]
) -> Iterator[Said]:
    profile, image = body.get("IamInstanceProfile"), body.scalar("ImageId")
    written = texts(context, resource)
    tags = [key for tags in tagged for key in keys_of_tags(tags.get("Tags"))[0]]
    yield LaunchTemplate(
        origin=context.origin(resource),
        name=name,
        metadata=metadata_options(body),
        instance_profile=(profile.scalar("Name") or profile.scalar("Arn"))
        if isinstance(profile, Mapping)
        else body.scalar("IamInstanceProfile"),
        bootstraps_eks=bootstraps_eks(written),
        eks_cluster_tag=any(map(names_cluster, tags)),
        image=image if image is not None and not image.is_empty else None,
        family=family(image, written),
    )
    yield from _user_data(context, resource)


def metadata_options(body: Mapping) -> MetadataOptions | None:
    """The options for instance metadata; what something unknown may set is unknown."""
    options = body.get("MetadataOptions")
    if isinstance(options, Mapping):
        entry = body.entry("MetadataOptions")
        return MetadataOptions(
            at=entry.key.span if entry is not None else options.span,
            tokens=_option(options, "HttpTokens"),
            hop_limit=_option(options, "HttpPutResponseHopLimit"),
            endpoint=_option(options, "HttpEndpoint"),
        )
    hole = hole_of(options) if options is not None else body.rest
    if hole is None:
        return None
    span = options.span if options is not None else body.span
    nobody = unknown(hole, span)
    return MetadataOptions(span, tokens=nobody, hop_limit=nobody, endpoint=nobody)


def _option(options: Mapping, key: str) -> Scalar | None:
    value = options.scalar(key)
    return unknown(options.rest, options.span) if value is None and options.rest is not None else value


def _user_data(context: Context, resource: Resource) -> Iterator[Said]:
    path = context.template.unit
    found = texts(context, resource)
    yield from scripts.user_data(context.origin(resource), found, context.text_of, (path,))


def _template_of(resource: Resource, body: Mapping) -> Scalar | None:
    configuration = body.scalar("LaunchConfigurationName")
    if configuration is not None:
        return configuration
    template = body.mapping("LaunchTemplate")
    mixed = body.at("MixedInstancesPolicy", "LaunchTemplate", "LaunchTemplateSpecification")
    if template is None and isinstance(mixed, Mapping):
        template = mixed
    if template is None:
        hole = hole_of(body.get("LaunchTemplate")) or body.rest
        return unknown(hole, resource.span) if hole is not None else None
    return template.scalar("LaunchTemplateName") or template.scalar("LaunchTemplateId")
