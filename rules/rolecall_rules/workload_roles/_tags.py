"""Tags of principals: those that EKS Pod Identity gives, those of roles, and where policies ask for them."""

import re
from collections.abc import Iterator

from rolecall import regex
from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.model import Condition, DefaultTags, Role, Statement
from rolecall.records import dataclass
from rolecall.span import Span

# https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
SESSION_TAGS = frozenset(
    {
        "eks-cluster-arn",
        "eks-cluster-name",
        "kubernetes-namespace",
        "kubernetes-service-account",
        "kubernetes-pod-name",
        "kubernetes-pod-uid",
    }
)
_KEY = "aws:principaltag/"
_VARIABLE = regex.compile(r"\$\{aws:PrincipalTag/([^},]+?)\s*(,[^}]*)?\}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TagUse:
    """A place where a statement asks for a tag of the principal.

    `key` is in lower case. `condition` is the one whose key it is; None: a variable in a value, or a resource.
    """

    key: str
    at: Span
    condition: Condition | None = None


def tag_uses(statement: Statement) -> Iterator[TagUse]:
    """Every tag of the principal that a statement asks for; a variable with a default asks for none."""
    values = [*statement.resources, *statement.not_resources]
    for condition in statement.conditions:
        name = (condition.key.known or "").lower()
        if name.startswith(_KEY):
            yield TagUse(name.removeprefix(_KEY), condition.key.span, condition)
        values += condition.values
    for value in values:
        for found in _VARIABLE.finditer(value.display):
            if found[2] is None:
                yield TagUse(found[1].lower(), value.span)


def is_tagged(role: Role, key: str, graph: Graph) -> Answer:
    """Whether a role has a tag of its own: its key is compared without regard to case, as IAM does."""
    defaults = [each for each in graph.all(DefaultTags) if each.origin.unit == role.origin.unit]
    keys = [*role.tags, *(tag for each in defaults for tag in each.tags)]
    if any((tag.known or "").lower() == key for tag in keys):
        return Answer.YES
    rest = (role.tags_rest, *(each.rest for each in defaults))
    open_keys = any(tag.known is None for tag in keys)
    return Answer.UNKNOWN if open_keys or any(hole is not None for hole in rest) else Answer.NO
