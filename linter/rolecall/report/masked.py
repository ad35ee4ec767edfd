"""Lines of the input that may be shown: secrets masked, and columns mapped from the file to what is shown."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

from rolecall import charts, regex
from rolecall.secrets import HIDDEN, KEY_ID, is_credential_name, mask, mask_key_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rolecall.source import Source
    from rolecall.span import Span

_TEMPLATE = regex.compile(rf"^(?:---|{charts.RENDERED})", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Line:
    """A line that may be shown. `replaced`: stretches (start, end, length of what stands there now), in order."""

    text: str
    replaced: tuple[tuple[int, int, int], ...] = ()
    _shifts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Add up by how much what stands behind each stretch is moved."""
        grown = (length - (stop - start) for start, stop, length in self.replaced)
        object.__setattr__(self, "_shifts", tuple(accumulate(grown, initial=0)))

    def offset(self, index: int, *, end: bool = False) -> int:
        """Where an index into the line of the file is in the text shown; inside of a mask: the mask's edge."""
        before = bisect_left(self.replaced, (index,))
        if before:
            start, stop, length = self.replaced[before - 1]
            if index < stop:
                return start + self._shifts[before - 1] + (length if end else 0)
        return index + self._shifts[before]


class Lines:
    """The lines of the files that findings are about."""

    def __init__(
        self,
        read: Callable[[str], Source | None],
        secrets: Mapping[str, tuple[tuple[int, int], ...]],
        find: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self._read = read
        self._find = find
        self._found: dict[str, str | None] = {}
        self._secrets = {path: _Secrets(spans) for path, spans in secrets.items()}
        self._sources: dict[str, Source | None] = {}
        self._lines: dict[tuple[str, int], Line] = {}
        self._templates: dict[str, list[tuple[int, str]]] = {}

    def source(self, path: str) -> Source | None:
        """The file at a path, unless it cannot be read (any more)."""
        if path not in self._sources:
            self._sources[path] = self._read(path)
        return self._sources[path]

    def template(self, span: Span) -> str:
        """The chart template that makes a rendered document, as its `# Source:` comment says; empty where none does.

        Where the template is in the tree it is the file's path, with the line that reads as the place does if there is
        just one.
        """
        place = self.template_place(span)
        if place is None:
            return self._template_name(span)
        return f"{place[0]}:{place[1]}" if place[1] else place[0]

    def template_place(self, span: Span) -> tuple[str, int] | None:
        """The path of that template, and the line in it or 0; None where it is not in the tree."""
        name = self._template_name(span)
        if not name:
            return None
        if name not in self._found:
            self._found[name] = self._find(name)
        path = self._found[name]
        rendered, source = self.source(span.path), self.source(path) if path is not None else None
        if path is None or rendered is None or source is None:
            return None
        line = rendered.line(span.line).strip()
        same = [number for number in range(1, len(source.starts) + 1) if source.line(number).strip() == line]
        return path, same[0] if len(same) == 1 and line else 0

    def _template_name(self, span: Span) -> str:
        templates = self._templates.get(span.path)
        if templates is None:
            source = self.source(span.path)
            templates = self._templates[span.path] = _templates(source.text if source else "")
        # The last that stands before the place; an empty one where a document begins after it.
        at = bisect_left(templates, (span.start,)) - 1
        return templates[at][1] if at >= 0 else ""

    def line(self, path: str, number: int) -> Line | None:
        """A 1-based line, masked; None where there is none."""
        source = self.source(path)
        if source is None or not 1 <= number <= len(source.starts):
            return None
        line = self._lines.get((path, number))
        if line is None:
            line = self._lines[path, number] = self._made(path, source, number)
        return line

    def _made(self, path: str, source: Source, number: int) -> Line:
        text = source.line(number)
        begin = source.starts[number - 1]
        secrets = self._secrets.get(path)
        cuts = [
            (max(start - begin, 0), min(end - begin, len(text)))
            for start, end in (secrets.within(begin, begin + len(text)) if secrets else ())
            # Where a rule points at the name of a secret, the name may be read.
            if not is_credential_name(source.text[start:end])
        ]
        return _masked(text, _merged(cuts))


def _templates(text: str) -> list[tuple[int, str]]:
    """The templates that a text names, and "" where a document begins, each with its place, in order."""
    if "# Source: " not in text:
        return []
    return [(match.start(), match["template"] or "") for match in _TEMPLATE.finditer(text)]


class _Secrets:
    """The stretches of a file that may not be shown, to be found by line."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._spans = sorted(spans)
        self._ends = list(accumulate((end for _, end in self._spans), max))

    def within(self, begin: int, end: int) -> list[tuple[int, int]]:
        """Those that share a character with a line."""
        first, last = bisect_right(self._ends, begin), bisect_left(self._spans, (end,))
        return [span for span in self._spans[first:last] if begin < span[1]]


def _merged(cuts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(cuts):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _masked(text: str, cuts: list[tuple[int, int]]) -> Line:
    """The line with what is known to be secret masked, and then whatever else looks like a secret."""
    known = _cut(text, cuts)
    guessed = mask(text)
    if guessed != text and mask(known.text) != known.text:
        # Which characters the general mask replaced is not told: everything between the first and the last.
        head = _common(text, guessed)
        tail = _common(text[head:][::-1], guessed[head:][::-1])
        middle = guessed[head : len(guessed) - tail]
        if not cuts:
            return Line(guessed, ((head, len(text) - tail, len(middle)),))
        return _cut(text, _merged([*cuts, (head, len(text) - tail)]))
    return known


def _cut(text: str, cuts: list[tuple[int, int]]) -> Line:
    """The line with these stretches masked."""
    parts: list[str] = []
    at = 0
    for start, end in cuts:
        hidden = text[start:end]
        parts += [text[at:start], mask_key_id(hidden) if KEY_ID.fullmatch(hidden) else HIDDEN]
        at = end
    parts.append(text[at:])
    return Line("".join(parts), tuple((start, end, len(parts[2 * i + 1])) for i, (start, end) in enumerate(cuts)))


def _common(first: str, second: str) -> int:
    length = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        length += 1
    return length
