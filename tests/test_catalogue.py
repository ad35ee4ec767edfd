"""The catalogue of actions and managed policies, and the globs over it."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolecall.iam.catalogue import Level, action, expand, is_managed, managed_statements
from rolecall.iam.globs import matcher, takes_in
from tests.fixtures import ROOT

DATA = ROOT / "linter" / "rolecall" / "iam" / "data"
MOST_BYTES = 1_500_000


@pytest.mark.parametrize(
    ("name", "level", "on_resources"),
    [
        ("s3:GetObject", Level.READ, True),
        ("s3:ListAllMyBuckets", Level.LIST, False),
        ("EC2:describeinstances", Level.LIST, False),
        ("ec2:TerminateInstances", Level.WRITE, True),
        ("iam:PassRole", Level.PERMISSIONS, True),
        ("ec2:CreateTags", Level.TAGGING, True),
        ("cloudwatch:PutMetricData", Level.WRITE, False),
    ],
)
def test_actions_have_levels(name: str, level: Level, on_resources: bool) -> None:
    found = action(name)
    assert found is not None
    assert (found.name.lower(), found.level, found.on_resources) == (name.lower(), level, on_resources)


@pytest.mark.parametrize("name", ["s3:GetObjects", "nothing:Get", "s3", "", ":"])
def test_what_is_no_action(name: str) -> None:
    assert action(name) is None
    assert expand(name) == ()


def test_patterns_expand() -> None:
    assert {found.name for found in expand("sqs:*Message")} == {
        "sqs:DeleteMessage",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
    }
    assert [found.name for found in expand("SQS:sendmessage")] == ["sqs:SendMessage"]
    sources = json.loads((DATA / "sources.json").read_text())
    assert len(expand("*")) == len(expand("*:*")) == sources["actions"]["count"]


def test_managed_policies_are_whole() -> None:
    (statement,) = managed_statements("AdministratorAccess") or ()
    assert (statement["Effect"], statement["Action"], statement["Resource"]) == ("Allow", "*", "*")
    assert managed_statements("AmazonSomethingNew") is None
    names = ("AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonSSMManagedInstanceCore")
    assert all(map(is_managed, names))
    assert not is_managed("")


def test_the_data_is_small_and_says_where_it_is_from() -> None:
    assert sum(path.stat().st_size for path in DATA.iterdir()) < MOST_BYTES
    sources = json.loads((DATA / "sources.json").read_text())
    pinned = dict(
        line.split("==")
        for line in (ROOT / "tools" / "requirements.txt").read_text().splitlines()
        if not line.startswith("#")
    )
    assert {each["package"]: each["version"] for each in (sources["actions"], sources["policies"])} == pinned


def test_nothing_is_read_before_it_is_asked_for() -> None:
    code = "import rolecall.iam.permissions, rolecall.graph.nodes"
    code += "; from rolecall.iam import catalogue; print(catalogue._services.cache_info().currsize)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.split()[-1] == "0"


GLOB, TEXT = st.text("ab*?", max_size=8), st.text("ab", max_size=8)


@given(GLOB, TEXT)
def test_globs_match_as_regular_expressions_do(pattern: str, text: str) -> None:
    plain = re.fullmatch(pattern.replace("*", ".*").replace("?", "."), text) is not None
    assert matcher(pattern)(text) is plain


@given(GLOB, GLOB, TEXT)
def test_a_pattern_that_takes_another_in_holds_all_that_it_holds(outer: str, inner: str, text: str) -> None:
    # Here a `?` stands only for itself on the outside.
    if "?" not in outer and takes_in(outer, inner) and matcher(inner)(text):
        assert matcher(outer)(text)
