"""Custom resources that tell a controller how to authenticate to AWS."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.adapt.helm_velero import location
from rolecall.adapt.kubernetes_values import name_of
from rolecall.model import ControllerCredentials
from rolecall.problem import Unevaluated
from rolecall.tree import Mapping, Scalar, Sequence, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.model import KubernetesObject

_CROSSPLANE = ("aws.crossplane.io", "aws.upbound.io", "aws.m.upbound.io")
_CONFIGURATIONS = ("ProviderConfig", "ClusterProviderConfig")


def credentials(named: KubernetesObject, root: Mapping) -> Iterator[ControllerCredentials | Unevaluated]:
    """The ways to authenticate to AWS that a custom resource declares."""
    read = _KINDS.get((named.api_version.rpartition("/")[0], named.kind))
    spec = root.mapping("spec")
    # What has no name is a schema's sample: nobody can apply it.
    if read is not None and spec is not None and root.at("metadata", "name") is not None:
        for one in read(named, spec):
            yield from _certain(one)


def _certain(one: ControllerCredentials) -> Iterator[ControllerCredentials | Unevaluated]:
    """The credentials without static keys that a template only offers to its users."""
    if not one.static or not all(one.origin.is_possible(static.span) for static in one.static):
        yield one
        return
    yield replace(one, static=())
    yield Unevaluated(f"static keys of {one.display}", "a template decides whether they are given", one.static[0].span)


def _secret_store(named: KubernetesObject, spec: Mapping) -> Iterator[ControllerCredentials]:
    """https://external-secrets.io/latest/provider/aws-access/."""
    aws = spec.at("provider", "aws")
    if isinstance(aws, Mapping):
        yield _external_secrets(named, spec, aws)


def _generator(named: KubernetesObject, spec: Mapping) -> Iterator[ControllerCredentials]:
    """https://external-secrets.io/latest/api/generator/ecr/ and …/sts/: as a store of one namespace."""
    yield _external_secrets(named, spec, spec)


def _external_secrets(named: KubernetesObject, spec: Mapping, aws: Mapping) -> ControllerCredentials:
    in_cluster = named.kind == "ClusterSecretStore"
    account = aws.at("auth", "jwt", "serviceAccountRef")
    reference = account if isinstance(account, Mapping) else None
    elsewhere = name_of(reference.get("namespace")) if reference is not None and in_cluster else None
    conditions = spec.get("conditions")
    auth = aws.entry("auth")
    if auth is not None and isinstance(auth.value, Mapping) and not auth.value.entries and auth.value.rest is None:
        auth = None
    return ControllerCredentials(
        named.origin,
        named.display,
        "External Secrets",
        static=_named_in(aws.at("auth", "secretRef"), "accessKeyIDSecretRef", "secretAccessKeySecretRef"),
        mechanism=auth.key if auth is not None else unknown(aws.rest, aws.span) if aws.rest is not None else None,
        role=name_of(aws.get("role")),
        account=name_of(reference.get("name")) if reference is not None else None,
        namespace=elsewhere if in_cluster else named.namespace,
        everywhere=in_cluster
        and (conditions is None or (isinstance(conditions, Sequence) and not conditions.items and not conditions.rest)),
    )


def _issuer(named: KubernetesObject, spec: Mapping) -> Iterator[ControllerCredentials]:
    """https://cert-manager.io/docs/configuration/acme/dns01/route53/."""
    acme = spec.mapping("acme")
    for solver in acme.mappings("solvers") if acme is not None else ():
        route53 = solver.at("dns01", "route53")
        if not isinstance(route53, Mapping):
            continue
        key = name_of(route53.get("accessKeyID"))
        held = _named_in(route53, "accessKeyIDSecretRef", "secretAccessKeySecretRef")
        static = (*((key,) if key is not None else ()), *held)
        yield ControllerCredentials(
            named.origin, named.display, "cert-manager", static=static, role=name_of(route53.get("role"))
        )


def _trigger_authentication(named: KubernetesObject, spec: Mapping) -> Iterator[ControllerCredentials]:
    """https://keda.sh/docs/latest/concepts/authentication/ and …/authentication-providers/aws/."""
    parameters = (target.scalar("parameter") for target in spec.mappings("secretTargetRef"))
    keys = tuple(one for one in parameters if one is not None and one.known in ("awsAccessKeyID", "awsSecretAccessKey"))
    identity = spec.mapping("podIdentity")
    yield ControllerCredentials(
        named.origin,
        named.display,
        "KEDA",
        static=keys,
        mechanism=identity.scalar("provider") if identity is not None else None,
        owner=identity.scalar("identityOwner") if identity is not None else None,
        role=identity.scalar("roleArn") if identity is not None else None,
    )


def _provider_config(named: KubernetesObject, spec: Mapping) -> Iterator[ControllerCredentials]:
    """https://docs.upbound.io/providers/provider-aws/authentication/."""
    given = spec.mapping("credentials")
    source = given.scalar("source") if given is not None else None
    endpoint = spec.at("endpoint", "url", "static")
    yield ControllerCredentials(
        named.origin,
        named.display,
        "Crossplane",
        static=(source,) if source is not None and source.known == "Secret" else (),
        mechanism=source,
        endpoint=endpoint if isinstance(endpoint, Scalar) else None,
    )


def _named_in(references: object, *keys: str) -> tuple[Scalar, ...]:
    """The names of the Secrets that references under these keys lead to."""
    if not isinstance(references, Mapping):
        return ()
    found = (name_of(reference.get("name")) for key in keys if (reference := references.mapping(key)) is not None)
    return tuple(name for name in found if name is not None)


_KINDS: dict[tuple[str, str], Callable[[KubernetesObject, Mapping], Iterator[ControllerCredentials]]] = {
    ("external-secrets.io", "SecretStore"): _secret_store,
    ("external-secrets.io", "ClusterSecretStore"): _secret_store,
    ("generators.external-secrets.io", "ECRAuthorizationToken"): _generator,
    ("generators.external-secrets.io", "STSSessionToken"): _generator,
    ("cert-manager.io", "Issuer"): _issuer,
    ("cert-manager.io", "ClusterIssuer"): _issuer,
    ("velero.io", "BackupStorageLocation"): location,
    ("velero.io", "VolumeSnapshotLocation"): location,
    ("keda.sh", "TriggerAuthentication"): _trigger_authentication,
    ("keda.sh", "ClusterTriggerAuthentication"): _trigger_authentication,
    **{
        (group, kind): _provider_config for group in _CROSSPLANE for kind in ("ProviderConfig", "ClusterProviderConfig")
    },
}

KINDS = frozenset(kind for _, kind in _KINDS)
"""The names of the kinds that are read."""
