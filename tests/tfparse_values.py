"""One value of tfparse's beside ours: is it the same, do we know more, or less?"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from rolecall.terraform.module_blocks import META
from rolecall.terraform.values import fields, holes_of, is_known
from rolecall.tree import Hole, Kind, Mapping, Node, Scalar, Sequence, merged
from tests.tfparse_oracle import MADE_UP, is_unresolved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


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
    if isinstance(ours, Sequence) and len(ours.items) == 1 and ours.span.path.endswith(".json"):
        ours = ours.items[0]  # JSON does not say whether an object is a block
    if not isinstance(ours, Mapping):
        yield _different(theirs, ours)
        return
    yield Judged(Verdict.AGREED)
    rest = ours.rest or next((hole for entry in ours.entries for hole in entry.key.holes), None)
    # A whole resource: tfparse has what Terraform reads of its block among the attributes.
    passed = META if is_unresolved(theirs.get("id", "")) else frozenset()
    for key, value in theirs.items():
        if key in passed:
            continue
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
    verdict = _json(theirs, ours)
    if verdict is None:
        fits = _fits(MADE_UP.split(theirs), ours)
        verdict = _made_up(ours) if fits and made_up else Verdict.LESS if fits and ours.holes else Verdict.DIFFERENT
    if verdict is Verdict.DIFFERENT:
        return _different(theirs, ours)
    return Judged(verdict, _shown(theirs), ours.holes) if verdict is Verdict.LESS else Judged(verdict)


def _made_up(ours: Scalar) -> Verdict:
    return Verdict.MORE if ours.known is not None else Verdict.AGREED


def _fits(texts: list[str], ours: Scalar) -> bool:
    """Whether a text with gaps and ours with holes can be one text."""
    mine = [part if isinstance(part, str) else None for part in merged(ours.parts)]
    if len(texts) > 1 and None in mine:
        first, last = mine[0] or "", mine[-1] or ""
        starts = texts[0].startswith(first) or first.startswith(texts[0])
        return starts and (texts[-1].endswith(last) or last.endswith(texts[-1]))
    if len(texts) > 1:
        return _matches(texts, ours.known or "")
    return _matches("".join(_HOLE if part is None else part for part in mine).split(_HOLE), texts[0])


def _matches(texts: list[str], whole: str) -> bool:
    return re.fullmatch("(?:.|\n)*".join(map(re.escape, texts)), whole) is not None


def _json(theirs: str, ours: Scalar) -> Verdict | None:
    """The verdict on two texts as JSON values, or None where one is none."""
    text, quoted = "", False
    for part in merged(ours.parts):
        if isinstance(part, str):
            text += part
            quoted ^= len(re.findall(r'(?<!\\)(?:\\\\)*"', part)) % 2 == 1
        else:
            text += _HOLE if quoted else f'"{_HOLE}"'
    if not theirs.startswith(("{", "[")):
        return None
    try:
        left, right = json.loads(theirs), json.loads(text)
    except ValueError:
        return None
    order = list(Verdict)
    return max((Verdict.AGREED, *_json_verdicts(left, right)), key=order.index)


def _json_verdicts(theirs: object, ours: object) -> Iterator[Verdict]:
    if theirs is None:
        if ours is not None:  # which tfparse did not resolve
            yield Verdict.NEITHER if _HOLE in json.dumps(ours, ensure_ascii=False) else Verdict.MORE
    elif isinstance(theirs, dict) and isinstance(ours, dict):
        ours = {_as_theirs(key, theirs): value for key, value in ours.items()}
        for key in theirs.keys() | ours.keys():
            same = key in theirs and key in ours
            yield from _json_verdicts(theirs[key], ours[key]) if same else (Verdict.DIFFERENT,)
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for left, right in zip(theirs, ours, strict=True):
            yield from _json_verdicts(left, right)
    elif isinstance(theirs, str) and MADE_UP.search(theirs):
        yield Verdict.NEITHER
    elif isinstance(ours, str) and _HOLE in ours:
        fits = isinstance(theirs, str) and _matches(ours.split(_HOLE), theirs)
        yield Verdict.LESS if fits or ours == _HOLE else Verdict.DIFFERENT
    elif theirs != ours:
        yield Verdict.DIFFERENT


def _as_theirs(key: str, theirs: Iterable[str]) -> str:
    """The key of tfparse's for one of ours that has holes, where it has an id that it makes up."""
    if _HOLE not in key:
        return key
    texts = key.split(_HOLE)
    return next((other for other in theirs if MADE_UP.search(other) and _matches(texts, other)), key)


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
