"""The rule `tf-provider-static-key`."""

from collections.abc import Iterator

from rolecall.model import MaterialKind, ProviderCredentials
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule

_WORDS = {
    MaterialKind.KEY_ID: "the long-term access key id {shown}",
    MaterialKind.TEMPORARY_KEY_ID: "the temporary access key id {shown}",
    MaterialKind.SECRET_KEY: "a secret access key",
    MaterialKind.SESSION_TOKEN: "a session token",
    MaterialKind.OTHER: "a literal credential",
}


@rule(
    "tf-provider-static-key",
    summary="AWS credentials are written in a Terraform provider or backend",
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    formats=(Platform.TERRAFORM,),
    references=(
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs#provider-configuration",
        "https://developer.hashicorp.com/terraform/language/backend/s3#credentials-and-shared-configuration",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
    ),
    tags=("static-keys",),
)
def tf_provider_static_key(credentials: ProviderCredentials) -> Iterator[Finding]:
    """Finds literal `access_key`, `secret_key` and `token` in `provider "aws"` and `backend "s3"`.

    Variables whose value is not known, placeholders, and providers that talk to an emulator such as LocalStack are not
    reported.

    ## Why it matters
    The key that Terraform runs with can usually create roles and policies: whoever reads the file owns the account.
    Those of a backend are copied into `.terraform` and into saved plans as well.

    ## How to fix it
    Revoke the key. Leave the arguments out: the provider finds credentials by itself, from a profile or SSO session on
    a workstation, from a role on a CI runner, in a pod by IRSA or EKS Pod Identity.
    """
    if credentials.emulator:
        return
    for scalar, material in credentials.arguments:
        words = _WORDS.get(material.kind)
        if words is None:
            continue
        yield Finding(
            f"{credentials.origin.address} holds {words.format(shown=material.shown)}: whoever can read the file can do"
            " what Terraform can do in the account",
            at=Label(scalar.span, "a credential in the clear", secret=True),
            related=tuple(Label(span, "it comes to the provider here") for span in scalar.via),
            help="Revoke the key and leave the argument out: a profile, an SSO session or the runner's role serves.",
            subject=f"{credentials.origin.address} {material.kind.value}",
            confidence=None if material.is_key else Confidence.MEDIUM,
        )
