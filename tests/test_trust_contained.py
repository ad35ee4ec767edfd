"""Whether one trust policy is contained in another: against all tokens over a small alphabet, and case by case."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rolecall.answer import Answer
from rolecall.iam.trust import Caller, admits, admits_token
from rolecall.iam.trust_contained import contained
from rolecall.tree import Hole, Kind, Mapping, Reference, Scalar
from tests.policies import SPAN, entries, read, wrapped

ISSUER = "oidc.eks.eu-west-1.amazonaws.com/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9"
OTHER = "oidc.eks.eu-west-1.amazonaws.com/id/9F8E7D6C5B4A39281706F5E4D3C2B1A0"
PROVIDER = "arn:aws:iam::111122223333:oidc-provider/"
WEB = "sts:AssumeRoleWithWebIdentity"


def web(condition: dict[str, Any], effect: str = "Allow", issuer: str = ISSUER) -> dict[str, Any]:
    principal = {"Federated": PROVIDER + issuer}
    return {"Effect": effect, "Principal": principal, "Action": WEB, "Condition": condition}


def asking(operator: str, *values: object, claim: str = "sub") -> dict[str, Any]:
    return {operator: {f"{ISSUER}:{claim}": list(values)}}


def answer(first: object, second: object) -> Answer:
    return contained(read(first), read(second)).answer


# All tokens whose subject has up to three letters and whose audience has one; `c` stands in no policy.
SUBJECTS = ["".join(letters) for size in range(4) for letters in product("abc", repeat=size)]
AUDIENCES = ["a", "b", "c"]
OPERATORS = [
    "StringEquals", "StringLike", "StringEqualsIgnoreCase", "StringNotEquals", "StringNotLike",
    "ForAllValues:StringLike", "StringLikeIfExists",
]  # fmt: skip
texts = st.text("ab*?", max_size=3)
blocks = st.dictionaries(
    st.sampled_from([f"{ISSUER}:sub", f"{ISSUER.upper()}:SUB", f"{ISSUER}:aud", f"{OTHER}:sub"]),
    st.lists(texts, min_size=1, max_size=2),
    min_size=1,
    max_size=2,
)
conditions = st.dictionaries(st.sampled_from(OPERATORS), blocks, max_size=2)
policies = st.lists(st.builds(web, conditions, st.sampled_from(["Allow", "Allow", "Deny"])), min_size=1, max_size=3)


@given(policies, policies)
@settings(max_examples=40, deadline=None)
def test_containment_is_exact(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> None:
    inner, outer = read(wrapped(*first)), read(wrapped(*second))
    found = contained(inner, outer)

    def only_in_the_first(subject: str, audience: str) -> bool:
        ours, theirs = (admits_token(one, ISSUER, subject, audience).answer for one in (inner, outer))
        assert Answer.UNKNOWN not in (ours, theirs)
        return ours is Answer.YES and theirs is Answer.NO

    if found.answer is Answer.NO:
        assert found.principal == ISSUER
        assert only_in_the_first(
            found.subject if found.subject is not None else "z", found.audience if found.audience is not None else "z"
        )
    else:
        assert found.answer is Answer.YES
        assert not any(only_in_the_first(subject, audience) for subject in SUBJECTS for audience in AUDIENCES)


NEAR = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (asking("StringEquals", "ns:a"), asking("StringLike", "ns:*"), Answer.YES),
        (asking("StringLike", "ns:*"), asking("StringEquals", "ns:a"), Answer.NO),
        (asking("StringLike", "ns:a*"), asking("StringLike", "ns:*"), Answer.YES),
        (asking("StringLike", "*a*b*"), asking("StringLike", "*b*", "*a*"), Answer.YES),
        (asking("StringLike", "?*"), asking("StringLike", "?", "??*"), Answer.YES),
        (asking("StringLike", "?*"), asking("StringLike", "?", "???*"), Answer.NO),
        (asking("StringEquals", "a", "b"), asking("StringEquals", "b", "a"), Answer.YES),
        ({}, asking("StringLike", "*"), Answer.YES),
        ({}, asking("StringLike", "?*"), Answer.NO),
        (asking("StringNotLike", "ns:*"), asking("StringNotEquals", "ns:a"), Answer.YES),
        (asking("StringNotEquals", "ns:a"), asking("StringNotLike", "ns:*"), Answer.NO),
        (asking("StringEquals", "A"), asking("StringEqualsIgnoreCase", "a"), Answer.YES),
        (asking("StringEqualsIgnoreCase", "a"), asking("StringEquals", "a"), Answer.NO),
        (asking("StringEquals"), asking("StringEquals", "a"), Answer.YES),
        ({"Null": {f"{ISSUER}:sub": "true"}}, asking("StringEquals", "a"), Answer.YES),
        # Conditions on other keys: the same word for word, or left open.
        (NEAR, {"ipaddress": {"AWS:SourceIp": ["203.0.113.0/24"]}}, Answer.YES),
        (NEAR, {}, Answer.YES),
        ({}, NEAR, Answer.UNKNOWN),
        ({**NEAR, **asking("StringEquals", "a")}, asking("StringEquals", "b"), Answer.NO),
        ({**asking("StringWishes", "a"), **asking("StringEquals", "a")}, asking("StringEquals", "b"), Answer.UNKNOWN),
    ],
)
def test_one_statement_in_another(first: dict[str, Any], second: dict[str, Any], expected: Answer) -> None:
    assert answer(wrapped(web(first)), wrapped(web(second))) is expected


def test_statements_together_contain_what_none_of_them_does_alone() -> None:
    whole = wrapped(web({**asking("StringLike", "ns:*"), "StringEquals": {f"{ISSUER}:aud": ["x", "y"]}}))
    halves = [web({**asking("StringLike", "ns:*"), "StringEquals": {f"{ISSUER}:aud": audience}}) for audience in "xy"]
    assert answer(whole, wrapped(*halves)) is Answer.YES
    assert answer(whole, wrapped(halves[0])) is Answer.NO
    found = contained(read(whole), read(wrapped(halves[0])))
    assert (found.action, found.principal, found.subject, found.audience) == (WEB, ISSUER, "ns:", "y")


def test_a_deny_narrows_both() -> None:
    allow = web(asking("StringLike", "ns:*"))
    narrow = wrapped(allow, web(asking("StringNotEquals", "ns:a"), "Deny"))
    assert answer(narrow, wrapped(web(asking("StringEquals", "ns:a")))) is Answer.YES
    assert answer(wrapped(allow), narrow) is Answer.NO


def test_issuers_are_doors_of_their_own() -> None:
    both = wrapped(web({}), web({}, issuer=OTHER))
    assert answer(both, wrapped(web({}))) is Answer.NO
    assert contained(read(both), read(wrapped(web({})))).principal == OTHER
    assert answer(wrapped(web({})), both) is Answer.YES


def trusting(principal: object, **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}


ROLE = "arn:aws:iam::444455556666:role/ci"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"AWS": ROLE}, {"AWS": "444455556666"}, Answer.YES),
        ({"AWS": ROLE}, {"AWS": "*"}, Answer.YES),
        ({"AWS": "arn:aws:iam::444455556666:root"}, {"AWS": "444455556666"}, Answer.YES),
        ({"AWS": "444455556666"}, {"AWS": ROLE}, Answer.NO),
        ({"AWS": "*"}, {"AWS": "444455556666"}, Answer.NO),
        ({"AWS": ROLE}, {"Service": "ec2.amazonaws.com"}, Answer.NO),
        ({"Service": "ec2.amazonaws.com"}, {"Service": ["pods.eks.amazonaws.com", "ec2.amazonaws.com"]}, Answer.YES),
        ({"Service": "ec2.amazonaws.com"}, {"AWS": "*"}, Answer.NO),
    ],
)
def test_principals(first: object, second: object, expected: Answer) -> None:
    found = contained(read(wrapped(trusting(first))), read(wrapped(trusting(second))))
    assert found.answer is expected
    if found.answer is Answer.NO and first == {"AWS": "444455556666"}:
        assert admits(read(wrapped(trusting(first))), Caller(found.principal)).answer is Answer.YES


def test_an_action_that_is_not_there() -> None:
    every = wrapped(trusting({"AWS": ROLE}, Action="sts:*"))
    found = contained(read(every), read(wrapped(trusting({"AWS": ROLE}))))
    assert (found.answer, found.action) == (Answer.NO, "sts:AssumeRoleWithSAML")
    assert answer(wrapped(trusting({"AWS": ROLE})), every) is Answer.YES


HOLE = Hole("a variable without a default", (Reference("m", "var.x"),))


def test_what_is_not_known_is_unknown_but_the_same_as_itself() -> None:
    value = Scalar(("system:serviceaccount:", HOLE, ":app"), Kind.STRING, SPAN)
    exact, wide = wrapped(web(asking("StringEquals", value))), wrapped(web(asking("StringLike", "system:*")))
    assert answer(exact, exact) is Answer.YES
    assert answer(exact, wide) is Answer.YES
    assert answer(wide, exact) is Answer.UNKNOWN
    principal = {"AWS": Scalar((HOLE,), Kind.STRING, SPAN)}
    assert answer(wrapped(trusting(principal)), wrapped(trusting(principal))) is Answer.YES
    assert answer(wrapped(trusting(principal)), wrapped(trusting({"AWS": ROLE}))) is Answer.UNKNOWN
    unconditional = {key: value for key, value in web({}).items() if key != "Condition"}
    rest = Mapping(entries(unconditional), SPAN, HOLE)
    assert answer(wrapped(rest), wrapped(web({}))) is Answer.UNKNOWN
    assert answer(wrapped(web({})), wrapped(rest)) is Answer.UNKNOWN


def test_hostile_patterns_are_answered() -> None:
    first, second = (wrapped(web(asking("StringLike", "*a" * size))) for size in (60, 40))
    assert answer(first, second) is Answer.YES
    assert answer(second, first) in (Answer.NO, Answer.UNKNOWN)
