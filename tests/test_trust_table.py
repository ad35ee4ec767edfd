"""Who is admitted, case by case, each case with the page that says so; the naive evaluator has to agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import pytest

from rolecall.answer import Answer
from rolecall.iam.issuers import Issuer
from rolecall.iam.requests import Identity, Service, identity
from rolecall.iam.trust import Token, admits
from rolecall.iam.trust_prepared import Prepared
from rolecall.tree import Entry, Hole, Kind, Mapping, Reference, Scalar, known
from tests import naive_trust
from tests.policies import SPAN, read, tree, wrapped

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN
Statement: TypeAlias = dict[str, Any]

GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
OPERATORS = GUIDE + "reference_policies_elements_condition_operators.html"
EXISTS = OPERATORS + "#Conditions_IfExists"
NULL = OPERATORS + "#Conditions_Null"
ARNS = OPERATORS + "#Conditions_ARN"
BLOCK = GUIDE + "reference_policies_elements_condition.html"
LOGIC = GUIDE + "reference_policies_condition-logic-multiple-context-keys-or-values.html"
SETS = GUIDE + "reference_policies_condition-single-vs-multi-valued-context-keys.html"
PRINCIPALS = GUIDE + "reference_policies_elements_principal.html"
NOT_PRINCIPAL = GUIDE + "reference_policies_elements_notprincipal.html"
ACTIONS = GUIDE + "reference_policies_elements_action.html"
NOT_ACTION = GUIDE + "reference_policies_elements_notaction.html"
EFFECT = GUIDE + "reference_policies_evaluation-logic_policy-eval-denyallow.html"
VARIABLES = GUIDE + "reference_policies_variables.html"
CLAIMS = GUIDE + "reference_policies_iam-condition-keys.html#condition-keys-wif"
GLOBAL_KEYS = GUIDE + "reference_policies_condition-keys.html"
PROVIDERS = GUIDE + "id_roles_providers_create_oidc.html"
FOR_OIDC = GUIDE + "id_roles_create_for-idp_oidc.html"
SHARED = GUIDE + "id_roles_providers_oidc_secure-by-default.html"
DEPUTY = GUIDE + "confused-deputy.html"
SAML = GUIDE + "id_roles_create_for-idp_saml.html"
IRSA = "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html"
ACROSS = "https://docs.aws.amazon.com/eks/latest/userguide/cross-account-access.html"
PODS = "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html"
TAGS = "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html"
GITHUB_DOCS = "https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws"
INCIDENT = "https://github.com/alphagov/govuk-infrastructure/pull/879"
MODULE = "https://github.com/terraform-aws-modules/terraform-aws-iam"
NO_SOURCE = "the policy does not say enough to answer"

EKS = "oidc.eks.eu-west-1.amazonaws.com/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9"
EKS2 = "oidc.eks.eu-central-1.amazonaws.com/id/9F8E7D6C5B4A39281706F5E4D3C2B1A0"
CHINA = "oidc.eks.cn-north-1.amazonaws.com.cn/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9"
GITHUB = "token.actions.githubusercontent.com"
PROVIDER = "arn:aws:iam::111122223333:oidc-provider/"
APP = "system:serviceaccount:pay:app"
WEB_APP = "system:serviceaccount:pay:web"
DEV_APP = "system:serviceaccount:dev:app"
MAIN = "repo:acme/site:ref:refs/heads/main"
STS = "sts.amazonaws.com"
WEB = "sts:AssumeRoleWithWebIdentity"
CI = "arn:aws:iam::444455556666:role/ci"
SESSION = "arn:aws:sts::444455556666:assumed-role/ci/run-1"
ADA = "arn:aws:iam::444455556666:user/ada"
EC2, POD_IDENTITY = "ec2.amazonaws.com", "pods.eks.amazonaws.com"
SUB, AUD, SUB2, GSUB, GAUD = f"{EKS}:sub", f"{EKS}:aud", f"{EKS2}:sub", f"{GITHUB}:sub", f"{GITHUB}:aud"


@dataclass(frozen=True)
class Asked:
    """A request. A token of `issuer`, a principal by its ARN, or a service by its name."""

    subject: str = APP
    audience: str = STS
    issuer: str = EKS
    arn: str | None = None
    service: str | None = None
    action: str = "sts:AssumeRole"

    @property
    def engine(self) -> Token | Identity | Service:
        if self.service is not None:
            return Service(self.service, self.action)
        if self.arn is not None:
            found = identity(self.arn)
            assert found is not None
            return found
        return Token(Issuer((self.issuer,)), (self.subject,), (self.audience,))

    @property
    def naive(self) -> naive_trust.NaiveRequest:
        if self.service is not None:
            return naive_trust.NaiveRequest(self.action, {"Service": [self.service]})
        if self.arn is not None:
            return naive_trust.caller(self.arn)
        provider = PROVIDER.replace("aws", "aws-cn") if self.issuer == CHINA else PROVIDER
        return naive_trust.token(provider, self.issuer, sub=self.subject, aud=self.audience)


T = Asked()
DEV = Asked(subject=DEV_APP)
VAULT = Asked(audience="vault")
OTHER_CLUSTER = Asked(issuer=EKS2)
HUB = Asked(subject=MAIN, issuer=GITHUB)
BY_CI, BY_SESSION, BY_ADA = Asked(arn=CI), Asked(arn=SESSION), Asked(arn=ADA)
BY_EC2, BY_PODS = Asked(service=EC2), Asked(service=POD_IDENTITY)
TAGGING = Asked(service=POD_IDENTITY, action="sts:TagSession")


def repo(subject: str) -> Asked:
    return Asked(subject=subject, issuer=GITHUB)


def web(condition: dict[str, Any] | Mapping | None = None, issuer: str = EKS, **more: object) -> Statement:
    found = {"Effect": "Allow", "Principal": {"Federated": PROVIDER + issuer}, "Action": WEB, **more}
    return found if condition is None else {**found, "Condition": condition}


def aws(principal: object, condition: dict[str, Any] | None = None, **more: object) -> Statement:
    found = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    return found if condition is None else {**found, "Condition": condition}


def deny(condition: dict[str, Any] | None = None, **more: object) -> Statement:
    found = {"Effect": "Deny", "Principal": "*", "Action": "sts:*", **more}
    return found if condition is None else {**found, "Condition": condition}


def without(statement: Statement, *names: str) -> Statement:
    return {name: value for name, value in statement.items() if name not in names}


HOLE = Scalar((Hole("a variable without a default", (Reference("m", "var.x"),)),), Kind.UNKNOWN, SPAN)
TWICE = Mapping(
    (
        Entry(known("StringEquals", SPAN), tree({SUB: APP})),
        Entry(known("StringEquals", SPAN), tree({AUD: STS})),
    ),
    SPAN,
)
BOTH = {"StringEquals": {SUB: APP, AUD: STS}}
PAY_ONLY = {"StringNotLike": {SUB: "system:serviceaccount:pay:*"}}
Row: TypeAlias = tuple[list[Statement], Asked, Answer, str]

EXACT: list[Row] = [
    ([web(BOTH)], T, YES, IRSA),
    ([web(BOTH)], DEV, NO, IRSA),
    ([web(BOTH)], VAULT, NO, IRSA),
    ([web(BOTH)], OTHER_CLUSTER, NO, IRSA),
    ([web({"StringEquals": {SUB: APP}})], VAULT, YES, IRSA),
    ([web({"StringEquals": {AUD: STS}})], DEV, YES, IRSA),
    ([web()], DEV, YES, ACROSS),
    ([web({"StringEquals": {SUB: [DEV_APP, APP]}})], T, YES, LOGIC),
    ([web({"StringEquals": {SUB: [DEV_APP, WEB_APP]}})], T, NO, LOGIC),
    ([web({"StringEquals": {SUB: APP.upper()}})], T, NO, OPERATORS),
    ([web({"StringEqualsIgnoreCase": {SUB: APP.upper()}})], T, YES, OPERATORS),
    ([web({"stringEQUALS": {SUB: APP}})], T, YES, BLOCK),
    ([web({"StringEquals": {SUB.upper(): APP}})], T, YES, BLOCK),
    ([web({"StringEquals": {SUB: "system:serviceaccount:pay:*"}})], T, NO, OPERATORS),
    ([web({"StringEquals": {SUB: "system:serviceaccount:pay:ap?"}})], T, NO, OPERATORS),
    ([web({"StringEqualsIgnoreCase": {SUB: "*"}})], T, NO, OPERATORS),
    ([web({"StringEquals": {SUB: "pay:app"}})], T, NO, IRSA),
    ([web({"StringEquals": {SUB: "system:serviceaccount:pay"}})], T, NO, IRSA),
    ([web({"StringEquals": {SUB: APP + " "}})], T, NO, OPERATORS),
    ([web({"StringEquals": {SUB: APP}, "StringLike": {SUB: "system:serviceaccount:dev:*"}})], T, NO, LOGIC),
    ([web({"StringEquals": {SUB: APP}, "StringLike": {SUB: "system:serviceaccount:*:app"}})], T, YES, LOGIC),
    ([web({"StringEquals": {SUB: APP, AUD: "vault"}})], T, NO, LOGIC),
]
PATTERNS: list[Row] = [
    ([web({"StringLike": {SUB: APP}})], T, YES, OPERATORS),
    ([web({"StringLike": {SUB: "system:serviceaccount:pay:*"}})], T, YES, IRSA),
    ([web({"StringLike": {SUB: "system:serviceaccount:pay:*"}})], DEV, NO, IRSA),
    ([web({"StringLike": {SUB: "system:serviceaccount:*:app"}})], DEV, YES, OPERATORS),
    ([web({"StringLike": {SUB: "system:*"}})], T, YES, OPERATORS),
    ([web({"StringLike": {SUB: "*"}})], T, YES, OPERATORS),
    ([web({"StringLike": {SUB: "system:serviceaccount:pay:???"}})], T, YES, OPERATORS),
    ([web({"StringLike": {SUB: "system:serviceaccount:pay:??"}})], T, NO, OPERATORS),
    ([web({"StringLike": {SUB: "system:serviceaccount:pay:app?"}})], T, NO, OPERATORS),
    ([web({"StringLike": {SUB: "system:serviceaccount:pay:app*"}})], T, YES, OPERATORS),
    ([web({"StringLike": {SUB: "SYSTEM:*"}})], T, NO, OPERATORS),
    ([web({"StringLike": {SUB: "system:serviceaccount:pay:*:*"}})], T, NO, OPERATORS),
    ([web({"StringLike": {SUB: "*app"}})], T, YES, OPERATORS),
    ([web({"StringLike": {SUB: "*:app:*"}})], T, NO, OPERATORS),
    ([web({"StringLike": {SUB: "system:serviceaccount:pay:app${*}"}})], T, NO, VARIABLES),
    ([web({"StringLike": {SUB: ["x*", "system:serviceaccount:p?y:*"]}})], T, YES, LOGIC),
]
KEYS: list[Row] = [
    ([web({"StringEquals": {f"https://{SUB}": APP}})], T, NO, CLAIMS),
    ([web({"StringEquals": {f"{EKS}/:sub": APP}})], T, NO, CLAIMS),
    ([web({"StringEquals": {SUB2: APP}})], T, NO, CLAIMS),
    ([web({"StringEqualsIfExists": {SUB2: "x"}})], T, YES, EXISTS),
    ([web({"StringEqualsIfExists": {f"https://{SUB}": "x"}})], T, YES, EXISTS),
    ([web({"StringNotEquals": {SUB2: APP}})], T, YES, OPERATORS),
    ([web({"StringNotLike": {f"https://{SUB}": "*"}})], T, YES, OPERATORS),
    ([web({"ForAllValues:StringEquals": {SUB2: "x"}})], T, YES, SETS),
    ([web({"ForAnyValue:StringEquals": {SUB2: APP}})], T, NO, SETS),
    ([web({"ForAnyValue:StringNotEquals": {SUB2: "x"}})], T, NO, SETS),
    ([web({"Null": {SUB2: "true"}})], T, YES, NULL),
    ([web({"Null": {SUB2: "false"}})], T, NO, NULL),
    ([web({"StringEquals": {"sub": APP}})], T, UNKNOWN, NO_SOURCE),
    ([web({"StringEquals": {f"{EKS}:amr": "x"}})], T, UNKNOWN, CLAIMS),
    ([web({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})], T, UNKNOWN, GLOBAL_KEYS),
]
NEGATED: list[Row] = [
    ([web({"StringNotEquals": {SUB: DEV_APP}})], T, YES, OPERATORS),
    ([web({"StringNotEquals": {SUB: DEV_APP}})], DEV, NO, OPERATORS),
    ([web({"StringNotEquals": {SUB: [DEV_APP, APP]}})], T, NO, LOGIC),
    ([web({"StringNotLike": {SUB: "system:serviceaccount:dev:*"}})], T, YES, OPERATORS),
    ([web({"StringNotLike": {SUB: "system:serviceaccount:*"}})], T, NO, OPERATORS),
    ([web({"StringNotEqualsIgnoreCase": {SUB: APP.upper()}})], T, NO, OPERATORS),
    ([web({"StringNotEquals": {SUB: APP.upper()}})], T, YES, OPERATORS),
    ([web({"Null": {SUB: "false"}})], T, YES, NULL),
    ([web({"Null": {SUB: "true"}})], T, NO, NULL),
    ([web({"StringEqualsIfExists": {SUB: APP}})], T, YES, EXISTS),
    ([web({"StringEqualsIfExists": {SUB: APP}})], DEV, NO, EXISTS),
    ([web({"StringNotEqualsIfExists": {SUB: APP}})], T, NO, EXISTS),
    ([web({"ForAllValues:StringEquals": {SUB: APP}})], T, YES, SETS),
    ([web({"ForAllValues:StringEquals": {SUB: APP}})], DEV, NO, SETS),
    ([web({"ForAnyValue:StringLike": {SUB: "system:serviceaccount:pay:*"}})], T, YES, SETS),
    ([web({"ForAnyValue:StringLike": {SUB: "system:serviceaccount:pay:*"}})], DEV, NO, SETS),
    ([web({"ForAllValues:StringNotEquals": {SUB: APP}})], T, NO, SETS),
    ([web({"ForAllValues:StringEqualsIfExists": {SUB: APP}})], T, YES, SETS),
]
DENIES: list[Row] = [
    ([web(), deny()], T, NO, EFFECT),
    ([deny(), web()], T, NO, EFFECT),
    ([web(), deny(PAY_ONLY)], T, YES, EFFECT),
    ([web(), deny(PAY_ONLY)], DEV, NO, EFFECT),
    ([web(), deny({"StringEquals": {SUB: DEV_APP}})], T, YES, EFFECT),
    ([web(), deny({"StringEquals": {SUB: DEV_APP}})], DEV, NO, EFFECT),
    ([web(), deny({"StringNotEquals": {SUB: APP, AUD: "vault"}})], T, YES, LOGIC),
    ([web(), deny({"StringNotEquals": {SUB: DEV_APP, AUD: "vault"}})], T, NO, LOGIC),
    ([web(), deny({"StringNotEquals": {SUB2: APP}})], T, NO, OPERATORS),
    ([web(), deny(Action="sts:AssumeRole")], T, YES, ACTIONS),
    ([web(), deny(Principal={"AWS": "*"})], T, NO, PRINCIPALS),
    ([web(), deny(Principal={"Federated": PROVIDER + EKS})], T, NO, PRINCIPALS),
    ([web(), deny(Principal={"Federated": PROVIDER + EKS2})], T, YES, PRINCIPALS),
    ([web(), deny(Principal={"Service": EC2})], T, YES, PRINCIPALS),
    ([web(), without(deny(NotPrincipal={"Federated": PROVIDER + EKS}), "Principal")], T, YES, NOT_PRINCIPAL),
    ([web(), without(deny(NotPrincipal={"Federated": PROVIDER + EKS2}), "Principal")], T, NO, NOT_PRINCIPAL),
    ([web(), without(deny(NotAction="sts:TagSession"), "Action")], T, NO, NOT_ACTION),
    ([deny()], T, NO, EFFECT),
    ([], T, NO, EFFECT),
    ([web({"StringEquals": {SUB: DEV_APP}}), web({"StringEquals": {SUB: APP}})], T, YES, EFFECT),
]
FEDERATED: list[Row] = [
    ([web(BOTH, Action="sts:AssumeRole")], T, NO, FOR_OIDC),
    ([web(BOTH, Action="sts:TagSession")], T, NO, FOR_OIDC),
    ([web(BOTH, Action=["sts:TagSession", WEB])], T, YES, FOR_OIDC),
    ([web(BOTH, Action="sts:*")], T, YES, ACTIONS),
    ([web(BOTH, Action="*")], T, YES, ACTIONS),
    ([web(BOTH, Action="STS:assumerolewithwebidentity")], T, YES, ACTIONS),
    ([web(BOTH, Action="sts:AssumeRole*")], T, YES, ACTIONS),
    ([web(BOTH, Action="sts:AssumeRole?ithWebIdentity")], T, YES, ACTIONS),
    ([web(BOTH, Action="sts:AssumeRoleWithSAML")], T, NO, SAML),
    ([without(web(BOTH, NotAction="sts:TagSession"), "Action")], T, YES, NOT_ACTION),
    ([without(web(BOTH, NotAction="sts:AssumeRoleWith*"), "Action")], T, NO, NOT_ACTION),
    ([web(None, EKS, Principal={"Federated": [PROVIDER + EKS2, PROVIDER + EKS]})], T, YES, PRINCIPALS),
    ([web(BOTH, EKS, Principal={"Federated": [PROVIDER + EKS2, PROVIDER + EKS]})], OTHER_CLUSTER, NO, CLAIMS),
    (
        [web({"StringEquals": {SUB: APP, SUB2: APP}}, Principal={"Federated": [PROVIDER + EKS2, PROVIDER + EKS]})],
        T,
        NO,
        LOGIC,
    ),
    (
        [
            web(
                {"StringEqualsIfExists": {SUB: APP, SUB2: APP}},
                Principal={"Federated": [PROVIDER + EKS2, PROVIDER + EKS]},
            )
        ],
        T,
        YES,
        EXISTS,
    ),
    ([web(BOTH), web({"StringEquals": {SUB2: APP}}, EKS2)], OTHER_CLUSTER, YES, PRINCIPALS),
    ([web(BOTH, Principal={"Federated": PROVIDER + EKS.lower()})], T, NO, PROVIDERS),
    ([web(BOTH, Principal={"Federated": PROVIDER + EKS + "/"})], T, NO, PROVIDERS),
    ([web(BOTH, Principal={"Federated": PROVIDER + "https://" + EKS})], T, NO, PROVIDERS),
    ([web(BOTH, Principal={"Federated": "arn:aws:iam:::oidc-provider/" + EKS})], T, NO, PROVIDERS),
    ([web(BOTH, Principal={"Federated": "arn:aws:iam::111122223333:oidc-provider:" + EKS})], T, NO, PROVIDERS),
    ([web(BOTH, Principal={"Federated": "arn:aws:iam::111122223333:saml-provider/acme"})], T, NO, SAML),
    ([web(BOTH, Principal="*")], T, YES, PRINCIPALS),
    ([web(BOTH, Principal={"AWS": "111122223333"})], T, NO, PRINCIPALS),
    (
        [web(None, Principal={"Federated": PROVIDER.replace("aws", "aws-cn") + CHINA})],
        Asked(issuer=CHINA),
        YES,
        PROVIDERS,
    ),
    ([without(web(BOTH, NotPrincipal={"Federated": PROVIDER + EKS2}), "Principal")], T, YES, NOT_PRINCIPAL),
    ([without(web(BOTH, NotPrincipal={"Federated": PROVIDER + EKS}), "Principal")], T, NO, NOT_PRINCIPAL),
]
SHARED_ISSUERS: list[Row] = [
    ([web({"StringEquals": {GAUD: STS}}, GITHUB)], repo("repo:attacker/x:ref:refs/heads/main"), YES, SHARED),
    ([web({"StringEquals": {GSUB: MAIN, GAUD: STS}}, GITHUB)], HUB, YES, GITHUB_DOCS),
    (
        [web({"StringEquals": {GSUB: MAIN, GAUD: STS}}, GITHUB)],
        repo("repo:attacker/x:ref:refs/heads/main"),
        NO,
        GITHUB_DOCS,
    ),
    ([web({"StringLike": {GSUB: "repo:acme/*"}}, GITHUB)], HUB, YES, GITHUB_DOCS),
    (
        [web({"StringLike": {GSUB: "repo:acme*"}}, GITHUB)],
        repo("repo:acme-attacker/x:ref:refs/heads/main"),
        YES,
        GITHUB_DOCS,
    ),
    (
        [web({"StringLike": {GSUB: "repo:acme/*"}}, GITHUB)],
        repo("repo:acme-attacker/x:ref:refs/heads/main"),
        NO,
        GITHUB_DOCS,
    ),
    (
        [web({"StringLike": {GSUB: "repo:acme/site*"}}, GITHUB)],
        repo("repo:acme/site-copy:pull_request"),
        YES,
        GITHUB_DOCS,
    ),
    ([web({"StringLike": {GSUB: "repo:acme/site:*"}}, GITHUB)], repo("repo:acme/site:pull_request"), YES, GITHUB_DOCS),
    ([web({"StringEquals": {GSUB: "repo:acme/site:environment:prod"}}, GITHUB)], HUB, NO, GITHUB_DOCS),
    ([web({"StringLike": {GSUB: [MAIN, "*"]}}, GITHUB)], repo("repo:attacker/x:pull_request"), YES, LOGIC),
    ([web({"StringEquals": {GSUB: "repo:ACME/site:ref:refs/heads/main"}}, GITHUB)], HUB, NO, OPERATORS),
    ([web({"StringEquals": {f"{GITHUB}:repository_id": "1"}}, GITHUB)], HUB, UNKNOWN, SHARED),
    ([web({"ForAllValues:StringEquals": {GAUD: STS}, "StringLike": {GSUB: MAIN}}, GITHUB)], HUB, YES, MODULE),
    ([web(TWICE)], DEV, YES, INCIDENT),
    ([web(TWICE)], VAULT, NO, INCIDENT),
]
AWS_PRINCIPALS: list[Row] = [
    ([aws({"AWS": CI})], BY_CI, YES, PRINCIPALS),
    ([aws({"AWS": CI})], BY_ADA, NO, PRINCIPALS),
    ([aws({"AWS": [ADA, CI]})], BY_CI, YES, PRINCIPALS),
    ([aws({"AWS": "444455556666"})], BY_CI, YES, PRINCIPALS),
    ([aws({"AWS": "arn:aws:iam::444455556666:root"})], BY_ADA, YES, PRINCIPALS),
    ([aws({"AWS": "arn:aws:iam::111122223333:root"})], BY_CI, NO, PRINCIPALS),
    ([aws({"AWS": "arn:aws:iam::444455556666:role/*"})], BY_CI, NO, PRINCIPALS),
    ([aws({"AWS": "arn:aws:iam::*:role/ci"})], BY_CI, NO, PRINCIPALS),
    ([aws({"AWS": "*"})], BY_CI, YES, PRINCIPALS),
    ([aws("*")], BY_CI, YES, PRINCIPALS),
    ([aws({"AWS": CI})], BY_SESSION, YES, PRINCIPALS),
    ([aws({"AWS": SESSION})], BY_SESSION, YES, PRINCIPALS),
    ([aws({"AWS": CI}, Action=WEB)], BY_CI, NO, FOR_OIDC),
    ([aws("*", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/*"}})], BY_CI, YES, ARNS),
    ([aws("*", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}})], BY_CI, NO, ARNS),
    ([aws("*", {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/c?"}})], BY_CI, YES, ARNS),
    ([aws("*", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::4*:role/ci"}})], BY_CI, YES, ARNS),
    ([aws("*", {"ArnNotLike": {"aws:PrincipalArn": CI}})], BY_CI, NO, ARNS),
    ([aws("*", {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::4*"}})], BY_CI, YES, OPERATORS),
    ([aws("*", {"StringEquals": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/*"}})], BY_CI, NO, OPERATORS),
    ([aws("*", {"StringEquals": {"aws:PrincipalAccount": "444455556666"}})], BY_CI, YES, GLOBAL_KEYS),
    ([aws("*", {"StringEquals": {"aws:PrincipalOrgID": "o-acme"}})], BY_CI, UNKNOWN, GLOBAL_KEYS),
    ([aws({"AWS": CI}, {"StringEquals": {"sts:ExternalId": "x"}})], BY_CI, UNKNOWN, DEPUTY),
    ([aws({"AWS": CI}, {"StringEquals": {SUB: APP}})], BY_CI, NO, CLAIMS),
    ([aws("*"), deny(Principal={"AWS": CI})], BY_CI, NO, EFFECT),
    ([aws("*"), deny({"ArnNotEquals": {"aws:PrincipalArn": CI}})], BY_CI, YES, ARNS),
    ([aws("*"), deny({"ArnNotEquals": {"aws:PrincipalArn": CI}})], BY_ADA, NO, ARNS),
    ([without(aws(None, NotPrincipal={"AWS": CI}), "Principal")], BY_ADA, YES, NOT_PRINCIPAL),
    ([without(aws(None, NotPrincipal={"AWS": CI}), "Principal")], BY_CI, NO, NOT_PRINCIPAL),
    ([aws({"Service": EC2})], BY_CI, NO, PRINCIPALS),
]
SERVICES: list[Row] = [
    ([aws({"Service": EC2})], BY_EC2, YES, PRINCIPALS),
    ([aws({"Service": EC2})], BY_PODS, NO, PRINCIPALS),
    ([aws({"Service": POD_IDENTITY}, Action=["sts:AssumeRole", "sts:TagSession"])], BY_PODS, YES, PODS),
    ([aws({"Service": POD_IDENTITY}, Action=["sts:AssumeRole", "sts:TagSession"])], TAGGING, YES, PODS),
    ([aws({"Service": POD_IDENTITY})], TAGGING, NO, PODS),
    ([aws({"Service": POD_IDENTITY}), aws({"Service": POD_IDENTITY}, Action="sts:TagSession")], TAGGING, YES, PODS),
    ([aws({"Service": POD_IDENTITY}, Action=WEB)], BY_PODS, NO, PODS),
    ([aws({"Service": "pod.eks.amazonaws.com"})], BY_PODS, NO, PODS),
    ([aws({"Service": [EC2, POD_IDENTITY]})], BY_PODS, YES, PRINCIPALS),
    ([aws({"AWS": POD_IDENTITY})], BY_PODS, NO, PRINCIPALS),
    (
        [aws({"Service": POD_IDENTITY}, {"StringEquals": {"aws:RequestTag/kubernetes-namespace": "pay"}})],
        BY_PODS,
        UNKNOWN,
        TAGS,
    ),
    (
        [aws({"Service": POD_IDENTITY}, {"StringEquals": {"aws:SourceAccount": "111122223333"}})],
        BY_PODS,
        UNKNOWN,
        DEPUTY,
    ),
    ([aws({"Service": POD_IDENTITY}), web(BOTH)], T, YES, EFFECT),
]
NOT_KNOWN: list[Row] = [
    ([web({"StringEquals": {SUB: HOLE}})], T, UNKNOWN, NO_SOURCE),
    ([web({"StringEquals": {SUB: [HOLE, APP]}})], T, YES, LOGIC),
    ([web({"StringEquals": {SUB: HOLE, AUD: "vault"}})], T, NO, LOGIC),
    ([web({"StringEquals": {SUB: "${aws:PrincipalTag/sub}"}})], T, UNKNOWN, VARIABLES),
    ([web({"StringLike": {SUB: "system:serviceaccount:dev:${aws:username}"}})], T, NO, VARIABLES),
    ([web({"StringWishes": {SUB: APP}})], T, UNKNOWN, NO_SOURCE),
    ([web(BOTH, Principal={"Federated": HOLE})], T, UNKNOWN, NO_SOURCE),
    ([web(BOTH, Action=HOLE)], T, UNKNOWN, NO_SOURCE),
    ([web(BOTH, Effect=HOLE)], T, UNKNOWN, NO_SOURCE),
    ([web(), web(BOTH, Effect=HOLE)], DEV, YES, EFFECT),
    ([web({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})], T, UNKNOWN, GLOBAL_KEYS),
    ([web(), deny({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})], T, UNKNOWN, GLOBAL_KEYS),
]
TABLE = {
    "exact": EXACT,
    "patterns": PATTERNS,
    "keys": KEYS,
    "negated": NEGATED,
    "denies": DENIES,
    "federated": FEDERATED,
    "shared": SHARED_ISSUERS,
    "aws": AWS_PRINCIPALS,
    "services": SERVICES,
    "unknown": NOT_KNOWN,
}
ROWS = [pytest.param(*row, id=f"{name}-{index}") for name, rows in TABLE.items() for index, row in enumerate(rows)]


@pytest.mark.parametrize(("statements", "asked", "answer", "source"), ROWS)
def test_who_is_admitted(statements: list[Statement], asked: Asked, answer: Answer, source: str) -> None:
    document = read(wrapped(*statements))
    assert admits(document, asked.engine).answer is answer, source
    assert Prepared(document).decide(asked.engine).answer is answer, source


# What the naive evaluator does not know: what is unknown, equal keys, variables, and sessions of roles.
_BEYOND = ("Scalar(", "${", SESSION)
CONCRETE = [param for param in ROWS if not any(word in repr(param.values[:2]) for word in _BEYOND)]


@pytest.mark.parametrize(("statements", "asked", "answer", "source"), CONCRETE)
def test_the_naive_evaluator_agrees(statements: list[Statement], asked: Asked, answer: Answer, source: str) -> None:
    if answer is not UNKNOWN:
        assert naive_trust.admits(wrapped(*statements), asked.naive) is (answer is YES), source


def test_the_table_is_long_and_every_row_has_its_source() -> None:
    rows = [row for rows in TABLE.values() for row in rows]
    assert len(rows) >= 120
    sourced = [source for _, _, answer, source in rows if answer is not UNKNOWN]
    assert all(source.startswith("https://") for source in sourced)
