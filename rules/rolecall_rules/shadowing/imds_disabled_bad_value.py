"""The rule `imds-disabled-bad-value`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph.views import PodContainer
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule

_NAME = "AWS_EC2_METADATA_DISABLED"


@rule(
    "imds-disabled-bad-value",
    summary="instance metadata is to be turned off by a value that most SDKs do not understand",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html",
        "https://github.com/boto/botocore/blob/develop/botocore/utils.py",
    ),
    tags=("metadata", "precedence"),
)
def imds_disabled_bad_value(subject: PodContainer) -> Iterator[Finding]:
    """Finds containers whose `AWS_EC2_METADATA_DISABLED` is neither a spelling of true or false nor empty.

    `1`, `yes` and `on` are such values, and `true` with a blank beside it.

    ## Why it matters
    The SDKs for Go, Python, Ruby and C++ compare the value with `true`, in any case, and take everything else for
    "not disabled": they go on to the instance metadata, and the container may become its node. JavaScript v3 takes the
    same value for "disabled", so two containers with the same manifest behave differently.

    ## How to fix it
    Write `"true"`.
    """
    variable = subject.environment.get(_NAME)
    text = variable.value.known if variable is not None and variable.value is not None else None
    if variable is None or text is None or variable.certain is not Answer.YES or text.lower() in ("true", "false", ""):
        return
    yield Finding(
        f"{subject.display} sets {_NAME} to `{text}`, which the SDKs for Go, Python, Ruby and C++ do not take for true:"
        " they still ask the instance metadata for credentials",
        at=Label(variable.value.used if variable.value is not None else variable.at, "not `true`"),
        help='Write "true".',
        subject=subject.display,
    )
