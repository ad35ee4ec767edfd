"""How linking, rules and chains grow with the world: seconds of processor time beyond reading, for three sizes.

    python -m tests.benchmarks.scale [SIZE …]

A world of N workloads has N/5 service accounts, N/10 roles with trust policies, a Secret for each tenth workload, and a
Pod Identity association for each second account. One core, no children.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from rolecall import engine, registry
from rolecall.chain import chain_of
from rolecall.chain.identities import identities
from rolecall.graph import Graph
from rolecall.graph.views import PodContainer
from rolecall.judge import judge
from rolecall.workspace import Workspace

SIZES = (1_000, 5_000, 20_000)
_ISSUER = "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"

_ACCOUNT = """apiVersion: v1
kind: ServiceAccount
metadata:
  name: sa{n}
  namespace: ns{space}
  annotations: {{eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/r{role}"}}
---
"""
_WORKLOAD = """apiVersion: apps/v1
kind: Deployment
metadata: {{name: w{n}, namespace: ns{space}}}
spec:
  selector: {{matchLabels: {{app: w{n}}}}}
  template:
    metadata: {{labels: {{app: w{n}}}}}
    spec:
      serviceAccountName: sa{account}
      containers:
        - name: app
          image: registry.example.com/app:{n}
          env:
            - {{name: AWS_REGION, value: eu-west-1}}
            - {{name: BUCKET, value: b{n}}}
          envFrom: {sources}
---
"""
_KEYS = """apiVersion: v1
kind: Secret
metadata: {{name: s{n}, namespace: ns{space}}}
stringData: {{AWS_ACCESS_KEY_ID: AKIAY34FZKBOKMUTVV7A, AWS_SECRET_ACCESS_KEY: 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}}
---
"""
_ROLE = """resource "aws_iam_role" "r{n}" {{
  name = "r{n}"
  assume_role_policy = jsonencode({{ Statement = [{{
    Effect    = "Allow"
    Action    = "sts:AssumeRoleWithWebIdentity"
    Principal = {{ Federated = "arn:aws:iam::111122223333:oidc-provider/{issuer}" }}
    Condition = {{ StringEquals = {{
      "{issuer}:sub" = ["system:serviceaccount:ns{space}:sa{account}"]
      "{issuer}:aud" = "sts.amazonaws.com"
    }} }}
  }}] }})
}}

resource "aws_iam_role_policy" "r{n}" {{
  role   = aws_iam_role.r{n}.id
  policy = jsonencode({{
    Statement = [{{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::b{n}/*" }}]
  }})
}}
"""
_ASSOCIATION = """resource "aws_eks_pod_identity_association" "a{n}" {{
  cluster_name    = "live"
  namespace       = "ns{space}"
  service_account = "sa{n}"
  role_arn        = aws_iam_role.r{role}.arn
}}
"""


def tree(root: Path, workloads: int) -> None:
    """A world of that many workloads: files of five hundred objects."""
    accounts, roles = workloads // 5, workloads // 10
    spaces = max(1, accounts // 10)
    objects = [_ACCOUNT.format(n=n, space=n % spaces, role=n % roles) for n in range(accounts)]
    for n in range(workloads):
        account = n % accounts
        keyed = n % 10 == 0
        sources = f"[{{secretRef: {{name: s{n}}}}}]" if keyed else "[]"
        objects.append(_WORKLOAD.format(n=n, space=account % spaces, account=account, sources=sources))
        if keyed:
            objects.append(_KEYS.format(n=n, space=account % spaces))
    for start in range(0, len(objects), 500):
        (root / f"all{start}.yaml").write_text("".join(objects[start : start + 500]), encoding="utf-8")
    blocks = [_ROLE.format(n=n, issuer=_ISSUER, space=n % spaces, account=n) for n in range(roles)]
    blocks += [_ASSOCIATION.format(n=n, space=n % spaces, role=n % roles) for n in range(0, accounts, 2)]
    (root / "main.tf").write_text("".join(blocks), encoding="utf-8")


def measure(workloads: int) -> tuple[float, float, float]:
    """Seconds to link and judge, to work out the chains that no rule has asked for, and to draw the graph."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    rules = registry.load().rules
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        tree(root, workloads)
        world = engine.read([str(root)], Workspace(root))
    # A graph of its own, so that nothing is linked yet.
    graph = Graph(world.graph.facts)
    started = time.process_time()
    judge(rules, graph)
    judged = time.process_time()
    for container in graph.all(PodContainer):
        chain_of(container, graph)
    chained = time.process_time()
    identities(graph)
    return judged - started, chained - judged, time.process_time() - chained


def main() -> None:
    """Print a line a size."""
    for size in tuple(map(int, sys.argv[1:])) or SIZES:
        judged, chained, drawn = measure(size)
        print(
            f"{size:>6} workloads: rules {judged:6.2f} s, chains {chained:5.2f} s, graph {drawn:5.2f} s;"
            f" {1000 * (judged + chained + drawn) / size:.2f} ms a workload"
        )


if __name__ == "__main__":
    main()
