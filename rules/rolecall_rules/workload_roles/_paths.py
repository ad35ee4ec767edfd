"""The escalation paths of a workload role that are plainly open, by the text that opens them."""

from collections.abc import Iterator

from rolecall.graph.views import WorkloadRole
from rolecall.iam.breadth import Breadth
from rolecall.iam.conditions import key_of
from rolecall.iam.escalation import Escalation, paths
from rolecall.iam.narrowing import Narrowing
from rolecall.iam.permissions import Holding
from rolecall.iam.resources import Scope
from rolecall_rules.workload_roles._shared import controller, is_for_a_purpose, is_negated

PASS_ROLE = "iam:PassRole"  # noqa: S105 - an action
_ASSUME = "sts-assume-role"
_OF_NODES = ("passrole-ec2-run-instances", "passrole-ec2-request-spot-instances")
_MAKES_NODES = ("karpenter", "cluster-autoscaler")


def open_paths(role: WorkloadRole) -> Iterator[Escalation]:
    """The paths that nothing closes but, perhaps, the permissions boundary.

    Left out are those of an administrator, who needs none, and those by which Karpenter and Cluster Autoscaler make
    nodes.
    """
    widest = (one for _, one in role.permissions if one.breadth is Breadth.ADMIN)
    if any(not one.bounded and not one.cut for one in widest):
        return
    name = controller(role) or ""
    for path in paths(role.may):
        if path.path.name == _ASSUME or not all(map(_is_sure, path.holdings)) or is_for_a_purpose(path.holdings[0]):
            continue
        makes_nodes = path.path.name in _OF_NODES and name.startswith(_MAKES_NODES)
        if not (makes_nodes and is_limited_to_services(path.holdings[0])):
            yield path


def _is_sure(holding: Holding) -> bool:
    sure = holding.certain and holding.narrowing is Narrowing.NONE and holding.scope is not Scope.UNKNOWN
    return sure and not is_negated(holding)


def is_limited_to_services(holding: Holding) -> bool:
    """Whether a condition says which services a role may be passed to."""
    names = ((key_of(condition.key).name or "").lower() for condition in holding.statement.conditions)
    return "iam:passedtoservice" in names
