"""HCL text to expressions and bodies with exact places; the only module that knows python-hcl2's grammar."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.source import Source
from rolecall.terraform import parser_nodes as hcl
from rolecall.terraform.parser_repair import repaired, tidied
from rolecall.terraform.parser_template import Fault, Flat, Mark, Trimmed, assemble, heredoc, scan, trimmed, unescape
from rolecall.tree import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.span import Span
    from rolecall.terraform.parser_run import Node

_DEPTH = 90
_LONGEST = 1_000_000
"""Characters of one block. The trees of a text are some hundred times its size."""
# In parentheses, newlines around an expression are insignificant, as they are in an interpolation.
_OPENING = "_=("
_OPERATOR = regex.compile(r"(?:[=!<>]=|&&|\|\||[-+*/%<>])\Z")
_SPLATS = ("attr_splat", "full_splat")


def parse_body(source: Source, start: int, end: int) -> hcl.Body:
    """The body written between two offsets of a file. Raises `Fault`."""
    if end - start > _LONGEST:
        raise Fault(f"this is too long to be read: more than {_LONGEST:,} characters", source.span(start, start + 1))
    tree = _parse(source, start, end)
    return _Converter(source, start).body(tree.children[0], source.span(start, end))


def parse_expression(source: Source, start: int, end: int, depth: int = 0) -> hcl.Expression:
    """The expression written between two offsets of a file. Raises `Fault`."""
    tree = _parse(source, start, end, _OPENING)
    converter = _Converter(source, start - len(_OPENING))
    converter.depth = depth
    body = converter.body(tree.children[0], source.span(start, end))
    if len(body.arguments) != 1 or body.blocks:
        raise Fault("this is not one expression", source.span(start, end))
    return body.arguments[0].value


def parse_template(source: Source, span: Span, text: str) -> hcl.Template:
    """The template in a string of a JSON file; `text` is the string decoded. Raises `Fault`."""
    start, end = span.start + 1, span.end - 1
    if source.text[start:end] != text:
        # Escapes: every place is the string's.
        source, start, end = _OnePlace(source.path, text, span), 0, len(text)
    return hcl.Template(assemble(trimmed(list(scan(source, start, end, 0, parse_expression)), by_line=True)), span)


def parse_text(span: Span, text: str) -> hcl.Template:
    """The template in a text that was made; every place is that of what made it. Raises `Fault`."""
    source = _OnePlace(span.path, text, span)
    return hcl.Template(assemble(trimmed(list(scan(source, 0, len(text), 0, parse_expression)), by_line=True)), span)


def parse_written(span: Span, text: str) -> hcl.Expression:
    """The expression in a string of a JSON file: a type. Every place is the string's. Raises `Fault`."""
    return parse_expression(_OnePlace(span.path, text, span), 0, len(text))


class _OnePlace(Source):
    """A text of which every part is written at one place."""

    __slots__ = ("_place",)

    def __init__(self, path: str, text: str, place: Span) -> None:
        super().__init__(path, text)
        self._place = place

    def span(self, start: int, end: int) -> Span:
        del start, end
        return self._place


def _parse(source: Source, start: int, end: int, opening: str = "") -> Node:
    from rolecall.terraform.parser_run import Unread, parse_tree  # noqa: PLC0415 - heavy: only when it is needed

    text = source.text[start:end]
    within, closing = ("(", "\n)") if opening else ("{", "")
    try:
        return parse_tree(opening + tidied(text) + closing)
    except Unread:
        # Repairing it all takes as long as parsing it, and is rarely needed.
        pass
    try:
        return parse_tree(opening + repaired(text, within) + closing)
    except Unread as error:
        offset = max(0, min(start - len(opening) + error.offset, len(source.text)))
    raise Fault("this is not valid HCL", source.span(offset, min(offset + 1, len(source.text))))


