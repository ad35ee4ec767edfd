"""The rule `eksctl-oidc-disabled`."""

from collections.abc import Iterator

from rolecall.model import EksctlServiceAccounts
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule


@rule(
    "eksctl-oidc-disabled",
    summary="eksctl is to give service accounts roles, but not to make the OIDC provider that they need",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.EKSCTL,),
    references=(
        "https://docs.aws.amazon.com/eks/latest/eksctl/iamserviceaccounts.html",
        "https://github.com/eksctl-io/eksctl/blob/main/pkg/apis/eksctl.io/v1alpha5/validation.go",
    ),
    tags=("irsa", "oidc"),
)
def eksctl_oidc_disabled(accounts: EksctlServiceAccounts) -> Iterator[Finding]:
    """Finds eksctl configurations with `iam.serviceAccounts` or `karpenter` whose `iam.withOIDC` is not true.

    Not written is false. An existing role (`attachRoleARN`) and a role alone (`roleOnly`) need the provider too.

    ## Why it matters
    Eksctl takes the configuration for none of its commands: `iam.withOIDC must be enabled explicitly for
    iam.serviceAccounts to be created`. Without the provider the roles could not be assumed either: their trust policies
    name it.

    ## How to fix it
    Set `iam.withOIDC: true`, or move the service accounts to `iam.podIdentityAssociations`, which need the add-on
    `eks-pod-identity-agent` and no provider.
    """
    written = accounts.with_oidc
    if written is not None and written.boolean is not False:
        return
    first = accounts.names[0] if accounts.names else None
    at = written.span if written is not None else accounts.origin.span
    related = [accounts.origin.span] if written is not None else [first.span] if first is not None else []
    related = [span for span in related if span != at]
    says = "is false" if written is not None else "is not set"
    yield Finding(
        f"{accounts.cluster} has {accounts.field}, and its iam.withOIDC {says}: eksctl refuses the whole"
        " configuration, since no role for a service account can be assumed without the cluster's OIDC provider",
        at=Label(at, "no OIDC provider" if written is not None else "needs iam.withOIDC"),
        related=tuple(Label(span, "needs the OIDC provider") for span in related),
        help="Set iam.withOIDC to true.",
        subject=accounts.origin.address,
    )
