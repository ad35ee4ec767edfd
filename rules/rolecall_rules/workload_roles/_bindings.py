"""Which service accounts a role is for, as declarations name them."""

from collections.abc import Iterator

from rolecall import regex
from rolecall.graph.views import ServiceAccountRole, WorkloadRole
from rolecall.model import PodIdentityAssociation, PolicyDocument, Role, ServiceAccount, TrustPolicy
from rolecall_rules.workload_roles._documents import allows

_PODS = "pods.eks.amazonaws.com"


def trusts_pods(role: Role) -> bool | None:
    """Whether EKS Pod Identity may assume a role; None where its trust policy is not seen, or not all of it."""
    if role.trust is None:
        return None
    found = any(
        principal.type.known == "Service" and principal.value.known == _PODS
        for statement in allows(role.trust.document)
        for principal in statement.principals
    )
    return True if found else None if is_open(role.trust.document) else False


def trusts_only_tokens(role: Role) -> bool:
    """Whether nobody but holders of a web identity token may assume a role, as far as its trust policy is seen."""
    if role.trust is None or is_open(role.trust.document):
        return False
    principals = [each for statement in allows(role.trust.document) for each in statement.principals]
    return bool(principals) and all(each.type.known == "Federated" for each in principals)


def is_open(document: PolicyDocument) -> bool:
    """Whether there may be more statements or principals than are seen."""
    return document.rest is not None or any(
        each.principals_rest is not None or each.not_principals for each in document.statements
    )


def service_accounts(workload: WorkloadRole) -> Iterator[ServiceAccountRole]:
    """The declarations by which service accounts really get the role, each account once, patterns left out.

    What subjects of the trust policy name decides over annotations, of which another rule says that they do not fit.
    """
    subjects = [each for each in workload.bindings if isinstance(each.declared, TrustPolicy)]
    named = bool(subjects) and all(_is_named(each) for each in subjects)
    kept: list[ServiceAccountRole] = []
    for binding in workload.bindings:
        if isinstance(binding.declared, ServiceAccount) and named:
            continue
        if isinstance(binding.declared, PodIdentityAssociation) and trusts_pods(workload.role) is False:
            continue
        if binding.at == workload.role.origin.span:
            # What a module names by default, nobody wrote.
            continue
        if _is_named(binding) and not any(is_same(binding, other) for other in kept):
            kept.append(binding)
            yield binding


def _is_named(binding: ServiceAccountRole) -> bool:
    """Whether a declaration names one service account, its namespace known or not."""
    namespace = binding.namespace.display if binding.namespace else ""
    return bool(binding.name.known) and not set("*?") & set(binding.name.display + namespace)


def is_same(one: ServiceAccountRole, other: ServiceAccountRole) -> bool:
    """Whether two declarations may name one service account, of one cluster or of two."""
    mine, theirs = namespace_of(one), namespace_of(other)
    return one.name.known == other.name.known and (mine is None or theirs is None or mine == theirs)


def namespace_of(binding: ServiceAccountRole) -> str | None:
    """The namespace; None where it is not known."""
    return binding.namespace.known if binding.namespace else None


_WORD = regex.compile(r"[-._]")
_PREFIXES = frozenset({"aws", "amazon", "eks", "k8s", "kube", "kubernetes", "sa", "irsa"})
_PARTS = frozenset(
    {
        *("api", "app", "backend", "frontend", "web", "server", "service", "worker", "workers", "consumer", "producer"),
        *("scheduler", "cron", "job", "jobs", "migrate", "migration", "migrations", "controller", "node", "agent"),
        *("default", "main", "primary", "canary", "blue", "green"),
    }
)


def app_of(name: str) -> str:
    """The first word of a service account's name that tells its app; none in the names of parts (`api`, `worker`)."""
    words = [word for word in _WORD.split(name.lower()) if word]
    return next((word for word in words if word not in _PREFIXES | _PARTS), "")


def display(binding: ServiceAccountRole) -> str:
    """A service account as messages name it."""
    namespace = namespace_of(binding)
    return f"{namespace}/{binding.name.display}" if namespace else binding.name.display


def is_for(workload: WorkloadRole, words: frozenset[str]) -> bool:
    """Whether a service account that has the role, or the role where none is seen, is named for one of these."""
    role = workload.role
    names = [each.name.display for each in workload.bindings]
    if not names:
        names = [role.origin.address, role.name.display if role.name else ""]
    return any(word in name.lower() for name in names for word in words)
