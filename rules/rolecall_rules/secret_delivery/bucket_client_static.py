"""The rule `bucket-client-static`."""

from collections.abc import Iterator

from rolecall.model import BucketClient
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule


@rule(
    "bucket-client-static",
    summary="a client of S3 is given static keys in its own configuration",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://grafana.com/docs/loki/latest/configure/storage/",
        "https://thanos.io/tip/thanos/storage.md/",
        "https://argo-workflows.readthedocs.io/en/latest/configure-artifact-repository/",
        "https://hadoop.apache.org/docs/stable/hadoop-aws/tools/hadoop-aws/index.html",
    ),
    yields_to=(
        "static-key-literal",
        "temporary-key-committed",
        "static-key-in-configmap",
        "static-key-in-credentials-file",
        "helm-values-aws-key",
    ),
    tags=("secret-delivery", "static-keys"),
)
def bucket_client_static(client: BucketClient) -> Iterator[Finding]:
    """Finds keys for S3 in the settings of Loki, Mimir, Tempo, Thanos, Argo Workflows, Spark and CloudNativePG.

    The settings are files in ConfigMaps and Secrets (in base64, too), custom resources, and the values of charts. The
    keys may be written there, come from a Secret, or be filled in by a variable. Silent where the endpoint is that
    of another store, where none is written that the client needs, and where the keys are switched off (`useSDKCreds`,
    `inheritFromIAMRole`).

    ## Why it matters
    Keys in a client's own configuration come before everything that its SDK would find: the role that the pod has by
    IRSA or Pod Identity is never used. The key works from anywhere until somebody rotates it.

    ## How to fix it
    Leave both settings out (in Argo Workflows set `useSDKCreds`, in CloudNativePG `inheritFromIAMRole`), and give the
    service account a role.
    """
    store, apart = client.endpoint, client.secret.span != client.key_id.span
    yield Finding(
        f"a client of S3 in {client.display} is given static keys: they come before the role of the pod, and work from"
        " anywhere until somebody rotates them",
        at=Label(client.key_id.span, "a static key", secret=client.written),
        related=(
            *((Label(client.secret.span, "and its secret", secret=client.written),) if apart else ()),
            *((Label(store.span, "the store is AWS"),) if store is not None and apart else ()),
        ),
        help="Leave the keys out, and give the service account a role.",
        subject=f"{client.display} {client.key_id.display}",
    )
