"""Questions to a trust policy: quick ones answer as slow ones do, and every answer says why."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rolecall.answer import Answer
from rolecall.iam.issuers import Issuer
from rolecall.iam.questions import ask
from rolecall.iam.requests import Identity, Service, identity
from rolecall.iam.trust import Token, admits, decide
from rolecall.iam.trust_prepared import Prepared
from rolecall.model import OidcProvider, Origin
from rolecall.tree import Hole, Reference, Scalar, known
from tests.policies import SPAN, read, wrapped
from tests.test_trust import AUDIENCE, ISSUER, PROVIDER, SUBJECT, statements, web

ROLE = "arn:aws:iam::111122223333:role/team/app"
SESSION = "arn:aws:sts::111122223333:assumed-role/app/session"
USER = "arn:aws:iam::111122223333:user/ada"
ROOT = "arn:aws:iam::111122223333:root"
ELSEWHERE = "arn:aws:iam::444455556666:root"
PODS = "pods.eks.amazonaws.com"
YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN
ANYBODY = st.sampled_from([SUBJECT, SUBJECT.upper(), "system:serviceaccount:dev:app", "x", "", "sts.x", "a*b", "İ"])


def token(subject: str = SUBJECT, audience: str = AUDIENCE, issuer: str = ISSUER, account: str | None = None) -> Token:
    return Token(Issuer((issuer,)), (subject,), (audience,), account=account)


@given(st.lists(statements(), min_size=1, max_size=4), st.lists(st.tuples(ANYBODY, ANYBODY), min_size=1, max_size=4))
@settings(max_examples=300)
def test_a_prepared_policy_decides_as_the_engine_does(
    written: list[dict[str, Any]], asked: list[tuple[str, str]]
) -> None:
    document = read(wrapped(*written))
    prepared = Prepared(document)
    for subject, audience in asked:
        for account in (None, "111122223333", "444455556666"):
            request = token(subject, audience, account=account)
            assert prepared.decide(request) == decide(document, request)


@given(st.lists(st.text("a*?Xx", max_size=6), min_size=1, max_size=3), st.text("axXb", max_size=8))
@settings(max_examples=300)
@pytest.mark.parametrize("operator", ["StringEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase"])
def test_a_prepared_policy_matches_as_the_engine_does(operator: str, values: list[str], subject: str) -> None:
    document = read(wrapped(web({operator: {f"{ISSUER}:sub": values}})))
    assert Prepared(document).decide(token(subject)) == decide(document, token(subject))


def test_a_nul_is_a_character_like_any_other() -> None:
    document = read(wrapped(web({"StringLike": {f"{ISSUER}:sub": "a\0*b"}})))
    assert Prepared(document).decide(token("a\0b")).answer is YES
    assert Prepared(document).decide(token("axb")).answer is NO


def test_a_prepared_policy_with_unknown_parts() -> None:
    hole = Scalar(("system:", Hole("a variable", (Reference("m", "var.x"),))), known("", SPAN).kind, SPAN)
    document = read(wrapped(web({"StringEquals": {f"{ISSUER}:sub": hole}, "Bool": {"aws:SecureTransport": "true"}})))
    for subject in (SUBJECT, "x"):
        assert Prepared(document).decide(token(subject)) == decide(document, token(subject))


@given(st.lists(statements(), min_size=1, max_size=4), ANYBODY, ANYBODY)
@settings(max_examples=300)
def test_every_answer_says_why(written: list[dict[str, Any]], subject: str, audience: str) -> None:
    document = read(wrapped(*written))
    answered = ask(Prepared(document), token(subject, audience))
    assert answered.answer is admits(document, token(subject, audience)).answer
    assert answered.because
    assert all(reason.text for reason in answered.because)


def trust(principal: object, condition: object = None, action: object = "sts:AssumeRole") -> dict[str, Any]:
    found = {"Effect": "Allow", "Principal": principal, "Action": action}
    return found if condition is None else {**found, "Condition": condition}


def said(request: Token | Identity | Service, *written: dict[str, Any]) -> tuple[Answer, list[str]]:
    answered = ask(Prepared(read(wrapped(*written))), request)
    return answered.answer, [reason.text for reason in answered.because]


def who(arn: str) -> Identity:
    found = identity(arn)
    assert found is not None
    return found


# The principals of a policy, and keys of an identity's request:
# docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html and
# reference_policies_condition-keys.html.
@pytest.mark.parametrize(
    ("principal", "condition", "arn", "answer"),
    [
        ({"AWS": ROLE}, None, ROLE, YES),
        ({"AWS": ROLE}, None, SESSION, YES),
        ({"AWS": SESSION}, None, SESSION, YES),
        ({"AWS": SESSION}, None, ROLE, NO),
        ({"AWS": ROLE}, None, USER, NO),
        ({"AWS": ROLE.upper()}, None, ROLE, NO),
        ({"AWS": ROLE.replace("arn:aws:", "arn:aws-cn:")}, None, ROLE, NO),
        ({"AWS": ROOT}, None, ROLE, YES),
        ({"AWS": ROOT}, None, ROOT, YES),
        ({"AWS": "111122223333"}, None, USER, YES),
        ({"AWS": ROOT.replace("arn:aws:", "arn:aws-cn:")}, None, ROLE, NO),
        ({"AWS": ELSEWHERE}, None, ROLE, NO),
        ({"AWS": "arn:aws:iam::111122223333:role/*"}, None, ROLE, NO),
        ({"AWS": "*"}, None, ROLE, YES),
        ("*", None, ROLE, YES),
        ({"Service": "ec2.amazonaws.com"}, None, ROLE, NO),
        ({"AWS": "*"}, {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}, ROLE, YES),
        ({"AWS": "*"}, {"StringEquals": {"aws:PrincipalAccount": "444455556666"}}, ROLE, NO),
        ({"AWS": "*"}, {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/team/*"}}, ROLE, YES),
        ({"AWS": "*"}, {"ArnEquals": {"aws:PrincipalArn": USER}}, ROLE, NO),
        ({"AWS": "*"}, {"ArnEquals": {"aws:PrincipalArn": ROLE}}, SESSION, UNKNOWN),
        ({"AWS": "*"}, {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, ROLE, UNKNOWN),
        ({"AWS": ROOT}, {"StringEquals": {"sts:ExternalId": "x"}}, ROLE, UNKNOWN),
        ({"AWS": ROOT}, {"StringEquals": {"aws:SourceAccount": "111122223333"}}, ROLE, NO),
        ({"AWS": ROOT}, {"StringEquals": {"aws:username": "ada"}}, USER, YES),
        ({"AWS": ROOT}, {"StringEquals": {"aws:username": "ada"}}, ROLE, NO),
        ({"AWS": ROOT}, {"StringEquals": {"aws:PrincipalType": "AssumedRole"}}, SESSION, YES),
        ({"AWS": ROOT}, {"Bool": {"aws:PrincipalIsAWSService": "false"}}, ROLE, YES),
        ({"AWS": ROOT}, {"StringEquals": {f"{ISSUER}:sub": SUBJECT}}, ROLE, NO),
        ({"AWS": ROOT}, {"StringNotEquals": {f"{ISSUER}:sub": SUBJECT}}, ROLE, YES),
        ({"AWS": ROOT}, {"Null": {"aws:PrincipalTag/team": "false"}}, ROLE, UNKNOWN),
    ],
)
def test_an_aws_principal(principal: object, condition: object, arn: str, answer: Answer) -> None:
    assert said(who(arn), trust(principal, condition))[0] is answer


def test_a_deny_of_an_account_keeps_its_principals_out() -> None:
    denied = {**trust({"AWS": ROOT}), "Effect": "Deny"}
    assert said(who(ROLE), trust({"AWS": ROLE}), denied) == (
        NO,
        ["denies it", "is its account, as a whole", "would allow it", "is who asks"],
    )


def test_not_principal() -> None:
    allow = {"Effect": "Allow", "NotPrincipal": {"AWS": ROLE}, "Action": "sts:AssumeRole"}
    assert said(who(ROLE), allow) == (NO, ["keeps it out"])
    assert said(who(USER), allow)[0] is YES


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "arn:aws:iam::1:role/x",
        "arn:aws:iam::111122223333:group/x",
        "arn:aws:iam::111122223333:role/",
        ROLE + "*",
    ],
)
def test_what_is_no_principal(text: str) -> None:
    assert identity(text) is None


# semantics of the service's request: docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html and pod-id-abac.html
BOTH = ["sts:AssumeRole", "sts:TagSession"]


@pytest.mark.parametrize(
    ("principal", "condition", "action", "service", "answer"),
    [
        ({"Service": PODS}, None, BOTH, PODS, YES),
        ({"Service": PODS}, None, "sts:AssumeRole", PODS, NO),
        ({"Service": PODS}, None, "sts:*", PODS, YES),
        ({"Service": "ec2.amazonaws.com"}, None, "sts:AssumeRole", "ec2.amazonaws.com", YES),
        ({"Service": "ec2.amazonaws.com.cn"}, None, "sts:AssumeRole", "ec2.amazonaws.com", NO),
        ({"Service": PODS}, {"StringEquals": {"aws:SourceAccount": "111122223333"}}, BOTH, PODS, UNKNOWN),
        ({"Service": PODS}, {"StringEquals": {"aws:RequestTag/kubernetes-namespace": "pay"}}, BOTH, PODS, UNKNOWN),
        ({"Service": PODS}, {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, BOTH, PODS, NO),
        ({"Service": PODS}, {"Bool": {"aws:PrincipalIsAWSService": "true"}}, BOTH, PODS, YES),
        ({"Service": PODS}, {"StringEquals": {f"{ISSUER}:sub": SUBJECT}}, BOTH, PODS, NO),
        ("*", None, BOTH, PODS, YES),
        ({"AWS": ROOT}, None, BOTH, PODS, NO),
    ],
)
def test_a_service(principal: object, condition: object, action: object, service: str, answer: Answer) -> None:
    assert said(Service(service), trust(principal, condition, action))[0] is answer


@pytest.mark.parametrize(
    ("condition", "request_", "words"),
    [
        ({"StringEquals": {f"{ISSUER}:sub": SUBJECT.upper()}}, token(), "which differs in case"),
        ({"StringEquals": {f"{ISSUER}:sub": "system:*"}}, token(), "takes wildcards for ordinary characters"),
        ({"StringEquals": {f"https://{ISSUER}:sub": SUBJECT}}, token(), "none begins with https://"),
        ({"StringEquals": {"other.example:sub": SUBJECT}}, token(), "no key of that issuer"),
        ({"StringEquals": {f"{ISSUER}:sub": "x"}}, token(), f"not met: sub is {SUBJECT}"),
        ({"StringEquals": {f"{ISSUER}:sub": "${aws:username}"}}, token(), "policy variable"),
        ({"StringEqual": {f"{ISSUER}:sub": SUBJECT}}, token(), "operator is not known"),
        ({"StringEquals": {f"{ISSUER}:env": "x"}}, token(), "does not say what env is"),
    ],
)
def test_why_a_condition_is_not_met(condition: object, request_: Token, words: str) -> None:
    assert isinstance(condition, dict)
    answer, reasons = said(request_, web(condition))
    assert answer is not YES
    assert any(words in reason for reason in reasons), reasons


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (trust({"Federated": PROVIDER + ISSUER}), "not sts:AssumeRoleWithWebIdentity"),
        (web(issuer="other.example"), "is another issuer"),
        (web(issuer="https://" + ISSUER), "none has https:// in its ARN"),
        (trust({"AWS": ROOT}, action="sts:*"), "is no issuer of tokens"),
        ({"Effect": "Allow", "Action": "sts:*"}, "names no principal"),
        ({"Effect": "Deny", "Principal": "*", "Action": "sts:*"}, "denies it"),
    ],
)
def test_why_a_statement_does_not_apply(written: dict[str, Any], words: str) -> None:
    answer, reasons = said(token(), written)
    assert answer is NO
    assert any(words in reason for reason in reasons), reasons


def test_the_provider_has_to_be_in_the_account_of_the_role() -> None:
    document = web({"StringEquals": {f"{ISSUER}:sub": SUBJECT}})
    assert said(token(account="111122223333"), document)[0] is YES
    answer, reasons = said(token(account="444455556666"), document)
    assert answer is NO
    assert reasons == ["is a provider of another account than the role's, 444455556666"]


def test_the_nearest_statement_is_shown() -> None:
    near = web({"StringEquals": {f"{ISSUER}:sub": "x"}})
    answer, reasons = said(token(), trust({"AWS": ROOT}), web(issuer="other.example"), near)
    assert (answer, reasons) == (NO, [f"not met: sub is {SUBJECT}"])


def provider(*ids: str, url: str = f"https://{ISSUER}") -> OidcProvider:
    return OidcProvider(Origin("f", "p", SPAN, SPAN), known(url, SPAN), tuple(known(one, SPAN) for one in ids))


@pytest.mark.parametrize(
    ("providers", "answer"),
    [
        ((), YES),
        ((provider(AUDIENCE),), YES),
        ((provider("vault"),), NO),
        ((provider("vault"), provider(AUDIENCE)), YES),
        ((provider("vault", url="https://other.example"),), YES),
        ((provider(),), NO),
        ((OidcProvider(Origin("f", "p", SPAN, SPAN), known(ISSUER, SPAN), (), Hole("a variable")),), YES),
    ],
)
def test_a_provider_takes_the_audiences_on_its_list(providers: tuple[OidcProvider, ...], answer: Answer) -> None:
    assert ask(Prepared(read(wrapped(web()))), token(), providers).answer is answer
