"""The rule `userdata-aws-key`."""

from collections.abc import Iterator

from rolecall.iam.declared import is_access_key
from rolecall.model import CommandSetting, MaterialKind, UserData
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule

_ID, _SECRET, _TOKEN = "key id", "secret access key", "session token"
_PARTS = {
    MaterialKind.KEY_ID: _ID,
    MaterialKind.TEMPORARY_KEY_ID: _ID,
    MaterialKind.SECRET_KEY: _SECRET,
    MaterialKind.SESSION_TOKEN: _TOKEN,
}
_READERS = (
    "every process on the instance, every pod that reaches its metadata service, and whoever may describe it in EC2"
)


@rule(
    "userdata-aws-key",
    summary="an AWS access key is in the user data of an EC2 instance",
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    formats=(Platform.TERRAFORM, Platform.EKSCTL, Platform.CLOUDFORMATION),
    references=(
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceAttribute.html",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html",
        "https://docs.aws.amazon.com/cli/latest/reference/configure/set.html",
    ),
    tags=("static-keys", "nodes"),
)
def userdata_aws_key(data: UserData) -> Iterator[Finding]:
    """Finds AWS access keys in the user data of launch templates, launch configurations and instances.

    Plain or in base64, in scripts, cloud-init, its parts, template files: keys of AWS's shape wherever they stand
    (critical; medium if temporary), and secrets that are put in from a variable, a parameter or a data source under
    a name that the SDKs read, or with `aws configure set` (high). Not reported are placeholders, what the instance
    fetches itself when it starts (`$VARIABLE`, `$(aws ssm get-parameter …)`), the keys of other stores that speak S3's
    protocol, and keys that the configuration itself makes, of which `tf-iam-access-key-to-cluster` speaks.

    ## Why it matters
    User data is not protected: the metadata service hands it to every process on the instance, on most nodes to every
    pod, and `ec2:DescribeInstanceAttribute` and `ec2:DescribeLaunchTemplateVersions` to everybody who may look. Old
    versions of a launch template keep it after the key has been removed from the newest.

    ## How to fix it
    Revoke the key. The node has a role already: give that what the start of the node needs, and give pods roles of
    their own by IRSA or EKS Pod Identity. Another secret is fetched by the script itself, from Secrets Manager with the
    node's role.
    """
    settings = [setting for setting in data.settings if _counts(setting, data)]
    for group in _groups(settings):
        found = _finding(group, data)
        if found is not None:
            yield found


def _counts(setting: CommandSetting, data: UserData) -> bool:
    if _comes_of_a_key_resource(setting):
        return False
    return not data.other_store or setting.material.kind in (MaterialKind.KEY_ID, MaterialKind.TEMPORARY_KEY_ID)


def _comes_of_a_key_resource(setting: CommandSetting) -> bool:
    return any(is_access_key(reference) for hole in setting.value.holes for reference in hole.references)


def _part(setting: CommandSetting) -> str:
    """Which part of a key a setting is."""
    part = _PARTS.get(setting.material.kind)
    if part is not None:
        return part
    name = setting.name.display.upper()
    return _TOKEN if "TOKEN" in name else _SECRET if "SECRET" in name else _ID


def _groups(settings: list[CommandSetting]) -> Iterator[list[CommandSetting]]:
    """Settings in order, cut where a part comes a second time: what belongs to one key."""
    group: list[CommandSetting] = []
    for setting in settings:
        if any(_part(setting) == _part(other) for other in group):
            yield group
            group = []
        group.append(setting)
    if group:
        yield group


def _finding(group: list[CommandSetting], data: UserData) -> Finding | None:
    written = [setting for setting in group if setting.material.is_key]
    if not written and all(_part(setting) == _ID for setting in group):
        # An id alone opens nothing.
        return None
    first = written[0] if written else next(setting for setting in group if _part(setting) != _ID)
    kinds = {setting.material.kind for setting in group}
    address = data.origin.within or data.origin.address
    severity, confidence = Severity.CRITICAL, Confidence.HIGH
    if not written:
        severity, confidence = Severity.HIGH, Confidence.MEDIUM
        message = f"a value is put into the user data of {address} as {first.name.display} where {_READERS} reads it"
    elif MaterialKind.TEMPORARY_KEY_ID in kinds:
        severity = Severity.MEDIUM
        message = (
            f"the user data of {address} holds a temporary access key{_shown(first)}: it expires within hours, and"
            " instances that start later have no credentials"
        )
    else:
        message = f"the user data of {address} holds {_words(first)}: {_READERS} can use it until it is revoked"
    ways = tuple(Label(span, f"it comes into the user data of {address} here") for span in first.value.via)
    others = tuple(
        Label(setting.value.span, f"and its {_part(setting)}", secret=setting.material.is_key)
        for setting in group
        if setting is not first and not setting.value.span.overlaps(first.value.span)
    )
    return Finding(
        message,
        at=Label(first.value.span, "a credential in user data", secret=first.material.is_key),
        related=(*ways, *others),
        help="Revoke the key, and let the instance's role or, for pods, IRSA or EKS Pod Identity give credentials.",
        subject=f"{data.origin.address} {first.material.shown or _part(first)}",
        severity=severity,
        confidence=confidence,
    )


def _words(setting: CommandSetting) -> str:
    if setting.material.kind is MaterialKind.KEY_ID:
        return f"the long-term access key {setting.material.shown}"
    return "an AWS credentials file" if _part(setting) == _ID else f"a {_part(setting)}"


def _shown(setting: CommandSetting) -> str:
    return f" ({setting.material.shown})" if _part(setting) == _ID else ""
