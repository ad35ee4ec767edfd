"""The rule `dockerfile-sdk-too-old`."""

from collections.abc import Iterator

from rolecall import regex
from rolecall.chain.webhook import Mechanism, offer
from rolecall.graph import Graph
from rolecall.graph.images import build_of
from rolecall.graph.views import PodContainer
from rolecall.model import ImageBuild
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.span import Span

# What reads AWS_WEB_IDENTITY_TOKEN_FILE, and the Pod Identity agent's address, first.
# https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts-minimum-sdk.html,
# https://docs.aws.amazon.com/eks/latest/userguide/pod-id-minimum-sdk.html
_IRSA = {"boto3": (1, 9, 220), "botocore": (1, 12, 200), "awscli": (1, 16, 232), "aws-sdk": (2, 525, 0)}
_POD_IDENTITY = {"boto3": (1, 34, 41), "botocore": (1, 34, 41), "awscli": (1, 30, 0), "aws-sdk": (2, 1550, 0)}
_CLI_2 = (2, 15, 0)
_PINNED = regex.compile(
    r"(?<![\w-])(?:(?P<python>boto3|botocore|awscli)(?:\[[\w,]*\])?==|(?P<node>aws-sdk)@)(?P<version>\d+(?:\.\d+){1,2})"
    r"(?![\w.*])"
)
_CLI_IMAGE = regex.compile(r"(?:^|/)(?:amazon/aws-cli|aws-cli/aws-cli):(?P<version>\d+\.\d+\.\d+)(?:@.*)?$")


@rule(
    "dockerfile-sdk-too-old",
    summary="an image pins an AWS SDK that knows no IRSA or Pod Identity",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    formats=(Platform.DOCKERFILE, Platform.KUBERNETES),
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts-minimum-sdk.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-minimum-sdk.html",
    ),
    tags=("irsa", "pod-identity"),
)
def dockerfile_sdk_too_old(subject: ImageBuild | PodContainer, graph: Graph) -> Iterator[Finding]:
    """Finds pinned versions of boto3, botocore, the AWS CLI and the JavaScript SDK v2 that are too old for the role.

    The version for IRSA counts, unless a pod that runs the image has a Pod Identity association, which needs a later
    one; so does the tag of AWS' own image of the CLI. Ranges, variables and requirements files are passed over.

    ## Why it matters
    An older SDK does not look at the variables that the webhook injects. It goes on to the next source, often the
    node's role, and nothing says so.

    ## How to fix it
    Install a later version.
    """
    if isinstance(subject, PodContainer):
        yield from _of_cli_image(subject, graph)
        return
    associated = next((one for one in _running(subject, graph) if _is_associated(one, graph)), None)
    minimum = _POD_IDENTITY if associated is not None else _IRSA
    for stage in subject.stages:
        for command in stage.commands if stage.reaches_final else ():
            for pin in _PINNED.finditer(command.text):
                name = pin["python"] or pin["node"]
                version = _version(pin["version"])
                if version < minimum[name] and not (name == "awscli" and version >= (2,)):
                    yield _found(f"{name} {pin['version']}", minimum[name], command.span, associated)
                    return


def _of_cli_image(subject: PodContainer, graph: Graph) -> Iterator[Finding]:
    image = subject.container.image
    tag = _CLI_IMAGE.search(image.known or "") if image is not None else None
    if image is None or tag is None or not _is_associated(subject, graph):
        return
    if _version(tag["version"]) < _CLI_2:
        yield _found(f"the AWS CLI {tag['version']}", _CLI_2, image.span, subject)


def _found(pin: str, minimum: tuple[int, ...], at: Span, user: PodContainer | None) -> Finding:
    first = ".".join(map(str, minimum))
    what = "Pod Identity" if user is not None else "IRSA"
    return Finding(
        f"{pin} knows no {what}, which {first} is the first to know: it does not use the role that the"
        " webhook"
        " gives the pod",
        at=Label(at, f"before {first}"),
        related=(Label(user.container.name.span, "is associated with a role"),) if user is not None else (),
        help=f"Install {first} or later.",
        subject=pin,
    )


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _is_associated(subject: PodContainer, graph: Graph) -> bool:
    return offer(subject, graph).mechanism is Mechanism.POD_IDENTITY


def _running(build: ImageBuild, graph: Graph) -> tuple[PodContainer, ...]:
    users: dict[int, list[PodContainer]] = graph.keep(_by_build)
    return tuple(users.get(id(build), ()))


def _by_build(graph: Graph) -> dict[int, list[PodContainer]]:
    found: dict[int, list[PodContainer]] = {}
    if graph.all(ImageBuild):
        for container in graph.all(PodContainer):
            build = build_of(graph, container.container)
            if build is not None:
                found.setdefault(id(build), []).append(container)
    return found
