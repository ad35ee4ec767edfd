"""OIDC issuers in trust policies: how they are written, and which are shared by many tenants."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.iam.patterns import glob, intersects
from rolecall.records import dataclass
from rolecall.tree import Hole, merged

if TYPE_CHECKING:
    from rolecall.iam.patterns import Text
    from rolecall.tree import Scalar

# docs.aws.amazon.com/eks/latest/userguide/network-reqs.html has the dual-stack one.
_EKS_HOSTS = ("oidc.eks.", "oidc-eks.")
# No URL has these characters: `${OIDC}`, `{{ oidc }}`, `<issuer>`, `$OIDC`, `OIDC_PROVIDER` are filled in by some tool.
_PLACEHOLDER = re.compile(r"[$<>{}%\s]|[A-Z]+_[A-Z_]+")
_PROVIDER = ":oidc-provider/"
_PROVIDER_TYPE = "aws_iam_openid_connect_provider."
# What EKS gives as a cluster's issuer begins with its scheme:
# docs.aws.amazon.com/eks/latest/APIReference/API_OIDC.html. `identity` and `oidc` are lists of one in the provider.
_CLUSTER = re.compile(r"(?:^|\.)aws_eks_cluster\.[^.\[\]]+(?:\[[^\]]*\])?$")
_CLUSTER_ISSUER = re.compile(r"identity(?:\[0\]|\.0)?\.oidc(?:\[0\]|\.0)?\.issuer")


@dataclass(frozen=True, slots=True)
class SharedIssuer:
    """An issuer that gives tokens to many tenants, and the claims that tell them apart.

    `tenancy` are the claims one of which must be bound; `other_tenancy` further claims that bind as well. `attacker`
    is a subject that anybody can have there, for examples.
    """

    name: str
    host: str
    tenancy: tuple[str, ...] = ("sub",)
    other_tenancy: tuple[str, ...] = ()
    attacker: str = ""


GITHUB = SharedIssuer(
    "GitHub Actions",
    "token.actions.githubusercontent.com",
    # docs.github.com/en/actions/concepts/security/openid-connect: claims that only the owner of the repository gets.
    other_tenancy=(
        "enterprise",
        "enterprise_id",
        "job_workflow_ref",
        "repository",
        "repository_id",
        "repository_owner",
        "repository_owner_id",
        "workflow_ref",
    ),
    attacker="repo:attacker/anything:ref:refs/heads/main",
)

# docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html, as others quote it;
# Google, Amazon and Facebook are the providers built into IAM.
SHARED: tuple[SharedIssuer, ...] = (
    GITHUB,
    SharedIssuer("GitHub audit log", "oidc-configuration.audit-log.githubusercontent.com"),
    SharedIssuer("GitHub Actions (vstoken)", "vstoken.actions.githubusercontent.com"),
    SharedIssuer("GitLab.com", "gitlab.com", attacker="project_path:attacker/anything:ref_type:branch:ref:main"),
    SharedIssuer(
        "HCP Terraform", "app.terraform.io", attacker="organization:attacker:project:p:workspace:w:run_phase:apply"
    ),
    SharedIssuer("Buildkite", "agent.buildkite.com", attacker="organization:attacker:pipeline:p:ref:refs/heads/main"),
    SharedIssuer("Codefresh", "oidc.codefresh.io"),
    SharedIssuer("DataChain Studio", "studio.datachain.ai/api"),
    SharedIssuer("Pulumi Cloud", "api.pulumi.com/oidc", ("aud",)),
    SharedIssuer("sandboxes.cloud", "sandboxes.cloud", ("aud",)),
    SharedIssuer("Scalr", "scalr.io"),
    SharedIssuer("Shisho Cloud", "tokens.cloud.shisho.dev"),
    SharedIssuer("Upbound", "proidc.upbound.io"),
    SharedIssuer("Vercel", "oidc.vercel.com", ("aud",)),
    SharedIssuer("IBM Turbonomic", "rh-oidc.s3.us-east-1.amazonaws.com/*"),
    SharedIssuer("IBM Turbonomic", "oidc.op1.openshiftapps.com/*"),
    SharedIssuer("Amazon Cognito", "cognito-identity.amazonaws.com", ("aud",)),
    SharedIssuer("Google", "accounts.google.com", ("aud", "sub")),
    SharedIssuer("Login with Amazon", "www.amazon.com", ("app_id",)),
    SharedIssuer("Facebook", "graph.facebook.com", ("app_id",)),
    SharedIssuer("Azure (AWS agent)", "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d", ("sts:rolesessionname",)),
)

_BY_HOST = {shared.host: shared for shared in SHARED}
_BY_PREFIX = tuple((shared.host.removesuffix("*"), shared) for shared in SHARED if shared.host.endswith("*"))

# Issuers whose URL holds the tenant, used for one purpose: an open subject admits that tenant's own jobs only.
_PRIVATE = (
    glob("oidc.circleci.com/org/*"),
    glob("api.bitbucket.org/2.0/workspaces/*/pipelines-config/identity/oidc"),
    glob("oidc.vercel.com/*"),
    glob("*/_services/token"),
    # docs.spacelift.io/integrations/cloud-providers/oidc: the account is the host's first label.
    glob("*.app.spacelift.io"),
)


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuer as a policy writes it: host and path without a scheme, perhaps partly known.

    `scheme`: the policy writes it with one, where IAM has none: in a provider's ARN, in a condition key.
    """

    text: Text
    scheme: bool = False

    @property
    def known(self) -> str | None:
        """The text where all of it is known."""
        if len(self.text) == 1:
            return self.text[0] if isinstance(self.text[0], str) else None
        return "".join(map(str, self.text)) if not any(isinstance(part, Hole) for part in self.text) else None

    @property
    def display(self) -> str:
        """The issuer as a message names it; a provider known by its ARN is named by its URL."""
        text = "".join(part if isinstance(part, str) else "${" + str(part) + "}" for part in self.text)
        return text.replace(".arn}", ".url}") if _PROVIDER_TYPE in text else text

    @property
    def addresses(self) -> frozenset[tuple[str, str]]:
        """What its unknown parts depend on: unit and address of each thing referred to."""
        holes = [part for part in self.text if isinstance(part, Hole)]
        return frozenset((reference.unit, reference.address) for hole in holes for reference in hole.references)


