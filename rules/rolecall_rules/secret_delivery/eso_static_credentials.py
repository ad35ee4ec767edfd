"""The rule `eso-static-credentials`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.model import ControllerCredentials
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.secret_delivery._shared import is_emulated


@rule(
    "eso-static-credentials",
    summary="a store of External Secrets reads AWS with static keys",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=("https://external-secrets.io/latest/provider/aws-access/",),
    tags=("secret-delivery", "static-keys"),
)
def eso_static_credentials(subject: ControllerCredentials, graph: Graph) -> Iterator[Finding]:
    """Finds secret stores for AWS, and generators of tokens for ECR and STS, with `auth.secretRef`.

    Nothing is said where a container of these files points External Secrets at an emulator
    (`AWS_SECRETSMANAGER_ENDPOINT` and its like).

    ## Why it matters
    A key that never expires lies in the cluster to fetch all other secrets. Whoever may read Secrets in its namespace,
    and any backup of etcd, has it, from anywhere.

    ## How to fix it
    Use `auth.jwt.serviceAccountRef` with an annotated service account, or give the controller's own service account a
    role by Pod Identity or IRSA and leave `auth` out. Then delete the key.
    """
    if subject.controller != "External Secrets" or not subject.static or is_emulated(graph):
        return
    first, *others = subject.static
    store = subject.display
    yield Finding(
        f"{store} reads AWS with static keys from Secret {first.display}: they never expire, and whoever may read that"
        " Secret can fetch everything that they open",
        at=Label(first.span, "a Secret with static keys"),
        related=tuple(Label(other.span, "the other half") for other in others),
        help="Use auth.jwt.serviceAccountRef, or a role of the controller's service account, and delete the key.",
        subject=store,
    )
