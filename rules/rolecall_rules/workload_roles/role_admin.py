"""The rule `role-admin`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.graph.role_permissions import may
from rolecall.graph.views import NodeRole, WorkloadRole
from rolecall.iam.breadth import Breadth, Permission, broad
from rolecall.iam.issuers import GITHUB, shared_issuer
from rolecall.iam.trust import web_identity_grants
from rolecall.model import Role
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.span import Span
from rolecall_rules.workload_roles._shared import lowered, places, platform, whoever

_CONSEQUENCES = {
    "PowerUserAccess": "can do anything in the account outside of IAM",
    "IAMFullAccess": "can give any permission in the account to anything",
    "iam:*": "can give any permission in the account to anything",
}


@rule(
    "role-admin",
    summary="a role that pods become is an administrator of the account",
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
    ),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON, Platform.EKSCTL, Platform.CLOUDFORMATION),
    tags=("workload-role", "least-privilege"),
)
def role_admin(role: WorkloadRole | Role, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds roles of workloads that may do everything: `AdministratorAccess`, `IAMFullAccess`, `*`, `iam:*`.

    `PowerUserAccess` is high, as is a role with a permissions boundary or a condition that leaves a part, one of a
    controller that makes what its users declare (Crossplane, ACK, Argo CD), and one that jobs of GitHub Actions become.

    ## Why it matters
    A pod's credentials are there for whoever runs code in it: a hole in the application or in one of its dependencies,
    or anybody who may create a pod with its service account. With this role that is the whole account.

    ## How to fix it
    Give the role the actions and the resources that the workload uses. Where it administers something, bound it: name
    the resources, and set a permissions boundary.
    """
    if isinstance(role, Role):
        yield from _of_jobs(role, graph)
        return
    if role.is_node_role:
        return
    reader = platform(role)
    for granted, permission in role.permissions:
        if not _is_admin(permission):
            continue
        base = Severity.HIGH if permission.what == "PowerUserAccess" else Severity.CRITICAL
        yield Finding(
            f"{role.role.display} has {_what(permission)}, so {whoever(role)} {_consequence(permission)}"
            + (" that its permissions boundary or session policy leaves" if permission.cut else ""),
            at=Label(permission.at, "makes the pod an administrator"),
            related=places(role, permission.at, granted),
            help=(
                f"Bound what {reader} may make: name the services and resources, and set a permissions boundary."
                if reader
                else "Allow only the actions that the workload calls, on the resources that it uses."
            ),
            subject=f"{role.role.origin.address} {permission.what}",
            severity=lowered(base, permission.bounded, permission.cut, bool(reader) and base is Severity.CRITICAL),
        )
    yield from role.unseen


def _is_admin(permission: Permission) -> bool:
    # What `NotAction` leaves is the business of `role-notaction-allow`.
    return permission.breadth is Breadth.ADMIN and not permission.what.startswith("everything except")


def _what(permission: Permission) -> str:
    return permission.what if permission.managed else f"`{permission.what}`"


def _consequence(permission: Permission) -> str:
    return _CONSEQUENCES.get(permission.what, "can do anything in the account")


def _of_jobs(role: Role, graph: Graph) -> Iterator[Finding]:
    """A role that no pod becomes, but jobs of GitHub Actions."""
    if id(role) in graph.keep(_of_pods_and_nodes):
        return
    issuer = _github(role)
    if issuer is None:
        return
    for permission in broad(may(graph, role)):
        if not _is_admin(permission):
            continue
        labels = (
            Label(issuer, "jobs of GitHub Actions become it"),
            Label(role.origin.span, "the role"),
            Label(permission.granted, "gives it this permission"),
        )
        yield Finding(
            f"{role.display} has {_what(permission)} and jobs of GitHub Actions become it, so a changed workflow, or an"
            f" action that it uses, {_consequence(permission)}",
            at=Label(permission.at, "makes the job an administrator"),
            related=tuple(label for label in labels if not label.span.overlaps(permission.at)),
            help=(
                "Give what the job deploys a role of its own, bind it to a protected environment or branch, and set a"
                " permissions boundary."
            ),
            subject=f"{role.origin.address} {permission.what}",
            severity=lowered(Severity.HIGH, permission.bounded, permission.cut),
        )


def _of_pods_and_nodes(graph: Graph) -> frozenset[int]:
    pods = (view.role for view in graph.all(WorkloadRole))
    nodes = (view.role for view in graph.all(NodeRole))
    return frozenset(map(id, (*pods, *nodes)))


def _github(role: Role) -> Span | None:
    if role.trust is None:
        return None
    grants = web_identity_grants(role.trust.document)
    return next((one.principal.value.span for one in grants if shared_issuer(one.issuer) is GITHUB), None)
