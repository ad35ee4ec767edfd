"""What stacks of CloudFormation hand to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.model.origin import Origin
    from rolecall.tree import Scalar


@dataclass(frozen=True, slots=True)
class StackValues:
    """The values that a template exports, each with its name, and the names of those that it imports.

    What is imported is, in the other entities of the unit, an unknown that refers to `IMPORT` and the name.
    """

    origin: Origin
    exports: tuple[tuple[Scalar, Scalar], ...] = ()
    imports: tuple[Scalar, ...] = ()


IMPORT = "Fn::ImportValue"
"""The type of such a reference; its address is this and the name as it is displayed."""
