"""The rule `condition-key-not-applicable`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.iam.conditions import Presence, holds
from rolecall.iam.globs import matcher
from rolecall.model import Condition, Statement
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar
from rolecall_rules.workload_roles._documents import Holder, allows, documents

# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
_OF_LISTS = frozenset({"s3:prefix", "s3:max-keys", "s3:delimiter"})
_LISTS = ("s3:listbucket", "s3:listbucketversions")
_OBJECT_ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")


@rule(
    "condition-key-not-applicable",
    summary="a condition of listing a bucket keeps objects from being read or written",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html",
    ),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON),
    tags=("least-privilege",),
)
def condition_key_not_applicable(holder: Holder, graph: Graph) -> Iterator[Finding]:
    """Finds Allow statements with `s3:GetObject` or `s3:PutObject` under a condition on `s3:prefix` or `s3:max-keys`.

    Those keys are in requests that list a bucket, and in no others. Where the statement also allows `s3:ListBucket`,
    half of it works: low.

    ## Why it matters
    The key is not in the request, so the statement does not allow it, whatever the condition compares with. The pod
    gets `AccessDenied`, and the next one who looks at it widens the policy.

    ## How to fix it
    Put the condition on a statement with `s3:ListBucket` alone. Limit reading and writing by `Resource`:
    `arn:aws:s3:::bucket/prefix/*`.
    """
    for held in documents(holder, graph):
        for statement in allows(held.document):
            action = _object_action(statement)
            condition = next((each for each in statement.conditions if _keeps_out(each)), None)
            if action is None or condition is None:
                continue
            lists = any(_takes(each, name) for each in statement.actions for name in _LISTS)
            name = next(name for name in _OBJECT_ACTIONS if _takes(action, name))
            yield Finding(
                f"{held.display} allows {name} only with `{condition.key.display}`, which only requests that list a"
                " bucket have, so it never allows it",
                at=Label(condition.key.span, f"is in no request of {name}"),
                related=() if action.span.overlaps(condition.key.span) else (Label(action.span, "never allowed"),),
                help="Limit reading and writing by the Resource, arn:aws:s3:::bucket/prefix/*, and keep the condition"
                " for s3:ListBucket in a statement of its own.",
                subject=f"{held.subject} {condition.key.display}",
                severity=Severity.LOW if lists else Severity.MEDIUM,
            )


def _object_action(statement: Statement) -> Scalar | None:
    """The action on objects that the statement means to allow, on resources that can be objects."""
    if not any("/" in each.display or each.display.endswith("*") for each in statement.resources):
        return None
    return next(
        (each for each in statement.actions if any(_takes(each, name) for name in _OBJECT_ACTIONS)),
        None,
    )


def _takes(action: Scalar, name: str) -> bool:
    return action.known is not None and matcher(action.known.lower())(name.lower())


def _keeps_out(condition: Condition) -> bool:
    """Whether a condition on a key of listings is not met by a request without it."""
    return (condition.key.known or "").lower() in _OF_LISTS and holds(condition, Presence.ABSENT) is Answer.NO
