"""The rule `node-role-assumerole`."""

from collections.abc import Iterator

from rolecall import regex
from rolecall.graph import Graph
from rolecall.graph.views import NodeRole
from rolecall.iam.narrowing import Narrowing
from rolecall.iam.permissions import Holding
from rolecall.iam.resources import Scope
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar
from rolecall_rules.legacy._shared import agents
from rolecall_rules.node_roles._shared import around

_ACTION = "sts:AssumeRole"
_EVERY_ROLE = regex.compile(r":role/\*+\Z")


@rule(
    "node-role-assumerole",
    summary="a node role may assume any role",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/service-accounts.html",
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
        "https://github.com/jtblin/kube2iam#iam-roles",
    ),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON, Platform.CLOUDFORMATION),
    yields_to=("node-role-admin", "node-role-service-wildcard"),
    tags=("node-role", "least-privilege", "legacy"),
)
def node_role_assumerole(node: NodeRole, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds node roles that may do `sts:AssumeRole` on everything, or on all roles of an account.

    It is what kube2iam and kiam were set up with. On named roles it is medium where one of these agents is installed,
    and silent elsewhere. A condition or a permissions boundary lowers the severity.

    ## Why it matters
    Every pod that reaches the instance metadata service has the node's credentials, and with them those of each role
    whose trust policy names the node role or lets in the whole account: the roles of other teams' workloads, of
    deployments, of administrators.

    ## How to fix it
    Bind each role to the service account that needs it, through Pod Identity or IRSA, and take `sts:AssumeRole` from
    the node role. Until then list the roles by ARN.
    """
    for holding in node.may.holdings(_ACTION):
        at = holding.at
        if not holding.certain or holding.scope is Scope.UNKNOWN or holding.narrowing is Narrowing.UNKNOWN:
            what = f"which roles {node.role.display} may assume"
            yield Unevaluated(what, "not all of the statement is known", at)
            continue
        every = holding.scope is Scope.EVERYTHING or any(_is_every_role(each) for each in holding.resources)
        installed = next(iter(agents(graph)), None)
        if not every and installed is None:
            continue
        where = _where(holding, every=every)
        related = (Label(installed[1], f"{installed[0]} gives roles to pods with it"),) if installed else ()
        if every:
            severity = Severity.HIGH
            then = "every role that trusts the node role or the account"
        else:
            severity = Severity.MEDIUM
            then = "these roles, whichever of them the agent would give it"
        severity = Severity(severity - int(holding.narrowing is Narrowing.KNOWN) - int(holding.cut))
        yield Finding(
            f"{node.role.display} allows {_ACTION} on {where} and nodes run as it, so a pod that reaches the instance"
            f" metadata service can become {then}",
            at=Label(at, "every pod of these nodes may do it"),
            related=(*related, *around(node, holding.granted, at)),
            help="Bind each role to the service account that needs it (Pod Identity or IRSA), and take sts:AssumeRole"
            " from the node role.",
            subject=f"{node.role.origin.address} {_ACTION}",
            severity=severity,
        )


def _is_every_role(resource: Scalar) -> bool:
    """`role/*`, also of an account that is not known."""
    return _EVERY_ROLE.search(resource.display) is not None


def _where(holding: Holding, *, every: bool) -> str:
    if not every:
        more = f" and {len(holding.resources) - 1} more" if len(holding.resources) > 1 else ""
        return f"{holding.resources[0].display}{more}" if holding.resources else "named roles"
    named = next((each for each in holding.resources if _is_every_role(each)), None)
    return named.display if named is not None else "all resources"
