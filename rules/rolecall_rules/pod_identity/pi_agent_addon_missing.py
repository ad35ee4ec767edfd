"""The rule `pi-agent-addon-missing`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.namespaces import same_text
from rolecall.model import Addon, Cluster, HelmRelease, PodIdentityAssociation, UnreadClusterModule, Workload
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule

_AGENT = "eks-pod-identity-agent"


@rule(
    "pi-agent-addon-missing",
    summary="a cluster has Pod Identity associations and no agent to serve them",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    formats=(Platform.TERRAFORM, Platform.EKSCTL),
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html",
        "https://eksctl.io/usage/pod-identity-associations/",
    ),
    tags=("pod-identity",),
)
def pi_agent_addon_missing(cluster: Cluster, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds clusters with associations where no file installs the add-on `eks-pod-identity-agent`.

    High for eksctl, which refuses to create associations without it. Silent with EKS Auto Mode, which has the agent
    already, where a module of others makes the cluster, where a chart or a DaemonSet brings the agent, and where an
    add-on's name is not known. Not evaluated where a module that is not read is given the cluster or is about add-ons.
    An add-on in other files is not seen, hence the medium confidence.

    ## Why it matters
    The webhook points the SDK at the agent's address on the node, 169.254.170.23. Nobody answers there, and the pods
    have no credentials.

    ## How to fix it
    Add the add-on `eks-pod-identity-agent` to the cluster.
    """
    if cluster.auto_mode or cluster.auto_mode_role is not None or cluster.origin.within:
        return
    bound = [one for one in graph.all(PodIdentityAssociation) if is_of(one, cluster)]
    if not bound or _is_there(cluster, graph):
        return
    module = next((one for one in graph.all(UnreadClusterModule) if one.origin.unit == cluster.origin.unit), None)
    if module is not None:
        why = f"{module.origin.address}, which is not read, may install it"
        yield Unevaluated(f"whether {cluster.origin.display} has {_AGENT}", why, cluster.origin.span)
        return
    first = bound[0]
    named = first.service_account or first.role
    # eksctl's clusters have no address but their name; a template of CloudFormation is YAML as well.
    eksctl = " " in cluster.origin.address
    yield Finding(
        f"{cluster.origin.display} has Pod Identity associations and no {_AGENT}: nobody answers pods that ask for"
        " credentials",
        at=Label(cluster.origin.span, "has no agent"),
        related=(Label(named.used if named is not None else first.origin.span, "needs it"),),
        help=f"Add the add-on {_AGENT}.",
        subject=cluster.origin.address,
        severity=Severity.HIGH if eksctl else None,
        confidence=Confidence.HIGH if eksctl else None,
    )


def is_of(association: PodIdentityAssociation, cluster: Cluster) -> bool:
    """Whether an association is of a cluster: declared with it, and not for another by its name."""
    if association.origin.unit != cluster.origin.unit or association.cluster is None:
        return False
    if cluster.name is not None and same_text(association.cluster, cluster.name) is Answer.YES:
        return True
    return any(
        reference.address == cluster.origin.address
        for hole in association.cluster.holes
        for reference in hole.references
    )


def _is_there(cluster: Cluster, graph: Graph) -> bool:
    for addon in graph.all(Addon):
        name = addon.name.known if addon.name is not None else None
        if addon.origin.unit == cluster.origin.unit and name in (None, _AGENT):
            return True
    if any(_AGENT in workload.name.display for workload in graph.all(Workload)):
        return True
    return any(release.chart is None or _AGENT in release.chart.display for release in graph.all(HelmRelease))
