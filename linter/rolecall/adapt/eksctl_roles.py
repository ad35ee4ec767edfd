"""The roles that eksctl makes: for service accounts, for Pod Identity, for nodes; with the trust that it gives them."""

# Trusts are those of eksctl's pkg/iam/oidc/api.go and pkg/cfn/template/iam_helpers.go (commit 99984adb6).

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from rolecall import regex
from rolecall.adapt.eksctl_policies import WELL_KNOWN, document, switched
from rolecall.adapt.kubernetes_values import name_of
from rolecall.adapt.policy import policy_document
from rolecall.model import Condition, Origin, Role, TrustPolicy
from rolecall.records import dataclass
from rolecall.tree import Hole, Kind, Mapping, Reference, Scalar, known, merged, one_or_many, unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from rolecall.adapt.eksctl_policies import Switched
    from rolecall.model import PolicyDocument
    from rolecall.source import Source
    from rolecall.span import Span

# By operator: what stands before a claim, the claim, the value.
_Conditions: TypeAlias = "dict[str, list[tuple[tuple[str | Hole, ...], str, Scalar]]]"
_STS = "sts.amazonaws.com"
_ACCOUNT = Hole("the account that the cluster is in")
_NAMED_BY_AWS = Hole("a name that CloudFormation makes up")
_REGION = regex.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b"}


@dataclass(frozen=True, slots=True)
class Context:
    """One ClusterConfig: its file, its tree, and the cluster's name as its own `metadata` has it."""

    source: Source
    root: Mapping
    group: str
    name: Scalar | None

    def origin(self, address: str, at: Span, whole: Span) -> Origin:
        """A declaration in this file."""
        return Origin(self.source.path, address, at, whole, self.group)

    @property
    def called(self) -> str:
        """The cluster, as a message names it."""
        return f"cluster {self.name.display}" if self.name is not None else "the cluster"

    @property
    def text_of(self) -> Callable[[str], str | None]:
        """The text of a file by its path."""
        return lambda path: self.source.text if path == self.source.path else None

    @property
    def with_oidc(self) -> Scalar | None:
        """`iam.withOIDC` where it is written."""
        iam = self.root.mapping("iam")
        return iam.scalar("withOIDC") if iam is not None else None

    @property
    def region(self) -> str | None:
        """The region, where it is known to be one."""
        metadata = self.root.mapping("metadata")
        region = metadata.text("region") if metadata is not None else None
        return region if region and _REGION.fullmatch(region) else None

    @property
    def partition(self) -> str | Hole:
        """The partition of the region."""
        if self.region is None:
            return Hole("the partition that the cluster is in")
        return next((name for start, name in _PARTITIONS.items() if self.region.startswith(start)), "aws")

    @property
    def issuer(self) -> tuple[str | Hole, ...]:
        """The cluster's issuer without a scheme: EKS makes up its last part when it makes the cluster."""
        reference = Reference(self.source.path, self.called, "identity.oidc.issuer")
        network = self.root.mapping("kubernetesNetworkConfig")
        # Clusters with IPv6 have issuers of another form.
        if self.region is None or self.partition not in ("aws", "aws-us-gov") or network is not None:
            return (Hole("the issuer that EKS gives the cluster", (reference,)),)
        return (f"oidc.eks.{self.region}.amazonaws.com/id/", Hole("the id of the cluster's issuer", (reference,)))


def irsa_trust(context: Context, subject: Scalar, at: Span, *, like: bool = False) -> PolicyDocument:
    """The trust that lets one service account of the cluster in, or with `like` those of a pattern."""
    provider = ("arn:", context.partition, ":iam::", _ACCOUNT, ":oidc-provider/", *context.issuer)
    equal = [(context.issuer, ":aud", known(_STS, at))]
    conditions: _Conditions = {"StringEquals": equal}
    if like:
        conditions["StringLike"] = [(context.issuer, ":sub", subject)]
    else:
        equal.insert(0, (context.issuer, ":sub", subject))
    return _admitting("Federated", _text(provider, at), ["sts:AssumeRoleWithWebIdentity"], at, conditions)


