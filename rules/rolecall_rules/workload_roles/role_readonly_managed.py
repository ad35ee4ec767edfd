"""The rule `role-readonly-managed`."""

from collections.abc import Iterator

from rolecall.graph.views import WorkloadRole
from rolecall.rule import Confidence, Finding, Label, Persona, Platform, Severity, rule
from rolecall_rules.workload_roles._bindings import is_for
from rolecall_rules.workload_roles._labels import why

# What looks at a whole account: metrics, inventory, cost, compliance, and controllers that discover resources.
_LOOK_AT_ALL = frozenset(
    {
        *(
            "exporter",
            "yace",
            "keda",
            "cloudwatch",
            "grafana",
            "prometheus",
            "datadog",
            "newrelic",
            "dynatrace",
            "splunk",
        ),
        *("steampipe", "prowler", "custodian", "cartography", "cloudquery", "scoutsuite", "inventory", "audit"),
        *("kubecost", "opencost", "cost", "komiser", "backstage", "headlamp"),
        *("autoscaler", "karpenter", "load-balancer", "external-dns", "cert-manager"),
    }
)


@rule(
    "role-readonly-managed",
    summary="a pod's role may read all of a service, by a managed policy",
    severity=Severity.INFO,
    confidence=Confidence.LOW,
    persona=Persona.AUDITOR,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-use-aws-defined-policies",
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
    ),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON, Platform.CLOUDFORMATION),
    yields_to=("role-admin", "role-privesc", "role-secrets-star", "role-sensitive-action-star-resource"),
    tags=("irsa", "pod-identity", "least-privilege"),
)
def role_readonly_managed(workload: WorkloadRole) -> Iterator[Finding]:
    """Finds roles of pods with an AWS managed `…ReadOnlyAccess` policy.

    Node roles, policies for pulling images, and tools that look at a whole account (exporters, inventory, cost) are
    passed over.

    ## Why it matters
    `AmazonS3ReadOnlyAccess` reads every object of every bucket, `AmazonDynamoDBReadOnlyAccess` every item of every
    table in the account. A workload mostly needs one of them.

    ## How to fix it
    Write a policy with the same actions on the resources that the workload uses.
    """
    if workload.is_node_role or is_for(workload, _LOOK_AT_ALL):
        return
    for source in workload.policies:
        name = source.managed
        if name is None or not name.endswith("ReadOnlyAccess"):
            continue
        yield Finding(
            f"{workload.role.display} has {name}, so its pods may read all that the policy names in the whole account",
            at=Label(source.at, "holds for every resource of the account"),
            related=why(workload, beside=source.at),
            help="Allow the same actions on the resources that the workload uses.",
            subject=f"{workload.role.origin.address} {name}",
        )
