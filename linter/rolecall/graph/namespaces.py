"""Namespaces: whether two objects are in the same one, and look-ups of objects by name and namespace.

A namespace that a manifest does not write is set by `kubectl -n`, Kustomize, Argo CD or `helm -n`, so it is unknown,
not `default`. A rendered chart that says `default` was mostly rendered without `-n`: that is unknown too.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Generic, TypeVar

from rolecall.answer import Answer
from rolecall.records import dataclass
from rolecall.tree import Kind, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from rolecall.model import KubernetesObject, Origin

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object goes: the namespace as written, and what it is applied together with.

    `open`: the namespace is chosen when the group is applied, the same one for all of the group. `group` is empty
    where nothing is known about that.
    """

    namespace: Scalar | None
    group: str = ""
    open: bool = False


def place_of(thing: KubernetesObject) -> Place:
    """Where an object goes."""
    return place(thing.namespace, thing.origin)


def place(namespace: Scalar | None, origin: Origin) -> Place:
    """Where something goes that says this namespace."""
    if namespace is None or namespace.is_empty:
        return Place(None, origin.group, open=True)
    if namespace.known == "default" and origin.template:
        return Place(namespace, origin.group, open=True)
    return Place(namespace, origin.group)


def same_namespace(a: KubernetesObject, b: KubernetesObject) -> Answer:
    """Whether two objects are in the same namespace."""
    return same_place(place_of(a), place_of(b))


def same_place(a: Place, b: Place) -> Answer:
    """Whether two places are the same namespace."""
    if a.open or b.open:
        together = a.open and b.open and a.group == b.group and a.group != ""
        return Answer.YES if together else Answer.UNKNOWN
    if a.namespace is None or b.namespace is None:
        return Answer.UNKNOWN
    return same_text(a.namespace, b.namespace)


def same_text(a: Scalar, b: Scalar) -> Answer:
    """Whether two partly known texts are equal. Unknown parts are equal where they depend on the same things."""
    first, second = a.known, b.known
    if first is not None and second is not None:
        return Answer.of(first == second)
    if a.parts == b.parts and all(hole.references for hole in a.holes):
        return Answer.YES
    if a.kind is Kind.NULL or b.kind is Kind.NULL:
        return Answer.UNKNOWN
    starts, ends = (_edge(a, 0), _edge(b, 0)), (_edge(a, -1), _edge(b, -1))
    if not _agree(*starts) or not _agree(ends[0][::-1], ends[1][::-1]):
        return Answer.NO
    return Answer.UNKNOWN


def _edge(scalar: Scalar, index: int) -> str:
    """The known text at one end."""
    part = scalar.parts[index] if scalar.parts else ""
    return part if isinstance(part, str) else ""


def _agree(a: str, b: str) -> bool:
    return a.startswith(b) or b.startswith(a)


def text_key(scalar: Scalar) -> Hashable:
    """A key that equal texts share; None where equality cannot be known."""
    text = scalar.known
    if text is not None:
        return text
    return scalar.parts if scalar.parts and all(hole.references for hole in scalar.holes) else None


@dataclass(frozen=True, slots=True)
class Matches(Generic[T]):
    """What a look-up found: what is in the namespace, and what may be in it.

    From a place whose namespace is open, other groups' things are listed only where its own group has none.
    """

    certain: tuple[T, ...] = ()
    possible: tuple[T, ...] = ()

    @property
    def every(self) -> tuple[T, ...]:
        """What is, or may be, there."""
        return (*self.certain, *self.possible)


class ByName(Generic[T]):
    """Things by name and namespace.

    A look-up costs no more than what is near it, equal look-ups are made once, and long lists are shared.
    """

    __slots__ = ("_found", "_named", "_nameless", "_unsure")

    def __init__(self, things: Iterable[tuple[T, Scalar, Place]]) -> None:
        self._named: dict[Hashable, _Places[T]] = defaultdict(_Places)
        self._unsure: list[tuple[T, Scalar, Place]] = []
        nameless = []
        for thing, name, where in things:
            key = text_key(name)
            if key is not None:
                self._named[key].add(thing, where)
            elif _blank(name) and (where.open or where.namespace is None or _blank(where.namespace)):
                nameless.append(thing)
            else:
                self._unsure.append((thing, name, where))
        self._nameless = tuple(nameless)
        self._found: dict[Hashable, Matches[T]] = {}

    def find(self, name: Scalar, where: Place) -> Matches[T]:
        """The things of this name that are, or may be, in this place; nothing where the name is not known."""
        key = text_key(name)
        places = self._named.get(key) if key is not None else None
        if places is None:
            return Matches()
        namespace = where.namespace.parts if where.namespace is not None and not where.open else None
        asked = (key, where.open, where.group if where.open else "", namespace)
        if asked not in self._found:
            self._found[asked] = places.find(where)
        return self._found[asked]

    def unsure(self, name: Scalar, where: Place) -> tuple[T, ...]:
        """The things whose name is not known, but may be this one, and that may be in this place."""
        found = tuple(
            thing
            for thing, other, there in self._unsure
            if same_text(name, other) is not Answer.NO and same_place(where, there) is not Answer.NO
        )
        return (*found, *self._nameless) if found else self._nameless


