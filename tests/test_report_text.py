"""What people read."""

from __future__ import annotations

import io
from itertools import pairwise

import pytest

from rolecall.facts import Suppression
from rolecall.problem import Problem, ProblemKind, Unevaluated
from rolecall.report import text
from rolecall.report.cells import columns
from rolecall.report.style import Style, style_for
from rolecall.result import Result, Unused
from rolecall.rule import Label, Persona
from rolecall.source import Source
from tests.reports import KEY_ID, SECRET, diagnostic, label, lines_of, result_of


def render(result: Result, *sources: Source, style: Style | None = None, verbose: bool = False) -> str:
    lines = lines_of(*sources, secrets=dict(result.secrets))
    return "\n".join(text.render(result, lines, style or Style(), verbose=verbose))


def test_a_rendered_document_names_its_template() -> None:
    source = Source(
        "-",
        "# Source: shop/templates/a.yaml\nrole: alpha\n---\n"
        "# Source: shop/templates/b.yaml\nrole: beta\n---\nrole: gamma\n",
    )
    places = {
        "alpha": "--> -:2:7 (rendered from shop/templates/a.yaml)",
        "beta": "--> -:5:7 (rendered from shop/templates/b.yaml)",
        "gamma": "--> -:7:7",
    }
    for word, place in places.items():
        found = diagnostic("x", label(source, word, "the role"))
        assert place in [line.strip() for line in render(result_of(found), source).splitlines()]


def test_a_remark_on_where_something_comes_from_is_no_template() -> None:
    source = Source("infra/db.tf", "# Source: https://example.com/templates/policy.html\nrole = alpha\n")
    found = diagnostic("x", label(source, "alpha", "the role"))
    assert "rendered from" not in render(result_of(found), source)


def test_a_finding_with_places_in_two_files() -> None:
    one = Source("k8s/a.yaml", "kind: X\nname: alpha\nx: 1\ny: 2\nrole: beta\n")
    two = Source("iam.tf", "\n\n  name = gamma\n")
    found = diagnostic(
        "alpha never becomes beta",
        label(one, "beta", "the role"),
        label(two, "gamma", "is another"),
        label(one, "alpha", "asks"),
        help_="Write gamma.",
    )
    assert (
        render(result_of(found), one, two)
        == """\
high[bad-thing]: alpha never becomes beta
 --> k8s/a.yaml:5:7
  |
2 | name: alpha
  |       ----- asks
...
5 | role: beta
  |       ^^^^ the role
  |
 ::: iam.tf:3:10
  |
3 |   name = gamma
  |          ----- is another
  |
  = help: Write gamma.

summary: 1 finding (1 high)
  read: 0 files"""
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("\tx: bad", ["1 |     x: bad", "  |        ^^^"]),
        ("日本: bad", ["1 | 日本: bad", "  |       ^^^"]),
        ("😀: bad", ["1 | 😀: bad", "  |     ^^^"]),
        ("e\u0301: bad", ["1 | e\u0301: bad", "  |    ^^^"]),
        ("\x1b[31m: bad", ["1 | ␛[31m: bad", "  |        ^^^"]),
        ("\u202e: bad", ["1 | \ufffd: bad", "  |    ^^^"]),
    ],
)
def test_the_underline_stands_under_the_text(line: str, expected: list[str]) -> None:
    source = Source("a.yaml", line + "\n")
    shown = render(result_of(diagnostic("x", label(source, "bad"))), source).splitlines()
    assert shown[3:5] == expected


def test_nothing_that_a_terminal_obeys_gets_out() -> None:
    source = Source("a\x1b[2J.yaml", "x: \x1b]0;title\x07bad\x9b31m\r\n")
    found = diagnostic("message \x1b[1m\n", label(source, "bad", "words \x07"), help_="help \x1b")
    problem = Problem(ProblemKind.SYNTAX, "wrong \x1b[0m", "p\x1b.yaml")
    unevaluated = Unevaluated("thing \x1b", "reason \x07", path="x\x1b")
    result = result_of(found)
    result = Result(reported=result.reported, problems=(problem,), unevaluated=(unevaluated,))
    assert all(character.isprintable() or character == "\n" for character in render(result, source))


def test_a_long_line_is_cut_around_the_label_and_nothing_is_wider_than_the_screen() -> None:
    source = Source("a.json", "{" + "x" * 100_000 + " bad " + "y" * 100_000 + "}\n")
    message = "a sentence that goes on and on, " * 6
    found = diagnostic(message, label(source, "bad", "words that do not fit beside it " * 3), help_=message)
    shown = render(result_of(found), source).splitlines()
    assert max(map(columns, shown)) <= 80
    line, underline = next((a, b) for a, b in pairwise(shown) if " bad " in a)
    assert line.index("bad") == underline.index("^^^")
    assert line.startswith("1 | …")
    assert line.endswith("…")


