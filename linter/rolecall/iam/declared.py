"""What a reference names, in Terraform by the type in its address, in CloudFormation by the type that goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall import regex

if TYPE_CHECKING:
    from rolecall.tree import Hole, Reference

# What EKS gives as a cluster's issuer begins with its scheme:
# docs.aws.amazon.com/eks/latest/APIReference/API_OIDC.html. `identity` and `oidc` are lists of one in the provider.
_CLUSTER = regex.compile(r"(?:^|\.)aws_eks_cluster\.[^.\[\]]+(?:\[[^\]]*\])?$")
_ISSUER = regex.compile(r"identity(?:\[0\]|\.0)?\.oidc(?:\[0\]|\.0)?\.issuer|OpenIdConnectIssuerUrl")
# Whatever these say of themselves, an account id, an ARN, is made by AWS.
_GIVEN = ("aws_", "data.aws_caller_identity.", "data.aws_partition.", "data.aws_region.", "data.aws_eks_cluster.")


def is_provider(reference: Reference) -> bool:
    """Whether it is an OIDC provider of IAM."""
    return reference.type == "AWS::IAM::OIDCProvider" or "aws_iam_openid_connect_provider." in reference.address


def is_saml_provider(reference: Reference) -> bool:
    """Whether it is a SAML provider of IAM."""
    return reference.type == "AWS::IAM::SAMLProvider" or "aws_iam_saml_provider." in reference.address


def is_access_key(reference: Reference) -> bool:
    """Whether it is an access key of an IAM user."""
    return reference.type == "AWS::IAM::AccessKey" or "aws_iam_access_key." in reference.address


def is_cluster(reference: Reference) -> bool:
    """Whether it is an EKS cluster."""
    return reference.type == "AWS::EKS::Cluster" or _CLUSTER.search(reference.address) is not None


def is_issuer(hole: Hole) -> bool:
    """Whether an unknown is the issuer of an EKS cluster as EKS gives it: with its `https://`."""
    reference = hole.unchanged
    return reference is not None and is_cluster(reference) and _ISSUER.fullmatch(reference.attribute) is not None


def is_provider_arn(hole: Hole) -> bool:
    """Whether an unknown is the ARN of an OIDC provider, as it is: what `Ref` gives, too."""
    reference = hole.unchanged
    return reference is not None and is_provider(reference) and reference.attribute in ("arn", "id", "Arn", "")


def is_given_by_aws(reference: Reference) -> bool:
    """Whether it is of a kind of which AWS makes up the attributes."""
    return reference.type.startswith("AWS::") or reference.block.startswith(_GIVEN)
