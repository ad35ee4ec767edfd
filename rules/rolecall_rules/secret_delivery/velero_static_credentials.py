"""The rule `velero-static-credentials`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.namespaces import Place, place, place_of, same_place
from rolecall.graph.service_accounts import role_annotation
from rolecall.model import ControllerCredentials, ServiceAccount
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar


@rule(
    "velero-static-credentials",
    summary="a credentials file is given to Velero although its service account has a role",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://github.com/vmware-tanzu/velero-plugin-for-aws#setup",
        "https://github.com/vmware-tanzu/helm-charts/blob/main/charts/velero/values.yaml",
        "https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html",
    ),
    tags=("secret-delivery", "static-keys", "precedence"),
)
def velero_static_credentials(subject: ControllerCredentials, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds Velero with a Secret of credentials for AWS and a service account that names a role.

    In the values of its chart: `credentials.useSecret` is not false, and `secretContents`, `existingSecret` or a
    location's `credential` gives a file, beside `serviceAccount.server.annotations` with a role. In manifests: a
    BackupStorageLocation or VolumeSnapshotLocation for AWS with `spec.credential`, where a service account of Velero in
    its namespace is annotated. Key material that is written in the values is `static-key-in-credentials-file`.

    ## Why it matters
    Velero has two sources of credentials and only one of them can win. A location's own `credential` is used for that
    location whatever the service account has. The chart's file is mounted where `AWS_SHARED_CREDENTIALS_FILE` points;
    which of the two counts then depends on the SDK in the plug-in's version. A key that everybody believes replaced by
    a role stays valid, and with it whoever holds a copy.

    ## How to fix it
    Set `credentials.useSecret: false`, leave `credential` out of the locations, revoke the key, and let the role do it.
    """
    if subject.controller != "Velero" or not subject.static or subject.mechanism is None:
        return
    role = subject.role or _role(subject, graph)
    if role is None:
        return
    if subject.origin.is_possible(subject.mechanism.span) or role.known is None:
        yield Unevaluated(f"the credentials of {subject.display}", "whether Velero has a role is not known", role.span)
        return
    at, *others = (subject.mechanism, *(one for one in subject.static if one is not subject.mechanism))
    yield Finding(
        f"{subject.display} give{'' if subject.display.endswith('s') else 's'} Velero a file of credentials"
        f" ({', '.join(one.display for one in subject.static)}) although its service account has a role: static keys"
        " stay in use, or valid, beside it",
        at=Label(at.span, "static credentials"),
        related=(*(Label(one.span, "the file") for one in others), Label(role.span, "the role")),
        help="Set credentials.useSecret to false, take the credential out of the locations, and revoke the key.",
        subject=subject.display,
    )


def _role(subject: ControllerCredentials, graph: Graph) -> Scalar | None:
    """The role of a service account of Velero in the namespace of a location."""
    where: Place = place(subject.namespace, subject.origin)
    for account in graph.all(ServiceAccount):
        entry = role_annotation(account)
        if entry is None or not isinstance(entry.value, Scalar) or "velero" not in account.name.display.lower():
            continue
        if same_place(where, place_of(account)) is Answer.YES:
            return entry.value
    return None
