"""Modules of the Terraform registry that rolecall knows: HCL of our own that declares what they declare about identity.

Each file below `registry/` says which module and versions it stands for, and what it was checked against. It is not a
copy: it has the module's inputs, defaults and outputs as far as they matter for identity, the same trust policies,
and the same permissions. What attaches them is simpler: managed policies by the role's own argument, so that they are
known also where it is not known whether the role is made, and documents as inline policies. A policy that an input
asks for is a resource of its own, counted by that input.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.records import dataclass
from rolecall.terraform.registry_versions import Versions, allowed, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOST = "registry.terraform.io"


@dataclass(frozen=True, slots=True)
class RegistryModule:
    """A module, for a range of its versions.

    `name` is what users call it (`terraform-aws-modules/iam/aws//modules/iam-eks-role`). `file` holds what it
    declares, below `registry/`. `no_audience`: its trust policies have no audience condition, and its documentation
    says so; that is not the user's mistake. `switch`: the input without which it creates nothing at all, for it is
    false by default. `inputs`: the claims that its inputs bind, each with the input, where it may leave them open.
    """

    name: str
    versions: Versions
    file: str
    no_audience: bool = False
    switch: str | None = None
    inputs: tuple[tuple[str, str], ...] = ()

    @property
    def path(self) -> str:
        """The path of its file as other places see it; no file of a user is called so."""
        return f"{_HOST}/{self.file}"

    def text(self) -> str:
        """Its HCL."""
        return files("rolecall.terraform").joinpath("registry", self.file).read_text("utf-8")


_INPUTS = {
    "iam-assumable-role-with-oidc": (
        ("aud", "oidc_fully_qualified_audiences"),
        ("sub", "oidc_fully_qualified_subjects"),
    ),
    "iam-assumable-role-with-oidc.v3": (
        ("aud", "version 4.3.0 or later and oidc_fully_qualified_audiences"),
        ("sub", "oidc_fully_qualified_subjects"),
    ),
    "iam-role": (("aud", "oidc_audiences"), ("sub", "oidc_subjects")),
}
"""By submodule, or submodule and file: the inputs that bind a claim, as help names them."""


def _modules(
    name: str,
    folder: str,
    *rows: tuple[str, str, str, str],
    no_audience: tuple[str, ...] = (),
    off: tuple[str, ...] = (),
) -> Iterator[RegistryModule]:
    """The modules of one repository: submodule, the suffix of its file, and from and up to which version.

    `off`: those that create nothing unless `create_role` is given.
    """
    for submodule, suffix, low, high in rows:
        full = f"{name}//modules/{submodule}" if submodule else name
        file = f"{folder}/{submodule or name.split('/')[1]}.{suffix}.tf"
        versions = Versions(version_of(low), version_of(high))
        switch = "create_role" if submodule in off else None
        inputs = _INPUTS.get(f"{submodule}.{suffix}", _INPUTS.get(submodule, ()))
        yield RegistryModule(full, versions, file, submodule in no_audience, switch, inputs)


# Newest first where one module has several files.
MODULES: tuple[RegistryModule, ...] = (
    *_modules(
        "terraform-aws-modules/iam/aws",
        "terraform-aws-modules/iam",
        ("iam-role-for-service-accounts", "v6", "6.0.0", "7.0.0"),
        ("iam-role-for-service-accounts-eks", "v5", "4.21.1", "6.0.0"),
        ("iam-role", "v6", "6.0.0", "7.0.0"),
        ("iam-assumable-role-with-oidc", "v5", "4.3.0", "6.0.0"),
        ("iam-assumable-role-with-oidc", "v3", "2.18.0", "4.3.0"),
        ("iam-eks-role", "v5", "4.23.0", "6.0.0"),
        ("iam-assumable-role", "v5.30", "5.30.0", "6.0.0"),
        ("iam-assumable-role", "v5.23", "5.23.0", "5.30.0"),
        ("iam-assumable-role", "v4", "4.10.0", "5.23.0"),
        ("iam-github-oidc-role", "v5", "5.7.0", "6.0.0"),
        ("iam-github-oidc-provider", "v5", "5.3.0", "6.0.0"),
        ("iam-oidc-provider", "v6", "6.0.0", "7.0.0"),
        ("iam-policy", "v6", "6.0.0", "7.0.0"),
        ("iam-policy", "v5", "4.0.0", "6.0.0"),
        no_audience=("iam-eks-role",),
        off=("iam-assumable-role", "iam-assumable-role-with-oidc"),
    ),
    *_modules(
        "terraform-aws-modules/eks/aws",
        "terraform-aws-modules/eks",
        ("", "v21", "21.0.0", "22.0.0"),
        ("", "v20", "20.0.0", "21.0.0"),
        ("", "v18", "18.0.0", "20.0.0"),
        ("eks-managed-node-group", "v21", "21.0.0", "22.0.0"),
        ("eks-managed-node-group", "v18", "18.0.0", "21.0.0"),
        ("self-managed-node-group", "v21", "21.0.0", "22.0.0"),
        ("self-managed-node-group", "v20", "20.0.0", "21.0.0"),
        ("self-managed-node-group", "v18", "18.0.0", "20.0.0"),
        ("fargate-profile", "v20", "20.11.0", "22.0.0"),
        ("fargate-profile", "v18", "18.0.0", "20.11.0"),
        ("karpenter", "v21", "21.0.0", "22.0.0"),
        ("karpenter", "v20", "20.0.0", "21.0.0"),
        ("karpenter", "v19", "18.31.0", "20.0.0"),
    ),
    *_modules(
        "terraform-aws-modules/eks-pod-identity/aws",
        "terraform-aws-modules/eks-pod-identity",
        ("", "v2", "1.0.0", "3.0.0"),
    ),
    *_modules("cloudposse/label/null", "cloudposse", ("", "v0", "0.24.0", "1.0.0")),
    *_modules("cloudposse/eks-iam-role/aws", "cloudposse", ("", "v2", "2.0.0", "3.0.0"), ("", "v2", "0.8.0", "1.2.0")),
    *_modules("cloudposse/eks-node-group/aws", "cloudposse", ("", "v3", "2.0.0", "4.0.0")),
    *_modules("cloudposse/eks-cluster/aws", "cloudposse", ("", "v4", "2.0.0", "5.0.0")),
    *_modules("aws-ia/eks-blueprints-addon/aws", "aws-ia", ("", "v1", "1.0.0", "2.0.0")),
    *_modules("aws-ia/eks-blueprints-addons/aws", "aws-ia", ("", "v1", "1.0.0", "2.0.0")),
)

# Read in the repositories: none of them makes a role that a node or a pod takes, nor a node.
_WITHOUT_IDENTITY = frozenset(
    {
        *(
            f"terraform-aws-modules/{name}/aws"
            for name in [
                "acm",
                "alb",
                "apigateway-v2",
                "cloudfront",
                "cloudwatch",
                "customer-gateway",
                "dms",
                "dynamodb-table",
                "ebs-optimized",
                "ecr",
                "efs",
                "elasticache",
                "elb",
                "eventbridge",
                "fsx",
                "global-accelerator",
                "key-pair",
                "kms",
                "managed-service-prometheus",
                "memory-db",
                "msk-kafka-cluster",
                "network-firewall",
                "opensearch",
                "rds",
                "rds-aurora",
                "rds-proxy",
                "redshift",
                "route53",
                "s3-bucket",
                "s3-object",
                "secrets-manager",
                "security-group",
                "sns",
                "sqs",
                "ssm-parameter",
                "transit-gateway",
                "vpc",
                "vpn-gateway",
            ]
        ),
        *(
            f"cloudposse/{name}/aws"
            for name in [
                "acm-request-certificate",
                "alb",
                "cloudfront-s3-cdn",
                "documentdb-cluster",
                "dynamic-subnets",
                "dynamodb",
                "ecr",
                "efs",
                "elasticache-redis",
                "key-pair",
                "kms-key",
                "msk-apache-kafka-cluster",
                "named-subnets",
                "rds",
                "rds-cluster",
                "route53-alias",
                "s3-bucket",
                "security-group",
                "ssm-parameter-store",
                "tfstate-backend",
                "utils",
                "vpc",
                "vpc-peering",
            ]
        ),
    }
)

# Module Sources, https://developer.hashicorp.com/terraform/language/modules/sources: a registry address, or a
# repository on GitHub in one of the forms that are written.
_REGISTRY = regex.compile(
    r"(?:registry\.(?:terraform\.io|opentofu\.org)/)?([\w-]+)/([\w-]+)/([\w-]+)(?://(?:\./)?([^?]+?)/*)?"
)
_GITHUB = regex.compile(
    r"(?:git::)?(?:(?:https|ssh|git)://)?(?:git@)?github\.com[/:]([\w-]+)/terraform-(\w+)-([\w-]+?)(?:\.git)?"
    r"(?://(?:\./)?([^?]*?)/*)?(?:\?(.*))?"
)
_REF = regex.compile(r"(?:^|&)ref=(?:refs/tags/|tags/)?([^&]*)")


def find(source: str, version: str | None) -> RegistryModule | None:
    """The module that a call's `source` and `version` mean, or None if it, or that version of it, is not known here.

    Where several versions are allowed it is the newest that is known; a git reference that is no version (a branch,
    a commit) counts as the newest.
    """
    address = _address(source)
    if address is None:
        return None
    reference = _REF.search(address.query)
    if reference is not None:
        # A tag has a dot; a short commit may be all digits.
        version = reference[1] if "." in reference[1] else None
    wanted = allowed(version)
    name = address.name + (f"//{address.submodule}" if address.submodule else "")
    known = (candidate for candidate in MODULES if candidate.name == name)
    return next((candidate for candidate in known if wanted.meets(candidate.versions)), None)


def is_without_identity(source: str) -> bool:
    """Whether a call's `source` means a module that makes no identity of nodes or pods: a network, a bucket, a name."""
    address = _address(source)
    return address is not None and (
        address.provider not in ("aws", "kubernetes", "helm") or address.name in _WITHOUT_IDENTITY
    )


@dataclass(frozen=True, slots=True)
class _Address:
    """A module of the registry, or of a repository that is published there. `query`: what follows a git address."""

    name: str
    provider: str
    submodule: str
    query: str = ""


def _address(source: str) -> _Address | None:
    match = _REGISTRY.fullmatch(source)
    if match is not None:
        namespace, module, provider, submodule = match.groups()
        return _Address(f"{namespace}/{module}/{provider}", provider, submodule or "")
    match = _GITHUB.fullmatch(source)
    if match is None:
        return None
    namespace, provider, module, submodule, query = match.groups()
    return _Address(f"{namespace}/{module}/{provider}", provider, submodule or "", query or "")
