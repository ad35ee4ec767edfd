"""Who uses a service account: pods, and controllers that take a token for it or read its annotation."""

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.namespaces import ByName, place, place_of, same_place
from rolecall.graph.views import PodContainer
from rolecall.model import ControllerCredentials, ServiceAccount


def controllers_of(account: ServiceAccount, graph: Graph) -> tuple[ControllerCredentials, ...]:
    """The custom resources that name a service account, or may do so."""
    named: ByName[ControllerCredentials] = graph.keep(_controllers)
    return named.find(account.name, place_of(account)).every


def _controllers(graph: Graph) -> ByName[ControllerCredentials]:
    return ByName(
        (one, one.account, place(one.namespace, one.origin))
        for one in graph.all(ControllerCredentials)
        if one.account is not None
    )


def pods_of(account: ServiceAccount, graph: Graph) -> tuple[PodContainer, ...]:
    """The containers whose pods run as a service account, or may do so: of its name, where they may be with it."""
    by_name: dict[str | None, list[PodContainer]] = graph.keep(_pods)
    where = place_of(account)
    found = (*by_name.get(account.name.known, ()), *by_name.get(None, ()))
    return tuple(one for one in found if same_place(place_of(one.workload), where) is not Answer.NO)


def _pods(graph: Graph) -> dict[str | None, list[PodContainer]]:
    found: dict[str | None, list[PodContainer]] = {}
    for container in graph.all(PodContainer):
        name = container.runs_as.name
        found.setdefault(name.known if name is not None else "default", []).append(container)
    return found
