"""The rule `irsa-env-overridden`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.chain.variables import entry_of, is_offered
from rolecall.chain.webhook import is_skipped_by_name
from rolecall.graph import Graph
from rolecall.graph.views import PodContainer
from rolecall.model import EnvVar
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Entry
from rolecall_rules.shadowing._shared import identity_of

_ROLE = "AWS_ROLE_ARN"
_TOKEN = "AWS_WEB_IDENTITY_TOKEN_FILE"  # noqa: S105 - the name of a variable


@rule(
    "irsa-env-overridden",
    summary="a container sets half of the pair that the webhook injects, so it injects neither",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://github.com/aws/amazon-eks-pod-identity-webhook/blob/master/pkg/handler/handler.go",
        "https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html",
    ),
    tags=("irsa", "precedence"),
)
def irsa_env_overridden(subject: PodContainer, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds containers whose `env` sets only one of `AWS_ROLE_ARN` and `AWS_WEB_IDENTITY_TOKEN_FILE`.

    High where the service account is annotated or the pod projects a token by hand. Without either, a token file alone
    is medium, and a role ARN alone informational: many applications read that name themselves. An entry with an empty
    value counts, since the webhook looks at names only; variables from `envFrom` do not, since it does not look at
    them at all.

    ## Why it matters
    The EKS webhook adds the two variables together or not at all: if a container's `env` already has either, it adds
    neither. What is left is half a configuration. With the role ARN alone no SDK tries web identity: Java v2, PHP,
    C++ and all the others go on to the next source, often the node's role. With the token file alone boto3 and Go v2
    stop with an error, while JavaScript, .NET and Ruby go on.

    ## How to fix it
    Remove the entry and let the webhook inject both. If another role has to be used, annotate the service account with
    it, or set both variables.
    """
    if subject.container.role == "ephemeral" or is_skipped_by_name(subject):
        return
    role, token = entry_of(subject, _ROLE), entry_of(subject, _TOKEN)
    present = role or token
    if present is None or (role is not None and token is not None):
        return
    missing = _TOKEN if role else _ROLE
    other = subject.environment.get(missing)
    if other is not None and other.certain is not Answer.NO:
        return
    if is_offered(subject, present):
        reason = "a template decides whether it is set"
        yield Unevaluated(f"{present.name.display} in {subject.display}", reason, present.span)
        return
    if subject.environment.unseen or subject.environment.open:
        reason = "an envFrom or a template may set it, and is not among the files"
        yield Unevaluated(f"{missing} in {subject.display}", reason, present.span)
        return
    identity = identity_of(subject, graph)
    annotation = identity.annotation if identity and identity.association is None else None
    token_volume = _token_mount(subject)
    if annotation is None and token_volume is None:
        yield _unbound(subject, present, missing)
        return
    yield _broken(subject, present, missing, annotation, token_volume)


def _broken(
    subject: PodContainer, present: EnvVar, missing: str, annotation: Entry | None, token: Label | None
) -> Finding:
    account = subject.runs_as.name.display if subject.runs_as.name else "default"
    why = (
        f"the webhook finds it and injects neither variable for service account {account}"
        if annotation
        else f"{missing} is not set beside it"
    )
    related = (Label(annotation.value.span, "the role it should have got"),) if annotation else ()
    return Finding(
        f"{subject.display} sets {present.name.display} alone: {why}, so {_then(missing)}",
        at=Label(present.name.span, f"set without {missing}"),
        related=(*related, *((token,) if token else ())),
        help=f"Remove {present.name.display} and let the webhook inject both variables, or set {missing} as well.",
        subject=subject.display,
    )


def _unbound(subject: PodContainer, present: EnvVar, missing: str) -> Finding:
    seen = subject.runs_as.service_account is not None
    webhook = "no role annotation makes the webhook inject it" if seen else "its service account is not among the files"
    alone = missing == _TOKEN
    return Finding(
        f"{subject.display} sets {present.name.display} without {missing}, and {webhook}: "
        + ("AWS SDKs pass over it, and only the application itself can use it" if alone else _then(missing)),
        at=Label(present.name.span, f"set without {missing}"),
        help="If the application assumes this role itself, give the variable a name of its own: the webhook injects"
        " nothing into a container that has this one."
        if alone
        else f"Set {_ROLE} as well, or remove the variable and annotate the service account.",
        subject=subject.display,
        severity=Severity.INFO if alone else Severity.MEDIUM,
    )


def _then(missing: str) -> str:
    if missing == _TOKEN:
        return "no SDK tries web identity and each goes on to the next source, often the node's role"
    return (
        "boto3 and Go v2 stop with an error, and the SDKs for JavaScript, .NET and Ruby skip web identity"
        " and go on to the next source"
    )


def _token_mount(subject: PodContainer) -> Label | None:
    """The mount of a projected volume that can hold the token: it shows no Secret or ConfigMap, and is named for it."""
    tokens = {
        volume.name.known
        for volume in subject.pod.volumes
        if volume.type == "projected" and not volume.sources and volume.name.known is not None
    }
    file = subject.environment.get(_TOKEN)
    path = file.value.known if file and file.value else None
    for mount in subject.container.mounts:
        at = mount.path.known
        if mount.volume.known not in tokens or at is None:
            continue
        if (path is not None and path.startswith(at.rstrip("/") + "/")) or "eks.amazonaws.com" in at:
            return Label(mount.path.span, "a projected token, mounted by hand")
    return None
