"""The rule `irsa-volume-name-collision`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.graph.service_accounts import runs_as
from rolecall.model import Workload
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule

_IRSA, _POD_IDENTITY = "aws-iam-token", "eks-pod-identity-token"


@rule(
    "irsa-volume-name-collision",
    summary="a volume has the name of the webhook's own and holds no token",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=("https://github.com/aws/amazon-eks-pod-identity-webhook/blob/master/pkg/handler/handler.go",),
    tags=("irsa", "pod-identity"),
)
def irsa_volume_name_collision(subject: Workload, graph: Graph) -> Iterator[Finding]:
    """Finds volumes called `aws-iam-token` or `eks-pod-identity-token` that are no projected tokens.

    The pod's service account has a role by IRSA or Pod Identity, so the webhook would add a volume of that name. A
    projected volume of that name, as clusters with a webhook of their own have it, is left alone.

    ## Why it matters
    The webhook leaves a volume that is already there, and still points the SDK at a token in it. There is none, so the
    SDK fails to read its credentials.

    ## How to fix it
    Give the volume another name.
    """
    for pod in subject.pods:
        wrong = [one for one in pod.volumes if one.name.known in (_IRSA, _POD_IDENTITY) and one.type != "projected"]
        if not wrong:
            continue
        account = runs_as(graph, subject, pod)
        bound = account.associations[0] if account.associations else None
        annotation = account.role_annotation
        name = _POD_IDENTITY if bound is not None else _IRSA if annotation is not None else None
        for volume in wrong:
            if volume.name.known != name:
                continue
            by = bound.origin.span if bound is not None else annotation.value.span if annotation is not None else None
            yield Finding(
                f"a volume of {subject.display} is called {name}, as the webhook's own, which it therefore does not"
                " add: the SDK is pointed at a token that is not in it",
                at=Label(volume.name.span, "the webhook's own name"),
                related=(Label(by, "makes the webhook need a volume of that name"),) if by is not None else (),
                help="Give the volume another name.",
                subject=f"{subject.display} {name}",
            )
