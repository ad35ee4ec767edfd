"""The rule `trust-conflicting-sub-operators`."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from rolecall.answer import Answer, any_of
from rolecall.graph import Graph
from rolecall.iam.conditions import Family, is_positive, key_of, operator_of, patterns_of
from rolecall.iam.issuers import is_eks, same
from rolecall.iam.patterns import contains, intersects, pattern
from rolecall.iam.trust import WebIdentityGrant
from rolecall.iam.trust_anybody import Requirement, claim
from rolecall.iam.trust_malformed import SUBJECTS, malformed_subjects
from rolecall.model import Condition, TrustPolicy
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Persona, Platform, Severity, rule
from rolecall.tree import Hole, Scalar
from rolecall_rules.trust._shared import grants, labels, speaks_for_text, unevaluated


@rule(
    "trust-conflicting-sub-operators",
    summary="two conditions on the subject exclude each other, so nobody can assume the role",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    yields_to=("trust-duplicate-key",),
    tags=("trust", "oidc"),
)
def trust_conflicting_sub_operators(policy: TrustPolicy, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds statements with several operators on one subject key that no subject meets together.

    Values under one operator are alternatives, but operators are not: a token has to meet each of them. The languages
    of the patterns are intersected, negated operators included. If only some of the values exclude the other
    operator, each of those is a finding of low severity; if one operator says nothing that the other does not say,
    it is informational.

    ## Why it matters
    `StringEquals` for one service account beside `StringLike` for another reads like "this one or those", and means
    "both at once". No token fits, and every pod is refused. Modules that have an input for exact subjects and one for
    patterns make such a statement when both are given.

    ## How to fix it
    Put all values under one operator: under `StringLike` a value without wildcards is exact. Or give each its own
    statement.
    """
    if not speaks_for_text(policy, graph):
        return
    for grant in grants(policy, graph):
        conditions = _on_one_key(grant)
        if len(conditions) < 2 or any(True for _ in malformed_subjects(grant)) or any(map(_is_broken, conditions)):
            continue
        answer = _together(grant, conditions)
        if answer is Answer.UNKNOWN:
            holes = [hole for one in conditions for value in one.values for hole in value.holes]
            rests = [one.rest for one in conditions if one.rest is not None]
            yield unevaluated(policy, grant.statement, (*holes, *rests, Hole("an operator that is not understood")))
        elif answer is Answer.NO:
            if all(_together(grant, (condition,)) is not Answer.NO for condition in conditions):
                yield _conflict(policy, grant, conditions)
        else:
            yield from _needless(policy, grant, conditions)


def _on_one_key(grant: WebIdentityGrant) -> tuple[Condition, ...]:
    """The conditions on the subject whose keys are certainly the same one."""
    found = [(condition, key_of(condition.key).issuer) for condition in grant.subject.conditions]
    first = found[0][1] if found else None
    if first is None:
        return ()
    return tuple(condition for condition, issuer in found if issuer is not None and same(issuer, first) is Answer.YES)


def _is_broken(condition: Condition) -> bool:
    """Whether a wildcard stands under an exact operator: what is wrong is then that."""
    operator = operator_of(condition.operator)
    exact = operator is not None and operator.family is Family.STRING and not operator.like and not operator.negated
    return exact and any(pattern(value, like=True).wild for value in condition.values)


def _together(grant: WebIdentityGrant, conditions: Sequence[Condition]) -> Answer:
    fixed = SUBJECTS if is_eks(grant.issuer) is Answer.YES else None
    return claim([Requirement(condition) for condition in conditions], fixed).answer


