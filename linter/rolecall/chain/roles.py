"""Who a container is as a role: its name for a message, and whether the role's trust policy refuses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.chain.steps import Identity
from rolecall.chain.webhook import Mechanism
from rolecall.graph.roles import role_of
from rolecall.iam.questions import ask
from rolecall.iam.requests import PODS, Service
from rolecall.iam.trust import Token, admits
from rolecall.iam.trust_prepared import Prepared
from rolecall.iam.trust_subjects import PREFIX

if TYPE_CHECKING:
    from rolecall.chain.webhook import Injection
    from rolecall.graph import Graph
    from rolecall.graph.views import NodeRole, PodContainer
    from rolecall.iam.patterns import Text
    from rolecall.tree import Scalar


def of_arn(graph: Graph, value: Scalar | None, by: str) -> Identity:
    """Who a container is by a role as it is written."""
    role = role_of(graph, value)
    text = value.display if value is not None and not value.holes else ""
    if role is not None:
        return Identity(f"{role.display} ({by})", role, written=text)
    name = text.rpartition(":role/")[2]
    return Identity(f"role {name} ({by})" if name else f"a role that is not known here ({by})", written=text)


def node_identity(roles: tuple[NodeRole, ...]) -> Identity:
    """Who a container is by its node's metadata."""
    if len(roles) == 1:
        return Identity(f"node {roles[0].role.display}", roles[0].role)
    return Identity(f"one of {len(roles)} node roles" if roles else "its node's role")


def refusal(subject: PodContainer, injected: Injection, graph: Graph) -> str:
    """Why the role's trust policy keeps the pod out, empty where it does not, or that is not known."""
    role = injected.role
    if role is None or role.trust is None:
        return ""
    document = role.trust.document
    if injected.mechanism is Mechanism.POD_IDENTITY:
        prepared: dict[int, bool] = graph.keep(_pods_refused)
        if id(role) not in prepared:
            prepared[id(role)] = ask(Prepared(document), Service(PODS)).answer is Answer.NO
        return f"the trust policy of {role.display} does not let EKS Pod Identity in" if prepared[id(role)] else ""
    account = subject.runs_as.service_account
    name = account.name if account is not None else subject.runs_as.name
    namespace = (account.namespace if account is not None else None) or subject.workload.namespace
    text: Text | None = None
    if name is not None and name.known is not None and namespace is not None and namespace.known is not None:
        text = (f"{PREFIX}{namespace.known}:{name.known}",)
    asked: dict[tuple[int, Text | None], bool] = graph.keep(_refused)
    key = (id(role), text)
    if key not in asked:
        asked[key] = admits(document, Token(None, text, None, willing=True)).answer is Answer.NO
    return f"the trust policy of {role.display} does not admit this service account" if asked[key] else ""


def _pods_refused(_: Graph) -> dict[int, bool]:
    return {}


def _refused(_: Graph) -> dict[tuple[int, Text | None], bool]:
    return {}
