"""Generated trees for the benchmarks: the same bytes for the same arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "111122223333"

SERVICE_ACCOUNT = """\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: app-{n}
  namespace: team-{team}
  annotations:
    eks.amazonaws.com/role-arn: arn:aws:iam::{account}:role/app-{n}
"""

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{n}
  namespace: team-{team}
  labels:
    app: app-{n}
spec:
  replicas: 2
  selector:
    matchLabels:
      app: app-{n}
  template:
    metadata:
      labels:
        app: app-{n}
    spec:
      serviceAccountName: app-{n}
      containers:
        - name: app
          image: registry.example/app-{n}:1.0.{n}
          ports:
            - containerPort: 8080
          env:
            - name: LOG_LEVEL
              value: info
{environment}          resources:
            requests:
              cpu: 100m
              memory: 128Mi
"""

KEYS = """\
apiVersion: v1
kind: Secret
metadata:
  name: keys-{n}
  namespace: team-{team}
stringData:
  AWS_ACCESS_KEY_ID: AKIAQ2W3E4R5T6Y7{tail}
  AWS_SECRET_ACCESS_KEY: q8Zr4TnVb2Xw7Lk3Pd9Sf5Hg1Jy6Mc0Ea4R{tail}u
"""

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: app-{n}
  namespace: team-{team}
spec:
  selector:
    app: app-{n}
  ports:
    - port: 80
      targetPort: 8080
"""

PLAIN = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings-{n}
  namespace: team-{team}
data:
  level: info
  features: "a,b,c"
  limits.yaml: |
    requests: {n}
    burst: 10
"""

WRONG = (
    "            - name: AWS_ROLE_ARN\n              value: arn:aws:iam::{account}:role/app-{n}\n",
    (
        "            - name: AWS_ACCESS_KEY_ID\n              valueFrom:\n                secretKeyRef:\n"
        "                  name: keys-{n}\n                  key: AWS_ACCESS_KEY_ID\n"
        "            - name: AWS_SECRET_ACCESS_KEY\n              valueFrom:\n                secretKeyRef:\n"
        "                  name: keys-{n}\n                  key: AWS_SECRET_ACCESS_KEY\n"
    ),
)


def _tail(number: int) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    return "".join(alphabet[number >> shift & 31] for shift in (15, 10, 5, 0))


def identity_documents(root: Path, documents: int) -> None:
    """`documents` Kubernetes documents in files of four; a tenth of the applications is wrong."""
    for n in range(documents // 4):
        team = n % 40
        environment = ""
        extra = SERVICE
        if n % 10 == 0:
            environment = WRONG[n // 10 % len(WRONG)].format(n=n, account=ACCOUNT)
            extra = KEYS
        parts = (SERVICE_ACCOUNT, DEPLOYMENT, extra, PLAIN)
        text = "---\n".join(
            part.format(n=n, team=team, account=ACCOUNT, environment=environment, tail=_tail(n)) for part in parts
        )
        path = root / f"team-{team}" / f"app-{n}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def production_tree(root: Path, files: int, relevant: int) -> None:
    """`files` small manifests, of which `relevant` concern AWS."""
    step = files // relevant
    kinds = (SERVICE, PLAIN, DEPLOYMENT.replace("      serviceAccountName: app-{n}\n", ""))
    for n in range(files):
        team = n % 200
        text = kinds[n % len(kinds)].format(n=n, team=team, environment="")
        if n % step == 0:
            environment = WRONG[0].format(n=n, account=ACCOUNT) if n // step % 10 == 0 else ""
            text = "---\n".join(
                part.format(n=n, team=team, account=ACCOUNT, environment=environment)
                for part in (SERVICE_ACCOUNT, DEPLOYMENT)
            )
        path = root / f"ns-{team}" / f"object-{n}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
