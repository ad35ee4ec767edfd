"""The credential chain: the webhook's cases one by one, each SDK's order, what is passed over and what stops it."""

from __future__ import annotations

import pytest

from rolecall.answer import Answer
from rolecall.chain import SDKS, Chain, Mechanism, Source, chain_of
from rolecall.chain.sentences import sentence
from rolecall.graph.views import PodContainer
from tests.chain_worlds import (
    ANNOTATED,
    ASSOCIATION,
    CHAINED,
    CLOSED_NODES,
    CREDENTIALS,
    FULL,
    KEYS,
    OPEN_NODES,
    PLAIN,
    RELATIVE,
    ROLE,
    WEB,
    chain,
    pod,
    winners,
    world,
)

NAMES = [sdk.name for sdk in SDKS]
# Who keeps which order, written down a second time, from the SDKs' documentation.
FILES_BEFORE_WEB = {"JavaScript v3", "Rust", "Kotlin", "C++"}
GOES_ON = {"Java v2", "Kotlin", "C++", "PHP"}
ASKS_BOTH = {"Java v2", "Kotlin"}
KEY_WORDS = "the static key AKIA…VV7A of account 609629065308"


def all_but(names: set[str], usual: str, other: str) -> dict[str, str]:
    return {name: other if name in names else usual for name in NAMES}


@pytest.mark.parametrize(
    ("found", "mechanism", "certain"),
    [
        (chain(ANNOTATED, pod()), Mechanism.IRSA, Answer.YES),
        (chain(PLAIN, pod(), terraform=ASSOCIATION), Mechanism.POD_IDENTITY, Answer.YES),
        (chain(ANNOTATED, pod(), terraform=ASSOCIATION), Mechanism.POD_IDENTITY, Answer.YES),
        (chain(PLAIN, pod()), Mechanism.NONE, Answer.YES),
        (chain(PLAIN.replace("name: app", "name: other"), pod()), Mechanism.NONE, Answer.UNKNOWN),
        (chain(pod()), Mechanism.NONE, Answer.UNKNOWN),
        (chain(ANNOTATED.replace(ROLE, '""'), pod()), Mechanism.NONE, Answer.YES),
        (
            chain(ANNOTATED, pod(metadata='labels: {eks.amazonaws.com/skip-pod-identity-webhook: "true"}')),
            Mechanism.NONE,
            Answer.YES,
        ),
        (
            chain(ANNOTATED, pod(metadata="annotations: {eks.amazonaws.com/skip-containers: 'a,app'}")),
            Mechanism.NONE,
            Answer.YES,
        ),
        # The names are compared as they are: a blank belongs to one.
        (
            chain(ANNOTATED, pod(metadata="annotations: {eks.amazonaws.com/skip-containers: 'a, app'}")),
            Mechanism.IRSA,
            Answer.YES,
        ),
        (chain(ANNOTATED, pod({"AWS_ROLE_ARN": ROLE})), Mechanism.NONE, Answer.YES),
        (chain(ANNOTATED, pod({"AWS_WEB_IDENTITY_TOKEN_FILE": ""})), Mechanism.NONE, Answer.YES),
        (chain(ANNOTATED, pod(FULL)), Mechanism.IRSA, Answer.YES),
        (chain(PLAIN, pod(FULL), terraform=ASSOCIATION), Mechanism.NONE, Answer.YES),
        (
            chain(PLAIN, pod({"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/t"}), terraform=ASSOCIATION),
            Mechanism.NONE,
            Answer.YES,
        ),
        (chain(PLAIN, pod(WEB), terraform=ASSOCIATION), Mechanism.POD_IDENTITY, Answer.YES),
    ],
)
def test_what_the_webhook_injects(found: Chain, mechanism: Mechanism, certain: Answer) -> None:
    assert (found.webhook.mechanism, found.webhook.certain) == (mechanism, certain)