class _Places(Generic[T]):
    """Things of one name, by place."""

    __slots__ = ("_anywhere", "_closed", "_everything", "_groups", "_partly", "_shared")

    def __init__(self) -> None:
        self._closed: dict[str, list[T]] = defaultdict(list)
        self._groups: dict[str, list[T]] = defaultdict(list)
        self._partly: list[tuple[T, Place]] = []
        self._anywhere: list[T] = []
        self._everything: list[T] = []
        self._shared: tuple[tuple[T, ...], tuple[T, ...]] | None = None

    def add(self, thing: T, where: Place) -> None:
        """Keep a thing."""
        self._everything.append(thing)
        self._shared = None
        namespace = where.namespace.known if where.namespace is not None else None
        if where.open:
            self._anywhere.append(thing)
            self._groups[where.group].append(thing)
        elif where.namespace is None or (_blank(where.namespace) and text_key(where.namespace) is None):
            self._anywhere.append(thing)
        elif namespace is not None:
            self._closed[namespace].append(thing)
        else:
            self._partly.append((thing, where))

    def find(self, where: Place) -> Matches[T]:
        """What is, and what may be, in a place."""
        if self._shared is None:
            self._shared = (tuple(self._everything), tuple(self._anywhere))
        everything, anywhere = self._shared
        namespace = where.namespace.known if where.namespace is not None else None
        if where.open:
            certain = tuple(self._groups.get(where.group, ())) if where.group else ()
            return Matches(certain, () if certain else everything)
        if namespace is not None:
            partly = tuple(thing for thing, there in self._partly if same_place(where, there) is not Answer.NO)
            possible = (*anywhere, *partly) if partly else anywhere
            return Matches(tuple(self._closed.get(namespace, ())), possible)
        answers = [(thing, same_place(where, there)) for thing, there in self._partly]
        possible = tuple(thing for thing, answer in answers if answer is Answer.UNKNOWN)
        near = (things for text, things in self._closed.items() if where.namespace and _may_be(where.namespace, text))
        return Matches(
            tuple(thing for thing, answer in answers if answer is Answer.YES),
            (*anywhere, *possible, *(thing for things in near for thing in things)),
        )


def _blank(scalar: Scalar) -> bool:
    """Whether nothing is known of a text's ends, so that it may be almost any."""
    return scalar.known is None and not _edge(scalar, 0) and not _edge(scalar, -1)


def _may_be(scalar: Scalar, text: str) -> bool:
    return text.startswith(_edge(scalar, 0)) and text.endswith(_edge(scalar, -1))


def one_of(things: tuple[T, ...], origin_of: Callable[[T], Origin], seen_from: Origin) -> T | None:
    """The thing meant where several have the same name and namespace: one environment's copies stand together.

    That is the only one of the same file, else the only one of the same group; None where that does not decide. What
    several units declare at one place is one thing: a manifest that Terraform applies is read as a file, too.
    """
    if len(things) == 1:
        return things[0]
    origins = [origin_of(thing) for thing in things]
    if len({origin.span for origin in origins}) == 1 and len({origin.unit for origin in origins}) == len(origins):
        return things[0]
    for near in (
        [thing for thing in things if origin_of(thing).unit == seen_from.unit],
        [thing for thing in things if origin_of(thing).group == seen_from.group],
    ):
        if near:
            return near[0] if len(near) == 1 else None
    return None


def meant(matches: Matches[T], origin_of: Callable[[T], Origin], seen_from: Origin) -> T | None:
    """The one thing that a look-up means, or None where that is not certain.

    A possible match counts only where the world holds no other thing of that name and the two are applied together:
    one of them names its namespace and the other leaves it to the command that applies both.
    """
    certain = _together(matches.certain, origin_of, seen_from)
    if certain:
        return one_of(certain, origin_of, seen_from)
    possible = _together(matches.possible, origin_of, seen_from)
    if len(possible) == 1 and seen_from.group and origin_of(possible[0]).group == seen_from.group:
        return possible[0]
    return None


def _together(things: tuple[T, ...], origin_of: Callable[[T], Origin], seen_from: Origin) -> tuple[T, ...]:
    """Of some things those that are deployed with what looks: of the same overlay, or of none."""
    if not seen_from.world:
        return things
    return tuple(thing for thing in things if origin_of(thing).world in ("", seen_from.world))
