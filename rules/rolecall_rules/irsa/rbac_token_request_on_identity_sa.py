"""The rule `rbac-token-request-on-identity-sa`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.access import Access, accesses, allows, resource
from rolecall.graph.views import IrsaBinding
from rolecall.model import AccessBinding, AccessSubject
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar

# Controllers whose work it is to ask for tokens of service accounts, or to apply whatever they are given as one.
_CONTROLLERS = (
    *("external-secrets", "secrets-store-csi", "csi-secrets-store", "vault", "cert-manager"),
    *("kustomize-controller", "helm-controller", "source-controller", "notification-controller", "argocd-"),
)


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

    Where the rule lists `resourceNames`, only those count. Not reported are subjects of Kubernetes itself and of
    kube-system, controllers that take tokens for a living (External Secrets, the Secrets Store CSI driver,
    cert-manager, Vault) or deploy as other service accounts (Flux, Argo CD), the service account itself, and roles that
    are not among these files, such as `edit` and `cluster-admin`.

    ## Why it matters
    A token of the service account for the audience `sts.amazonaws.com` is all that the role's trust policy asks for:
    the subject becomes the role without ever running a pod, from wherever it likes. (To impersonate the service account
    is not enough: that gives its rights in the cluster, and no token.)

    ## How to fix it
    Limit the rule with `resourceNames` to the service accounts whose tokens are needed, or take it away.
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
            subject = next((person for person in one.people if not _is_the_same(person, account)), None)
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
    return resource(one.rule, "serviceaccounts/token") if allows(one.rule, "create") else None


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
        help="Limit the rule with resourceNames to the service accounts that are needed, or take it away.",
        subject=f"{one.binding.display} {subject.display}",
    )
