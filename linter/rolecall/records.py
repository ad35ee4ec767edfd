"""`dataclass` for frozen classes with slots, at a fraction of the standard one's cost: methods are built when needed.

See docs/decisions/0011-records.md.
"""

from __future__ import annotations

import dataclasses
from functools import lru_cache, total_ordering
from operator import attrgetter
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    # What type checkers know about the standard one holds for this one.
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - exported
else:

    def dataclass(*, frozen: bool, slots: bool, order: bool = False) -> Any:  # noqa: ANN401 - typed above
        """What `dataclasses.dataclass` makes with the same arguments, `replace` and `fields` included."""
        if not (frozen and slots):
            message = "for classes that change, use the standard library's"
            raise TypeError(message)
        return lambda cls: _made(cls, order=order)


def _made(plain: type[Any], *, order: bool) -> type[Any]:
    cls = _slotted(plain)
    values = _values(cls)

    def equal(self: object, other: object) -> bool:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def less(self: object, other: object) -> bool:
        return values(self) < values(other) if other.__class__ is self.__class__ else NotImplemented

    def first(self: object, *args: object, **named: object) -> None:
        cls.__init__ = init = _init(cls)
        init(self, *args, **named)

    cls.__init__ = first
    cls.__eq__ = equal
    cls.__hash__ = lambda self: hash(values(self))
    if order:
        cls.__lt__ = less
        total_ordering(cls)
    if "__repr__" not in cls.__dict__:
        cls.__repr__ = _repr
    cls.__setattr__ = _refuse
    cls.__delattr__ = _refuse
    cls.__reduce__ = _reduce
    return cls  # type: ignore[no-any-return]


def _slotted(plain: type[Any]) -> Any:  # noqa: ANN401 - a class
    """The class with slots for its fields, which `dataclasses` knows as those of one of its own."""
    inherited = {field.name: field for base in reversed(plain.__mro__[1:]) for field in _fields(base)}
    own: dict[str, dataclasses.Field[Any]] = {}
    namespace = dict(vars(plain))
    for name, kind in namespace.get("__annotations__", {}).items():
        default = namespace.pop(name, dataclasses.MISSING)
        field: Any = default if isinstance(default, dataclasses.Field) else dataclasses.field(default=default)
        # What `dataclasses.fields` and `replace` go by.
        field.name, field.type, field._field_type = name, kind, _FIELD  # noqa: SLF001
        own[name] = field
    for without in ("__dict__", "__weakref__"):
        namespace.pop(without, None)
    every = {**inherited, **own}
    namespace["__slots__"] = tuple(name for name in own if name not in inherited)
    namespace["__dataclass_fields__"] = every
    namespace["__match_args__"] = tuple(every)
    metaclass: Any = type(plain)
    return metaclass(plain.__name__, plain.__bases__, namespace)


def _fields(cls: type[Any]) -> Iterable[dataclasses.Field[Any]]:
    fields: dict[str, dataclasses.Field[Any]] = vars(cls).get("__dataclass_fields__", {})
    return fields.values()


@dataclasses.dataclass
class _Sample:
    of: int


_FIELD = dataclasses.fields(_Sample)[0]._field_type  # type: ignore[attr-defined]  # noqa: SLF001 - the same object


def _values(cls: type[Any]) -> attrgetter[Any]:
    """What makes an object of the class the equal of another."""
    names = [field.name for field in dataclasses.fields(cls) if field.compare]
    return attrgetter(*names or ["__class__"])


def _init(cls: type[Any]) -> Any:  # noqa: ANN401 - a function of any parameters
    """The constructor. Slots are set through their descriptors, past `__setattr__` and faster than by their names."""
    fields = dataclasses.fields(cls)
    factories = [field.default_factory for field in fields]
    scope: dict[str, Any] = {"absent": dataclasses.MISSING}
    for number, field in enumerate(fields):
        scope[f"set_{number}"] = getattr(cls, field.name).__set__
        scope[f"make_{number}"] = factories[number]
    code = _constructor(tuple(factory is not dataclasses.MISSING for factory in factories))
    code = code.replace(
        co_varnames=("self", *(field.name for field in fields)), co_qualname=f"{cls.__qualname__}.__init__"
    )
    # Fields without a default come first; that of a field whose default is made is `absent`, which is MISSING, too.
    first = next((n for n, field in enumerate(fields) if _has_default(field)), len(fields))
    return FunctionType(code, scope, "__init__", tuple(field.default for field in fields[first:]))


def _has_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING


@lru_cache(maxsize=100)
def _constructor(made: tuple[bool, ...]) -> CodeType:
    """The code that sets fields, `made` says of each whether its default is made; classes with as many share it."""
    values = (f"make_{n}() if _{n} is absent else _{n}" if made[n] else f"_{n}" for n in range(len(made)))
    body = "".join(f"  set_{n}(self, {value})\n" for n, value in enumerate(values))
    scope: dict[str, Any] = {}
    parameters = "".join(f", _{n}" for n in range(len(made)))
    exec(f"def __init__(self{parameters}):\n{body or '  pass'}", scope)  # noqa: S102 - no input
    code: CodeType = scope["__init__"].__code__
    return code


def _repr(self: Any) -> str:  # noqa: ANN401 - any record
    shown = ", ".join(f"{f.name}={getattr(self, f.name)!r}" for f in dataclasses.fields(self) if f.repr)
    return f"{type(self).__qualname__}({shown})"


def _refuse(self: object, name: str, *_: object) -> None:
    message = f"{type(self).__name__}.{name} cannot be changed"
    raise dataclasses.FrozenInstanceError(message)


def _reduce(self: Any) -> tuple[Any, ...]:  # noqa: ANN401 - any record
    return type(self), tuple(getattr(self, field.name) for field in dataclasses.fields(self))
