"""The rule `trust-principal-malformed`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.iam.principals import Flaw, flaw_of
from rolecall.iam.trust import effect_of
from rolecall.iam.trust_anybody import anybody
from rolecall.model import Principal, Statement, TrustPolicy
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.pod_identity._shared import associations_of
from rolecall_rules.trust._shared import labels, speaks_for_text


@rule(
    "trust-principal-malformed",
    summary="a principal has a form that names nobody",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    tags=("trust",),
)
def trust_principal_malformed(policy: TrustPolicy, graph: Graph) -> Iterator[Finding]:
    """Finds principals of a trust policy that cannot be anybody: ARNs of providers and roles, and names of services.

    For a provider: an ARN without an account id of 12 digits, with `https://` or a slash at its end in the issuer,
    with a colon after `oidc-provider`, or a bare URL. For AWS principals: a wildcard in an ARN, which only a whole `*`
    may be. For services: a name that is none of AWS's. Placeholders are another rule's.

    ## Why it matters
    IAM refuses the policy where it can tell that the principal is none, so the role is not made. Where it cannot, it
    takes the ARN of a provider that nobody ever made, and no pod gets credentials from the role.

    ## How to fix it
    Write the provider as `arn:aws:iam::<account>:oidc-provider/<issuer without https://>`, an AWS principal by its
    whole ARN, a service by its full name. To trust roles by a pattern, trust their account and bound it with
    `ArnLike` on `aws:PrincipalArn`.
    """
    if not speaks_for_text(policy, graph):
        return
    for statement in policy.document.statements:
        for principal in (*statement.principals, *statement.not_principals):
            flaw = flaw_of(principal)
            if flaw is None or (flaw.pod_identity and associations_of(policy, graph)):
                continue
            yield _finding(policy, statement, principal, flaw)


def _finding(policy: TrustPolicy, statement: Statement, principal: Principal, flaw: Flaw) -> Finding:
    wrong = principal.type if flaw.of_type else principal.value
    return Finding(
        f"{policy.display} {_names(statement)} `{principal.value.display}`, which {flaw.words}: {flaw.why}"
        f"{_outcome(policy, statement)}",
        at=Label(wrong.span, flaw.words),
        related=labels((statement.head, "the statement"), beside=wrong.span),
        help=flaw.help,
        subject=f"{policy.origin.address} {principal.value.display}",
    )


def _names(statement: Statement) -> str:
    if effect_of(statement) == "Deny":
        return "denies"
    return "leaves out" if statement.not_principals else "trusts"


def _outcome(policy: TrustPolicy, statement: Statement) -> str:
    """What is left of the role, where the statement was to let somebody in."""
    if effect_of(statement) != "Allow" or anybody(policy.document).answer is not Answer.NO:
        return ""
    return ", and nobody can assume the role"
