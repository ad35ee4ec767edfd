"""The rule `dockerfile-env-aws-key`."""

from collections.abc import Iterator

from rolecall.model import BuildStage, BuildVariable, ImageBuild, MaterialKind
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule

_ENDPOINTS = ("AWS_ENDPOINT_URL", "S3_ENDPOINT")


@rule(
    "dockerfile-env-aws-key",
    summary="an image is built with AWS credentials in its environment or build arguments",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.DOCKERFILE,),
    references=(
        "https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/",
        "https://docs.docker.com/build/building/secrets/",
        "https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html",
    ),
    tags=("static-keys", "dockerfile"),
)
def dockerfile_env_aws_key(build: ImageBuild) -> Iterator[Finding | Unevaluated]:
    """Finds `ENV` and `ARG` instructions that put an AWS key, its secret or its session token into an image.

    A key that is written down in a stage whose content reaches an image is critical. A build argument without a
    default is reported at a lower level: what is passed for it stays in the image's history. Empty values and
    placeholders are not reported, and neither are build secrets (`RUN --mount=type=secret`).

    ## Why it matters
    `docker history` and the image's configuration show both to everybody who can pull the image, also when a later
    line sets the variable anew. SDKs read these variables before anything else, so a pod that runs the image uses
    them and not its role, whether by IRSA or EKS Pod Identity.

    ## How to fix it
    Remove the variable and give the pod a role. If the build itself needs AWS, pass the credentials as a build secret
    (`RUN --mount=type=secret,id=aws,target=/root/.aws/credentials …`), which leaves no trace in the image.
    """
    passed_on = {variable.name.known for stage in build.stages for variable in stage.variables}
    for argument in build.arguments:
        if argument.value is not None or argument.name.known not in passed_on:
            yield from _variable(argument, None)
    for stage in build.stages:
        other_store = any(_is_other_endpoint(variable) for variable in stage.variables)
        for variable in stage.variables:
            if not (other_store and variable.material.kind is MaterialKind.OTHER):
                yield from _variable(variable, stage)


def _variable(variable: BuildVariable, stage: BuildStage | None) -> Iterator[Finding | Unevaluated]:
    if not variable.credential or _is_repeated(variable):
        return
    # In quotes, so that no mask takes what follows for the value of an ENV.
    name = f"`{variable.instruction} {variable.name.display}`"
    kind = variable.material.kind
    is_argument = variable.instruction.endswith("ARG")
    unset = variable.value is None or (is_argument and kind is MaterialKind.EMPTY)
    related: tuple[Label, ...] = ()
    if variable.argument is not None:
        related = (Label(variable.argument.span, "the build argument that it comes from"),)
    if unset or variable.argument is not None:
        severity = Severity.MEDIUM
        message = (
            f"whatever is passed for {name} at build time stays in the image's history, readable for everybody who can"
            " pull it"
            if is_argument
            else f"{name} takes its value from the build argument and bakes it into the image, where everybody who can"
            " pull it reads it and every SDK prefers it to the pod's role"
        )
        words = "kept in the history" if is_argument else "baked into the image"
    elif kind in (MaterialKind.EMPTY, MaterialKind.PLACEHOLDER):
        return
    elif kind is MaterialKind.UNKNOWN:
        reason = next((hole.reason for hole in variable.value.holes), "a template") if variable.value else "a template"
        yield Unevaluated(name, reason, variable.span)
        return
    else:
        reaches = stage is None or stage.reaches_final or stage.copied_from
        written = variable.material.is_key
        severity = Severity.CRITICAL if written and reaches else Severity.HIGH
        what = f"an AWS credential ({variable.material.shown})" if kind is MaterialKind.KEY_ID else "an AWS credential"
        message = (
            f"{name} bakes {what} into the image: everybody who can pull it reads it, and every SDK prefers it to the"
            " pod's role"
            if reaches
            else f"{name} puts {what} into a stage that is not part of the final image; it stays in the build cache and"
            " in this file"
        )
        words = "a credential in the image's configuration" if reaches else "a credential in the build cache"
    yield Finding(
        message,
        at=_label(variable, words),
        related=related,
        help="Remove it and give the pod a role; for the build itself use `RUN --mount=type=secret`.",
        subject=f"{stage.name or stage.base.display if stage else ''} {name.strip('`')}".strip(),
        severity=severity,
    )


def _label(variable: BuildVariable, words: str) -> Label:
    """The value where there is one, else the variable."""
    value = variable.value
    if value is None or value.span.start == value.span.end:
        return Label(variable.span, words)
    return Label(value.span, words, secret=not value.holes)


def _is_repeated(variable: BuildVariable) -> bool:
    """Whether an ARG of a stage only takes over the default that is reported before the first FROM."""
    return variable.value is not None and bool(variable.value.via)


def _is_other_endpoint(variable: BuildVariable) -> bool:
    """Whether a variable leads S3 clients to a store other than AWS."""
    value = variable.value.known if variable.value else None
    name = variable.name.display.upper()
    return name.startswith(_ENDPOINTS) and bool(value) and "amazonaws.com" not in str(value)
