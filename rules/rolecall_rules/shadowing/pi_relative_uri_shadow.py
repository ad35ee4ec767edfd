"""The rule `pi-relative-uri-shadow`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph.views import PodContainer
from rolecall.rule import Confidence, Finding, Label, Persona, Platform, Severity, rule

_NAME = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"


@rule(
    "pi-relative-uri-shadow",
    summary="a pod has the variable by which ECS hands out credentials",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html",
    ),
    tags=("pod-identity", "precedence"),
)
def pi_relative_uri_shadow(subject: PodContainer) -> Iterator[Finding]:
    """Finds containers in Kubernetes that set `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`.

    Medium where a Pod Identity association binds the service account, informational elsewhere. An empty value sets
    nothing.

    ## Why it matters
    The variable is ECS's own: SDKs ask `169.254.170.2`, where nobody answers on EKS, and most of them (botocore,
    JavaScript v3 and C++ among them) prefer it to the address that Pod Identity injects. The container waits, and gets
    no credentials.

    ## How to fix it
    Remove it; it is mostly left over from a task definition. Pod Identity needs no variable in the manifest.
    """
    variable = subject.environment.get(_NAME)
    if variable is None or variable.certain is not Answer.YES:
        return
    if variable.value is not None and variable.value.is_empty:
        return
    associations = subject.runs_as.associations
    account = associations[0].service_account if associations else None
    yield Finding(
        f"{subject.display} sets {_NAME}, which only ECS answers: "
        + (
            "most SDKs prefer it to the address of EKS Pod Identity, and get no credentials"
            if associations
            else "SDKs that get that far in their chain ask an address where nobody answers"
        ),
        at=Label(variable.at, "only ECS answers"),
        related=(Label(account.span, "the association that is not used", later=True),) if account is not None else (),
        help=f"Remove {_NAME}.",
        subject=subject.display,
        severity=None if associations else Severity.INFO,
        persona=None if associations else Persona.PEDANTIC,
    )
