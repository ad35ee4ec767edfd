"""Pods for tests of the credential chain: what a container is given, by name, as one manifest."""

from __future__ import annotations

from dataclasses import dataclass

from rolecall.chain import Chain, Mechanism, chain_of
from rolecall.chain.webhook import IRSA_PAIR, POD_IDENTITY_PAIR
from rolecall.graph import Graph
from tests import kubernetes_worlds
from tests.terraform_worlds import read

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


@dataclass(frozen=True)
class Case:
    """A world that an SDK's own resolver is tried on; `files` is what `~/.aws/credentials` holds."""

    name: str
    chain: Chain
    files: str = ""


_INJECTED = {
    Mechanism.NONE: (),
    Mechanism.IRSA: tuple(zip(IRSA_PAIR, (ROLE, "/var/run/token"), strict=True)),
    Mechanism.POD_IDENTITY: tuple(
        zip(POD_IDENTITY_PAIR, ("http://169.254.170.23/v1/credentials", "/var/run/token"), strict=True)
    ),
}


def environment(found: Chain) -> dict[str, str]:
    """What the container's processes see: its own variables, the webhook's over them."""
    seen = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_ACCESS_KEY": KEY_ID}
    made = {}
    for variable in found.container.environment.variables:
        text = variable.value.known if variable.value is not None else None
        made[variable.name] = text if text is not None and "…" not in text and "*" not in text else seen[variable.name]
    return made | dict(_INJECTED[found.webhook.mechanism])


_HALF = {"AWS_ACCESS_KEY_ID": KEY_ID}
_TOKEN = {"AWS_WEB_IDENTITY_TOKEN_FILE": "/t"}

CASES = (
    Case("all", chain(ANNOTATED, pod({**KEYS, **FULL}, CREDENTIALS)), CREDENTIALS),
    Case("role", chain(ANNOTATED, pod()), ""),
    Case("file", chain(ANNOTATED, pod(None, CREDENTIALS)), CREDENTIALS),
    Case("chained", chain(ANNOTATED, pod(None, CHAINED)), CHAINED),
    Case("association", chain(PLAIN, pod(), terraform=ASSOCIATION), ""),
    Case("association and file", chain(PLAIN, pod(None, CREDENTIALS), terraform=ASSOCIATION), CREDENTIALS),
    Case("association and keys", chain(PLAIN, pod(KEYS), terraform=ASSOCIATION), ""),
    Case("association and web identity", chain(PLAIN, pod(WEB), terraform=ASSOCIATION), ""),
    Case("both", chain(ANNOTATED, pod(), terraform=ASSOCIATION), ""),
    Case("own address", chain(PLAIN, pod(FULL)), ""),
    Case("empty key", chain(ANNOTATED, pod({**KEYS, "AWS_ACCESS_KEY_ID": ""})), ""),
    Case("half a key", chain(ANNOTATED, pod(_HALF)), ""),
    Case("token alone", chain(PLAIN, pod(_TOKEN), terraform=OPEN_NODES), ""),
    Case("role alone", chain(ANNOTATED, pod({"AWS_ROLE_ARN": ROLE}), terraform=OPEN_NODES), ""),
    Case("metadata", chain(PLAIN, pod(), terraform=OPEN_NODES), ""),
    Case("no metadata", chain(PLAIN, pod({"AWS_EC2_METADATA_DISABLED": "TRUE"}), terraform=OPEN_NODES), ""),
    Case("metadata all the same", chain(PLAIN, pod({"AWS_EC2_METADATA_DISABLED": "1"}), terraform=OPEN_NODES), ""),
    Case("other names", chain(PLAIN, pod({"AWS_ACCESS_KEY": KEY_ID}), terraform=OPEN_NODES), ""),
    Case("profile", chain(PLAIN, pod({"AWS_PROFILE": "default", **KEYS}, CREDENTIALS)), CREDENTIALS),
)
