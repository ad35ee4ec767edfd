"""What a comment suppresses, and what it does not."""

from __future__ import annotations

import pytest

from rolecall.source import Source
from rolecall.suppression import comments


def covered(text: str, path: str = "a.yaml") -> list[tuple[tuple[str, ...], str, int, int]]:
    return [(found.rules, found.reason, found.span.line, found.span.end_line) for found in comments(Source(path, text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b  # rolecall: ignore[one] because\nc: d\n", (("one",), "because", 1, 1)),
        ("a: b  # rolecall: ignore[one, two]\n", (("one", "two"), "", 1, 1)),
        ("a: b  #rolecall:ignore everything\n", ((), "everything", 1, 1)),
        ("a = 1 // rolecall: ignore[one] x\n", (("one",), "x", 1, 1)),
        ("a = 1 /* rolecall: ignore[one] x */\n", (("one",), "x", 1, 1)),
        ("# rolecall: ignore[acme/one]: x\na: b\n", (("acme/one",), "x", 1, 2)),
        ("# rolecall: ignore[one]\n# more words\n\na: b\nc: d\n", (("one",), "", 1, 4)),
        ("a: b\r\n# rolecall: ignore[one]\r\na: b\r\n", (("one",), "", 2, 3)),
        ("x\n# rolecall: ignore[one]", (("one",), "", 2, 2)),
        ("{{/* rolecall: ignore[one] x */}}\na: {{ .b }}\n", (("one",), "x", 1, 2)),
        ("  {{- /* rolecall: ignore[one] x */ -}}\n{{/* more */}}\na: b\n", (("one",), "x", 1, 3)),
        ("a: b {{/* rolecall: ignore[one] x */}}\nc: d\n", (("one",), "x", 1, 1)),
    ],
)
def test_a_comment_covers_its_line_or_alone_the_next_one(
    text: str, expected: tuple[tuple[str, ...], str, int, int]
) -> None:
    assert covered(text) == [expected]


@pytest.mark.parametrize("text", ["a: b # rolecall: ignored\n", "a: rolecall: ignore[x]\n", "a: b # ignore[x]\n"])
def test_what_only_looks_like_one_covers_nothing(text: str) -> None:
    assert covered(text) == []


def test_json_has_no_comments() -> None:
    assert covered('{"a": "# rolecall: ignore[one]"}', "a.json") == []


def test_one_before_a_heredoc_covers_all_of_it() -> None:
    text = 'x = {\n# rolecall: ignore[one]\npolicy = <<-EOF\n  {"a": 1}\n  EOF\ny = 1\n'
    assert covered(text, "a.tf") == [(("one",), "", 2, 5)]


def test_one_before_a_block_scalar_covers_all_of_it() -> None:
    assert covered("a:\n  # rolecall: ignore[one]\n  b: |\n    {\n\n    }\n  c: d\n") == [(("one",), "", 2, 6)]


def test_a_heredoc_that_does_not_end_covers_its_first_line() -> None:
    assert covered("# rolecall: ignore[one]\nx = <<EOF\na\n", "a.tf") == [(("one",), "", 1, 2)]
