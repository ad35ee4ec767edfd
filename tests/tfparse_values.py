"""One value of tfparse's beside ours: is it the same, do we know more, or less?"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from rolecall.terraform.values import fields, holes_of, is_known, merged
from rolecall.tree import Hole, Kind, Mapping, Node, Scalar, Sequence
from tests.tfparse_oracle import MADE_UP, is_unresolved

if TYPE_CHECKING:
    from collections.abc import Iterator


_HOLE = "\ue000"
"""Stands in a JSON text for what we do not know."""


class Verdict(Enum):
    """How our value stands to tfparse's; a later one outweighs those before it."""

    NEITHER = "neither knows"
    AGREED = "agreed"
    MORE = "we know more"
    LESS = "we know less"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict on one value, with what to say of it; `holes` are what we do not know."""

    verdict: Verdict
    why: str = ""
    holes: tuple[Hole, ...] = ()


def worst(judged: list[Judged]) -> Judged:
    """The verdict on a whole that is made of parts."""
    order = list(Verdict)
    return max(judged, key=lambda one: order.index(one.verdict), default=Judged(Verdict.NEITHER))


def compared(theirs: object, ours: Node | None) -> Judged:
    """The verdict on one argument's value."""
    return worst(list(_judged(theirs, ours)))


def _judged(theirs: object, ours: Node | None) -> Iterator[Judged]:
    if is_unresolved(theirs):
        yield Judged(Verdict.MORE if ours is not None and is_known(ours) and not _null(ours) else Verdict.NEITHER)
    elif ours is None:
        yield Judged(Verdict.DIFFERENT, f"{_shown(theirs)}, we have nothing")
    elif isinstance(ours, Scalar) and ours.kind is Kind.UNKNOWN:
        known = any(not is_unresolved(leaf) for leaf in _leaves(theirs))
        yield Judged(Verdict.LESS, _shown(theirs), ours.holes) if known else Judged(Verdict.NEITHER)
    elif isinstance(theirs, list):
        yield from _list(theirs, ours)
    elif isinstance(theirs, dict):
        yield from _object(theirs, ours)
    elif not isinstance(ours, Scalar):
        yield _different(theirs, ours)
    elif isinstance(theirs, str):
        yield _text(theirs, ours)
    else:
        mine = _plain(ours)
        same = mine == theirs and isinstance(mine, bool) == isinstance(theirs, bool)
        yield Judged(Verdict.AGREED) if same else _different(theirs, ours)


def _list(theirs: list[object], ours: Node) -> Iterator[Judged]:
    if not theirs and isinstance(ours, Mapping) and not ours.entries and ours.rest is None:
        yield Judged(Verdict.AGREED)  # Trivy has a list for no instances of a `for_each`
        return
    if not isinstance(ours, Sequence):
        yield _different(theirs, ours)
        return
    yield Judged(Verdict.AGREED)
    for index, item in enumerate(theirs):
        if index < len(ours.items):
            yield from _judged(item, ours.items[index])
        elif ours.rest is not None:
            known = any(not is_unresolved(leaf) for leaf in _leaves(item))
            yield Judged(Verdict.LESS, _shown(theirs), (ours.rest,)) if known else Judged(Verdict.NEITHER)
        else:
            yield _different(theirs, ours)
    if len(ours.items) > len(theirs):
        yield _different(theirs, ours)


def _object(theirs: dict[str, object], ours: Node) -> Iterator[Judged]:
    if not isinstance(ours, Mapping):
        yield _different(theirs, ours)
        return
    yield Judged(Verdict.AGREED)
    rest = ours.rest or next((hole for entry in ours.entries for hole in entry.key.holes), None)
    for key, value in theirs.items():
        found = ours.get(key)
        if found is None and rest is not None:
            yield Judged(Verdict.NEITHER) if is_unresolved(value) else Judged(Verdict.LESS, _shown(theirs), (rest,))
        elif found is not None or not is_unresolved(value):
            yield from _judged(value, found)
    for key, node in (fields(Mapping(ours.entries, ours.span)) or {}).items():
        if key not in theirs and not _null(node) and is_known(node):
            yield Judged(Verdict.DIFFERENT, f"{_shown(theirs)}, ours has {key}")


