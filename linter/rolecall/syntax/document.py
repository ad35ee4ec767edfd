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
    """

    root: Node
    span: Span
    template: str = ""
    functions: bool = False
