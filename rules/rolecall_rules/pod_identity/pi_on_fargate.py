"""The rule `pi-on-fargate`."""

from collections import defaultdict
from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.chain.fargate import selecting, selects
from rolecall.graph import Graph
from rolecall.graph.namespaces import same_text
from rolecall.graph.views import PodContainer
from rolecall.iam.globs import matcher
from rolecall.model import FargateProfile, FargateSelector, Pod, PodIdentityAssociation, Workload
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule

_DAEMON_SET = "DaemonSet"
# Those of EKS add-ons. A DaemonSet's pods do not run on Fargate:
# https://docs.aws.amazon.com/eks/latest/userguide/fargate.html
_OF_DAEMON_SETS = {
    ("kube-system", "aws-node"),
    ("kube-system", "s3-csi-driver-sa"),
    ("amazon-cloudwatch", "cloudwatch-agent"),
}


@rule(
    "pi-on-fargate",
    summary="a Pod Identity association is for pods that run on Fargate, where there is none",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.TERRAFORM, Platform.EKSCTL, Platform.KUBERNETES, Platform.CLOUDFORMATION),
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html",
    ),
    tags=("pod-identity",),
)
def pi_on_fargate(association: PodIdentityAssociation, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds associations whose service account is in a namespace that a Fargate profile of the same cluster selects.

    A selector with labels counts where a pod of the service account has them all. Where no pod of it is among the files
    the severity is medium: its pods may have them. The pods of a DaemonSet, such as those of the VPC CNI, never run on
    Fargate.

    ## Why it matters
    EKS Pod Identity needs its agent on the node, and Fargate has no node to run it on. The webhook points the SDK at an
    address where nobody answers, and the pod gets no credentials.

    ## How to fix it
    Use IRSA for pods on Fargate, or let the profile's selector leave these pods to EC2 nodes.
    """
    namespace = association.namespace.known if association.namespace is not None else None
    account = association.service_account
    if namespace is None or account is None or association.cluster is None:
        return
    kinds = {workload.kind for workload, _ in _pods(graph).get(id(association), {}).values()}
    if kinds == {_DAEMON_SET} or (not kinds and (namespace, account.known) in _OF_DAEMON_SETS):
        return
    for profile in graph.all(FargateProfile):
        if profile.cluster is None or same_text(association.cluster, profile.cluster) is not Answer.YES:
            continue
        for selector in profile.selectors:
            pattern = selector.namespace.known if selector.namespace is not None else None
            if pattern is None or selector.namespace is None or not matcher(pattern)(namespace):
                continue
            bound = _pods(graph).get(id(association), {})
            matches = selects(selector, tuple(pod for _, pod in bound.values()))
            if matches is Answer.UNKNOWN and selector.labels_rest is not None:
                what = f"whether pods of {namespace}/{account.display} run on Fargate"
                yield Unevaluated(what, selector.labels_rest.why, selector.namespace.span)
            if matches is Answer.NO or selector.labels_rest is not None:
                continue
            certain = matches is Answer.YES
            which = "run" if certain else "with the labels of its selector run"
            yield Finding(
                f"pods of {namespace}/{account.display} {which} on Fargate, where there is no Pod Identity agent, so"
                " their association gives them no credentials",
                at=Label(account.used, "associated, and selected for Fargate"),
                related=(
                    Label(selector.namespace.used, "selects the namespace"),
                    *_labels(selector, bound),
                ),
                help="Use IRSA for this service account, or narrow the profile's selector.",
                subject=f"{association.origin.address} {profile.origin.address}",
                severity=None if certain else Severity.MEDIUM,
                confidence=None if certain else Confidence.MEDIUM,
            )
            return


def _labels(selector: FargateSelector, bound: dict[int, tuple[Workload, Pod]]) -> Iterator[Label]:
    """The workload whose pods are selected, if labels decide."""
    if selector.labels:
        pod = selecting(selector, tuple(pod for _, pod in bound.values()))
        if pod is not None:
            yield Label(bound[id(pod)][0].name.span, "is selected")


def _pods(graph: Graph) -> dict[int, dict[int, tuple[Workload, Pod]]]:
    return graph.keep(_by_association)


def _by_association(graph: Graph) -> dict[int, dict[int, tuple[Workload, Pod]]]:
    """The pods that each association binds."""
    found: dict[int, dict[int, tuple[Workload, Pod]]] = defaultdict(dict)
    for container in graph.all(PodContainer):
        for association in container.runs_as.associations:
            found[id(association)][id(container.pod)] = (container.workload, container.pod)
    return found
