"""What the rules about workload roles have in common: whose role it is, places, severities, and one finding a text."""

from collections.abc import Iterable, Iterator

from rolecall.graph.views import WorkloadRole
from rolecall.iam.breadth import Breadth, Permission
from rolecall.iam.catalogue import expand
from rolecall.iam.conditions import key_of
from rolecall.iam.managed import NODE_BASELINE, PURPOSE
from rolecall.iam.narrowing import Narrowing
from rolecall.iam.permissions import Holding
from rolecall.iam.resources import Scope, is_everything
from rolecall.iam.sensitive import SENSITIVE_READS
from rolecall.model import Statement
from rolecall.problem import Unevaluated
from rolecall.records import dataclass
from rolecall.rule import Label, Severity
from rolecall.span import Span
from rolecall.tree import Hole, Scalar

# Service accounts as the charts of these controllers name them. They change infrastructure for a living.
_CONTROLLERS = (
    "karpenter",
    "aws-load-balancer-controller",
    "aws-gateway-controller",
    "gateway-api-controller",
    "cluster-autoscaler",
    "ebs-csi-controller-sa",
    "efs-csi-controller-sa",
    "fsx-csi-controller-sa",
    "fsx-openzfs-csi-controller-sa",
    "external-dns",
    "cert-manager",
)
# These create whatever their users declare, roles among it.
_PLATFORMS = ("crossplane", "provider-aws", "upbound-", "ack-", "argocd-", "capa-controller-manager")
# Keys that tie a permission to what it is for, whatever its resources are.
_TIES = ("kms:viaservice", "kms:encryptioncontext", "s3:existingobjecttag", "s3:resourceaccount", "aws:resourceaccount")
_TAGS = "resourcetag/"
FOR_PEOPLE = frozenset(
    {"SecretsManagerReadWrite", "AmazonEC2ContainerRegistryFullAccess", "AmazonEC2ContainerRegistryPowerUser"}
)
"""AWS managed policies for people who administer a service, besides those called `…FullAccess`."""
_SILENT = PURPOSE | NODE_BASELINE


@dataclass(frozen=True, slots=True)
class Wide:
    """Actions that one text gives on everything, with what gives the first of them."""

    at: Span
    actions: tuple[str, ...]
    holding: Holding


def platform(role: WorkloadRole) -> str | None:
    """The service account of a controller that makes what its users declare, if the role is such a one's."""
    return next((name for name in _names(role) if name.startswith(_PLATFORMS)), None)


def controller(role: WorkloadRole) -> str | None:
    """The service account of a well-known controller, if the role is such a one's."""
    return platform(role) or next((name for name in _names(role) if is_controller(name)), None)


def is_controller(name: str) -> bool:
    """Whether a service account of this name is a well-known controller's."""
    return any(name == known or name.startswith(f"{known}-") for known in _CONTROLLERS)


def _names(role: WorkloadRole) -> Iterator[str]:
    return (binding.name.known for binding in role.bindings if binding.name.known is not None)


def is_for_a_purpose(holding: Holding) -> bool:
    """Whether an AWS managed policy gives it that is made for one add-on or agent."""
    return holding.managed in _SILENT


def is_negated(holding: Holding) -> bool:
    """Whether the statement says what it leaves out: a rule of its own speaks about that."""
    statement = holding.statement
    return bool(statement.not_resources or statement.not_actions)


def wide(role: WorkloadRole, actions: Iterable[str]) -> Iterator[Wide]:
    """Which of these actions the role has on everything, by the statement that gives them; conditions may narrow them.

    Of what stands in a module of others, by the text of the user's that it comes from. A text that also gives all of
    a service stands apart: `role-service-wildcard` speaks about it.
    """
    services = {one.at for _, one in role.permissions if one.breadth >= Breadth.SERVICE}
    found: dict[object, list[tuple[Span, str, Holding]]] = {}
    for action in actions:
        for holding in role.may.holdings(action):
            sure = holding.certain and holding.narrowing < Narrowing.UNKNOWN
            if sure and holding.scope is Scope.EVERYTHING and not is_negated(holding) and not is_for_a_purpose(holding):
                at = place(role, holding)
                apart = holding.managed or at in services or at != holding.at or at == role.role.origin.span
                found.setdefault(at if apart else id(holding.statement), []).append((at, action, holding))
    for given in found.values():
        names = tuple(dict.fromkeys(name for _, name, _ in given))
        first = min(at for at, _, _ in given)
        yield Wide(first, names, min((one for _, _, one in given), key=_weakness))


def _weakness(holding: Holding) -> tuple[int, bool]:
    return holding.narrowing, holding.cut


def place(role: WorkloadRole, holding: Holding) -> Span:
    """The text that gives an action; the input for the resources where a module of others writes the action."""
    everything = star(holding)
    # What a module of others writes stands at the user's call of it, as its role does.
    written_there = bool(role.role.origin.within) and holding.at == role.role.origin.span
    return everything.span if written_there and everything is not None and not holding.managed else holding.at


def star(holding: Holding) -> Scalar | None:
    """The resource that stands for everything."""
    return next((one for one in holding.resources if is_everything(one)), None)


