"""YAML events to the tree: raw scalar text, exact places, duplicate keys kept, aliases shared, all within bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import yaml

from rolecall import regex
from rolecall.span import until
from rolecall.syntax import templates
from rolecall.syntax.json import HOLE, MAX_DEPTH
from rolecall.tree import Entry, Hole, Kind, Mapping, Scalar, Sequence, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.span import Span
    from rolecall.tree import Node

MAX_ALIASED = 100_000
"""How many nodes aliases may add: an alias bomb is a few lines that mean millions of nodes."""

MAX_NODES = 2_000_000
"""How many nodes a document may have."""

# The core schema's plain scalars, as Kubernetes' parser (YAML 1.1 booleans included) reads them.
_NUMBER = regex.compile(
    r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9_]+(?:[eE][-+]?[0-9]+)?|0x[0-9a-fA-F_]+|0o[0-7_]+)"
)
_PROPERTIES = regex.compile(r"(?:[&!]\S*(?:\s+|$))*")
_BRACKETS = regex.compile(r"[\[\]{}]")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = frozenset(
    form for word in ("true", "false", "yes", "no", "on", "off") for form in (word, word.capitalize(), word.upper())
)
_LONGEST_WORD = len("false")
_TAGS = {
    "tag:yaml.org,2002:str": Kind.STRING,
    "tag:yaml.org,2002:int": Kind.NUMBER,
    "tag:yaml.org,2002:float": Kind.NUMBER,
    "tag:yaml.org,2002:bool": Kind.BOOLEAN,
    "tag:yaml.org,2002:null": Kind.NULL,
}
_COMPLEX_KEY = Hole("a key that is not a scalar")
_CALLED_KEY = Hole("a key that is a function, which CloudFormation does not take")
_UNKNOWN_TAG = Hole("a tag that CloudFormation does not have")
_MERGE = ("<<",)
_RECURSIVE = Hole("an alias of what it stands in")


class YamlError(Exception):
    """The text cannot be read as YAML: what was wrong and at which offset. `unsafe`: it is YAML but out of bounds."""

    def __init__(self, message: str, offset: int, *, unsafe: bool = False, template: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.unsafe = unsafe
        self.template = template


class Open:
    """A collection that is being read. `size` and `depth` count what aliases in it mean."""

    __slots__ = ("anchor", "depth", "end", "entries", "event", "flow", "items", "key", "merges", "size", "start")

    def __init__(self, start: int, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        mapping, flow, anchor = isinstance(event, yaml.MappingStartEvent), bool(event.flow_style), event.anchor
        self.event = event
        self.start = start
        self.end = start
        self.anchor = anchor
        self.flow = flow
        self.items: list[Node] = []
        self.entries: list[Entry] | None = [] if mapping else None
        self.key: Scalar | None = None
        self.merges: list[Node] = []
        self.size = 1
        self.depth = 1


def compose(
    text: str,
    span_of: Callable[[int, int], Span],
    holes: tuple[Hole, ...] = (),
    functions: dict[str, str] | None = None,
) -> Iterator[Node]:
    """The trees of the documents in a text. Each `HOLE` in it stands for the next of `holes`.

    `functions`: the text is a template of CloudFormation. The tags in it are short forms of functions, whose long forms
    it gives (`!Ref x` is `{Ref: x}`); marks of template languages are text, as any other.

    Raises:
        YamlError: when the iteration comes to what cannot be read.
    """
    yield from build(Builder(text, span_of, holes, functions), text)


def build(builder: Builder, text: str) -> Iterator[Node]:
    """The trees that a builder makes of the events of a text.

    Raises:
        YamlError: as `compose`.
    """
    loader = yaml.CSafeLoader(text) if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader(text)
    try:
        yield from builder.build(_events(loader, text))
    finally:
        loader.dispose()


def check(text: str) -> bool:
    """Whether a text is YAML as far as its syntax goes; many times faster than composing it."""
    if not hasattr(yaml, "CSafeLoader") or _deep(text):
        return False
    loader = yaml.CSafeLoader(text)
    try:
        # libyaml's own parser without a Python object an event.
        loader.raw_parse()
    except yaml.YAMLError:
        return False
    finally:
        loader.dispose()
    return True


def _deep(text: str) -> bool:
    """Whether brackets are, or only seem to be, nested so deep that libyaml's time would grow with the square."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    depth = 0
    for match in _BRACKETS.finditer(text):
        depth = depth + 1 if match[0] in "[{" else max(depth - 1, 0)
        if depth > MAX_DEPTH:
            return True
    return False


def _events(loader: yaml.CSafeLoader | yaml.SafeLoader, text: str) -> Iterator[yaml.Event]:
    while True:
        try:
            event = loader.get_event()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise YamlError(_said(error), mark.index if mark else 0) from None
        except yaml.reader.ReaderError as error:
            raise YamlError("a control character, which YAML does not allow", _reader_offset(error, text)) from None
        except UnicodeEncodeError:
            raise YamlError("half of a surrogate pair", 0) from None
        if event is None:
            return
        yield event