def test_a_place_of_several_lines() -> None:
    source = Source("a.yaml", "a:\n  b: 1\n  c: 2\nd: 1\n")
    found = diagnostic("x", Label(source.span(0, 17), "all of it"))
    assert "1 | a:\n  | ^^ all of it (and 2 more lines)" in render(result_of(found), source)


def test_a_file_that_is_gone_still_has_its_finding() -> None:
    source = Source("a.yaml", "x: bad\n")
    assert "high[bad-thing]: gone" in render(result_of(diagnostic("gone", label(source, "bad", "here"))))


def test_secrets_are_masked_and_underlines_follow() -> None:
    source = Source("a.tf", f'access_key = "{KEY_ID}", secret_key = "{SECRET}" bad\nother = plainword bad2\n')
    found = diagnostic("x", label(source, "bad"), label(source, "plainword", secret=True), label(source, KEY_ID))
    start = source.text.index("plainword")
    result = Result(reported=(found,), secrets={"a.tf": ((start, start + 9),)})
    shown = render(result, source)
    assert SECRET not in shown
    assert KEY_ID not in shown
    assert "plainword" not in shown
    lines = shown.splitlines()
    index = next(index for index, line in enumerate(lines) if line.endswith(" bad"))
    assert lines[index].index(" bad") + 1 == lines[index + 1].index("^^^")


def test_what_stands_between_two_known_secrets_can_be_read() -> None:
    source = Source("Dockerfile", f"ENV AWS_ACCESS_KEY_ID={KEY_ID} AWS_SECRET_ACCESS_KEY={SECRET}\n")
    places = tuple((source.text.index(text), source.text.index(text) + len(text)) for text in (KEY_ID, SECRET))
    found = diagnostic("x", label(source, KEY_ID, secret=True))
    shown = render(Result(reported=(found,), secrets={"Dockerfile": places}), source).splitlines()
    assert shown[3] == "1 | ENV AWS_ACCESS_KEY_ID=AKIA…U2I3 AWS_SECRET_ACCESS_KEY=***"
    assert shown[4] == "  |                       ^^^^^^^^^"


def test_the_summary() -> None:
    source = Source("a.yaml", "x: bad # rolecall: ignore[y]\n")
    suppression = Suppression(("y",), "", source.span(0, 5), source.span(7, 28))
    result = Result(
        hidden_by_persona={Persona.PEDANTIC: 2},
        hidden_by_severity=3,
        problems=(Problem(ProblemKind.SYNTAX, "is broken", span=source.span(0, 1), help="repair it"),),
        unevaluated=(
            Unevaluated("policy a", "a variable without a default: var.a", source.span(0, 1)),
            Unevaluated("policy b", "a variable without a default: var.b", path="b.tf"),
            Unevaluated("policy c", "a variable without a default: var.c", path="c.tf"),
            Unevaluated("chart", "a template", path="d.yaml"),
        ),
        unused=(Unused(suppression, "ignore[y] suppresses nothing"),),
        files={"YAML": 2},
        looked_at=3,
        passed_by=4,
    )
    assert (
        render(result)
        == """\
error[syntax]: is broken
 --> a.yaml:1:1
  = help: repair it

summary: no findings
  not shown: 2 for --persona pedantic, 3 below --min-severity
  read: 2 of 7 files (2 YAML); the others do not concern AWS identity
  not evaluated: 4 (--verbose lists all)
    3 x a variable without a default
        policy a: var.a (a.yaml:1:1)
        policy b: var.b (b.tf)
    1 x a template
        chart (d.yaml)
  unused suppression: a.yaml:1:8: ignore[y] suppresses nothing
  incomplete: 1 problem, so not everything could be checked"""
    )
    assert "policy c: var.c (c.tf)" in render(result, verbose=True)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "choice", "environment", "expected"),
    [
        (Terminal(), "auto", {}, True),
        (io.StringIO(), "auto", {}, False),
        (Terminal(), "auto", {"NO_COLOR": "1"}, False),
        (Terminal(), "auto", {"TERM": "dumb"}, False),
        (io.StringIO(), "auto", {"FORCE_COLOR": "1"}, True),
        (io.StringIO(), "auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (Terminal(), "never", {"FORCE_COLOR": "1"}, False),
        (io.StringIO(), "always", {"NO_COLOR": "1"}, True),
    ],
)
def test_colour_on_a_terminal_only(
    stream: io.StringIO, choice: str, environment: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert style_for(stream, choice).colour is expected