def issuer_of(principal: Scalar) -> Issuer | None:
    """The issuer that a `Federated` principal names: an OIDC provider's ARN, a built-in host, or a bare URL.

    None for a SAML provider.
    """
    text = principal.known
    if text is not None and ":saml-provider/" in text:
        return None
    parts = merged(principal.parts)
    for index, part in enumerate(parts):
        if isinstance(part, str) and _PROVIDER in part:
            rest = part.split(_PROVIDER, 1)[1]
            written = ((rest,) if rest else ()) + parts[index + 1 :]
            return Issuer(without_scheme(written), has_scheme(written))
    if text is not None and text.startswith("arn:"):
        return None
    return Issuer(without_scheme(parts))


def has_scheme(parts: Text) -> bool:
    """Whether a text certainly has a scheme in it: written out, or with the issuer that EKS gives for a cluster.

    `oidc.eks.<region>.amazonaws.com/id/${…issuer}`, with the scheme in the middle, is the same mistake.
    """
    return any("://" in part if isinstance(part, str) else is_cluster_issuer(part) for part in parts)


def is_cluster_issuer(hole: Hole) -> bool:
    """Whether an unknown is the issuer of an EKS cluster of Terraform's, as it is: with its `https://`."""
    reference = hole.unchanged
    return (
        reference is not None
        and _CLUSTER.search(reference.address) is not None
        and _CLUSTER_ISSUER.fullmatch(reference.attribute) is not None
    )


def without_scheme(parts: Text) -> Text:
    """The text without a leading `https://`."""
    parts = merged(parts)
    if isinstance(parts[0], str) and parts[0].startswith("https://"):
        rest = parts[0].removeprefix("https://")
        return ((rest,) if rest else ()) + parts[1:]
    return parts


def same(first: Issuer, second: Issuer) -> Answer:
    """Whether two texts name one issuer.

    Keys compare without regard to case. Unknown texts name one issuer if they depend on the same attribute, with or
    without its scheme taken off, or on the same OIDC provider (its ARN here, its URL there).
    """
    if first is second:
        return Answer.YES
    if first.known is not None and second.known is not None:
        equal = first.known.lower() == second.known.lower()
        filled_in = not (_PLACEHOLDER.search(first.known) or _PLACEHOLDER.search(second.known))
        return Answer.of(equal) if equal or filled_in else Answer.UNKNOWN
    shared = first.addresses & second.addresses
    if any(_PROVIDER_TYPE in address for _, address in shared):
        return Answer.YES
    if shared and first.addresses == second.addresses and len(first.text) == len(second.text):
        literal_first = [part for part in first.text if isinstance(part, str)]
        if literal_first == [part for part in second.text if isinstance(part, str)]:
            return Answer.YES
    if intersects(glob(first.text, ignore_case=True), glob(second.text, ignore_case=True)) is Answer.NO:
        return Answer.NO
    return Answer.UNKNOWN


def shared_issuer(issuer: Issuer) -> SharedIssuer | None:
    """The shared issuer that this certainly is."""
    text = issuer.known
    if text is None:
        return None
    found = _BY_HOST.get(text.lower())
    if found is not None:
        return found
    return next((shared for prefix, shared in _BY_PREFIX if text.lower().startswith(prefix)), None)


def is_eks(issuer: Issuer) -> Answer:
    """Whether the tokens are those of an EKS cluster's service accounts."""
    first = issuer.text[0]
    if isinstance(first, str) and first.lower().startswith(_EKS_HOSTS):
        return Answer.YES
    if any(
        _CLUSTER.search(reference.address)
        for part in issuer.text
        if isinstance(part, Hole)
        for reference in part.references
    ):
        return Answer.YES
    if issuer.known is None or _PLACEHOLDER.search(issuer.known):
        return Answer.UNKNOWN
    return Answer.NO


def is_private(issuer: Issuer) -> bool:
    """Whether this is a well-known issuer with the tenant in its URL (a CircleCI organisation, a GitHub server)."""
    text = issuer.known
    return text is not None and any(candidate.matches(text) is Answer.YES for candidate in _PRIVATE)
