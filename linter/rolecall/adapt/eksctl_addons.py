"""Add-ons of eksctl: their roles and associations, as written, or as eksctl gives them by itself."""

# Which of them an add-on gets is in eksctl's pkg/actions/addon/create.go (commit 99984adb6).

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt.eksctl_associations import association
from rolecall.adapt.eksctl_policies import WELL_KNOWN, Switched, managed_policy, switched
from rolecall.adapt.eksctl_roles import arn_of, irsa_trust, role
from rolecall.adapt.kubernetes_values import name_of
from rolecall.model import Addon, PodIdentityAssociation
from rolecall.problem import Unevaluated
from rolecall.tree import Entry, Hole, Kind, Mapping, Scalar, known, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.adapt.eksctl_roles import Context
    from rolecall.facts import Said
    from rolecall.model import Origin, Role

_POLICIES = ("attachPolicyARNs", "attachPolicy", "wellKnownPolicies")
_OWN_NAMESPACE = Hole("the add-on's own namespace")
_RECOMMENDED = Hole("what EKS recommends when eksctl runs")
_CNI = "vpc-cni"
# The service accounts with which add-ons call AWS.
# https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html
_ACCOUNTS = {
    _CNI: ("kube-system", "aws-node"),
    "aws-ebs-csi-driver": ("kube-system", "ebs-csi-controller-sa"),
    "aws-efs-csi-driver": ("kube-system", "efs-csi-controller-sa"),
    "aws-mountpoint-s3-csi-driver": ("kube-system", "s3-csi-driver-sa"),
    "amazon-cloudwatch-observability": ("amazon-cloudwatch", "cloudwatch-agent"),
}
_SWITCHES = {"aws-ebs-csi-driver": "ebsCSIController", "aws-efs-csi-driver": "efsCSIController"}


def addons(context: Context) -> Iterator[Said]:
    """The add-ons of a ClusterConfig."""
    config = context.root.mapping("addonsConfig")
    written = config.scalar("autoApplyPodIdentityAssociations") if config is not None else None
    of_all = written if written is not None and written.boolean is not False else None
    for body in context.root.mappings("addons"):
        name = name_of(body.get("name"))
        if name is not None:
            yield from _addon(context, body, name, of_all)
    if of_all is not None and context.root.items("addons"):
        yield Unevaluated(f"Pod Identity associations of add-ons of {context.called}", _RECOMMENDED.why, of_all.span)


def _addon(context: Context, body: Mapping, name: Scalar, of_all: Scalar | None) -> Iterator[Said]:
    called = f"add-on {name.display}"
    origin = context.origin(f"{called} of {context.called}", name.span, body.span)
    bound = tuple(body.mappings("podIdentityAssociations"))
    of_this = body.scalar("useDefaultPodIdentityAssociations")
    if of_this is not None and of_this.boolean is False:
        of_this = None
    given = name_of(body.get("serviceAccountRoleARN"))
    own = given is not None or any(body.get(key) is not None for key in _POLICIES)
    default = None if own or bound else of_this or of_all
    made = None
    if given is None and own:
        made = _role(context, body, name, origin)
    elif not own and not bound and default is None:
        made = _recommended_role(context, name, origin)
    if made is not None:
        yield made
        given = arn_of(made, name.span)
    yield Addon(origin, context.name, name, given)
    config = body.mapping("namespaceConfig")
    namespace = name_of(config.get("namespace")) if config is not None else None
    for one in bound:
        where = name_of(one.get("namespace")) or namespace or unknown(_OWN_NAMESPACE, one.span)
        yield from association(context, one, where, called)
    if default is not None:
        yield from _default_association(context, origin, name, namespace, default)
    if of_this is not None:
        yield Unevaluated(f"Pod Identity associations of {origin.address}", _RECOMMENDED.why, of_this.span)


def _role(context: Context, body: Mapping, name: Scalar, origin: Origin, given: Switched | None = None) -> Role:
    """The role of an add-on. eksctl knows the service account of `vpc-cni` only; others' are not told here."""
    made = context.origin(f"role of {origin.address}", name.span, origin.whole)
    trust = None
    if _canonical(name) == _CNI:
        subject = known("system:serviceaccount:kube-system:aws-node", name.span)
        trust = irsa_trust(context, subject, name.span)
    return role(made, body, trust, given=given)


def _recommended_role(context: Context, name: Scalar, origin: Origin) -> Role | None:
    """The role that eksctl makes for some add-ons about which nothing is written, where there is an OIDC provider."""
    oidc, called, at = context.with_oidc, _canonical(name), name.span
    if oidc is None or oidc.boolean is False or called not in (_CNI, *_SWITCHES):
        return None
    if oidc.boolean is None:
        policies = Switched(rest=Hole("whether eksctl makes a role for the add-on"))
    elif called in _SWITCHES:
        on = Entry(known(_SWITCHES[called], at), known("true", at, Kind.BOOLEAN))
        policies = switched(Mapping((on,), at), WELL_KNOWN)
    elif context.root.mapping("kubernetesNetworkConfig") is not None:
        policies = Switched(rest=Hole("the policy for IPv4 or for IPv6"))
    else:
        policies = Switched((managed_policy("AmazonEKS_CNI_Policy", at),))
    return _role(context, Mapping((), at), name, origin, policies)


def _default_association(
    context: Context, origin: Origin, name: Scalar, namespace: Scalar | None, default: Scalar
) -> Iterator[Said]:
    """The association that EKS recommends for an add-on that is known to call AWS: its role is not known here."""
    if _canonical(name) in _ACCOUNTS:
        own, account = _ACCOUNTS[_canonical(name)]
        yield PodIdentityAssociation(
            origin=context.origin(
                f"Pod Identity association {own}/{account} of {origin.address}", name.span, name.span
            ),
            cluster=context.name,
            namespace=namespace or known(own, name.span),
            service_account=known(account, name.span),
            role=unknown(_RECOMMENDED, default.span),
            certain=False,
        )


def _canonical(name: Scalar) -> str:
    """The name as EKS compares it."""
    return (name.known or "").lower()
