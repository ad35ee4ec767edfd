"""The rule `trust-wrong-action-for-federated`."""

from collections.abc import Iterator
from functools import partial

from rolecall.answer import Answer, any_of
from rolecall.graph import Graph
from rolecall.iam.declared import is_provider, is_saml_provider
from rolecall.iam.patterns import pattern
from rolecall.iam.principals import is_nobody
from rolecall.iam.trust import ASSUME_ROLE, SAML, WEB_IDENTITY, allows_action, effect_of
from rolecall.model import PolicyDocument, Principal, Statement, TrustPolicy
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar
from rolecall_rules.trust._shared import dropped, labels, speaks_for_text, unevaluated


@rule(
    "trust-wrong-action-for-federated",
    summary="an identity provider is trusted with an action that its users never call",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM),
    yields_to=("trust-duplicate-key",),
    tags=("trust", "oidc"),
)
def trust_wrong_action_for_federated(policy: TrustPolicy, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds OIDC providers trusted without `sts:AssumeRoleWithWebIdentity`, and SAML providers without `…WithSAML`.

    All statements for the provider count together. Where the action is a pattern that takes `sts:AssumeRole` as well,
    such as `sts:*`, the role works and the finding is low: the action is wider than what is used.

    ## Why it matters
    Whoever holds a token calls `sts:AssumeRoleWithWebIdentity`, and STS checks just that action. With
    `sts:AssumeRole`, which looks so alike, the call is refused and the pod gets no credentials.

    ## How to fix it
    Allow `sts:AssumeRoleWithWebIdentity` to an OIDC provider, `sts:AssumeRoleWithSAML` to a SAML provider, and other
    principals in a statement of their own.
    """
    if not speaks_for_text(policy, graph):
        return
    for statement in policy.document.statements:
        if effect_of(statement) != "Allow":
            continue
        for principal in statement.principals:
            wanted = _wanted(principal)
            if not wanted:
                continue
            found = _judged(policy, statement, principal, wanted)
            if found is not None:
                yield found
                break


def _wanted(principal: Principal) -> tuple[str, ...]:
    """The action by which whom a provider vouches for gets the role; both where the kind of provider is not known."""
    text = principal.value.display
    if principal.type.known != "Federated" or is_nobody(principal):
        return ()
    value = principal.value
    references = [reference for hole in value.holes for reference in hole.references]
    if ":saml-provider/" in text or any(map(is_saml_provider, references)):
        return (SAML,)
    certain = value.known is not None or ":oidc-provider/" in text or any(map(is_provider, references))
    return (WEB_IDENTITY,) if certain else (WEB_IDENTITY, SAML)


def _judged(
    policy: TrustPolicy, statement: Statement, principal: Principal, wanted: tuple[str, ...]
) -> Finding | Unevaluated | None:
    here = _allows(statement, wanted)
    if here is Answer.YES:
        wide = _too_wide(statement)
        return _wide(policy, principal, wide, wanted[0]) if wide is not None else None
    somewhere = any_of((here, _elsewhere(policy.document, principal, wanted)))
    if somewhere is Answer.UNKNOWN:
        holes = (
            statement.actions_rest,
            policy.document.rest,
            *(hole for one in statement.actions for hole in one.holes),
        )
        return unevaluated(policy, statement, (hole for hole in holes if hole is not None))
    return _wrong(policy, statement, principal, wanted) if somewhere is Answer.NO else None


def _allows(statement: Statement, actions: tuple[str, ...]) -> Answer:
    return any_of(allows_action(statement, action) for action in actions)


def _elsewhere(document: PolicyDocument, principal: Principal, wanted: tuple[str, ...]) -> Answer:
    """Whether another statement lets the provider's users take the action; unknown where more may be written."""
    written = [
        _allows(other, wanted)
        for other in document.statements
        if effect_of(other) == "Allow"
        and any(one.type.known == "Federated" and one.value.parts == principal.value.parts for one in other.principals)
    ]
    return any_of((*written, Answer.UNKNOWN)) if document.rest is not None else any_of(written)


def _too_wide(statement: Statement) -> Scalar | None:
    """The pattern of an action that takes both the action for tokens and the one for AWS principals."""
    if not all(principal.type.known == "Federated" for principal in statement.principals):
        return None
    if statement.not_actions:
        return statement.not_actions[0] if allows_action(statement, ASSUME_ROLE) is Answer.YES else None
    patterns = (action for action in statement.actions if action.known is not None and "*" in action.known)
    return next(
        (one for one in patterns if pattern(one, like=True, ignore_case=True).matches(ASSUME_ROLE) is Answer.YES), None
    )


def _wrong(policy: TrustPolicy, statement: Statement, principal: Principal, wanted: tuple[str, ...]) -> Finding:
    written = _written(statement)
    place = written or principal.value
    kind = "an identity" if len(wanted) > 1 else "an OIDC" if wanted[0] == WEB_IDENTITY else "a SAML"
    lost = dropped(statement, partial(_lacks, wanted))
    at = lost or Label(place.span, f"lacks {wanted[0]}")
    allowed = "no action for assuming it"
    if written is not None:
        allowed = f"everything but {written.display}" if statement.not_actions else f"only {written.display}"
    return Finding(
        f"{policy.display} allows `{principal.value.display}`, {kind} provider, {allowed}, but what is called with its"
        f" tokens is {' or '.join(wanted)}, so nobody can assume the role through it",
        at=at,
        related=labels((principal.value.used, f"is {kind} provider"), beside=at.span),
        help=f"Make the action {wanted[0]}.",
        subject=f"{policy.origin.address} {principal.value.display}",
    )


def _lacks(wanted: tuple[str, ...], statement: Statement) -> bool:
    return _allows(statement, wanted) is not Answer.YES


def _written(statement: Statement) -> Scalar | None:
    """The action that was probably meant, or the first."""
    actions = statement.actions or statement.not_actions
    assuming = (one for one in actions if (one.known or "").lower().startswith("sts:assume"))
    return next(assuming, next(iter(actions), None))


def _wide(policy: TrustPolicy, principal: Principal, action: Scalar, wanted: str) -> Finding:
    return Finding(
        f"{policy.display} allows `{action.display}` to `{principal.value.display}`, which ever uses {wanted} only:"
        " whatever principal is added to the statement gets more than it needs",
        at=Label(action.span, f"is wider than {wanted}"),
        related=labels((principal.value.used, "uses one action"), beside=action.span),
        help=f"Make the action {wanted}.",
        subject=f"{policy.origin.address} {action.display}",
        severity=Severity.LOW,
    )
