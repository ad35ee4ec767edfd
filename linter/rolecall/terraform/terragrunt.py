"""Configurations of Terragrunt, which are not evaluated: it is said which module gets its inputs from each.

https://terragrunt.gruntwork.io/docs/reference/hcl/blocks/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.problem import Unevaluated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.facts import Said
    from rolecall.source import Source

_REASON = "Terragrunt gives it its inputs, and is not evaluated"
_CALL = regex.compile(r"^(?:terraform[ \t]*\{|(?:unit|stack)[ \t]+\"[^\"\n]*\"[ \t]*\{)", re.MULTILINE)
_SOURCE = regex.compile(r"(?:^|\{)[ \t]*source[ \t]*=[ \t]*(?:\"([^\"\n$%]*)\"|(?=\S))", re.MULTILINE)
_INPUTS = regex.compile(r"^inputs[ \t]*=", re.MULTILINE)
_END = regex.compile(r"^\}", re.MULTILINE)


def adapt(source: Source) -> Iterator[Said]:
    """The modules that are called; where only inputs are written (the call is included), the inputs."""
    text = source.text
    called = False
    for call in _CALL.finditer(text):
        end = _END.search(text, call.end())
        found = _SOURCE.search(text, call.end() - 1, end.start() if end else len(text))
        if found is not None:
            called = True
            what = f"module {found[1]}" if found[1] else "a module whose source is computed"
            start = found.end() - len(found[0].lstrip("\n {\t"))
            yield Unevaluated(what, _REASON, source.span(start, found.end()), source.path)
    inputs = _INPUTS.search(text)
    if inputs is not None and not called:
        yield Unevaluated("an included module", _REASON, source.span(inputs.start(), inputs.end()), source.path)
