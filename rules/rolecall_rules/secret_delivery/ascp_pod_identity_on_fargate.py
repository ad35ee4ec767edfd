"""The rule `ascp-pod-identity-on-fargate`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.chain.fargate import on_fargate
from rolecall.graph import Graph
from rolecall.graph.namespaces import ByName, meant, place_of
from rolecall.graph.views import PodContainer
from rolecall.model import Origin, SecretProviderClass
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule


@rule(
    "ascp-pod-identity-on-fargate",
    summary="a pod on Fargate mounts secrets by Pod Identity, which Fargate does not have",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/secretsmanager/latest/userguide/ascp-pod-identity-integration.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html",
    ),
    tags=("secret-delivery", "pod-identity"),
)
def ascp_pod_identity_on_fargate(subject: PodContainer, graph: Graph) -> Iterator[Finding]:
    """Finds pods that a Fargate profile selects and that mount a SecretProviderClass with `usePodIdentity`.

    ## Why it matters
    The AWS provider asks the Pod Identity agent for credentials. There is none on Fargate, nor does the driver's own
    DaemonSet run there: the volume cannot be mounted, and the pod does not start.

    ## How to fix it
    Let these pods run on EC2 nodes, or fetch the secrets in the application with a role of its own (IRSA).
    """
    pod = subject.pod
    if pod.containers[:1] != (subject.container,) or on_fargate(subject, graph) is not Answer.YES:
        return
    for volume in pod.volumes:
        if volume.provider_class is None:
            continue
        classes: ByName[SecretProviderClass] = graph.keep(_classes)
        found = meant(classes.find(volume.provider_class, place_of(subject.workload)), _origin, subject.workload.origin)
        asked = found.pod_identity if found is not None else None
        if found is None or asked is None or asked.boolean is not True:
            continue
        yield Finding(
            f"{subject.workload.display} runs on Fargate and mounts {found.display} by Pod Identity: there is no"
            " agent to"
            " ask, so its pods do not start",
            at=Label(volume.provider_class.span, "cannot be mounted on Fargate"),
            related=(Label(asked.span, "asks for Pod Identity"),),
            help="Run these pods on EC2 nodes, or fetch the secrets in the application by IRSA.",
            subject=f"{subject.workload.display} {found.display}",
        )


def _classes(graph: Graph) -> ByName[SecretProviderClass]:
    return ByName((one, one.name, place_of(one)) for one in graph.all(SecretProviderClass))


def _origin(thing: SecretProviderClass) -> Origin:
    return thing.origin
