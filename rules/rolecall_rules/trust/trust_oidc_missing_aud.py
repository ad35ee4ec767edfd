"""The rule `trust-oidc-missing-aud`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.iam.conditions import key_of
from rolecall.iam.issuers import shared_issuer
from rolecall.iam.patterns import FRESH
from rolecall.iam.trust import Token, WebIdentityGrant, admits
from rolecall.model import OidcProvider, TrustPolicy
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.trust._shared import (
    admitting,
    dropped,
    grants,
    how_to_bind,
    labels,
    principal_label,
    provider_of,
    speaks_for_text,
    unevaluated,
)

_AUDIENCE = "sts.amazonaws.com"


@rule(
    "trust-oidc-missing-aud",
    summary="a trust policy admits tokens made for any audience",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    yields_to=("trust-duplicate-key",),
    tags=("trust", "oidc"),
)
def trust_oidc_missing_aud(policy: TrustPolicy, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds trust policies that do not bind the audience of an OIDC issuer's tokens.

    IAM itself takes only tokens whose audience is one of the provider's client ids. Where the provider is seen and
    `sts.amazonaws.com` is its only one, the severity is low.

    ## Why it matters
    The audience says for whom a token was made. A provider with further client ids, such as the API server's, lets
    tokens in that were made for something else: the ones that every pod has mounted by default.

    ## How to fix it
    Add a condition `StringEquals` on `<issuer>:aud` with the value `sts.amazonaws.com`.
    """
    if policy.no_audience or not speaks_for_text(policy, graph):
        return
    for grant in grants(policy, graph):
        shared = shared_issuer(grant.issuer)
        if (shared is not None and "sub" not in shared.tenancy) or (shared is not None and "aud" in shared.tenancy):
            continue
        if any(key_of(condition.key).name in ("sub", "aud") for condition in grant.mismatched):
            continue
        token = Token(None, None, (FRESH,), willing=True)
        verdict = admits(policy.document, token, only=grant.statement)
        if verdict.answer is Answer.UNKNOWN:
            yield unevaluated(policy, grant.statement, verdict.holes)
        elif verdict.answer is Answer.YES:
            lost = dropped(grant.statement, admitting(policy.document, token))
            yield _finding(policy, grant, provider_of(graph, grant.issuer, policy), lost)


def _finding(
    policy: TrustPolicy, grant: WebIdentityGrant, provider: OidcProvider | None, lost: Label | None
) -> Finding:
    trusted = principal_label(grant, "tokens for any audience are trusted")
    at = lost or trusted
    found = [(trusted.span, trusted.text)]
    found += [(condition.span, "binds the subject only") for condition in grant.subject.conditions]
    severity = Severity.MEDIUM
    consequence = "so a token that was made for another service is accepted if the provider lists its audience"
    if provider is not None:
        audiences = [client.known for client in provider.client_ids]
        found.append((provider.origin.span, "the provider decides alone which audiences are accepted"))
        if provider.client_ids_rest is None and audiences == [_AUDIENCE]:
            severity = Severity.LOW
            consequence = f"so only the provider's client id list, now {_AUDIENCE} alone, keeps other tokens out"
        else:
            extra = next((audience for audience in audiences if audience not in (None, _AUDIENCE)), None)
            if extra is not None:
                consequence = f"so a token made for `{extra}`, a client id of the provider, is accepted too"
    return Finding(
        f"{policy.display} does not bind the audience of {grant.issuer.display}: no condition on its `aud`,"
        f" {consequence}",
        at=at,
        related=labels(*found, (grant.statement.head, "the statement"), beside=at.span),
        help=how_to_bind(policy, grant, "aud", _AUDIENCE),
        subject=f"{policy.origin.address} {grant.issuer.display}",
        severity=severity,
    )
