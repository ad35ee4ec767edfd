"""The rule `static-key-in-credentials-file`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.model import ConfigObject, MaterialKind
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.static_keys._shared import is_replaced


@rule(
    "static-key-in-credentials-file",
    summary="a Secret or ConfigMap embeds an AWS credentials file with keys",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html",
        "https://github.com/vmware-tanzu/velero-plugin-for-aws#option-1-set-permissions-with-an-iam-user",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
    ),
    tags=("static-keys",),
)
def static_key_in_credentials_file(subject: ConfigObject, graph: Graph) -> Iterator[Finding]:
    """Finds Secrets and ConfigMaps with an INI file that has both `aws_access_key_id` and `aws_secret_access_key`.

    Velero's `cloud`, also among the values of its chart (`credentials.secretContents`), and Crossplane's `creds` are
    the common cases. Base64 is decoded first. A profile that holds only
    a role, a token file or a region is not reported, nor is one with placeholders.

    ## Why it matters
    The file is a long-term key for whoever can read the object, the repository or a backup of either. Mounted where
    the SDKs look for it, it also hides a Pod Identity role from every SDK, and an IRSA role from those for
    JavaScript v3, Rust, C++ and Kotlin, which read profiles before web identity.

    ## How to fix it
    Delete the key in IAM and give the tool's service account a role. Velero takes `credentials.useSecret: false`,
    Crossplane `credentials.source: PodIdentity` or `IRSA`. If a file is needed, let it name a role
    (`role_arn` with `web_identity_token_file`) and no keys.
    """
    if is_replaced(graph, subject):
        return
    for datum in subject.data:
        if datum.material.kind is MaterialKind.CREDENTIALS_FILE:
            yield Finding(
                f"{subject.display} holds an AWS credentials file with static keys under {datum.key.display}: whoever"
                " reads it can use them from anywhere until they are rotated",
                at=Label(datum.span, "a credentials file with keys", secret=True),
                help="Delete the key in IAM, give the service account that reads the file a role, and remove the file.",
                subject=f"{subject.display} {datum.key.display}",
            )
