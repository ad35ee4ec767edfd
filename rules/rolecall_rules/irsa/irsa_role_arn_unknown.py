"""The rule `irsa-role-arn-unknown`."""

from collections.abc import Iterator

from rolecall import regex
from rolecall.graph import Graph
from rolecall.graph.views import IrsaBinding
from rolecall.model import Role
from rolecall.near import nearest
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule

_ARN = regex.compile(r"arn:aws[a-z0-9-]*:iam::(?P<account>[0-9]{12}):role/(?:.*/)?(?P<name>[^/]+)")
_WORDS = regex.compile(r"[-_.]")
_DIGITS = regex.compile(r"[0-9]+")
_STAGES = frozenset({"dev", "qa", "uat", "int", "test", "tst", "stg", "stage", "prd", "prod", "pre", "nonprod", "sbx"})


@rule(
    "irsa-role-arn-unknown",
    summary="no role of the annotation's name is declared, but one whose name is nearly the same",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=("https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",),
    yields_to=("irsa-role-arn-malformed",),
    tags=("irsa",),
)
def irsa_role_arn_unknown(binding: IrsaBinding, graph: Graph) -> Iterator[Finding]:
    """Finds role annotations that name no role of these files, where one of them differs by a letter or two.

    Informational where the names differ in the word for a stage (`dev`, `prd`). Silent where only digits differ, where
    the role that is near is of another account, and where the files declare no role of a known name.

    ## Why it matters
    IAM compares names letter for letter. Nothing tells when the pod starts: the first AWS call fails with
    `AccessDenied`, as for a role that does not exist.

    ## How to fix it
    Write the name as the role has it.
    """
    written = _ARN.fullmatch(binding.arn.known or "")
    if binding.role is not None or written is None:
        return
    names: dict[str, list[Role]] = graph.keep(_by_name)
    name = written["name"]
    if name in names:
        return
    near = nearest(name, names)
    if near is None or _DIGITS.sub("", near) == _DIGITS.sub("", name):
        return
    roles = [role for role in names[near] if _account(role) in (None, written["account"])]
    if not roles:
        return
    stage = _differ_by_stage(name, near)
    yield Finding(
        f"{binding.service_account.display} is annotated with role {name}, which these files do not declare; they"
        f" declare {near}, so this is likely a slip, and AWS calls of its pods fail with AccessDenied",
        at=Label(binding.arn.span, f"nearly {near}"),
        related=(Label(roles[0].origin.span, "the role that was probably meant"),),
        help=f"Write {near}, if that is the role.",
        subject=f"{binding.service_account.display} {name}",
        severity=Severity.INFO if stage else None,
    )


def _by_name(graph: Graph) -> dict[str, list[Role]]:
    found: dict[str, list[Role]] = {}
    for role in graph.all(Role):
        if role.name is not None and role.name.known:
            found.setdefault(role.name.known, []).append(role)
    return found


def _account(role: Role) -> str | None:
    return role.trust.account.known if role.trust is not None and role.trust.account is not None else None


def _differ_by_stage(first: str, second: str) -> bool:
    one, other = _WORDS.split(first), _WORDS.split(second)
    apart = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
    return len(one) == len(other) and any(set(pair) <= _STAGES for pair in apart)
