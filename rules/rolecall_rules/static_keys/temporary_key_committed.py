"""The rule `temporary-key-committed`."""

from collections.abc import Iterator

from rolecall.model import KeyLiteral, MaterialKind
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule


@rule(
    "temporary-key-committed",
    summary="a temporary AWS access key is written in the file",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    formats=(Platform.ANY,),
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html",
    ),
    yields_to=(
        "static-key-in-configmap",
        "static-key-in-credentials-file",
        "dockerfile-env-aws-key",
        "dockerfile-run-aws-configure",
        "tf-provider-static-key",
        "userdata-aws-key",
    ),
    tags=("static-keys",),
)
def temporary_key_committed(literal: KeyLiteral) -> Iterator[Finding]:
    """Finds access key ids of temporary credentials (ASIA…) in the text of any file, comments included.

    The id has to hold a digit, or a secret or session token has to stand beside it: words that begin with ASIA are no
    keys. Documentation examples and placeholders are not reported.

    ## Why it matters
    STS's credentials end after at most 36 hours. A workload that is given them works on the day of the commit and
    fails with `ExpiredToken` or `InvalidClientTokenId` soon after. Until then, whoever reads the file can use them.

    ## How to fix it
    Remove the key with its secret and its session token. SDKs fetch temporary credentials themselves, and renew them,
    when the pod has a role by IRSA or EKS Pod Identity.
    """
    material = literal.material
    if material.kind is not MaterialKind.TEMPORARY_KEY_ID:
        return
    owner = f" of account {material.account}" if material.account else ""
    yield Finding(
        f"the temporary access key {material.shown}{owner} is written here: it expires within hours, after which AWS"
        " refuses whatever uses it",
        at=Label(literal.span, "a temporary credential", secret=True),
        help="Remove the key, its secret and its token, and let the workload assume a role, which renews by itself.",
        subject=material.shown,
    )
