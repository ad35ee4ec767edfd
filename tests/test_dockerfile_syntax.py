from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolecall.source import Source
from rolecall.syntax.dockerfile import Instruction, parse
from rolecall.syntax.dockerfile_ignore import Ignored
from rolecall.syntax.dockerfile_shell import commands
from rolecall.syntax.dockerfile_text import Text
from rolecall.syntax.dockerfile_words import Use, json_strings, pairs, value

PIECES = st.sampled_from(
    [
        "FROM x",
        "ENV ",
        "RUN ",
        "run ",
        "COPY ",
        "ONBUILD ",
        "ONBUILD ONBUILD ",
        "--a=b ",
        "-- ",
        "# escape=`",
        "# syntax=x",
        "# c",
        "`",
        "$A",
        "${A:-",
        "}",
        '"',
        "'",
        '["a", "b"]',
        "<<EOF",
        '<<-"X"',
        "EOF",
        "X",
        "=",
        " ",
        "é",
        "😀",
        "\\",
        "\n",
        "\r\n",
        "\r",
        "\\\n",
        "\\ \n",
        "\\\\\n",
        "\nEOF\n",
        "\n\tX\n",
        "\t",
        "\v",
        "\0",
        "\u2028",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join))


def instructions(text: str) -> list[Instruction]:
    return list(parse(Source("Dockerfile", text)).instructions)


@given(TEXTS)
def test_every_instruction_is_the_slice_of_its_span(text: str) -> None:
    parsed = parse(Source("Dockerfile", text))
    before = 0
    for one in parsed.instructions:
        span = one.span
        assert text[span.start : span.end] == one.text
        assert before <= span.start <= span.end <= len(text)
        before = span.end
        assert one.line.text[one.start : one.end] == one.arguments
        for word in one.words():
            assert span.start <= word.span.start <= word.span.end <= span.end
            if word.span.end - word.span.start == len(word.raw):
                assert text[word.span.start : word.span.end] == word.raw
        for flag in one.flags:
            assert span.covers(flag.span)
        for heredoc in one.heredocs:
            assert span.start <= heredoc.start <= heredoc.end <= span.end
    for mistake in parsed.mistakes:
        assert 0 <= mistake.span.start <= mistake.span.end <= len(text)


@given(TEXTS)
def test_every_shell_word_stands_where_it_says(text: str) -> None:
    line = Text(Source("Dockerfile", "#" + text))
    line.add(text, 1)
    for command in commands(line, 0, len(text)):
        assert 0 <= command.start < command.end <= len(text)
        for word in command.words:
            assert len(word.indexes) == len(word.text)
            assert all(text[index] == character for index, character in zip(word.indexes, word.text, strict=True))
            word.value(0, len(word.text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\nRUN b", [("FROM", "a"), ("RUN", "b")]),
        ("from a\r\n  run   b  \r\n", [("FROM", "a"), ("RUN", "b")]),
        ("RUN a \\\n  b \\  \n\n# c\n  # d\n e", [("RUN", "a   b  e")]),
        ("RUN a\\\n\\\nb", [("RUN", "ab")]),
        ("RUN a \\\\\nRUN b", [("RUN", "a \\\\"), ("RUN", "b")]),
        ("# escape=`\nRUN a\\\nRUN b `\n c", [("RUN", "a\\"), ("RUN", "b  c")]),
        ("#escape = `\nRUN a `\n c", [("RUN", "a  c")]),
        ("# comment\n# escape=`\nRUN a `\nRUN c", [("RUN", "a `"), ("RUN", "c")]),
        ("\n# escape=`\nRUN a `\nRUN c", [("RUN", "a `"), ("RUN", "c")]),
        ("# syntax=x\n# escape=`\nRUN a `\nc", [("RUN", "a c")]),
        ("RUN --a=b --c d --e", [("RUN", "d --e")]),
        ("RUN -- --a", [("RUN", " --a")]),
        ("ONBUILD RUN a", [("RUN", "a")]),
        ("onbuild\tCOPY --from=x a b", [("COPY", "a b")]),
        ("RUN <<E\nRUN x\nE\nRUN y", [("RUN", "<<E"), ("RUN", "y")]),
        ("RUN a <<E b <<'F'\n1\nE\n2\nF\nRUN y", [("RUN", "a <<E b <<'F'"), ("RUN", "y")]),
        ("RUN <<-E\n\tE\nRUN y", [("RUN", "<<-E"), ("RUN", "y")]),
        ("CMD <<E\nRUN y", [("CMD", "<<E"), ("RUN", "y")]),
        ('RUN echo "<<E"\nRUN y', [("RUN", 'echo "<<E"'), ("RUN", "y")]),
        ("RUN cat <<<E\nRUN y", [("RUN", "cat <<<E"), ("RUN", "y")]),
        ("RUN a \\", [("RUN", "a ")]),
    ],
)
def test_instructions(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.keyword, one.arguments.rstrip()) for one in instructions(text)] == [
        (keyword, arguments.rstrip()) for keyword, arguments in expected
    ]


