"""OIDC issuers in trust policies: how they are written, and which are shared by many tenants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.answer import Answer
from rolecall.iam.declared import is_cluster, is_issuer, is_provider
from rolecall.iam.patterns import glob, intersects
from rolecall.records import dataclass
from rolecall.tree import Hole, merged

if TYPE_CHECKING:
    from rolecall.iam.patterns import Text
    from rolecall.tree import Reference, Scalar

# docs.aws.amazon.com/eks/latest/userguide/network-reqs.html has the dual-stack one.
_EKS_HOSTS = ("oidc.eks.", "oidc-eks.")
# No URL has these characters: `${OIDC}`, `{{ oidc }}`, `<issuer>`, `$OIDC`, `OIDC_PROVIDER` are filled in by some tool.
_PLACEHOLDER = regex.compile(r"[$<>{}%\s]|[A-Z]+_[A-Z_]+")
_PROVIDER = ":oidc-provider/"


# The issuers of EKS clusters: docs.aws.amazon.com/eks/latest/userguide/network-reqs.html (dual stack), and what
# amazon-vpc-cni and eksctl test with for China and the European cloud. An id is 32 digits, letters in upper case.
_EKS = regex.compile(
    r"(?:oidc\.eks\.(?P<region>[^./]*)\.(?P<domain>amazonaws\.com(?:\.cn)?|c2s\.ic\.gov|sc2s\.sgov\.gov|amazonaws\.eu)"
    r"|oidc-eks\.(?P<dual_region>[^./]*)\.api\.(?P<dual_domain>aws|amazonwebservices\.com\.cn|amazonwebservices\.eu))"
    r"/id/(?P<id>[^/]*)"
)
_REGION = regex.compile(r"[a-z]{2,4}(?:-[a-z]+)+-[0-9]+")
_ID = regex.compile(r"[0-9A-F]{32}")


@dataclass(frozen=True, slots=True)
class SubjectGrammar:
    """How an issuer writes its subjects: fixed text, and three parts, each `{name=example}`.

    The first part names the tenant, the second one of the things that the tenant has (a repository, a pipeline), the
    third all that remains. An example is what a stranger's token can have there. `ids`: a name may be followed by `@`
    and an id that is never given again.
    """

    form: str
    ids: bool = False

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """The example of each part, with the fixed text before it."""
        return tuple((fixed, example) for fixed, _, example in _PART.findall(self.form))

    @property
    def example(self) -> str:
        """A subject of a stranger's token."""
        return _PART.sub(r"\1\3", self.form)

    @property
    def pattern(self) -> str:
        """Every subject, as an IAM pattern."""
        return _PART.sub(r"\1?*", self.form)

    @property
    def placeholders(self) -> str:
        """The subject to write, with names to fill in."""
        return _PART.sub(r"\1<\2>", self.form)


_PART = regex.compile(r"([^{]*)\{([^=}]*)=([^}]*)\}")


@dataclass(frozen=True, slots=True)
class SharedIssuer:
    """An issuer that gives tokens to many tenants, and the claims that tell them apart.

    `tenancy` are the claims one of which must be bound; `other_tenancy` further claims, or keys of the request, that
    bind as well. `required`: IAM refuses to create or change a trust policy that does not bind `tenancy`.
    """

    name: str
    host: str
    tenancy: tuple[str, ...] = ("sub",)
    other_tenancy: tuple[str, ...] = ()
    subjects: SubjectGrammar | None = None
    required: bool = True

    @property
    def attacker(self) -> str:
        """A subject that anybody can have there; empty where the grammar is not known."""
        return self.subjects.example if self.subjects is not None else ""

    def tells_tenants_apart(self, name: str) -> bool:
        """Whether a claim or key, in lower case, differs from tenant to tenant."""
        return name in self.tenancy or name in self.other_tenancy


# docs.github.com/en/actions/reference/security/oidc: the subject, since July 2026 with the owner's and repository's ids
# (`repo:org@1/repo@2:…`; no name has an `@`); and the claims that only the owner of the repository gets.
GITHUB = SharedIssuer(
    "GitHub Actions",
    "token.actions.githubusercontent.com",
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
    subjects=SubjectGrammar("repo:{owner=attacker}/{repository=anything}:{context=ref:refs/heads/main}", ids=True),
)

