"""The rule `trust-oidc-missing-sub`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.iam.conditions import key_of
from rolecall.iam.issuers import GITHUB, is_private, shared_issuer
from rolecall.iam.trust import OVERSIZED, WebIdentityGrant, admits, is_oversized
from rolecall.iam.trust_subjects import PREFIX
from rolecall.model import TrustPolicy
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.trust._shared import (
    admitting,
    dropped,
    grants,
    how_to_bind,
    labels,
    principal_label,
    right_subject,
    speaks_for_text,
    stranger_of,
    tenant_issuer,
    unevaluated,
    vain,
)


@rule(
    "trust-oidc-missing-sub",
    summary="a trust policy admits every subject of an OIDC issuer",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    yields_to=("trust-duplicate-key", "trust-vacuous-condition"),
    tags=("trust", "oidc"),
)
def trust_oidc_missing_sub(policy: TrustPolicy, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds trust policies that take any token of an OIDC issuer, because nothing binds the token's subject.

    The whole policy is evaluated: a Deny that keeps other subjects out counts, and so do other claims that tell
    GitHub's tenants apart, such as `repository_id`. For GitHub, where everybody can get a token, it is critical.

    ## Why it matters
    The subject says which service account, repository or pipeline holds the token. Without a condition on it every
    pod of the cluster, or every GitHub repository in the world, can become this role.

    ## How to fix it
    Add a condition on `<issuer>:sub` under `StringEquals` with the exact subject, for a service account
    `system:serviceaccount:<namespace>:<name>`, beside the one on `<issuer>:aud`.
    """
    if is_oversized(policy.document):
        yield unevaluated(policy, None, (OVERSIZED,))
    if not speaks_for_text(policy, graph):
        return
    for grant in grants(policy, graph):
        if tenant_issuer(grant) is not None or _speaks_elsewhere(grant):
            continue
        github = shared_issuer(grant.issuer) is GITHUB
        token = stranger_of(grant)
        verdict = admits(policy.document, token, only=grant.statement)
        if verdict.answer is Answer.UNKNOWN:
            yield unevaluated(policy, grant.statement, verdict.holes)
        elif verdict.answer is Answer.YES:
            lost = dropped(grant.statement, admitting(policy.document, token))
            yield _finding(policy, grant, lost, github=github)


def _speaks_elsewhere(grant: WebIdentityGrant) -> bool:
    """Whether a subject is written, however wide, or under another issuer's key: other rules speak of those."""
    if any(key_of(condition.key).name == "sub" for condition in grant.mismatched):
        return True
    return bool(grant.subject.positive)


def _finding(policy: TrustPolicy, grant: WebIdentityGrant, lost: Label | None, *, github: bool) -> Finding:
    private = is_private(grant.issuer)
    witness = GITHUB.attacker if github else f"{PREFIX}default:attacker"
    who = "any repository on GitHub" if github else f"anything with a token of {grant.issuer.display}"
    severity = Severity.CRITICAL if github else Severity.MEDIUM if private else Severity.HIGH
    trusted = principal_label(grant, "every subject of this issuer is trusted")
    at = lost or vain(grant) or trusted
    written = ((condition.span, "does not bind the subject") for condition in grant.subject.conditions)
    audience = ((condition.span, "binds the audience only") for condition in grant.audience.conditions)
    return Finding(
        f"{policy.display} can be assumed by {who}: no condition binds its `sub`"
        + ("" if private else f"; for example `{witness}` may assume it"),
        at=at,
        related=labels(
            (trusted.span, trusted.text), *written, *audience, (grant.statement.head, "the statement"), beside=at.span
        ),
        help=how_to_bind(policy, grant, "sub", right_subject(grant)),
        subject=f"{policy.origin.address} {grant.issuer.display}",
        severity=severity,
    )
