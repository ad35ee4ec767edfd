"""Variables of a container: whether one holds a credential, and where its value comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.model import EnvVar, MaterialKind
from rolecall.model.kubernetes import SourceKind
from rolecall.tree import known

if TYPE_CHECKING:
    from rolecall.graph.views import PodContainer, Variable
    from rolecall.model import EnvFrom
    from rolecall.span import Span


def is_set(subject: PodContainer, variable: Variable) -> Answer:
    """Whether a variable holds a value that an SDK would take for a credential.

    A reference that is not optional counts although its Secret is not seen: the pod does not start without it. Dummies
    and values to be filled in do not count, nor do fields of the pod itself.
    """
    if variable.material.kind in (MaterialKind.EMPTY, MaterialKind.PLACEHOLDER) or variable.certain is Answer.NO:
        return Answer.NO
    if variable.baked:
        return Answer.UNKNOWN if variable.material.kind is MaterialKind.UNKNOWN else Answer.YES
    source = source_of(subject, variable)
    if source.kind in (SourceKind.FIELD, SourceKind.OTHER):
        return Answer.NO if source.kind is SourceKind.FIELD else Answer.UNKNOWN
    if variable.material.kind is not MaterialKind.UNKNOWN or source.kind is SourceKind.SECRET:
        # A Secret's value may be sealed, fetched by an operator, or not among the files: it is a value all the same.
        return variable.certain
    expression = len(variable.trail) > 1 or source.kind is SourceKind.LITERAL
    return Answer.UNKNOWN if expression and not _copied(variable, source) else variable.certain


def _copied(variable: Variable, source: EnvVar | EnvFrom) -> bool:
    """Whether a literal is `$(OTHER)` for a variable that comes from an object."""
    return source.kind is SourceKind.LITERAL and variable.by_reference


def source_of(subject: PodContainer, variable: Variable) -> EnvVar | EnvFrom:
    """The entry of the container's `env` or `envFrom` that sets a variable."""
    entries: tuple[EnvVar | EnvFrom, ...] = subject.container.env if variable.explicit else subject.container.env_from
    for entry in reversed(entries):
        name = entry.name.known if isinstance(entry, EnvVar) else None
        if name == variable.name or (name is None and _span_of(entry) == variable.at):
            return entry
    return EnvVar(known(variable.name, variable.at), SourceKind.OTHER, variable.at)


def entry_of(subject: PodContainer, name: str) -> EnvVar | None:
    """The entry of the container's own `env` that counts for a name: the last one. The webhook looks at no other."""
    return next((entry for entry in reversed(subject.container.env) if entry.name.known == name), None)


def is_offered(subject: PodContainer, entry: EnvVar) -> bool:
    """Whether a template decides that the container has an entry of its own `env`."""
    return subject.workload.origin.is_possible(entry.span, subject.container.span)


def _span_of(entry: EnvVar | EnvFrom) -> Span:
    return entry.span if isinstance(entry, EnvVar) else entry.object_name.used


def origin_of(subject: PodContainer, variable: Variable) -> str:
    """Where a variable's value comes from, in words."""
    if variable.baked:
        return "the image itself"
    source = source_of(subject, variable)
    kind = _KINDS.get(source.kind)
    if kind is None or source.object_name is None:
        return "a value in the manifest"
    return f"{kind} {source.object_name.display}"


_KINDS = {SourceKind.SECRET: "Secret", SourceKind.CONFIG_MAP: "ConfigMap"}


def text_of(variable: Variable | None) -> str | None:
    """The text of a variable that is certainly set, None where it is not or is not seen."""
    if variable is None or variable.certain is not Answer.YES or variable.value is None:
        return None
    return variable.value.known


def unseen_words(subject: PodContainer) -> str:
    """What of the environment is not seen, in words; empty where all of it is."""
    environment = subject.environment
    if environment.unseen:
        names = ", ".join(dict.fromkeys(name.display for name in environment.unseen))
        return f"its envFrom takes {names}, which is not among the files"
    return "a part of its environment is not seen" if environment.open else ""
