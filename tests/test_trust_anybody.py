"""Whether a trust policy admits anybody, against all requests over a small alphabet judged by the naive evaluator."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rolecall.answer import Answer
from rolecall.iam.trust_anybody import anybody
from rolecall.tree import Hole, Kind, Mapping, Reference, Scalar
from tests import naive_trust
from tests.policies import SPAN, entries, read, wrapped

PROVIDER = "arn:aws:iam::111122223333:oidc-provider/"
ISSUERS = ("a.example", "b.example")
WEB = "sts:AssumeRoleWithWebIdentity"
ROLE = "arn:aws:iam::444455556666:role/ci"
WRITTEN = ["a", "b", "aa", "a*", "*b", "?", "*", "a?", ""]
# The longest texts that the written patterns can tell apart, an unwritten letter among them, and the patterns
# themselves, which are plain text to an exact operator.
WORDS = ["".join(letters) for length in range(4) for letters in product("abc", repeat=length)]
WORDS += [text for text in WRITTEN if "*" in text or "?" in text]
HOLE = Hole("a variable", (Reference("m", "var.x"),))
UNKNOWN = Scalar((HOLE,), Kind.UNKNOWN, SPAN)

written = st.lists(st.sampled_from(WRITTEN), max_size=2)
operators = st.sampled_from(
    [
        prefix + name + suffix
        for prefix in ("", "ForAnyValue:", "ForAllValues:")
        for name in ("StringEquals", "StringLike", "StringNotEquals", "StringNotLike")
        for suffix in ("", "IfExists")
    ]
)
keys = st.sampled_from([f"{issuer}:{claim}" for issuer in ISSUERS for claim in ("sub", "sub", "env")])
conditions = st.dictionaries(
    operators, st.dictionaries(keys, written, min_size=1, max_size=1), max_size=2
) | st.dictionaries(
    st.just("Null"), st.dictionaries(keys, st.sampled_from([["true"], ["false"]]), min_size=1, max_size=1), max_size=1
)
federated = st.sampled_from([{"Federated": PROVIDER + ISSUERS[0]}, {"Federated": [PROVIDER + one for one in ISSUERS]}])
everybody = st.sampled_from(["*", {"AWS": "*"}, {"Federated": PROVIDER + ISSUERS[0]}])


@st.composite
def allows(draw: st.DrawFn) -> dict[str, Any]:
    action = draw(st.sampled_from([WEB, WEB, "sts:*", "sts:AssumeRole"]))
    return {"Effect": "Allow", "Principal": draw(federated), "Action": action, "Condition": draw(conditions)}


@st.composite
def denies(draw: st.DrawFn) -> dict[str, Any]:
    principal = draw(st.sampled_from(["Principal", "Principal", "NotPrincipal"]))
    action = draw(st.sampled_from([WEB, "sts:*", "sts:AssumeRole"]))
    return {"Effect": "Deny", principal: draw(everybody), "Action": action, "Condition": draw(conditions)}


def tokens() -> list[naive_trust.NaiveRequest]:
    found = []
    for issuer, subject, environment in product(ISSUERS, WORDS, [None, *WORDS]):
        claims = {"sub": subject} if environment is None else {"sub": subject, "env": environment}
        found.append(naive_trust.token(PROVIDER, issuer, **claims))
    return found


TOKENS = tokens()


@given(st.lists(allows(), min_size=1, max_size=2), st.lists(denies(), max_size=2))
@settings(max_examples=120, deadline=None)
def test_somebody_is_admitted_if_a_token_is_found(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> None:
    document = wrapped(*first, *second)
    answer = anybody(read(document)).answer
    quantified = "ForA" in str([one["Condition"] for one in (*first, *second)])
    found = any(naive_trust.admits(document, token) for token in TOKENS)
    # What set operators make of a claim with several values is left open.
    assert answer is Answer.of(found) or (quantified and answer is Answer.UNKNOWN)


def web(condition: dict[str, Any] | None = None, **more: object) -> dict[str, Any]:
    found = {"Effect": "Allow", "Principal": {"Federated": PROVIDER + ISSUERS[0]}, "Action": WEB, **more}
    return found if condition is None else {**found, "Condition": condition}


def aws(principal: object, condition: dict[str, Any] | None = None, **more: object) -> dict[str, Any]:
    found = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    return found if condition is None else {**found, "Condition": condition}


SUB = f"{ISSUERS[0]}:sub"


@pytest.mark.parametrize(
    ("found", "answer"),
    [
        ([], Answer.NO),
        ([web()], Answer.YES),
        ([web(Action="sts:TagSession")], Answer.NO),
        ([web(Action="sts:AssumeRole")], Answer.NO),
        ([web({"StringEquals": {SUB: []}})], Answer.NO),
        ([web({"StringEquals": {SUB: "a"}, "StringLike": {SUB: "b*"}})], Answer.NO),
        ([web({"StringEquals": {SUB: "a"}}), web()], Answer.YES),
        ([web({"StringEquals": {SUB: UNKNOWN}})], Answer.YES),
        ([web({"StringEquals": {SUB: UNKNOWN}, "StringLike": {SUB: "b*"}})], Answer.UNKNOWN),
        ([web({"StringEquals": {SUB: UNKNOWN, f"{ISSUERS[1]}:sub": "x"}})], Answer.NO),
        ([web({"StringEquals": {f"https://{SUB}": "a"}})], Answer.NO),
        ([web({"Null": {SUB: "true"}})], Answer.NO),
        ([web({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})], Answer.YES),
        ([web({"StringWishes": {SUB: "a"}})], Answer.UNKNOWN),
        ([web(), aws("*", Effect="Deny", Action="sts:*")], Answer.NO),
        ([web(), aws("*", {"StringLike": {SUB: "*"}}, Effect="Deny", Action="sts:*")], Answer.NO),
        ([web(), aws("*", {"StringNotLike": {SUB: "a*"}}, Effect="Deny", Action="sts:*")], Answer.YES),
        ([web(), aws({"AWS": ROLE}, Effect="Deny", Action="sts:*")], Answer.YES),
        ([web(Principal={"Federated": "arn:aws:iam::1:oidc-provider/a.example"})], Answer.NO),
        ([web(Principal={"Federated": PROVIDER + "https://a.example"})], Answer.NO),
        ([web(Principal={"Federated": "arn:aws:iam::111122223333:saml-provider/x"})], Answer.NO),
        (
            [aws({"Federated": "arn:aws:iam::111122223333:saml-provider/x"}, Action="sts:AssumeRoleWithSAML")],
            Answer.YES,
        ),
        ([aws({"Service": "ec2.amazonaws.com"})], Answer.YES),
        ([aws({"Service": "ec2"})], Answer.NO),
        ([aws({"AWS": ROLE})], Answer.YES),
        ([aws({"AWS": UNKNOWN})], Answer.YES),
        ([aws({"AWS": ROLE}, {"StringEquals": {SUB: "a"}})], Answer.NO),
        ([aws({"AWS": ROLE}, {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/other"}})], Answer.NO),
        ([aws({"AWS": ROLE}, {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/c*"}})], Answer.YES),
        ([aws({"AWS": ROLE}, {"StringEquals": {"aws:PrincipalAccount": "111122223333"}})], Answer.NO),
        ([aws({"AWS": ROLE}), aws({"AWS": ROLE}, Effect="Deny")], Answer.NO),
        ([aws({"AWS": ROLE}), aws({"AWS": "444455556666"}, Effect="Deny")], Answer.NO),
        ([aws({"AWS": "444455556666"}), aws({"AWS": ROLE}, Effect="Deny")], Answer.YES),
        ([aws({"AWS": "444455556666"}), {**aws("*"), "Effect": "Deny"}], Answer.NO),
        ([{"Effect": "Allow", "NotPrincipal": {"AWS": ROLE}, "Action": "sts:AssumeRole"}], Answer.YES),
        ([aws("*", Action="s3:GetObject")], Answer.NO),
        ([aws("*", {"StringEquals": {"aws:PrincipalOrgID": "o-1"}})], Answer.YES),
    ],
)
def test_whether_anybody_is_admitted(found: list[dict[str, Any]], answer: Answer) -> None:
    assert anybody(read(wrapped(*found))).answer is answer


def test_what_is_not_seen_may_admit_somebody() -> None:
    nobody = web({"StringEquals": {SUB: []}})
    assert anybody(read({"Statement": [Mapping(entries(nobody), SPAN), UNKNOWN]})).answer is Answer.UNKNOWN
    assert anybody(read({"Statement": [Mapping(entries(web()), SPAN, HOLE)]})).answer is not Answer.NO
    assert anybody(read(wrapped(*[web() for _ in range(3000)]))).answer is Answer.UNKNOWN


def test_a_policy_with_too_many_ways_is_not_decided() -> None:
    deny = aws("*", {"StringEquals": {f"{ISSUERS[0]}:c{index}": "x" for index in range(4)}}, Effect="Deny", Action="*")
    assert anybody(read(wrapped(web(), *[deny] * 9))).answer is Answer.UNKNOWN
