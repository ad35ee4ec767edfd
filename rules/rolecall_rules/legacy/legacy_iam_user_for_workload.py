"""The rule `legacy-iam-user-for-workload`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.model import AccessKey, KubernetesObject, ServiceAccount, Workload
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule


@rule(
    "legacy-iam-user-for-workload",
    summary="an IAM user with an access key has the name of a workload",
    severity=Severity.INFO,
    confidence=Confidence.MEDIUM,
    formats=(Platform.TERRAFORM, Platform.CLOUDFORMATION),
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles",
        "https://docs.aws.amazon.com/eks/latest/userguide/service-accounts.html",
    ),
    tags=("legacy", "static-keys"),
)
def legacy_iam_user_for_workload(key: AccessKey, graph: Graph) -> Iterator[Finding]:
    """Finds IAM users with access keys that are called as a workload or service account of these files.

    Where the key is seen to go somewhere, `tf-iam-access-key-to-cluster` speaks; so it does where no workload has the
    user's name. Inactive keys, keys whose secret is encrypted, and those for SES' SMTP only are passed over. An
    account called `default` is nobody's.

    ## Why it matters
    A user that is called like a workload was mostly made for it, before workloads could have roles, and somebody
    carries its key into the cluster by hand. The key works from everywhere until it is rotated, and the SDK prefers it
    to a role of the pod.

    ## How to fix it
    Attach the user's policies to a role, give that to the workload's service account by Pod Identity or IRSA, and
    delete the key and the user.
    """
    name = key.user.known if key.user is not None else None
    namesakes = graph.keep(_by_name).get(name, []) if name is not None else []
    if key.user is None or not namesakes or not key.is_unexplained:
        return
    namesake = namesakes[0]
    yield Finding(
        f"IAM user {name} has a long-lived access key, and {namesake.display} has its name: the key is probably carried"
        " into the cluster by hand, and works from everywhere until somebody rotates it",
        at=Label(key.origin.span, "a long-lived key"),
        related=(Label(namesake.name.span, "has the user's name"),),
        help="Give the workload a role with the user's policies, then delete the key and the user.",
        subject=f"{key.origin.address} {name}",
    )


def _by_name(graph: Graph) -> dict[str, list[KubernetesObject]]:
    found: dict[str, list[KubernetesObject]] = {}
    for one in (*graph.all(Workload), *graph.all(ServiceAccount)):
        # Every namespace has an account `default`, which is nobody's.
        if one.name.known is not None and not (one.kind == "ServiceAccount" and one.name.known == "default"):
            found.setdefault(one.name.known, []).append(one)
    return found
