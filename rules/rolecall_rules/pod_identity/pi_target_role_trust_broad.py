"""The rule `pi-target-role-trust-broad`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.roles import role_of
from rolecall.iam.arns import role_account
from rolecall.iam.trust import admits
from rolecall.model import PodIdentityAssociation
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.trust._shared import anybody_in, unevaluated, whole_accounts


@rule(
    "pi-target-role-trust-broad",
    summary="the target role of an association can be assumed by everybody in the cluster's account",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    formats=(Platform.TERRAFORM, Platform.EKSCTL, Platform.CLOUDFORMATION),
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts",
    ),
    tags=("pod-identity", "trust"),
)
def pi_target_role_trust_broad(association: PodIdentityAssociation, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds target roles of associations whose trust policy names another account as a whole, without a condition.

    A condition on the principal's ARN, organisation or tags, on the session tags that EKS sends (`aws:RequestTag/…`)
    or on an external id bounds the trust. A statement for `sts:TagSession` alone lets nobody in. Where the account of
    the target role is not written, the rule is silent.

    ## Why it matters
    Only the association's role needs the target. As it is, every principal of the account may become it that is allowed
    `sts:AssumeRole` on everything: other pods, pipelines, people.

    ## How to fix it
    Name the association's role as the principal, or require it with `aws:PrincipalArn`; `aws:RequestTag` on
    `kubernetes-namespace` and `kubernetes-service-account` narrows it to the pods that are meant.
    """
    target = association.target_role
    role = role_of(graph, target)
    if target is None or role is None or role.trust is None:
        return
    policy = role.trust
    own = (policy.account.known if policy.account is not None else None) or role_account(target)
    if own is None:
        return
    for statement, value, account in whole_accounts(policy.document, own):
        verdict = admits(policy.document, anybody_in(account), only=statement)
        if verdict.answer is Answer.UNKNOWN:
            yield unevaluated(policy, statement, verdict.holes)
        elif verdict.answer is Answer.YES:
            yield Finding(
                f"{role.display} is the target role of {association.origin.display}, and any principal of account"
                f" {account} can assume it that this account lets, not only the association's role",
                at=Label(value.span, "is the whole account"),
                related=(Label(target.used, "is the association's target role"),),
                help="Name the association's role as the principal, or require it with aws:PrincipalArn.",
                subject=f"{policy.origin.address} {account}",
            )
