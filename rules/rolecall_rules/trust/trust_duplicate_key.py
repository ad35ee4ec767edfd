"""The rule `trust-duplicate-key`."""

from collections.abc import Iterable, Iterator

from rolecall.graph import Graph
from rolecall.iam.trust import effect_of
from rolecall.model import Condition, Duplicate, Statement, TrustPolicy
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar
from rolecall_rules.trust._shared import speaks_for_text

_SHOWN = 3
_NAMES_ONLY = ("Sid", "Id")


@rule(
    "trust-duplicate-key",
    summary="a key stands twice in one object of a trust policy, and the first is dropped in silence",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://www.rfc-editor.org/rfc/rfc8259#section-4",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    tags=("trust",),
)
def trust_duplicate_key(policy: TrustPolicy, graph: Graph) -> Iterator[Finding]:
    """Finds keys that stand twice in one object of a trust policy: two `StringEquals`, two `Condition`, two `…:sub`.

    The same operator in two statements, and the same test in two `condition` blocks of `aws_iam_policy_document`, are
    no duplicates. Where both say the same, so that nothing is lost, the finding is informational.

    ## Why it matters
    Of equal keys JSON readers keep the last one, and so does `jsonencode`. Nobody complains, and what stood under the
    first is not part of the role: with the condition on `sub` gone, every pod of the cluster can assume it.

    ## How to fix it
    Write the key once and put everything under it: both claims into one `StringEquals`, several values of one claim
    into a list, several actions into a list.
    """
    if not speaks_for_text(policy, graph):
        return
    for duplicate in policy.document.duplicates:
        yield _finding(policy, None, duplicate)
    for statement in policy.document.statements:
        for duplicate in statement.duplicates:
            yield _finding(policy, statement, duplicate)


def _finding(policy: TrustPolicy, statement: Statement | None, duplicate: Duplicate) -> Finding:
    key = duplicate.dropped.display
    lost = _lost(duplicate, statement)
    severity = None
    if not lost:
        severity = Severity.INFO
    elif key in _NAMES_ONLY:
        severity = Severity.LOW
    return Finding(
        f"{policy.display} writes `{key}` twice in one object, of which only the last counts:"
        f" {lost or 'the first could as well not be there'}",
        at=Label(duplicate.dropped.span, "is dropped"),
        related=(Label(duplicate.counts.span, "counts"),),
        help=f"Write `{key}` once, with everything that is meant under it.",
        subject=f"{policy.origin.address} {key}",
        severity=severity,
    )


def _lost(duplicate: Duplicate, statement: Statement | None) -> str:
    """What is no part of the policy any more, in words; nothing where the other key says all of it."""
    if duplicate.dropped.known == "Statement":
        return "every statement under the first is dropped" if duplicate.lost else ""
    asked = {_name(condition) for condition in statement.conditions} if statement is not None else set()
    gone = [condition for condition in duplicate.conditions if _name(condition) not in asked]
    if not gone:
        return f"{_listed(duplicate.lost)} is dropped" if duplicate.lost else ""
    allows = statement is not None and effect_of(statement) == "Allow"
    opened = ", and whoever it kept out may assume the role" if allows else ""
    return f"the condition on {_listed(condition.key for condition in gone)} is dropped{opened}"


def _name(condition: Condition) -> str:
    return condition.key.display.lower()


def _listed(values: Iterable[Scalar]) -> str:
    shown = list(dict.fromkeys(f"`{value.display}`" for value in values))
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return f"{', '.join(shown[:_SHOWN])}{more}"
