"""The rule `dockerfile-copies-aws-dir`."""

from collections.abc import Iterator

from rolecall import regex
from rolecall.model import CopiedPath, ImageBuild, MaterialKind
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar

_AWS = regex.compile(r"(?:^|/)\.aws\*?(?:/|$)|(?:^|/)aws/credentials$|(?:^|/)aws_credentials(?:\.\w+)?$")
_ENV = regex.compile(r"(?:^|/)\.env$")


@rule(
    "dockerfile-copies-aws-dir",
    summary="an image is built with an AWS credentials file copied into it",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.DOCKERFILE,),
    references=(
        "https://docs.docker.com/build/building/secrets/",
        "https://docs.docker.com/build/concepts/context/#dockerignore-files",
        "https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html",
    ),
    tags=("static-keys", "dockerfile"),
)
def dockerfile_copies_aws_dir(build: ImageBuild) -> Iterator[Finding]:
    """Finds `COPY` and `ADD` instructions that bring `.aws` folders, AWS credentials files or `.env` files.

    A copy of the whole folder in which the build runs is reported if there is a credentials file with keys in it that
    `.dockerignore` does not keep out. Copies from another stage of the same file are not reported (what made the file
    there is), nor are files that are seen to hold no keys. A `.env` file is reported at a low level.

    ## Why it matters
    Everybody who can pull the image can take the file out of its layer, also when a later instruction removes it. SDKs
    read it: it wins over EKS Pod Identity in every SDK, over IRSA in some.

    ## How to fix it
    Give the pod a role, and list `.aws` and `.env` in `.dockerignore`. If the build itself needs the file, mount it:
    `RUN --mount=type=secret,id=aws,target=/root/.aws/credentials …`.
    """
    for stage in build.stages:
        for copied in stage.copies:
            yield from _copied(copied)


def _copied(copied: CopiedPath) -> Iterator[Finding]:
    kind = copied.content.kind if copied.content else None
    if copied.known_stage or kind is MaterialKind.CONFIG_FILE:
        return
    place, severity = _place(copied)
    if place is None:
        return
    what = copied.brings or place.display
    yield Finding(
        f"{copied.instruction} brings {what} into the image: everybody who can pull it can read the file, and SDKs in"
        " the container use the credentials in it"
        if severity is Severity.HIGH
        else f"{copied.instruction} brings {what} into the image, where everybody who can pull it reads the secrets"
        " that such files usually hold",
        at=Label(place.span, "ends up in a layer"),
        help="Remove the copy and give the pod a role; for the build itself use `RUN --mount=type=secret`.",
        subject=f"{copied.source.display} {copied.destination.display}",
        severity=severity,
    )


def _place(copied: CopiedPath) -> tuple[Scalar | None, Severity]:
    """The path that is wrong, and how bad it is."""
    if copied.brings:
        return (None if copied.excluded else copied.source), Severity.HIGH
    # An ignored file that is named all the same fails the build; only a copy of a whole folder is saved by it.
    for pattern, severity in ((_AWS, Severity.HIGH), (_ENV, Severity.LOW)):
        for path in (copied.source, copied.destination):
            if pattern.search(path.display):
                return path, severity
    return None, Severity.HIGH
