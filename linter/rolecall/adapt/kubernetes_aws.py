"""AWS resources that are Kubernetes objects: those of ACK and of Crossplane.

https://aws-controllers-k8s.github.io/community/reference/, https://marketplace.upbound.io/providers/upbound/provider-aws-iam.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt.kubernetes_values import name_of
from rolecall.adapt.names import iam_arn
from rolecall.adapt.policy import policy_document
from rolecall.model import (
    Addon,
    Cluster,
    FargateProfile,
    FargateSelector,
    NodeGroup,
    OidcProvider,
    PodIdentityAssociation,
    Policy,
    PolicyAttachment,
    PolicyDocument,
    Role,
    TrustPolicy,
)
from rolecall.syntax import embedded
from rolecall.tree import Hole, Mapping, Scalar, Sequence, one_or_many, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.facts import Said
    from rolecall.model import KubernetesObject
    from rolecall.tree import Node

    TextOf = Callable[[str], str | None]

_ACK = ("iam.services.k8s.aws", "eks.services.k8s.aws")
_CROSSPLANE = tuple(
    f"{service}.aws{middle}.{owner}"
    for service in ("iam", "eks")
    for middle, owner in (("", "upbound.io"), (".m", "upbound.io"), ("", "crossplane.io"), (".m", "crossplane.io"))
)
_ACCOUNT = Hole("the account that the controller works in")


def resources(named: KubernetesObject, root: Mapping, text_of: TextOf) -> Iterator[Said]:
    """What an object of ACK or Crossplane declares of IAM and EKS."""
    group = named.api_version.rpartition("/")[0]
    spec = root.mapping("spec")
    if spec is None or group not in (*_ACK, *_CROSSPLANE):
        return
    body = spec if group in _ACK else spec.mapping("forProvider")
    read = _KINDS.get(named.kind)
    if read is not None and body is not None:
        yield from read(_Declared(named, body, text_of, ack=group in _ACK))


class _Declared:
    """An object with the fields of its AWS resource, whatever each of the two calls them."""

    def __init__(self, named: KubernetesObject, body: Mapping, text_of: TextOf, *, ack: bool) -> None:
        self.named = named
        self.body = body
        self._text_of = text_of
        external = named.annotation("crossplane.io/external-name")
        given = name_of(body.get("name")) if ack else None
        outside = external.value if external is not None and isinstance(external.value, Scalar) else None
        self.name: Scalar = given or outside or named.name

    def first(self, *keys: str) -> Node | None:
        """The value of the first of these keys that is written."""
        return next((value for key in keys if (value := self.body.get(key)) is not None), None)

    def scalar(self, *keys: str) -> Scalar | None:
        """The same, if it is a text: in place, or by a reference to another object (`roleRef`, `roleArnRef`)."""
        found = self.first(*keys)
        if isinstance(found, Scalar) and not found.is_null:
            return found
        for key in keys:
            reference = self.first(f"{key}Ref", f"{key.removesuffix('ARN').removesuffix('Name')}Ref")
            if isinstance(reference, Mapping):
                named = reference.at("from", "name") or reference.get("name")
                if isinstance(named, Scalar):
                    return named
            if self.body.get(f"{key}Selector") is not None:
                return unknown(Hole("selected by labels"), self.named.name.span)
        return None

    def document(self, node: Node | None) -> PolicyDocument | None:
        """A policy that is written as a text of JSON."""
        if isinstance(node, Scalar):
            parsed = embedded.parse(node, self._text_of)
            if isinstance(parsed, Mapping):
                return policy_document(parsed, self._text_of)
            hole = node.hole if node.holes else Hole("a policy that is no JSON")
            return PolicyDocument((), node.span, rest=hole)
        return policy_document(node, self._text_of) if isinstance(node, Mapping) else None


def _role(made: _Declared) -> Iterator[Said]:
    origin = made.named.origin
    written = made.first("assumeRolePolicyDocument", "assumeRolePolicy")
    document = made.document(written)
    trust = TrustPolicy(document, origin, made.name) if document is not None and document.statements else None
    managed, rest = one_or_many(made.first("managedPolicyArns", "policies"))
    refs = made.first("policyRefs", "managedPolicyArnRefs")
    inline = made.first("inlinePolicies", "inlinePolicy")
    documents = [made.document(item.get("policy")) for item in made.body.mappings("inlinePolicy")]
    documents += [made.document(entry.value) for entry in inline.entries] if isinstance(inline, Mapping) else []
    yield Role(
        origin=origin,
        name=made.name,
        arn=iam_arn(_ACCOUNT, made.name, "role", made.body.scalar("path")),
        trust=trust,
        managed=managed,
        managed_rest=rest or (Hole("policies by reference") if refs is not None else None),
        inline=tuple(one for one in documents if one is not None),
        boundary=made.body.scalar("permissionsBoundary"),
        max_session_duration=made.body.scalar("maxSessionDuration"),
    )


def _policy(made: _Declared) -> Iterator[Said]:
    arn = iam_arn(_ACCOUNT, made.name, "policy", made.body.scalar("path"))
    document = made.document(made.first("policyDocument", "policy", "document"))
    yield Policy(made.named.origin, made.name, arn, document)


def _attachment(made: _Declared) -> Iterator[Said]:
    to, arn = made.scalar("role", "roleName"), made.scalar("policyArn")
    if to is not None and arn is not None:
        yield PolicyAttachment(made.named.origin, (to,), arn.span, policy_arn=arn)


def _role_policy(made: _Declared) -> Iterator[Said]:
    to, document = made.scalar("role", "roleName"), made.document(made.first("policy"))
    if to is not None and document is not None:
        yield PolicyAttachment(made.named.origin, (to,), document.span, document=document)


def _provider(made: _Declared) -> Iterator[Said]:
    clients, rest = one_or_many(made.first("clientIdList", "clientIDList", "clientIDs"))
    yield OidcProvider(made.named.origin, made.body.scalar("url"), clients, rest)


def _association(made: _Declared) -> Iterator[Said]:
    body = made.body
    yield PodIdentityAssociation(
        origin=made.named.origin,
        cluster=made.scalar("clusterName", "cluster"),
        namespace=name_of(body.get("namespace")),
        service_account=name_of(body.get("serviceAccount")),
        role=made.scalar("roleARN", "roleArn", "role"),
        disable_session_tags=body.scalar("disableSessionTags"),
        target_role=made.scalar("targetRoleARN", "targetRoleArn"),
        policy=body.scalar("policy"),
        session=made.document(body.get("policy")),
    )


def _cluster(made: _Declared) -> Iterator[Said]:
    auto_mode = made.body.mapping("computeConfig")
    yield Cluster(
        origin=made.named.origin,
        name=made.name,
        version=made.body.scalar("version"),
        role=made.scalar("roleARN", "roleArn"),
        auto_mode_role=auto_mode.scalar("nodeRoleARN") or auto_mode.scalar("nodeRoleArn") if auto_mode else None,
        auto_mode=auto_mode is not None,
    )


def _node_group(made: _Declared) -> Iterator[Said]:
    yield NodeGroup(
        origin=made.named.origin,
        name=made.name,
        cluster=made.scalar("clusterName", "cluster"),
        role=made.scalar("nodeRole", "nodeRoleARN", "nodeRoleArn"),
        ami_type=made.body.scalar("amiType"),
    )


def _addon(made: _Declared) -> Iterator[Said]:
    name = name_of(made.body.get("addonName")) or made.name
    role = made.scalar("serviceAccountRoleARN", "serviceAccountRoleArn")
    yield Addon(made.named.origin, made.scalar("clusterName", "cluster"), name, role)


def _fargate(made: _Declared) -> Iterator[Said]:
    selectors = made.first("selectors", "selector")
    found = []
    for item in selectors.items if isinstance(selectors, Sequence) else ():
        if isinstance(item, Mapping):
            labels = item.mapping("labels")
            found.append(FargateSelector(name_of(item.get("namespace")), labels.entries if labels is not None else ()))
    role = made.scalar("podExecutionRoleARN", "podExecutionRoleArn")
    yield FargateProfile(made.named.origin, made.scalar("clusterName", "cluster"), role, tuple(found))


_KINDS = {
    "Role": _role,
    "Policy": _policy,
    "RolePolicyAttachment": _attachment,
    "RolePolicy": _role_policy,
    "OpenIDConnectProvider": _provider,
    "PodIdentityAssociation": _association,
    "Cluster": _cluster,
    "Nodegroup": _node_group,
    "NodeGroup": _node_group,
    "Addon": _addon,
    "FargateProfile": _fargate,
}
