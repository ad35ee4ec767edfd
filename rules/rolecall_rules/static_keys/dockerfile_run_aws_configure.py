"""The rule `dockerfile-run-aws-configure`."""

from collections.abc import Iterator

from rolecall.model import CommandSetting, ImageBuild, MaterialKind
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule


@rule(
    "dockerfile-run-aws-configure",
    summary="a RUN instruction writes AWS credentials into an image layer or its history",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.DOCKERFILE,),
    references=(
        "https://docs.docker.com/build/building/secrets/",
        "https://docs.aws.amazon.com/cli/latest/reference/configure/set.html",
        "https://docs.docker.com/reference/cli/docker/image/history/",
    ),
    tags=("static-keys", "dockerfile"),
)
def dockerfile_run_aws_configure(build: ImageBuild) -> Iterator[Finding | Unevaluated]:
    """Finds `RUN` commands that configure, export or write to a file an AWS access key's secret.

    These are `aws configure set` of a key id or a secret, `export` of the secret, and text with the secret that is
    redirected into a file, in every form of `RUN`: shell, JSON, here-document. Values that come from a build secret
    (`--mount=type=secret,env=…`) are not reported, nor are placeholders, empty values and other settings.

    ## Why it matters
    A command line is kept in the image's history, and what it writes in a layer; removing the file in a later
    instruction does not take it out of the earlier one. A credentials file in the image also wins over the pod's role:
    over EKS Pod Identity in every SDK, over IRSA in some.

    ## How to fix it
    Give the pod a role and remove the command. If the build needs AWS, mount the credentials for one command only:
    `RUN --mount=type=secret,id=aws,target=/root/.aws/credentials aws s3 cp …`.
    """
    for stage in build.stages:
        for command in stage.commands:
            for setting in command.settings:
                yield from _setting(setting)


def _setting(setting: CommandSetting) -> Iterator[Finding | Unevaluated]:
    name = setting.name.display
    configures = setting.manner == "aws configure set"
    is_secret = "SECRET" in name.upper()
    is_key_id = "ACCESS_KEY" in name.upper() and not is_secret
    if not (is_secret or (configures and is_key_id)) or setting.mounted:
        return
    kind = setting.material.kind
    if kind in (MaterialKind.EMPTY, MaterialKind.PLACEHOLDER):
        return
    if kind is MaterialKind.UNKNOWN and setting.argument is None:
        if not setting.value.holes:
            # Not expanded while the image is built: a script that is written for later.
            return
        if setting.manner == "export":
            yield Unevaluated(f"{name} in a RUN command", setting.value.holes[0].reason, setting.value.span)
            return
    related: tuple[Label, ...] = ()
    if setting.argument is not None:
        related = (Label(setting.argument.span, "the build argument that it comes from"),)
    yield Finding(
        _MESSAGES[setting.manner].format(name=name),
        at=Label(setting.value.span, "stays in the image", secret=not setting.value.holes),
        related=related,
        help="Give the pod a role; for the build itself use `RUN --mount=type=secret`, which leaves nothing behind.",
        subject=f"{setting.manner} {name}",
    )


_MESSAGES = {
    "export": "the value of {name} in this command stays in the image's history for everybody who can pull it",
    "aws configure set": "aws configure set writes {name} into a credentials file in an image layer, where everybody"
    " who can pull the image reads it",
    "file": "this command writes {name} into a file in an image layer, where everybody who can pull the image reads it",
}
