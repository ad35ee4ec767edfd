"""`count`, `for_each` and OpenTofu's `enabled`: how many instances a block has, as far as that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.records import dataclass
from rolecall.terraform.addresses import key as key_of
from rolecall.terraform.module_blocks import Block
from rolecall.terraform.values import Failure, boolean_of, is_known, number_of, the_hole
from rolecall.tree import Entry, Hole, Kind, Mapping, Node, Reference, Scalar, Sequence, known, unknown

if TYPE_CHECKING:
    from rolecall.terraform.directory import Declared
    from rolecall.terraform.module import Module
    from rolecall.terraform.parser_nodes import Body

_MOST = 500


@dataclass(frozen=True, slots=True)
class Instances:
    """The instances of a block by key: `None` alone for one that does not repeat.

    `keys` None: how many there are is unknown, for the reason in `hole`; one block then stands for all. With keys and a
    `hole` there may be more, for which one more block stands.
    """

    module: Module
    declared: Declared
    keys: tuple[tuple[Scalar | None, Node | None], ...] | None
    hole: Hole | None = None

    @property
    def repeats(self) -> bool:
        """Whether the block has `count` or `for_each`."""
        return self.keys is None or not self.keys or self.keys[0][0] is not None

    def blocks(self) -> tuple[Block, ...]:
        """One block an instance, and one for those that are not known."""
        if self.keys is None:
            return (self.block(None, None),)
        return (*self.known(), self.block(None, None)) if self.hole else self.known()

    def known(self) -> tuple[Block, ...]:
        """One block for each instance that is known."""
        return tuple(self.block(key, value) for key, value in self.keys or ())

    def block(self, key: Scalar | None, value: Node | None) -> Block:
        """The block for one instance; without a key the one that stands for all."""
        declared, scope = self.declared, _unknown_instance(self.module, self.declared)
        address = self.module.prefix + declared.address
        if key is not None:
            numbered = key.kind is Kind.NUMBER
            address += key_of(key.known if key.known is not None else self._position(key), number=numbered)
            if numbered:
                scope = (("count", Mapping((Entry(known("index", key.span), key),), key.span)),)
            else:
                entries = (Entry(known("key", key.span), key), Entry(known("value", key.span), value or key))
                scope = (("each", Mapping(entries, key.span)),)
        return Block(
            declared.kind, declared.labels, declared.span, declared.whole, address, self.module, declared, scope
        )

    def _position(self, key: Scalar) -> str:
        """What stands in the address of an instance whose key is not known: which one it is, as it is written."""
        return f"${{{next((at for at, (one, _) in enumerate(self.keys or ()) if one is key), '')}}}"


def _unknown_instance(module: Module, declared: Declared) -> tuple[tuple[str, Node], ...]:
    place = declared.span

    def one(*words: str) -> Mapping:
        holes = (
            (
                word,
                Hole(
                    "one of several instances",
                    (Reference(module.unit, module.prefix + declared.address, f"{words[0]}.{word}"),),
                ),
            )
            for word in words[1:]
        )
        return Mapping(tuple(Entry(known(word, place), unknown(hole, place)) for word, hole in holes), place)

    return (("each", one("each", "key", "value")), ("count", one("count", "index")))


def instances_of(module: Module, declared: Declared) -> Instances:
    """The instances of a block."""
    single = Instances(module, declared, ((None, None),))
    if declared.kind not in ("resource", "data", "module", "ephemeral"):
        return single
    body = module.parsed(declared)
    if body is None:
        return single
    count, each = body.argument("count"), body.argument("for_each")
    if count is not None:
        found = _counted(module, declared, module.evaluator.apart(count.value, {}))
    elif each is not None:
        found = _for_each(module, declared, module.evaluator.apart(each.value, {}))
    else:
        return single if _is_enabled(module, body) else Instances(module, declared, ())
    if found.keys and not module.configuration.may_have(len(found.keys)):
        return _too_many(module, declared)
    return found


def _is_enabled(module: Module, body: Body) -> bool:
    """Whether a block makes something: what OpenTofu's `enabled` says.

    https://opentofu.org/docs/language/meta-arguments/enabled/
    """
    for nested in body.nested("lifecycle"):
        enabled = nested.body.argument("enabled")
        if enabled is not None:
            try:
                return boolean_of(module.evaluator.apart(enabled.value, {})) is not False
            except Failure:
                return True
    return True


def _too_many(module: Module, declared: Declared) -> Instances:
    """One block for all instances, and a word that there are more."""
    hole = Hole("more instances than are evaluated")
    module.configuration.leave_out(module.prefix + declared.address, hole, module.place or declared.span)
    return Instances(module, declared, None, hole)


def _counted(module: Module, declared: Declared, value: Node) -> Instances:
    try:
        amount = number_of(value)
    except Failure as failure:
        return Instances(module, declared, None, Hole(str(failure)))
    if amount is None:
        return Instances(module, declared, None, value.holes[0] if isinstance(value, Scalar) else None)
    if amount > _MOST:
        return _too_many(module, declared)
    if amount < 0 or amount != int(amount):
        return Instances(module, declared, None, Hole("a count that is not a whole number"))
    keys = tuple((known(str(index), value.span, Kind.NUMBER), None) for index in range(int(amount)))
    return Instances(module, declared, keys)


def _for_each(module: Module, declared: Declared, value: Node) -> Instances:
    rest = the_hole(value) if isinstance(value, Scalar) else value.rest
    unsure = Instances(module, declared, None, rest or Hole("a for_each that is not known"))
    keys: list[tuple[Scalar | None, Node | None]] = []
    if isinstance(value, Scalar):
        return unsure
    if isinstance(value, Sequence):
        for item in value.items:
            if not isinstance(item, Scalar) or not _is_one(item):
                return unsure
            keys.append((Scalar(item.parts, Kind.STRING, item.span, item.via), item))
    else:
        if any(not _is_one(entry.key) for entry in value.entries):
            return unsure
        last = {entry.key.known if is_known(entry.key) else entry.key.parts: entry for entry in value.entries}
        keys.extend((Scalar(entry.key.parts, Kind.STRING, entry.key.span), entry.value) for entry in last.values())
    if rest is not None and not (keys and all(key is not None and is_known(key) for key, _ in keys)):
        # One that is known in part may be one of those that are not seen.
        return unsure
    return Instances(module, declared, tuple(keys), rest) if len(keys) <= _MOST else _too_many(module, declared)


def _is_one(key: Scalar) -> bool:
    """Whether a key is known, or in part, so that it is one that is not all the others."""
    return is_known(key) or any(isinstance(part, str) and part for part in key.parts)
