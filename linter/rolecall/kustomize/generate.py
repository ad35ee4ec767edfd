"""Generators: ConfigMaps and Secrets of literals, environment files and files. Names get no hash here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.kustomize.files import directory_of, entry, joined, text
from rolecall.problem import Problem, Unevaluated
from rolecall.syntax.dotenv import pairs
from rolecall.tree import Entry, Hole, Kind, Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.kustomize.files import Files
    from rolecall.source import Source
    from rolecall.tree import Node

GENERATORS = (("configMapGenerator", "ConfigMap", "data"), ("secretGenerator", "Secret", "stringData"))


def generated(
    item: Mapping, kind: str, field: str, path: str, files: Files
) -> tuple[Mapping, list[Unevaluated]] | None:
    """The object that one item of a generator makes, with what could not be read for it; None without a name."""
    name = item.scalar("name")
    if name is None:
        return None
    problems: list[Unevaluated] = []
    data = list(_data(item, path, files, problems))
    rest = Hole("a file that could not be read") if problems else None
    entries = [
        entry("apiVersion", text("v1", name), name),
        entry("kind", text(kind, name), name),
        entry("metadata", _metadata(item, name), name),
        entry(field, Mapping(tuple(data), item.span, rest), name),
    ]
    return Mapping(tuple(entries), item.span), problems


def _metadata(item: Mapping, name: Scalar) -> Mapping:
    found = [entry("name", name, name)]
    namespace = item.entry("namespace")
    found += [namespace] if namespace is not None else []
    options = item.mapping("options")
    found += [one for one in options.entries if one.key.known in ("annotations", "labels")] if options else []
    return Mapping(tuple(found), item.span)


def _data(item: Mapping, path: str, files: Files, problems: list[Unevaluated]) -> Iterator[Entry]:
    """In the order in which Kustomize has them; of one key the last counts."""
    directory = directory_of(path)
    for key in ("envs", "env"):
        value = item.get(key)
        for named in (value,) if isinstance(value, Scalar) else item.items(key):
            if isinstance(named, Scalar) and named.known:
                source = _source(files, joined(directory, named.known), named, problems)
                yield from (Entry(key, value) for key, value in pairs(source)) if source is not None else ()
    for named in item.items("files"):
        if isinstance(named, Scalar) and named.known:
            yield from _file(named, directory, files, problems)
    for literal in item.items("literals"):
        if isinstance(literal, Scalar):
            yield from _literal(literal)


def _source(files: Files, path: str, named: Scalar, problems: list[Unevaluated]) -> Source | None:
    if not files.is_there(path):
        # Mostly kept out of the repository, and there when it is built.
        what = f"{named.display} of a generator"
        problems.append(Unevaluated(what, "it is not among the files", named.span, named.span.path))
        return None
    source = files.source(path)
    if isinstance(source, Problem):
        # Data that is no text becomes `binaryData`, which reaches no environment.
        what = f"{named.display} of a generator"
        problems.append(Unevaluated(what, source.message, named.span, named.span.path))
        return None
    return source


def _file(named: Scalar, directory: str, files: Files, problems: list[Unevaluated]) -> Iterator[Entry]:
    key, equals, where = (named.known or "").partition("=")
    where = where if equals else key
    source = _source(files, joined(directory, where), named, problems)
    if source is not None:
        name = key if equals else where.rpartition("/")[2]
        yield Entry(text(name, named), Scalar((source.text,), Kind.STRING, source.whole()))


def _literal(literal: Scalar) -> Iterator[Entry]:
    """A literal is `KEY=value`, with quotes around the value allowed."""
    first = literal.parts[0] if literal.parts else ""
    key, equals, rest = first.partition("=") if isinstance(first, str) else ("", "", "")
    if equals:
        value: Node = replace(literal, parts=(_unquoted(rest), *literal.parts[1:]))
        yield Entry(replace(literal, parts=(key.strip(),)), value)


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value
