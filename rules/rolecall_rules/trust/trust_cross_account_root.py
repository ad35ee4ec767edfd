"""The rule `trust-cross-account-root`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.iam.trust import admits
from rolecall.model import TrustPolicy
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Persona, Platform, Severity, rule
from rolecall.tree import Scalar
from rolecall_rules.trust._shared import (
    admitting,
    anybody_in,
    dropped,
    labels,
    speaks_for_text,
    unevaluated,
    whole_accounts,
)


@rule(
    "trust-cross-account-root",
    summary="every principal of another account can assume the role",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    yields_to=("trust-duplicate-key", "pi-target-role-trust-broad"),
    tags=("trust",),
)
def trust_cross_account_root(policy: TrustPolicy, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds trust in the whole of another account: its id, or the ARN of its `root`, without a further condition.

    Conditions on the principal's ARN, organisation or tags, or an external id, bound it. Trust in the role's own
    account is ordinary delegation. Where the role's account is not known the finding is informational.

    ## Why it matters
    `root` does not mean the root user: whoever may administer IAM in that account decides who becomes this role, and
    any principal there that is allowed `sts:AssumeRole` on everything already can.

    ## How to fix it
    Name the role in the other account that needs this one. For a third party's account, require its external id; for
    the organisation's own, `aws:PrincipalOrgID` together with `aws:PrincipalArn`.
    """
    if not speaks_for_text(policy, graph):
        return
    own = policy.account.known if policy.account is not None else None
    for statement, value, account in whole_accounts(policy.document, own):
        verdict = admits(policy.document, anybody_in(account), only=statement)
        if verdict.answer is Answer.UNKNOWN:
            yield unevaluated(policy, statement, verdict.holes)
        elif verdict.answer is Answer.YES:
            lost = dropped(statement, admitting(policy.document, anybody_in(account)))
            yield _finding(policy, value, account, own, lost)


def _finding(policy: TrustPolicy, value: Scalar, account: str, own: str | None, lost: Label | None) -> Finding:
    whose = f"account {account}" if own is None else f"account {account}, which is not the role's own {own}"
    whole = Label(value.span, "is the whole account, not its root user")
    at = lost or whole
    related = [(whole.span, whole.text)]
    related += [(policy.account.span, "the role's own account")] if policy.account else []
    return Finding(
        f"{policy.display} can be assumed by any principal of {whose}, if that account lets it;"
        f" for example `arn:aws:iam::{account}:role/anything`",
        at=at,
        related=labels(*related, beside=at.span),
        help="Name the role that needs it, or require an external id, aws:PrincipalArn or aws:PrincipalOrgID.",
        subject=f"{policy.origin.address} {account}",
        severity=Severity.INFO if own is None else None,
        persona=Persona.PEDANTIC if own is None else None,
    )
