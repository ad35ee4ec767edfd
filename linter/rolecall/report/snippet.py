"""Source lines with the labelled text underlined, as rustc shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.report.cells import clean, columns, visible, width, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.report.masked import Line, Lines
    from rolecall.report.style import Style
    from rolecall.rule import Label

_CONTEXT = 12
"""How many columns are kept before the label of a line that is cut."""


def snippet(labels: tuple[Label, ...], lines: Lines, style: Style, paint: Painter) -> Iterator[str]:
    """The places of a finding, file by file in their order, the primary place first; it is painted by `paint`."""
    gutter = len(str(max(label.span.line for label in labels)))
    by_path: dict[str, list[Label]] = {}
    for label in labels:
        by_path.setdefault(label.span.path, []).append(label)
    bar = style.paint("|", "blue")
    empty = f"{'':{gutter}} {bar}"
    for index, (path, group) in enumerate(by_path.items()):
        first = group[0].span
        if index > 0:
            yield empty
        arrow = style.paint("-->" if index == 0 else ":::", "blue")
        template = clean(lines.template(first))
        rendered = f" (rendered from {template})" if template else ""
        yield f"{'':{gutter}}{arrow} {clean(path)}:{first.line}:{first.column}{rendered}"
        yield empty
        previous = 0
        for number in sorted({label.span.line for label in group}):
            if previous and number > previous + 1:
                yield style.paint("...", "blue")
            previous = number
            here = [label for label in group if label.span.line == number]
            line = lines.line(path, number)
            for text in _line(line, here, labels[0], style, paint, room=style.width - gutter - 3):
                code = style.paint(f"{number:>{gutter}}", "blue") if text.startswith("\0") else f"{'':{gutter}}"
                yield f"{code} {bar} {text.removeprefix(chr(0))}".rstrip()
    yield empty


def _line(  # noqa: PLR0913 - what is shown, and how
    line: Line | None, labels: list[Label], first: Label, style: Style, paint: Painter, *, room: int
) -> Iterator[str]:
    """A source line (marked by a leading NUL), then for each of its labels the underline and the words."""
    if line is None:
        for label in labels:
            yield from wrap(label.text, room)
        return
    marks = [_extent(line, label) for label in labels]
    begin, end = _window(line.text, marks[0], room)
    before = "…" if begin else ""
    after = "…" if end < len(line.text) else ""
    yield "\0" + before + visible(line.text[begin:end]) + after
    for label, mark in zip(labels, marks, strict=True):
        start, stop = (min(max(offset, begin), end) for offset in mark)
        indent = len(before) + columns(line.text[begin:start])
        length = max(1, columns(line.text[start:stop]))
        primary = label is first
        more = label.span.end_line - label.span.line - (label.span.end_column == 1)
        words = label.text + (f" (and {more} more line{'s' * (more > 1)})" if more > 0 else "")
        painted = paint if primary else _aside(style)
        yield from _underline(indent, ("^" if primary else "-") * length, words.strip(), room, painted)


def _aside(style: Style) -> Painter:
    return lambda text: style.paint(text, "blue")


def _underline(indent: int, marks: str, words: str, room: int, paint: Painter) -> Iterator[str]:
    used = indent + len(marks) + 1
    if not words:
        yield " " * indent + paint(marks)
    elif used + columns(clean(words)) <= room:
        yield " " * indent + paint(f"{marks} {clean(words)}")
    else:
        yield " " * indent + paint(marks)
        left = max(0, min(indent, room - columns(clean(words))))
        for text in wrap(words, room - left):
            yield " " * left + paint(text)


def _extent(line: Line, label: Label) -> tuple[int, int]:
    """The stretch of the shown line that a label underlines."""
    span = label.span
    start = line.offset(span.column - 1)
    stop = line.offset(span.end_column - 1, end=True) if span.end_line == span.line else len(line.text)
    return min(start, len(line.text)), min(max(stop, start), len(line.text))


def _window(text: str, mark: tuple[int, int], room: int) -> tuple[int, int]:
    """The part of a line that is shown: all of it if it fits, else what is around the mark, room left for `…`."""
    # A cell is at most four columns wide, so no more characters than this need be looked at.
    if len(text) <= room * 4 and columns(text) <= room:
        return 0, len(text)
    begin, used = mark[0], 0
    if columns(text[max(mark[0] - room, 0) : mark[0]]) + min(mark[1] - mark[0], room) <= room - 2 and mark[0] <= room:
        begin = 0
    else:
        while begin > 0 and used < _CONTEXT:
            begin -= 1
            used += width(text[begin])
    end, used = begin, 0
    while end < len(text) and used + width(text[end]) <= room - 2:
        used += width(text[end])
        end += 1
    return begin, end


if TYPE_CHECKING:
    from collections.abc import Callable

    Painter = Callable[[str], str]
