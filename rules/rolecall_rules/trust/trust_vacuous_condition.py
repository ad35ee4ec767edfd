"""The rule `trust-vacuous-condition`."""

from collections.abc import Iterator
from itertools import groupby

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.iam.conditions import key_of
from rolecall.iam.issuers import GITHUB, shared_issuer
from rolecall.iam.trust import Token, WebIdentityGrant, admits
from rolecall.iam.trust_subjects import PREFIX
from rolecall.iam.trust_tenants import alone
from rolecall.iam.trust_vacuous import Vacuous, Why, lenient, vacuous
from rolecall.model import Condition, TrustPolicy
from rolecall.rule import Confidence, Finding, Label, Persona, Platform, Severity, rule
from rolecall.tree import Scalar
from rolecall_rules.trust._shared import (
    cause_of_openness,
    grants,
    how_to_bind,
    labels,
    principal_label,
    right_subject,
    speaks_for_text,
    stranger_of,
)


@rule(
    "trust-vacuous-condition",
    summary="a condition looks like a restriction, and every token meets it",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IfExists",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    yields_to=("trust-duplicate-key",),
    tags=("trust", "oidc"),
)
def trust_vacuous_condition(policy: TrustPolicy, graph: Graph) -> Iterator[Finding]:
    """Finds conditions on the holder of a token that restrict nobody, where nothing else does.

    A negated operator keeps out only what it names. `Null` asks only that a claim is there. `…IfExists` on a key that
    the tokens never carry, and `ForAllValues:` on a claim that they need not carry, count as met where it is absent.
    The whole policy is evaluated: beside a condition that binds the subject, or a Deny that does, they do no harm.
    `ForAllValues:` on an optional claim is of medium severity where the subject is bound. On `sub`, `aud` and `iss`,
    which every token has, `…IfExists` and `ForAllValues:` are informational.

    ## Why it matters
    Whoever reads the policy sees a condition on the subject and takes the role for restricted. Every pod of the
    cluster, or every repository of the issuer, can assume it.

    ## How to fix it
    Say who is admitted, not who is not: `StringEquals` on `<issuer>:sub`, with the issuer of the principal and the
    exact subject. Leave `…IfExists` and `ForAllValues:` away.
    """
    if not speaks_for_text(policy, graph):
        return
    for grant in grants(policy, graph):
        cause = cause_of_openness(grant)
        open_ = cause is not None and _admits_stranger(policy, grant)
        if cause is not None and open_:
            yield _open(policy, grant, cause)
        for found in vacuous(grant):
            if found.why is Why.OPTIONAL and not (open_ and found == cause):
                yield _optional(policy, grant, found.condition)
        if not policy.origin.within:
            # What a module of others writes is not for its user to change.
            yield from _lenient(policy, grant)


def _admits_stranger(policy: TrustPolicy, grant: WebIdentityGrant) -> bool:
    return admits(policy.document, stranger_of(grant), only=alone(grant)).answer is Answer.YES


def _open(policy: TrustPolicy, grant: WebIdentityGrant, cause: Vacuous) -> Finding:
    shared = shared_issuer(grant.issuer)
    who = f"anything with a token of {grant.issuer.display}"
    if shared is not None:
        who = "any repository on GitHub" if shared is GITHUB else f"every customer of {shared.name}"
    condition, at = cause.condition, cause.at
    witness = _witness(policy, grant)
    trusted = principal_label(grant, "every subject of this issuer is trusted")
    return Finding(
        f"{policy.display} can be assumed by {who}: {condition.operator.display} on {condition.key.display} restricts"
        f" nothing, because {cause.why.value}" + (f"; for example `{witness}` may assume it" if witness else ""),
        at=Label(at, "is met by every token" if cause.why is not Why.NEGATED else "keeps out only what it names"),
        related=labels(
            (condition.operator.span, "counts as met where the key is absent"),
            *((value.span, "is all that is kept out") for value in condition.values if cause.why is Why.NEGATED),
            *((other.at, "restricts nothing either") for other in vacuous(grant) if other != cause),
            (trusted.span, trusted.text),
            beside=at,
        ),
        help=_help(policy, grant, cause),
        subject=f"{policy.origin.address} {condition.operator.display} {condition.key.display}",
        severity=Severity.CRITICAL if shared is not None else None,
    )


def _help(policy: TrustPolicy, grant: WebIdentityGrant, cause: Vacuous) -> str:
    right, key = right_subject(grant), cause.condition.key
    if cause.why in (Why.NEGATED, Why.PRESENCE) and key_of(key).name == "sub":
        return f'Say who is admitted: StringEquals on {key.display} with "{right}".'
    return how_to_bind(policy, grant, "sub", right)


def _witness(policy: TrustPolicy, grant: WebIdentityGrant) -> str | None:
    """A subject that is natural to read and that the policy admits."""
    shared = shared_issuer(grant.issuer)
    tried = [shared.attacker] if shared is not None else [f"{PREFIX}default:attacker", f"{PREFIX}attacker:attacker"]
    for subject in filter(None, tried):
        token = Token(None, (subject,), None, willing=True)
        if admits(policy.document, token, only=alone(grant)).answer is Answer.YES:
            return subject
    return None


def _optional(policy: TrustPolicy, grant: WebIdentityGrant, condition: Condition) -> Finding:
    return Finding(
        f"{policy.display} restricts {condition.key.display} with {condition.operator.display}, which a token of"
        f" {grant.issuer.display} without that claim meets as well, so whoever leaves the claim out is admitted",
        at=Label(condition.operator.span, "is met by an absent claim"),
        related=labels((condition.key.span, "need not be in a token"), beside=condition.operator.span),
        help=f"Use {condition.operator.display.rpartition(':')[2]}, without ForAllValues.",
        subject=f"{policy.origin.address} {condition.operator.display} {condition.key.display}",
        severity=Severity.MEDIUM,
    )


def _operator(condition: Condition) -> Scalar:
    return condition.operator


def _lenient(policy: TrustPolicy, grant: WebIdentityGrant) -> Iterator[Finding]:
    """One finding an operator: all keys under it are the same slip."""
    for written, under in groupby(lenient(grant), key=_operator):
        conditions, operator, place = list(under), written.display, written.span
        keys = ", ".join(dict.fromkeys(condition.key.display for condition in conditions))
        yield Finding(
            f"{policy.display} restricts {keys} with {operator}, which would be met without the claim; every token has"
            " it, so no harm is done",
            at=Label(place, "would be met by an absent claim"),
            related=labels(*((one.key.span, "is in every token") for one in conditions), beside=place),
            help="Use the operator without ForAllValues and IfExists, which says what is meant.",
            subject=f"{policy.origin.address} {operator} {keys}",
            severity=Severity.INFO,
            persona=Persona.PEDANTIC,
        )
