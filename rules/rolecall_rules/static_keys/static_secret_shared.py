"""The rule `static-secret-shared`."""

from collections.abc import Hashable, Iterator

from rolecall.chain.variables import source_of
from rolecall.graph import Graph
from rolecall.graph.containers import config_object
from rolecall.graph.namespaces import place_of, text_key
from rolecall.graph.views import PodContainer
from rolecall.model.kubernetes import SourceKind
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar
from rolecall_rules.static_keys._shared import StaticKeys, static_keys

_SHOWN = 3


@rule(
    "static-secret-shared",
    summary="several workloads use the AWS keys of one Secret",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
    ),
    tags=("static-keys",),
)
def static_secret_shared(subject: PodContainer, graph: Graph) -> Iterator[Finding]:
    """Finds Secrets whose AWS keys feed two or more workloads.

    A CronJob and a Job of one service account are one workload, and so are the containers of a pod. The finding stands
    at the Secret, or at the first workload where the Secret is not among the files.

    ## Why it matters
    All of them are one IAM user: each has the permissions of all, the audit trail does not tell which of them called,
    and to revoke the key for one stops the others.

    ## How to fix it
    Give each workload a service account with a role of its own.
    """
    groups: dict[Hashable, list[PodContainer]] = graph.keep(_by_secret)
    group = groups.get(_secret_of(subject))
    if group is None or group[0] is not subject:
        return
    users = {_user(one): one for one in reversed(group)}
    if len(users) < 2:
        return
    found = static_keys(subject)
    if not isinstance(found, StaticKeys):
        return
    name = source_of(subject, found.key_id).object_name
    if not isinstance(name, Scalar):
        return
    thing = config_object(graph, SourceKind.SECRET, name, place_of(subject.workload), subject.workload.origin)
    first, *others = sorted(users.values(), key=lambda one: one.workload.origin.span.path)
    named = ", ".join(one.workload.display for one in (first, *others)[:_SHOWN])
    more = f" and {len(users) - _SHOWN} more" if len(users) > _SHOWN else ""
    places = [one.container.name.span for one in (first, *others)[:_SHOWN]]
    at = thing.name.span if thing is not None else found.key_id.at
    yield Finding(
        f"the AWS keys of Secret {name.display} are used by {len(users)} workloads ({named}{more}): each has the"
        " permissions of all, and none can be told from the others",
        at=Label(at, "one key for all of them"),
        related=tuple(Label(place, "uses it") for place in places if not place.overlaps(at)),
        help="Give each workload a service account with a role of its own.",
        subject=f"Secret {name.display}",
    )


def _by_secret(graph: Graph) -> dict[Hashable, list[PodContainer]]:
    found: dict[Hashable, list[PodContainer]] = {}
    for container in graph.all(PodContainer):
        key = _secret_of(container)
        if key is not None:
            found.setdefault(key, []).append(container)
    return {key: _each_once(group) for key, group in found.items()}


def _each_once(group: list[PodContainer]) -> list[PodContainer]:
    """The containers, each text once: a template and what refers to it are one workload."""
    seen = set()
    once = []
    for one in group:
        text = (one.container.span, one.workload.origin.world)
        if text not in seen:
            seen.add(text)
            once.append(one)
    return once


def _secret_of(subject: PodContainer) -> Hashable | None:
    """The Secret that a container's key comes from, in the namespace of its workload; None for no Secret."""
    found = static_keys(subject)
    if not isinstance(found, StaticKeys) or found.key_id.baked or subject.endpoint is not None:
        return None
    source = source_of(subject, found.key_id)
    name = source.object_name
    if source.kind is not SourceKind.SECRET or not isinstance(name, Scalar):
        return None
    where = place_of(subject.workload)
    namespace = text_key(where.namespace) if where.namespace is not None else None
    return (subject.workload.origin.world, where.open, where.group if where.open else "", namespace, text_key(name))


def _user(subject: PodContainer) -> Hashable:
    """A workload; jobs of one service account are one."""
    account = subject.runs_as.name.display if subject.runs_as.name is not None else "default"
    if subject.workload.kind in ("CronJob", "Job"):
        return ("jobs", account)
    return (subject.workload.kind, subject.workload.name.display)
