"""The rule `workload-sa-not-found`."""

from collections.abc import Iterator

from rolecall.chain.uses import evidence_of_aws
from rolecall.graph import Graph
from rolecall.graph.views import IrsaBinding, PodContainer
from rolecall.model import ServiceAccount
from rolecall.near import nearest
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule


@rule(
    "workload-sa-not-found",
    summary="a pod names a service account that is not declared, and that differs by a letter from one that is",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=("https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/",),
    tags=("irsa",),
)
def workload_sa_not_found(subject: PodContainer, graph: Graph) -> Iterator[Finding]:
    """Finds pods that call AWS as a service account that is not declared, beside an annotated one of nearly its name.

    The two are of one namespace. Any other service account that is not among the files is taken to be created
    elsewhere, and is passed over.

    ## Why it matters
    Kubernetes creates no pod whose service account does not exist: the workload stays at zero pods with an event that
    says `serviceaccount not found`. Where one of that name happens to exist, the pods run without the role.

    ## How to fix it
    Write the name as the service account has it.
    """
    name, workload = subject.pod.service_account, subject.workload
    namespace = workload.namespace.known if workload.namespace is not None else None
    if name is None or name.known is None or namespace is None or subject.runs_as.service_account is not None:
        return
    if subject.pod.containers[:1] != (subject.container,) or name.known == "default":
        return
    there: dict[str, dict[str, ServiceAccount]] = graph.keep(_by_namespace)
    accounts = there.get(namespace, {})
    if name.known in graph.keep(_names):
        return
    near = nearest(name.known, accounts)
    if near is None or evidence_of_aws(subject) is None:
        return
    yield Finding(
        f"{workload.display} runs as service account {name.known}, which these files do not declare in {namespace};"
        f" they declare {near}",
        at=Label(name.span, f"nearly {near}"),
        related=(Label(accounts[near].name.span, "was probably meant"),),
        help=f"Write {near}, if that is the one.",
        subject=f"{workload.display} {name.known}",
    )


def _by_namespace(graph: Graph) -> dict[str, dict[str, ServiceAccount]]:
    found: dict[str, dict[str, ServiceAccount]] = {}
    for binding in graph.all(IrsaBinding):
        account = binding.service_account
        namespace = account.namespace.known if account.namespace is not None else None
        if namespace is not None and account.name.known is not None:
            found.setdefault(namespace, {})[account.name.known] = account
    return found


def _names(graph: Graph) -> frozenset[str]:
    """The names of all service accounts: one may be in a namespace that is not written."""
    return frozenset(one.name.known for one in graph.all(ServiceAccount) if one.name.known is not None)
