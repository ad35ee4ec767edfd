"""The rule `trust-sub-malformed`."""

import re
from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.graph.views import IrsaBinding
from rolecall.iam.trust import WebIdentityGrant
from rolecall.iam.trust_malformed import MalformedSubject, malformed_subjects
from rolecall.iam.trust_subjects import PREFIX
from rolecall.model import PolicyDocument, ServiceAccount, TrustPolicy
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.trust._shared import grants, labels, speaks_for_text

_FORM = frozenset({"system", "serviceaccount", "serviceaccounts"})


@rule(
    "trust-sub-malformed",
    summary="a subject has not the form of a service account's, so no pod has it",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
        "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#service-account-tokens",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    tags=("trust", "irsa"),
)
def trust_sub_malformed(policy: TrustPolicy, graph: Graph) -> Iterator[Finding]:
    """Finds subjects of a cluster's tokens that are not `system:serviceaccount:<namespace>:<name>`.

    A part is missing or one too many, the prefix is misspelled or there twice, a name has an upper-case letter, an
    underscore or white space in it. A pattern is a finding if no subject of that form can match it. Of values that
    are known in part the known part decides.

    ## Why it matters
    The subject in a pod's token always has that form. Compared with anything else it differs, and every call fails
    with `AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity`.

    ## How to fix it
    Write `system:serviceaccount:<namespace>:<name>`, with the names as Kubernetes has them: in lower case, with dashes.
    An input of a module that puts the prefix in front by itself takes `<namespace>:<name>`.
    """
    if not speaks_for_text(policy, graph):
        return
    for grant in grants(policy, graph):
        for found in malformed_subjects(grant):
            if not _is_meant(found, policy.document, graph):
                yield _finding(policy, grant, found)


def _is_meant(found: MalformedSubject, document: PolicyDocument, graph: Graph) -> bool:
    """Whether a service account with this role is known that the value all but names: it is spoken of there."""
    bound: dict[PolicyDocument, list[ServiceAccount]] = graph.keep(_bound)
    named = _names(found.value.display) - _FORM
    return bool(named) and any(named <= _names(_subject(account)) for account in bound.get(document, ()))


def _bound(graph: Graph) -> dict[PolicyDocument, list[ServiceAccount]]:
    found: dict[PolicyDocument, list[ServiceAccount]] = {}
    for binding in graph.all(IrsaBinding):
        if binding.role is not None and binding.role.trust is not None:
            found.setdefault(binding.role.trust.document, []).append(binding.service_account)
    return found


def _subject(account: ServiceAccount) -> str:
    namespace = account.namespace.display if account.namespace is not None else ""
    return f"{PREFIX}{namespace}:{account.name.display}"


def _names(subject: str) -> frozenset[str]:
    """The parts of a subject, whatever stands between them, without what people mix up in names."""
    return frozenset(re.split(r"[:/.\s]+", subject.lower().replace("_", "-"))) - {""}


def _finding(policy: TrustPolicy, grant: WebIdentityGrant, found: MalformedSubject) -> Finding:
    value = found.value
    alone = len(found.condition.values) == 1 and found.condition.rest is None
    outcome = "nobody can assume the role through it" if alone else "it admits nobody"
    return Finding(
        f"{policy.display} asks for the subject `{value.display}`, which {found.words}: no service account of"
        f" {grant.issuer.display} has it, so {outcome}",
        at=Label(value.span, found.words),
        related=labels((grant.principal.value.used, "the issuer whose tokens are trusted"), beside=value.span),
        help=f"Write {PREFIX}<namespace>:<service account>.",
        subject=f"{policy.origin.address} {value.display}",
    )
