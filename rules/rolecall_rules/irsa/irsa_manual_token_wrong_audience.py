"""The rule `irsa-manual-token-wrong-audience`."""

from collections.abc import Iterator

from rolecall.chain.variables import entry_of
from rolecall.chain.webhook import IRSA_PAIR
from rolecall.graph import Graph
from rolecall.graph.views import PodContainer
from rolecall.model import OidcProvider
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.span import Span
from rolecall.tree import Scalar
from rolecall_rules.irsa._tokens import KUBERNETES, token_at

_EKS = ("sts.amazonaws.com", "sts.amazonaws.com.cn")
_SERVER = "kubernetes.default.svc"


@rule(
    "irsa-manual-token-wrong-audience",
    summary="the token that a container gives to STS is not made for STS",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html",
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/",
    ),
    tags=("irsa",),
)
def irsa_manual_token_wrong_audience(subject: PodContainer, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds containers whose `AWS_WEB_IDENTITY_TOKEN_FILE` is a token with another audience than `sts.amazonaws.com`.

    That is the token for the API server, at the path where Kubernetes mounts it, and a projected token with another
    `audience` or none. Silent where an OIDC provider of these files takes that audience.

    ## Why it matters
    IAM's OIDC provider takes only tokens whose audience is on its list of client ids, and that is `sts.amazonaws.com`
    for nearly every cluster. STS answers `InvalidIdentityToken: Incorrect token audience`, and the container has no
    credentials. Sending the API server's own token to somebody else gives it away, besides.

    ## How to fix it
    Project a token with `audience: sts.amazonaws.com`, or annotate the service account and let the webhook do it.
    """
    entry = entry_of(subject, IRSA_PAIR[1])
    path = entry.value.known if entry is not None and entry.value is not None else None
    if entry is None or entry.value is None or not path:
        return
    token = token_at(subject, path)
    if token is None and path not in KUBERNETES:
        return
    audience = token.audience if token is not None else None
    if audience is not None and audience.known is None:
        yield Unevaluated(f"the audience of the token of {subject.display}", audience.hole.why, audience.span)
        return
    if audience is not None and audience.known in _EKS:
        return
    if _is_taken(audience, graph):
        return
    words = f"audience {audience.known}" if audience is not None else "the API server's audience"
    yield Finding(
        f"{subject.display} gives STS a token with {words}: the OIDC provider takes tokens for sts.amazonaws.com, so"
        " STS refuses it",
        at=Label(entry.value.span, "the token that is given to STS"),
        related=(Label(_place(audience, token.path if token is not None else None), "decides its audience"),)
        if token is not None
        else (),
        help="Project a token with audience sts.amazonaws.com.",
        subject=subject.display,
    )


def _place(audience: Scalar | None, path: Scalar | None) -> Span:
    thing = audience or path
    if thing is None:
        raise ValueError("a token has a path")
    return thing.span


def _is_taken(audience: Scalar | None, graph: Graph) -> bool:
    """Whether a provider of this world takes the audience, or may do so."""
    for provider in graph.all(OidcProvider):
        ids = [one.known for one in provider.client_ids]
        if provider.client_ids_rest is not None or None in ids:
            return True
        if audience is not None and audience.known in ids:
            return True
        if audience is None and any(_SERVER in (one or "") for one in ids):
            return True
    return False
