"""The rule `oidc-url-invalid`."""

from collections.abc import Iterator

from rolecall import regex
from rolecall.answer import Answer
from rolecall.iam.issuers import Issuer, eks_fault, has_scheme, is_eks, is_placeholder
from rolecall.model import OidcProvider
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar

_SCHEME = "https://"
_PORT = regex.compile(r"[^/?#]*:(\d+)")
# docs.aws.amazon.com/eks/latest/APIReference/API_Cluster.html: the cluster's `endpoint`.
_ENDPOINT = regex.compile(r"[0-9A-Fa-f]{32}\.[a-z0-9]+\.[a-z0-9-]+\.eks\.amazonaws\.com(?:\.cn)?(?:[/:].*)?")
_DISCOVERY = "/.well-known/openid-configuration"
# Whose tokens have an `iss` that ends in a slash.
_ENDS_IN_SLASH = (".auth0.com/",)
_EXAMPLE = regex.compile(r"EXAMPLE|region-code|[xX]{4,}")


@rule(
    "oidc-url-invalid",
    summary="an OIDC provider's URL is one that IAM refuses, or that no token has as its issuer",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    tags=("oidc",),
)
def oidc_url_invalid(provider: OidcProvider) -> Iterator[Finding]:
    """Finds OIDC providers whose URL IAM refuses, or is not the issuer of any token.

    Without `https://`, with a port, a query or a fragment, with a slash at the end; or one that looks like the issuer
    of an EKS cluster and cannot be it: a region or an id that is none, the cluster's API endpoint.

    The URL has to be, letter for letter, the `iss` claim of the tokens. For EKS that is what `aws eks describe-cluster`
    shows as `identity.oidc.issuer`, not the cluster's endpoint. Certificates' thumbprints are no concern: IAM verifies
    these servers by its own library of authorities.

    ## Why it matters
    IAM refuses such a URL, or takes it and finds no provider for the tokens:
    `InvalidIdentityToken: No OpenIDConnect provider found in your account`. Every role that trusts it is out of reach.

    ## How to fix it
    Copy the issuer as it is. In Terraform, `aws_eks_cluster.<name>.identity[0].oidc[0].issuer` has the scheme already.
    """
    url = provider.url
    if url is None or provider.registered:
        return
    fault = _fault(url)
    if fault is None:
        return
    what, to_do, confidence = fault
    yield Finding(
        f"the OIDC provider `{url.display}` {what}",
        at=Label(url.span, "is not the issuer of any token"),
        help=to_do,
        subject=f"{provider.origin.address} {url.display}",
        confidence=confidence,
    )


def _fault(url: Scalar) -> tuple[str, str, Confidence] | None:
    text = url.known
    if text is None:
        return _fault_of_beginning(url)
    if is_placeholder(text) or _EXAMPLE.search(text):
        return None
    if not text.startswith(_SCHEME):
        return "does not begin with https://, so IAM refuses it", "Begin it with https://.", Confidence.HIGH
    rest = text.removeprefix(_SCHEME)
    if not rest.strip("/"):
        return "names no host, so IAM refuses it", "Write the issuer of the tokens.", Confidence.HIGH
    return _fault_of_text(rest) or _fault_of_eks(rest)


def _fault_of_beginning(url: Scalar) -> tuple[str, str, Confidence] | None:
    """What is wrong in the known beginning of a URL, the rest of which is not known."""
    first = url.parts[0]
    if not isinstance(first, str) or is_placeholder(first):
        return None
    if first.startswith(_SCHEME):
        if has_scheme(url.parts[1:]):
            told = "begins with https:// twice, for the issuer of a cluster has its scheme, so IAM refuses it"
            return told, "Leave out https://: the issuer that EKS gives begins with it.", Confidence.HIGH
        return None
    if _SCHEME.startswith(first):
        return None
    return "does not begin with https://, so IAM refuses it", "Begin it with https://.", Confidence.HIGH


def _fault_of_text(rest: str) -> tuple[str, str, Confidence] | None:
    port = _PORT.match(rest)
    if _ENDPOINT.fullmatch(rest):
        told = "is the API endpoint of an EKS cluster, not its issuer, so no token matches it"
        return told, "Use identity.oidc.issuer of the cluster: https://oidc.eks.<region>…/id/<id>.", Confidence.HIGH
    if port is not None:
        told = f"has the port {port[1]}, which IAM does not take"
        return told, "Serve the issuer on port 443 and leave the port out.", Confidence.HIGH
    if "?" in rest or "#" in rest:
        told = "has a query or a fragment, which an issuer cannot have, so IAM refuses it"
        return told, "Leave out what follows the path.", Confidence.HIGH
    if rest.rstrip("/").endswith(_DISCOVERY):
        told = "is the address of the issuer's discovery document, not the issuer, so no token matches it"
        return told, f"Leave out {_DISCOVERY}.", Confidence.HIGH
    if rest.endswith("/") and not rest.endswith(_ENDS_IN_SLASH):
        told = "ends in a slash, and the issuer in the tokens does not: IAM finds no provider for them"
        sure = Confidence.HIGH if is_eks(Issuer((rest,))) is Answer.YES else Confidence.MEDIUM
        return told, "Leave out the slash, unless the issuer's discovery document has it.", sure
    return None


def _fault_of_eks(rest: str) -> tuple[str, str, Confidence] | None:
    fault = eks_fault(rest) if is_eks(Issuer((rest,))) is Answer.YES else None
    if fault is None:
        return None
    told = f"{fault}, so no cluster has this issuer"
    return told, "Copy identity.oidc.issuer of the cluster, letter for letter.", Confidence.MEDIUM
