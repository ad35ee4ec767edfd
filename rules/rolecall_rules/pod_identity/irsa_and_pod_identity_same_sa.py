"""The rule `irsa-and-pod-identity-same-sa`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.namespaces import same_text
from rolecall.graph.roles import role_of
from rolecall.graph.service_accounts import associations_with, declared_as, role_annotation
from rolecall.graph.views import PodContainer
from rolecall.iam.trust import ASSUME_ROLE, WEB_IDENTITY, allows_action, effect_of
from rolecall.model import PodIdentityAssociation, SecretProviderClass, ServiceAccount
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar
from rolecall_rules.irsa._users import controllers_of
from rolecall_rules.pod_identity._shared import may


@rule(
    "irsa-and-pod-identity-same-sa",
    summary="a service account has a role annotation and a Pod Identity association: the annotation is not used",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM, Platform.EKSCTL),
    references=(
        "https://github.com/aws/amazon-eks-pod-identity-webhook/blob/master/pkg/handler/handler.go",
        "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html",
    ),
    yields_to=("irsa-role-only-trusts-pod-identity",),
    tags=("pod-identity", "irsa", "precedence"),
)
def irsa_and_pod_identity_same_sa(account: ServiceAccount, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds annotated service accounts for which there is a Pod Identity association as well.

    High where the two name different roles. Low where they name one that trusts both the cluster's OIDC provider and
    Pod Identity, as while moving from one to the other. Silent where something reads the annotation itself: External
    Secrets and cert-manager, where a store or issuer names the service account, and the AWS provider of the Secrets
    Store CSI driver without `usePodIdentity`. A service account that several files declare is counted instead: the
    files need not be for one cluster.

    ## Why it matters
    The webhook looks for an association first and, where there is one, does not look at the annotation. Pods get the
    association's role, and whoever reads the manifest believes in another. On a cluster without the association the
    annotation's role comes back.

    ## How to fix it
    Remove the annotation once the association is in place.
    """
    annotation = role_annotation(account)
    if annotation is None or not isinstance(annotation.value, Scalar) or _is_read(account, graph):
        return
    for bound in associations_with(graph, account).certain:
        if not bound.certain or (account.patch and bound.origin.unit != account.origin.unit):
            # What patches a service account, eksctl or Terraform, is for one cluster.
            continue
        if len(declared_as(graph, account)) > 1:
            what = f"whether {account.display} has both a role annotation and an association"
            yield Unevaluated(
                what, "several files declare it, and not all of them need be for one cluster", account.name.span
            )
            return
        same = _same_role(annotation.value, bound, graph)
        severity = {Answer.NO: Severity.HIGH, Answer.YES: None, Answer.UNKNOWN: None}[same]
        if same is Answer.YES and _is_moving(bound, graph):
            severity = Severity.LOW
        named = bound.service_account or bound.role
        other = "another role" if same is Answer.NO else "a role"
        yield Finding(
            f"{account.display} is annotated with a role and gets {other} by a Pod Identity association: the webhook"
            " does not look at the annotation, so its pods have the association's role only",
            at=Label(annotation.value.span, "not looked at beside the association"),
            related=(
                Label(named.span if named is not None else bound.origin.span, "the association"),
                *((Label(bound.role.used, "the role that pods get"),) if bound.role is not None else ()),
            ),
            help="Remove the annotation once the association is in place.",
            subject=account.display,
            severity=severity,
        )
        return


def _same_role(annotated: Scalar, bound: PodIdentityAssociation, graph: Graph) -> Answer:
    if bound.role is None:
        return Answer.UNKNOWN
    first, second = role_of(graph, annotated), role_of(graph, bound.role)
    if first is not None and second is not None:
        return Answer.of(first is second)
    return same_text(annotated, bound.role)


def _is_moving(bound: PodIdentityAssociation, graph: Graph) -> bool:
    """Whether the role lets in both ways."""
    role = role_of(graph, bound.role, bound.origin)
    if role is None or role.trust is None:
        return False
    document = role.trust.document
    federated = any(
        effect_of(one) == "Allow" and allows_action(one, WEB_IDENTITY) is Answer.YES for one in document.statements
    )
    return federated and may(document, ASSUME_ROLE) is Answer.YES


def _is_read(account: ServiceAccount, graph: Graph) -> bool:
    """Whether something else than the webhook reads the annotation."""
    if controllers_of(account, graph):
        return True
    return account.name.known in graph.keep(_mounting)


def _mounting(graph: Graph) -> frozenset[str | None]:
    """The names of service accounts whose pods mount what the AWS provider fetches by their annotation."""
    by_annotation = {
        one.name.known
        for one in graph.all(SecretProviderClass)
        if one.pod_identity is None or one.pod_identity.boolean is not True
    }
    return frozenset(
        container.runs_as.name.known
        for container in graph.all(PodContainer)
        if container.runs_as.name is not None
        and any(
            volume.provider_class and volume.provider_class.known in by_annotation for volume in container.pod.volumes
        )
    )
