"""The policies that are compared, and why the tools say different things about them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

HOST = "oidc.eks.eu-west-1.amazonaws.com/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9"
GITHUB = "token.actions.githubusercontent.com"
PROVIDER = "arn:aws:iam::111122223333:oidc-provider/"
WORKERS = "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"

INTRODUCTION = """
[parliament](https://github.com/duo-labs/parliament) checks one policy against IAM's grammar and its catalogue of
actions; it takes a trust policy for a permission policy. [cloudsplaining](https://github.com/salesforce/cloudsplaining)
reads an account's authorization details and grades permission policies; of a trust policy it says whether compute
services, other accounts or everybody may assume the role. Neither evaluates who a web-identity trust policy admits, and
neither knows which roles pods and nodes get, so on their own subject (a typo in an action, every kind of risk in a
policy that no workload of a cluster has) they say more than rolecall, which says nothing there.

Each case is one role in authorization details that cloudsplaining and rolecall read (every persona of rolecall's);
parliament is given the policy alone. That a role trusts a compute service is no finding of cloudsplaining's, but a
remark.
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A role. `ours` are the rules that `why` explains; the policy in question is `permissions` if there are such."""

    name: str
    why: str
    ours: tuple[str, ...]
    trust: str
    permissions: str = ""
    attached: tuple[str, ...] = ()


def policy(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def web(condition: dict[str, Any] | None, host: str = HOST) -> str:
    found: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER + host},
        "Action": "sts:AssumeRoleWithWebIdentity",
    }
    return policy(found if condition is None else {**found, "Condition": condition})


def assume(principal: object, condition: object = None, action: object = "sts:AssumeRole") -> dict[str, Any]:
    found = {"Effect": "Allow", "Principal": principal, "Action": action}
    return found if condition is None else {**found, "Condition": condition}


def node(name: str, why: str, ours: tuple[str, ...], *statements: object, attached: tuple[str, ...] = ()) -> Case:
    """A role that nodes run as, with permissions."""
    permissions = policy(*statements) if statements else ""
    return Case(name, why, ours, policy(assume({"Service": "ec2.amazonaws.com"})), permissions, (WORKERS, *attached))


AUD = {f"{HOST}:aud": "sts.amazonaws.com"}
SUB = {f"{HOST}:sub": "system:serviceaccount:pay:app"}
_NOT_TRUST = (
    "parliament reports the provider of every cluster as an unknown source, and the missing `Resource`, which a trust"
    " policy must not have: it says the same of every web-identity policy below, right or wrong."
)
TWICE = f"""{{
  "Version": "2012-10-17",
  "Statement": [
    {{
      "Effect": "Allow",
      "Principal": {{ "Federated": "{PROVIDER}{HOST}" }},
      "Action": "sts:AssumeRoleWithWebIdentity",
      "Condition": {{
        "StringEquals": {{ "{HOST}:sub": "system:serviceaccount:pay:app" }},
        "StringEquals": {{ "{HOST}:aud": "sts.amazonaws.com" }}
      }}
    }}
  ]
}}"""

CASES: tuple[Case, ...] = (
    Case(
        "A service account's role, as EKS documents it",
        f"Nothing is wrong. {_NOT_TRUST}",
        (),
        web({"StringEquals": {**SUB, **AUD}}),
    ),
    Case(
        "Every service account of the cluster",
        "The pattern admits `system:serviceaccount:default:attacker`. For parliament this is the case above again.",
        ("trust-sub-wildcard-cluster",),
        web({"StringEquals": AUD, "StringLike": {f"{HOST}:sub": "system:serviceaccount:*:*"}}),
    ),
    Case(
        "Every service account of a namespace",
        "EKS documents the pattern, so it is medium: whoever may create a pod in the namespace has the role.",
        ("trust-sub-wildcard-namespace",),
        web({"StringEquals": AUD, "StringLike": {f"{HOST}:sub": "system:serviceaccount:pay:*"}}),
    ),
    Case(
        "A wildcard under StringEquals",
        "The star is an ordinary character there: nobody is admitted. The others do not evaluate it.",
        ("trust-wildcard-in-stringequals",),
        web({"StringEquals": {f"{HOST}:sub": "system:serviceaccount:pay:*", **AUD}}),
    ),
    Case(
        "A condition key with https://",
        "No token has such a key, so nobody is admitted.",
        ("trust-condition-key-scheme",),
        web({"StringEquals": {f"https://{HOST}:sub": "system:serviceaccount:pay:app", **AUD}}),
    ),
    Case(
        "No subject",
        "Every pod of the cluster is admitted.",
        ("trust-oidc-missing-sub",),
        web({"StringEquals": AUD}),
    ),
    Case(
        "A key that is written twice",
        "Of equal keys the last one counts, so the subject is not bound. parliament's parser refuses such a text,"
        " without saying what becomes of it; the one that cloudsplaining uses drops the first key without a word.",
        ("trust-duplicate-key",),
        TWICE,
    ),
    Case(
        "A Deny that closes an open Allow",
        "The Allow takes every subject, the Deny leaves one: nothing is wrong, and only an evaluation of both sees it.",
        (),
        policy(
            json.loads(web({"StringEquals": AUD}))["Statement"][0],
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringNotEquals": SUB},
            },
        ),
    ),
    Case(
        "GitHub Actions without a subject",
        "Every repository on GitHub may assume the role. parliament says of GitHub what it says of every provider.",
        ("trust-oidc-missing-sub",),
        web({"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}, GITHUB),
    ),
    Case(
        "Everybody",
        "cloudsplaining and rolecall agree. parliament's finding is the missing `Resource` again, here and below.",
        ("trust-any-principal",),
        policy(assume({"AWS": "*"})),
    ),
    Case(
        "Everybody of one organisation",
        "`aws:PrincipalOrgID` bounds the star. cloudsplaining says that there is a condition, whichever it is.",
        (),
        policy(assume({"AWS": "*"}, {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})),
    ),
    Case(
        "Everybody, behind a condition that bounds nobody",
        "Every caller has a principal ARN that is like `*`: the condition bounds nobody; only an evaluation tells.",
        ("trust-any-principal",),
        policy(assume({"AWS": "*"}, {"StringLike": {"aws:PrincipalArn": "*"}})),
    ),
    Case(
        "Another account as a whole",
        "cloudsplaining and rolecall agree.",
        ("trust-cross-account-root",),
        policy(assume({"AWS": "arn:aws:iam::444455556666:root"})),
    ),
    Case(
        "EKS Pod Identity without sts:TagSession",
        "EKS tags the sessions of pods, which this policy does not allow: pods get no credentials.",
        ("pi-trust-missing-tagsession",),
        policy(assume({"Service": "pods.eks.amazonaws.com"})),
    ),
    node(
        "A node role with every permission",
        "parliament checks grammar, and `*` is in order. cloudsplaining lists every kind of risk; rolecall says who has"
        " the role: every pod that reaches the instance metadata service.",
        ("node-role-admin",),
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
    ),
    node(
        "Every permission, denied again",
        "The Deny leaves nothing of the Allow. cloudsplaining honours it for some of its risks, not for the others.",
        (),
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": "*"},
    ),
    node(
        "All but IAM",
        "`NotAction` with Allow is everything else, `sts:AssumeRole` on every role included. parliament asks for a"
        " narrower `Resource`.",
        ("node-role-admin",),
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
    ),
    node(
        "What EKS asks of a node role",
        "The policy is AWS' own and every node has it: nothing is wrong. parliament is given the trust policy here, for"
        " want of another one.",
        (),
    ),
    node(
        "One prefix of one bucket",
        "Reading named objects is no risk for cloudsplaining, which looks for what is on every resource. On a node role"
        " it is every pod's, so it belongs to a role of the one workload that needs it.",
        ("node-role-app-permissions",),
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop-invoices/*"},
    ),
)