# docs.gitlab.com/ci/secrets/id_token_authentication: projects may leave out parts of the subject behind the path.
_GITLAB = SubjectGrammar("project_path:{group=attacker}/{project=anything}:{ref=ref_type:branch:ref:main}")
# developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/workload-identity-tokens
_HCP_TERRAFORM = SubjectGrammar(
    "organization:{organization=attacker}:project:{project=anything}:{run=workspace:anything:run_phase:apply}"
)
# buildkite.com/docs/agent/cli/reference/oidc; with session tags, buildkite.com/docs/pipelines/security/oidc/aws.
_BUILDKITE = SubjectGrammar(
    "organization:{organization=attacker}:pipeline:{pipeline=anything}:{build=ref:refs/heads/main:commit:0:step:run}"
)
# codefresh.io/docs/docs/integrations/oidc-pipelines
_CODEFRESH = SubjectGrammar("account:{account=attacker}:pipeline:{pipeline=anything}:{initiator=initiator:push}")
# docs.scalr.io/docs/aws
_SCALR = SubjectGrammar(
    "account:{account=attacker}:environment:{environment=anything}:{workspace=workspace:anything}",
)
# docs.upbound.io, "Connect to AWS with OIDC"
_UPBOUND = SubjectGrammar("mcp:{organization=attacker}/{control plane=anything}:{provider=provider:provider-aws}")
_TURBONOMIC = "IBM Turbonomic"

# docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html, as others quote its table;
# Google, Amazon and Facebook are providers built into IAM. An OpenShift cluster has an issuer of its own, at the same
# hosts as Turbonomic: those are named one by one.
SHARED: tuple[SharedIssuer, ...] = (
    GITHUB,
    SharedIssuer("GitHub audit log", "oidc-configuration.audit-log.githubusercontent.com"),
    SharedIssuer("GitHub Actions (vstoken)", "vstoken.actions.githubusercontent.com"),
    SharedIssuer("GitLab.com", "gitlab.com", subjects=_GITLAB),
    SharedIssuer("HCP Terraform", "app.terraform.io", subjects=_HCP_TERRAFORM),
    SharedIssuer(
        "Buildkite",
        "agent.buildkite.com",
        other_tenancy=(
            "aws:requesttag/organization_id",
            "aws:requesttag/organization_slug",
            "aws:requesttag/pipeline_id",
        ),
        subjects=_BUILDKITE,
    ),
    SharedIssuer("Codefresh", "oidc.codefresh.io", subjects=_CODEFRESH),
    SharedIssuer("DataChain Studio", "studio.datachain.ai/api"),
    SharedIssuer("Pulumi Cloud", "api.pulumi.com/oidc", ("aud",)),
    SharedIssuer("sandboxes.cloud", "sandboxes.cloud", ("aud",)),
    SharedIssuer("Scalr", "scalr.io", subjects=_SCALR),
    SharedIssuer("Shisho Cloud", "tokens.cloud.shisho.dev"),
    SharedIssuer("Upbound", "proidc.upbound.io", subjects=_UPBOUND),
    SharedIssuer("Vercel", "oidc.vercel.com", ("aud",)),
    SharedIssuer(_TURBONOMIC, "rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7"),
    SharedIssuer(_TURBONOMIC, "rh-oidc.s3.us-east-1.amazonaws.com/23e3sd27sju1hoou6ohfs68vbno607tr"),
    SharedIssuer(_TURBONOMIC, "rh-oidc.s3.us-east-1.amazonaws.com/23ne21h005qjl3n33d8dui5dlrmv2tmg"),
    SharedIssuer(_TURBONOMIC, "rh-oidc.s3.us-east-1.amazonaws.com/24jrf12m5dj7ljlfb4ta2frhrcoadm26"),
    SharedIssuer(_TURBONOMIC, "oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb"),
    SharedIssuer(_TURBONOMIC, "oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu"),
    SharedIssuer("Amazon Cognito", "cognito-identity.amazonaws.com", ("aud",)),
    # docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html: `aud` is the client (azp)
    # that asked; `oaud` is what the client chose.
    SharedIssuer("Google", "accounts.google.com", ("aud", "sub"), ("email",), required=False),
    SharedIssuer("Login with Amazon", "www.amazon.com", ("app_id",), ("user_id",), required=False),
    SharedIssuer("Facebook", "graph.facebook.com", ("app_id",), ("id",), required=False),
    SharedIssuer("Azure (AWS agent)", "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d", ("sts:rolesessionname",)),
)

