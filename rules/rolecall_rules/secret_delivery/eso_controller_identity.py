"""The rule `eso-controller-identity`."""

from collections.abc import Iterator

from rolecall import regex
from rolecall.answer import Answer
from rolecall.chain import Source, chain_of
from rolecall.graph import Graph
from rolecall.graph.views import PodContainer
from rolecall.model import ControllerCredentials
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.secret_delivery._shared import is_emulated

_IMAGE = regex.compile(r"(?:^|/)external-secrets/external-secrets(?:[:@]|$)")
# The same image is the webhook and what makes its certificates.
_OTHERS = frozenset({"webhook", "certcontroller"})


@rule(
    "eso-controller-identity",
    summary="a store of External Secrets leaves authentication to its controller, which has no role",
    severity=Severity.INFO,
    confidence=Confidence.MEDIUM,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=("https://external-secrets.io/latest/provider/aws-access/",),
    tags=("secret-delivery", "node-role"),
)
def eso_controller_identity(subject: ControllerCredentials, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds secret stores for AWS without `auth` where the controller is among the files and has no credentials.

    ## Why it matters
    Such a store uses the controller's own credentials. Without a role or keys these are the node's, by the metadata
    service: the secrets can be read because every node may read them, and with it every pod that reaches the service.
    Where the nodes keep pods from it, the store fails.

    ## How to fix it
    Give the controller's service account a role by Pod Identity or IRSA, or the store a service account of its own in
    `auth.jwt.serviceAccountRef`.
    """
    if subject.controller != "External Secrets" or subject.mechanism is not None or is_emulated(graph):
        return
    controllers: tuple[PodContainer, ...] = graph.keep(_controllers)
    for controller in controllers:
        chain = chain_of(controller, graph)
        others = [step for step in chain.steps if step.source is not Source.METADATA]
        if any(step.present is Answer.YES for step in others):
            return
        unknown = next((step for step in others if step.present is Answer.UNKNOWN), None)
        if unknown is not None:
            what = f"the credentials of {controller.display}, which {subject.display} uses"
            yield Unevaluated(what, "something that is not seen may give it some", controller.container.name.span)
            return
    if controllers:
        name = controllers[0].runs_as.name
        yield Finding(
            f"{subject.display} leaves authentication to its controller, and {controllers[0].display} has no"
            " credentials of its own: it reads secrets as its node, or not at all",
            at=Label(subject.origin.span, "has no auth"),
            related=(Label(name.span, "has no role"),) if name is not None else (),
            help="Give the controller's service account a role, or the store one in auth.jwt.serviceAccountRef.",
            subject=subject.display,
        )


def _controllers(graph: Graph) -> tuple[PodContainer, ...]:
    return tuple(
        one
        for one in graph.all(PodContainer)
        if one.container.image is not None
        and _IMAGE.search(one.container.image.display)
        and _OTHERS.isdisjoint(word.known for word in one.container.command)
    )
