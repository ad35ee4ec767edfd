"""The rule `role-fullaccess-managed`."""

from collections.abc import Iterator

from rolecall.graph.views import WorkloadRole
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.workload_roles._shared import FOR_PEOPLE, controller, lowered, places, whoever

_GIVES = {
    "SecretsManagerReadWrite": "read, change and delete every secret of the account",
    "AmazonEC2ContainerRegistryFullAccess": "replace the images of every repository of the account",
    "AmazonEC2ContainerRegistryPowerUser": "replace the images of every repository of the account",
}


@rule(
    "role-fullaccess-managed",
    summary="a role that pods become has an AWS managed policy for full access to a service",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-use-aws-defined-policies",
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
    ),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON, Platform.CLOUDFORMATION),
    yields_to=("role-admin", "role-privesc"),
    tags=("workload-role", "least-privilege"),
)
def role_fullaccess_managed(role: WorkloadRole) -> Iterator[Finding]:
    """Finds AWS managed policies such as `AmazonS3FullAccess` or `SecretsManagerReadWrite` on roles of workloads.

    Policies that AWS makes for one add-on or agent (`AmazonEBSCSIDriverPolicy`, `CloudWatchAgentServerPolicy`) are
    what they are for, and pass.

    ## Why it matters
    Such a policy is for people who administer a service. On a pod's role it reaches every bucket, table or secret of
    the account, those of other teams among them, and grows whenever AWS changes it.

    ## How to fix it
    Replace it with a policy of your own that names the actions and the resources of this workload.
    """
    if role.is_node_role:
        return
    for source in role.policies:
        name = source.managed
        if name is None or not (name in FOR_PEOPLE or (name.endswith("FullAccess") and name != "IAMFullAccess")):
            continue
        gives = _GIVES.get(name, "do everything with the service in the whole account")
        cut = role.may.bounded
        people = "administrators of" if name.endswith("FullAccess") else "people who work with"
        yield Finding(
            f"{role.role.display} has {name}, so {whoever(role)} can {gives}"
            + (", as far as the permissions boundary or session policy leaves it" if cut else ""),
            at=Label(source.at, f"is for {people} the service"),
            related=places(role, source.at, source.at),
            help="Write a policy with the actions that the workload calls, on the resources that it uses.",
            subject=f"{role.role.origin.address} {name}",
            severity=lowered(Severity.MEDIUM, cut, controller(role) is not None),
        )