_BY_HOST = {shared.host: shared for shared in SHARED}

# Issuers whose URL holds the tenant, used for one purpose: an open subject admits that tenant's own jobs only.
_PRIVATE = (
    # circleci.com/docs/openid-connect-tokens: subjects are `org/<id>/project/<id>/user/<id>`, of that organisation.
    glob("oidc.circleci.com/org/*"),
    # support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc: subjects are
    # `{repository uuid}:{step uuid}`, of that workspace.
    glob("api.bitbucket.org/2.0/workspaces/*/pipelines-config/identity/oidc"),
    # vercel.com/docs/oidc: subjects are `owner:<team>:project:<project>:environment:<environment>`.
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
        text = "".join(part if isinstance(part, str) else part.written or "${" + str(part) + "}" for part in self.text)
        return text.replace(".arn}", ".url}") if any(map(is_provider, self.references)) else text

    @property
    def references(self) -> tuple[Reference, ...]:
        """What its unknown parts depend on."""
        return tuple(reference for part in self.text if isinstance(part, Hole) for reference in part.references)

    @property
    def addresses(self) -> frozenset[tuple[str, str]]:
        """What its unknown parts depend on: unit and address of each thing referred to."""
        return frozenset((reference.unit, reference.address) for reference in self.references)


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
    return any("://" in part if isinstance(part, str) else is_issuer(part) for part in parts)


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
    if any(is_provider(one) and (one.unit, one.address) in shared for one in first.references):
        return Answer.YES
    if shared and first.addresses == second.addresses and len(first.text) == len(second.text):
        literal_first = [part for part in first.text if isinstance(part, str)]
        if literal_first == [part for part in second.text if isinstance(part, str)]:
            return Answer.YES
    if intersects(glob(first.text, ignore_case=True), glob(second.text, ignore_case=True)) is Answer.NO:
        return Answer.NO
    return Answer.UNKNOWN


def is_placeholder(text: str) -> bool:
    """Whether some tool fills in a part of a text: `${OIDC}`, `<issuer>`, `OIDC_PROVIDER`."""
    return _PLACEHOLDER.search(text) is not None


def eks_fault(issuer: str) -> str | None:
    """What is wrong in the issuer of an EKS cluster, written without a scheme; None for nothing."""
    found = _EKS.fullmatch(issuer)
    if found is None:
        return "is not of the form oidc.eks.<region>.amazonaws.com/id/<id>"
    region = found["region"] or found["dual_region"] or ""
    domain = found["domain"] or found["dual_domain"] or ""
    if _REGION.fullmatch(region) is None:
        return f"names `{region}` where a region has to stand"
    if region.startswith("cn-") is not domain.endswith(".cn"):
        return f"has the domain {domain}, which is not that of {region}"
    if _ID.fullmatch(found["id"]) is None:
        return f"ends in `{found['id']}`, where the cluster's id has 32 digits and upper-case letters from A to F"
    return None


def shared_issuer(issuer: Issuer) -> SharedIssuer | None:
    """The shared issuer that this certainly is."""
    text = issuer.known
    if text is None:
        return None
    return _BY_HOST.get(text.lower())


def is_eks(issuer: Issuer) -> Answer:
    """Whether the tokens are those of an EKS cluster's service accounts."""
    first = issuer.text[0] if issuer.text else ""
    if isinstance(first, str) and first.lower().startswith(_EKS_HOSTS):
        return Answer.YES
    if any(is_cluster(reference) and "issuer" in reference.attribute.lower() for reference in issuer.references):
        return Answer.YES
    if issuer.known is None or _PLACEHOLDER.search(issuer.known):
        return Answer.UNKNOWN
    return Answer.NO


def is_private(issuer: Issuer) -> bool:
    """Whether this is a well-known issuer with the tenant in its URL (a CircleCI organisation, a GitHub server)."""
    text = issuer.known
    return text is not None and any(candidate.matches(text) is Answer.YES for candidate in _PRIVATE)
