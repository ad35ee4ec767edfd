"""The rule `static-key-partial`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.chain.variables import is_set
from rolecall.graph.views import PodContainer, Variable
from rolecall.model import MaterialKind
from rolecall.model.secrets import KEY_ID_NAMES, SECRET_KEY_NAMES, TOKEN_NAMES
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.static_keys._shared import entry, is_stand_in, shown, trail


@rule(
    "static-key-partial",
    summary="only a part of an AWS key is set: boto3 fails, other SDKs silently use something else",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html",
        "https://github.com/boto/botocore/blob/develop/botocore/credentials.py",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html",
    ),
    yields_to=("static-env-shadows-identity",),
    tags=("static-keys",),
)
def static_key_partial(subject: PodContainer) -> Iterator[Finding | Unevaluated]:
    """Finds containers that are given an access key id without its secret, or a temporary key without its token.

    Speaks only where the whole environment is seen: an `envFrom` whose Secret or ConfigMap is not among the files may
    bring the missing part, and a command that names the variable may set it.

    ## Why it matters
    With `AWS_ACCESS_KEY_ID` alone boto3 and the AWS CLI stop with `PartialCredentialsError`, so the container has no
    credentials at all, whatever role its service account has. The SDKs for Go, Java, JavaScript, PHP and .NET ignore
    the half and go on to the next source, which may be the node's role. A temporary key (`ASIA…`) without
    `AWS_SESSION_TOKEN` is sent as it is, and AWS rejects every call with `InvalidClientTokenId`.

    ## How to fix it
    Remove the half that is left and give the pod a role. If the keys are still needed, set all parts from the same
    Secret.
    """
    key_id = subject.environment.get(KEY_ID_NAMES[0])
    if key_id is None or is_stand_in(subject) or is_set(subject, key_id) is not Answer.YES:
        return
    missing = _missing(subject, key_id)
    if missing is None:
        return
    name, empty = missing
    if subject.environment.unseen or subject.environment.open:
        reason = "an envFrom or a template may set it, and is not among the files"
        yield Unevaluated(f"{name} in {subject.display}", reason, key_id.at)
        return
    happens = (
        "boto3 and the AWS CLI fail with PartialCredentialsError, and the SDKs for Go, Java, JavaScript, PHP and .NET"
        " ignore it and use the next credentials they find"
        if name == SECRET_KEY_NAMES[0]
        else "SDKs send the temporary key without it, and AWS rejects every call with InvalidClientTokenId"
    )
    yield Finding(
        f"{subject.display} gets {key_id.name}{shown(key_id.material)} and no {name} beside it: {happens}",
        at=entry(key_id, f"set without {name}"),
        related=(*trail(key_id), *((Label(empty.at, "empty, which counts as not set"),) if empty else ())),
        help=f"Remove {key_id.name} and give the pod a role, or set {name} from the same source.",
        subject=subject.display,
    )


def _missing(subject: PodContainer, key_id: Variable) -> tuple[str, Variable | None] | None:
    """The name of the part that is certainly missing, and the variable that is set, but to nothing."""
    secret = _part(subject, SECRET_KEY_NAMES)
    if secret is not None:
        return secret
    return _part(subject, TOKEN_NAMES) if key_id.material.kind is MaterialKind.TEMPORARY_KEY_ID else None


def _part(subject: PodContainer, names: tuple[str, ...]) -> tuple[str, Variable | None] | None:
    if any(names[0] in word.display for word in subject.container.command):
        return None
    found = [variable for name in names if (variable := subject.environment.get(name)) is not None]
    if any(variable.material.kind is not MaterialKind.EMPTY for variable in found):
        return None
    return names[0], found[0] if found else None
