"""The rule `irsa-role-arn-empty`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.namespaces import same_namespace
from rolecall.graph.service_accounts import ROLE_ARN, associations_with, role_annotation
from rolecall.model import ServiceAccount
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar


@rule(
    "irsa-role-arn-empty",
    summary="the role annotation of a service account is empty",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
        "https://github.com/aws/amazon-eks-pod-identity-webhook/blob/master/pkg/cache/cache.go",
    ),
    tags=("irsa",),
)
def irsa_role_arn_empty(account: ServiceAccount, graph: Graph) -> Iterator[Finding]:
    """Finds service accounts with `eks.amazonaws.com/role-arn` and no value, where nothing else gives them a role.

    ## Why it matters
    For the webhook an empty annotation is none: it injects nothing, and the pods start without the role that somebody
    meant to give them. Their SDKs go on to the next source, mostly the node's role. Often a value of a chart was not
    set.

    ## How to fix it
    Write the role's ARN, or remove the annotation. In a chart's own values, which whoever installs it may override,
    the finding is low: leave the annotation out there, or comment it out.
    """
    entry = account.annotation(ROLE_ARN)
    if entry is None or not isinstance(entry.value, Scalar) or not entry.value.is_empty:
        return
    if associations_with(graph, account).every or _is_annotated_elsewhere(account, graph):
        return
    yield Finding(
        f"{account.display} has a role annotation without a value: its pods get no role, and SDKs in them go on to the"
        " next source, mostly the node's role",
        at=Label(entry.key.span, "has no value"),
        help="Write the role's ARN, or remove the annotation.",
        subject=account.display,
        severity=Severity.LOW if account.origin.chart or account.may_be_annotated else None,
    )


def _is_annotated_elsewhere(account: ServiceAccount, graph: Graph) -> bool:
    """Whether another declaration that may be of the same service account names a role."""
    return any(
        other.name.known == account.name.known and same_namespace(account, other) is not Answer.NO
        for other in graph.keep(_annotated)
    )


def _annotated(graph: Graph) -> tuple[ServiceAccount, ...]:
    return tuple(account for account in graph.all(ServiceAccount) if role_annotation(account) is not None)
