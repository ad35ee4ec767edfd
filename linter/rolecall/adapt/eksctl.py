"""eksctl's ClusterConfig: the cluster, its service accounts and associations, add-ons, nodes and Fargate profiles."""

# The fields are those of eksctl's schema, pkg/apis/eksctl.io/v1alpha5 (commit 99984adb6).

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt.eksctl_addons import addons
from rolecall.adapt.eksctl_associations import association, made_account
from rolecall.adapt.eksctl_hybrid import hybrid_nodes
from rolecall.adapt.eksctl_karpenter import karpenter
from rolecall.adapt.eksctl_nodes import node_groups
from rolecall.adapt.eksctl_roles import (
    Context,
    arn_of,
    capability_trust,
    irsa_trust,
    role,
)
from rolecall.adapt.kubernetes_values import name_of
from rolecall.model import (
    AccessEntry,
    Cluster,
    EksctlServiceAccounts,
    FargateProfile,
    FargateSelector,
    OidcProvider,
    RoleMapping,
)
from rolecall.tree import Entry, Kind, Mapping, Scalar, Sequence, known, merged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.facts import Said
    from rolecall.model import Origin
    from rolecall.source import Source
    from rolecall.span import Span
    from rolecall.syntax.document import Document

_ROLE_ARN = "eks.amazonaws.com/role-arn"


def adapt(document: Document, source: Source, group: str) -> Iterator[Said]:
    """What one ClusterConfig declares, and what eksctl makes of it."""
    root = document.root
    if not isinstance(root, Mapping):
        return
    metadata, iam = root.mapping("metadata"), root.mapping("iam")
    name = name_of(metadata.get("name")) if metadata is not None else None
    context = Context(source, root, group, name)
    yield _cluster(context, metadata, iam)
    if iam is not None:
        yield from _oidc_provider(context, iam)
        yield from _service_accounts(context, iam)
        for body in iam.mappings("podIdentityAssociations"):
            yield from association(context, body, name_of(body.get("namespace")))
    yield from addons(context)
    yield from _capabilities(context)
    yield from node_groups(context)
    yield from hybrid_nodes(context)
    yield from _fargate_profiles(context, iam)
    yield from _admitted(context)
    yield from karpenter(context)


def _cluster(context: Context, metadata: Mapping | None, iam: Mapping | None) -> Cluster:
    at = context.name.span if context.name is not None else context.root.entries[0].key.span
    auto_mode = context.root.mapping("autoModeConfig")
    return Cluster(
        origin=context.origin(context.called, at, context.root.span),
        name=context.name,
        version=metadata.scalar("version") if metadata is not None else None,
        role=name_of(iam.get("serviceRoleARN")) if iam is not None else None,
        auto_mode_role=name_of(auto_mode.get("nodeRoleARN")) if auto_mode is not None else None,
        auto_mode=auto_mode is not None and auto_mode.text("enabled") != "false",
    )


def _oidc_provider(context: Context, iam: Mapping) -> Iterator[Said]:
    entry, value = iam.entry("withOIDC"), context.with_oidc
    if entry is None or value is None or value.boolean is False:
        return
    at = entry.key.span
    yield OidcProvider(
        origin=context.origin(f"OIDC provider of {context.called}", at, at),
        url=Scalar(merged(("https://", *context.issuer)), Kind.STRING, at),
        client_ids=(known("sts.amazonaws.com", at),),
        certain=value.boolean is True,
    )


def _service_accounts(context: Context, iam: Mapping) -> Iterator[Said]:
    entry = iam.entry("serviceAccounts")
    accounts = tuple(iam.mappings("serviceAccounts"))
    if entry is None or not accounts:
        return
    names = []
    for body in accounts:
        metadata = body.mapping("metadata")
        name = name_of(metadata.get("name")) if metadata is not None else None
        if metadata is not None and name is not None:
            names.append(name)
            yield from _service_account(context, body, metadata, name)
    at = entry.key.span
    origin = context.origin(f"service accounts of {context.called}", at, at)
    yield EksctlServiceAccounts(origin, context.called, tuple(names), context.with_oidc)


