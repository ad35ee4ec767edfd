"""Kustomize's `replacements`: a field of one object copied into fields of others.

https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/replacements/
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.kustomize.objects import with_value
from rolecall.records import dataclass
from rolecall.tree import Entry, Kind, Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rolecall.kustomize.objects import Built
    from rolecall.tree import Node

_NAME = "metadata.name"
# `\.` is a dot in a name, and so is one in brackets: `metadata.annotations.[eks.amazonaws.com/role-arn]`.
_STEP = regex.compile(r"\[([^\]]*)\](?:\.|$)|((?:[^.\\]|\\.)+)(?:\.|$)")


class Unreplaced(Exception):  # noqa: N818 - the reason why something is not evaluated
    """What is not evaluated of a replacement, or why Kustomize refuses it."""


@dataclass(frozen=True, slots=True)
class _Options:
    """How a part of a text is taken or put: the piece of a number between delimiters. `create`: missing fields are."""

    delimiter: str = ""
    index: int = 0
    create: bool = False


def replaced(
    objects: list[Built], replacement: Mapping, selector: Callable[[Mapping], Callable[[Built], bool]]
) -> None:
    """Changes the objects as a replacement says; `selector` tells which ones a `select` means. Raises `Unreplaced`."""
    source = _source(objects, replacement, selector)
    for target in replacement.mappings("targets"):
        select = target.mapping("select")
        if select is None:
            raise Unreplaced("a target without `select`")
        fits, rejects = selector(select), [selector(reject) for reject in target.mappings("reject")]
        paths = [one for one in target.items("fieldPaths") if isinstance(one, Scalar)]
        options = _options(target)
        for one in objects:
            if fits(one) and not any(reject(one) for reject in rejects):
                for path in paths or [Scalar((_NAME,), Kind.STRING, target.span)]:
                    one.root = _put(one, path, source, options)


def _source(
    objects: Iterable[Built], replacement: Mapping, selector: Callable[[Mapping], Callable[[Built], bool]]
) -> Scalar:
    literal, source = replacement.scalar("sourceValue"), replacement.mapping("source")
    if literal is not None:
        return literal
    if source is None:
        raise Unreplaced("a replacement without a source")
    found = list(filter(selector(source), objects))
    if len(found) != 1:
        raise Unreplaced(f"its source is {'several' if found else 'none'} of the objects of the kustomization")
    nodes: list[Node] = [found[0].root]
    for step in _steps(source.text("fieldPath") or _NAME):
        nodes = [below for node in nodes for below in _below(node, step)]
    if len(nodes) != 1 or not isinstance(nodes[0], Scalar):
        raise Unreplaced("the field of its source is not one value")
    return _part(nodes[0], _options(source))


def _options(of: Mapping) -> _Options:
    written = of.mapping("options")
    if written is None:
        return _Options()
    index, create = written.scalar("index"), written.scalar("create")
    return _Options(
        written.text("delimiter") or "",
        (index.number or 0) if index is not None else 0,
        create is not None and create.boolean is True,
    )


def _steps(path: str) -> list[str]:
    """The steps of a field path; `[name=app]` keeps its brackets, as what chooses items of a list."""
    steps = []
    for bracketed, plain in _STEP.findall(path):
        steps.append(f"[{bracketed}]" if "=" in bracketed else bracketed or plain.replace("\\.", "."))
    return steps


def _below(node: Node, step: str) -> list[Node]:
    if isinstance(node, Mapping):
        return [entry.value for entry in node.entries if step == "*" or node.entry(step) is entry]
    items = node.items if isinstance(node, Sequence) else ()
    return [item for index, item in enumerate(items) if _is_meant(item, index, step)]


def _is_meant(item: Node, index: int, step: str) -> bool:
    """Whether a step means an item of a list: all, one by its number, those with a value under a key, or of a value."""
    if step.startswith("["):
        key, _, value = step[1:-1].partition("=")
        held = item.get(key) if key and isinstance(item, Mapping) else item
        return isinstance(held, Scalar) and held.known == value
    return step in ("*", str(index))


def _part(scalar: Scalar, options: _Options) -> Scalar:
    """The part of a source that its options ask for."""
    if not options.delimiter:
        return scalar
    pieces = _known(scalar).split(options.delimiter)
    if not 0 <= options.index < len(pieces):
        raise Unreplaced("its source has no part of that number")
    return replace(scalar, parts=(pieces[options.index],), places=())


def _put(one: Built, path: Scalar, source: Scalar, options: _Options) -> Mapping:
    steps = _steps(_known(path))
    changed = _changed(one.root, steps, lambda node: _value(node, path, source, options))
    if isinstance(changed, Mapping) and changed is not one.root:
        return changed
    if not options.create or not steps or any(step == "*" or step.startswith("[") for step in steps):
        raise Unreplaced(f"{one.kind} {one.name} has no {path.display}")
    return with_value(one.root, tuple(steps), source, path)


def _changed(node: Node, steps: list[str], change: Callable[[Node], Scalar]) -> Node:
    """The tree with what is at the end of a path changed; itself where nothing is there."""
    if not steps:
        return change(node)
    first, rest = steps[0], steps[1:]
    if isinstance(node, Mapping):
        entries = []
        for entry in node.entries:
            meant = first == "*" or node.entry(first) is entry
            value = _changed(entry.value, rest, change) if meant else entry.value
            entries.append(entry if value is entry.value else Entry(entry.key, value))
        return replace(node, entries=tuple(entries)) if entries != list(node.entries) else node
    if isinstance(node, Sequence):
        items = [
            _changed(item, rest, change) if _is_meant(item, index, first) else item
            for index, item in enumerate(node.items)
        ]
        return replace(node, items=tuple(items)) if items != list(node.items) else node
    return node


def _value(node: Node, path: Scalar, source: Scalar, options: _Options) -> Scalar:
    """The source, in the place of the whole or, with a delimiter, of a part of what is there."""
    if not options.delimiter:
        return source.passed(path.span)
    if not isinstance(node, Scalar):
        raise Unreplaced("a part of what is no text is replaced")
    pieces, text = _known(node).split(options.delimiter), _known(source)
    if options.index < 0:
        pieces.insert(0, text)
    elif options.index >= len(pieces):
        pieces.append(text)
    else:
        pieces[options.index] = text
    return replace(node, parts=(options.delimiter.join(pieces),), places=(), via=(*node.via, path.span))


def _known(scalar: Scalar) -> str:
    if scalar.known is None:
        raise Unreplaced(f"a part of what is not known: {scalar.display}")
    return scalar.known
