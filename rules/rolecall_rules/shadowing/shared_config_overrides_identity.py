"""The rule `shared-config-overrides-identity`."""

from collections.abc import Iterator

from rolecall.chain.files import elsewhere, profiles, shared_files
from rolecall.chain.profiles import PROFILE_NAMES
from rolecall.chain.variables import text_of
from rolecall.graph import Graph
from rolecall.graph.views import PodContainer
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.shadowing._shared import identity_of, labels, who


@rule(
    "shared-config-overrides-identity",
    summary="the profile that a container uses takes its credentials from elsewhere than its service account",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html",
        "https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/cross-account-access.html",
    ),
    tags=("precedence",),
)
def shared_config_overrides_identity(subject: PodContainer, graph: Graph) -> Iterator[Finding]:
    """Finds containers with a role whose mounted profile names another source of credentials.

    The profile is the one of `AWS_PROFILE`, else `default`; the settings are `credential_process`, `source_profile`,
    those of SSO, and `credential_source = Ec2InstanceMetadata`. Silent where the profile goes on from the pod's own
    identity, as EKS' guide to other accounts has it: its source is a profile with `web_identity_token_file`, or
    `credential_source` is `Environment` or `EcsContainer`.

    ## Why it matters
    Such a profile comes before Pod Identity in every SDK, and before IRSA in JavaScript v3, Rust, C++ and Kotlin;
    `role_arn` with `source_profile` comes before IRSA in boto3 as well. The role of the service account is then not
    used, or only by some of the languages.

    ## How to fix it
    Remove the setting, or let the profile go on from the token of the pod (`web_identity_token_file`).
    """
    identity = identity_of(subject, graph)
    if identity is None:
        return
    name = text_of(subject.environment.get(*PROFILE_NAMES)) or "default"
    for file in shared_files(subject, graph):
        for thing, datum in file.contents:
            found = {profile.name: profile for profile in profiles(datum)}
            setting = elsewhere(found[name], found) if name in found else None
            if setting is None:
                continue
            yield Finding(
                f"{subject.display} uses profile {name} of {thing.display}, which takes credentials by {setting}:"
                f" {who(identity)}, which its service account has by {identity.mechanism.value}, is not used by the"
                " SDKs that read profiles first",
                at=Label(file.at, f"has {setting}"),
                related=(Label(datum.span, "the file", secret=datum.material.is_key), *labels(identity)),
                help="Remove the setting, or let the profile go on from the pod's own token.",
                subject=f"{subject.display} {thing.display}",
            )
