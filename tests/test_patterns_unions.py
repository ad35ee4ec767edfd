"""Unions of patterns, their intersection and difference, against a brute-force oracle over a small alphabet."""

from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rolecall.answer import Answer
from rolecall.iam import patterns_unions
from rolecall.iam.patterns import Pattern, glob, literal
from rolecall.iam.patterns_unions import Union, common
from rolecall.tree import Hole, Reference

HOLE = Hole("a variable", (Reference("m", "var.namespace"),))
OTHER = Hole("a variable", (Reference("m", "var.other"),))
WORDS = ["".join(letters) for length in range(6) for letters in product("abAc", repeat=length)]
written = st.tuples(st.text(alphabet="ab*?", max_size=3), st.sampled_from(["glob", "literal", "ignoring case"]))
unions = st.lists(written, max_size=2)


def made(text: str, how: str) -> Pattern:
    if how == "literal":
        return literal(text)
    return glob(text, ignore_case=how == "ignoring case")


def expression(text: str, how: str) -> re.Pattern[str]:
    if how == "literal":
        return re.compile(re.escape(text))
    parts = (".*" if symbol == "*" else "." if symbol == "?" else symbol for symbol in text)
    return re.compile("".join(parts), re.IGNORECASE if how == "ignoring case" else 0)


@given(st.lists(unions, min_size=1, max_size=3), unions)
@settings(max_examples=300, deadline=None)
def test_a_common_string_is_what_brute_force_finds(
    included: list[list[tuple[str, str]]], excluded: list[tuple[str, str]]
) -> None:
    found = common(
        [Union(tuple(made(*one) for one in union)) for union in included],
        [Union(tuple(made(*one) for one in excluded))],
    )
    wanted = [[expression(*one) for one in union] for union in included]
    unwanted = [expression(*one) for one in excluded]

    def fits(word: str) -> bool:
        return all(any(one.fullmatch(word) for one in union) for union in wanted) and not any(
            one.fullmatch(word) for one in unwanted
        )

    # A yes is shown by its witness, a no by that nothing is found; there is no third answer for such small ones.
    if found.answer is Answer.YES:
        assert found.witness is not None
        assert fits(found.witness)
    else:
        assert found.answer is Answer.NO
        assert not any(map(fits, WORDS))


@pytest.mark.parametrize(
    ("included", "excluded", "answer"),
    [
        ([[glob(("a:", HOLE))], [glob(("a:", HOLE))]], [], Answer.YES),
        ([[glob(("a:", HOLE))], [glob("a:*")]], [], Answer.YES),
        ([[glob(("a:", HOLE))], [glob(("a:", OTHER))]], [], Answer.UNKNOWN),
        ([[glob(("a:", HOLE))], [glob("b:*")]], [], Answer.NO),
        ([[glob(("a:", HOLE)), glob("b:x")], [glob("b:*")]], [], Answer.YES),
        ([[glob("a:*")]], [glob(("a:", HOLE))], Answer.UNKNOWN),
        ([[glob("a:*")]], [glob(("b:", HOLE))], Answer.YES),
        ([[glob("a:*")]], [glob("*"), glob((HOLE,))], Answer.NO),
        ([[]], [], Answer.NO),
        ([], [], Answer.YES),
    ],
)
def test_what_is_partly_known(included: list[list[Pattern]], excluded: list[Pattern], answer: Answer) -> None:
    assert common([Union(tuple(union)) for union in included], [Union(tuple(excluded))]).answer is answer


def test_what_is_not_seen_may_be_anything() -> None:
    seen = Union((glob("a"),), more=True)
    assert common([seen]).answer is Answer.YES
    assert common([seen, Union((glob("b"),))]).answer is Answer.UNKNOWN
    assert common([Union((), more=True)]).answer is Answer.UNKNOWN
    assert common([Union((glob("b"),))], [seen]).answer is Answer.UNKNOWN
    assert common([Union((glob("a"),))], [seen]).answer is Answer.NO


HOSTILE = ("*a" * 1000, "*a?" * 700, "*a" + "?" * 1000)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_patterns_take_no_search(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns_unions, "search", None)
    hostile = Union((glob(text),))
    assert common([hostile, Union((glob("b" + text + "*"),))]).answer is Answer.YES
    assert common([hostile, Union((glob("b"),))]).answer is Answer.NO
    assert common([hostile], [Union((glob("*"),))]).answer is Answer.NO
    assert common([hostile], [Union((glob(text + "*"),))]).answer is Answer.NO


@pytest.mark.parametrize("text", HOSTILE)
def test_a_search_among_hostile_patterns_is_bounded(text: str) -> None:
    """Each state is visited once, and only so many: a search that went on would not come back at all."""
    found = common([Union((glob(text),)), Union((glob("*a" * 500),))], [Union((glob("*a" * 999 + "b*"),))])
    assert found.answer is not Answer.NO
