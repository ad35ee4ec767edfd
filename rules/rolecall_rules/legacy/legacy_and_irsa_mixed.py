"""The rule `legacy-and-irsa-mixed`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.graph.service_accounts import runs_as
from rolecall.model import Workload
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar
from rolecall_rules.legacy._shared import ROLE


@rule(
    "legacy-and-irsa-mixed",
    summary="a pod asks kube2iam or kiam for a role beside the one that its service account has",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://github.com/jtblin/kube2iam#kubernetes-annotation",
        "https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html",
    ),
    tags=("legacy", "precedence"),
)
def legacy_and_irsa_mixed(subject: Workload, graph: Graph) -> Iterator[Finding]:
    """Finds pods with `iam.amazonaws.com/role` whose service account has a role by IRSA or Pod Identity.

    ## Why it matters
    SDKs try web identity and the container credentials before instance metadata, where the agents listen. The
    annotation is dead; but a program with an SDK too old for the others, or a shell script that asks the metadata
    itself, still becomes the other role.

    ## How to fix it
    Remove the pod's annotation, once every SDK in the pod is recent enough.
    """
    for pod in subject.pods:
        entry = pod.annotation(ROLE)
        account = runs_as(graph, subject, pod)
        if entry is None or (account.role_annotation is None and not account.associations):
            continue
        if isinstance(entry.value, Scalar) and entry.value.is_empty:
            continue
        name = account.name.display if account.name is not None else "default"
        by = "IRSA"
        at = account.role_annotation.value.span if account.role_annotation is not None else None
        if account.associations:
            association = account.associations[0]
            by, at = "Pod Identity", (association.service_account or association.origin).span
        yield Finding(
            f"pods of {subject.display} ask kube2iam or kiam for a role, but service account {name} has one by {by},"
            " which SDKs use first: the annotation does nothing for them",
            at=Label(entry.key.span, "not used"),
            related=(Label(at, f"the role that is used ({by})"),) if at is not None else (),
            help="Remove the annotation from the pod.",
            subject=subject.display,
        )
