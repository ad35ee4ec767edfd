"""The rule `aws-profile-env-with-identity`."""

from collections.abc import Iterator

from rolecall.chain.files import profiles, shared_files
from rolecall.chain.profiles import PROFILE_NAMES
from rolecall.chain.variables import text_of
from rolecall.graph import Graph
from rolecall.graph.views import PodContainer
from rolecall.model import MaterialKind
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.shadowing._shared import identity_of, labels


@rule(
    "aws-profile-env-with-identity",
    summary="AWS_PROFILE names a profile that no mounted file has, in a pod that has a role",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/sdkref/latest/guide/feature-shared-config.html",
        "https://github.com/boto/botocore/blob/develop/botocore/session.py",
        "https://github.com/aws/aws-sdk-go-v2/blob/main/config/config.go",
    ),
    tags=("precedence",),
)
def aws_profile_env_with_identity(subject: PodContainer, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds containers of a service account with a role that set `AWS_PROFILE` without a file that has this profile.

    `AWS_DEFAULT_PROFILE` counts as well. Silent where a mounted file has the profile, or is not seen. The value
    `default` is only informational.

    ## Why it matters
    boto3, the AWS CLI and Go v2 load the profile before anything else and stop with an error where there is none
    (`ProfileNotFound`, `SharedConfigProfileNotExistError`): the role of the service account is never tried.
    JavaScript v3 does not look at keys in the environment once the variable is set. It mostly comes from a developer's
    machine, where the profile exists.

    ## How to fix it
    Remove the variable.
    """
    identity = identity_of(subject, graph)
    variable = subject.environment.get(*PROFILE_NAMES)
    name = text_of(variable)
    if identity is None or variable is None or not name:
        return
    for file in shared_files(subject, graph):
        if file.on_host or file.unseen or any(one.material.kind is MaterialKind.UNKNOWN for _, one in file.contents):
            what = f"whether {subject.display} has profile {name}"
            yield Unevaluated(what, "the mounted file is not among the files", variable.at)
            return
        if any(profile.name == name for _, datum in file.contents for profile in profiles(datum)):
            return
    yield Finding(
        f"{subject.display} sets {variable.name} to {name}, and no mounted file has that profile: boto3, the AWS CLI"
        " and Go v2 stop with an error before they try the role of its service account",
        at=Label(variable.at, "a profile that is not there"),
        related=tuple(labels(identity)),
        help=f"Remove {variable.name}, or mount a file with that profile.",
        subject=subject.display,
        severity=Severity.INFO if name == "default" else None,
    )
