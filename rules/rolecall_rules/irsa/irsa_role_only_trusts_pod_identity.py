"""The rule `irsa-role-only-trusts-pod-identity`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.namespaces import place, place_of, same_place
from rolecall.graph.roles import role_of
from rolecall.graph.service_accounts import associations_with
from rolecall.graph.views import IrsaBinding
from rolecall.model import PodIdentityAssociation
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.irsa._trust import trusted_instead
from rolecall_rules.pod_identity._shared import SERVICE


@rule(
    "irsa-role-only-trusts-pod-identity",
    summary="the annotated role trusts EKS Pod Identity only, which does not look at annotations",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.IAM_JSON, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
    ),
    yields_to=("irsa-role-arn-malformed",),
    tags=("irsa", "pod-identity", "trust"),
)
def irsa_role_only_trusts_pod_identity(binding: IrsaBinding, graph: Graph) -> Iterator[Finding]:
    """Finds service accounts annotated with a role whose trust policy admits `pods.eks.amazonaws.com` and nobody else.

    Medium where an association binds the service account: it works, and the annotation is a leftover.

    ## Why it matters
    The annotation makes the webhook set up web identity, and `sts:AssumeRoleWithWebIdentity` is denied by this trust
    policy. EKS Pod Identity binds a role by an association and never reads the annotation; without an association the
    pod has no credentials of this role.

    ## How to fix it
    Create the Pod Identity association for this service account and remove the annotation. To stay with IRSA, let the
    trust policy admit the cluster's OIDC provider instead.
    """
    found = trusted_instead(binding)
    if not isinstance(found, tuple) or not found or binding.role is None:
        return
    if any(one.value.known != SERVICE for one in found):
        return
    account, role = binding.service_account, binding.role.display
    associations = associations_with(graph, account).every
    if account.name.known is None:
        # A chart makes up the name; the role is bound to an account that may be this one.
        associations += tuple(
            one
            for one in graph.all(PodIdentityAssociation)
            if role_of(graph, one.role, one.origin) is binding.role
            and same_place(place(one.namespace, one.origin), place_of(account)) is not Answer.NO
        )
    yield Finding(
        f"{account.display} is annotated with {role}, which trusts EKS Pod Identity only: "
        + (
            "its association gives it a role, and the annotation is a leftover"
            if associations
            else "sts:AssumeRoleWithWebIdentity is denied to its pods, and nothing here associates them with the role"
        ),
        at=Label(binding.annotation.value.span, "admits no web identity"),
        related=(
            *(Label(one.origin.span, "associates the service account") for one in associations[:1]),
            Label(found[0].value.span, "the only one that is trusted"),
        ),
        help="Remove the annotation."
        if associations
        else "Create a Pod Identity association and remove the annotation.",
        subject=f"{account.display} {role}",
        severity=Severity.MEDIUM if associations else None,
    )
