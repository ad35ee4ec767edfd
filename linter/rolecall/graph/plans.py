"""Plans beside the configurations that they were made of: what both declare is one entity, at its place in the source.

See docs/decisions/0012-plans.md.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import accumulate
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.graph.plans_values import Filling, agrees, is_open, moved, renamed
from rolecall.model import KeyLiteral, Plan, Role
from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.facts import Facts
    from rolecall.model import Entity, Origin
    from rolecall.span import Span

_KEY = regex.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
# An instance whose key is not known has its position there (see `terraform.module_instances`).
_POSITION = regex.compile(r'\["\$\{\d+\}"\]')
_CALL = regex.compile(r"module\.[^.]+\.")
_STEP = regex.compile(rf"([^.\[]+)((?:{_KEY.pattern})?)\.?")


@dataclass(frozen=True, slots=True)
class Joined:
    """The entities of a world, each once. `places`: where a plan says what stands at a place of a configuration.

    `settled` are the declarations of which one reading knows what the other does not.
    """

    entities: tuple[Entity, ...]
    places: dict[Span, Span]
    settled: tuple[Span, ...] = ()


def join(facts: tuple[Facts, ...]) -> Joined:
    """The entities of all units, those of a plan joined to those of the configuration that it belongs to."""
    plans = [unit for unit in facts if any(isinstance(entity, Plan) for entity in unit.entities)]
    names = {plan.unit for plan in plans}
    others = [unit for unit in facts if unit.unit not in names]
    places: dict[Span, Span] = {}
    configurations: dict[str, _Configuration] = {}
    alone: list[Entity] = []
    for plan in plans:
        unit = _belongs_to(plan, others)
        if unit is None:
            alone += plan.entities
            continue
        known = configurations.setdefault(unit.unit, _Configuration(unit, places))
        known.add(plan)
    entities = [
        entity
        for unit in others
        for entity in (configurations[unit.unit].entities() if unit.unit in configurations else unit.entities)
    ]
    settled = [span for configuration in configurations.values() for span in configuration.settled]
    return Joined((*entities, *alone), places, tuple(dict.fromkeys(settled)))


def _belongs_to(plan: Facts, units: list[Facts]) -> Facts | None:
    """The configuration that declares what a plan has; None where none does, or several do equally well."""
    planned = _by_base(plan)
    ranked: list[tuple[tuple[int, int, int], Facts]] = []
    for unit in units:
        own = _by_base(unit)
        shared = own.keys() & planned.keys()
        against = sum(not _is_named_alike(own[key], planned[key]) for key in shared)
        # A plan has the resources of modules that nobody here can evaluate, a configuration those it does not create.
        if len(shared) - against > 0 and 2 * len(shared) >= min(len(own), len(planned)):
            ranked.append(((len(shared) - 2 * against, _nearness(plan.unit, unit.unit), -len(own)), unit))
    ranked.sort(key=lambda one: one[0], reverse=True)
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    return ranked[0][1]


def _by_base(unit: Facts) -> dict[tuple[type, str], Entity]:
    """What a unit declares, by type and address. Instances share theirs: the first one stands for them."""
    found: dict[tuple[type, str], Entity] = {}
    for entity in unit.entities:
        if base := _base(entity):
            found.setdefault((type(entity), base), entity)
    return found


def _is_named_alike(mine: Entity, theirs: Entity) -> bool:
    return agrees(getattr(mine, "name", None), getattr(theirs, "name", None))


def _nearness(path: str, directory: str) -> int:
    """How near a file is to a directory: in it, below or above it, elsewhere."""
    folder = path.rpartition("/")[0] or "."
    if folder == directory:
        return 2
    inside = directory == "." or folder.startswith(f"{directory}/")
    return int(inside or folder == "." or directory.startswith(f"{folder}/"))


class _Configuration:
    """The entities of one configuration with what its plans say of them.

    The first plan fills what is unknown. A further one fills the rest where it agrees; where it does not, and the
    configuration does not say which is right, it is of another workspace: an entity of its own at the same place.
    """

    def __init__(self, facts: Facts, places: dict[Span, Span]) -> None:
        self._unit = facts.unit
        self._places = places
        self._own = facts.entities
        self._unevaluated = facts.unevaluated
        self.settled: list[Span] = []
        self._made: list[list[Entity]] = [[] for _ in facts.entities]
        self._more: dict[tuple[type, str, int], list[Entity]] = defaultdict(list)
        self._by_base: dict[tuple[type, str], list[int]] = defaultdict(list)
        for index, entity in enumerate(facts.entities):
            self._by_base[type(entity), _base(entity)].append(index)

    def entities(self) -> Iterator[Entity]:
        """All of them: each of the configuration as its plans have it, then those that only a plan has."""
        for entity, made in zip(self._own, self._made, strict=True):
            yield from made or (entity,)
        for more in self._more.values():
            yield from more

    def add(self, plan: Facts) -> None:
        """Takes in what a plan says."""
        planned = _addresses(plan.entities)
        bases = {_KEY.sub("", address) for address in planned}
        # A block of unknown instances is not there any more when its instances are.
        declared = {one for one in _addresses(self._own) if one in planned or _KEY.sub("", one) not in bases}
        filling = Filling(frozenset(declared), planned, self._places)
        apart = Filling(frozenset(declared), planned, {})
        ours, theirs = {plan.unit: self._unit}, {self._unit: plan.unit}
        self._settle_modules(planned)
        counts: dict[tuple[type, str], int] = defaultdict(int)
        for entity in plan.entities:
            address = _address(entity)
            nth = counts[type(entity), address]
            counts[type(entity), address] += 1
            twins = self._twins(entity) if address else []
            if nth < len(twins):
                original = self._own[twins[nth]]
                made = self._made[twins[nth]]
            else:
                # Only the plan has it; if the configuration has another of this address, at the place of that.
                original = moved(entity, _span(self._own[twins[-1]])) if twins else entity
                made = self._more[type(entity), address, nth]
            fill = filling if twins else apart
            at = next((at for at, one in enumerate(made) if _address(one) == address), None)
            if at is None:
                made.append(renamed(fill.filled(original, entity), ours))
            elif agrees(made[at], entity):
                made[at] = renamed(fill.filled(made[at], entity), ours)
            elif agrees(original, entity):
                made.append(renamed(fill.filled(original, entity), theirs))
            self._settle(made)
            if twins and not isinstance(entity, KeyLiteral):
                # What the plan does not know of it, the configuration knows, or says itself that it does not.
                self.settled.append(entity.origin.whole)

    def _settle_modules(self, planned: frozenset[str]) -> None:
        """Calls of modules that could not be evaluated, and of which the plan has the resources.

        Those in the configuration's own directory: of one in a module that it calls, only the last name is told.
        """
        modules = {module for address in planned for module in accumulate(_CALL.findall(_KEY.sub("", address)))}
        for one in self._unevaluated:
            directory = one.span.path.rpartition("/")[0] or "." if one.span is not None else None
            if (
                one.span is not None
                and directory == self._unit
                and f"{_KEY.sub('', one.what.partition(' ')[0])}." in modules
            ):
                self.settled.append(one.span)

    def _settle(self, made: list[Entity]) -> None:
        """The trust policies that the configuration could not read in full, and the plan could."""
        for one in made:
            if isinstance(one, Role) and one.trust is not None and not is_open(one.trust.document):
                self.settled.append(one.origin.whole)

    def _twins(self, entity: Entity) -> list[int]:
        """Which of our entities are an entity's declaration: of the same address, else of one that stands for it."""
        address = _address(entity)
        alike = self._by_base.get((type(entity), _base(entity)), [])
        exact = [index for index in alike if _address(self._own[index]) == address]
        if exact:
            return exact
        standing = [index for index in alike if _stands_for(_address(self._own[index]), address)]
        # Of several whose keys are not known, those first that may say what it says.
        return sorted(standing, key=lambda index: not agrees(self._own[index], entity))


def _origin(entity: Entity) -> Origin | None:
    """Where an entity is declared; key material in a text is not declared."""
    return getattr(entity, "origin", None)


def _address(entity: Entity) -> str:
    origin = _origin(entity)
    return origin.address if origin and not isinstance(entity, Plan) else ""


def _addresses(entities: tuple[Entity, ...]) -> frozenset[str]:
    return frozenset(filter(None, map(_address, entities)))


def _base(entity: Entity) -> str:
    """An address without the keys of instances."""
    return _KEY.sub("", _address(entity))


def _span(entity: Entity) -> Span:
    return entity.span if isinstance(entity, KeyLiteral) else entity.origin.span


def _stands_for(block: str, instance: str) -> bool:
    """Whether the address of a block whose instances are not known is that of an instance, keys left out."""
    pairs = list(zip(_STEP.findall(_POSITION.sub("", block)), _STEP.findall(instance), strict=False))
    return all(mine == theirs or (mine[0] == theirs[0] and not mine[1]) for mine, theirs in pairs)