def _conflict(policy: TrustPolicy, grant: WebIdentityGrant, conditions: tuple[Condition, ...]) -> Finding:
    pair = next((pair for pair in combinations(conditions, 2) if _together(grant, pair) is Answer.NO), conditions)
    # What is written out is surely meant, so it is what is kept out.
    first = next(
        (one for one in pair if is_positive(one) and not _is_like(one)), next(filter(is_positive, pair), pair[0])
    )
    others = [one for one in pair if one is not first]
    value = first.values[0] if first.values else first.key
    return Finding(
        f"{policy.display} lets nobody in through {grant.issuer.display}: a subject that {_asks(first)} cannot also be"
        f" one that {' and '.join(map(_asks, others))}, and both are required",
        at=Label(value.span, f"is under {first.operator.display}"),
        related=labels(
            *(
                (
                    (one.values[0] if one.values else one.key).span,
                    f"is under {one.operator.display}, and has to fit too",
                )
                for one in others
            ),
            (grant.principal.value.used, "the issuer whose tokens are trusted"),
            beside=value.span,
        ),
        help="Put all subjects under one StringLike, where a value without wildcards is exact, or make two statements.",
        subject=f"{policy.origin.address} {grant.issuer.display}",
    )


def _is_like(condition: Condition) -> bool:
    operator = operator_of(condition.operator)
    return operator is not None and operator.like


def _asks(condition: Condition) -> str:
    shown = " or ".join(f"`{value.display}`" for value in condition.values[:2])
    more = " or …" if len(condition.values) > 2 else ""
    if not is_positive(condition):
        return f"meets {condition.operator.display} {shown}{more}"
    return f"{'matches' if _is_like(condition) else 'is'} {shown}{more}"


def _needless(policy: TrustPolicy, grant: WebIdentityGrant, conditions: tuple[Condition, ...]) -> Iterator[Finding]:
    """What of two positive conditions admits nobody because of the other, or says nothing besides the other."""
    positive = [one for one in conditions if is_positive(one) and one.rest is None]
    for first, second in combinations(positive, 2):
        dead = [(value, other) for one, other in ((first, second), (second, first)) for value in _dead(one, other)]
        for value, other in dead:
            yield _dead_value(policy, value, other)
        wider = next((one for one, other in ((first, second), (second, first)) if _within(other, one)), None)
        if wider is not None and not dead:
            narrower = second if wider is first else first
            yield _redundant(policy, grant, wider, narrower)
            return


def _dead(condition: Condition, other: Condition) -> Iterator[Scalar]:
    """The values of a condition that share no text with any of another's."""
    for value, found in zip(condition.values, patterns_of(condition), strict=True):
        if any_of(intersects(found, one) for one in patterns_of(other)) is Answer.NO:
            yield value


def _within(condition: Condition, other: Condition) -> bool:
    """Whether each text that meets a condition meets another."""
    return all(
        any(contains(one, found) is Answer.YES for one in patterns_of(other)) for found in patterns_of(condition)
    )


def _dead_value(policy: TrustPolicy, value: Scalar, other: Condition) -> Finding:
    return Finding(
        f"{policy.display} names the subject `{value.display}`, but a subject has also to be one that {_asks(other)},"
        " so this value admits nobody",
        at=Label(value.span, f"is kept out by {other.operator.display}"),
        related=labels((other.operator.span, "has to be met as well"), beside=value.span),
        help="Put all subjects under one StringLike, where a value without wildcards is exact.",
        subject=f"{policy.origin.address} {value.display}",
        severity=Severity.LOW,
    )


def _redundant(policy: TrustPolicy, grant: WebIdentityGrant, wider: Condition, narrower: Condition) -> Finding:
    place = wider.values[0] if wider.values else wider.key
    return Finding(
        f"{policy.display} asks twice for the subject of {grant.issuer.display}: what {_asks(narrower)} meets"
        f" {wider.operator.display} as well, and nothing else is admitted",
        at=Label(place.span, "adds nothing"),
        related=labels((narrower.operator.span, "decides alone"), beside=place.span),
        help=f"Leave {wider.operator.display} out or, if its subjects are meant as well, put all subjects under it.",
        subject=f"{policy.origin.address} {grant.issuer.display} {place.display}",
        severity=Severity.INFO,
        persona=Persona.PEDANTIC,
    )
