"""Service accounts: which one a pod runs as, which role its annotation names, which associations bind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.graph.namespaces import ByName, Matches, Place, meant, place, place_of, text_key
from rolecall.graph.roles import role_of
from rolecall.graph.views import IrsaBinding, PodServiceAccount
from rolecall.model import PodIdentityAssociation, ServiceAccount
from rolecall.tree import Scalar, known

if TYPE_CHECKING:
    from rolecall.graph import Graph
    from rolecall.model import KubernetesObject, Origin, Pod, Workload
    from rolecall.tree import Entry

ROLE_ARN = "eks.amazonaws.com/role-arn"
"""The annotation that the EKS pod identity webhook reads (amazon-eks-pod-identity-webhook, pkg/constants.go)."""


def runs_as(graph: Graph, workload: Workload, pod: Pod) -> PodServiceAccount:
    """What a pod runs as; `default` where it names no service account."""
    name = pod.service_account or known("default", pod.span)
    account, annotation = named(graph, name, place_of(workload), workload.origin)
    # The service account may say the namespace that its workload leaves open.
    where = place_of(account) if account is not None and place_of(workload).open else place_of(workload)
    bound: ByName[PodIdentityAssociation] = graph.keep(_associations)
    found, unsure = bound.find(name, where), bound.unsure(name, where)
    if text_key(name) is None:
        unsure = graph.keep(_all_associations)
    return PodServiceAccount(
        name=pod.service_account,
        service_account=account,
        role_annotation=annotation,
        associations=found.certain,
        possible_associations=(*found.possible, *unsure) if found.possible else unsure,
    )


def named(graph: Graph, name: Scalar, where: Place, seen_from: Origin) -> tuple[ServiceAccount | None, Entry | None]:
    """The service account that a name means at a place, and its role annotation, which a patch may give it.

    None where none is seen, or it is not certain which.
    """
    by_name: ByName[ServiceAccount] = graph.keep(_accounts)
    account = meant(by_name.find(name, where), _origin, seen_from)
    patches: ByName[ServiceAccount] = graph.keep(_patches)
    patch = meant(patches.find(name, place_of(account) if account is not None else where), _origin, seen_from)
    annotations = (role_annotation(one) for one in (patch, account) if one is not None)
    return account or patch, next((entry for entry in annotations if entry is not None), None)


def associations_with(graph: Graph, account: ServiceAccount) -> Matches[PodIdentityAssociation]:
    """The associations that bind a service account, and those that may do so."""
    bound: ByName[PodIdentityAssociation] = graph.keep(_associations)
    return bound.find(account.name, place_of(account))


def declared_as(graph: Graph, account: ServiceAccount) -> tuple[ServiceAccount, ...]:
    """The service accounts of this namespace and name: several where a tree holds variants of one."""
    return declared_at(graph, account.name, place_of(account))


def declared_at(graph: Graph, name: Scalar, where: Place) -> tuple[ServiceAccount, ...]:
    """The service accounts of a name that are certainly at a place."""
    by_name: ByName[ServiceAccount] = graph.keep(_accounts)
    return by_name.find(name, where).certain


def role_annotation(account: ServiceAccount) -> Entry | None:
    """The annotation that names a service account's role, where it is not empty."""
    entry = account.annotation(ROLE_ARN)
    if entry is None or not isinstance(entry.value, Scalar) or entry.value.is_empty:
        return None
    return entry


def bindings(graph: Graph) -> tuple[IrsaBinding, ...]:
    """Every service account that names a role, with that role."""
    found = []
    for account in graph.all(ServiceAccount):
        entry = role_annotation(account)
        if entry is not None and isinstance(entry.value, Scalar):
            found.append(IrsaBinding(account, entry, entry.value, role_of(graph, entry.value, account.origin)))
    return tuple(found)


def _origin(thing: KubernetesObject) -> Origin:
    return thing.origin


def _accounts(graph: Graph) -> ByName[ServiceAccount]:
    whole = (account for account in graph.all(ServiceAccount) if not account.patch)
    return ByName((account, account.name, place_of(account)) for account in whole)


def _patches(graph: Graph) -> ByName[ServiceAccount]:
    patches = (account for account in graph.all(ServiceAccount) if account.patch)
    return ByName((account, account.name, place_of(account)) for account in patches)


def _associations(graph: Graph) -> ByName[PodIdentityAssociation]:
    return ByName(
        (association, association.service_account, _association_place(association))
        for association in graph.all(PodIdentityAssociation)
        if association.service_account is not None
    )


def _all_associations(graph: Graph) -> tuple[PodIdentityAssociation, ...]:
    return graph.all(PodIdentityAssociation)


def _association_place(association: PodIdentityAssociation) -> Place:
    """An association is no object of the namespace: without a known one it may be for any, whatever its file."""
    where = place(association.namespace, association.origin)
    return Place(where.namespace, open=where.namespace is None)
