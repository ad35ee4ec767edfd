"""What these rules have in common: whether a controller talks to AWS at all, and what a chart may do unseen."""

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.namespaces import same_text
from rolecall.graph.views import ServiceAccountRole
from rolecall.model import ServiceAccount, Workload

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


def may_be_annotated_by_a_chart(account: ServiceAccount, graph: Graph) -> bool:
    """Whether an account may have annotations that are not seen.

    A template may leave them open, and a module of others that makes a role for an account of that name may install a
    chart that annotates it.
    """
    return account.may_be_annotated or any(
        _is_installed_with(binding, account) for binding in graph.all(ServiceAccountRole)
    )


def _is_installed_with(binding: ServiceAccountRole, account: ServiceAccount) -> bool:
    if binding.name.known != account.name.known or not binding.declared.origin.within:
        return False
    if binding.namespace is None or account.namespace is None:
        return True
    return same_text(binding.namespace, account.namespace) is not Answer.NO
