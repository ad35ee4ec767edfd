"""The rule `trust-ec2-and-pod-mix`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.iam.conditions import patterns_of
from rolecall.iam.issuers import is_eks
from rolecall.iam.patterns import glob, intersects
from rolecall.iam.trust import ASSUME_ROLE, WebIdentityGrant, allows_action, effect_of
from rolecall.iam.trust_subjects import PREFIX
from rolecall.model import PolicyDocument, TrustPolicy
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar
from rolecall_rules.trust._shared import cluster_grants, labels, speaks_for_text

_EC2 = "ec2."
_PODS = "pods.eks.amazonaws.com"
_SERVICE_ACCOUNTS = glob(f"{PREFIX}*")


@rule(
    "trust-ec2-and-pod-mix",
    summary="one role is for EC2 instances and for pods",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    tags=("trust", "nodes"),
)
def trust_ec2_and_pod_mix(policy: TrustPolicy, graph: Graph) -> Iterator[Finding]:
    """Finds trust policies that let both EC2 instances and pods of a cluster assume one role.

    Pods come in by EKS Pod Identity (`pods.eks.amazonaws.com`) or with the tokens of a cluster's issuer. While an
    application moves from one to the other the mix may be meant: say so with a comment that turns the finding off.

    ## Why it matters
    What the pod needs, every other pod on such an instance can have as well, through the instance's metadata service;
    and the pod gets what the node needs, to join the cluster and to manage its network.

    ## How to fix it
    Make a role of its own for the pods, with their permissions only, and leave `ec2.amazonaws.com` to the node's.
    """
    if not speaks_for_text(policy, graph):
        return
    instances = _service(policy.document, _EC2)
    pods = _pods(policy, graph)
    if instances is None or pods is None:
        return
    yield Finding(
        f"{policy.display} can be assumed by EC2 instances and by {pods[1]}: pods and nodes share its permissions",
        at=Label(instances.span, "trusts EC2 instances"),
        related=labels((pods[0].span, "trusts pods"), beside=instances.span),
        help="Give the pods a role of their own, and the instances one that trusts ec2.amazonaws.com alone.",
        subject=policy.origin.address,
    )


def _service(document: PolicyDocument, name: str) -> Scalar | None:
    """The service that an Allow statement lets assume the role, by the beginning of its name."""
    for statement in document.statements:
        if effect_of(statement) != "Allow" or allows_action(statement, ASSUME_ROLE) is not Answer.YES:
            continue
        for principal in statement.principals:
            first = principal.value.parts[0]
            if principal.type.known == "Service" and isinstance(first, str) and first.startswith(name):
                return principal.value
    return None


def _pods(policy: TrustPolicy, graph: Graph) -> tuple[Scalar, str] | None:
    """The principal through which pods get in, and how a message calls them."""
    service = _service(policy.document, _PODS)
    if service is not None:
        return service, "pods with an association (EKS Pod Identity)"
    for grant in cluster_grants(policy, graph):
        if is_eks(grant.issuer) is Answer.YES or _for_service_accounts(grant):
            return grant.principal.value, f"pods with a token of {grant.issuer.display}"
    return None


def _for_service_accounts(grant: WebIdentityGrant) -> bool:
    subjects = (found for condition in grant.subject.positive for found in patterns_of(condition))
    return any(intersects(found, _SERVICE_ACCOUNTS) is Answer.YES for found in subjects)
