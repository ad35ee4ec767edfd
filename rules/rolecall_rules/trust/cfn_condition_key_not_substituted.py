"""The rule `cfn-condition-key-not-substituted`."""

from collections.abc import Iterator, Sequence

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.iam.conditions import Presence, holds
from rolecall.model import Condition, Statement, TrustPolicy
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.trust._shared import labels, outcome_without_key, speaks_for_text


@rule(
    "cfn-condition-key-not-substituted",
    summary="a condition key of a CloudFormation role has `${…}` in it, which stays as it is written",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-sub.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif",
    ),
    formats=(Platform.CLOUDFORMATION,),
    tags=("trust", "oidc", "cloudformation"),
)
def cfn_condition_key_not_substituted(policy: TrustPolicy, graph: Graph) -> Iterator[Finding]:
    """Finds condition keys with `${…}` in a trust policy that a template writes as a mapping, and keys by a function.

    CloudFormation evaluates functions in values only. A document that is one text under `Fn::Sub` is a value: there
    `${…}` is put in everywhere, in keys as well.

    ## Why it matters
    IAM gets the key with `${…}` in it as it is written, and no token has a key of that name. Under `StringEquals` the
    comparison fails, and no pod can assume the role. With `…IfExists`, `ForAllValues:` or a negated operator an absent
    key counts as met: then nothing is restricted at all. Of a key that is a function CloudFormation says that keys have
    to be strings, and makes nothing.

    ## How to fix it
    Write the whole document as JSON in a text under `Fn::Sub`: `AssumeRolePolicyDocument: !Sub |` and the document
    below. What is put into the key is the issuer without `https://`, for example
    `!Select [1, !Split ["//", !GetAtt Cluster.OpenIdConnectIssuerUrl]]` as a variable of the `Fn::Sub`; `Ref` of the
    provider is its ARN.
    """
    if not policy.literal_keys or not speaks_for_text(policy, graph):
        return
    for statement in policy.document.statements:
        written = [condition for condition in statement.conditions if "${" in (condition.key.known or "")]
        called = [
            condition for condition in statement.conditions if condition.key.known is None and _is_function(condition)
        ]
        if called:
            yield _refused(policy, called)
        elif written:
            yield _kept(policy, statement, written)


def _is_function(condition: Condition) -> bool:
    """Whether all of a key is something that is not text."""
    return not any(isinstance(part, str) for part in condition.key.parts)


def _kept(policy: TrustPolicy, statement: Statement, conditions: Sequence[Condition]) -> Finding:
    """All keys of one statement are one mistake. One that is never met decides, whatever the others are."""
    first, *others = sorted(conditions, key=lambda condition: holds(condition, Presence.ABSENT) is not Answer.NO)
    return Finding(
        f"{policy.display} asks for `{first.key.display}`, which CloudFormation sends to IAM as it is written: no token"
        f" has such a key, {outcome_without_key(statement, first)}",
        at=Label(first.key.span, "is a key, in which nothing is put in"),
        related=labels(*((other.key.span, "likewise") for other in others), beside=first.key.span),
        help="Make the document a text under Fn::Sub, and put in the issuer without https://.",
        subject=f"{policy.origin.address} {first.key.display}",
    )


def _refused(policy: TrustPolicy, conditions: Sequence[Condition]) -> Finding:
    first, *others = conditions
    return Finding(
        f"a condition of {policy.display} has a function for its key: CloudFormation takes only strings for keys and"
        " refuses the template",
        at=Label(first.key.span, "is a key, and has to be a string"),
        related=labels(*((other.key.span, "likewise") for other in others), beside=first.key.span),
        help="Make the document a text under Fn::Sub, and put in the issuer without https://.",
        subject=f"{policy.origin.address} {first.operator.display}",
    )
