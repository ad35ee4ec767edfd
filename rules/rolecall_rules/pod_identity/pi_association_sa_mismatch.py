"""The rule `pi-association-sa-mismatch`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.graph.namespaces import place_of
from rolecall.graph.service_accounts import associations_with, role_annotation
from rolecall.model import PodIdentityAssociation, ServiceAccount
from rolecall.near import is_near, nearest
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar
from rolecall_rules.workload_roles._shared import is_controller

_COUNTER = 2
_WITHOUT_DIGITS = str.maketrans("", "", "0123456789")


@rule(
    "pi-association-sa-mismatch",
    summary="an association names a service account that is not declared, and one of nearly that name is",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    formats=(Platform.TERRAFORM, Platform.EKSCTL, Platform.CLOUDFORMATION),
    references=("https://docs.aws.amazon.com/eks/latest/userguide/pod-id-association.html",),
    tags=("pod-identity",),
)
def pi_association_sa_mismatch(association: PodIdentityAssociation, graph: Graph) -> Iterator[Finding]:
    """Finds associations for a service account that no file declares, where one is a slip of the pen away.

    That is one in the same namespace whose name differs by a letter or two, one of the same name in a namespace that
    differs so, or the one that comes of swapping namespace and name. It has no role of its own. Any other service
    account that is not among the files is taken to be created elsewhere; so are those of well-known controllers, and
    names that differ as those of several of a kind do (`worker-1`, `worker-2`).

    ## Why it matters
    EKS does not check that the service account of an association exists. The pods that were meant get no credentials
    from it, and their SDK goes on to the node's role or fails.

    ## How to fix it
    Write namespace and name in the association as the service account has them.
    """
    name, namespace = association.service_account, association.namespace
    if name is None or namespace is None or name.known is None or namespace.known is None or not association.certain:
        return
    if name.known == "default" or is_controller(name.known):
        return
    declared = graph.keep(_by_name).get(name.known, ())
    if any(_namespace(one) in (None, namespace.known) for one in declared):
        return
    for at, account, how in _slips(namespace, name, graph):
        if not associations_with(graph, account).every and role_annotation(account) is None:
            yield _finding(association, at, account, how)
            return


def _finding(association: PodIdentityAssociation, at: Scalar, account: ServiceAccount, how: str) -> Finding:
    return Finding(
        f"{association.origin.display} gives a role to a service account that no file declares; {account.display} is"
        " declared, which is nearly that, and gets nothing",
        at=Label(at.used, how),
        related=(Label(account.name.span, "was probably meant"),),
        help="Write namespace and name as the service account has them, if that is the one.",
        subject=f"{association.origin.address} {account.display}",
    )


def _slips(namespace: Scalar, name: Scalar, graph: Graph) -> Iterator[tuple[Scalar, ServiceAccount, str]]:
    """The service accounts that may have been meant, with the text that is then wrong and how."""
    there = graph.keep(_by_namespace)
    where, called = namespace.known or "", name.known or ""
    near = nearest(called, there.get(where, {}))
    if near is not None and not _is_another(called, near):
        yield name, there[where][near], f"nearly {near}"
    if where in there.get(called, {}):
        yield name, there[called][where], "swapped with the other"
    for other, accounts in there.items():
        if called in accounts and is_near(where, other) and not _is_another(where, other):
            yield namespace, accounts[called], f"nearly {other}"


def _is_another(first: str, second: str) -> bool:
    """Whether names differ as those of several of a kind do: `worker-1` and `worker-2`, `team-a` and `team-b`."""
    pairs = list(zip(first.split("-"), second.split("-"), strict=False))
    several = all(a == b or max(len(a), len(b)) <= _COUNTER for a, b in pairs)
    return several or first.translate(_WITHOUT_DIGITS) == second.translate(_WITHOUT_DIGITS)


def _namespace(account: ServiceAccount) -> str | None:
    """The namespace of a service account where it is certain."""
    where = place_of(account)
    return where.namespace.known if where.namespace is not None and not where.open else None


def _by_name(graph: Graph) -> dict[str, list[ServiceAccount]]:
    found: dict[str, list[ServiceAccount]] = {}
    for account in graph.all(ServiceAccount):
        if account.name.known is not None:
            found.setdefault(account.name.known, []).append(account)
    return found


def _by_namespace(graph: Graph) -> dict[str, dict[str, ServiceAccount]]:
    found: dict[str, dict[str, ServiceAccount]] = {}
    for name, accounts in graph.keep(_by_name).items():
        for account in accounts:
            namespace = _namespace(account)
            if namespace is not None:
                found.setdefault(namespace, {})[name] = account
    return found
