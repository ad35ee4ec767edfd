"""The rule `irsa-sub-mismatch`."""

from collections.abc import Iterator
from dataclasses import replace

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.views import IrsaBinding
from rolecall.iam.conditions import key_of, operator_of
from rolecall.iam.patterns import Text, pattern
from rolecall.iam.trust import Token, WebIdentityGrant, admits, web_identity_grants
from rolecall.iam.trust_subjects import PREFIX
from rolecall.model import PolicyDocument, ServiceAccount
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Hole, Scalar
from rolecall_rules.irsa._shared import is_template
from rolecall_rules.irsa._users import controllers_of

_SHOWN = 3


@rule(
    "irsa-sub-mismatch",
    summary="the role's trust policy does not admit this service account",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
        "https://github.com/aws/amazon-eks-pod-identity-webhook",
    ),
    formats=(Platform.KUBERNETES, Platform.IAM_JSON, Platform.TERRAFORM),
    yields_to=("irsa-role-arn-malformed", "trust-duplicate-key"),
    tags=("irsa", "trust"),
)
def irsa_sub_mismatch(binding: IrsaBinding, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds service accounts annotated with a role whose trust policy does not admit their subject.

    The subject of a pod's token is `system:serviceaccount:<namespace>:<name>`. It is evaluated against the whole
    trust policy. Where the manifest leaves the namespace open, only the name decides. For a service account that a
    store of External Secrets names, `eso-jwt-role-trust-mismatch` speaks.

    ## Why it matters
    The webhook hands the pod the role and a token all the same. The first AWS call fails with `AccessDenied: Not
    authorized to perform sts:AssumeRoleWithWebIdentity`, and nothing before that says so.

    ## How to fix it
    Make the `sub` condition of the trust policy and the namespace and name of the service account the same, letter
    for letter. If two clusters or namespaces share the role, list both subjects.
    """
    role = binding.role
    if role is None or role.trust is None:
        return
    account, document = binding.service_account, role.trust.document
    if any(one.controller == "External Secrets" for one in controllers_of(account, graph)):
        return
    trusted = list(web_identity_grants(document))
    values = [value for grant in trusted for value in _values(grant)]
    if not values or any(map(_speaks_elsewhere, trusted)) or is_template(account.name.display):
        return
    subject = _subject(account)
    verdict = admits(document, Token(None, subject, None, willing=True))
    if verdict.answer is Answer.UNKNOWN and account.namespace is not None:
        hole = next(iter(verdict.holes), Hole("a condition that is not understood"))
        yield Unevaluated(f"whether {role.display} admits {account.display}", hole.why, binding.annotation.value.span)
    if verdict.answer is not Answer.NO or any(map(role.trust.unsubstituted, document.statements)):
        # Of a key with `${…}` in it, `cfn-condition-key-not-substituted` says that nobody has it.
        return
    if admits(document, Token(None, None, None, willing=True)).answer is Answer.NO:
        return
    yield _finding(binding, role.display, subject, values, _dropped(document, subject))


def _values(grant: WebIdentityGrant) -> Iterator[Scalar]:
    for condition in grant.subject.positive:
        yield from condition.values


def _speaks_elsewhere(grant: WebIdentityGrant) -> bool:
    """Whether another rule says why nobody gets in: another issuer's key, a wildcard under an exact operator."""
    if any(key_of(condition.key).name == "sub" for condition in grant.mismatched):
        return True
    for condition in grant.subject.positive:
        operator = operator_of(condition.operator)
        if operator is not None and not operator.like:
            return any(pattern(value, like=True).wild for value in condition.values)
    return False


def _dropped(document: PolicyDocument, subject: Text) -> Label | None:
    """The key, written twice, whose first value admits the subject and does not count."""
    token = Token(None, subject, None, willing=True)
    for statement in document.statements:
        for duplicate in statement.duplicates:
            counts = duplicate.counts.span
            kept = [one for one in statement.conditions if counts not in (one.key.span, one.operator.span)]
            meant = replace(statement, conditions=(*kept, *duplicate.conditions))
            if duplicate.conditions and admits(document, token, only=meant).answer is Answer.YES:
                return Label(duplicate.dropped.span, "admits this service account, but the same key is written again")
    return None


def _subject(account: ServiceAccount) -> Text:
    unknown = Hole("a namespace that the manifest leaves open")
    namespace = account.namespace.parts if account.namespace is not None else (unknown,)
    parts = (PREFIX, *namespace, ":", *account.name.parts)
    return ("".join(map(str, parts)),) if all(isinstance(part, str) for part in parts) else parts


def _finding(binding: IrsaBinding, role: str, subject: Text, values: list[Scalar], dropped: Label | None) -> Finding:
    account = binding.service_account
    shown = "".join(part if isinstance(part, str) else "<namespace>" for part in subject)
    nearest, hint = _nearest(account, values)
    admitted = ", ".join(
        f"`{value.display}`" for value in [nearest, *(one for one in values if one is not nearest)][:2]
    )
    more = f" and {len(values) - 2} more" if len(values) > 2 else ""
    at = Label(binding.annotation.value.span, "does not admit this service account")
    related = [at] if dropped else []
    related.append(Label((account.namespace or account.name).span, "makes the token's subject"))
    related.append(Label(nearest.span, hint or "admits another subject"))
    related += [Label(value.span, "admits another subject") for value in values if value is not nearest][: _SHOWN - 1]
    return Finding(
        f"pods of {account.display} get {role}, which does not admit them: their subject is `{shown}`, the trust"
        f" policy admits {admitted}{more}, so their AWS calls fail with AccessDenied",
        at=dropped or at,
        related=tuple(related),
        help=f"Make the trust policy's sub `{shown}`, or rename what is wrong in the manifest.",
        subject=f"{account.display} {role}",
    )


def _nearest(account: ServiceAccount, values: list[Scalar]) -> tuple[Scalar, str]:
    """The value that was probably meant, and how it differs."""
    name = account.name.known
    namespace = account.namespace.known if account.namespace is not None else None
    for value in values:
        hint = _difference(value.display.removeprefix(PREFIX), namespace, name)
        if hint:
            return value, hint
    return values[0], ""


def _difference(written: str, namespace: str | None, name: str | None) -> str:
    there, _, called = written.partition(":")
    if namespace is None or name is None:
        return ""
    if (there, called) == (name, namespace):
        return "has namespace and name swapped"
    if _plain(there) == _plain(namespace) and _plain(called) == _plain(name):
        return "differs in case, dashes or underscores only"
    if called == name:
        return f"names namespace {there}, not {namespace}"
    if there == namespace:
        return f"names service account {called}, not {name}"
    return ""


def _plain(text: str) -> str:
    return text.lower().replace("_", "-")
