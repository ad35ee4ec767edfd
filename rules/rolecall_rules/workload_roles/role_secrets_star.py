"""The rule `role-secrets-star`."""

from collections.abc import Iterator

from rolecall.graph.views import WorkloadRole
from rolecall.iam.narrowing import Narrowing
from rolecall.iam.sensitive import SECRET_READS
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.workload_roles._shared import (
    allowing,
    controller,
    is_tied,
    listed,
    lowered,
    on_everything,
    places,
    undecided,
    whoever,
    wide,
)

_KINDS = (
    ("secretsmanager:", "every secret of the account"),
    ("ssm:", "every SSM parameter"),
    ("kms:", "whatever KMS keys encrypt whose key policies leave it to IAM"),
)


@rule(
    "role-secrets-star",
    summary="a role that pods become may read all secrets of the account",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html",
        "https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies-best-practices.html",
    ),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON, Platform.EKSCTL, Platform.CLOUDFORMATION),
    yields_to=("role-admin", "role-privesc", "role-service-wildcard", "role-fullaccess-managed"),
    tags=("workload-role", "least-privilege", "secrets"),
)
def role_secrets_star(role: WorkloadRole) -> Iterator[Finding | Unevaluated]:
    """Finds roles of workloads that read every secret, parameter or key: on `*`, on `secret:*`, on `parameter/*`.

    The policies that modules attach are among them: version 5 of `iam-role-for-service-accounts-eks` and EKS
    Blueprints give External Secrets everything by default. A condition on tags, on `kms:ViaService` or on the
    encryption context passes.

    ## Why it matters
    Whoever runs code in one pod, or may create an `ExternalSecret` that its controller serves, reads the credentials
    of every other application in the account.

    ## How to fix it
    Name the secrets: a path or prefix for each application (`secret:shop/*`). In a module, give its input for the ARNs.
    """
    if role.is_node_role:
        return
    for one in wide(role, SECRET_READS):
        if is_tied(one.holding):
            continue
        kinds = tuple(words for prefix, words in _KINDS if any(action.startswith(prefix) for action in one.actions))
        verb = "decrypt" if all(action.startswith("kms:") for action in one.actions) else "read"
        yield Finding(
            f"{role.role.display} {allowing(one.actions, one.holding)} on all resources, so {whoever(role)} can"
            f" {verb} {listed(kinds)}",
            at=Label(one.at, "on everything" if one.at != one.holding.at else "reaches every application's secrets"),
            related=places(role, one.at, one.holding.granted, *on_everything(one.holding)),
            help="Name the secrets, parameters and keys of this workload, for example by a prefix of their names.",
            subject=f"{role.role.origin.address} {one.actions[0]}",
            severity=lowered(
                Severity.HIGH,
                one.holding.narrowing is not Narrowing.NONE,
                one.holding.cut,
                controller(role) is not None,
            ),
        )
    yield from undecided(role, SECRET_READS)
