"""IAM in CloudFormation: roles, policies, instance profiles, OIDC providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt.cloudformation_values import keys_of_tags, several, unseen
from rolecall.adapt.names import iam_arn
from rolecall.adapt.policy import is_trust, policy_document
from rolecall.cloudformation.references import of_resource
from rolecall.model import (
    HandedOut,
    InstanceProfile,
    OidcProvider,
    Origin,
    Policy,
    PolicyAttachment,
    PolicyDocument,
    ResourcePolicy,
    Role,
    TrustPolicy,
)
from rolecall.problem import Unevaluated
from rolecall.secrets import mask
from rolecall.span import until
from rolecall.tree import Kind, Mapping, Scalar, one_or_many, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.adapt.cloudformation_values import Context
    from rolecall.cloudformation.template import Resource
    from rolecall.facts import Said
    from rolecall.tree import Node


def role(context: Context, resource: Resource, body: Mapping) -> Iterator[Said]:
    """An `AWS::IAM::Role`."""
    origin = context.origin(resource)
    name = context.named(resource, body, "RoleName")
    written = body.get("AssumeRolePolicyDocument")
    trust = None
    if written is not None:
        document = _document(context, written)
        if document.statements or document.rest is None:
            # Functions in the keys of a mapping are not evaluated; in a text there is nothing but text.
            trust = TrustPolicy(document, origin, name, literal_keys=isinstance(written, Mapping))
        if document.rest is not None:
            yield Unevaluated(f"trust policy of {origin.address}", document.rest.why, written.span)
    managed, managed_rest = one_or_many(body.get("ManagedPolicyArns"))
    tags, tags_rest = keys_of_tags(body.get("Tags"))
    account = context.reference(resource, "Arn", "the account that the stack is in")
    yield Role(
        origin=origin,
        name=name,
        arn=iam_arn(account, name, "role", body.scalar("Path")),
        trust=trust,
        managed=managed,
        managed_rest=managed_rest or body.rest,
        inline=tuple(
            _document(context, inline)
            for policy in several(body, "Policies")
            if (inline := policy.get("PolicyDocument")) is not None
        ),
        inline_rest=unseen(body, "Policies"),
        boundary=body.scalar("PermissionsBoundary"),
        max_session_duration=body.scalar("MaxSessionDuration"),
        tags=tags,
        tags_rest=tags_rest or body.rest,
    )


def policy(context: Context, resource: Resource, body: Mapping) -> Iterator[Said]:
    """An `AWS::IAM::Policy`: an inline policy of roles, users and groups."""
    roles, rest = one_or_many(body.get("Roles"))
    if not roles and rest is None:
        yield from policy_of_others(context, resource, body)
        return
    written = body.get("PolicyDocument")
    document = _document(context, written) if written is not None else None
    if document is not None:
        given = (*roles, Scalar((rest,), Kind.UNKNOWN, _at(body, "Roles").span)) if rest is not None else roles
        yield PolicyAttachment(context.origin(resource), given, resource.span, document=document)


def role_policy(context: Context, resource: Resource, body: Mapping) -> Iterator[Said]:
    """An `AWS::IAM::RolePolicy`: an inline policy of one role."""
    to, written = body.scalar("RoleName"), body.get("PolicyDocument")
    if to is not None and written is not None:
        document = _document(context, written)
        yield PolicyAttachment(context.origin(resource), (to,), resource.span, document=document)


def managed_policy(context: Context, resource: Resource, body: Mapping) -> Iterator[Said]:
    """An `AWS::IAM::ManagedPolicy`, which may attach itself to roles."""
    origin = context.origin(resource)
    name = context.named(resource, body, "ManagedPolicyName")
    written = body.get("PolicyDocument")
    account = context.reference(resource, "Arn", "the account that the stack is in")
    arn = iam_arn(account, name, "policy", body.scalar("Path"))
    yield Policy(origin, name, arn, _document(context, written) if written is not None else None)
    for to in one_or_many(body.get("Roles"))[0]:
        own = of_resource(context.template.evaluator, resource.name, "PolicyArn", to.used)
        if isinstance(own, Scalar):
            yield PolicyAttachment(origin, (to,), to.used, policy_arn=own)


def policy_of_others(context: Context, resource: Resource, body: Mapping) -> Iterator[Said]:
    """An inline policy of users and groups: it is nobody's workload's."""
    written = body.get("PolicyDocument")
    if written is not None:
        yield Policy(context.origin(resource), body.scalar("PolicyName"), None, _document(context, written))


def instance_profile(context: Context, resource: Resource, body: Mapping) -> Iterator[Said]:
    """An `AWS::IAM::InstanceProfile`."""
    roles = one_or_many(body.get("Roles"))[0]
    name = context.named(resource, body, "InstanceProfileName")
    yield InstanceProfile(context.origin(resource), name, next(iter(roles), None))


def oidc_provider(context: Context, resource: Resource, body: Mapping) -> Iterator[Said]:
    """An `AWS::IAM::OIDCProvider`."""
    clients, rest = one_or_many(body.get("ClientIdList"))
    yield OidcProvider(
        context.origin(resource), body.scalar("Url"), clients, rest or body.rest, certain=context.certain(resource)
    )


POLICIES_OF_RESOURCES = {
    "AWS::ECR::Repository": "RepositoryPolicyText",
    "AWS::EFS::FileSystem": "FileSystemPolicy",
    "AWS::Elasticsearch::Domain": "AccessPolicies",
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::OpenSearchService::Domain": "AccessPolicies",
    "AWS::S3::BucketPolicy": "PolicyDocument",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
    "AWS::SQS::QueuePolicy": "PolicyDocument",
    "AWS::SecretsManager::ResourcePolicy": "ResourcePolicy",
}
"""Resources with a policy of their own or of another one, and the property that it is in."""


def resource_policy(context: Context, resource: Resource, body: Mapping) -> Iterator[Said]:
    """The policy of a bucket, a key, a queue and so on."""
    written = body.get(POLICIES_OF_RESOURCES[resource.type])
    if written is not None:
        document = _document(context, written)
        if document.statements and not is_trust(document):
            yield ResourcePolicy(context.origin(resource), document)


def handed_out(context: Context) -> Iterator[Said]:
    """What goes where it is not seen what becomes of it: outputs, parameters of nested stacks, custom resources."""
    template = context.template
    for key, body in template.outputs():
        value = body.get("Value")
        if value is not None:
            whole = until(key.span, value.span) if key.span.start <= value.span.start else key.span
            origin = Origin(template.unit, f"Outputs.{key.display}", key.span, whole, template.unit)
            yield from _handed(origin, template.evaluator.value(value))
    for resource in template.resources:
        kind = resource.type
        if kind == "AWS::CloudFormation::Stack" or kind.startswith(("Custom::", "AWS::CloudFormation::Custom")):
            yield from _handed(context.origin(resource), template.properties(resource))


def _handed(origin: Origin, value: Node | None) -> Iterator[Said]:
    for node in walk((value,)) if value is not None else ():
        if isinstance(node, Scalar) and not node.is_null and mask(node.display) == node.display:
            yield HandedOut(origin, node)


def _document(context: Context, node: Node) -> PolicyDocument:
    return policy_document(node, context.text_of)


def _at(body: Mapping, key: str) -> Node:
    return body.get(key) or body
