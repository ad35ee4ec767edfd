"""A parsed document: one tree of a file that may hold several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.span import Span
    from rolecall.tree import Node


@dataclass(frozen=True, slots=True)
class Document:
    """A tree with where it stands. `template` is the path in its `# Source:` comment (Helm's output), if any.

    `functions`: it is read as a template of CloudFormation, in which `${…}` and `{{…}}` are text until it is evaluated.
    `language` is what it is a template of, if it is one that nobody has rendered; `possible` are then the stretches of
    it that may not be made, `chart` the directory of the chart whose template it is.
    """

    root: Node
    span: Span
    template: str = ""
    functions: bool = False
    language: str = ""
    possible: tuple[Span, ...] = ()
    chart: str = ""
