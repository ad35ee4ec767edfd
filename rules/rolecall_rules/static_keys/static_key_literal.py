"""The rule `static-key-literal`."""

from collections.abc import Iterator

from rolecall.model import KeyLiteral, MaterialKind
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule


@rule(
    "static-key-literal",
    summary="a long-term AWS access key or its secret is written in the file",
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    formats=(Platform.ANY,),
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/security-creds-programmatic-access.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html",
    ),
    yields_to=(
        "temporary-key-committed",
        "compose-aws-keys",
        "static-key-in-configmap",
        "static-key-in-credentials-file",
        "dockerfile-env-aws-key",
        "dockerfile-run-aws-configure",
        "helm-values-aws-key",
        "tf-provider-static-key",
        "userdata-aws-key",
    ),
    tags=("static-keys",),
)
def static_key_literal(literal: KeyLiteral) -> Iterator[Finding]:
    """Finds long-term AWS access key ids and their secrets in the text of any file, comments included.

    The base64 of a Kubernetes Secret is decoded first. A secret counts where it stands under a name that can only be
    AWS's or beside a key id; a key and the secret beside it are one finding. Documentation examples, placeholders,
    encrypted values and the keys of other stores that speak S3's protocol are not reported; neither are identifiers
    that are no keys, such as AROA… and AIDA….

    ## Why it matters
    Whoever can read the file, its history, a fork or a backup can act as the key's IAM user, from anywhere, for as
    long as the key is not revoked. Deleting the line does not take it out of the history.

    ## How to fix it
    Deactivate the key in IAM, look in CloudTrail for what it was used for, then delete it. Give the workload a role
    instead, by IRSA or EKS Pod Identity: no key is then stored anywhere.
    """
    material = literal.material
    where = " in base64, which hides nothing" if literal.encoded else ""
    if material.kind is MaterialKind.KEY_ID:
        owner = f" of account {material.account}" if material.account else ""
        what, subject = f"the long-term access key {material.shown}{owner}", material.shown
    elif material.kind is MaterialKind.SECRET_KEY and not literal.with_id:
        what, subject = "the secret of an AWS access key", "secret access key"
    else:
        return
    yield Finding(
        f"{what} is written here{where}: everybody who can read the file can use it from anywhere until it is revoked",
        at=Label(literal.span, "a long-term credential", secret=True),
        related=tuple(Label(span, "and its secret", secret=True) for span in literal.secrets),
        help="Revoke the key in IAM first, then remove it here, and let the workload assume a role instead.",
        subject=subject,
    )