def pod_identity_trust(at: Span) -> PolicyDocument:
    """The trust that lets EKS Pod Identity in."""
    return _admitting("Service", known("pods.eks.amazonaws.com", at), ["sts:AssumeRole", "sts:TagSession"], at)


def capability_trust(at: Span) -> PolicyDocument:
    """The trust that lets a capability of EKS in: Argo CD, ACK or kro, run by AWS."""
    service = known("capabilities.eks.amazonaws.com", at)
    return _admitting("Service", service, ["sts:AssumeRole", "sts:TagSession"], at)


def manager_trust(at: Span) -> PolicyDocument:
    """The trust that lets Systems Manager in, which hands its credentials to hybrid nodes."""
    return _admitting("Service", known("ssm.amazonaws.com", at), ["sts:AssumeRole"], at)


def anywhere_trust(at: Span) -> PolicyDocument:
    """The trust that lets IAM Roles Anywhere in, for certificates of the trust anchor that eksctl makes."""
    anchor = unknown(Hole("the ARN of the trust anchor that eksctl makes"), at)
    actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
    conditions: _Conditions = {"ArnEquals": [((), "aws:SourceArn", anchor)]}
    return _admitting("Service", known("rolesanywhere.amazonaws.com", at), actions, at, conditions)


def node_trust(at: Span) -> PolicyDocument:
    """The trust that lets EC2 instances in."""
    return _admitting("Service", known("ec2.amazonaws.com", at), ["sts:AssumeRole"], at)


def _admitting(
    kind: str,
    principal: Scalar,
    actions: list[str],
    at: Span,
    conditions: _Conditions | None = None,
) -> PolicyDocument:
    made = document(
        [{"Effect": "Allow", "Principal": {kind: principal}, "Action": list(actions)}],
        at,
    )
    if not conditions:
        return made
    said = tuple(
        Condition(known(operator, value.span), _text((*issuer, claim), at), (value,), value.span)
        for operator, keys in conditions.items()
        for issuer, claim, value in keys
    )
    return replace(made, statements=tuple(replace(one, conditions=said) for one in made.statements))


def _text(parts: tuple[str | Hole, ...], at: Span) -> Scalar:
    return Scalar(merged(parts), Kind.STRING, at)


@dataclass(frozen=True, slots=True)
class Keys:
    """The names under which a part of the configuration has what eksctl makes a role of."""

    arns: str = "attachPolicyARNs"
    inline: str = "attachPolicy"
    boundary: str = "permissionsBoundary"
    name: str = "roleName"


SERVICE_ACCOUNT = Keys()
ASSOCIATION = Keys("permissionPolicyARNs", "permissionPolicy", "permissionsBoundaryARN")
NODES = Keys(boundary="instanceRolePermissionsBoundary", name="instanceRoleName")


def role(
    origin: Origin,
    body: Mapping,
    trust: PolicyDocument | None,
    keys: Keys = SERVICE_ACCOUNT,
    given: Switched | None = None,
) -> Role:
    """The role that eksctl makes of a part of the configuration. `given` are policies by switches."""
    if given is None:
        given = switched(body.mapping("wellKnownPolicies"), WELL_KNOWN)
    name = name_of(body.get(keys.name)) or unknown(_NAMED_BY_AWS, origin.span)
    arns, more = one_or_many(body.get(keys.arns))
    written = body.get(keys.inline)
    inline = (policy_document(written),) if isinstance(written, Mapping) else ()
    return Role(
        origin=origin,
        name=name,
        arn=None,
        trust=TrustPolicy(trust, origin, name) if trust is not None else None,
        managed=(*arns, *given.managed),
        managed_rest=more or given.rest,
        inline=(*inline, *given.inline),
        inline_rest=given.rest,
        boundary=name_of(body.get(keys.boundary)),
    )


def arn_of(made: Role, at: Span) -> Scalar:
    """The ARN of a role that eksctl makes, as what is written at a place gets it."""
    reference = Reference(made.origin.unit, made.origin.address, "arn")
    return unknown(Hole("the ARN of a role that eksctl makes", (reference,)), at)
