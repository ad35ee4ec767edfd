"""The rule `ascp-identity-mismatch`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.graph.namespaces import ByName, meant, place_of
from rolecall.graph.service_accounts import ROLE_ARN, runs_as
from rolecall.graph.views import PodServiceAccount
from rolecall.model import Origin, SecretProviderClass, Workload
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar
from rolecall_rules.secret_delivery._shared import may_be_annotated_by_a_chart

# Go's strconv.ParseBool, by which the provider reads the parameter.
_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False", ""})


@rule(
    "ascp-identity-mismatch",
    summary="a pod mounts AWS secrets with an identity that its service account does not have",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/secretsmanager/latest/userguide/ascp-eks-installation.html",
        "https://github.com/aws/secrets-store-csi-driver-provider-aws#usage",
    ),
    tags=("secret-delivery", "irsa", "pod-identity"),
)
def ascp_identity_mismatch(subject: Workload, graph: Graph) -> Iterator[Finding]:
    """Finds pods with a `SecretProviderClass` for AWS whose `usePodIdentity` does not fit their service account.

    Without it the provider reads the account's role annotation, with it the account's Pod Identity association. The
    service account is among the files and has only the other, or none. A value that is no boolean fails in any case.

    ## Why it matters
    The provider authenticates as the pod's service account before the pod starts. Without the identity that it asks for
    the mount fails, and the pod stays in `ContainerCreating`.

    ## How to fix it
    Set `usePodIdentity: "true"` where the service account has an association, remove it where it has a role annotation.
    """
    for pod in subject.pods:
        for volume in pod.volumes:
            if volume.provider_class is None:
                continue
            classes: ByName[SecretProviderClass] = graph.keep(_classes)
            found = meant(classes.find(volume.provider_class, place_of(subject)), _origin, subject.origin)
            if found is None or found.provider is None or found.provider.known != "aws":
                continue
            why = _mismatch(found.pod_identity, runs_as(graph, subject, pod), graph)
            if why is not None:
                message, at, related = why
                yield Finding(
                    f"pods of {subject.display} cannot mount {found.display}: {message}",
                    at=at or Label(volume.provider_class.span, "cannot be mounted"),
                    related=related,
                    help='Let usePodIdentity be "true" for an association, and absent for a role annotation.',
                    subject=f"{subject.display} {found.display}",
                )


def _mismatch(
    asked: Scalar | None, account: PodServiceAccount, graph: Graph
) -> tuple[str, Label | None, tuple[Label, ...]] | None:
    """What does not fit, the text that is wrong if it is not the pod's, and what it is compared with."""
    text = asked.known if asked is not None else ""
    if asked is not None and text is not None and text not in _TRUE | _FALSE:
        return f"`{text}` is no boolean to the AWS provider", Label(asked.span, "is no boolean"), ()
    annotation = account.role_annotation
    if asked is not None and text in _TRUE and annotation is not None:
        if account.associations or account.possible_associations:
            return None
        return (
            "usePodIdentity asks for a Pod Identity association, and its service account has a role annotation only",
            Label(asked.span, "asks for an association"),
            (Label(annotation.value.span, "is not looked at"),),
        )
    return _unannotated(asked, account, graph) if text in _FALSE else None


def _unannotated(
    asked: Scalar | None, account: PodServiceAccount, graph: Graph
) -> tuple[str, Label | None, tuple[Label, ...]] | None:
    """The same, where the provider goes by the annotation of the service account."""
    named = account.service_account
    if named is None or account.role_annotation is not None or named.annotation(ROLE_ARN) is not None:
        return None
    if may_be_annotated_by_a_chart(named, graph):
        return None
    bound = account.associations[0].service_account if account.associations else None
    return (
        "without usePodIdentity the AWS provider reads the role annotation of its service account, which has none",
        Label(asked.span, "asks for the role annotation") if asked is not None else None,
        (
            Label(named.name.span, "has no role annotation"),
            *((Label(bound.span, "its association is not looked at"),) if bound is not None else ()),
        ),
    )


def _classes(graph: Graph) -> ByName[SecretProviderClass]:
    return ByName((one, one.name, place_of(one)) for one in graph.all(SecretProviderClass))


def _origin(thing: SecretProviderClass) -> Origin:
    return thing.origin
