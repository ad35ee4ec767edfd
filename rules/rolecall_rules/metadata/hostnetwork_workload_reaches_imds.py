"""The rule `hostnetwork-workload-reaches-imds`."""

import re
from collections.abc import Iterator

from rolecall import regex
from rolecall.chain.metadata import is_disabled
from rolecall.graph import Graph
from rolecall.graph.views import NodeMetadata, NodeRole
from rolecall.model import Workload
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule

_SYSTEM = frozenset({"kube-system", "kube-public", "kube-node-lease", "calico-system", "tigera-operator", "cilium"})
# What runs on the host's network by its nature: network and storage plugins, what watches or guards the node.
_AGENTS = regex.compile(
    r"""(?:^|[-_/])(?:
        aws-node | vpc-cni | kube-proxy | calico | cilium | flannel | weave | antrea | multus | canal | tigera
        | csi | cni | node-?local-?dns | metallb | kube-vip
        | node-?exporter | datadog | fluent-?(?:bit|d) | promtail | alloy | vector | filebeat | metricbeat | telegraf
        | cloudwatch | otel | opentelemetry | newrelic | nri | dynatrace | oneagent | instana | splunk | sysdig | falco
        | node-?termination-?handler | node-?problem-?detector | pod-identity-agent | kube2iam | kiam | ssm-agent
    )(?:$|[-_:@/.\d])""",
    re.VERBOSE,
)


@rule(
    "hostnetwork-workload-reaches-imds",
    summary="a pod on the host's network holds a node role that may do more than run nodes",
    severity=Severity.INFO,
    confidence=Confidence.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
        "https://karpenter.sh/docs/concepts/nodeclasses/",
    ),
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    tags=("imds", "node-role"),
)
def hostnetwork_workload_reaches_imds(subject: Workload, graph: Graph) -> Iterator[Finding]:
    """Finds workloads with `hostNetwork: true` where a node role here has more than nodes need.

    Silent in `kube-system` and the namespaces of network plugins, for network, storage and monitoring agents, and
    where the metadata service is off. Of low confidence where the namespace is not
    written, or where these files declare nodes in several places.

    ## Why it matters
    Neither the hop limit nor a NetworkPolicy keeps a pod on the host's network from the metadata service: it has the
    node role's credentials, whatever role its service account has.

    ## How to fix it
    Take `hostNetwork` away if the workload does not need it, or take from the node role what nodes do not need.
    """
    namespace = subject.namespace.known if subject.namespace is not None else None
    if namespace in _SYSTEM:
        return
    broad = _beyond_baseline(graph)
    if broad is None:
        return
    for pod in subject.pods:
        if pod.host_network is not True or pod.host_network_at is None:
            continue
        if subject.origin.is_possible(pod.host_network_at, pod.span):
            continue
        images = (container.image.display for container in pod.containers if container.image is not None)
        if any(_AGENTS.search(text.lower()) for text in (subject.name.display, *images)):
            continue
        node, what = broad
        yield Finding(
            f"{subject.display} runs on the host's network, so it gets the credentials of {node.role.display} from the"
            f" metadata service, whatever the hop limit, and that has {what}",
            at=Label(pod.host_network_at, "no hop limit applies"),
            related=(Label(node.role.origin.span, "the node role"),),
            help="Run it on the pod network, or reduce the node role to what nodes need.",
            subject=subject.display,
            confidence=Confidence.LOW if namespace is None or _are_several(graph) else None,
        )


def _are_several(graph: Graph) -> bool:
    """Whether the nodes of these files are of several clusters, as far as that shows."""
    return len({node.role.origin.unit for node in graph.all(NodeRole)}) > 1


def _beyond_baseline(graph: Graph) -> tuple[NodeRole, str] | None:
    """A node role that may do more than run nodes, and what; None where the metadata service is off on all nodes."""
    found = graph.all(NodeMetadata)
    if found and all(each.options is not None and is_disabled(each.options) for each in found):
        return None
    for node in graph.all(NodeRole):
        for _, permission in (*node.permissions, *node.data):
            return node, permission.what
    return None