def _start(event: yaml.Event) -> int:
    """The stubs allow events without marks; parsed ones have them."""
    return event.start_mark.index if event.start_mark else 0


def _end(event: yaml.Event) -> int:
    return event.end_mark.index if event.end_mark else 0


def _said(error: yaml.MarkedYAMLError) -> str:
    """The parser's words; they quote single characters and names of anchors and tags at most."""
    problem = error.problem or "not YAML"
    return f"{problem} ({error.context})" if error.context else problem


def _reader_offset(error: yaml.reader.ReaderError, text: str) -> int:
    """The C reader counts bytes."""
    return len(text.encode("utf-8", "surrogatepass")[: error.position].decode("utf-8", "ignore"))


class Builder:
    """One pass over the events, with a stack of what is open; nothing recurses."""

    _template = False
    """Whether the text is what is left of a template."""

    def __init__(
        self,
        text: str,
        span_of: Callable[[int, int], Span],
        holes: tuple[Hole, ...],
        functions: dict[str, str] | None = None,
    ) -> None:
        self._text = self._original = text
        self._span_of = span_of
        self._holes = holes
        self._functions = functions
        self._given = 0
        self._anchors: dict[str, tuple[Node, int, int] | None] = {}
        self._nodes = 0
        self._aliased = 0
        self._stack: list[Open] = []

    def build(self, events: Iterator[yaml.Event]) -> Iterator[Node]:  # noqa: C901 - one branch an event
        """The tree of each document."""
        stack = self._stack
        for event in events:
            size = depth = 1
            node: Node
            if isinstance(event, yaml.ScalarEvent):
                node, end = self._scalar(event)
                node = self._called(event, node, stack)
                if event.anchor:
                    self._anchors[event.anchor] = (node, 1, 1)
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                self._open(stack, event)
                continue
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                opened = stack.pop()
                # The parser ends a block where the next thing begins, past comments and blank lines.
                end = _end(event) if opened.flow else opened.end
                node = self._called(opened.event, self._close(opened, end), stack)
                size, depth = opened.size, opened.depth
                if opened.anchor:
                    self._anchors[opened.anchor] = (node, size, depth)
            elif isinstance(event, yaml.AliasEvent):
                node, size, depth = self._alias(event)
                end = _end(event)
            else:
                if isinstance(event, yaml.DocumentStartEvent):
                    self._anchors.clear()
                continue
            self._nodes += 1
            if self._nodes > MAX_NODES or len(stack) + depth > MAX_DEPTH:
                self._refuse(event)
            if not stack:
                yield node
                continue
            opened = stack[-1]
            self._add(opened, node, size, depth)
            opened.end = end

    def _refuse(self, event: yaml.Event) -> NoReturn:
        if self._nodes > MAX_NODES:
            raise YamlError(f"more than {MAX_NODES} values", _start(event), unsafe=True)
        raise YamlError(f"nested deeper than {MAX_DEPTH} levels", _start(event), unsafe=True)

    def _open(self, stack: list[Open], event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        start = self._after_properties(event)
        self._nodes += 1
        if self._nodes > MAX_NODES or len(stack) >= MAX_DEPTH:
            self._refuse(event)
        mapping = isinstance(event, yaml.MappingStartEvent)
        if mapping and self._functions is None and self._text.startswith("{{", start):
            raise YamlError("a template expression", start, template=True)
        if event.anchor:
            self._anchors[event.anchor] = None
        stack.append(Open(start, event))

    def _after_properties(self, event: yaml.ScalarEvent | yaml.MappingStartEvent | yaml.SequenceStartEvent) -> int:
        """Where a value itself begins, after its anchor and tag."""
        start = _start(event)
        if event.anchor or event.tag:
            properties = _PROPERTIES.match(self._text, start, _end(event))
            return properties.end() if properties else start
        return start

    def _called(
        self, event: yaml.ScalarEvent | yaml.MappingStartEvent | yaml.SequenceStartEvent, node: Node, stack: list[Open]
    ) -> Node:
        """The function, in its long form, that a tag calls on a value."""
        tag = event.tag
        if self._functions is None or not tag or not tag.startswith("!") or tag == "!":
            return node
        start = self._text.find("!", _start(event))
        at = self._span_of(start, start + len(tag))
        if stack and stack[-1].entries is not None and stack[-1].key is None:
            return unknown(_CALLED_KEY, until(at, node.span))
        name = self._functions.get(tag)
        if name is None:
            return unknown(_UNKNOWN_TAG, until(at, node.span))
        return Mapping((Entry(Scalar((name,), Kind.STRING, at), node),), until(at, node.span))

    def _close(self, opened: Open, end: int) -> Node:
        span = self._span_of(opened.start, end)
        if self._functions is not None and opened.flow and self._text.startswith("{{", opened.start):
            return unknown(templates.EXPRESSION, span)
        if opened.entries is None:
            return Sequence(tuple(opened.items), span)
        return Mapping(self._merged(opened), span)

    def _merged(self, opened: Open) -> tuple[Entry, ...]:
        """The entries with those of `<<` before them; what is written here, and the earlier of several, wins."""
        entries = tuple(opened.entries or ())
        if not opened.merges:
            return entries
        seen = {entry.key.known for entry in entries}
        merged: list[Entry] = []
        for mapping in opened.merges:
            if not isinstance(mapping, Mapping):
                continue
            fresh = [entry for entry in mapping.entries if entry.key.known not in seen]
            seen.update(entry.key.known for entry in fresh)
            merged.extend(fresh)
        return (*merged, *entries)

    def _alias(self, event: yaml.AliasEvent) -> tuple[Node, int, int]:
        start, end = _start(event), _end(event)
        span = self._span_of(start, end)
        if event.anchor not in self._anchors:
            raise YamlError("found undefined alias", start)
        found = self._anchors[event.anchor]
        if found is None:
            return unknown(_RECURSIVE, span), 1, 1
        node, size, depth = found
        self._aliased += size
        if self._aliased > MAX_ALIASED:
            raise YamlError(f"its aliases stand for more than {MAX_ALIASED} values", start, unsafe=True)
        return (node.passed(span) if isinstance(node, Scalar) else node), size, depth

    def _add(self, opened: Open, node: Node, size: int, depth: int) -> None:
        opened.size += size
        if opened.depth <= depth:
            opened.depth = depth + 1
        if opened.entries is None:
            opened.items.append(node)
        elif opened.key is None:
            opened.key = node if isinstance(node, Scalar) else unknown(_COMPLEX_KEY, node.span)
        else:
            key, opened.key = opened.key, None
            if key.parts == _MERGE and key.span.end - key.span.start == 2 and not isinstance(node, Scalar):
                opened.merges.extend(node.items if isinstance(node, Sequence) else (node,))
            else:
                opened.entries.append(Entry(key, node))

    def _scalar(self, event: yaml.ScalarEvent) -> tuple[Scalar, int]:
        start, end = self._after_properties(event), _end(event)
        text, style, tag = event.value, event.style, event.tag
        if style in ("|", ">"):
            end = start + len(self._text[start:end].rstrip())
        span = self._span_of(start, end)
        kind = _TAGS.get(tag) if tag else None
        if kind is None:
            kind = Kind.STRING if style or tag else _plain_kind(text)
        if self._holes and HOLE in text:
            return self._partly_known(text, kind, span), end
        template = self._template and templates.MARK in text
        if (self._functions is None and ("{{" in text or "${" in text)) or template:
            found = templates.pieces(text, only_marks=self._functions is not None)
            if len(found) > 1 or found[0][2] is not None:
                return self._templated(text, found, start, end), end
        return Scalar((text,), kind, span), end

    def _templated(self, text: str, found: tuple[tuple[int, int, Hole | None], ...], start: int, end: int) -> Scalar:
        span = self._span_of(start, end)
        parts = tuple(hole or text[first:last] for first, last, hole in found)
        kind = Kind.UNKNOWN if len(parts) == 1 else Kind.STRING
        from rolecall.syntax.places import align  # noqa: PLC0415 - few scalars are templated

        offsets = align(self._text[start:end], text)
        if offsets is None:
            return Scalar(parts, kind, span)
        bounds = [(start + offsets[first], start + offsets[last - 1] + 1) for first, last, _ in found]
        named = tuple(
            part if isinstance(part, str) else templates.shown(part, self._original[first:last])
            for part, (first, last) in zip(parts, bounds, strict=True)
        )
        if len(parts) == 1:
            return Scalar(named, kind, span)
        return Scalar(named, kind, span, places=tuple(self._span_of(first, last) for first, last in bounds))

    def _partly_known(self, text: str, kind: Kind, span: Span) -> Scalar:
        parts: list[str | Hole] = []
        for index, piece in enumerate(text.split(HOLE)):
            if index:
                hole = self._holes[self._given] if self._given < len(self._holes) else _COMPLEX_KEY
                self._given += 1
                parts.append(hole)
            if piece:
                parts.append(piece)
        return Scalar(tuple(parts), Kind.UNKNOWN if len(parts) == 1 else kind, span)


def _plain_kind(text: str) -> Kind:
    if len(text) <= _LONGEST_WORD:
        if text in _NULLS:
            return Kind.NULL
        if text in _BOOLEANS:
            return Kind.BOOLEAN
    if text[0] in "-+.0123456789" and _NUMBER.fullmatch(text):
        return Kind.NUMBER
    return Kind.STRING