class _Converter:
    """Turns the grammar's tree into ours. `depth` bounds its recursion."""

    def __init__(self, source: Source, delta: int) -> None:
        self.source = source
        self.delta = delta
        self.depth = 0

    def offsets(self, node: Node) -> tuple[int, int]:
        """Where a node stands in the file."""
        return node.start + self.delta, node.end + self.delta

    def span(self, node: Node) -> Span:
        start, end = self.offsets(node)
        return self.source.span(start, min(end, len(self.source.text)))

    def _word(self, tree: Node) -> str:
        """What is written there; the copy that was parsed may have something else."""
        start, end = self.offsets(tree.children[0])
        return self.source.text[start:end]

    def body(self, tree: Node, span: Span) -> hcl.Body:
        arguments: list[hcl.Argument] = []
        blocks: list[hcl.NestedBlock] = []
        for child in _trees(tree):
            if child.data == "attribute":
                name, value = _trees(child)
                arguments.append(hcl.Argument(self._word(name), self.span(name), self.expression(value)))
            elif child.data == "block":
                blocks.append(self._block(child))
        return hcl.Body(tuple(arguments), tuple(blocks), span)

    def _block(self, tree: Node) -> hcl.NestedBlock:
        self._descend(tree)
        parts = list(_trees(tree))
        header = [part for part in parts if part.data not in ("body", "new_line_or_comment")]
        body = next(part for part in parts if part.data == "body")
        labels = tuple(self._label(part) for part in header[1:])
        start, end = self.offsets(header[0])[0], self.offsets(header[-1])[1]
        nested = hcl.NestedBlock(
            self._word(header[0]), labels, self.body(body, self.span(tree)), self.source.span(start, end)
        )
        self.depth -= 1
        return nested

    def _label(self, tree: Node) -> str:
        if tree.data != "string":
            return self._word(tree)
        start, end = self.offsets(tree)
        return self.source.text[start + 1 : end - 1]

    def _descend(self, tree: Node) -> None:
        self.depth += 1
        if self.depth > _DEPTH:
            raise Fault("this is nested too deeply to be read", self.span(tree))

    def expression(self, tree: Node) -> hcl.Expression:
        self._descend(tree)
        result = self._expression(tree)
        self.depth -= 1
        return result

    def _expression(self, tree: Node) -> hcl.Expression:  # noqa: C901, PLR0911, PLR0912 - one branch a case
        while tree.data == "expr_term":
            # In parentheses.
            tree = next(_trees(tree))
        match tree.data:
            case "int_lit" | "float_lit":
                return hcl.Literal(self._word(tree), Kind.NUMBER, self.span(tree))
            case "literal_value":
                text = self._word(tree)
                return hcl.Literal(text, Kind.NULL if text == "null" else Kind.BOOLEAN, self.span(tree))
            case "identifier" | "keyword":
                word = self._word(tree)
                if word[:1].isdigit():
                    return hcl.Literal(word, Kind.NUMBER, self.span(tree))
                return hcl.Variable(word, self.span(tree))
            case "string":
                return self._string(tree)
            case "template_string":
                start, end = self.offsets(tree)
                pieces = unescape(self.source, start + 2, end - 2)
                return hcl.Template(tuple(pieces), self.span(tree))
            case "heredoc_template" | "heredoc_template_trim":
                start, end = self.offsets(tree)
                return heredoc(self.source, start, min(end, len(self.source.text)), self.depth, parse_expression)
            case "tuple":
                return hcl.TupleOf(tuple(self.expression(item) for item in _trees(tree)), self.span(tree))
            case "object":
                return self._object(tree)
            case "function_call":
                return self._call(tree)
            case "conditional":
                condition, yes, no = (self.expression(part) for part in _trees(tree))
                return hcl.Conditional(condition, yes, no, self.span(tree))
            case "binary_op":
                return self._operation(tree)
            case "unary_op":
                operator = next(child for child in tree.children if not child.data)
                return hcl.Unary(operator.text, self.expression(next(_trees(tree))), self.span(tree))
            case "for_tuple_expr" | "for_object_expr":
                return self._for(tree)
            case "get_attr_expr_term" | "index_expr_term" | "attr_splat_expr_term" | "full_splat_expr_term":
                return self._traversal(tree)
        raise Fault("this expression is not understood", self.span(tree))

    def _string(self, tree: Node) -> hcl.Template:
        flat: list[Flat] = []
        for part in _trees(tree):
            inner = part.children[0]
            if not inner.data:
                flat.extend(unescape(self.source, *self.offsets(inner)))
            elif inner.data == "interpolation":
                piece = hcl.Interpolation(self.expression(next(_trees(inner))), self.span(inner))
                start, end = self.offsets(inner)
                written = self.source.text[start:end]
                flat.append(Trimmed(piece, written.startswith("${~"), written.endswith("~}")))
            else:
                flat.append(self._directive(inner))
        return hcl.Template(assemble(trimmed(flat, by_line=False)), self.span(tree))

    def _directive(self, tree: Node) -> Mark:
        start, end = self.offsets(tree)
        text = self.source.text[start:end]
        parts = list(_trees(tree))
        value = self.expression(parts[-1]) if parts else None
        names = tuple(self._word(part) for part in parts[:-1])
        kind = tree.data.removeprefix("template_").removesuffix("_start")
        return Mark(kind, value, names, text.startswith("%{~"), text.endswith("~}"), self.span(tree))

    def _object(self, tree: Node) -> hcl.ObjectOf:
        items: list[hcl.ObjectItem] = []
        for element in _trees(tree):
            if element.data == "object_elem":
                key, value = _trees(element)
                items.append(hcl.ObjectItem(self._key(key), self.expression(value)))
        return hcl.ObjectOf(tuple(items), self.span(tree))

    def _key(self, tree: Node) -> hcl.Expression:
        inner = next(_trees(tree))
        if inner.data in ("identifier", "keyword", "literal_value", "int_lit", "float_lit"):
            span = self.span(inner)
            return hcl.Template((hcl.Text(self._word(inner), span),), span)
        return self.expression(inner)

    def _call(self, tree: Node) -> hcl.Call:
        parts = list(_trees(tree))
        name = "::".join(self._word(part) for part in parts if part.data == "identifier")
        found = next((part for part in parts if part.data == "arguments"), None)
        if found is None:
            return hcl.Call(name, (), expanded=False, span=self.span(tree))
        expanded = any(child.text == "..." for child in found.children)
        return hcl.Call(name, tuple(self.expression(part) for part in _trees(found)), expanded, self.span(tree))

    def _operation(self, tree: Node) -> hcl.Operation:
        terms: list[tuple[str, Node]] = []
        current = tree
        while current.data == "binary_op":
            current, term = _trees(current)
            operator, operand = _trees(term)
            # Line ends and comments before it are a part of the token.
            sign = _OPERATOR.search(operator.children[0].text)
            terms.append((sign[0] if sign else "", operand))
        first = self.expression(current)
        rest = tuple((operator, self.expression(operand)) for operator, operand in reversed(terms))
        # The grammar counts the line end after an operand to the operation.
        start, end = self.offsets(tree)[0], self.offsets(terms[0][1])[1]
        return hcl.Operation(first, rest, self.source.span(start, end))

    def _for(self, tree: Node) -> hcl.For:
        parts = list(_trees(tree))
        intro, condition, values = parts[0], None, parts[1:]
        if values and values[-1].data == "for_cond":
            condition = self.expression(next(_trees(values.pop())))
        head = list(_trees(intro))
        names = tuple(self._word(part) for part in head[:-1])
        is_object = tree.data == "for_object_expr"
        grouped = any(child.text == "..." for child in tree.children)
        return hcl.For(
            names,
            self.expression(head[-1]),
            self.expression(values[0]) if is_object else None,
            self.expression(values[-1]),
            condition,
            grouped,
            self.span(tree),
        )

    def _traversal(self, tree: Node) -> hcl.Traversal:
        groups: list[list[Node]] = []
        current = tree
        while current.data in ("get_attr_expr_term", "index_expr_term", "attr_splat_expr_term", "full_splat_expr_term"):
            # A parenthesis ends a splat's reach, so its inside is a traversal of its own.
            current, step = _trees(current)
            groups.append([step, *_trees(step)] if step.data in _SPLATS else [step])
        written = [step for group in reversed(groups) for step in group]
        return hcl.Traversal(self.expression(current), self._steps(written), self.span(tree))

    def _steps(self, written: list[Node]) -> tuple[hcl.Step, ...]:
        """The steps: after `[*]` all that follow are for each item, after `.*` only attributes and `.0`."""
        steps: list[hcl.Step] = []
        for place, tree in enumerate(written):
            if tree.data not in _SPLATS:
                steps.append(self._step(tree))
                continue
            rest = written[place + 1 :]
            if tree.data == "full_splat":
                return (*steps, hcl.Splat(self._steps(rest)))
            reach = list(takewhile(lambda step: step.data in ("get_attr", "short_index"), rest))
            splat = hcl.Splat(tuple(self._step(step) for step in reach))
            return (*steps, splat, *self._steps(rest[len(reach) :]))
        return tuple(steps)

    def _step(self, tree: Node) -> hcl.Step:
        match tree.data:
            case "get_attr":
                return hcl.Attribute(self._word(next(_trees(tree))))
            case "short_index":
                digits = next(child for child in tree.children if child.text != ".")
                return hcl.Index(hcl.Literal(digits.text, Kind.NUMBER, self.span(tree)))
            case "braces_index":
                return hcl.Index(self.expression(next(_trees(tree))))
        raise Fault("this step is not understood", self.span(tree))


def _trees(tree: Node) -> Iterator[Node]:
    """The children that are not punctuation, line ends or comments."""
    for child in tree.children:
        if child.data and child.data != "new_line_or_comment":
            yield child
