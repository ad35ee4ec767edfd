"""The language of IAM strings against a brute-force oracle over a small alphabet."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rolecall.answer import Answer
from rolecall.iam import patterns
from rolecall.iam.patterns import FRESH, contains, empty, example, glob, intersects, literal, pattern, witness
from rolecall.span import Span
from rolecall.tree import Hole, Kind, Reference, Scalar

NAMESPACE = Hole("a variable", (Reference("m", "var.namespace"),))
OTHER = Hole("a variable", (Reference("m", "var.other"),))
ACCOUNT = Hole("an account", (Reference("m", "data.aws_caller_identity.me", "account_id"),))
ALPHABET = "abc"
WORDS = ["".join(letters) for length in range(6) for letters in product(ALPHABET, repeat=length)]
globs = st.text(alphabet="ab*?", max_size=5)


def oracle(text: str, word: str) -> bool:
    """Matching as a textbook has it: a table over the lengths of both."""
    row = [True] + [False] * len(word)
    for symbol in text:
        after = [row[0] and symbol == "*"]
        for index, letter in enumerate(word):
            if symbol == "*":
                after.append(row[index + 1] or after[index])
            else:
                after.append(row[index] and symbol in ("?", letter))
        row = after
    return row[-1]


def scalar(*parts: str | Hole) -> Scalar:
    return Scalar(parts, Kind.STRING, Span("f", 0, 1, 1, 1, 1, 2))


@given(globs, st.text(alphabet="abc", max_size=6))
def test_matches_is_the_textbook(text: str, word: str) -> None:
    assert glob(text).matches(word) is Answer.of(oracle(text, word))


@given(globs, globs)
@settings(max_examples=300)
def test_intersection_is_what_brute_force_finds(first: str, second: str) -> None:
    # A shared string needs no more letters than both patterns hold together; c stands for every other letter.
    found = intersects(glob(first), glob(second)) is Answer.YES
    shared = witness((glob(first), glob(second)))
    assert found is (shared is not None)
    if shared is not None:
        assert oracle(first, shared)
        assert oracle(second, shared)
    elif len(first) + len(second) <= 5:
        assert not any(oracle(first, word) and oracle(second, word) for word in WORDS)


@given(st.text(alphabet="ab*?", max_size=4), st.text(alphabet="ab*?", max_size=3))
@settings(max_examples=400)
def test_containment_is_what_brute_force_finds(outer: str, inner: str) -> None:
    missing = [word for word in WORDS if oracle(inner, word) and not oracle(outer, word)]
    assert contains(glob(outer), glob(inner)) is Answer.of(not missing)
    found = witness((glob(inner),), (glob(outer),))
    assert (found is None) is (not missing)
    if found is not None:
        assert len(found) == min(map(len, missing))
        assert oracle(inner, found)
        assert not oracle(outer, found)


@given(st.text(alphabet="ab**?", max_size=9), st.text(alphabet="ab**?", max_size=9))
@settings(max_examples=300)
def test_containment_without_a_search_is_what_a_search_finds(outer: str, inner: str) -> None:
    """The search over both automata knows nothing of how `covers` goes about it."""
    found, complete = patterns._search((glob(inner),), (glob(outer),))  # noqa: SLF001 - the oracle
    if complete:
        assert contains(glob(outer), glob(inner)) is Answer.of(found is None)


@given(st.text(alphabet="ab*?", max_size=6), st.data())
def test_a_pattern_with_its_stars_filled_in_is_contained(outer: str, data: st.DataObject) -> None:
    filling = st.sampled_from(["", "*", "?*", "*?", "a", "*b*"])
    inner = "".join(data.draw(filling) if symbol == "*" else symbol for symbol in outer)
    assert contains(glob(outer), glob(inner)) is Answer.YES


@given(st.text(alphabet="aAb", max_size=4), st.text(alphabet="aAbB*?", max_size=4))
def test_ignoring_case_is_comparing_in_lower_case(word: str, text: str) -> None:
    assert glob(text, ignore_case=True).matches(word) is Answer.of(oracle(text.lower(), word.lower()))


@pytest.mark.parametrize(
    ("text", "word", "answer"),
    [
        ("system:serviceaccount:*:app", "system:serviceaccount:pay:app", Answer.YES),
        ("repo:acme/*", "repo:acme/site:ref:refs/heads/main", Answer.YES),
        ("system:serviceaccount:pay:?pp", "system:serviceaccount:pay:pp", Answer.NO),
        ("SYSTEM:*", "system:x", Answer.NO),
        ("", "", Answer.YES),
        ("?", "", Answer.NO),
        ("\U0001f600*", "\U0001f600x", Answer.YES),
    ],
)
def test_matching(text: str, word: str, answer: Answer) -> None:
    assert glob(text).matches(word) is answer


def test_a_star_is_itself_under_an_exact_operator() -> None:
    exact = pattern(scalar("system:serviceaccount:pay:*"), like=False)
    assert exact.matches("system:serviceaccount:pay:app") is Answer.NO
    assert exact.matches("system:serviceaccount:pay:*") is Answer.YES


def test_escaped_wildcards_are_letters_and_variables_are_unknown() -> None:
    assert pattern(scalar("a${*}"), like=True).matches("ab") is Answer.NO
    assert pattern(scalar("a${*}"), like=True).matches("a*") is Answer.YES
    assert pattern(scalar("home/${aws:username}"), like=True).matches("home/ann") is Answer.UNKNOWN
    assert pattern(scalar("home/${aws:username}"), like=True).matches("away/ann") is Answer.NO


def test_known_parts_around_a_hole_decide_where_they_can() -> None:
    value = pattern(scalar("system:serviceaccount:", NAMESPACE, ":app"), like=False)
    assert value.matches("system:serviceaccount:pay:app") is Answer.UNKNOWN
    assert value.matches("system:serviceaccount:pay:web") is Answer.NO
    assert value.matches(("system:serviceaccount:", NAMESPACE, ":app")) is Answer.YES
    assert value.matches(("system:serviceaccount:", OTHER, ":app")) is Answer.UNKNOWN
    assert glob("system:*").matches(("system:serviceaccount:", OTHER, ":app")) is Answer.YES
    assert glob("?").matches((OTHER,)) is Answer.UNKNOWN


def test_holes_without_references_are_equal_only_if_they_are_one() -> None:
    first, second = Hole("an unknown value"), Hole("an unknown value")
    assert literal((first,)).matches((first,)) is Answer.YES
    assert literal((first,)).matches((second,)) is Answer.UNKNOWN


def test_a_name_nobody_wrote_differs_from_every_written_one() -> None:
    assert pattern(scalar("sts.", NAMESPACE), like=False).matches(FRESH) is Answer.NO
    assert pattern(scalar(NAMESPACE), like=True).matches(FRESH) is Answer.UNKNOWN
    assert pattern(scalar("arn:aws:iam::", ACCOUNT, ":role/a"), like=True).matches("arn:aws:iam::1:role/" + FRESH) is (
        Answer.NO
    )
    assert glob("*").matches(FRESH) is Answer.YES


def test_emptiness_with_holes_is_unknown_unless_it_is_certain() -> None:
    assert empty((glob(("a", NAMESPACE)),), ()) is Answer.UNKNOWN
    assert empty((glob(("a", NAMESPACE)), glob("b*"))) is Answer.YES
    assert empty((glob("a"),), (glob("a*"), literal((NAMESPACE,)))) is Answer.YES


def test_an_example_reads_naturally() -> None:
    assert example(glob("system:serviceaccount:*:*"), ("default", "attacker")) == (
        "system:serviceaccount:default:attacker"
    )
    assert example(glob(("ns-", NAMESPACE, "?"))) == "ns-${var.namespace}x"


HOSTILE = ["*a" * 1000, "*a?" * 700, "*" * 2000, "*a" + "?" * 1000]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_patterns_are_answered(text: str) -> None:
    """Nothing here may backtrack: a search that did would not come back at all."""
    hostile = glob(text)
    assert hostile.matches("a" * 3000) is Answer.YES
    assert hostile.matches("b" * 900) is Answer.of(set(text) == {"*"})
    assert intersects(hostile, glob("a" + text + "b")) is Answer.of(not text.endswith("a"))
    assert contains(glob("*"), hostile) is Answer.YES
    assert contains(glob(text + "*"), hostile) is Answer.YES


def test_a_hostile_containment_takes_no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "_search", None)
    assert contains(glob("*a" * 1000), glob("*a" * 999 + "*")) is Answer.NO
    assert contains(glob("*a" * 999 + "*"), glob("*a" * 1000)) is Answer.YES
    assert contains(glob("*a" * 999 + "b*"), glob("*ab" * 700)) is Answer.NO
    assert contains(glob("*a" + "?" * 40 + "b*"), glob("*a*b*c*")) is Answer.NO
    assert contains(glob("?*a" * 600), glob("*?a" * 600)) is Answer.YES


def test_a_search_that_would_take_too_long_says_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "_search", lambda *_: (None, False))
    assert contains(glob("a*"), glob("a*", ignore_case=True)) is Answer.UNKNOWN
    assert empty((glob("a*"),), (glob("*b"),)) is Answer.UNKNOWN