def test_init_containers_get_it_and_ephemeral_ones_do_not() -> None:
    text = pod().replace("  containers:", "  initContainers: [{name: first, image: b:1}]\n  containers:")
    more = "  ephemeralContainers: [{name: debug, image: c:1}]\n"
    graph = world(ANNOTATED, text + more)
    found = {one.container.name.display: chain_of(one, graph) for one in graph.all(PodContainer)}
    assert {name: one.webhook.mechanism for name, one in found.items()} == {
        "first": Mechanism.IRSA,
        "app": Mechanism.IRSA,
        "debug": Mechanism.NONE,
    }


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        # Everything at once, then what comes next, one taken away after the other.
        (chain(ANNOTATED, pod({**KEYS, **FULL}, CREDENTIALS)), all_but({".NET v3"}, "KEYS", "WEB_IDENTITY")),
        (chain(ANNOTATED, pod(FULL, CREDENTIALS)), all_but(FILES_BEFORE_WEB, "WEB_IDENTITY", "PROFILE")),
        (
            chain(ANNOTATED, pod(FULL, CHAINED)),
            all_but({*FILES_BEFORE_WEB, "Python and the AWS CLI"}, "WEB_IDENTITY", "PROFILE_ROLE"),
        ),
        (chain(ANNOTATED, pod(FULL)), all_but(set(), "WEB_IDENTITY", "")),
        (chain(PLAIN, pod(None, CREDENTIALS), terraform=ASSOCIATION), all_but(set(), "PROFILE", "")),
        (chain(PLAIN, pod(KEYS), terraform=ASSOCIATION), all_but(set(), "KEYS", "")),
        (chain(PLAIN, pod(KEYS, CREDENTIALS)), all_but({".NET v3"}, "KEYS", "PROFILE")),
        (chain(PLAIN, pod(WEB), terraform=ASSOCIATION), all_but(set(), "WEB_IDENTITY", "")),
        (chain(PLAIN, pod(), terraform=ASSOCIATION), all_but(set(), "FULL_URI", "")),
        (chain(PLAIN, pod(FULL)), all_but(set(), "FULL_URI", "")),
        (chain(PLAIN, pod(), terraform=OPEN_NODES), all_but(set(), "METADATA", "")),
        (chain(PLAIN, pod(), terraform=CLOSED_NODES), all_but(set(), "NOTHING", "")),
        (chain(PLAIN, pod()), all_but(set(), "NOTHING", "")),
        # With a profile named, JavaScript does not look at the keys.
        (
            chain(PLAIN, pod({**KEYS, "AWS_PROFILE": "default"}, CREDENTIALS)),
            all_but({"JavaScript v3", ".NET v3"}, "KEYS", "PROFILE"),
        ),
        # Other names, which only some read.
        (
            chain(PLAIN, pod({"AWS_ACCESS_KEY": KEYS["AWS_ACCESS_KEY_ID"], "AWS_SECRET_KEY": "x" * 39 + "Y"})),
            all_but({"Go v2"}, "NOTHING", "NOTHING"),
        ),
        # Half of a key stops Python, and the others go on.
        (
            chain(ANNOTATED, pod({"AWS_ACCESS_KEY_ID": KEYS["AWS_ACCESS_KEY_ID"]})),
            all_but({"Python and the AWS CLI"}, "WEB_IDENTITY", "KEYS fails"),
        ),
        (chain(ANNOTATED, pod({**KEYS, "AWS_ACCESS_KEY_ID": ""})), all_but(set(), "WEB_IDENTITY", "")),
        # A token file without a role.
        (
            chain(PLAIN, pod({"AWS_WEB_IDENTITY_TOKEN_FILE": "/t"}), terraform=OPEN_NODES),
            all_but({"Python and the AWS CLI", "Go v2"}, "METADATA", "WEB_IDENTITY fails"),
        ),
        (chain(PLAIN, pod({"AWS_ROLE_ARN": ROLE}), terraform=OPEN_NODES), all_but(set(), "METADATA", "")),
        # A variable of ECS comes before Pod Identity, but in Go; what is not reached at its address is not asked at
        # the other one.
        (
            chain(PLAIN, pod(RELATIVE), terraform=ASSOCIATION + OPEN_NODES),
            {
                **all_but(ASKS_BOTH, "RELATIVE_URI fails", "METADATA"),
                "Go v2": "FULL_URI",
                "C++": "NOTHING",
                "PHP": "NOTHING",
            },
        ),
    ],
)
def test_who_wins(found: Chain, expected: dict[str, str]) -> None:
    assert winners(found) == expected


REFUSING = """
resource "aws_iam_role" "app" {
  name = "app"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A" }
      Condition = { StringEquals = {
        "oidc.eks.eu-west-1.amazonaws.com/id/A:sub" = "system:serviceaccount:pay:other"
      } }
    }]
  })
}
"""


def test_a_role_that_refuses_is_an_error_or_gives_way() -> None:
    found = chain(ANNOTATED, pod(), terraform=REFUSING + OPEN_NODES)
    assert winners(found) == all_but(GOES_ON, "WEB_IDENTITY fails", "METADATA")
    text = sentence(found)
    assert "the trust policy of role app does not admit this service account" in text
    admitting = REFUSING.replace("pay:other", "pay:app")
    assert winners(chain(ANNOTATED, pod(), terraform=admitting)) == all_but(set(), "WEB_IDENTITY", "")


