"""How far subjects reach at issuers that many tenants share, and what the issuers of clusters look like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolecall.answer import Answer
from rolecall.iam.issuers import GITHUB, SHARED, Issuer, SubjectGrammar, eks_fault, is_eks, shared_issuer
from rolecall.iam.patterns import FRESH, glob
from rolecall.iam.trust import admits_token, web_identity_grants
from rolecall.iam.trust_tenants import Reach, WideTenancy, reach_of, stranger, subject_in, wide_tenancy
from rolecall.tree import Hole, Reference
from tests.policies import read, wrapped

HOSTS = {shared.host: shared for shared in SHARED}
GITLAB, TERRAFORM, BUILDKITE = "gitlab.com", "app.terraform.io", "agent.buildkite.com"
MAIN = "ref:refs/heads/main"


def grammar(host: str) -> SubjectGrammar:
    found = HOSTS[host].subjects
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("host", "value", "reach", "witness"),
    [
        (GITHUB.host, "*", Reach.EVERYBODY, f"repo:attacker/anything:{MAIN}"),
        (GITHUB.host, "r*", Reach.EVERYBODY, f"repo:attacker/anything:{MAIN}"),
        (GITHUB.host, "repo:*/shop:*", Reach.EVERYBODY, f"repo:attacker/shop:{MAIN}"),
        (GITHUB.host, "repo:*:environment:prod", Reach.EVERYBODY, "repo:attacker/anything:environment:prod"),
        (GITHUB.host, "repo:acme*", Reach.TENANTS, f"repo:acme-attacker/anything:{MAIN}"),
        (GITHUB.host, "repo:acm?/shop:x", Reach.TENANTS, "repo:acmx/shop:x"),
        (GITHUB.host, "repo:acme-*/*:environment:*", Reach.TENANTS, "repo:acme-attacker/anything:environment:main"),
        (GITHUB.host, "repo:acme/*", Reach.EVERYTHING, f"repo:acme/anything:{MAIN}"),
        (GITHUB.host, "repo:acme@*", Reach.EVERYTHING, f"repo:acme@1/anything:{MAIN}"),
        (GITHUB.host, "repo:acme/shop*", Reach.NAMES, f"repo:acme/shop-anything:{MAIN}"),
        (GITHUB.host, "repo:acme/shop:*", Reach.CONTEXTS, f"repo:acme/shop:{MAIN}"),
        (GITHUB.host, "repo:acme@*/shop@*:*", Reach.CONTEXTS, f"repo:acme@1/shop@1:{MAIN}"),
        (GITHUB.host, "repo:*@1/*", Reach.EVERYBODY, f"repo:attacker@1/anything:{MAIN}"),
        (GITHUB.host, "repo:*@1/*@2:x", None, ""),
        (GITHUB.host, "repo:acme@*/shop@*:x", None, ""),
        (GITHUB.host, "repo:acme/shop:ref:*", None, ""),
        (GITHUB.host, "repo:acme/shop", None, ""),
        (GITHUB.host, "repository_owner_id:1:*", None, ""),
        (GITHUB.host, "system:serviceaccount:*", None, ""),
        (GITLAB, "project_path:acme*", Reach.TENANTS, "project_path:acme-attacker/anything:ref_type:branch:ref:main"),
        (GITLAB, "project_path:acme/*", Reach.EVERYTHING, "project_path:acme/anything:ref_type:branch:ref:main"),
        (
            TERRAFORM,
            "organization:*:workspace:prod:run_phase:*",
            Reach.EVERYBODY,
            "organization:attacker:project:anything:workspace:prod:run_phase:apply",
        ),
        (TERRAFORM, "organization:acme:workspace:prod:run_phase:*", None, ""),
        (BUILDKITE, "organization:acme:pipeline:shop:*", Reach.CONTEXTS, None),
    ],
)
def test_how_far_a_subject_reaches(host: str, value: str, reach: Reach | None, witness: str | None) -> None:
    found = glob(value)
    assert reach_of(found, grammar(host)) is reach
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{host}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringLike": {f"{host}:sub": value}},
    }
    document = read(wrapped(statement))
    (grant,) = web_identity_grants(document)
    wide = list(wide_tenancy(document, grant, grammar(host)))
    if reach is None:
        assert wide == []
        return
    (one,) = wide
    assert isinstance(one, WideTenancy)
    assert one.reach is reach
    assert witness is None or one.witness == witness
    assert admits_token(document, host, one.witness, None).answer is Answer.YES
    assert glob(grammar(host).pattern).matches(one.witness) is Answer.YES


@given(st.sampled_from(sorted(host for host, shared in HOSTS.items() if shared.subjects)), st.data())
def test_a_subject_made_for_a_pattern_is_one(host: str, data: st.DataObject) -> None:
    spoken = grammar(host)
    pieces = [spoken.parts[0][0], "acme", *(fixed for fixed, _ in spoken.parts[1:]), "shop", "*", "?", "@"]
    found = glob("".join(data.draw(st.lists(st.sampled_from(pieces), max_size=7))))
    for word in ("", FRESH):
        text = subject_in(found, spoken, word)
        if text is not None:
            assert found.matches(text) is Answer.YES
            assert glob(spoken.pattern).matches(text) is Answer.YES


def test_grammars_speak_of_what_they_describe() -> None:
    for shared in SHARED:
        if shared.subjects is None:
            continue
        assert len(shared.subjects.parts) == 3
        every = glob(shared.subjects.pattern)
        assert every.matches(shared.subjects.example) is Answer.YES
        assert every.matches(stranger(shared.subjects)) is Answer.YES


def test_a_cluster_of_ones_own_at_the_host_of_a_shared_issuer_is_not_shared() -> None:
    assert shared_issuer(Issuer(("oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb",))) is not None
    assert shared_issuer(Issuer(("oidc.op1.openshiftapps.com/2abcdefghijklmnopqrstuvwxyz01234",))) is None


ID = "0A1B2C3D4E5F60718293A4B5C6D7E8F9"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (f"oidc.eks.eu-west-1.amazonaws.com/id/{ID}", True),
        (f"oidc.eks.us-gov-west-1.amazonaws.com/id/{ID}", True),
        (f"oidc.eks.cn-north-1.amazonaws.com.cn/id/{ID}", True),
        (f"oidc-eks.eu-west-1.api.aws/id/{ID}", True),
        (f"oidc-eks.cn-north-1.api.amazonwebservices.com.cn/id/{ID}", True),
        (f"oidc-eks.eusc-de-east-1.api.amazonwebservices.eu/id/{ID}", True),
        (f"oidc.eks.us-iso-east-1.c2s.ic.gov/id/{ID}", True),
        (f"oidc.eks.cn-north-1.amazonaws.com/id/{ID}", False),
        (f"oidc.eks.eu-west-1.amazonaws.com.cn/id/{ID}", False),
        (f"oidc.eks.eu-west.amazonaws.com/id/{ID}", False),
        (f"oidc.eks.eu-west-1.amazonaws.com/id/{ID.lower()}", False),
        (f"oidc.eks.eu-west-1.amazonaws.com/id/{ID[:-1]}", False),
        (f"oidc.eks.eu-west-1.amazonaws.com/{ID}", False),
        ("oidc.eks.eu-west-1.amazonaws.com", False),
    ],
)
def test_the_form_of_a_clusters_issuer(text: str, right: bool) -> None:
    assert is_eks(Issuer((text,))) is Answer.YES
    assert (eks_fault(text) is None) is right


def test_an_attribute_of_a_cluster_is_its_issuer() -> None:
    issuer = Hole(
        "known after apply", (Reference("m", "aws_eks_cluster.main", "identity[0].oidc[0].issuer"),), ("replace",)
    )
    name = Hole("known after apply", (Reference("m", "aws_eks_cluster.main", "name"),))
    assert is_eks(Issuer((issuer,))) is Answer.YES
    assert is_eks(Issuer((name,))) is Answer.UNKNOWN
    assert is_eks(Issuer(("gitlab.com",))) is Answer.NO
