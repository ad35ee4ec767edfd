"""The rule `principaltag-unknown-key`."""

from collections.abc import Iterator

from rolecall import regex
from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.views import WorkloadRole
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.workload_roles._documents import Held, Holder, documents
from rolecall_rules.workload_roles._tags import SESSION_TAGS, is_tagged, tag_uses

# What people write, without punctuation, for each of the tags.
_MEANT = {
    "namespace": "kubernetes-namespace",
    "ns": "kubernetes-namespace",
    "serviceaccount": "kubernetes-service-account",
    "serviceaccountname": "kubernetes-service-account",
    "sa": "kubernetes-service-account",
    "podname": "kubernetes-pod-name",
    "pod": "kubernetes-pod-name",
    "poduid": "kubernetes-pod-uid",
    "cluster": "eks-cluster-name",
    "clustername": "eks-cluster-name",
    "clusterarn": "eks-cluster-arn",
}
_PREFIX = regex.compile(r"(?:kubernetes|k8s|eks)(?:[-_./:]|(?=[a-z]))")
# Without a prefix these may be anybody's own tags.
_BARE = frozenset({"namespace", "serviceaccount", "serviceaccountname", "podname", "poduid"})
_PUNCTUATION = regex.compile(r"[^a-z0-9]")


@rule(
    "principaltag-unknown-key",
    summary="a policy asks for a tag that resembles one of EKS Pod Identity and is none",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    references=("https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html",),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON),
    tags=("pod-identity", "abac"),
)
def principaltag_unknown_key(holder: Holder, graph: Graph) -> Iterator[Finding]:
    """Finds `aws:PrincipalTag/eks-service-account`, `…/kubernetes-serviceaccount`, `…/namespace` and the like.

    EKS Pod Identity sets six tags: `eks-cluster-arn`, `eks-cluster-name`, `kubernetes-namespace`,
    `kubernetes-service-account`, `kubernetes-pod-name`, `kubernetes-pod-uid`. A key that the role has as a tag of its
    own is no finding. A name without a prefix (`namespace`) is one only in a policy of a pod's role.

    ## Why it matters
    Nothing sets the tag, so the condition compares with nothing: an Allow never applies, and neither does a Deny.

    ## How to fix it
    Write the key as EKS Pod Identity sets it.
    """
    for held in documents(holder, graph):
        for statement in held.document.statements:
            for use in tag_uses(statement):
                meant = _meant(use.key, held, graph)
                if meant is not None:
                    yield Finding(
                        f"{held.display} asks for the principal's tag `{use.key}`, which EKS Pod Identity does not set:"
                        " it compares with nothing",
                        at=Label(use.at, f"the tag is `{meant}`"),
                        help=f"Write aws:PrincipalTag/{meant}; only EKS Pod Identity sets it, not IRSA.",
                        subject=f"{held.subject} {use.key}",
                    )


def _meant(key: str, held: Held, graph: Graph) -> str | None:
    """The tag that a key resembles, where nothing can be seen that would set the key."""
    if key in SESSION_TAGS:
        return None
    bare = _PREFIX.sub("", key, count=1)
    meant = _MEANT.get(_PUNCTUATION.sub("", bare))
    if meant is None or any(is_tagged(role, key, graph) is not Answer.NO for role in held.roles):
        return None
    if bare == key:
        workloads = graph.keep(_workloads)
        ours = bool(held.roles) and all(id(role) in workloads for role in held.roles)
        return meant if ours and _PUNCTUATION.sub("", key) in _BARE else None
    return meant


def _workloads(graph: Graph) -> frozenset[int]:
    return frozenset(id(workload.role) for workload in graph.all(WorkloadRole))
