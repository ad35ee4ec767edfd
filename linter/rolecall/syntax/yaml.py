"""YAML streams to documents: each document on its own, so that one broken document does not lose the others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall import charts, regex
from rolecall.kinds import is_template
from rolecall.problem import Problem, ProblemKind, Unevaluated
from rolecall.syntax import templates
from rolecall.syntax.document import Document
from rolecall.syntax.functions import FUNCTIONS, recognises
from rolecall.syntax.yaml_tree import YamlError, compose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rolecall.source import Source
    from rolecall.span import Span
    from rolecall.syntax.template_text import Masked
    from rolecall.tree import Node

# At the start of a line these always begin or end a document, in block scalars too (YAML 1.2.2, 9.1.4).
# `re` finds a literal beginning many times faster than the start of a line, and the second form is rare.
_NEXT_START = regex.compile(r"\n---(?=[ \t\r\n]|\Z)")
_NEXT_MARKER = regex.compile(r"\n(?:---|\.\.\.)(?=[ \t\r\n]|\Z)")
_TEMPLATE = regex.compile(rf"^{charts.RENDERED}", re.MULTILINE)
_SOMETHING = regex.compile(r"(?:^|\r)(?!\.\.\.)[ \t]*[^#\s]", re.MULTILINE)
_DIRECTIVES = regex.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?\n|%[^\n]*\r?\n)+")
_ODD_BREAKS = regex.compile("[\x85\u2028\u2029]")


def documents(
    source: Source, chosen: Iterable[tuple[int, int]] | None = None, *, ours: bool = False
) -> Iterator[Document | Problem | Unevaluated]:
    """The documents of a YAML file, or of the stretches of it that are chosen.

    A document that cannot be read is a `Problem` where it is plausibly a manifest or a policy, `Unevaluated` where it
    is a template, and is passed by otherwise. `ours`: it is read whatever it holds.
    """
    for start, end in stretches(source.text) if chosen is None else chosen:
        yield from _document(source, start, end, ours=ours)


def stretches(text: str) -> Iterator[tuple[int, int]]:
    """Where each document of a YAML text begins and ends; those without content are left out."""
    begin = 0
    for match in (_NEXT_MARKER if "\n..." in text else _NEXT_START).finditer(text):
        at = match.start() + 1
        if text.find("%", begin, at) == -1 or not _DIRECTIVES.fullmatch(text, begin, at):
            yield from _content(text, begin, at)
            begin = at
    yield from _content(text, begin, len(text))


def _content(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    after = start + 3 if text.startswith(("---", "..."), start) else start
    if _SOMETHING.search(text, after, end):
        yield (after if text.startswith("...", start) else start), end


def _document(source: Source, start: int, end: int, *, ours: bool) -> Iterator[Document | Problem | Unevaluated]:
    text = source.text[start:end]
    template = _TEMPLATE.search(text)
    origin = template["template"] if template else ""
    language = templates.language(text, source.path)
    read = _template(source, start, text, language) if language and templates.steers(text) else None
    if read is not None:
        yield from read
        return
    try:
        yield from _composed(text, _spans(source, start), origin)
    except YamlError as error:
        read = _template(source, start, text, language) if language and not error.unsafe else None
        said = _failed(source, text, start, error, ours=ours) if read is None else None
        if said is not None:
            yield said
        yield from read or ()


def _composed(text: str, span_of: Callable[[int, int], Span], origin: str) -> Iterator[Document]:
    if is_template(text):
        roots = list(compose(text, span_of, functions=FUNCTIONS))
        if any(map(recognises, roots)):
            yield from (Document(root, root.span, origin, functions=recognises(root)) for root in roots)
            return
    for root in compose(text, span_of):
        yield Document(root, root.span, origin)


def _template(source: Source, start: int, text: str, language: str) -> list[Document] | None:
    """The documents of a template, each with what it leaves open; None where it cannot be read."""
    from rolecall.syntax import template_text  # noqa: PLC0415 - few trees hold templates

    for dollars in (False, True):
        masked = template_text.masked(text, dollars=dollars)
        if masked is None or len(masked.possible) > template_text.MAX_CONDITIONS:
            continue
        try:
            roots, functions = _of_template(masked, _spans(source, start))
        except YamlError as error:
            if error.unsafe:
                return None
            continue
        possible = [source.span(start + first, start + last) for first, last in masked.possible]
        return [
            Document(
                root,
                root.span,
                functions=functions and recognises(root),
                language=language,
                possible=_within(root.span, possible),
            )
            for root in roots
        ]
    return None


def _of_template(masked: Masked, span_of: Callable[[int, int], Span]) -> tuple[tuple[Node, ...], bool]:
    """The trees of a template's documents, and whether one of them is a template of CloudFormation."""
    from rolecall.syntax import yaml_template  # noqa: PLC0415 - few trees hold templates

    if is_template(masked.original):
        roots = tuple(yaml_template.compose(masked, span_of, FUNCTIONS))
        if any(map(recognises, roots)):
            return roots, True
    return tuple(yaml_template.compose(masked, span_of)), False


def _within(whole: Span, possible: Iterable[Span]) -> tuple[Span, ...]:
    """Those stretches that are a part of a whole, and not all of it."""
    return tuple(span for span in possible if whole.overlaps(span) and not span.covers(whole))


def _failed(source: Source, text: str, start: int, error: YamlError, *, ours: bool) -> Problem | Unevaluated | None:
    ours = ours or is_ours(text)
    at = min(start + error.offset, len(source.text))
    span = source.span(at, min(at + 1, len(source.text)))
    language = "" if error.unsafe else templates.language(text, source.path)
    lines = (source.line(span.line), source.line(span.line - 1))
    if not language and not error.unsafe and any(map(templates.is_to_be_filled_in, lines)):
        language = "template"
    if language:
        place = _first_expression(source, start, text) or span
        reason = "it is a template, and its values are not known; read what it renders to instead"
        return Unevaluated(language, reason, place, source.path) if ours else None
    if not ours:
        return None
    return Problem(ProblemKind.SYNTAX, f"not valid YAML: {error.message}", source.path, span)


def _first_expression(source: Source, start: int, text: str) -> Span | None:
    found = [(at, mark) for mark in ("{{", "{%", "%{", "${") if (at := text.find(mark)) != -1]
    if not found:
        return None
    at, mark = min(found)
    closing = {"{{": "}}", "{%": "%}"}.get(mark, "}")
    line_end = text.find("\n", at)
    end = text.find(closing, at, line_end if line_end != -1 else len(text))
    end = end + len(closing) if end != -1 else at + 2
    return source.span(start + at, start + end)


def is_ours(text: str) -> bool:
    """Whether a text that cannot be parsed is plausibly a manifest or a policy."""
    return ("apiVersion" in text and "kind" in text) or ("Statement" in text and "Effect" in text) or is_template(text)


def _spans(source: Source, start: int) -> Callable[[int, int], Span]:
    if not start:
        return source.span
    return lambda first, last: source.span(start + first, start + last)
