"""Containers as they will run: their final environment, joined to the Secrets and ConfigMaps that give it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.answer import Answer
from rolecall.graph.containers_endpoint import endpoint, held_endpoint
from rolecall.graph.images import baked, build_of
from rolecall.graph.namespaces import ByName, Place, meant, place_of, same_namespace, text_key
from rolecall.graph.service_accounts import runs_as
from rolecall.graph.views import Environment, PodContainer, Variable
from rolecall.model import ConfigObject, Material, MaterialKind, Workload
from rolecall.model.kubernetes import SourceKind

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from rolecall.graph import Graph
    from rolecall.model import Container, Datum, EnvFrom, EnvVar, Origin
    from rolecall.span import Span
    from rolecall.tree import Scalar

# Kubernetes before KEP-4369 leaves out other names (validation.IsEnvVarName); no variable that matters has one.
_VALID_NAME = regex.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_MOST_TAKEN = 1_000_000
"""Variables that all `envFrom` of a world may make: thousands of containers may each take all of a huge ConfigMap."""
_UNSEEN = Material(MaterialKind.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Scene:
    """What a container's references are looked up in, and where it stands itself."""

    graph: Graph
    where: Place
    origin: Origin
    taken: list[int]
    container: Span | None = None

    def is_possible(self, span: Span) -> bool:
        """Whether the container has what stands here on a condition only."""
        return bool(self.origin.possible) and self.origin.is_possible(span, self.container)

    def take(self, thing: ConfigObject) -> bool:
        """Whether there is room for all keys of an object, which is then used up."""
        self.taken[0] += len(thing.data)
        return self.taken[0] <= _MOST_TAKEN

    def find(self, kind: SourceKind, name: Scalar | None) -> ConfigObject | None:
        """The Secret or ConfigMap of that name whose content is certain."""
        return config_object(self.graph, kind, name, self.where, self.origin)


def containers(graph: Graph) -> tuple[PodContainer, ...]:
    """Every container of every pod in the world."""
    found = []
    taken = [0]
    for workload in graph.all(Workload):
        scene = _Scene(graph, place_of(workload), workload.origin, taken)
        for pod in workload.pods:
            account = runs_as(graph, workload, pod)
            for container in pod.containers:
                inside = replace(scene, container=container.span) if workload.origin.possible else scene
                environment, consumed = _environment(container, inside)
                other = endpoint(container, environment, consumed)
                found.append(PodContainer(workload, pod, container, environment, account, other))
    return tuple(found)


def config_object(
    graph: Graph, kind: SourceKind, name: Scalar | None, where: Place, seen_from: Origin
) -> ConfigObject | None:
    """The Secret or ConfigMap that a name means from a place; None where none is seen or it is not certain which.

    A Kustomization that generates, replaces or merges one of that name decides what will really be there: beside
    another of that name, neither is certain.
    """
    if name is None or kind not in (SourceKind.SECRET, SourceKind.CONFIG_MAP):
        return None
    secret = kind is SourceKind.SECRET
    by_name: ByName[ConfigObject] = graph.keep(_secrets if secret else _config_maps)
    thing = meant(by_name.find(name, where), _origin, seen_from)
    if thing is not None and rewritten_by(graph, thing):
        return None
    return thing


def rewritten_by(graph: Graph, thing: ConfigObject) -> tuple[ConfigObject, ...]:
    """What Kustomizations make under the name of an object, and may put in its place."""
    generated: dict[tuple[bool, Hashable], list[ConfigObject]] = graph.keep(_generated)
    return tuple(
        other
        for other in generated.get((thing.is_secret, text_key(thing.name)), ())
        if other is not thing and same_namespace(other, thing) is not Answer.NO
    )


def _generated(graph: Graph) -> dict[tuple[bool, Hashable], list[ConfigObject]]:
    found: dict[tuple[bool, Hashable], list[ConfigObject]] = defaultdict(list)
    for thing in graph.all(ConfigObject):
        if thing.made_by == "Kustomization":
            found[thing.is_secret, text_key(thing.name)].append(thing)
    return found


