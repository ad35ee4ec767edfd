"""The rule `pi-association-workload-other-sa`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.namespaces import Place, place_of, same_place
from rolecall.graph.service_accounts import declared_at
from rolecall.graph.views import PodContainer
from rolecall.model import PodIdentityAssociation
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.irsa._users import controllers_of, pods_of


@rule(
    "pi-association-workload-other-sa",
    summary="nothing runs as an associated service account, and the workload of its name runs as another",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    formats=(Platform.TERRAFORM, Platform.EKSCTL),
    references=("https://docs.aws.amazon.com/eks/latest/userguide/pod-id-association.html",),
    tags=("pod-identity",),
)
def pi_association_workload_other_sa(association: PodIdentityAssociation, graph: Graph) -> Iterator[Finding]:
    """Finds associations whose service account is declared and used by no pod, while a workload of its name is there.

    ## Why it matters
    EKS gives the role to pods of that service account only. The workload that it is meant for runs as another one, or
    as `default`, and goes without.

    ## How to fix it
    Set the workload's `serviceAccountName` to the associated one.
    """
    name, namespace = association.service_account, association.namespace
    if name is None or name.known is None or namespace is None or namespace.known is None or not association.certain:
        return
    where = Place(namespace)
    accounts = declared_at(graph, name, where)
    if len(accounts) != 1 or pods_of(accounts[0], graph) or controllers_of(accounts[0], graph):
        return
    for container in graph.all(PodContainer):
        workload = container.workload
        if workload.name.known != name.known or same_place(place_of(workload), where) is not Answer.YES:
            continue
        used = container.pod.service_account
        yield Finding(
            f"service account {namespace.known}/{name.known} is associated with a role, and {workload.display} runs as"
            f" {used.display if used is not None else 'default'} instead, so it does not get that role",
            at=Label(used.span if used is not None else container.pod.span, "not the associated service account"),
            related=(Label(name.used, "the association"), Label(accounts[0].name.span, "nothing runs as it")),
            help=f"Set serviceAccountName: {name.known}.",
            subject=f"{workload.display} {name.known}",
        )
        return
