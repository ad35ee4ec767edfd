"""The rule `trust-sub-unknown-namespace-squat`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.namespaces import ByName, Place, place_of, same_text
from rolecall.graph.views import IrsaBinding, ServiceAccountRole
from rolecall.model import HelmRelease, KubernetesObject, ServiceAccount, TrustPolicy, Workload
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar

# What installs things that these files do not show.
_INSTALLERS = frozenset({"Application", "ApplicationSet", "HelmChart", "HelmRelease"})


@rule(
    "trust-sub-unknown-namespace-squat",
    summary="a trust policy names a service account that does not exist in a namespace that does",
    severity=Severity.INFO,
    confidence=Confidence.LOW,
    references=("https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",),
    formats=(Platform.KUBERNETES, Platform.IAM_JSON, Platform.TERRAFORM),
    tags=("trust", "irsa"),
)
def trust_sub_unknown_namespace_squat(named: ServiceAccountRole, graph: Graph) -> Iterator[Finding]:
    """Finds subjects of trust policies whose service account no manifest declares, in a namespace that is kept here.

    That a namespace is kept here is told by another service account of it, one with a role. Nothing may install more
    than these files show, such as a Helm release or an Argo CD application, and no pod may run as the service account.
    An operator may still make it.

    ## Why it matters
    Nobody uses the name. Whoever may create service accounts in that namespace, perhaps for an application that is
    long gone, becomes the role with one manifest.

    ## How to fix it
    Remove the subject from the trust policy, or correct the name.
    """
    namespace, name = named.namespace, named.name
    if not isinstance(named.declared, TrustPolicy) or namespace is None or not _is_plain(namespace, name):
        return
    where = Place(namespace)
    neighbour = _neighbour(graph, where)
    if neighbour is None or _installs_more(graph, namespace):
        return
    if _is_there(graph, name, where) or _is_bound(graph, named):
        return
    yield Finding(
        f"{named.declared.display} trusts `{name.display}` in namespace {namespace.display}, where these files declare"
        " no such service account: whoever may create one there becomes the role",
        at=Label(named.at, "names a service account that nothing declares"),
        related=(Label(neighbour.name.span, "another service account of the namespace"),),
        help="Remove the subject, or correct the service account's name.",
        subject=f"{named.declared.origin.address} {namespace.display}:{name.display}",
    )


def _is_plain(namespace: Scalar, name: Scalar) -> bool:
    """Whether both are known names, and not ones that Kubernetes fills itself."""
    first, second = namespace.known, name.known
    if first is None or second is None or any(wild in first + second for wild in "*?"):
        return False
    return second != "default" and not first.startswith("kube-")


def _neighbour(graph: Graph, where: Place) -> ServiceAccount | None:
    """A service account with a role that is certainly in a namespace."""
    return graph.keep(_with_roles).get(where.namespace.known if where.namespace is not None else None)


def _with_roles(graph: Graph) -> dict[str | None, ServiceAccount]:
    found: dict[str | None, ServiceAccount] = {}
    for binding in graph.all(IrsaBinding):
        where = place_of(binding.service_account)
        if not where.open and where.namespace is not None and where.namespace.known is not None:
            found.setdefault(where.namespace.known, binding.service_account)
    return found


def _installs_more(graph: Graph, namespace: Scalar) -> bool:
    """Whether something installs objects that are not seen, perhaps in this namespace."""
    if graph.keep(_installers):
        return True
    releases = graph.all(HelmRelease)
    return any(one.namespace is None or same_text(namespace, one.namespace) is not Answer.NO for one in releases)


def _installers(graph: Graph) -> bool:
    return any(one.kind in _INSTALLERS for one in graph.all(KubernetesObject))


def _is_there(graph: Graph, name: Scalar, where: Place) -> bool:
    """Whether a manifest may declare the service account, or a pod runs as it."""
    accounts = graph.keep(_accounts)
    found = accounts.find(name, where)
    unsure = accounts.unsure(name, where)
    return bool(found.certain or found.possible or unsure) or name.known in graph.keep(_run_as)


def _accounts(graph: Graph) -> ByName[ServiceAccount]:
    return ByName((account, account.name, place_of(account)) for account in graph.all(ServiceAccount))


def _run_as(graph: Graph) -> frozenset[str | None]:
    pods = (pod for workload in graph.all(Workload) for pod in workload.pods)
    return frozenset(pod.service_account.known for pod in pods if pod.service_account is not None)


def _is_bound(graph: Graph, named: ServiceAccountRole) -> bool:
    """Whether another service account is given the role: a misspelt name, perhaps, of which others speak."""
    return named.role is not None and id(named.role) in graph.keep(_bound)


def _bound(graph: Graph) -> frozenset[int]:
    found = (one for one in graph.all(ServiceAccountRole) if not isinstance(one.declared, TrustPolicy))
    return frozenset(id(one.role) for one in found)
