"""The rule `manual-irsa-env-shadows-pod-identity`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.chain.webhook import is_skipped
from rolecall.graph.views import PodContainer, Variable
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule

_PAIR = ("AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE")


@rule(
    "manual-irsa-env-shadows-pod-identity",
    summary="a container sets up web identity by hand, so its Pod Identity association is not used",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html",
        "https://github.com/aws/amazon-eks-pod-identity-webhook/blob/master/pkg/handler/handler.go",
    ),
    tags=("pod-identity", "precedence"),
)
def manual_irsa_env_shadows_pod_identity(subject: PodContainer) -> Iterator[Finding]:
    """Finds containers with `AWS_ROLE_ARN` and `AWS_WEB_IDENTITY_TOKEN_FILE` whose service account has an association.

    Low where the webhook leaves the container alone (`eks.amazonaws.com/skip-containers`, the pod's skip label):
    somebody has set up web identity by hand on purpose.

    ## Why it matters
    The webhook adds the variables of Pod Identity beside those two. In every SDK's chain web identity comes before the
    container credentials endpoint, so the container becomes the role that `AWS_ROLE_ARN` names, and the association
    decides nothing.

    ## How to fix it
    Remove the two variables and the token volume that goes with them, or the association.
    """
    associations = subject.runs_as.associations
    if not associations or subject.container.role == "ephemeral":
        return
    pair = [subject.environment.get(name) for name in _PAIR]
    if not all(variable is not None and _is_set(variable) for variable in pair):
        return
    role, token = (variable for variable in pair if variable is not None)
    association = associations[0]
    skipped = is_skipped(subject)
    named = f" ({role.value.display})" if role.value is not None and role.value.known else ""
    bound = association.service_account or association.role
    yield Finding(
        f"{subject.display} becomes the role of its AWS_ROLE_ARN{named}: SDKs look at it before the Pod Identity"
        " association of its service account"
        + (", whose credentials the webhook keeps from this container" if skipped else ", which is not used"),
        at=Label(role.at, "comes before the association"),
        related=(
            Label(token.at, "makes it complete"),
            Label(
                bound.span if bound is not None else association.origin.span,
                "the association that is not used",
                later=True,
            ),
        ),
        help="Remove AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE, or the association.",
        subject=subject.display,
        severity=Severity.LOW if skipped else None,
    )


def _is_set(variable: Variable) -> bool:
    return variable.certain is Answer.YES and (variable.value is None or not variable.value.is_empty)