def is_tied(holding: Holding) -> bool:
    """Whether a condition ties the permission to tagged resources, to one service's use, or to one account."""
    names = ((key_of(condition.key).name or "").lower() for condition in holding.statement.conditions)
    return any(name.startswith(_TIES) or _TAGS in name for name in names)


def undecided(role: WorkloadRole, actions: Iterable[str]) -> Iterator[Unevaluated]:
    """The places where it is not known whether the role has these actions on everything."""
    for action in actions:
        for holding in role.may.holdings(action):
            hole = _hole(holding)
            if hole is not None and not is_negated(holding):
                yield Unevaluated(f"{action} of {role.role.display}", hole.why, holding.at)


def _hole(holding: Holding) -> Hole | None:
    statement = holding.statement
    if holding.scope is Scope.UNKNOWN:
        return statement.resources_rest
    if holding.scope is not Scope.EVERYTHING:
        return None
    if not holding.certain:
        return next(iter(holding.action.holes), None)
    if holding.narrowing is Narrowing.UNKNOWN:
        scalars = [part for one in statement.conditions for part in (one.key, one.operator, *one.values)]
        holes = [statement.conditions_rest, *(one.rest for one in statement.conditions)]
        holes += [hole for part in scalars for hole in part.holes]
        return next((hole for hole in holes if hole is not None), None)
    return None


def lowered(severity: Severity, *reasons: bool) -> Severity:
    """One level less for each reason, down to low."""
    return Severity(max(severity - sum(reasons), min(severity, Severity.LOW)))


def whoever(role: WorkloadRole) -> str:
    """Who has the role, for the middle of a sentence."""
    named = [binding for binding in role.bindings if binding.name.known]
    accounts = dict.fromkeys(
        f"{binding.namespace.known}/{binding.name.known}"
        if binding.namespace is not None and binding.namespace.known
        else f"{binding.name.known}"
        for binding in named
    )
    if not accounts:
        return "whoever runs code in a pod that has it"
    more = f" or {len(accounts) - 1} more" if len(accounts) > 1 else ""
    return f"whoever runs code in a pod of service account {next(iter(accounts))}{more}"


def listed(words: tuple[str, ...]) -> str:
    """Actions or other words for a sentence, the first three of them."""
    shown = words[:3]
    if len(words) > len(shown):
        return f"{', '.join(shown)} and {len(words) - len(shown)} more"
    return " and ".join((", ".join(shown[:-1]), shown[-1])) if len(shown) > 1 else shown[0]


def allowing(actions: tuple[str, ...], *holdings: Holding) -> str:
    """What the role has, for after its name: actions, and the policy or the wildcard that gives all of them."""
    first = holdings[0]
    if any(one.at != first.at for one in holdings):
        return f"allows {listed(actions)}"
    if first.managed:
        return f"has {first.managed}, which allows {listed(actions)}"
    written = first.action.known or ""
    return f"allows `{written}` (with it {listed(actions)})" if "*" in written else f"allows {listed(actions)}"


def places(role: WorkloadRole, at: Span, granted: Span, *others: Label) -> tuple[Label, ...]:
    """From what gives pods the role, by the role, to what gives it the permission."""
    labels = [Label(span, words) for span, words in role.because[:3]]
    labels.append(Label(role.role.origin.span, "the role"))
    labels.append(Label(granted, "gives it this permission"))
    labels += others
    seen: list[Span] = [at]
    kept = []
    for label in labels:
        if not any(label.span.overlaps(span) for span in seen) or (label in others and not label.span.overlaps(at)):
            kept.append(label)
            seen.append(label.span)
    return tuple(kept)


def on_everything(holding: Holding) -> tuple[Label, ...]:
    """The place of the resource that stands for everything, where the user wrote it."""
    everything = star(holding)
    return (Label(everything.span, "on everything"),) if everything is not None and not holding.managed else ()


@dataclass(frozen=True, slots=True)
class Negated:
    """An Allow that says what it leaves out, and where its actions stand."""

    statement: Statement
    places: frozenset[Span]


def negated(role: WorkloadRole) -> Iterator[Negated]:
    """The Allow statements of the role's own policies with `NotAction` or `NotResource`."""
    for clause in role.may.clauses:
        statement = clause.statement
        if not clause.source.managed and (statement.not_actions or statement.not_resources):
            written = statement.actions or statement.not_actions
            yield Negated(statement, frozenset(one.span for one in written))


def negated_places(role: WorkloadRole) -> frozenset[Span]:
    """Where the actions of such statements stand."""
    return frozenset(place for one in negated(role) for place in one.places)


def rest_of(role: WorkloadRole, permission: Permission) -> Iterator[Unevaluated]:
    """Why it is not known on how many resources a permission holds."""
    for clause in role.may.clauses:
        hole = clause.statement.resources_rest
        if hole is not None and any(clause.place(action) == permission.at for action in clause.statement.actions):
            yield Unevaluated(f"{permission.what} of {role.role.display}", hole.why, permission.at)
            return


def is_harmless(permission: Permission) -> bool:
    """Whether the catalogue knows the service, and nothing in it belongs to anybody: `ssmmessages:*`, `pricing:*`."""
    actions = expand(permission.what)
    return bool(actions) and not any(
        one.name in SENSITIVE_READS or (one.level.mutates and one.on_resources) for one in actions
    )
