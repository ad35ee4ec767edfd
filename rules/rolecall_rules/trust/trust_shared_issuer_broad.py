"""The rule `trust-shared-issuer-broad`."""

from collections.abc import Iterable, Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.iam.conditions import is_positive, key_of, operator_of, patterns_of
from rolecall.iam.issuers import SharedIssuer
from rolecall.iam.patterns import FRESH, pattern
from rolecall.iam.trust import Token, WebIdentityGrant, admits
from rolecall.iam.trust_tenants import Reach, WideTenancy, alone, stranger, wide_tenancy
from rolecall.model import Condition, OidcProvider, TrustPolicy
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Hole, Scalar
from rolecall_rules.trust._shared import (
    admitting,
    dropped,
    grants,
    labels,
    principal_label,
    provider_of,
    speaks_for_text,
    tenant_issuer,
    unevaluated,
    vain,
)

_KEYS = {"sts:rolesessionname": "sts:RoleSessionName"}


@rule(
    "trust-shared-issuer-broad",
    summary="other customers of an OIDC issuer can assume the role",
    severity=Severity.CRITICAL,
    confidence=Confidence.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    yields_to=("trust-duplicate-key", "trust-vacuous-condition"),
    tags=("trust", "oidc"),
)
def trust_shared_issuer_broad(policy: TrustPolicy, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds trust in an issuer that all customers of a service share, where nothing tells whose token it is.

    GitLab.com, HCP Terraform, Buildkite, Cognito, Google and others sign the tokens of all of their customers as one
    issuer. One claim says who the customer is: mostly the beginning of the subject, for some the audience. Critical
    where that claim is not bound at all, high where a wildcard stands in the customer's name. Whether a stranger gets
    in is asked of the whole policy. GitHub has rules of its own.

    ## Why it matters
    Whoever has an account with the service, or makes one, gets a token that this policy takes. An audience alone does
    not help where the customer chooses it. For most of these issuers IAM refuses, since 2025, to create or change a
    role without the claim; roles from before that stay open.

    ## How to fix it
    Bind the claim under `StringEquals`, or under `StringLike` with the customer's name written out up to the separator
    that ends it: `organization:acme:*`, not `organization:acme*`.
    """
    if not speaks_for_text(policy, graph):
        return
    for grant in grants(policy, graph):
        shared = tenant_issuer(grant)
        if shared is None or _speaks_elsewhere(grant, shared) or _bound_by_request(grant, shared):
            continue
        yield from _judged(policy, grant, shared, provider_of(graph, grant.issuer, policy))


def _speaks_elsewhere(grant: WebIdentityGrant, shared: SharedIssuer) -> bool:
    """Whether the claim is asked of another issuer: another rule speaks of that key."""
    return any(key_of(condition.key).name in shared.tenancy for condition in grant.mismatched)


def _bound_by_request(grant: WebIdentityGrant, shared: SharedIssuer) -> bool:
    """Whether a key of the request that tells customers apart is bound: a session name, a tag that the issuer signs."""
    for condition in filter(is_positive, grant.statement.conditions):
        key = key_of(condition.key)
        if key.issuer is None and key.name is not None and shared.tells_tenants_apart(key.name):
            return all(found.matches(FRESH) is not Answer.YES for found in patterns_of(condition))
    return False


def _judged(
    policy: TrustPolicy, grant: WebIdentityGrant, shared: SharedIssuer, provider: OidcProvider | None
) -> Iterator[Finding | Unevaluated]:
    spoken = False
    if "sub" in shared.tenancy and shared.subjects is not None:
        for wide in wide_tenancy(policy.document, grant, shared.subjects):
            if isinstance(wide, Hole):
                yield unevaluated(policy, grant.statement, (wide,))
                spoken = True
            elif wide.reach in (Reach.EVERYBODY, Reach.TENANTS):
                yield _wide(policy, grant, shared, wide)
                spoken = True
    if spoken:
        return
    subject = None
    if "sub" in shared.tenancy:
        subject = stranger(shared.subjects) if shared.subjects is not None else (FRESH,)
    token = Token(None, subject, (FRESH,) if "aud" in shared.tenancy else None, willing=True)
    verdict = admits(policy.document, token, only=alone(grant))
    if verdict.answer is Answer.UNKNOWN:
        yield unevaluated(policy, grant.statement, verdict.holes)
    elif verdict.answer is Answer.YES:
        lost = dropped(alone(grant), admitting(policy.document, token))
        kept_out = provider if shared.tenancy == ("aud",) and provider is not None and provider.client_ids else None
        yield _open(policy, grant, shared, lost, kept_out)


def _wide(policy: TrustPolicy, grant: WebIdentityGrant, shared: SharedIssuer, wide: WideTenancy) -> Finding:
    value = wide.value
    if wide.reach is Reach.EVERYBODY:
        who, severity = f"every customer of {shared.name}", Severity.CRITICAL
    else:
        who, severity = f"every customer of {shared.name} whose name fits", Severity.HIGH
    return Finding(
        f"{policy.display} can be assumed by {who}: `{value.display}` matches, for example, `{wide.witness}`",
        at=Label(value.span, f"matches {who}"),
        related=labels(
            (grant.principal.value.span, "issues tokens for all customers"),
            (wide.condition.operator.span, "reads `*` and `?` as wildcards"),
            beside=value.span,
        ),
        help=_how_to_bind(shared),
        subject=f"{policy.origin.address} {value.display}",
        severity=severity,
    )


def _open(
    policy: TrustPolicy,
    grant: WebIdentityGrant,
    shared: SharedIssuer,
    lost: Label | None,
    provider: OidcProvider | None,
) -> Finding:
    trusted = principal_label(grant, "issues tokens for all customers")
    claims = " or ".join(f"`{_KEYS.get(claim, claim)}`" for claim in shared.tenancy)
    wild = _wild_value(grant, shared)
    at = lost or vain(grant) or (Label(wild.span, "matches every customer") if wild is not None else trusted)
    why = f"`{wild.display}` takes any {claims}" if wild is not None else f"no condition binds its {claims}"
    others = [(trusted.span, trusted.text)]
    others += [(condition.span, "does not say whose token it is") for condition in _claims(grant)]
    others.append((grant.statement.head, "the statement"))
    if provider is None:
        example = f"; for example `{shared.attacker}` may assume it" if shared.attacker else ""
    else:
        example = ", and only the client ids of the provider keep others out"
        others.append((provider.origin.span, "decides alone whose tokens are accepted"))
    return Finding(
        f"{policy.display} can be assumed by every customer of {shared.name}: {why}{example}{_refused(grant, shared)}",
        at=at,
        related=labels(*others, beside=at.span),
        help=_how_to_bind(shared),
        subject=f"{policy.origin.address} {grant.issuer.display}",
        severity=Severity.MEDIUM if provider is not None else None,
    )


def _claims(grant: WebIdentityGrant) -> Iterable[Condition]:
    """The conditions on claims of an issuer."""
    return (condition for condition in grant.statement.conditions if key_of(condition.key).issuer is not None)


def _wild_value(grant: WebIdentityGrant, shared: SharedIssuer) -> Scalar | None:
    """The value through which any tenancy claim gets in, where one is written."""
    for condition in grant.statement.conditions:
        operator = operator_of(condition.operator)
        if operator is None or not operator.like or not is_positive(condition):
            continue
        if key_of(condition.key).name in shared.tenancy:
            for value in condition.values:
                if pattern(value, like=True).matches(FRESH) is Answer.YES:
                    return value
    return None


def _refused(grant: WebIdentityGrant, shared: SharedIssuer) -> str:
    """What IAM says to a policy that does not ask for the claim at all."""
    asked = any(key_of(condition.key).name in shared.tenancy for condition in grant.statement.conditions)
    return "; IAM now refuses to create or change a role like this" if shared.required and not asked else ""


def _how_to_bind(shared: SharedIssuer) -> str:
    claim = shared.tenancy[0]
    if claim.startswith("sts:"):
        return f"Bind {_KEYS.get(claim, claim)} with StringEquals."
    if claim == "sub" and shared.subjects is not None:
        return (
            f"Bind {shared.host}:sub to {shared.subjects.placeholders}, under StringLike at most behind the first name."
        )
    return f"Bind {shared.host}:{claim} with StringEquals to the value that is yours."
