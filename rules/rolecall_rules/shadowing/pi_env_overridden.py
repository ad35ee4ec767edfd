"""The rule `pi-env-overridden`."""

from collections.abc import Iterator

from rolecall.chain.variables import entry_of, is_offered
from rolecall.chain.webhook import is_skipped
from rolecall.graph.views import PodContainer
from rolecall.model import EnvVar
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule

_URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
_TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"  # noqa: S105 - the name of a variable
# What the webhook injects (pkg/config.go; the addresses of the agent for IPv4 and IPv6).
_DEFAULTS = {
    _URI: ("http://169.254.170.23/v1/credentials", "http://[fd00:ec2::23]/v1/credentials"),
    _TOKEN: ("/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token",),
}


@rule(
    "pi-env-overridden",
    summary="a container sets a variable of Pod Identity itself, so the webhook injects none",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://github.com/aws/amazon-eks-pod-identity-webhook/blob/master/pkg/handler/handler.go",
        "https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html",
    ),
    tags=("pod-identity", "precedence"),
)
def pi_env_overridden(subject: PodContainer) -> Iterator[Finding | Unevaluated]:
    """Finds containers of an associated service account whose `env` has a variable that Pod Identity uses.

    The two are `AWS_CONTAINER_CREDENTIALS_FULL_URI` and `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`. One alone is high,
    even with an empty value, since the webhook looks at names only; both is medium, unless they are what the webhook
    would have set. Without an association they are for something else, a sidecar perhaps, and nothing is said.

    ## Why it matters
    The EKS webhook adds the two variables together or not at all: where a container's `env` already has either, it adds
    neither. With one alone the SDK asks the agent without a token, or has no address to ask, and the container gets no
    credentials of the associated role.

    ## How to fix it
    Remove the variable and let the webhook inject both. Where the container is to use another source of credentials,
    name it in the pod's annotation `eks.amazonaws.com/skip-containers`.
    """
    associations = subject.runs_as.associations
    if not associations or is_skipped(subject):
        return
    entries = [entry for name in _DEFAULTS if (entry := entry_of(subject, name)) is not None]
    alone = len(entries) == 1
    other = [entry for entry in entries if not _is_default(entry)]
    if not entries or (not alone and not other):
        return
    unknown = None if alone else next((entry for entry in entries if _is_unknown(entry)), None)
    if unknown is not None:
        reason = "its value is not among the files"
        yield Unevaluated(f"{unknown.name.display} in {subject.display}", reason, unknown.span)
        return
    at = entries[0] if alone else other[0]
    if is_offered(subject, at):
        reason = "a template decides whether it is set"
        yield Unevaluated(f"{at.name.display} in {subject.display}", reason, at.span)
        return
    missing = next((name for name in _DEFAULTS if at.name.known != name), "")
    account = associations[0].service_account
    why = (
        f"sets {at.name.display} without {missing}: the webhook finds it and injects neither, so the credentials of"
        " its Pod Identity association are not found"
        if alone
        else "sets both variables of Pod Identity to something else: the webhook leaves them, and its association is"
        " not used"
    )
    bound = account.span if account is not None else associations[0].origin.span
    yield Finding(
        f"{subject.display} {why}",
        at=Label(at.name.span, f"set without {missing}" if alone else "not what the webhook sets"),
        related=(Label(bound, "the association that is not used", later=True),),
        help=f"Remove {at.name.display} and let the webhook inject both variables.",
        subject=subject.display,
        severity=None if alone else Severity.MEDIUM,
    )


def _is_unknown(entry: EnvVar) -> bool:
    return entry.value is None or entry.value.known is None


def _is_default(entry: EnvVar) -> bool:
    value = entry.value.known if entry.value is not None else None
    return value in _DEFAULTS.get(entry.name.known or "", ())
