"""EC2 in Terraform, as far as it makes nodes: launch templates and configurations, Auto Scaling groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt.node_starts import bootstraps_eks, family, names_cluster
from rolecall.adapt.terraform import block as one_block
from rolecall.adapt.terraform import blocks, named, unseen
from rolecall.adapt.terraform_user_data import texts, user_data
from rolecall.model import LaunchTemplate, MetadataDefaults, MetadataOptions, NodeGroup
from rolecall.tree import Mapping, Scalar, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.adapt.terraform import Block, Context
    from rolecall.facts import Said


def launch_template(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """An `aws_launch_template`, or the older `aws_launch_configuration`."""
    profile = one_block(body, "iam_instance_profile")
    written = texts(context, block, body)
    image = body.scalar("image_id")
    tagged = [body.mapping("tags"), *(spec.mapping("tags") for spec in blocks(body, "tag_specifications"))]
    yield LaunchTemplate(
        origin=context.origin(block),
        name=named(context, block, body),
        metadata=metadata_options(body),
        instance_profile=(profile.scalar("name") or profile.scalar("arn"))
        if profile
        else body.scalar("iam_instance_profile"),
        bootstraps_eks=bootstraps_eks(written),
        eks_cluster_tag=any(cluster_tag(tags) is not None for tags in tagged),
        image=image if image is not None and not image.is_empty else None,
        family=family(image, written),
    )
    yield from user_data(context, block, body)


def metadata_defaults(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """An `aws_ec2_instance_metadata_defaults`."""
    yield MetadataDefaults(
        context.origin(block),
        MetadataOptions(
            at=block.span,
            tokens=body.scalar("http_tokens"),
            hop_limit=body.scalar("http_put_response_hop_limit"),
            endpoint=body.scalar("http_endpoint"),
        ),
    )


def autoscaling_group(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """An `aws_autoscaling_group` that carries a cluster's tag: self-managed nodes."""
    cluster = _cluster_of(body)
    if cluster is None:
        return
    yield NodeGroup(
        origin=context.origin(block),
        name=named(context, block, body),
        cluster=cluster,
        role=None,
        launch_template=_template_of(body),
    )


def metadata_options(body: Mapping) -> MetadataOptions | None:
    """The `metadata_options` block; what a `dynamic` block may set is unknown."""
    options = one_block(body, "metadata_options")
    if options is None:
        hole = unseen(body, "metadata_options")
        if hole is None:
            return None
        node = body.get("metadata_options") or body
        nobody = unknown(hole, node.span)
        return MetadataOptions(node.span, tokens=nobody, hop_limit=nobody, endpoint=nobody)
    return MetadataOptions(
        at=options.span,
        tokens=options.scalar("http_tokens"),
        hop_limit=options.scalar("http_put_response_hop_limit"),
        endpoint=options.scalar("http_endpoint"),
    )


def cluster_tag(tags: Mapping | None) -> Scalar | None:
    """The key of a tag that names a cluster."""
    if tags is None:
        return None
    return next((entry.key for entry in tags.entries if names_cluster(entry.key)), None)


def _cluster_of(body: Mapping) -> Scalar | None:
    """The tag's key, which ends in the cluster's name."""
    for tag in (*blocks(body, "tag"), *blocks(body, "tags")):
        key = tag.scalar("key")
        if names_cluster(key):
            return key
        written = cluster_tag(tag)
        if written is not None:
            return written
    return None


def _template_of(body: Mapping) -> Scalar | None:
    configuration = body.scalar("launch_configuration")
    if configuration is not None:
        return configuration
    template = one_block(body, "launch_template")
    mixed = one_block(body, "mixed_instances_policy")
    if template is None and mixed is not None:
        inner = one_block(mixed, "launch_template")
        template = one_block(inner, "launch_template_specification") if inner else None
    if template is None:
        return None
    values = [template.scalar(argument) for argument in ("name", "launch_template_name", "id", "launch_template_id")]
    # A state has a name and an id, and only the name is known of launch templates here.
    known = (value for value in values if value is not None and value.known)
    return next(known, None) or next((value for value in reversed(values) if value is not None), None)