def _environment(container: Container, scene: _Scene) -> tuple[Environment, tuple[Span, ...]]:
    """The final environment, in the order of the kubelet (makeEnvironmentVariables in kubelet_pods.go).

    The image's own first, if it is known what that sets; over it all of `envFrom`, each over the one before, then `env`
    in order, over everything.
    """
    own = {variable.name: variable for variable in _baked(container, scene.graph)}
    made = _Made(own, [], [], open=container.env_rest)
    for source in container.env_from:
        _take_all(made, source, scene)
    for entry in container.env:
        _take_one(made, entry, scene)
    environment = Environment(tuple(made.variables.values()), tuple(made.unseen), open=made.open)
    held: dict[int, Span] = scene.graph.keep(_held_endpoints)
    return environment, tuple(held[id(thing)] for thing in made.consumed if id(thing) in held)


@dataclass(slots=True)
class _Made:
    """An environment while it is made."""

    variables: dict[str, Variable]
    unseen: list[Scalar]
    consumed: list[ConfigObject]
    open: bool

    def put(self, variable: Variable) -> None:
        """Set a variable over what was there; one that may be absent leaves a certain one certain to be set."""
        before = self.variables.pop(variable.name, None)
        if before is not None and before.certain is Answer.YES and variable.certain is Answer.UNKNOWN:
            variable = replace(variable, certain=Answer.YES, material=_UNSEEN, value=None)
        self.variables[variable.name] = variable


def _baked(container: Container, graph: Graph) -> Iterator[Variable]:
    """What the container's image sets, where its Dockerfile is known."""
    build, image = build_of(graph, container), container.image
    for one in baked(build) if build is not None else ():
        if one.name.known is not None and image is not None:
            trail = ((one.span, "baked into the image"), (image.span, "the container runs this image"))
            yield Variable(
                one.name.known,
                Answer.YES,
                one.material,
                one.value,
                image.span,
                trail,
                explicit=False,
                by_reference=True,
                baked=True,
            )


def _take_all(made: _Made, source: EnvFrom, scene: _Scene) -> None:
    """Every key of an object. What is not seen may set anything, and override what came before it."""
    thing = scene.find(source.kind, source.object_name)
    if thing is not None and not scene.take(thing):
        thing = None
    prefix = (source.prefix.known if source.prefix else "") if thing is not None else None
    possible = scene.is_possible(source.object_name.used)
    if thing is None or not thing.complete or prefix is None or possible:
        made.unseen.append(source.object_name)
        made.open = True
        made.variables.update({name: _doubted(variable) for name, variable in made.variables.items()})
    if thing is None or prefix is None:
        return
    made.consumed.append(thing)
    for datum in thing.data:
        key = datum.key.known
        name = prefix + key if key is not None else None
        if name is None or datum.binary or not _VALID_NAME.fullmatch(name):
            continue
        at = source.object_name.used
        trail = ((datum.span, f"{thing.display} holds it"), (at, "the container takes all of its keys"))
        certain = Answer.UNKNOWN if possible else _set(datum)
        given = Variable(name, certain, datum.material, datum.value, at, trail, explicit=False, by_reference=True)
        made.put(given)


def _set(datum: Datum) -> Answer:
    return Answer.YES if datum.certain else Answer.UNKNOWN


def _doubted(variable: Variable) -> Variable:
    """The variable, when something unseen may have replaced its value: set for certain, to what is not certain."""
    return replace(variable, material=_UNSEEN, value=None)


def _take_one(made: _Made, entry: EnvVar, scene: _Scene) -> None:
    name = entry.name.known
    if name is None:
        made.open = True
        return
    possible = scene.is_possible(entry.span)
    for variable in _given(made, name, entry, scene):
        made.put(replace(variable, certain=Answer.UNKNOWN) if possible else variable)


