"""The rule `trust-issuer-key-mismatch`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.iam.conditions import Key, key_of, operator_of
from rolecall.iam.declared import is_provider_arn
from rolecall.iam.issuers import Issuer, same
from rolecall.iam.principals import is_nobody
from rolecall.iam.trust import WebIdentityGrant
from rolecall.model import Condition, Statement, TrustPolicy
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.span import Span
from rolecall.tree import Hole
from rolecall_rules.trust._shared import grants, labels, speaks_for_text


@rule(
    "trust-issuer-key-mismatch",
    summary="a condition asks for a claim of another issuer than the one that is trusted",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif",
        "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    yields_to=("trust-vacuous-condition",),
    tags=("trust", "oidc"),
)
def trust_issuer_key_mismatch(policy: TrustPolicy, graph: Graph) -> Iterator[Finding]:
    """Finds condition keys whose issuer is not the one in the statement's `Federated` principal.

    Keys compare without regard to case; a trailing slash makes another issuer. A statement that trusts several
    issuers is silent for the keys of each of them. An issuer is no ARN: what Terraform's `….arn`, or `Ref` in
    CloudFormation, gives of the provider begins no key.

    ## Why it matters
    A token of the trusted issuer never carries the key, so the comparison fails and no pod can assume the role. With
    `…IfExists`, `ForAllValues:` or a negated operator an absent key counts as met: then nothing is restricted at all.
    It often happens when a cluster is rebuilt and only one of the two places follows.

    ## How to fix it
    Use one issuer, without `https://` and without a trailing slash, in the principal and in front of `:sub` and
    `:aud`.
    """
    if not speaks_for_text(policy, graph):
        return
    by_statement: dict[int, tuple[Statement, list[WebIdentityGrant]]] = {}
    for grant in grants(policy, graph):
        by_statement.setdefault(id(grant.statement), (grant.statement, []))[1].append(grant)
    for statement, trusted in by_statement.values():
        if statement.principals_rest is not None or any(is_nobody(grant.principal) for grant in trusted):
            continue
        # All keys of one wrong issuer are one mistake.
        foreign: dict[str, list[tuple[Condition, Key]]] = {}
        for condition in statement.conditions:
            key = key_of(condition.key)
            if key.issuer is None or key.scheme:
                continue
            if _is_arn(key.issuer) or _is_foreign(key.issuer, trusted):
                foreign.setdefault(key.issuer.display.lower(), []).append((condition, key))
        for (condition, key), *others in foreign.values():
            yield _finding(policy, condition, key, trusted, [other.key.span for other, _ in others])


def _is_arn(issuer: Issuer) -> bool:
    """Whether a key begins with the ARN of a provider, where its issuer has to stand."""
    return len(issuer.text) == 1 and isinstance(issuer.text[0], Hole) and is_provider_arn(issuer.text[0])


def _is_foreign(issuer: Issuer, trusted: list[WebIdentityGrant]) -> bool:
    return all(same(issuer, grant.issuer) is Answer.NO for grant in trusted)


def _finding(
    policy: TrustPolicy, condition: Condition, key: Key, trusted: list[WebIdentityGrant], others: list[Span]
) -> Finding:
    operator = operator_of(condition.operator)
    vacuous = operator is not None and (operator.if_exists or operator.negated or operator.quantifier.value)
    outcome = (
        "so the condition is met by every token and restricts nothing"
        if vacuous
        else "so the condition is never met and nobody can assume the role with a token"
    )
    if key.issuer is not None and _is_arn(key.issuer):
        return Finding(
            f"{policy.display} asks for {condition.key.display}, which begins with the ARN of the provider: the keys of"
            f" tokens begin with the issuer, {outcome}",
            at=Label(condition.key.span, "begins with the provider's ARN"),
            related=labels(*((span, "likewise") for span in others), beside=condition.key.span),
            help="Put the issuer without https:// before the claim, not what names the provider.",
            subject=f"{policy.origin.address} {condition.key.display}",
        )
    issuer = trusted[0].issuer.display
    wanted = f"{issuer}:{key.name}"
    return Finding(
        f"{policy.display} trusts {issuer}, whose tokens never carry {condition.key.display}, {outcome}",
        at=Label(condition.key.span, "is a claim of another issuer"),
        related=labels(
            *((grant.principal.value.span, "the issuer that is trusted") for grant in trusted),
            *((span, "likewise") for span in others),
            beside=condition.key.span,
        ),
        help=f"Make the condition key {wanted}, or the principal the provider of {key.issuer.display}."
        if key.issuer is not None
        else "",
        subject=f"{policy.origin.address} {condition.key.display}",
    )
