"""The rule `rbac-token-request-on-identity-sa`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.access import Access, accesses, allows, is_everybody, resource
from rolecall.graph.views import IrsaBinding
from rolecall.model import AccessBinding, AccessSubject
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Persona, Platform, Severity, rule
from rolecall.tree import Scalar

# Controllers whose work it is to ask for tokens of service accounts, or to apply whatever they are given as one.
_CONTROLLERS = (
    *("external-secrets", "secrets-store-csi", "csi-secrets-store", "vault", "cert-manager"),
    *("kustomize-controller", "helm-controller", "source-controller", "notification-controller", "argocd-"),
)

# pkg/apis/rbac/v1/evaluation_helpers.go, ResourceMatches.
_TOKENS = ("serviceaccounts/token", "*/token", "*")

_LIMITED = "Limit the rule with resourceNames to the service accounts that are needed, or take it away."
_OWN_ROLE = f"Bind a role that does not let it create {_TOKENS[0]}, or one that is limited with resourceNames."


@rule(
    "rbac-token-request-on-identity-sa",
    summary="a subject may make tokens for a service account that has a role in AWS",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    formats=(Platform.KUBERNETES,),
    references=("https://kubernetes.io/docs/concepts/security/rbac-good-practices/#token-request",),
    tags=("irsa", "rbac"),
)
def rbac_token_request_on_identity_sa(binding: AccessBinding, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds bindings that let a subject create `serviceaccounts/token` where a service account has a role.

    Where the rule lists `resourceNames`, only those count. Of Kubernetes' own, `edit` and `admin` hold it. They are
    reported for everybody and for service accounts (in one namespace to the pedantic only, for that is how one
    deploys), but not for people, who may run these pods anyway. Administrators (every verb on every resource, as
    `cluster-admin` has it) are reported only where that is everybody.

    Not reported are subjects of Kubernetes itself and of kube-system, controllers that take tokens for a living
    (External Secrets, the Secrets Store CSI driver, cert-manager, Vault) or deploy as other service accounts (Flux,
    Argo CD), the service account itself, and other roles that are not among these files.

    ## Why it matters
    A token of the service account for the audience `sts.amazonaws.com` is all that the role's trust policy asks for:
    the subject becomes the role without ever running a pod, from wherever it likes. (To impersonate the service account
    is not enough: that gives its rights in the cluster, and no token.)

    ## How to fix it
    Limit the rule with `resourceNames` to the service accounts whose tokens are needed, or take it away. Instead of
    `edit` and `admin`, bind a role of your own that leaves out `serviceaccounts/token`.
    """
    accounts = graph.all(IrsaBinding)
    if not accounts or any(map(_is_controller, binding.subjects)):
        return
    for one in accesses(binding, graph):
        at = _text(one)
        if at is None:
            if one.rule.rest is not None and one.people:
                yield Unevaluated(f"what {one.role.display} allows", one.rule.rest.why, one.role.name.span)
            continue
        possible = None
        for account in accounts:
            reached = one.reaches(account.service_account)
            subject = next((person for person in one.people if _is_told(one, person, account)), None)
            if subject is None or reached is Answer.NO:
                continue
            if reached is Answer.YES:
                yield _finding(one, at, subject, account)
                break
            possible = account
        else:
            if possible is not None:
                what = f"whether {binding.display} reaches {possible.service_account.display}"
                yield Unevaluated(what, "a namespace or a name is not known", at.span)


def _text(one: Access) -> Scalar | None:
    return resource(one.rule, *_TOKENS) if allows(one.rule, "create") else None


def _is_told(one: Access, subject: AccessSubject, account: IrsaBinding) -> bool:
    if is_everybody(subject):
        return True
    if one.is_everything or (one.is_built_in and subject.kind != "ServiceAccount"):
        return False
    return not _is_the_same(subject, account)


def _is_controller(subject: AccessSubject) -> bool:
    return subject.kind == "ServiceAccount" and (subject.name.known or "").startswith(_CONTROLLERS)


def _is_the_same(subject: AccessSubject, account: IrsaBinding) -> bool:
    name = subject.name.known
    return subject.kind == "ServiceAccount" and (name is None or name == account.service_account.name.known)


def _finding(one: Access, at: Scalar, subject: AccessSubject, account: IrsaBinding) -> Finding:
    role = account.role.display if account.role is not None else "its role"
    return Finding(
        f"{subject.display} may make tokens for {account.service_account.display}, by {one.role.display}: with a"
        f" token of it the subject becomes {role}, without a pod and from anywhere",
        at=Label(at.span, "lets it make tokens for service accounts"),
        related=(
            Label(subject.name.span, "who may"),
            Label(account.annotation.value.span, "what it becomes"),
        ),
        help=_OWN_ROLE if one.is_built_in else _LIMITED,
        subject=f"{one.binding.display} {subject.display}",
        persona=Persona.PEDANTIC if _deploys(one, subject) else None,
    )


def _deploys(one: Access, subject: AccessSubject) -> bool:
    return one.is_built_in and one.binding.kind == "RoleBinding" and not is_everybody(subject)
