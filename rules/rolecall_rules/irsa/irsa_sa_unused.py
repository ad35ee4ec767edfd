"""The rule `irsa-sa-unused`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.graph.mentions import is_unused
from rolecall.graph.views import IrsaBinding
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.irsa._users import controllers_of, pods_of


@rule(
    "irsa-sa-unused",
    summary="an annotated service account is used by nothing",
    severity=Severity.INFO,
    confidence=Confidence.MEDIUM,
    formats=(Platform.KUBERNETES,),
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
        "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege",
    ),
    tags=("irsa",),
)
def irsa_sa_unused(binding: IrsaBinding, graph: Graph) -> Iterator[Finding]:
    """Finds service accounts with a role that no document of the tree names, beside pods of their namespace.

    Any document counts that has the name among its references: a pod, a binding of a role, a custom resource, a
    configuration of something that makes pods. Silent where the tree has no pods of the namespace, in overlays of
    Kustomize, and where templates, Helm releases of Terraform or aliases may name anything.

    ## Why it matters
    Whoever may create a pod in the namespace can run it as this service account, and has the role. Nothing needs it.

    ## How to fix it
    Delete the service account, and the role if nothing else uses it; or name it in the workload that it is meant for.
    """
    account = binding.service_account
    if account.patch or not is_unused(account, graph) or pods_of(account, graph) or controllers_of(account, graph):
        return
    role = binding.role.display if binding.role is not None else "a role"
    yield Finding(
        f"{account.display} is annotated with {role}, and nothing here names it: whoever may create a pod in its"
        " namespace can have the role, which nothing needs",
        at=Label(account.name.span, "is named by nothing"),
        related=(Label(binding.annotation.value.span, "the role it has"),),
        help="Delete it, or name it in the workload that it is meant for.",
        subject=account.display,
    )
