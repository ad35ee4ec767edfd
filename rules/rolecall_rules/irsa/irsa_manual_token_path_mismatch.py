"""The rule `irsa-manual-token-path-mismatch`."""

from collections.abc import Iterator

from rolecall.chain.variables import entry_of
from rolecall.chain.webhook import IRSA_PAIR
from rolecall.graph.views import PodContainer
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.irsa._tokens import DEFAULT, KUBERNETES, mounted_at, token_at


@rule(
    "irsa-manual-token-path-mismatch",
    summary="AWS_WEB_IDENTITY_TOKEN_FILE points to a file that no volume holds",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html",
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/",
    ),
    tags=("irsa",),
)
def irsa_manual_token_path_mismatch(subject: PodContainer) -> Iterator[Finding | Unevaluated]:
    """Finds containers that set the path of their token by hand to where no projected token is mounted.

    Silent where something else is mounted there, which may write the file (Vault, SPIFFE, a sidecar), where the service
    account is annotated and the path is the one that EKS uses, and for the API server's own token, which
    `irsa-manual-token-wrong-audience` looks at.

    ## Why it matters
    The SDK reads the file when it first needs credentials. It is not there, and the SDKs for Python, Go, JavaScript and
    Rust stop with an error; Java, PHP and C++ go on to the next source, often the node's role.

    ## How to fix it
    Mount a projected `serviceAccountToken` there, or annotate the service account and remove the variable.
    """
    entry = entry_of(subject, IRSA_PAIR[1])
    path = entry.value.known if entry is not None and entry.value is not None else None
    if entry is None or not path or not path.startswith("/") or path in KUBERNETES:
        return
    if token_at(subject, path) is not None or mounted_at(subject, path) or subject.container.env_rest:
        return
    if subject.container.mounts_rest:
        yield Unevaluated(
            f"whether a token is mounted for {subject.display}", "a part of its mounts is not seen", entry.span
        )
        return
    if path == DEFAULT:
        if subject.runs_as.role_annotation is not None:
            return
        if subject.runs_as.service_account is None:
            what = f"whether a token is mounted for {subject.display}"
            yield Unevaluated(what, "its service account is not among the files", entry.span)
            return
    yield Finding(
        f"{subject.display} sets AWS_WEB_IDENTITY_TOKEN_FILE to {path}, where no volume puts a token: SDKs find no file"
        " when they need credentials",
        at=Label(entry.value.span if entry.value is not None else entry.span, "no such file"),
        help="Mount a projected serviceAccountToken there, or annotate the service account and remove the variable.",
        subject=subject.display,
    )
