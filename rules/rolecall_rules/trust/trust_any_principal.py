"""The rule `trust-any-principal`."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.iam.patterns import FRESH
from rolecall.iam.trust import (
    WEB_IDENTITY,
    Caller,
    Token,
    admits,
    allows_action,
    assume_actions,
    effect_of,
)
from rolecall.model import PolicyDocument, Principal, Statement, TrustPolicy
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Hole
from rolecall_rules.trust._shared import dropped, labels, speaks_for_text, unevaluated

_OPEN = ("*", "AWS")
_EXAMPLE = "arn:aws:iam::999999999999:role/attacker"


@rule(
    "trust-any-principal",
    summary="anybody with an AWS account can assume the role",
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    yields_to=("trust-duplicate-key",),
    tags=("trust",),
)
def trust_any_principal(policy: TrustPolicy, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds trust policies that admit every AWS principal: `*` or `NotPrincipal` under Allow, with nothing bounding it.

    A condition on the principal's ARN in a concrete account, on its organisation or on the source account bounds the
    star, and so does a Deny. An external id or an address alone is a weak bound: the severity is medium.

    ## Why it matters
    Anybody who has an AWS account, or makes one, calls `sts:AssumeRole` and has the role's permissions.

    ## How to fix it
    Name the principals that need the role. Where a star is needed, bound it with `aws:PrincipalOrgID`, or with
    `ArnLike` on `aws:PrincipalArn` with the account written out.
    """
    if not speaks_for_text(policy, graph):
        return
    for statement in policy.document.statements:
        if effect_of(statement) != "Allow" or not assume_actions(statement):
            continue
        everybody = _everybody(statement)
        if everybody is None:
            anybody = _anybody(statement)
            if anybody is not None:
                yield unevaluated(policy, statement, (anybody,))
            continue
        answer, weak = _admitted(policy.document, statement)
        if answer is Answer.UNKNOWN:
            yield unevaluated(policy, statement, admits(policy.document, Caller(), only=statement).holes)
        elif answer is Answer.YES:
            lost = dropped(statement, partial(_admits_stranger, policy.document))
            yield _finding(policy, statement, everybody, lost, weak=weak)


def _everybody(statement: Statement) -> Principal | None:
    """The principal that stands for everybody; of `NotPrincipal` the first that is left out."""
    if statement.not_principals:
        return statement.not_principals[0]
    return next(
        (one for one in statement.principals if one.type.known in _OPEN and one.value.known == "*"),
        None,
    )


def _anybody(statement: Statement) -> Hole | None:
    """What is unknown of the principals and may be everybody: a variable, an output. What AWS names is somebody."""
    holes = [
        one.value.holes[0]
        for one in statement.principals
        if one.type.known in (*_OPEN, None) and len(one.value.parts) == 1 and one.value.holes
    ]
    holes += [statement.principals_rest] if statement.principals_rest is not None else []
    return next((hole for hole in holes if not _named_by_aws(hole)), None)


def _named_by_aws(hole: Hole) -> bool:
    """Whether a hole is an attribute that AWS gives to a resource or data source, such as its ARN."""
    return bool(hole.references) and not any(
        reference.block.startswith(("var.", "module.", "local.", "each.")) for reference in hole.references
    )


def _admitted(document: PolicyDocument, statement: Statement) -> tuple[Answer, bool]:
    """Whether a stranger gets in, and whether only one who knows an external id or has the right address."""
    stranger = Caller()
    answers = [admits(document, stranger, only=statement).answer]
    if allows_action(statement, WEB_IDENTITY) is Answer.YES:
        token = Token(None, (FRESH,), (FRESH,), willing=True)
        answers.append(admits(document, token, only=statement).answer)
    if Answer.YES in answers:
        strictly = admits(document, replace(stranger, weak=False), only=statement).answer
        return Answer.YES, strictly is not Answer.YES and Answer.YES is answers[0]
    return (Answer.UNKNOWN if Answer.UNKNOWN in answers else Answer.NO), False


def _admits_stranger(document: PolicyDocument, statement: Statement) -> bool:
    return _admitted(document, statement)[0] is Answer.YES


def _finding(
    policy: TrustPolicy, statement: Statement, everybody: Principal, lost: Label | None, *, weak: bool
) -> Finding:
    value = everybody.value
    if statement.not_principals:
        what, label = "NotPrincipal under Allow admits everybody else", "everybody but this is admitted"
    else:
        what, label = f"the principal `{value.display}` is everybody", "admits every AWS account"
    bound = (
        "and only an external id or an address, which others can learn or share, stands in the way"
        if weak
        else "and no condition bounds it"
    )
    return Finding(
        f"{policy.display} can be assumed from any AWS account: {what} {bound}; for example `{_EXAMPLE}` may assume it",
        at=lost or Label(value.span, label),
        related=labels(
            (value.span, label),
            *((condition.span, "does not say who it is") for condition in statement.conditions),
            beside=lost.span if lost else value.span,
        ),
        help="Name the principals, or bound the star with aws:PrincipalOrgID or with aws:PrincipalArn of one account.",
        subject=f"{policy.origin.address} {statement.sid.display if statement.sid else value.display}",
        severity=Severity.MEDIUM if weak else None,
    )
