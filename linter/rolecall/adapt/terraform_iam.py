"""IAM in Terraform: roles, policies, attachments, instance profiles, OIDC providers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.adapt.policy import is_trust
from rolecall.adapt.terraform import arn_of, blocks, named, tag_keys, unseen
from rolecall.iam.managed import MANAGED_PREFIX, is_managed_name
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
from rolecall.tree import Hole, Kind, Scalar, one_or_many

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.adapt.terraform import Block, Context
    from rolecall.facts import Said
    from rolecall.tree import Mapping, Node


def role(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """An `aws_iam_role`."""
    origin = context.origin(block)
    name = named(context, block, body)
    trust = None
    written = body.get("assume_role_policy")
    if written is not None:
        document = context.documents.read(written, written.span)
        if document.statements or document.rest is None:
            trust = _trust(context, block, TrustPolicy(document, origin, name))
        if document.rest is not None:
            yield Unevaluated(f"trust policy of {block.address}", document.rest.why, written.span)
    managed, managed_rest = one_or_many(body.get("managed_policy_arns"))
    tags, tags_rest = _tags(block, body)
    inline = tuple(
        context.documents.read(policy, policy.span)
        for nested in blocks(body, "inline_policy")
        if (policy := nested.get("policy")) is not None
    )
    yield Role(
        origin=origin,
        name=name,
        arn=body.scalar("arn") or arn_of(context, block, name, "role", body.scalar("path")),
        trust=trust,
        managed=tuple(policy_arn(context, arn) for arn in managed),
        managed_rest=managed_rest,
        inline=inline,
        inline_rest=unseen(body, "inline_policy"),
        boundary=body.scalar("permissions_boundary"),
        max_session_duration=body.scalar("max_session_duration"),
        tags=tags,
        tags_rest=tags_rest,
        certain=context.is_instance(block, body),
    )


def _tags(block: Block, body: Mapping) -> tuple[tuple[Scalar, ...], Hole | None]:
    """The keys of the role's tags. A plan has those of the provider among them; models of modules have none."""
    if block.model is not None and body.get("tags") is None:
        return (), Hole("tags that a module gives to its roles")
    keys, rest = tag_keys(body.get("tags"))
    every, _ = tag_keys(body.get("tags_all"))
    written = {key.known for key in keys}
    return (*keys, *(key for key in every if key.known not in written)), rest


def _trust(context: Context, block: Block, trust: TrustPolicy) -> TrustPolicy:
    made_by = block.provider
    if made_by is not None:
        first, account = context.module.first_of_account(made_by), context.module.account(made_by)
        trust = replace(trust, configuration=first, account=account)
    model = block.model
    return trust if model is None else replace(trust, no_audience=model.no_audience, inputs=model.inputs)