def test_a_refused_pod_identity_gives_way_only_where_both_are_asked() -> None:
    """C++ and PHP do not ask the metadata service once a URI is set."""
    role = REFUSING.replace('"app"', '"associated"')
    found = chain(PLAIN, pod(), terraform=ASSOCIATION + role + OPEN_NODES)
    assert winners(found) == {
        name: "METADATA" if name in ASKS_BOTH else "NOTHING" if name in GOES_ON else "FULL_URI fails" for name in NAMES
    }


@pytest.mark.parametrize(
    ("value", "present"),
    [("true", Answer.NO), ("TRUE", Answer.NO), ("false", Answer.YES), ("1", Answer.YES), ("", Answer.YES)],
)
def test_metadata_turned_off(value: str, present: Answer) -> None:
    found = chain(PLAIN, pod({"AWS_EC2_METADATA_DISABLED": value}), terraform=OPEN_NODES)
    assert found.step(Source.METADATA).present is present


FARGATE = """
resource "aws_eks_fargate_profile" "pay" {
  cluster_name = "live"
  pod_execution_role_arn = "arn:aws:iam::111122223333:role/fargate"
  selector { namespace = "pay" }
}
"""


@pytest.mark.parametrize(
    ("found", "present"),
    [
        (chain(PLAIN, pod(), terraform=OPEN_NODES), Answer.YES),
        (chain(PLAIN, pod(), terraform=CLOSED_NODES), Answer.NO),
        (chain(PLAIN, pod(more="hostNetwork: true"), terraform=CLOSED_NODES), Answer.YES),
        (chain(PLAIN, pod(), terraform=OPEN_NODES + FARGATE), Answer.NO),
        (chain(PLAIN, pod(), terraform=OPEN_NODES + FARGATE.replace('"pay"', '"other"')), Answer.YES),
        (chain(PLAIN, pod()), Answer.UNKNOWN),
        (
            chain(
                PLAIN,
                pod(),
                "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: out, namespace: pay}\n"
                "spec: {podSelector: {}, policyTypes: [Egress], egress: []}\n",
                terraform=OPEN_NODES,
            ),
            Answer.UNKNOWN,
        ),
    ],
)
def test_whether_a_pod_reaches_the_metadata(found: Chain, present: Answer) -> None:
    assert found.step(Source.METADATA).present is present


def test_what_is_not_seen_may_come_first() -> None:
    text = pod().replace("image: app:1", "image: app:1\n      envFrom: [{secretRef: {name: unseen}}]")
    found = chain(ANNOTATED, text)
    assert winners(found) == all_but(set(), "WEB_IDENTITY", "")
    python = next(one for one in found.outcomes if one.sdk.name.startswith("Python"))
    assert [step.source for step in python.maybe] == [Source.KEYS]
    assert "its envFrom takes unseen, which is not among the files" in sentence(found)


def test_a_profile_that_is_not_mounted_may_stop_those_that_load_it_first() -> None:
    found = chain(ANNOTATED, pod({"AWS_PROFILE": "prod"}))
    unsure = {outcome.sdk.name for outcome in found.outcomes if not outcome.certain}
    assert unsure >= {"Python and the AWS CLI", "Go v2"}
    assert "PHP" not in unsure


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (
            chain(ANNOTATED, pod(KEYS)),
            f"uses {KEY_WORDS} in every SDK but .NET v3; with .NET v3 it becomes role app (IRSA)",
        ),
        (
            chain(PLAIN, pod(), terraform=ASSOCIATION + CLOSED_NODES),
            "becomes role associated (Pod Identity)",
        ),
        (
            chain(PLAIN, pod(), terraform=ASSOCIATION + OPEN_NODES),
            "becomes role associated (Pod Identity); without that, it would be its node's role",
        ),
        (chain(PLAIN, pod(), terraform=CLOSED_NODES), "gets no credentials"),
        (chain(PLAIN, pod(), terraform=OPEN_NODES), "becomes its node's role"),
        (
            chain(PLAIN, pod(None, CREDENTIALS), terraform=CLOSED_NODES),
            "uses the keys in Secret pay/files",
        ),
    ],
)
def test_the_sentence(found: Chain, expected: str) -> None:
    assert sentence(found) == f"container app of Pod pay/app {expected}"


def test_every_row_has_an_order_of_its_own_sources_and_a_source() -> None:
    for sdk in SDKS:
        assert sorted(source.name for source in sdk.order) == sorted(source.name for source in Source)
        assert sdk.source.startswith("https://")
    assert len(set(NAMES)) == len(NAMES)
