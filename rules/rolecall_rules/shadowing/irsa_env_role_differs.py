"""The rule `irsa-env-role-differs`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.chain.variables import entry_of
from rolecall.chain.webhook import IRSA_PAIR, is_skipped
from rolecall.graph.namespaces import same_text
from rolecall.graph.views import PodContainer
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar


@rule(
    "irsa-env-role-differs",
    summary="a container sets up web identity for another role than its service account is annotated with",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://github.com/aws/amazon-eks-pod-identity-webhook/blob/master/pkg/handler/handler.go",
        "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
    ),
    tags=("irsa", "precedence"),
)
def irsa_env_role_differs(subject: PodContainer) -> Iterator[Finding | Unevaluated]:
    """Finds containers whose `env` has `AWS_ROLE_ARN` and a token file, for another role than the annotation's.

    Silent where the two are the same, and where the webhook leaves the container alone. A value that is not seen is
    counted.

    ## Why it matters
    The webhook finds the variables and leaves the container as it is, so the annotation decides nothing there: whoever
    reads the service account to see what the workload may do reads the wrong role. The token is mounted all the same,
    and its subject has to be admitted by a role that nobody looks at.

    ## How to fix it
    Remove the variables and let the webhook inject the annotation's role, or annotate the service account with the role
    that is used.
    """
    annotation = subject.runs_as.role_annotation
    if annotation is None or subject.runs_as.associations or is_skipped(subject):
        return
    role, token = (entry_of(subject, name) for name in IRSA_PAIR)
    if role is None or token is None or not isinstance(annotation.value, Scalar):
        return
    same = same_text(role.value, annotation.value) if role.value is not None else Answer.UNKNOWN
    if same is Answer.UNKNOWN:
        what = f"whether {subject.display} has the role of its service account"
        yield Unevaluated(what, "one of the two ARNs is not seen", role.span)
    if same is not Answer.NO or role.value is None or role.value.is_empty:
        return
    account = subject.runs_as.name.display if subject.runs_as.name is not None else "default"
    yield Finding(
        f"{subject.display} becomes {_named(role.value)} by its own variables, not {_named(annotation.value)}, with"
        f" which service account {account} is annotated",
        at=Label(role.span, "the role that is used"),
        related=(
            Label(token.span, "makes it complete"),
            Label(annotation.value.span, "the role that is not used", later=True),
        ),
        help="Remove the two variables, or annotate the service account with this role.",
        subject=subject.display,
    )


def _named(arn: Scalar) -> str:
    return f"role {arn.display.rpartition(':role/')[2]}"
