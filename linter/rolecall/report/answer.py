"""The answer to one question about a trust policy: for people with the source lines that decide, or as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.answer import Answer
from rolecall.report.cells import wrap
from rolecall.report.json import place
from rolecall.report.snippet import snippet
from rolecall.rule import Label
from rolecall.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.iam.questions import Answered
    from rolecall.report.masked import Lines
    from rolecall.report.style import Style

_COLOURS = {Answer.YES: "green", Answer.NO: "red", Answer.UNKNOWN: "yellow"}
_SENTENCES = {
    Answer.YES: "{role} admits {asker}",
    Answer.NO: "{role} does not admit {asker}",
    Answer.UNKNOWN: "it cannot be told whether {role} admits {asker}",
}
_MOST_LABELS = 24


def text(answered: Answered, role: str, asker: str, lines: Lines, style: Style) -> Iterator[str]:
    """The lines that a user reads."""
    colour = _COLOURS[answered.answer]
    head = answered.answer.value
    sentence = mask(_SENTENCES[answered.answer].format(role=role, asker=asker))
    first, *rest = wrap(sentence, style.width, first=len(head) + 2)
    yield f"{style.paint(head, colour)}: {style.paint(first, 'bold')}"
    yield from (style.paint(line, "bold") for line in rest)
    labels = tuple(Label(reason.span, mask(reason.text)) for reason in answered.because[:_MOST_LABELS])
    gutter = 1
    if labels:
        gutter = len(str(max(label.span.line for label in labels)))
        yield from snippet(labels, lines, style, lambda words: style.paint(words, colour))
    for note in answered.notes:
        left = gutter + 1 + len("= note: ")
        first, *rest = wrap(mask(note), style.width - left)
        yield f"{'':{gutter}} {style.paint('=', 'blue')} {style.paint('note', 'bold')}: {first}"
        yield from (" " * left + line for line in rest)


def data(answered: Answered) -> dict[str, Any]:
    """The answer and the places that decide."""
    tree: dict[str, Any] = {
        "answer": answered.answer.value,
        "because": [
            {"text": mask(reason.text), "statement": reason.statement or None, **place(reason.span)}
            for reason in answered.because
        ],
    }
    if answered.notes:
        tree["notes"] = [mask(note) for note in answered.notes]
    return tree
