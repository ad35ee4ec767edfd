"""What the rules about node roles have in common: places, severities, and the permissions of a breadth."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.graph.views import NodeRole
from rolecall.iam.breadth import Breadth, Permission
from rolecall.iam.managed import NODE_BASELINE, PURPOSE
from rolecall.rule import Label, Severity
from rolecall.span import Span

ADVICE = (
    "Keep only what the kubelet needs on the node role, and give the workloads that need more a role of their own"
    " through EKS Pod Identity or IAM roles for service accounts."
)


def broad(node: NodeRole, graph: Graph, breadth: Breadth) -> Iterator[tuple[Span, Permission]]:
    """The permissions of exactly this breadth, each with the place that gives it to the role.

    Text that gives it to several roles (one document, a repeated block) is wrong once: the first of them speaks.
    """
    first = graph.keep(_first)
    for at, permission in (*node.permissions, *node.data):
        if permission.breadth is breadth and first[permission.at, permission.what] is node:
            yield at, permission


def _first(graph: Graph) -> dict[tuple[Span, str], NodeRole]:
    found: dict[tuple[Span, str], NodeRole] = {}
    for node in graph.all(NodeRole):
        for _, permission in (*node.permissions, *node.data):
            found.setdefault((permission.at, permission.what), node)
    return found


def places(node: NodeRole, granted: Span, permission: Permission) -> tuple[Label, ...]:
    """From what runs as the role, by the role, to what gives it the permission."""
    return around(node, granted, permission.at)


def around(node: NodeRole, granted: Span, at: Span) -> tuple[Label, ...]:
    """The same for a permission whose text is at a place."""
    labels = [Label(span, words) for span, words in node.because[:3]]
    labels.append(Label(node.role.origin.span, "the node role"))
    if not granted.overlaps(at):
        labels.append(Label(granted, "gives it this permission"))
    shown: dict[Span, Label] = {}
    for label in labels:
        # One name may stand for the nodes and for the role that a tool makes for them.
        shown.setdefault(label.span, label)
    return tuple(label for label in shown.values() if not label.span.overlaps(at))


def is_expected(policy: str | None) -> bool:
    """Whether an AWS managed policy is one that nodes need, or that is made for an add-on or a control plane."""
    return policy in NODE_BASELINE or policy in PURPOSE


def lowered(severity: Severity, permission: Permission) -> Severity:
    """One level less for each of a condition and a permissions boundary that is not seen or leaves only a part."""
    less = int(permission.bounded) + int(permission.cut)
    return Severity(max(severity - less, min(severity, Severity.LOW)))


def subject(node: NodeRole, permission: Permission) -> str:
    """The finding's subject: the role and the permission."""
    return f"{node.role.origin.address} {permission.what}"