def test_heredocs_have_bodies() -> None:
    text = "RUN a <<E b <<-'F'\n1\n2\nE\n\t3\n\tF\nRUN y\n"
    [first, _] = instructions(text)
    assert [(one.name, text[one.start : one.end], one.expands) for one in first.heredocs] == [
        ("E", "1\n2\n", True),
        ("F", "\t3\n", False),
    ]
    assert first.text == text[: text.index("RUN y") - 1]


def test_onbuild_is_marked() -> None:
    assert [one.on_build for one in instructions("ONBUILD ENV A=b\nENV A=b")] == [True, False]


@pytest.mark.parametrize(
    ("text", "line"),
    [("FROM x\nWHAT is this\n", 2), ("FROM x\nENV\n", 2), ("FROM\n", 1), ("RUN <<E\nx\n", 1), ("FROM x\n\n}\n", 3)],
)
def test_mistakes_have_their_line(text: str, line: int) -> None:
    [mistake] = parse(Source("Dockerfile", text)).mistakes
    assert mistake.span.line == line


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("A=1 B=2", [("A", "1"), ("B", "2")]),
        ("A=\"1 2\" B='3 4' C=5\\ 6", [("A", '"1 2"'), ("B", "'3 4'"), ("C", "5\\ 6")]),
        ("A b c=d   ", [("A", "b c=d")]),
        ("A=b=c", [("A", "b=c")]),
        ("A= B=", [("A", ""), ("B", "")]),
        ("A", None),
        ("A=1 B", None),
    ],
)
def test_both_syntaxes_of_env(arguments: str, expected: list[tuple[str, str]] | None) -> None:
    [one] = instructions(f"ENV {arguments}")
    found = pairs(one.line, one.start, one.end, one.escape)
    shown = None if found is None else [(pair.name.raw, pair.value.raw) for pair in found if pair.value]
    assert shown == expected


def test_uses_of_variables() -> None:
    assert value("a${B:-${C}}$D", "\\") == ("a", Use("B", ":-", (Use("C"),)), Use("D"))


def test_nesting_ends_somewhere() -> None:
    value("${A:-" * 20_000, "\\")
    value("${A:-" * 20_000 + "}" * 20_000, "\\")
    instructions("RUN " + "[" * 100_000)


def test_json_strings_stand_where_they_are_written() -> None:
    text = 'RUN ["a\\tb", "\\u00e9c", "\\ud83d\\ude00d"]'
    [one] = instructions(text)
    strings = json_strings(one.line, one.start, one.end)
    assert strings is not None
    assert [string.text for string in strings] == ["a\tb", "éc", "😀d"]
    assert [text[string.place(len(string.text) - 1)] for string in strings] == ["b", "c", "d"]


@pytest.mark.parametrize("arguments", ["[a]", '["a", 1]', '["a"', "x", '{"a": 1}', "[" * 5000])
def test_what_is_no_json_form(arguments: str) -> None:
    [one] = instructions(f"RUN {arguments}")
    assert json_strings(one.line, one.start, one.end) is None


@pytest.mark.parametrize(
    ("patterns", "path", "expected"),
    [
        ("a", "a", True),
        ("a", "a/b", True),
        ("a", "b/a", False),
        ("**/a", "b/c/a", True),
        ("**/a", "a", True),
        ("a/**", "a/b", True),
        ("*.x", "a.x", True),
        ("*.x", "b/a.x", False),
        ("a/*/c", "a/b/c/d", True),
        ("./a/", "a", True),
        ("/a", "a", True),
        ("a\n!a/b", "a/b", False),
        ("!a\na", "a", True),
        ("# a", "# a", False),
        ("a?", "ab", True),
        ("**", "x/y", True),
        ("../a", "a", False),
    ],
)
def test_dockerignore(patterns: str, path: str, expected: bool) -> None:
    assert Ignored(patterns).excludes(path) is expected


@given(st.text(alphabet="a*?/!.[]\\\n", max_size=60), st.text(alphabet="ab/.", max_size=60))
def test_any_dockerignore_answers(patterns: str, path: str) -> None:
    assert Ignored(patterns).excludes(path) in (True, False)
