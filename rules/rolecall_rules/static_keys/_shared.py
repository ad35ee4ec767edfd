"""What the rules about static keys in containers have in common: which keys a container gets, and from where."""

import re
from collections.abc import Iterator

from rolecall import regex
from rolecall.answer import Answer
from rolecall.chain.variables import is_set, origin_of, source_of
from rolecall.graph import Graph
from rolecall.graph.containers import rewritten_by
from rolecall.graph.views import PodContainer, Variable
from rolecall.model import ConfigObject, Datum, EnvVar, Material, MaterialKind
from rolecall.model.secrets import KEY_ID_NAMES, SECRET_KEY_NAMES, TOKEN_NAMES
from rolecall.problem import Unevaluated
from rolecall.records import dataclass
from rolecall.rule import Label

# Images that stand in for AWS, or run in a pipeline, where keys are made up or short-lived by design.
STAND_INS = regex.compile(
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


_NOTHING = (MaterialKind.EMPTY, MaterialKind.PLACEHOLDER)


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
    if subject.workload.origin.is_possible(variable.at, subject.container.span):
        return "a template decides whether it is set"
    source = source_of(subject, variable)
    if isinstance(source, EnvVar) and source.object_name is None:
        return "the value is an expression"
    return "an optional reference to what is not among the files" if source.optional else "its value is not seen"


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
    return image is not None and (image.span == subject.endpoint or STAND_INS.search(image.display) is not None)


def named(datum: Datum, names: tuple[str, ...]) -> bool:
    """Whether a key of a Secret or ConfigMap spells one of these variables, in any case and with any separators."""
    key = datum.key.known
    return key is not None and re.sub(r"[^A-Z0-9]", "_", key.upper()) in names


def aws_key(thing: ConfigObject) -> Datum | None:
    """The first AWS key in a Secret or ConfigMap: written, or by both names of a pair whose values are not seen."""
    data = [datum for datum in thing.data if datum.material.kind not in _NOTHING]
    ids = [datum for datum in data if named(datum, KEY_ID_NAMES)]
    pair = ids if any(named(datum, SECRET_KEY_NAMES) for datum in data) else []
    return next(iter((*(datum for datum in data if datum.material.is_key), *pair)), None)


def is_replaced(graph: Graph, subject: ConfigObject) -> bool:
    """Whether a Kustomization puts an object of its own in the place of this one, so that its data goes nowhere."""
    return any(other.complete for other in rewritten_by(graph, subject))