def _given(made: _Made, name: str, entry: EnvVar, scene: _Scene) -> Iterator[Variable]:
    if entry.kind is SourceKind.LITERAL:
        yield _expanded(made, name, entry)
    elif entry.kind in (SourceKind.SECRET, SourceKind.CONFIG_MAP):
        yield from _referenced(made, name, entry, scene)
    else:
        yield Variable(name, Answer.YES, _UNSEEN, None, entry.span)


def _referenced(made: _Made, name: str, entry: EnvVar, scene: _Scene) -> Iterator[Variable]:
    """A reference to one key. An optional one that is absent sets nothing; another must exist for the pod to start."""
    thing = scene.find(entry.kind, entry.object_name)
    datum = _datum(scene.graph, thing, entry.object_key)
    if thing is not None:
        made.consumed.append(thing)
    if thing is not None and datum is not None:
        trail = ((datum.span, f"{thing.display} holds it"), (entry.span, "the container takes it"))
        yield Variable(name, _set(datum), datum.material, datum.value, entry.span, trail, by_reference=True)
        return
    absent = thing is not None and thing.complete and entry.object_key is not None and entry.object_key.known
    if absent and entry.optional:
        return
    certain = Answer.UNKNOWN if entry.optional or absent else Answer.YES
    unseen = ((entry.span, f"from {_source(entry)}"),)
    yield Variable(name, certain, _UNSEEN, None, entry.span, unseen, by_reference=True)


def _source(entry: EnvVar) -> str:
    word = "Secret" if entry.kind is SourceKind.SECRET else "ConfigMap"
    return f"{word} {entry.object_name.display}" if entry.object_name is not None else f"a {word}"


def _datum(graph: Graph, thing: ConfigObject | None, key: Scalar | None) -> Datum | None:
    index: dict[tuple[int, str], Datum] = graph.keep(_data)
    text = key.known if key is not None else None
    return index.get((id(thing), text)) if thing is not None and text is not None else None


_WHOLE = regex.compile(r"\$\(([^()$]+)\)")


def _expanded(made: _Made, name: str, entry: EnvVar) -> Variable:
    """A literal, with `$(OTHER)` replaced by a variable that is set before it.

    A reference to a variable that is not set stays as it is written.
    """
    plain = Variable(name, Answer.YES, entry.material, entry.value, entry.span, ((entry.span, "set here"),))
    text = entry.value.known if entry.value is not None else None
    if text is None or "$(" not in text:
        return plain
    whole = _WHOLE.fullmatch(text)
    if whole is None:
        return replace(plain, material=_UNSEEN)
    other = made.variables.get(whole[1])
    if other is None:
        return replace(plain, material=_UNSEEN)
    trail = (*other.trail, (entry.span, f"takes the value of {other.name}"))
    return replace(plain, material=other.material, value=other.value, trail=trail, by_reference=other.by_reference)


def _origin(thing: ConfigObject) -> Origin:
    return thing.origin


def _secrets(graph: Graph) -> ByName[ConfigObject]:
    return ByName((thing, thing.name, place_of(thing)) for thing in graph.all(ConfigObject) if thing.is_secret)


def _config_maps(graph: Graph) -> ByName[ConfigObject]:
    return ByName((thing, thing.name, place_of(thing)) for thing in graph.all(ConfigObject) if not thing.is_secret)


def _data(graph: Graph) -> dict[tuple[int, str], Datum]:
    """What an environment may take, by object and key."""
    return {
        (id(thing), datum.key.known): datum
        for thing in graph.all(ConfigObject)
        for datum in thing.data
        if datum.key.known is not None and not datum.binary
    }


def _held_endpoints(graph: Graph) -> dict[int, Span]:
    found = ((thing, held_endpoint(thing)) for thing in graph.all(ConfigObject))
    return {id(thing): span for thing, span in found if span is not None}
