"""The rule `pi-cluster-version`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.model import Cluster, PodIdentityAssociation
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.pod_identity.pi_agent_addon_missing import is_of

_FIRST = 24


@rule(
    "pi-cluster-version",
    summary="a cluster that is too old for Pod Identity has associations",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    formats=(Platform.TERRAFORM, Platform.EKSCTL),
    references=("https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html",),
    tags=("pod-identity",),
)
def pi_cluster_version(cluster: Cluster, graph: Graph) -> Iterator[Finding]:
    """Finds clusters whose version is written and below 1.24 with Pod Identity associations.

    ## Why it matters
    EKS Pod Identity begins with Kubernetes 1.24. The associations have no effect before.

    ## How to fix it
    Upgrade the cluster, or use IRSA.
    """
    version = cluster.version.known if cluster.version is not None else None
    major, _, minor = (version or "").partition(".")
    if cluster.version is None or major != "1" or not minor.isdecimal() or int(minor) >= _FIRST:
        return
    bound = next((one for one in graph.all(PodIdentityAssociation) if is_of(one, cluster)), None)
    if bound is None:
        return
    named = bound.service_account or bound.role
    yield Finding(
        f"{cluster.origin.display} runs Kubernetes {version} and has Pod Identity associations, which need 1.{_FIRST}",
        at=Label(cluster.version.used, f"before 1.{_FIRST}"),
        related=(Label(named.used if named is not None else bound.origin.span, "has no effect"),),
        help="Upgrade the cluster, or use IRSA.",
        subject=cluster.origin.address,
    )
