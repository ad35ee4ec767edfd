"""Which of several things of one name is meant: the one that is declared nearest to where the name is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from rolecall.tree import parted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rolecall.model import Origin


class _Declared(Protocol):
    @property
    def origin(self) -> Origin: ...


T = TypeVar("T", bound=_Declared)


def nearest(things: Sequence[T], place: Origin | None) -> T | None:
    """The only thing; of several the only one of the unit where it is named, or of the module. None if it is open.

    Two calls of a module make roles of one name where they use different accounts.
    """
    if len(things) > 1 and place is not None:
        things = [thing for thing in things if thing.origin.unit == place.unit]
        if len(things) > 1:
            module = parted(place.address)[0]
            things = [thing for thing in things if parted(thing.origin.address)[0] == module]
    return things[0] if len(things) == 1 else None