def role_policy(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """An `aws_iam_role_policy`: a document inside of a role."""
    to, written = context.joined(block, "role", body.scalar("role")), body.get("policy")
    if to is None or written is None:
        return
    document = context.documents.read(written, written.span)
    yield PolicyAttachment(context.origin(block), (to,), block.span, document=document)


def attachment(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """The resources that attach managed policies to roles: one, several, or a role's exclusive list."""
    argument = "role" if body.get("role") is not None else "role_name"
    to = context.joined(block, argument, body.scalar(argument))
    roles = (to,) if to is not None else one_or_many(body.get("roles"))[0]
    arns, rest = one_or_many(body.get("policy_arn") or body.get("policy_arns"))
    at = body.get("policy_arn") or body.get("policy_arns") or body
    if not roles:
        return
    for arn in arns:
        yield PolicyAttachment(context.origin(block), roles, arn.span, policy_arn=policy_arn(context, arn))
    if rest is not None:
        arn = Scalar((rest,), _kind(at), at.span)
        yield PolicyAttachment(context.origin(block), roles, at.span, policy_arn=policy_arn(context, arn))


def policy(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """An `aws_iam_policy`."""
    name = named(context, block, body)
    written = body.get("policy")
    document = context.documents.read(written, written.span) if written is not None else None
    arn = body.scalar("arn") or arn_of(context, block, name, "policy", body.scalar("path"))
    yield Policy(context.origin(block), name, arn, document)


def instance_profile(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """An `aws_iam_instance_profile`."""
    roles = one_or_many(body.get("roles"))[0]
    to = context.joined(block, "role", body.scalar("role")) or next(iter(roles), None)
    yield InstanceProfile(context.origin(block), named(context, block, body), to)


def oidc_provider(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """An `aws_iam_openid_connect_provider`."""
    clients, rest = one_or_many(body.get("client_id_list"))
    made_by = block.provider
    yield OidcProvider(
        context.origin(block),
        body.scalar("url"),
        clients,
        rest,
        certain=made_by is not None and context.certain(block, body),
        configuration=context.module.first_of_account(made_by) if made_by is not None else None,
    )


POLICIES_OF_RESOURCES = {
    "aws_dynamodb_resource_policy": "policy",
    "aws_ecr_repository_policy": "policy",
    "aws_efs_file_system_policy": "policy",
    "aws_elasticsearch_domain_policy": "access_policies",
    "aws_kms_key": "policy",
    "aws_kms_key_policy": "policy",
    "aws_opensearch_domain_policy": "access_policies",
    "aws_s3_bucket_policy": "policy",
    "aws_secretsmanager_secret_policy": "policy",
    "aws_sns_topic_policy": "policy",
    "aws_sqs_queue_policy": "policy",
}
"""Resources that hold the policy of another one, and the argument that it is in."""


def resource_policy(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """The policy of a bucket, a key, a queue and so on."""
    written = body.get(POLICIES_OF_RESOURCES[block.labels[0]])
    if written is not None:
        document = context.documents.read(written, written.span)
        if document.statements and not is_trust(document):
            yield ResourcePolicy(context.origin(block), document)


def granted(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """What a service lets a principal do by a grant of its own: of KMS, of Lake Formation."""
    argument = "principal" if body.get("principal") is not None else "grantee_principal"
    to = context.joined(block, argument, body.scalar(argument))
    if to is not None:
        yield HandedOut(context.origin(block), to)


def unused_documents(context: Context, blocks: tuple[Block, ...]) -> Iterator[Said]:
    """Each `aws_iam_policy_document` that nothing in the module takes: it goes to a module call or an output."""
    documents = [(block, context.documents.data_source(block)) for block in blocks]
    for block, document in documents:
        if block.address not in context.documents.used:
            yield from _unused(context.origin(block), document)


def _unused(origin: Origin, document: PolicyDocument) -> Iterator[Said]:
    if is_trust(document):
        yield TrustPolicy(document, origin)
        if document.rest is not None:
            yield Unevaluated(f"trust policy {origin.address}", document.rest.why, origin.span)
    elif _of_a_resource(document):
        yield ResourcePolicy(origin, document)
    elif document.statements:
        yield Policy(origin, None, None, document)


def policy_arn(context: Context, arn: Scalar) -> Scalar:
    """The ARN of a policy, read from the data source that looks it up where AWS manages it."""
    target = context.target(arn)
    if target is None or target.kind != "data" or target.labels[:1] != ("aws_iam_policy",):
        return arn
    body = target.body()
    name = body.scalar("name")
    if name is None or name.known is None or not is_managed_name(name.known):
        return arn
    return replace(arn, parts=(MANAGED_PREFIX + name.known,), kind=Kind.STRING, via=(*arn.via, name.span))


def _kind(node: Node) -> Kind:
    return node.kind if isinstance(node, Scalar) else Kind.UNKNOWN


def _of_a_resource(document: PolicyDocument) -> bool:
    return any(statement.principals or statement.not_principals for statement in document.statements)
