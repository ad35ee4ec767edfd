"""The rule `placeholder-left-in-trust`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.iam.placeholders import documented_account, left_in, real_accounts
from rolecall.model import TrustPolicy
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.span import Span
from rolecall.tree import Scalar
from rolecall_rules.trust._shared import labels, speaks_for_text

_SHOWN = 4


@rule(
    "placeholder-left-in-trust",
    summary="a trust policy still has a placeholder of its example in it",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
        "https://docs.aws.amazon.com/general/latest/gr/docconventions.html",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    tags=("trust",),
)
def placeholder_left_in_trust(policy: TrustPolicy, graph: Graph) -> Iterator[Finding]:
    """Finds what documentation writes where a value of one's own belongs: `EXAMPLED539D…`, `region-code`, `<…>`.

    An account id of AWS's documentation, such as `111122223333`, is one if the policy names another account that is
    real. Templates, in which a tool fills in the value (`${OIDC}`, `{{ issuer }}`, `OIDC_PROVIDER`), are left alone,
    and so are files that by their path are examples, tests or documentation. All of one policy are one finding.

    ## Why it matters
    No provider and no token has that text. The role is created without complaint, and nobody whom it was meant for
    can assume it.

    ## How to fix it
    Fill in the issuer of the cluster (`aws eks describe-cluster --query cluster.identity.oidc.issuer`), the account's
    id, the namespace and the name of the service account.
    """
    if not speaks_for_text(policy, graph) or policy.origin.for_show:
        return
    values = list(_values(policy))
    found = [(value, text) for value in values for text in left_in(value)]
    if any(real_accounts(value) for value in values):
        found += [(value, text) for value in values if (text := documented_account(value)) is not None]
    if found:
        yield _finding(policy, found)


def _values(policy: TrustPolicy) -> Iterator[Scalar]:
    """What a trust policy says, in the order in which IAM reads it; first the role's own account.

    That of a provider configuration of Terraform is written once for all roles, and not about any.
    """
    if policy.account is not None and policy.configuration is None:
        yield policy.account
    for statement in policy.document.statements:
        for principal in (*statement.principals, *statement.not_principals):
            yield principal.value
        for condition in statement.conditions:
            yield condition.key
            yield from condition.values


def _finding(policy: TrustPolicy, found: list[tuple[Scalar, str]]) -> Finding:
    texts = list(dict.fromkeys(text for _, text in found))
    places = list(dict.fromkeys((_place(value, text), text) for value, text in found))
    at, text = places[0]
    shown = ", ".join(f"`{one}`" for one in texts[:_SHOWN])
    return Finding(
        f"the trust policy of {policy.display.removeprefix('the role of ')} still has {shown} in it, an example's"
        " stand-in for a value of your own, so whoever was meant cannot assume the role",
        at=Label(at, f"`{text}` is yet to be filled in"),
        related=labels(*((other, f"`{left}` is yet to be filled in") for other, left in places[1:]), beside=at),
        help="Fill in the real value.",
        subject=f"{policy.origin.address} {text}",
    )


def _place(value: Scalar, text: str) -> Span:
    """The narrowest text that has the placeholder: of several pieces the one with it."""
    for part, place in zip(value.parts, value.places, strict=False):
        if isinstance(part, str) and text in part:
            return place
    return value.span