def _text(theirs: str, ours: Scalar) -> Judged:
    """Known text, or text with ids that Trivy makes up, or with templates that it leaves as they are."""
    if ours.known == theirs:
        return Judged(Verdict.AGREED)
    made_up = MADE_UP.search(theirs) is not None
    if not made_up and re.search(r"[$%]\{", theirs):
        return Judged(Verdict.MORE if ours.known is not None else Verdict.NEITHER)
    fits = _fits(MADE_UP.split(theirs), ours) or _json_fits(theirs, ours)
    if not fits:
        return _different(theirs, ours)
    if made_up:
        return Judged(Verdict.MORE if ours.known is not None else Verdict.AGREED)
    return Judged(Verdict.LESS, _shown(theirs), ours.holes) if ours.holes else Judged(Verdict.AGREED)


def _fits(texts: list[str], ours: Scalar) -> bool:
    """Whether a text with gaps and ours with holes can be one text."""
    mine = [part if isinstance(part, str) else None for part in merged(ours.parts)]
    if len(texts) == 1 or None not in mine:
        gaps = [re.escape(part) if part is not None else "(?:.|\n)*" for part in mine]
        theirs = "(?:.|\n)*".join(map(re.escape, texts))
        if len(texts) == 1:
            return re.fullmatch("".join(gaps), texts[0]) is not None
        return re.fullmatch(theirs, "".join(part or "" for part in mine)) is not None
    first, last = mine[0] or "", mine[-1] or ""
    starts = texts[0].startswith(first) or first.startswith(texts[0])
    return starts and (texts[-1].endswith(last) or last.endswith(texts[-1]))


def _json_fits(theirs: str, ours: Scalar) -> bool:
    """Whether two texts are one JSON value; a hole stands for anything."""
    text, quoted = "", False
    for part in merged(ours.parts):
        if isinstance(part, str):
            text += part
            quoted ^= len(re.findall(r'(?<!\\)(?:\\\\)*"', part)) % 2 == 1
        else:
            text += _HOLE if quoted else f'"{_HOLE}"'
    try:
        left, right = json.loads(theirs), json.loads(text)
    except ValueError:
        return False
    return _json_same(left, right)


def _json_same(theirs: object, ours: object) -> bool:
    if theirs is None:
        return ours is None or _HOLE in json.dumps(ours, ensure_ascii=False)  # not resolved
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return theirs.keys() == ours.keys() and all(_json_same(theirs[key], ours[key]) for key in theirs)
    if isinstance(theirs, list) and isinstance(ours, list):
        return len(theirs) == len(ours) and all(map(_json_same, theirs, ours))
    if isinstance(theirs, str) and isinstance(ours, str):
        pattern = "(?:.|\n)*".join(map(re.escape, ours.split(_HOLE)))
        return MADE_UP.search(theirs) is not None or re.fullmatch(pattern, theirs) is not None
    return theirs == ours


def _leaves(theirs: object) -> Iterator[object]:
    if isinstance(theirs, list) and theirs:
        for item in theirs:
            yield from _leaves(item)
    elif isinstance(theirs, dict) and theirs and not is_unresolved(theirs):
        for item in theirs.values():
            yield from _leaves(item)
    else:
        yield theirs


def _different(theirs: object, ours: Node) -> Judged:
    return Judged(Verdict.DIFFERENT, f"{_shown(theirs)}, ours {_shown(_plain(ours))}", tuple(holes_of((ours,))))


def _null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_null


def _plain(node: Node) -> object:
    """Our value as JSON would have it, unknowns as `${…}`."""
    if isinstance(node, Scalar):
        if node.is_null:
            return None
        if node.known is not None and node.kind in (Kind.NUMBER, Kind.BOOLEAN):
            return json.loads(node.known)
        return node.display
    if isinstance(node, Sequence):
        return [*map(_plain, node.items), *(["…"] if node.rest else [])]
    return {entry.key.display: _plain(entry.value) for entry in node.entries} | ({"…": "…"} if node.rest else {})


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:300]}…"
