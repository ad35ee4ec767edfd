"""The rule `irsa-sa-missing-annotation`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.graph.namespaces import Place
from rolecall.graph.roles import role_of
from rolecall.graph.service_accounts import ROLE_ARN, associations_with, declared_at, named
from rolecall.graph.views import ServiceAccountRole
from rolecall.model import (
    Addon,
    ConfigObject,
    EksctlServiceAccounts,
    PodIdentityAssociation,
    ServiceAccount,
    TrustPolicy,
)
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.irsa._shared import is_template, prefixes
from rolecall_rules.irsa._users import controllers_of, pods_of
from rolecall_rules.secret_delivery._shared import may_be_annotated_by_a_chart

_WEBHOOK = "pod-identity-webhook"


@rule(
    "irsa-sa-missing-annotation",
    summary="a role trusts a service account that has no role annotation",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM, Platform.IAM_JSON),
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
        "https://github.com/aws/amazon-eks-pod-identity-webhook",
    ),
    yields_to=("irsa-annotation-misspelled", "irsa-annotation-wrong-object", "irsa-role-arn-empty"),
    tags=("irsa",),
)
def irsa_sa_missing_annotation(trusted: ServiceAccountRole, graph: Graph) -> Iterator[Finding]:
    """Finds service accounts that a role's trust policy names, and that carry neither the role nor an association.

    The trust policy has to name them whole. Silent where something else may give the role: eksctl, a chart of a module,
    the ConfigMap of a self-hosted webhook, variables that a pod sets itself, External Secrets or another controller;
    and where several files declare the service account.

    ## Why it matters
    The webhook goes by the annotation. Without it a pod gets no token for the role, and its SDK goes on to the next
    source, which may be the node's role.

    ## How to fix it
    Annotate the service account with `eks.amazonaws.com/role-arn`, or take it out of the trust policy.
    """
    name, namespace = trusted.name.known, trusted.namespace.known if trusted.namespace is not None else None
    if not isinstance(trusted.declared, TrustPolicy) or trusted.role is None or name is None or namespace is None:
        return
    if "*" in name or "?" in name or is_template(name + namespace):
        return
    found = declared_at(graph, trusted.name, Place(trusted.namespace))
    if len(found) != 1 or _has_a_role(found[0], graph) or _is_set_up_elsewhere(found[0], trusted, graph):
        return
    account = found[0]
    yield Finding(
        f"{trusted.role.display} trusts service account {namespace}/{name}, which has neither the annotation {ROLE_ARN}"
        " nor an association: its pods get no credentials of that role",
        at=Label(account.name.span, "has no role annotation"),
        related=(Label(trusted.at, "is trusted here"),),
        help=f"Annotate it with {ROLE_ARN}, or take it out of the trust policy.",
        subject=f"{account.display} {trusted.role.display}",
    )


def _has_a_role(account: ServiceAccount, graph: Graph) -> bool:
    keys = {entry.key.known for entry in account.annotations}
    if any(f"{prefix}/role-arn" in keys for prefix in prefixes(graph)) or None in keys:
        return True
    if any(key and "role" in key.lower() and ("eks" in key or "amazon" in key) for key in keys):
        # Also one that is misspelt, of which another rule speaks.
        return True
    return (
        named(graph, account.name, Place(account.namespace), account.origin)[1] is not None
        or bool(associations_with(graph, account).every)
        or any(
            isinstance(one.declared, ServiceAccount | PodIdentityAssociation)
            for one in graph.all(ServiceAccountRole)
            if one.name.known == account.name.known
        )
    )


def _is_set_up_elsewhere(account: ServiceAccount, trusted: ServiceAccountRole, graph: Graph) -> bool:
    """Whether something else than the annotation may give the role, or this one is not meant for pods."""
    if any(one.name.known == _WEBHOOK for one in graph.all(ConfigObject)) or controllers_of(account, graph):
        return True
    if any(role_of(graph, addon.role, addon.origin) is trusted.role for addon in graph.all(Addon)):
        # EKS annotates the service account of an add-on.
        return True
    if any(account.name.known in {one.known for one in made.names} for made in graph.all(EksctlServiceAccounts)):
        return True
    sets_it = any(
        container.environment.get("AWS_ROLE_ARN") is not None or container.environment.open
        for container in pods_of(account, graph)
    )
    return sets_it or trusted.declared.origin.within != "" or may_be_annotated_by_a_chart(account, graph)
