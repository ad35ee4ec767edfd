"""The rule `trust-condition-key-scheme`."""

from collections.abc import Iterable, Iterator

from rolecall.graph import Graph
from rolecall.iam.conditions import key_of
from rolecall.iam.declared import is_issuer
from rolecall.iam.issuers import issuer_of
from rolecall.model import Condition, Principal, Statement, TrustPolicy
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.span import Span
from rolecall.tree import Hole, Scalar
from rolecall_rules.trust._shared import labels, outcome_without_key, speaks_for_text


@rule(
    "trust-condition-key-scheme",
    summary="an issuer stands with its `https://` where IAM has it without, so no token fits",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif",
        "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    tags=("trust", "oidc"),
)
def trust_condition_key_scheme(policy: TrustPolicy, graph: Graph) -> Iterator[Finding]:
    """Finds condition keys, and in Terraform provider ARNs, in which the issuer still has its scheme.

    In Terraform it is mostly `aws_eks_cluster.….identity[0].oidc[0].issuer`, which is a URL, put into the text as it
    is. `aws_iam_openid_connect_provider.….url` has no scheme.

    ## Why it matters
    IAM names the provider, and the keys of its tokens, without `https://`. A key with a scheme is in no token: under
    `StringEquals` the comparison fails and no pod can assume the role. With `…IfExists`, `ForAllValues:` or a negated
    operator an absent key counts as met: then nothing is restricted at all.

    ## How to fix it
    Write the issuer without the scheme. In Terraform take it off, with `replace(…issuer, "https://", "")` or
    `trimprefix(…issuer, "https://")`, or use the `url` and the `arn` of the `aws_iam_openid_connect_provider`. In
    CloudFormation it is `!Select [1, !Split ["//", !GetAtt Cluster.OpenIdConnectIssuerUrl]]`.
    """
    if not speaks_for_text(policy, graph):
        return
    for statement in policy.document.statements:
        conditions = [condition for condition in statement.conditions if key_of(condition.key).scheme]
        principals = list(_principals(statement))
        if conditions or principals:
            yield _finding(policy, statement, conditions, principals)


def _principals(statement: Statement) -> Iterable[Principal]:
    """The providers whose ARN an expression of Terraform makes of a cluster's issuer as it is."""
    for principal in statement.principals:
        issuer = issuer_of(principal.value) if principal.type.known == "Federated" else None
        if issuer is not None and issuer.scheme and any(map(is_issuer, principal.value.holes)):
            yield principal


def _finding(
    policy: TrustPolicy, statement: Statement, conditions: list[Condition], principals: list[Principal]
) -> Finding:
    """All of one statement are one mistake: the same text put in several places."""
    wrong = [*(principal.value for principal in principals), *(condition.key for condition in conditions)]
    first, *others = wrong
    if principals:
        what = f"{policy.display} trusts {first.display}, but no provider's ARN has https:// in it"
        outcome = "so nobody can assume the role with a token"
    else:
        what = f"{policy.display} asks for {first.display}, but no key of a token has https:// in it"
        outcome = outcome_without_key(statement, conditions[0])
    at = _place(first)
    return Finding(
        f"{what}, {outcome}",
        at=Label(at, "has https:// in it"),
        related=labels(*((_place(other), "likewise") for other in others), beside=at),
        help=_help(first),
        subject=f"{policy.origin.address} {first.display}",
    )


def _place(value: Scalar) -> Span:
    """The narrowest text that has the scheme: of several pieces the one that is the issuer."""
    for part, place in zip(value.parts, value.places, strict=False):
        if isinstance(part, Hole) and is_issuer(part):
            return place
    return value.span


def _help(value: Scalar) -> str:
    hole = next(filter(is_issuer, value.holes), None)
    if hole is None:
        return "Take https:// away."
    if any(reference.type for reference in hole.references):
        return f'Take the scheme off: !Select [1, !Split ["//", !GetAtt {hole}]].'
    # What a module makes has no name outside of it.
    inside = any(reference.address.startswith("module.") for reference in hole.references)
    return f'Take the scheme off: replace({"…" if inside else hole}, "https://", "").'