def _service_account(context: Context, body: Mapping, metadata: Mapping, name: Scalar) -> Iterator[Said]:
    # eksctl's own default: its pkg/apis/eksctl.io/v1alpha5/defaults.go
    namespace = name_of(metadata.get("namespace")) or known("default", name.span)
    label = f"service account {namespace.display}/{name.display} of {context.called}"
    given = name_of(body.get("attachRoleARN"))
    if given is None:
        origin = context.origin(f"role of {label}", name.span, body.span)
        pattern = name_of(body.get("subjectPattern"))
        subject = _subject(namespace, pattern or name)
        made = role(origin, body, irsa_trust(context, subject, name.span, like=pattern is not None))
        yield made
        given = arn_of(made, name.span)
    only = body.scalar("roleOnly")
    if only is None or only.boolean is False:
        annotation = Entry(known(_ROLE_ARN, given.span), given)
        origin = context.origin(label, name.span, body.span)
        yield made_account(metadata, name, namespace, origin, annotation)


def _subject(namespace: Scalar, name: Scalar) -> Scalar:
    parts = ("system:serviceaccount:", *namespace.parts, ":", *name.parts)
    return Scalar(merged(parts), Kind.STRING, name.span)


def _capabilities(context: Context) -> Iterator[Said]:
    """The roles that eksctl makes for EKS capabilities without one of their own."""
    for body in context.root.mappings("capabilities"):
        name = name_of(body.get("name"))
        if name is not None and name_of(body.get("roleArn")) is None:
            origin = context.origin(f"role of capability {name.display} of {context.called}", name.span, body.span)
            yield role(origin, body, capability_trust(name.span))


def _fargate_profiles(context: Context, iam: Mapping | None) -> Iterator[Said]:
    common = name_of(iam.get("fargatePodExecutionRoleARN")) if iam is not None else None
    for body in context.root.mappings("fargateProfiles"):
        name = name_of(body.get("name"))
        at = name.span if name is not None else body.span
        called = name.display if name is not None else "without a name"
        selectors = body.get("selectors")
        yield FargateProfile(
            origin=context.origin(f"Fargate profile {called} of {context.called}", at, body.span),
            cluster=context.name,
            role=name_of(body.get("podExecutionRoleARN")) or common,
            selectors=tuple(_selector(selector) for selector in body.mappings("selectors")),
            selectors_rest=selectors.rest if isinstance(selectors, Sequence) else None,
        )


def _selector(body: Mapping) -> FargateSelector:
    labels = body.mapping("labels")
    namespace = name_of(body.get("namespace"))
    return FargateSelector(namespace, labels.entries, labels.rest) if labels is not None else FargateSelector(namespace)


def _admitted(context: Context) -> Iterator[Said]:
    """Who else is let into the cluster: `accessConfig.accessEntries`, `iamIdentityMappings`."""
    access = context.root.mapping("accessConfig")
    for body in access.mappings("accessEntries") if access is not None else ():
        principal = name_of(body.get("principalARN"))
        if principal is not None:
            origin = _of(context, "access entry", principal, body.span)
            yield AccessEntry(origin, context.name, principal, name_of(body.get("type")))
    for body in context.root.mappings("iamIdentityMappings"):
        arn, groups = name_of(body.get("arn")), body.get("groups")
        if arn is not None and ":role/" in arn.display:
            origin = _of(context, "identity mapping", arn, body.span)
            named = groups.items if isinstance(groups, Sequence) else ()
            yield RoleMapping(origin, arn, tuple(item for item in named if isinstance(item, Scalar)))


def _of(context: Context, kind: str, named: Scalar, whole: Span) -> Origin:
    return context.origin(f"{kind} {named.display} of {context.called}", named.span, whole)
