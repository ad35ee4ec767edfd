"""What the rules about External Secrets have in common: whether it talks to AWS at all."""

from rolecall.graph import Graph
from rolecall.model import Workload

# Where the controller looks for an emulator's address: pkg/provider/aws/auth/resolver.go.
_ELSEWHERE = frozenset({"AWS_SECRETSMANAGER_ENDPOINT", "AWS_SSM_ENDPOINT", "AWS_STS_ENDPOINT"})


def is_emulated(graph: Graph) -> bool:
    """Whether a container of this world points External Secrets at an emulator of AWS."""
    return graph.keep(_is_emulated)


def _is_emulated(graph: Graph) -> bool:
    return any(
        entry.name.known in _ELSEWHERE
        for workload in graph.all(Workload)
        for pod in workload.pods
        for container in pod.containers
        for entry in container.env
    )
