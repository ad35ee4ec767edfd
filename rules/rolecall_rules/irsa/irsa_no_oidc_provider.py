"""The rule `irsa-no-oidc-provider`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.views import IrsaBinding
from rolecall.iam.issuers import is_eks, issuer_of
from rolecall.iam.trust import effect_of
from rolecall.model import Cluster, OidcProvider, TrustPolicy, UnreadClusterModule
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule


@rule(
    "irsa-no-oidc-provider",
    summary="a cluster is declared whose service accounts have roles, and no IAM OIDC provider for it",
    severity=Severity.LOW,
    confidence=Confidence.LOW,
    formats=(Platform.TERRAFORM,),
    references=("https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html",),
    tags=("irsa",),
)
def irsa_no_oidc_provider(cluster: Cluster, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds clusters of Terraform beside annotated service accounts where nothing makes an OIDC provider.

    For the pedantic: the provider may be in another repository. Silent where a module of others makes the cluster, and
    where a trust policy names a provider that is not of these files. Not evaluated where a module that is not read is
    given the cluster.

    ## Why it matters
    IAM takes a cluster's tokens only once its issuer is registered in the account as an OIDC provider. Until then STS
    answers every pod with `InvalidIdentityToken: No OpenIDConnect provider found in your account`.

    ## How to fix it
    Add an `aws_iam_openid_connect_provider` with the cluster's issuer as its URL and `sts.amazonaws.com` as client id.
    """
    if "aws_eks_cluster." not in cluster.origin.address or cluster.origin.within:
        return
    bindings = graph.all(IrsaBinding)
    if not bindings or graph.all(OidcProvider) or any(map(_names_a_provider, graph.all(TrustPolicy))):
        return
    if len({one.origin.span for one in graph.all(Cluster)}) > 1:
        return
    module = next((one for one in graph.all(UnreadClusterModule) if one.origin.unit == cluster.origin.unit), None)
    if module is not None:
        why = f"{module.origin.address}, which is not read, may make it"
        yield Unevaluated(f"whether {cluster.origin.display} has an OIDC provider", why, cluster.origin.span)
        return
    yield Finding(
        f"{cluster.origin.display} has service accounts with roles and no IAM OIDC provider among these files: STS"
        " refuses their tokens until there is one",
        at=Label(cluster.origin.span, "its issuer is not registered here"),
        related=(Label(bindings[0].arn.span, "needs a provider"),),
        help="Add an aws_iam_openid_connect_provider for the cluster's issuer.",
        subject=cluster.origin.address,
    )


def _names_a_provider(trust: TrustPolicy) -> bool:
    """Whether a policy trusts the provider of a cluster, or one that is not known."""
    for statement in trust.document.statements:
        if effect_of(statement) != "Allow":
            continue
        if statement.principals_rest is not None:
            return True
        for principal in statement.principals:
            issuer = issuer_of(principal.value) if principal.type.known == "Federated" else None
            if issuer is not None and is_eks(issuer) is not Answer.NO:
                return True
    return False
