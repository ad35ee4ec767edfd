"""What stacks of CloudFormation hand to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.model.origin import Origin
    from rolecall.span import Span
    from rolecall.tree import Scalar

IMPORT = "Fn::ImportValue"
"""The type of a reference to what another stack exports; its address is this and the name as it is displayed."""

NESTED = ("AWS::CloudFormation::Stack", "AWS::Serverless::Application")
"""The types of references to nested stacks; the attribute of one to an output is `Outputs.` and its name."""


@dataclass(frozen=True, slots=True)
class NestedStack:
    """A stack that a template makes of another one: where that is (a path or a URL), and its parameters by name."""

    name: str
    template: Scalar
    parameters: tuple[tuple[str, Scalar], ...] = ()


@dataclass(frozen=True, slots=True)
class StackValues:
    """The outputs of a template, those that it exports under a name, the names that it imports, its nested stacks.

    `defaults` are the places of its parameters' defaults, by name.

    What comes from another stack is, in the other entities of the unit, an unknown that refers to `IMPORT` and the
    name, to a nested stack, or to a parameter.
    """

    origin: Origin
    outputs: tuple[tuple[str, Scalar], ...] = ()
    exports: tuple[tuple[Scalar, Scalar], ...] = ()
    imports: tuple[Scalar, ...] = ()
    nested: tuple[NestedStack, ...] = ()
    defaults: tuple[tuple[str, Span], ...] = ()
