"""Who a trust policy admits: against a second, naive evaluator, and case by case."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rolecall.answer import Answer
from rolecall.iam.conditions import key_of
from rolecall.iam.issuers import Issuer, has_scheme, issuer_of, same, shared_issuer
from rolecall.iam.patterns import FRESH
from rolecall.iam.trust import Caller, Token, admits, admits_token, assume_actions, web_identity_grants
from rolecall.iam.trust_subjects import WideSubject, Width, wide_subjects
from rolecall.tree import Entry, Hole, Kind, Mapping, Reference, Scalar, known
from tests import naive_trust
from tests.policies import SPAN, entries, read, wrapped

ISSUER = "oidc.eks.eu-west-1.amazonaws.com/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9"
OTHER = "oidc.eks.eu-west-1.amazonaws.com/id/9F8E7D6C5B4A39281706F5E4D3C2B1A0"
GITHUB = "token.actions.githubusercontent.com"
PROVIDER = "arn:aws:iam::111122223333:oidc-provider/"
SUBJECT = "system:serviceaccount:pay:app"
AUDIENCE = "sts.amazonaws.com"
WEB = "sts:AssumeRoleWithWebIdentity"
HOLE = Hole("a variable without a default", (Reference("m", "var.x"),))


def web(condition: dict[str, Any] | None = None, issuer: str | list[str] = ISSUER, **more: object) -> dict[str, Any]:
    federated = [PROVIDER + one for one in ([issuer] if isinstance(issuer, str) else issuer)]
    found = {"Effect": "Allow", "Principal": {"Federated": federated}, "Action": WEB, **more}
    return found if condition is None else {**found, "Condition": condition}


def deny(condition: dict[str, Any] | None, **more: object) -> dict[str, Any]:
    found = {"Effect": "Deny", "Principal": "*", "Action": WEB, **more}
    return found if condition is None else {**found, "Condition": condition}


OPERATORS = [
    prefix + name + suffix
    for prefix in ("", "ForAnyValue:", "ForAllValues:")
    for name in ("StringEquals", "StringLike", "StringEqualsIgnoreCase", "StringNotEquals", "StringNotLike")
    for suffix in ("", "IfExists")
]
subjects = st.sampled_from(
    [SUBJECT, "system:serviceaccount:pay:web", "system:serviceaccount:dev:app", "x", SUBJECT.upper()]
)
values = st.lists(
    st.sampled_from([SUBJECT, "system:serviceaccount:*", "system:serviceaccount:pay:?*", "*", "X", "sts.*", AUDIENCE]),
    max_size=2,
)
keys = st.sampled_from(
    [f"{host}:{claim}" for host in (ISSUER, ISSUER.upper(), OTHER) for claim in ("sub", "aud", "SUB")]
)
conditions = st.dictionaries(
    st.sampled_from(OPERATORS), st.dictionaries(keys, values, min_size=1, max_size=2), max_size=2
) | st.dictionaries(
    st.just("Null"), st.dictionaries(keys, st.sampled_from([["true"], ["false"]]), min_size=1, max_size=1), max_size=1
)
ROLE = "arn:aws:iam::444455556666:role/ci"
principals = st.sampled_from(
    [
        "*",
        {"AWS": "*"},
        {"AWS": "444455556666"},
        {"AWS": ["arn:aws:iam::444455556666:root", ROLE]},
        {"AWS": "arn:aws:iam::444455556666:role/*"},
        {"Service": "ec2.amazonaws.com"},
        {"Federated": [PROVIDER + ISSUER]},
        {"Federated": [PROVIDER + OTHER], "Service": ["ec2.amazonaws.com"]},
        {"Federated": [PROVIDER + ISSUER, PROVIDER + OTHER]},
        {"AWS": [ROLE], "Federated": PROVIDER + ISSUER},
    ]
)
actions = st.sampled_from(
    [
        WEB,
        WEB.upper(),
        "sts:*",
        "*",
        "sts:AssumeRole",
        "STS:AssumeRole*",
        "sts:AssumeRole?ith*",
        ["sts:TagSession", WEB],
    ]
)


@st.composite
def statements(draw: st.DrawFn, conditions: st.SearchStrategy[dict[str, Any]] = conditions) -> dict[str, Any]:
    return {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        draw(st.sampled_from(["Principal", "Principal", "Principal", "NotPrincipal"])): draw(principals),
        draw(st.sampled_from(["Action", "Action", "Action", "NotAction"])): draw(actions),
        "Condition": draw(conditions),
    }


@given(st.lists(statements(), min_size=1, max_size=3), subjects, st.sampled_from([AUDIENCE, "vault"]))
@settings(max_examples=400, deadline=None)
def test_a_concrete_token_is_judged_as_the_documentation_words_it(
    found: list[dict[str, Any]], subject: str, audience: str
) -> None:
    document = wrapped(*found)
    expected = naive_trust.admits(document, naive_trust.token(PROVIDER, ISSUER, sub=subject, aud=audience))
    assert admits_token(read(document), ISSUER, subject, audience).answer is Answer.of(expected)


CALLER_OPERATORS = [
    prefix + name + suffix
    for prefix in ("", "ForAnyValue:", "ForAllValues:")
    for name in ("ArnLike", "ArnNotEquals", "StringLike", "StringNotEquals", "StringEqualsIgnoreCase")
    for suffix in ("", "IfExists")
]
# What `ArnLike` makes of text that has not the six parts of an ARN is not documented.
arns = st.sampled_from([ROLE, "arn:aws:iam::*:role/*", "arn:*:iam::4444*:role/c?", ROLE.upper(), "*:*:*:*:*:*"])
texts = arns | st.sampled_from(["444455556666", "4444*", "*", "arn:aws:*", "arn:*/ci"])


@st.composite
def caller_condition(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, dict[str, list[str]]] = {}
    for operator in draw(st.lists(st.sampled_from(CALLER_OPERATORS), max_size=2)):
        arn = operator.rpartition(":")[2].startswith("Arn")
        names = ["aws:PrincipalArn", "AWS:principalarn"]
        names += [] if arn else ["aws:PrincipalAccount", f"{ISSUER}:sub", "saml:sub"]
        key = draw(st.sampled_from(names))
        found.setdefault(operator, {})[key] = draw(st.lists(arns if arn else texts, max_size=2))
    return found


@given(
    st.lists(statements(caller_condition()), min_size=1, max_size=3),
    st.sampled_from([ROLE, "arn:aws:iam::444455556666:role/x", "arn:aws:iam::777788889999:role/ci"]),
)
@settings(max_examples=400, deadline=None)
def test_a_named_caller_is_judged_as_the_documentation_words_it(found: list[dict[str, Any]], arn: str) -> None:
    document = wrapped(*found)
    expected = naive_trust.admits(document, naive_trust.caller(arn))
    answer = admits(read(document), Caller(arn.split(":")[4], arn=arn)).answer
    assert answer is Answer.of(expected)


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        (None, Answer.YES),
        ({"StringEquals": {f"{ISSUER}:sub": SUBJECT}}, Answer.YES),
        ({"stringequals": {f"{ISSUER}:SUB": SUBJECT}}, Answer.YES),
        ({"StringEquals": {f"{ISSUER}:sub": SUBJECT.upper()}}, Answer.NO),
        ({"StringEqualsIgnoreCase": {f"{ISSUER}:sub": SUBJECT.upper()}}, Answer.YES),
        ({"StringEquals": {f"{ISSUER}:sub": "system:serviceaccount:pay:*"}}, Answer.NO),
        ({"StringLike": {f"{ISSUER}:sub": "system:serviceaccount:pay:*"}}, Answer.YES),
        ({"StringLike": {f"{ISSUER}:sub": "system:*"}}, Answer.YES),
        ({"StringEquals": {f"https://{ISSUER}:sub": SUBJECT}}, Answer.NO),
        ({"StringEqualsIfExists": {f"https://{ISSUER}:sub": "other"}}, Answer.YES),
        ({"StringEquals": {f"{ISSUER}/:sub": SUBJECT}}, Answer.NO),
        ({"StringNotEquals": {f"{OTHER}:sub": SUBJECT}}, Answer.YES),
        ({"ForAnyValue:StringNotEquals": {f"{OTHER}:sub": SUBJECT}}, Answer.NO),
        ({"StringEquals": {f"{ISSUER}:amr": "authenticated"}}, Answer.UNKNOWN),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, Answer.UNKNOWN),
        ({"StringWishes": {f"{ISSUER}:sub": SUBJECT}}, Answer.UNKNOWN),
        ({"StringEquals": {f"{ISSUER}:sub": []}}, Answer.NO),
        ({"StringNotEquals": {f"{ISSUER}:sub": []}}, Answer.YES),
        ({"StringEquals": {f"{ISSUER}:sub": "${aws:PrincipalTag/sub}"}}, Answer.UNKNOWN),
    ],
)
def test_one_condition(condition: dict[str, Any] | None, answer: Answer) -> None:
    assert admits_token(read(wrapped(web(condition))), ISSUER, SUBJECT, AUDIENCE).answer is answer


def test_the_issuer_decides_and_its_case_counts() -> None:
    document = read(wrapped(web()))
    assert admits_token(document, f"https://{ISSUER}", SUBJECT, AUDIENCE).answer is Answer.YES
    assert admits_token(document, OTHER, SUBJECT, AUDIENCE).answer is Answer.NO
    assert admits_token(document, ISSUER.lower(), SUBJECT, AUDIENCE).answer is Answer.NO
    assert admits_token(document, None, SUBJECT, None).answer is Answer.YES


def test_a_deny_bounds_an_open_allow() -> None:
    document = read(wrapped(web(), deny({"StringNotLike": {f"{ISSUER}:sub": "system:serviceaccount:pay:*"}})))
    assert admits_token(document, ISSUER, SUBJECT, AUDIENCE).answer is Answer.YES
    assert admits_token(document, ISSUER, "system:serviceaccount:dev:app", AUDIENCE).answer is Answer.NO


def test_not_action_and_not_principal() -> None:
    allow = {"Effect": "Allow", "Principal": {"Federated": PROVIDER + ISSUER}, "NotAction": "sts:TagSession"}
    assert admits_token(read(wrapped(allow)), ISSUER, SUBJECT, AUDIENCE).answer is Answer.YES
    assert admits_token(read(wrapped({**allow, "NotAction": "sts:*"})), ISSUER, SUBJECT, AUDIENCE).answer is Answer.NO
    others = {"Effect": "Allow", "NotPrincipal": {"Federated": PROVIDER + OTHER}, "Action": WEB}
    assert admits_token(read(wrapped(others)), ISSUER, SUBJECT, AUDIENCE).answer is Answer.YES
    assert admits_token(read(wrapped(others)), OTHER, SUBJECT, AUDIENCE).answer is Answer.NO


def test_what_is_not_seen_is_unknown_and_never_wrong() -> None:
    hole = Hole("a variable", (Reference("m", "var.more"),))
    open_ = Mapping(entries({"Statement": [web()]}), SPAN)
    assert admits(read(open_), Token(None, (SUBJECT,), None)).answer is Answer.YES
    rest = Mapping(entries(web()), SPAN, hole)
    verdict = admits(read({"Statement": [rest]}), Token(None, (SUBJECT,), None, willing=True))
    assert verdict.answer is Answer.UNKNOWN
    assert hole in verdict.holes
    value = Scalar((hole,), Kind.UNKNOWN, SPAN)
    exact = read(wrapped(web({"StringEquals": {f"{ISSUER}:sub": value}})))
    assert admits(exact, Token(None, (SUBJECT,), None)).answer is Answer.UNKNOWN
    assert admits(exact, Token(None, (FRESH,), None)).answer is Answer.NO


def test_evidence_is_what_decided() -> None:
    document = read(wrapped(web({"StringEquals": {f"{ISSUER}:sub": SUBJECT}})))
    assert admits_token(document, ISSUER, SUBJECT, AUDIENCE).evidence


def issuer(*parts: str | Hole) -> Issuer:
    return Issuer(parts)


def hole(address: str, attribute: str, *through: str) -> Hole:
    return Hole("known after apply", (Reference("m", address, attribute),), through)


def test_issuers_that_are_partly_known() -> None:
    url = hole("aws_iam_openid_connect_provider.main", "url", "replace")
    arn = hole("aws_iam_openid_connect_provider.main", "arn")
    cluster = hole("aws_eks_cluster.main", "identity[0].oidc[0].issuer", "replace")
    bare = hole("aws_eks_cluster.main", "identity[0].oidc[0].issuer")
    elsewhere = hole("aws_eks_cluster.other", "identity[0].oidc[0].issuer", "replace")
    assert same(issuer(url), issuer(arn)) is Answer.YES
    assert same(issuer(cluster), issuer(bare)) is Answer.YES
    assert same(issuer(cluster), issuer(elsewhere)) is Answer.UNKNOWN
    assert same(issuer(cluster), issuer(url)) is Answer.UNKNOWN
    assert same(issuer("oidc.eks.", cluster), issuer(GITHUB)) is Answer.NO
    assert same(issuer(GITHUB.upper()), issuer(GITHUB)) is Answer.YES


@pytest.mark.parametrize(
    ("found", "answer"),
    [
        (hole("aws_eks_cluster.main", "identity[0].oidc[0].issuer"), True),
        (hole("aws_eks_cluster.main[0]", "identity.0.oidc.0.issuer"), True),
        (hole("aws_eks_cluster.main", "identity[0].oidc[0].issuer", "one", "nonsensitive"), True),
        (hole('module.cluster["a.b"].data.aws_eks_cluster.main["c.d"]', "identity[0].oidc[0].issuer", "join"), True),
        (hole("data.aws_eks_cluster.main", "identity", "one", ".oidc", "one", ".issuer"), True),
        (hole("aws_eks_cluster.main", "identity[0].oidc[0].issuer", "replace"), False),
        (hole("aws_eks_cluster.main", "identity[0].oidc[0].issuer", "split#0a", "[1]"), False),
        (hole("aws_eks_cluster.main", "identity[0].oidc[0].issuer", "[0]#0a"), False),
        (hole("aws_eks_cluster.main", "name"), False),
        (hole("aws_iam_openid_connect_provider.main", "url"), False),
        (hole("module.eks", "cluster_oidc_issuer_url"), False),
        (hole("var.aws_eks_cluster", "identity[0].oidc[0].issuer"), False),
        (Hole("a variable without a default"), False),
    ],
)
def test_the_issuer_of_a_cluster_has_a_scheme(found: Hole, answer: bool) -> None:
    assert has_scheme((found,)) is answer
    assert key_of(Scalar((found, ":sub"), Kind.STRING, SPAN)).scheme is answer
    assert has_scheme(("oidc.eks.eu-west-1.amazonaws.com/id/", found)) is answer


@pytest.mark.parametrize(
    ("parts", "name", "claim"),
    [
        (("aws:PrincipalOrgID",), "aws:principalorgid", False),
        (("SAML:sub",), "saml:sub", False),
        (("s3:prefix",), "s3:prefix", False),
        ((f"{ISSUER}:sub",), "sub", True),
        (("accounts.google.com:oaud",), "oaud", True),
        (("$oidc_provider:aud",), "aud", True),
        (("OIDC_PROVIDER:sub",), "sub", True),
        (("OIDC:sub",), "sub", True),
        ((HOLE, ":", "sub"), "sub", True),
        (("oidc.example.com", "/id", ":", "SUB"), "sub", True),
        (("aws:RequestTag/", HOLE), "aws:requesttag/", False),
        (("aws:RequestTag/https://example.com/team",), "aws:requesttag/https://example.com/team", False),
        ((f"https://{ISSUER}:sub",), "sub", True),
        ((HOLE,), None, False),
        (("",), None, False),
        ((), None, False),
    ],
)
def test_the_parts_of_a_condition_key(parts: tuple[str | Hole, ...], name: str | None, claim: bool) -> None:
    found = key_of(Scalar(parts, Kind.STRING, SPAN))
    assert found.name == name
    assert (found.issuer is not None) is claim


def test_a_provider_whose_arn_was_put_together_is_read_all_the_same() -> None:
    parts = ("arn:aws:iam::", "111122223333", ":oidc-provider", "/", GITHUB)
    found = issuer_of(Scalar(parts, Kind.STRING, SPAN))
    assert found is not None
    assert found.text == (GITHUB,)


@pytest.mark.parametrize("written", [f"https://{ISSUER}", hole("aws_eks_cluster.a", "identity[0].oidc[0].issuer")])
def test_a_provider_whose_arn_has_a_scheme_vouches_for_nobody(written: str | Hole) -> None:
    federated = Scalar((PROVIDER, written), Kind.STRING, SPAN)
    document = read(wrapped({**web({}), "Principal": {"Federated": federated}}))
    assert [grant.issuer.scheme for grant in web_identity_grants(document)] == [True]
    for token in (Token(), Token(Issuer((ISSUER,)), (SUBJECT,), (AUDIENCE,), willing=True)):
        assert admits(document, token).answer is Answer.NO


@pytest.mark.parametrize("text", ["${OIDC}", "{{ oidc }}", "<issuer>", "$OIDC_PROVIDER", "OIDC_PROVIDER"])
def test_a_placeholder_may_be_any_issuer(text: str) -> None:
    assert same(issuer(text), issuer(ISSUER)) is Answer.UNKNOWN
    assert same(issuer(text), issuer(text)) is Answer.YES


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (PROVIDER + ISSUER, ISSUER),
        ("arn:aws-cn:iam::111122223333:oidc-provider/oidc.eks.cn-north-1.amazonaws.com.cn/id/A", None),
        ("accounts.google.com", "accounts.google.com"),
        (f"https://{ISSUER}", ISSUER),
        ("arn:aws:iam::111122223333:saml-provider/acme", ""),
        ("arn:aws:iam::111122223333:role/x", ""),
    ],
)
def test_the_issuer_of_a_principal(written: str, expected: str | None) -> None:
    found = issuer_of(known(written, SPAN))
    if expected == "":
        assert found is None
    else:
        assert found is not None
        assert found.known == (expected or written.partition("oidc-provider/")[2])


def test_shared_issuers() -> None:
    assert shared_issuer(Issuer((GITHUB,))) is not None
    assert shared_issuer(Issuer((ISSUER,))) is None
    assert shared_issuer(Issuer((f"{GITHUB}/acme",))) is None, "a company's own issuer"


def aws(principal: object, condition: dict[str, Any] | None = None, **more: object) -> dict[str, Any]:
    found = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    return found if condition is None else {**found, "Condition": condition}


@pytest.mark.parametrize(
    ("statement", "answer"),
    [
        (aws("*"), Answer.YES),
        (aws({"AWS": "*"}, {"Bool": {"aws:MultiFactorAuthPresent": "true"}}), Answer.YES),
        (aws({"AWS": "*"}, {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}}), Answer.YES),
        (aws({"AWS": "*"}, {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}), Answer.YES),
        (aws({"AWS": "*"}, {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}), Answer.NO),
        (aws({"AWS": "*"}, {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}), Answer.NO),
        (aws({"AWS": "*"}, {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:*"}}), Answer.YES),
        (aws({"AWS": "*"}, {"StringEquals": {f"{ISSUER}:sub": SUBJECT}}), Answer.NO),
        (aws({"AWS": "111122223333"}), Answer.NO),
        (aws({"Service": "ec2.amazonaws.com"}), Answer.NO),
    ],
)
def test_a_stranger(statement: dict[str, Any], answer: Answer) -> None:
    assert admits(read(wrapped(statement)), Caller()).answer is answer


BAD = {"aws:PrincipalArn": "arn:aws:iam::*:role/bad"}
ANY_ARN = {"aws:PrincipalArn": "arn:aws:iam::*:*"}


@pytest.mark.parametrize(
    ("found", "answer"),
    [
        # Whoever may choose a name can have another one.
        ([aws("*", {"ArnNotLike": BAD})], Answer.YES),
        ([aws("*", {"ArnNotLike": ANY_ARN})], Answer.NO),
        ([aws("*"), deny({"ArnLike": BAD}, Action="sts:*")], Answer.YES),
        ([aws("*"), deny({"ArnLike": ANY_ARN}, Action="sts:*")], Answer.NO),
        ([aws("*"), deny({"ArnNotLike": BAD}, Action="sts:*")], Answer.YES),
        ([aws("*"), deny({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:*"}}, Action="*")], Answer.NO),
    ],
)
def test_a_stranger_chooses_what_suits(found: list[dict[str, Any]], answer: Answer) -> None:
    assert admits(read(wrapped(*found)), Caller()).answer is answer


def test_a_named_caller() -> None:
    arn = "arn:aws:iam::444455556666:role/ci"
    caller = Caller("444455556666", arn=arn)
    assert admits(read(wrapped(aws({"AWS": arn}))), caller).answer is Answer.YES
    assert admits(read(wrapped(aws({"AWS": "444455556666"}))), caller).answer is Answer.YES
    assert admits(read(wrapped(aws({"AWS": "arn:aws:iam::444455556666:root"}))), caller).answer is Answer.YES
    assert admits(read(wrapped(aws({"AWS": "arn:aws:iam::444455556666:role/*"}))), caller).answer is Answer.NO


def test_assume_actions() -> None:
    statement = read(wrapped(aws("*", Action=["STS:Assume*"]))).statements[0]
    assert assume_actions(statement) == ("sts:AssumeRole", WEB, "sts:AssumeRoleWithSAML")
    assert assume_actions(read(wrapped(aws("*", Action="sts:TagSession"))).statements[0]) == ()


@pytest.mark.parametrize(
    ("value", "width", "witness"),
    [
        ("*", Width.CLUSTER, "system:serviceaccount:default:attacker"),
        ("system:serviceaccount:?*", Width.CLUSTER, "system:serviceaccount:default:attacker"),
        ("system:serviceaccount:*:app", Width.ANY_NAMESPACE, "system:serviceaccount:attacker:app"),
        ("*:app", Width.ANY_NAMESPACE, "system:serviceaccount:attacker:app"),
        ("system:serviceaccount:pr-*", Width.NAMESPACES, "system:serviceaccount:pr-attacker:attacker"),
        ("system:serviceaccount:pr*:app", Width.NAMESPACES, "system:serviceaccount:pr-attacker:app"),
        ("system:serviceaccount:pay:*", Width.NAMESPACE, "system:serviceaccount:pay:attacker"),
        ("system:serviceaccount:pay:app-?", Width.NAMES, "system:serviceaccount:pay:app-x"),
        (SUBJECT, None, ""),
        ("repo:acme/*", None, ""),
    ],
)
def test_how_wide_a_subject_is(value: str, width: Width | None, witness: str) -> None:
    document = read(wrapped(web({"StringLike": {f"{ISSUER}:sub": value}})))
    (grant,) = web_identity_grants(document)
    found = list(wide_subjects(document, grant))
    if width is None:
        assert found == []
        return
    (wide,) = found
    assert isinstance(wide, WideSubject)
    assert (wide.width, wide.witness) == (width, witness)
    assert admits_token(document, ISSUER, witness, AUDIENCE).answer is Answer.YES


def test_a_grant_for_each_issuer_of_a_statement() -> None:
    condition = {"StringEquals": {f"{ISSUER}:sub": SUBJECT, f"{OTHER}:aud": AUDIENCE}}
    first, second = web_identity_grants(read(wrapped(web(condition, [ISSUER, OTHER]))))
    assert [len(found.subject.conditions) for found in (first, second)] == [1, 0]
    assert [len(found.mismatched) for found in (first, second)] == [1, 1]


def test_a_key_whose_issuer_is_unknown_counts_as_the_statements_own() -> None:
    key = Scalar((hole("var.issuer", ""), ":sub"), Kind.STRING, SPAN)
    condition = {"StringEquals": Mapping((Entry(key, known(SUBJECT, SPAN)),), SPAN)}
    document = read(wrapped(web(condition)))
    assert admits_token(document, ISSUER, SUBJECT, AUDIENCE).answer is Answer.YES
    assert admits_token(document, ISSUER, "x", AUDIENCE).answer is Answer.NO


def test_a_policy_longer_than_iam_takes_is_not_evaluated() -> None:
    document = read(wrapped(*[web() for _ in range(3000)]))
    verdict = admits(document, Token())
    assert verdict.answer is Answer.UNKNOWN
    assert verdict.holes
    assert list(web_identity_grants(document)) == []
