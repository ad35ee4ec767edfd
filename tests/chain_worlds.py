"""Pods for tests of the credential chain: what a container is given, by name, as one manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.chain import chain_of
from rolecall.graph import Graph
from tests import kubernetes_worlds
from tests.terraform_worlds import read

if TYPE_CHECKING:
    from rolecall.chain import Chain

ROLE = "arn:aws:iam::111122223333:role/app"
KEY_ID = "AKIAY34FZKBOKMUTVV7A"
SECRET = "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"  # noqa: S105 - made up

KEYS = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}
WEB = {"AWS_ROLE_ARN": ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/token"}
FULL = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9911/"}
RELATIVE = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/1"}
CREDENTIALS = f"[default]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET}\n"
CHAINED = f"[default]\nrole_arn = {ROLE}\nsource_profile = base\n" + CREDENTIALS.replace("default", "base")

ANNOTATED = f"""
apiVersion: v1
kind: ServiceAccount
metadata:
  name: app
  namespace: pay
  annotations:
    eks.amazonaws.com/role-arn: {ROLE}
"""
PLAIN = """
apiVersion: v1
kind: ServiceAccount
metadata:
  name: app
  namespace: pay
"""
ASSOCIATION = """
resource "aws_eks_pod_identity_association" "app" {
  cluster_name    = "live"
  namespace       = "pay"
  service_account = "app"
  role_arn        = "arn:aws:iam::111122223333:role/associated"
}
"""
CLOSED_NODES = """
resource "aws_eks_node_group" "nodes" {
  cluster_name  = "live"
  node_role_arn = "arn:aws:iam::111122223333:role/nodes"
  launch_template { id = aws_launch_template.nodes.id }
}
resource "aws_launch_template" "nodes" {
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
}
"""
OPEN_NODES = CLOSED_NODES.replace("hop_limit = 1", "hop_limit = 2")


def pod(env: dict[str, str] | None = None, file: str = "", more: str = "", metadata: str = "") -> str:
    """A pod of service account app in namespace pay; `file` is mounted as ~/.aws/credentials of root."""
    lines = ["apiVersion: v1", "kind: Pod", "metadata:", "  name: app", "  namespace: pay"]
    lines += [f"  {line}" for line in metadata.splitlines()]
    lines += ["spec:", "  serviceAccountName: app"]
    lines += [f"  {line}" for line in more.splitlines()]
    lines += ["  containers:", "    - name: app", "      image: app:1"]
    if env:
        lines.append("      env:")
        for name, value in env.items():
            lines.append(f'        - {{name: {name}, value: "{value}"}}')
    if file:
        lines += ["      volumeMounts:", "        - {name: aws, mountPath: /root/.aws}"]
        lines += ["  volumes:", "    - {name: aws, secret: {secretName: files}}", "---"]
        lines += ["apiVersion: v1", "kind: Secret", "metadata: {name: files, namespace: pay}", "stringData:"]
        lines += ["  credentials: |", *(f"    {line}" for line in file.splitlines())]
    return "\n".join(lines) + "\n"


def world(*manifests: str, terraform: str = "") -> Graph:
    """A world of these manifests, all in one file, and of a Terraform file."""
    facts = [kubernetes_worlds.facts("\n---\n".join(manifests))]
    return Graph([read(terraform), *facts]) if terraform else Graph(facts)


def chain(*manifests: str, terraform: str = "") -> Chain:
    """The chain of the one container of such a world."""
    graph = world(*manifests, terraform=terraform)
    return chain_of(kubernetes_worlds.only(graph), graph)


def winners(found: Chain) -> dict[str, str]:
    """What wins in each SDK, as a word; `fails` behind it where the SDK stops there."""
    return {
        outcome.sdk.name: (outcome.winner.source.name if outcome.winner is not None else "NOTHING")
        + (" fails" if outcome.fails else "")
        for outcome in found.outcomes
    }
