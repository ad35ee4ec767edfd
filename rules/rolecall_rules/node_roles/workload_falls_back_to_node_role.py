"""The rule `workload-falls-back-to-node-role`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.chain import Source, chain_of
from rolecall.chain.uses import evidence_of_aws
from rolecall.graph import Graph
from rolecall.graph.views import NodeRole, PodContainer
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.metadata._shared import is_broad

_SYSTEM = "kube-system"


@rule(
    "workload-falls-back-to-node-role",
    summary="a workload that calls AWS has no credentials of its own, so it becomes its node",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
        "https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html",
    ),
    yields_to=("hostnetwork-workload-reaches-imds",),
    tags=("node-role", "precedence"),
)
def workload_falls_back_to_node_role(subject: PodContainer, graph: Graph) -> Iterator[Finding]:
    """Finds containers that evidently call AWS, with neither a role nor keys, that their node's metadata may reach.

    Evident are calls of the AWS CLI, a controller's arguments for AWS, and a region with a variable that names a
    service. The service account has to be among the files, and all that the environment takes. Medium where a node role
    of these files may do more than run nodes. Silent on Fargate, where the nodes keep pods out, beside an endpoint that
    is not AWS, and in kube-system.

    ## Why it matters
    What is left in the chain is the metadata service, and it answers with the node's role: the workload gets the
    permissions of the node and of everything else on it, and its calls cannot be told from theirs. Once the hop limit
    is 1 they fail.

    ## How to fix it
    Give the service account a role of its own, by an annotation or a Pod Identity association.
    """
    namespace = subject.workload.namespace.known if subject.workload.namespace is not None else None
    if namespace == _SYSTEM or subject.endpoint is not None or subject.container.role == "ephemeral":
        return
    used = evidence_of_aws(subject)
    account = subject.runs_as.service_account
    if used is None or account is None:
        return
    found = chain_of(subject, graph)
    step = found.step(Source.METADATA)
    others = (one for one in found.steps if one is not step)
    if step.present is Answer.NO or any(one.present is not Answer.NO for one in others):
        return
    nodes = graph.all(NodeRole)
    broad = next((node for node in nodes if is_broad(node)), None)
    words = step.identity.words if step.identity is not None else "its node's role"
    yield Finding(
        f"{subject.display} calls AWS and has no credentials of its own: service account {account.name.display} has no"
        f" role, so it can only become {words}",
        at=Label(used[0], used[1]),
        related=(
            Label(account.name.span, "has no role"),
            *((Label(broad.role.origin.span, "may do more than run nodes"),) if broad is not None else ()),
        ),
        help="Give the service account a role of its own.",
        subject=subject.display,
        severity=Severity.MEDIUM if broad is not None else None,
    )
