"""The rule `eso-jwt-role-trust-mismatch`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.namespaces import place
from rolecall.graph.roles import role_of
from rolecall.graph.service_accounts import named
from rolecall.iam.trust import Token, admits, web_identity_grants
from rolecall.iam.trust_subjects import PREFIX
from rolecall.model import ControllerCredentials
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar


@rule(
    "eso-jwt-role-trust-mismatch",
    summary="a store of External Secrets uses a service account that its role does not admit",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=("https://external-secrets.io/latest/provider/aws-access/",),
    tags=("secret-delivery", "irsa", "trust"),
)
def eso_jwt_role_trust_mismatch(subject: ControllerCredentials, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds stores with `auth.jwt.serviceAccountRef` whose role's trust policy does not admit the service account.

    The role is that of the service account's annotation, where both are among the files. A trust policy that admits no
    service account at all is left to the rules about trust policies.

    ## Why it matters
    External Secrets asks for a token of the service account and gives it to STS, which answers `AccessDenied: Not
    authorized to perform sts:AssumeRoleWithWebIdentity`. The store does not become ready, and no secret of it is
    delivered.

    ## How to fix it
    Admit the service account in the trust policy, by its namespace and name.
    """
    account = subject.account
    if subject.controller != "External Secrets" or account is None or subject.namespace is None:
        return
    found, annotation = named(graph, account, place(subject.namespace, subject.origin), subject.origin)
    arn = annotation.value if annotation is not None and isinstance(annotation.value, Scalar) else None
    role = role_of(graph, arn)
    namespace = subject.namespace.known
    if found is None or arn is None or role is None or role.trust is None or not namespace or not found.name.known:
        return
    document = role.trust.document
    if not any(grant.subject.positive for grant in web_identity_grants(document)):
        return
    text = f"{PREFIX}{namespace}:{found.name.known}"
    verdict = admits(document, Token(None, (text,), None, willing=True))
    if verdict.answer is Answer.UNKNOWN and verdict.holes:
        yield Unevaluated(f"whether {role.display} admits {found.display}", verdict.holes[0].why, account.span)
    if verdict.answer is not Answer.NO or admits(document, Token(None, None, None, willing=True)).answer is Answer.NO:
        return
    values = [
        value
        for grant in web_identity_grants(document)
        for condition in grant.subject.positive
        for value in condition.values
    ]
    yield Finding(
        f"{subject.display} authenticates to AWS as {found.display}, whose {role.display} does not admit it: the"
        " subject"
        f" is `{text}`, and External Secrets delivers nothing",
        at=Label(account.span, "is not admitted by its role"),
        related=(
            Label(arn.span, "the role"),
            *(Label(value.span, "admits another subject") for value in values[:2]),
        ),
        help=f"Admit `{text}` in the trust policy.",
        subject=subject.display,
    )
