"""Whether a workload role is broad: what the rules about administrators, paths, services and secrets speak about."""

from rolecall.graph.views import WorkloadRole
from rolecall.iam.breadth import Breadth, Permission
from rolecall.iam.narrowing import Narrowing
from rolecall.iam.resources import Scope
from rolecall.iam.sensitive import SECRET_READS
from rolecall.records import dataclass
from rolecall.span import Span
from rolecall_rules.workload_roles._paths import open_paths
from rolecall_rules.workload_roles._shared import FOR_PEOPLE, is_harmless, wide


@dataclass(frozen=True, slots=True)
class Broad:
    """Something broad of a role: `what` completes "the role …", `at` is the text that gives it."""

    what: str
    at: Span


def broad(role: WorkloadRole) -> Broad | None:
    """The broadest that a role plainly has; None where conditions, a boundary or resources bound all of it."""
    for _, one in role.permissions:
        if one.breadth >= Breadth.SERVICE and not one.bounded and not one.cut and _is_broad(one):
            return Broad(f"has {one.what}" if one.managed else f"allows {_shown(one)} on all resources", one.at)
    for path in open_paths(role):
        if not any(holding.cut for holding in path.holdings):
            return Broad(f"can {path.path.gives}", path.holdings[0].at)
    for secrets in wide(role, SECRET_READS):
        if secrets.holding.narrowing is Narrowing.NONE and not secrets.holding.cut:
            return Broad(f"allows {secrets.actions[0]} on all resources", secrets.at)
    return None


def _is_broad(one: Permission) -> bool:
    if one.managed:
        return one.breadth is Breadth.ADMIN or one.what.endswith("FullAccess") or one.what in FOR_PEOPLE
    return one.scope is Scope.EVERYTHING and not is_harmless(one)


def _shown(one: Permission) -> str:
    return one.what if one.what.startswith("everything") else f"`{one.what}`"
