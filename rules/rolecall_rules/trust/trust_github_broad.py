"""The rule `trust-github-broad`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.iam.conditions import is_positive, key_of
from rolecall.iam.issuers import GITHUB, shared_issuer
from rolecall.iam.trust import WebIdentityGrant
from rolecall.iam.trust_tenants import Reach, WideTenancy, wide_tenancy
from rolecall.model import TrustPolicy
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Hole
from rolecall_rules.trust._shared import grants, labels, speaks_for_text, unevaluated

_GRADES = {
    Reach.EVERYBODY: (Severity.CRITICAL, "any repository on GitHub"),
    Reach.TENANTS: (Severity.CRITICAL, "repositories of every owner whose name fits, and anybody can take such a name"),
    Reach.EVERYTHING: (Severity.MEDIUM, "every repository of the owner"),
    Reach.NAMES: (Severity.MEDIUM, "every repository of the owner whose name fits"),
    Reach.CONTEXTS: (Severity.LOW, "every workflow of the repository, on any branch and for pull requests"),
}
_BRANCH = "ref:refs/heads/main"
# Claims of the run that narrow a subject which leaves it open.
_OF_THE_TENANT = ("sub", "aud", "iss")


@rule(
    "trust-github-broad",
    summary="a wildcard lets more of GitHub assume the role than one branch or environment of one repository",
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.github.com/en/actions/reference/security/oidc",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html#idp_oidc_Create_GitHub",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    tags=("trust", "oidc", "github"),
)
def trust_github_broad(policy: TrustPolicy, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds conditions on the subject of GitHub's tokens whose wildcards reach further than one branch or environment.

    Critical where a repository of somebody else gets in: `repo:*`, or `repo:acme*` without the slash, which
    `acme-attacker/anything` matches too. Medium for all repositories of the owner, or those whose name begins so; low
    for everything that runs in one repository. Whether it gets in is asked of the whole policy: other claims, such as
    `repository_id`, and Deny statements count. Subjects with GitHub's ids, `repo:acme@*/app@*:…`, are safe, for no
    name has an `@`.

    ## Why it matters
    Everybody can have a repository on GitHub, and its workflows get tokens of the same issuer. Within one repository,
    whoever may push a branch, or run a workflow on a pull request, chooses what runs as this role.

    ## How to fix it
    Write the subject out under `StringEquals`: `repo:<owner>/<repository>:ref:refs/heads/main`, or
    `repo:<owner>/<repository>:environment:<name>` with an environment that is protected. Several can be listed.
    """
    if not speaks_for_text(policy, graph):
        return
    for grant in grants(policy, graph):
        if shared_issuer(grant.issuer) is not GITHUB or GITHUB.subjects is None:
            continue
        for wide in wide_tenancy(policy.document, grant, GITHUB.subjects):
            if isinstance(wide, Hole):
                yield unevaluated(policy, grant.statement, (wide,))
            elif wide.reach is not Reach.CONTEXTS or not _narrowed(grant):
                yield _finding(policy, grant, wide)


def _narrowed(grant: WebIdentityGrant) -> bool:
    """Whether a claim about the run is bound: its branch, its environment, its event."""
    keys = (key_of(condition.key) for condition in grant.statement.conditions if is_positive(condition))
    return any(key.issuer is not None and key.name not in _OF_THE_TENANT for key in keys)


def _finding(policy: TrustPolicy, grant: WebIdentityGrant, wide: WideTenancy) -> Finding:
    severity, who = _GRADES[wide.reach]
    value = wide.value
    witness = wide.witness
    if wide.reach is Reach.CONTEXTS:
        witness = witness.removesuffix(_BRANCH) + "pull_request"
    return Finding(
        f"{policy.display} can be assumed by {who}: `{value.display}` matches, for example, `{witness}`",
        at=Label(value.span, f"matches {who}"),
        related=labels(
            (grant.principal.value.span, "GitHub's tokens are trusted"),
            (wide.condition.operator.span, "reads `*` and `?` as wildcards"),
            beside=value.span,
        ),
        help="List the subjects under StringEquals: repo:<owner>/<repository>:ref:refs/heads/<branch>"
        " or repo:<owner>/<repository>:environment:<name>.",
        subject=f"{policy.origin.address} {value.display}",
        severity=severity,
    )
