"""The rule `eso-jwt-sa-not-annotated`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.graph.namespaces import place
from rolecall.graph.service_accounts import ROLE_ARN, named
from rolecall.model import ControllerCredentials
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.secret_delivery._shared import may_be_annotated_by_a_chart


@rule(
    "eso-jwt-sa-not-annotated",
    summary="a store of External Secrets uses a service account that names no role",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=("https://external-secrets.io/latest/provider/aws-access/",),
    tags=("secret-delivery", "irsa"),
)
def eso_jwt_sa_not_annotated(subject: ControllerCredentials, graph: Graph) -> Iterator[Finding]:
    """Finds stores with `auth.jwt.serviceAccountRef` whose service account is here and has no role annotation.

    A Pod Identity association does not help: External Secrets asks for a token of the service account and reads the
    role from its annotation.

    ## Why it matters
    The controller cannot tell which role to assume. The store does not become ready, and no secret of it is delivered.

    ## How to fix it
    Annotate the service account with `eks.amazonaws.com/role-arn`, or let the store name one that is.
    """
    account = subject.account
    if subject.controller != "External Secrets" or account is None:
        return
    if subject.namespace is None and subject.everywhere:
        # The namespace of whichever object uses the store.
        return
    found, annotation = named(graph, account, place(subject.namespace, subject.origin), subject.origin)
    if found is None or annotation is not None or found.annotation(ROLE_ARN) is not None:
        return
    if may_be_annotated_by_a_chart(found, graph):
        return
    yield Finding(
        f"{subject.display} authenticates to AWS as {found.display}, which has no {ROLE_ARN}: External Secrets does not"
        " know which role to assume, and delivers nothing",
        at=Label(account.span, "names no role"),
        related=(Label(found.name.span, "has no role annotation"),),
        help=f"Annotate {found.display} with {ROLE_ARN}.",
        subject=subject.display,
    )
