"""Pod Identity associations of eksctl, and the service accounts that it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt.eksctl_roles import ASSOCIATION, arn_of, pod_identity_trust, role
from rolecall.adapt.kubernetes_values import name_of, pairs
from rolecall.adapt.policy import policy_document
from rolecall.model import PodIdentityAssociation, ServiceAccount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.adapt.eksctl_roles import Context
    from rolecall.facts import Said
    from rolecall.model import Origin
    from rolecall.tree import Entry, Mapping, Scalar


def association(context: Context, body: Mapping, namespace: Scalar | None, addon: str = "") -> Iterator[Said]:
    """An association, and what eksctl makes for it: of `iam.podIdentityAssociations`, or of an add-on.

    Of those of add-ons eksctl hands on the service account and the role only: its pkg/actions/addon/create.go.
    """
    name = name_of(body.get("serviceAccountName"))
    at = name.span if name is not None else body.entries[0].key.span if body.entries else body.span
    of = f"{addon} of {context.called}" if addon else context.called
    where = namespace.display if namespace is not None and namespace.known else "?"
    label = f"{where}/{name.display if name is not None else '?'} of {of}"
    given = name_of(body.get("roleARN"))
    if given is None:
        origin = context.origin(f"Pod Identity role of {label}", at, body.span)
        made = role(origin, body, pod_identity_trust(at), ASSOCIATION)
        yield made
        given = arn_of(made, at)
    origin = context.origin(f"Pod Identity association {label}", at, body.span)
    policy = body.scalar("policy") if not addon else None
    yield PodIdentityAssociation(
        origin=origin,
        cluster=context.name,
        namespace=namespace,
        service_account=name,
        role=given,
        disable_session_tags=body.scalar("disableSessionTags") if not addon else None,
        target_role=name_of(body.get("targetRoleARN")) if not addon else None,
        policy=policy,
        session=policy_document(policy, context.text_of) if policy is not None else None,
    )
    creates = body.scalar("createServiceAccount")
    if name is not None and creates is not None and creates.boolean:
        yield made_account(None, name, namespace, context.origin(f"service account {label}", at, body.span))


def made_account(
    metadata: Mapping | None, name: Scalar, namespace: Scalar | None, origin: Origin, *annotations: Entry
) -> ServiceAccount:
    """A service account that eksctl makes, or annotates where something else has made it."""
    return ServiceAccount(
        kind="ServiceAccount",
        api_version="v1",
        name=name,
        namespace=namespace,
        annotations=(*pairs(metadata, "annotations"), *annotations),
        labels=pairs(metadata, "labels"),
        origin=origin,
        patch=True,
    )
