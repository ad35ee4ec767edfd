"""The rule `trust-wildcard-in-stringequals`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.iam.conditions import Family, key_of, operator_of
from rolecall.iam.patterns import pattern
from rolecall.iam.trust import effect_of
from rolecall.model import Condition, TrustPolicy
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar
from rolecall_rules.trust._shared import labels, speaks_for_text

_CLAIMS = ("sub", "aud")


@rule(
    "trust-wildcard-in-stringequals",
    summary="a wildcard under an exact operator is plain text, so nobody can assume the role",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    tags=("trust", "oidc"),
)
def trust_wildcard_in_stringequals(policy: TrustPolicy, graph: Graph) -> Iterator[Finding]:
    """Finds `*` and `?` in a subject or audience that an exact operator compares.

    `StringEquals` and `StringEqualsIgnoreCase` take every character as itself. No service account and no repository
    has such a name, so the value matches no token.

    ## Why it matters
    Pods get `AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity`. What usually follows is an
    operator changed in haste, and a role that is open to far more than was meant.

    ## How to fix it
    Write the names out under `StringEquals`. Where a wildcard is really meant, use `StringLike`, and keep the
    namespace and the service account as narrow as they can be.
    """
    if not speaks_for_text(policy, graph):
        return
    for statement in policy.document.statements:
        if effect_of(statement) != "Allow":
            continue
        for condition in statement.conditions:
            broken = [value for value in condition.values if _is_broken(condition, value)]
            for value in broken:
                alone = len(broken) == len(condition.values) and condition.rest is None
                yield _finding(policy, condition, value, alone=alone)


def _is_broken(condition: Condition, value: Scalar) -> bool:
    operator, key = operator_of(condition.operator), key_of(condition.key)
    if operator is None or operator.family is not Family.STRING or operator.like or operator.negated:
        return False
    if key.issuer is None or key.name not in _CLAIMS:
        return False
    # Of `${*}` and of policy variables a star is not left.
    written = any(isinstance(part, str) and ("*" in part or "?" in part) for part in value.parts)
    return written and pattern(value, like=True).wild


def _finding(policy: TrustPolicy, condition: Condition, value: Scalar, *, alone: bool) -> Finding:
    operator = condition.operator.display
    outcome = "so nobody can assume the role through it" if alone else "so this value admits nobody"
    return Finding(
        f"{policy.display} compares {condition.key.display} with `{value.display}` under {operator}, which takes the"
        f" wildcard as plain text: no token has it, {outcome}",
        at=Label(value.span, "is compared character by character"),
        related=labels((condition.operator.span, "knows no wildcards"), beside=value.span),
        help="Write out the names under StringEquals, or use StringLike if the wildcard is meant.",
        subject=f"{policy.origin.address} {value.display}",
    )
