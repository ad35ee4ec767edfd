"""Expressions to values, lazily and partially: what cannot be known becomes a hole with its reason and references."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

from rolecall.terraform import parser_nodes as hcl
from rolecall.terraform.evaluate_either import either
from rolecall.terraform.evaluate_for import Gathered, rounds, unknown_rounds
from rolecall.terraform.evaluate_operators import binary, negated
from rolecall.terraform.evaluate_sizes import Sizes
from rolecall.terraform.evaluate_steps import item
from rolecall.terraform.evaluate_try import is_text, may_fail
from rolecall.terraform.functions import FUNCTIONS, Call
from rolecall.terraform.functions_call import Files
from rolecall.terraform.parser_template import Fault
from rolecall.terraform.values import (
    Failure,
    OutOfBounds,
    boolean_of,
    decimal,
    fields,
    holes_of,
    is_known,
    opaque,
    pieces_of,
    same,
    spelled,
    string,
    text_of,
    the_hole,
)
from rolecall.terraform.values_types import has_numbers, unified
from rolecall.tree import Entry, Hole, Kind, Mapping, Node, Scalar, Sequence, known, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as Names

    from rolecall.span import Span

Scope: TypeAlias = "Names[str, Node]"
"""The names that a `for`, an instance or a template file brings into sight."""

_DEPTH = 60
_TOO_LARGE = "an expression that is too large"
_SIZE = 20_000
_FUEL_FOR_ONE = 100_000
_FUEL_FOR_ALL = 1_000_000


class References(Files, Protocol):
    """What a module knows: the values behind `var.x`, `local.x`, `aws_iam_role.x`, and files."""

    def look_up(
        self, name: str, steps: tuple[hcl.Step, ...], scope: Scope, span: Span
    ) -> tuple[Node, tuple[hcl.Step, ...]]:
        """The value at the head of a reference, and the steps that are left. Raises `Failure`."""
        ...


@dataclass(slots=True)
class Meter:
    """What the evaluation of a configuration has used up, all its modules together."""

    depth: int = 0
    fuel: int = _FUEL_FOR_ONE
    left: int = _FUEL_FOR_ALL
    trying: int = 0
    sizes: Sizes = field(default_factory=Sizes)


@dataclass(slots=True)
class Evaluator:
    """Evaluates the expressions of one module, within bounds of depth, size and steps.

    `foreign`: the module is not the user's own code, and so what is put into its texts stays where the user wrote it.
    """

    references: References
    meter: Meter = field(default_factory=Meter)
    foreign: bool = False

    def refuel(self) -> None:
        """Starts the count of steps for one block; what all blocks may take together goes on."""
        meter = self.meter
        meter.left -= _FUEL_FOR_ONE - meter.fuel
        meter.fuel = min(_FUEL_FOR_ONE, max(meter.left, 0))

    def contained(self, expression: hcl.Expression, scope: Scope) -> Node:
        """The value of an expression; where it is an error in Terraform, a hole that says so."""
        try:
            return self.evaluate(expression, scope)
        except Failure as failure:
            if self.meter.trying:
                raise
            return unknown(Hole(str(failure)), expression.span)

    def apart(self, expression: hcl.Expression, scope: Scope) -> Node:
        """The value of an expression that stands elsewhere: a `try` around its use does not catch its errors."""
        trying, self.meter.trying = self.meter.trying, 0
        try:
            return self.contained(expression, scope)
        finally:
            self.meter.trying = trying

    def evaluate(self, expression: hcl.Expression, scope: Scope) -> Node:
        """The value of an expression. Raises `Failure` where it is an error in Terraform."""
        self.meter.fuel -= 1
        if self.meter.depth >= _DEPTH:
            return unknown(Hole("an expression that is nested too deeply"), expression.span)
        if self.meter.fuel <= 0:
            return unknown(Hole(_TOO_LARGE), expression.span)
        self.meter.depth += 1
        try:
            value = self._evaluate(expression, scope)
        finally:
            self.meter.depth -= 1
        if self.meter.sizes.of(value) > _SIZE:
            return unknown(Hole("a value that is too large"), expression.span)
        return value

    def _evaluate(self, expression: hcl.Expression, scope: Scope) -> Node:  # noqa: C901, PLR0911 - one branch a case
        match expression:
            case hcl.Literal():
                return known(_canonical(expression), expression.span, expression.kind)
            case hcl.Template():
                return self._template(expression, scope)
            case hcl.Traversal():
                return self._traversal(expression, scope)
            case hcl.Variable():
                return self._charged(self._name(expression, (), scope)[0])
            case hcl.Call():
                return self._call(expression, scope)
            case hcl.TupleOf():
                return Sequence(tuple(self.contained(part, scope) for part in expression.items), expression.span)
            case hcl.ObjectOf():
                return self._object(expression, scope)
            case hcl.Conditional():
                return self._conditional(expression, scope)
            case hcl.Operation():
                value = self.evaluate(expression.first, scope)
                for operator, operand in expression.rest:
                    value = binary(operator, value, self.evaluate(operand, scope), expression.span)
                return value
            case hcl.Unary():
                return negated(expression.operator, self.evaluate(expression.value, scope), expression.span)
            case hcl.For():
                return self._for(expression, scope)

    def _charged(self, value: Node) -> Node:
        self.meter.fuel -= self.meter.sizes.of(value)
        return value

    def _name(
        self, variable: hcl.Variable, steps: tuple[hcl.Step, ...], scope: Scope
    ) -> tuple[Node, tuple[hcl.Step, ...]]:
        if variable.name in scope:
            return scope[variable.name], steps
        return self.references.look_up(variable.name, steps, scope, variable.span)

    def _traversal(self, expression: hcl.Traversal, scope: Scope) -> Node:
        if isinstance(expression.root, hcl.Variable):
            value, steps = self._name(expression.root, expression.steps, scope)
        else:
            value, steps = self.evaluate(expression.root, scope), expression.steps
        value = self.step(value, steps, expression.span, scope)
        if isinstance(value, Scalar):
            passed = self.foreign or value.kind is not Kind.UNKNOWN
            value = value.passed(expression.span) if passed else _placed(value, expression.span)
        return self._charged(value)

    def step(self, value: Node, steps: tuple[hcl.Step, ...], span: Span, scope: Scope) -> Node:
        """The value at the end of a path of attributes and indexes."""
        for step in steps:
            if isinstance(step, hcl.Splat):
                value = self._splat(value, step, span, scope)
            elif isinstance(step, hcl.Attribute):
                value = item(value, known(step.name, span), span)
            else:
                value = item(value, self.evaluate(step.key, scope), span)
        return value

    def _splat(self, value: Node, splat: hcl.Splat, span: Span, scope: Scope) -> Node:
        if isinstance(value, Scalar) and value.is_null:
            return Sequence((), span)
        if isinstance(value, Sequence):
            items = tuple(self.step(part, splat.steps, span, scope) for part in value.items)
            rest = value.rest
        elif (hole := the_hole(value)) is not None:
            items, rest = (), hole
        else:
            return Sequence((self.step(value, splat.steps, span, scope),), span)
        if rest is not None:
            beyond = self.step(unknown(rest, span), splat.steps, span, scope)
            rest = next(holes_of((beyond,)), rest)
        return Sequence(items, span, rest)

    def _template(self, template: hcl.Template, scope: Scope) -> Node:
        first = template.pieces[0] if template.pieces else None
        if template.bare and len(template.pieces) == 1 and isinstance(first, hcl.Interpolation):
            return self.evaluate(first.value, scope)
        return string(self._pieces(template.pieces, scope), template.span)

    def _pieces(self, pieces: tuple[hcl.Piece, ...], scope: Scope) -> Iterator[tuple[str | Hole, Span]]:
        """The parts of a text; in a foreign module, what is put into it stands where that is written."""
        for piece in pieces:
            self.meter.fuel -= 1
            if self.meter.fuel <= 0:
                yield Hole(_TOO_LARGE), piece.span
                return
            match piece:
                case hcl.Text():
                    yield piece.text, piece.span
                case hcl.Interpolation():
                    value = self.contained(piece.value, scope)
                    for part, place in self._interpolated(value):
                        self.meter.fuel -= len(part) // 64 if isinstance(part, str) else 1
                        yield part, place if self.foreign else piece.span
                case hcl.IfDirective():
                    yield from self._if(piece, scope)
                case hcl.ForDirective():
                    yield from self._repeated(piece, scope)

    def _interpolated(self, value: Node) -> Iterator[tuple[str | Hole, Span]]:
        try:
            text_of(value)
        except Failure as failure:
            if self.meter.trying:
                raise
            return iter([(Hole(str(failure)), value.span)])
        return pieces_of(value) if isinstance(value, Scalar) else iter(())

    def _if(self, piece: hcl.IfDirective, scope: Scope) -> Iterator[tuple[str | Hole, Span]]:
        condition = self.contained(piece.condition, scope)
        answer = boolean_of(condition)
        if answer is not None:
            yield from self._pieces(piece.yes if answer else piece.no, scope)
            return
        yes = string(self._pieces(piece.yes, scope), piece.span)
        no = string(self._pieces(piece.no, scope), piece.span)
        if same(yes, no):
            yield from pieces_of(yes)
        else:
            yield opaque("if", (condition, yes, no), piece.span).parts[0], piece.span

    def _repeated(self, piece: hcl.ForDirective, scope: Scope) -> Iterator[tuple[str | Hole, Span]]:
        collection = self.contained(piece.collection, scope)
        for inner in self._rounds(collection, piece.names, scope):
            yield from self._pieces(piece.body, inner)
        if self.meter.fuel <= 0:
            yield Hole(_TOO_LARGE), piece.span
        if (rest := unknown_rounds(collection)) is not None:
            yield opaque("for", (unknown(rest, piece.span),), piece.span).parts[0], piece.span

    def _object(self, expression: hcl.ObjectOf, scope: Scope) -> Node:
        entries: list[Entry] = []
        for part in expression.items:
            key = self.contained(part.key, scope)
            if not isinstance(key, Scalar) or key.is_null:
                raise Failure("a key must be a string")
            entries.append(Entry(key, self.contained(part.value, scope)))
        return Mapping(tuple(entries), expression.span)

    def _conditional(self, expression: hcl.Conditional, scope: Scope) -> Node:
        condition = self.evaluate(expression.condition, scope)
        answer = boolean_of(condition)
        if answer is None:
            yes, no = self.contained(expression.yes, scope), self.contained(expression.no, scope)
            return either(condition, yes, no, expression.span)
        chosen, other = (expression.yes, expression.no) if answer else (expression.no, expression.yes)
        value = self.evaluate(chosen, scope)
        if self.foreign and isinstance(value, Scalar) and value.span.path == expression.span.path:
            # Of what stands in the module itself, the input that chose it is what the user wrote.
            value = value.passed(condition.span)
        if not has_numbers(value):
            return value
        # Of a string and a number both become strings, in whatever they stand.
        try:
            return unified((value, self.contained(other, scope)))[0]
        except Failure:
            return value

    def _for(self, expression: hcl.For, scope: Scope) -> Node:
        collection = self.evaluate(expression.collection, scope)
        rest = unknown_rounds(collection)
        if rest is not None:
            rest = opaque("for", (unknown(rest, expression.span),), expression.span).hole
        result = Gathered(expression, rest)
        for inner in self._rounds(collection, expression.names, scope):
            if expression.condition is not None:
                condition = self.evaluate(expression.condition, inner)
                answer = boolean_of(condition)
                if answer is None:
                    result.unsure(opaque("for", (condition, collection), expression.span).hole)
                if answer is not True:
                    continue
            key = self.contained(expression.key, inner) if expression.key is not None else None
            result.add(key, self.contained(expression.value, inner))
        return unknown(Hole(_TOO_LARGE), expression.span) if self.meter.fuel <= 0 else result.node()

    def _rounds(self, collection: Node, names: tuple[str, ...], scope: Scope) -> Iterator[Scope]:
        """The scopes of the rounds over what is known of a collection, as long as there is fuel."""
        for key, value in rounds(collection):
            self.meter.fuel -= 1
            if self.meter.fuel <= 0:
                return
            yield {**scope, names[-1]: value, **({names[0]: key} if len(names) > 1 else {})}

    def _call(self, expression: hcl.Call, scope: Scope) -> Node:
        if expression.name in ("try", "can"):
            return self._try(expression, scope)
        arguments = [self.contained(argument, scope) for argument in expression.arguments]
        if expression.expanded and arguments:
            last = arguments.pop()
            if not isinstance(last, Sequence) or last.rest:
                return opaque(expression.name, (*arguments, last), expression.span)
            arguments.extend(last.items)
        self.meter.fuel -= sum(self.meter.sizes.of(argument) for argument in arguments)
        call = Call(expression.name.removeprefix("core::"), tuple(arguments), expression.span, self.references)
        if call.name == "templatestring":
            return self.templatestring(call)
        function = FUNCTIONS.get(call.name)
        if function is None:
            return opaque(call.name, call.arguments, call.span, reason=f"the function {call.name} is not evaluated")
        value = function(call)
        return _as_first(value, call) if self.foreign else value

    def templatestring(self, call: Call) -> Node:
        """The text of a template, which has no place of its own, with its variables. Raises `Failure`."""
        from rolecall.terraform.parser import parse_text  # noqa: PLC0415 - rare

        if len(call.arguments) != 2:
            raise Failure("templatestring takes a template and its variables")
        text, mapping = call.text(0), call.mapping(1)
        names = fields(mapping) if mapping is not None else None
        if text is None or names is None:
            return call.opaque()
        try:
            template = parse_text(call.span, text)
        except Fault as fault:
            raise Failure("a template that could not be parsed") from fault
        return self.evaluate(template, names)

    def _try(self, expression: hcl.Call, scope: Scope) -> Node:
        if not expression.arguments or (expression.name == "can" and len(expression.arguments) > 1):
            raise Failure(f"{expression.name} with no expression, or with too many")
        for argument in expression.arguments:
            self.meter.trying += 1
            try:
                value = self.evaluate(argument, scope)
            except OutOfBounds as bounds:
                return unknown(Hole(str(bounds)), expression.span)
            except Failure:
                continue
            finally:
                self.meter.trying -= 1
            if expression.name == "can":
                return (
                    known("true", expression.span, Kind.BOOLEAN)
                    if is_known(value)
                    else opaque("can", (value,), expression.span)
                )
            hole = the_hole(value)
            if hole is not None and not is_text(hole):
                return opaque("try", (value,), expression.span, plain=True)
            if any(may_fail(hole) for hole in holes_of((value,))):
                return opaque("try", (value,), expression.span)
            return value
        if expression.name == "can":
            return known("false", expression.span, Kind.BOOLEAN)
        raise Failure("nothing in try succeeds")


def _as_first(value: Node, call: Call) -> Node:
    """What a function makes of a text, with the place where that is written."""
    first = call.arguments[0] if call.arguments else None
    whole = isinstance(value, Scalar) and all(place == call.span for place in (value.span, *value.places))
    if whole and isinstance(value, Scalar) and isinstance(first, Scalar):
        return Scalar(value.parts, value.kind, first.span, (*first.via, call.span))
    return value


def _canonical(literal: hcl.Literal) -> str:
    """The text of a literal as Terraform writes it: `"${1.50}"` is "1.5"."""
    if literal.kind is not Kind.NUMBER or literal.text.isdecimal():
        return literal.text
    return spelled(decimal(literal.text))


def _placed(value: Scalar, span: Span) -> Scalar:
    """An unknown value is written where it is referred to."""
    return Scalar(value.parts, value.kind, span, value.via)
