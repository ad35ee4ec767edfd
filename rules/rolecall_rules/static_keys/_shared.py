"""What the rules about static keys in containers have in common: which keys a container gets, and from where."""

import re
from collections.abc import Iterator

from rolecall import regex
from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.containers import rewritten_by
from rolecall.graph.views import PodContainer, Variable
from rolecall.model import ConfigObject, Datum, EnvFrom, EnvVar, Material, MaterialKind
from rolecall.model.kubernetes import SourceKind
from rolecall.model.secrets import KEY_ID_NAMES, SECRET_KEY_NAMES, TOKEN_NAMES
from rolecall.problem import Unevaluated
from rolecall.records import dataclass
from rolecall.rule import Label
from rolecall.span import Span
from rolecall.tree import known

# Images that stand in for AWS, or run in a pipeline, where keys are made up or short-lived by design.
_STAND_INS = regex.compile(
    r"(?:^|[/_-])(?:localstack|moto|motoserver|minio|dynamodb-local|dynamodb-admin|elasticmq|s3mock|s3rver|goaws"
    r"|fake-?s3|ci)(?:$|[/_:@-])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class StaticKeys:
    """The static keys in a container's final environment.

    `secret` and `token` are None where nothing sets them. `origin` says in words where the key id comes from.
    """

    key_id: Variable
    secret: Variable | None
    token: Variable | None
    origin: str


def static_keys(subject: PodContainer) -> StaticKeys | Unevaluated | None:
    """The keys that a container gets through its environment; None for none, or for something that is no AWS key."""
    if is_stand_in(subject):
        return None
    found: Unevaluated | None = None
    for name in KEY_ID_NAMES:
        variable = subject.environment.get(name)
        if variable is None:
            continue
        answer = is_set(subject, variable)
        if answer is Answer.YES:
            secret, token = subject.environment.get(*SECRET_KEY_NAMES), subject.environment.get(*TOKEN_NAMES)
            return StaticKeys(variable, secret, token, origin_of(subject, variable))
        if answer is Answer.UNKNOWN:
            found = Unevaluated(f"{name} in {subject.display}", _unknown(subject, variable), variable.at)
    return found


def _unknown(subject: PodContainer, variable: Variable) -> str:
    """Why it is not known whether a variable is set."""
    source = source_of(subject, variable)
    if isinstance(source, EnvVar) and source.object_name is None:
        return "the value is an expression"
    return "an optional reference to what is not among the files" if source.optional else "its value is not seen"


def is_set(subject: PodContainer, variable: Variable) -> Answer:
    """Whether a variable holds a value that an SDK would take for a credential.

    A reference that is not optional counts although its Secret is not seen: the pod does not start without it. Dummies
    and values to be filled in do not count, nor do fields of the pod itself.
    """
    if variable.material.kind in (MaterialKind.EMPTY, MaterialKind.PLACEHOLDER) or variable.certain is Answer.NO:
        return Answer.NO
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


def _span_of(entry: EnvVar | EnvFrom) -> Span:
    return entry.span if isinstance(entry, EnvVar) else entry.object_name.used


def origin_of(subject: PodContainer, variable: Variable) -> str:
    """Where a variable's value comes from, in words."""
    source = source_of(subject, variable)
    kind = _KINDS.get(source.kind)
    if kind is None or source.object_name is None:
        return "a value in the manifest"
    return f"{kind} {source.object_name.display}"


_KINDS = {SourceKind.SECRET: "Secret", SourceKind.CONFIG_MAP: "ConfigMap"}


def trail(variable: Variable) -> Iterator[Label]:
    """The places before the container's own entry through which a value comes, masked where they may hold it."""
    for span, text in variable.trail:
        if not span.overlaps(variable.at):
            yield Label(span, text, secret=_is_hidden(variable))


def readers(subject: PodContainer, keys: StaticKeys, besides: str = "") -> str:
    """Who uses the keys, with its verb: every SDK but some. `besides` names one more that does not."""
    name = keys.key_id.name
    if name != KEY_ID_NAMES[0]:
        return f"the {'Ruby' if name.startswith('AMAZON') else 'Go'} SDK, which reads {name}, uses"
    profile = subject.environment.get("AWS_PROFILE")
    others = [besides] if besides else []
    if profile is not None and profile.certain is Answer.YES and profile.material.kind is not MaterialKind.EMPTY:
        others.append("JavaScript v3 (AWS_PROFILE is set)")
    return f"every AWS SDK but {' and '.join(others)} uses" if others else "every AWS SDK uses"


def beside(keys: StaticKeys) -> Iterator[Label]:
    """The entry of the secret key, where it is another than that of the key id."""
    if keys.secret is not None and keys.secret.at != keys.key_id.at:
        yield Label(keys.secret.at, "and its secret", secret=_is_hidden(keys.secret) and not keys.secret.by_reference)


def entry(variable: Variable, text: str) -> Label:
    """The container's own entry for a variable, masked where it is the value itself."""
    return Label(variable.at, text, secret=_is_hidden(variable) and not variable.by_reference)


def _is_hidden(variable: Variable) -> bool:
    """Whether the text that holds a variable's value may be a secret: a key, or a password of another store."""
    return variable.material.is_key or variable.material.kind is MaterialKind.OTHER


def shown(material: Material) -> str:
    """A key id as far as it may be shown, in brackets; empty for what is not seen."""
    return f" ({material.shown})" if material.kind in _IDS and material.shown else ""


_IDS = (MaterialKind.KEY_ID, MaterialKind.TEMPORARY_KEY_ID)


def is_stand_in(subject: PodContainer) -> bool:
    """Whether the container's image is an emulator of AWS, another store, or a pipeline's."""
    image = subject.container.image
    return image is not None and (image.span == subject.endpoint or _STAND_INS.search(image.display) is not None)


def named(datum: Datum, names: tuple[str, ...]) -> bool:
    """Whether a key of a Secret or ConfigMap spells one of these variables, in any case and with any separators."""
    key = datum.key.known
    return key is not None and re.sub(r"[^A-Z0-9]", "_", key.upper()) in names


def is_replaced(graph: Graph, subject: ConfigObject) -> bool:
    """Whether a Kustomization puts an object of its own in the place of this one, so that its data goes nowhere."""
    return any(other.complete for other in rewritten_by(graph, subject))
