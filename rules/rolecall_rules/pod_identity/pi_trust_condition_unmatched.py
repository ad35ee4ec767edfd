"""The rule `pi-trust-condition-unmatched`."""

from collections.abc import Iterator

from rolecall.answer import Answer, all_of
from rolecall.graph import Graph
from rolecall.iam.conditions import holds, is_positive, operator_of
from rolecall.iam.patterns import literal
from rolecall.model import Condition, PodIdentityAssociation, TrustPolicy
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar
from rolecall_rules.pod_identity._shared import PodStatement, associations_of, pod_statements
from rolecall_rules.workload_roles._tags import SESSION_TAGS

_REQUEST_TAG, _PRINCIPAL_TAG = "aws:requesttag/", "aws:principaltag/"


@rule(
    "pi-trust-condition-unmatched",
    summary="a trust policy asks EKS Pod Identity for a tag that none of the role's associations has",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.TERRAFORM, Platform.IAM_JSON, Platform.EKSCTL),
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html",
    ),
    tags=("pod-identity", "trust"),
)
def pi_trust_condition_unmatched(policy: TrustPolicy, graph: Graph) -> Iterator[Finding]:
    """Finds trust in EKS Pod Identity under conditions on tags that EKS does not send, or sends with another value.

    EKS sends six: the cluster's name and ARN, the namespace, the service account, and the pod's name and uid.
    Conditions on the namespace, the service account and the cluster's name are compared with the associations of
    the role that are among the files; one that fits is enough. `aws:PrincipalTag` is never set here: the caller is
    EKS, and the tags are those of the request.

    ## Why it matters
    EKS may not assume the role, and pods of the association get no credentials. The agent answers them with an error,
    and nothing says so before.

    ## How to fix it
    Write the tag as EKS sends it (`aws:RequestTag/kubernetes-namespace`, …), with the association's own values.
    """
    for one in pod_statements(policy.document):
        wrong = _wrong_key(one)
        if wrong is not None:
            condition, words = wrong
            yield Finding(
                f"{policy.display} asks EKS Pod Identity for {condition.key.display}, {words}: EKS may not assume"
                " the role",
                at=Label(condition.key.span, "is never sent"),
                help="Use one of the tags that EKS sends, under aws:RequestTag.",
                subject=f"{policy.origin.address} {condition.key.display}",
            )
            continue
        yield from _compared(policy, one, associations_of(policy, graph))


def _wrong_key(one: PodStatement) -> tuple[Condition, str] | None:
    for condition in one.statement.conditions:
        key = (condition.key.known or "").lower()
        operator = operator_of(condition.operator)
        if not is_positive(condition) or operator is None or operator.if_exists:
            continue
        if key.startswith(_PRINCIPAL_TAG):
            return condition, "which a call of EKS does not have"
        if key.startswith(_REQUEST_TAG) and key.removeprefix(_REQUEST_TAG) not in SESSION_TAGS:
            return condition, "a tag that EKS does not send"
    return None


def _compared(
    policy: TrustPolicy, one: PodStatement, associations: tuple[PodIdentityAssociation, ...]
) -> Iterator[Finding]:
    """Conditions that no association meets."""
    conditions = [each for each in one.statement.conditions if _value(each, None) is not None]
    if not conditions or not associations or any(not each.certain for each in associations):
        return
    fits = [all_of(_meets(condition, each) for condition in conditions) for each in associations]
    if any(answer is not Answer.NO for answer in fits):
        return
    first = associations[0]
    condition = next(each for each in conditions if _meets(each, first) is Answer.NO)
    written = condition.values[0] if condition.values else condition.key
    sent = _value(condition, first)
    text = sent.display if isinstance(sent, Scalar) else ""
    named = first.service_account or first.role
    yield Finding(
        f"{policy.display} asks EKS Pod Identity for {condition.key.display} `{written.display}`, and its"
        " association has"
        f" `{text}`: EKS may not assume the role, and its pods get no credentials",
        at=Label(written.span, f"the association has {text}"),
        related=(Label(named.used if named is not None else first.origin.span, "the association"),),
        help="Write the association's own value.",
        subject=f"{policy.origin.address} {condition.key.display}",
    )


def _meets(condition: Condition, association: PodIdentityAssociation) -> Answer:
    value = _value(condition, association)
    if not isinstance(value, Scalar) or value.known is None:
        return Answer.UNKNOWN
    return holds(condition, literal(value.known))


def _value(condition: Condition, association: PodIdentityAssociation | None) -> Scalar | bool | None:
    """What EKS sends for a condition's key; None for a key that is not compared, True where no association is given."""
    key = (condition.key.known or "").lower().removeprefix(_REQUEST_TAG)
    if not (condition.key.known or "").lower().startswith(_REQUEST_TAG):
        return None
    found = {
        "kubernetes-namespace": "namespace",
        "kubernetes-service-account": "service_account",
        "eks-cluster-name": "cluster",
    }.get(key)
    if found is None:
        return None
    if association is None:
        return True
    value: Scalar | None = getattr(association, found)
    return value if value is not None else False
