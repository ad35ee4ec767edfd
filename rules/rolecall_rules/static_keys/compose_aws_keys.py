"""The rule `compose-aws-keys`."""

from collections.abc import Iterator

from rolecall import regex
from rolecall.model import ComposeService
from rolecall.model.secrets import KEY_ID_NAMES, SECRET_KEY_NAMES, TOKEN_NAMES
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.static_keys._shared import STAND_INS

_NAMES = frozenset((*KEY_ID_NAMES, *SECRET_KEY_NAMES, *TOKEN_NAMES))
_AWS_DIRECTORY = regex.compile(r"(?:^|/|~|\})/?\.aws(?:/|$)")
_DEV = frozenset({"dev", "develop", "development", "local", "debug", "test"})


@rule(
    "compose-aws-keys",
    summary="a Compose file gives a service AWS keys",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.ANY,),
    references=(
        "https://docs.docker.com/compose/how-tos/environment-variables/best-practices/",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    ),
    tags=("static-keys",),
)
def compose_aws_keys(service: ComposeService) -> Iterator[Finding]:
    """Finds services of Docker Compose with an AWS key written in their environment, or in a file of it.

    Low: a bind mount of `~/.aws`, unless the service is for a profile of development. Variables that are passed through
    from the shell (`${AWS_ACCESS_KEY_ID}`) are no keys, nor are the dummies of services that stand in for AWS.

    ## Why it matters
    The file is shared with everybody who has the repository, and the key works from anywhere. A mounted `~/.aws` gives
    the container every profile of whoever starts it.

    ## How to fix it
    Revoke the key. Pass credentials through from the shell, or use short-lived ones of IAM Identity Center.
    """
    if service.image is not None and STAND_INS.search(service.image.display):
        return
    for variable in service.variables:
        if variable.name.known in _NAMES and variable.material.is_key:
            shown = f" ({variable.material.shown})" if variable.material.shown.startswith("A") else ""
            yield Finding(
                f"{service.display} gets {variable.name.display}{shown} from the file itself: everybody who can read"
                " the"
                " repository can use the key",
                at=Label(variable.span, "a key of AWS", secret=True),
                related=(Label(service.name.span, "gets it"),)
                if service.name.span.path == variable.span.path
                else (Label(service.name.span, "takes the file"),),
                help="Revoke the key, and pass credentials through from the shell.",
                subject=f"{service.display} {variable.name.display}",
            )
            return
    if any(profile.known in _DEV for profile in service.profiles):
        return
    for mount in service.mounts:
        if _AWS_DIRECTORY.search(mount.display):
            yield Finding(
                f"{service.display} mounts {mount.display}: it has every AWS profile of whoever starts it",
                at=Label(mount.span, "the profiles of a person"),
                help="Pass through the variables of one profile, or put the service into a profile for development.",
                subject=f"{service.display} .aws",
                severity=Severity.LOW,
            )
            return
