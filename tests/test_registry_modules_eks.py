"""The modelled modules that make clusters, nodes and add-ons."""

from __future__ import annotations

import pytest

from rolecall.graph import Graph
from rolecall.graph.views import NodeMetadata, NodeRole
from rolecall.model import (
    AccessEntry,
    Cluster,
    FargateProfile,
    LaunchTemplate,
    NodeGroup,
    OidcProvider,
    PodIdentityAssociation,
    Role,
)
from tests.registry_worlds import EKS, NODE_BASELINE, call, granted, role, text, trusts
from tests.terraform_worlds import every, only, read

VERSIONS = ("18.31.2", "19.21.0", "20.37.2", "21.19.0")
PODS: tuple[str, list[str], list[tuple[str, str, list[str]]]] = (
    "pods.eks.amazonaws.com",
    ["sts:AssumeRole", "sts:TagSession"],
    [],
)
GROUPS = """
  eks_managed_node_groups  = { one = {} }
  self_managed_node_groups = { two = {} }
"""


def named(version: str) -> str:
    return '  name = "shop"\n' if version.startswith("21") else '  cluster_name = "shop"\n'


@pytest.mark.parametrize("version", VERSIONS)
def test_a_cluster_with_its_provider(version: str) -> None:
    facts = call(EKS, f'{named(version)}  openid_connect_audiences = ["extra"]\n', version)
    assert text(only(facts, Cluster).name) == "shop"
    first, second = only(facts, OidcProvider).client_ids
    assert text(first) == ("sts.~" if version < "20" else "sts.amazonaws.com")
    assert text(second) == "extra"
    ((principal, actions, bound),) = trusts(role(facts))
    assert (principal, bound) == ("eks.amazonaws.com", [])
    assert actions == ["sts:AssumeRole", "sts:TagSession"][: 1 if version < "20" else 2]
    assert every(call(EKS, f"{named(version)}  enable_irsa = false\n", version), OidcProvider) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_node_groups_run_as_roles_with_the_baseline_behind_the_hop_limit_of_their_version(version: str) -> None:
    facts = call(EKS, named(version) + GROUPS, version)
    limit = "1" if version.startswith("21") else "2"
    templates = every(facts, LaunchTemplate)
    assert [text(found.metadata.hop_limit) for found in templates if found.metadata] == [limit, limit]
    assert [text(found.metadata.tokens) for found in templates if found.metadata] == ["required", "required"]
    for key in ("one", "two"):
        assert granted(facts, role(facts, f'["{key}"]'))[0] == NODE_BASELINE
    graph = Graph((facts,))
    assert {node.role.origin.address for node in graph.all(NodeRole)} == {
        'module.it.module.eks_managed_node_group["one"].aws_iam_role.this[0]',
        'module.it.module.self_managed_node_group["two"].aws_iam_role.this[0]',
    }
    assert len(graph.all(NodeMetadata)) == 2


@pytest.mark.parametrize("version", VERSIONS)
def test_a_groups_own_settings(version: str) -> None:
    policies = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
    given = f'["{policies}"]' if version.startswith("18") else f'{{ s3 = "{policies}" }}'
    body = f"""{named(version)}
  eks_managed_node_groups = {{
    one = {{ iam_role_additional_policies = {given}, iam_role_attach_cni_policy = false }}
    two = {{
      metadata_options = {{ http_tokens = "optional" }}
      create_iam_role  = false
      iam_role_arn     = "arn:aws:iam::111122223333:role/x"
    }}
    off = {{ create = false }}
  }}
"""
    facts = call(EKS, body, version)
    assert granted(facts, role(facts, '["one"]'))[0] == [*NODE_BASELINE[:2], "AmazonS3FullAccess"]
    one, two = every(facts, NodeGroup)
    assert one.role is not None
    assert one.role.known is None
    assert text(two.role) == "arn:aws:iam::111122223333:role/x"
    options = every(facts, LaunchTemplate)[1].metadata
    assert options is not None
    assert text(options.tokens) == "optional"
    # Up to version 20 a map that is given replaces the default; from 21 on it is completed.
    assert text(options.hop_limit) == ("1" if version.startswith("21") else "")


@pytest.mark.parametrize("version", VERSIONS[:3])
def test_defaults_of_groups_up_to_version_twenty(version: str) -> None:
    body = f"""{named(version)}
  eks_managed_node_group_defaults = {{
    metadata_options = {{ http_put_response_hop_limit = 1 }}
    ami_type         = "BOTTLEROCKET_x86_64"
  }}
  eks_managed_node_groups = {{ one = {{}}, two = {{ metadata_options = {{ http_put_response_hop_limit = 3 }} }} }}
"""
    facts = call(EKS, body, version)
    assert [text(found.metadata.hop_limit) for found in every(facts, LaunchTemplate) if found.metadata] == ["1", "3"]
    assert {text(group.ami_type) for group in every(facts, NodeGroup)} == {"BOTTLEROCKET_x86_64"}


def test_groups_without_a_launch_template_of_the_module() -> None:
    body = """
  cluster_name = "shop"
  eks_managed_node_groups = {
    none = { use_custom_launch_template = false }
    own  = { create_launch_template = false, launch_template_id = "lt-1" }
  }
"""
    none, own = every(call(EKS, body, "~> 20.0"), NodeGroup)
    assert none.launch_template is None
    assert text(own.launch_template) == "lt-1"


@pytest.mark.parametrize("version", VERSIONS)
def test_statements_for_nodes(version: str) -> None:
    body = f"""{named(version)}
  self_managed_node_groups = {{
    two = {{ iam_role_policy_statements = [{{ actions = ["s3:GetObject"], resources = ["*"] }}] }}
  }}
"""
    facts = call(EKS, body, version)
    assert granted(facts, role(facts, '["two"]'))[1] == {"s3:GetObject": ["*"]}


def test_self_managed_nodes_join_by_an_access_entry_from_version_twenty_on() -> None:
    for version in VERSIONS:
        entries = every(call(EKS, named(version) + GROUPS, version), AccessEntry)
        assert [text(entry.type) for entry in entries] == ([] if version < "20" else ["EC2_LINUX"])


def test_fargate_profiles() -> None:
    body = """
  fargate_profiles = {
    one = { selectors = [{ namespace = "kube-system", labels = { a = "b" } }, { namespace = "x" }] }
  }
"""
    for version in VERSIONS:
        facts = call(EKS, named(version) + body, version)
        first, second = only(facts, FargateProfile).selectors
        assert [text(first.namespace), text(second.namespace)] == ["kube-system", "x"]
        assert [text(entry.key) for entry in first.labels] == ["a"]
        ((principal, _, bound),) = trusts(role(facts, "fargate_profile"))
        assert principal == "eks-fargate-pods.amazonaws.com"
        assert [key for _, key, _ in bound] == ([] if version < "20" else ["aws:SourceArn"])
        assert granted(facts, role(facts, "fargate_profile"))[0][0] == "AmazonEKSFargatePodExecutionRolePolicy"


def test_auto_mode_runs_nodes_as_a_role_of_its_own() -> None:
    pools = '{ enabled = true, node_pools = ["general-purpose"] }'
    more = '  node_iam_role_additional_policies = { s3 = "arn:aws:iam::aws:policy/AmazonS3FullAccess" }\n'
    for version, argument in (("20.37.2", "cluster_compute_config"), ("21.19.0", "compute_config")):
        facts = call(EKS, f"{named(version)}  {argument} = {pools}\n{more}", version)
        (node,) = Graph((facts,)).all(NodeRole)
        assert node.role.origin.address == "module.it.aws_iam_role.eks_auto[0]"
        names = ["AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonS3FullAccess"]
        assert granted(facts, node.role)[0] == names


def test_associations_of_add_ons_and_entries_of_nodes() -> None:
    body = """
  access_entries = { nodes = { principal_arn = "arn:aws:iam::111122223333:role/node", type = "EC2_LINUX" } }
  %s = {
    ebs = {
      pod_identity_association = [{
        role_arn        = "arn:aws:iam::111122223333:role/ebs"
        service_account = "ebs-csi-controller-sa"
      }]
    }
  }
"""
    for version, argument in (("20.37.2", "cluster_addons"), ("21.19.0", "addons")):
        facts = call(EKS, named(version) + body % argument, version)
        assert text(only(facts, PodIdentityAssociation).service_account) == "ebs-csi-controller-sa"
        assert text(only(facts, AccessEntry).type) == "EC2_LINUX"


def test_outputs_lead_to_what_the_cluster_declares() -> None:
    facts = read(f"""
        module "eks" {{
          source                  = "{EKS}"
          name                    = "shop"
          eks_managed_node_groups = {{ one = {{}} }}
        }}
        module "irsa" {{
          source         = "terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts"
          oidc_providers = {{
            a = {{ provider_arn = module.eks.oidc_provider_arn, namespace_service_accounts = ["a:b"] }}
          }}
        }}
        resource "aws_eks_pod_identity_association" "x" {{
          cluster_name    = module.eks.cluster_name
          namespace       = "a"
          service_account = "b"
          role_arn        = module.eks.eks_managed_node_groups["one"].iam_role_arn
        }}
    """)
    association = only(facts, PodIdentityAssociation)
    assert text(association.cluster) == "shop"
    assert association.role is not None
    assert association.role.holes[0].references[0].address == role(facts, '["one"]').origin.address
    found = role(facts, "module.irsa")
    assert found.trust is not None
    principal = found.trust.document.statements[0].principals[0].value
    assert principal.holes[0].references[0].address == "module.eks.aws_iam_openid_connect_provider.oidc_provider[0]"


@pytest.mark.parametrize("module", ["eks-managed-node-group", "self-managed-node-group"])
def test_node_group_modules_on_their_own(module: str) -> None:
    for version, limit in (("~> 18.0", "2"), ("~> 20.0", "2"), ("~> 21.0", "1")):
        facts = call(f"{EKS}//modules/{module}", '  name = "one"\n  cluster_name = "shop"\n', version)
        options = only(facts, LaunchTemplate).metadata
        assert options is not None
        assert text(options.hop_limit) == limit
        assert text(only(facts, NodeGroup).cluster).endswith("shop")


def test_karpenter_in_every_version() -> None:
    module = f"{EKS}//modules/karpenter"
    body = '  cluster_name = "shop"\n'
    irsa = '  enable_irsa = true\n  irsa_oidc_provider_arn = "arn:aws:iam::111122223333:oidc-provider/x.test"\n'
    bound = [
        ("StringEquals", "x.test:sub", ["system:serviceaccount:karpenter:karpenter"]),
        ("StringEquals", "x.test:aud", ["sts.amazonaws.com"]),
    ]
    web = ("arn:aws:iam::111122223333:oidc-provider/x.test", ["sts:AssumeRoleWithWebIdentity"], bound)

    assert trusts(role(call(module, body + irsa, "19.21.0"), ".irsa")) == [web]
    assert trusts(role(call(module, body + irsa, "~> 20.0"), "controller")) == [PODS, web]
    assert trusts(role(call(module, f"{body}{irsa}  enable_pod_identity = false\n", "~> 20.0"), "controller")) == [web]

    facts = call(module, f'{body}  node_iam_role_additional_policies = {{ a = "arn:aws:iam::aws:policy/X" }}\n')
    assert trusts(role(facts, "controller")) == [PODS]
    association = only(facts, PodIdentityAssociation)
    assert (text(association.namespace), text(association.service_account)) == ("kube-system", "karpenter")
    assert only(facts, AccessEntry).principal is not None
    (node,) = Graph((facts,)).all(NodeRole)
    assert granted(facts, node.role)[0] == [
        NODE_BASELINE[0],
        "AmazonEC2ContainerRegistryPullOnly",
        NODE_BASELINE[2],
        "X",
    ]
    older = call(module, body, "~> 20.0")
    assert every(older, PodIdentityAssociation) == []
    assert granted(older, role(older, ".node"))[0] == NODE_BASELINE


def test_cloudposse_nodes_answer_pods_two_hops_away() -> None:
    body = """
  cluster_name          = module.cluster.eks_cluster_id
  context               = module.this.context
  node_role_policy_arns = ["arn:aws:iam::aws:policy/AmazonS3FullAccess"]
"""
    facts = call("cloudposse/eks-node-group/aws", body)
    options = only(facts, LaunchTemplate).metadata
    assert options is not None
    assert (text(options.hop_limit), text(options.tokens)) == ("2", "required")
    assert granted(facts, role(facts))[0] == [*NODE_BASELINE[:2], "AmazonS3FullAccess"]
    loose = call("cloudposse/eks-node-group/aws", f"{body}  metadata_http_tokens_required = false\n")
    options = only(loose, LaunchTemplate).metadata
    assert options is not None
    assert text(options.tokens) == "optional"
    given = call("cloudposse/eks-node-group/aws", f'{body}  node_role_arn = ["arn:aws:iam::111122223333:role/x"]\n')
    assert text(only(given, NodeGroup).role) == "arn:aws:iam::111122223333:role/x"


def test_cloudposse_clusters_have_a_provider_if_they_are_asked_for_one() -> None:
    assert every(call("cloudposse/eks-cluster/aws", ""), OidcProvider) == []
    facts = call("cloudposse/eks-cluster/aws", "  oidc_provider_enabled = true\n  context = module.this.context\n")
    assert [text(client) for client in only(facts, OidcProvider).client_ids] == ["sts.amazonaws.com"]
    assert only(facts, Cluster).role is not None


def test_a_blueprints_add_on_binds_the_service_account_of_its_chart() -> None:
    module = "aws-ia/eks-blueprints-addon/aws"
    provider = "arn:aws:iam::111122223333:oidc-provider/x.test"
    body = f"""
  create_role = true
  name = "app"
  oidc_providers = {{
    here  = {{ provider_arn = "{provider}", service_account = "app" }}
    there = {{ provider_arn = "{provider}", namespace = "other", service_account = "app" }}
  }}
  policy_statements = [{{ actions = ["s3:*"], resources = ["*"] }}]
"""
    facts = call(module, body)
    subjects = [bound[0][2] for _, _, bound in trusts(role(facts))]
    assert subjects == [["system:serviceaccount:default:app"], ["system:serviceaccount:other:app"]]
    assert granted(facts, role(facts))[1] == {"s3:*": ["*"]}
    named_ = [bound[0][2] for _, _, bound in trusts(role(call(module, f'{body}  namespace = "apps"\n')))]
    assert named_[0] == ["system:serviceaccount:apps:app"]
    assert every(call(module, body.replace("create_role = true", "")), Role) == []


def test_the_blueprints_add_ons_give_external_secrets_everything() -> None:
    body = """
  cluster_name            = "shop"
  oidc_provider_arn       = "arn:aws:iam::111122223333:oidc-provider/x.test"
  enable_external_secrets = true
  enable_cert_manager     = true
  enable_velero           = true
  velero                  = { s3_backup_location = "arn:aws:s3:::backup/shop" }
"""
    facts = call("aws-ia/eks-blueprints-addons/aws", body)
    secrets = role(facts, "external_secrets")
    ((_, _, bound),) = trusts(secrets)
    assert bound[0] == ("StringEquals", "x.test:sub", ["system:serviceaccount:external-secrets:external-secrets-sa"])
    assert granted(facts, secrets)[1]["secretsmanager:GetSecretValue"] == ["arn:aws:secretsmanager:*:*:secret:*"]
    own, web = trusts(role(facts, "cert_manager"))
    assert own == ("*", ["sts:AssumeRole"], [("ArnLike", "aws:PrincipalArn", ["arn:~:iam::~:role/cert-manager-*"])])
    assert web[2][0][2] == ["system:serviceaccount:cert-manager:cert-manager"]
    velero = granted(facts, role(facts, "velero"))[1]
    assert velero["s3:GetObject"] == ["arn:aws:s3:::backup/shop/*"]
    assert velero["s3:ListBucket"] == ["arn:aws:s3:::backup"]


def test_the_blueprints_karpenter_has_a_node_role() -> None:
    body = """
  cluster_name      = "shop"
  oidc_provider_arn = "arn:aws:iam::111122223333:oidc-provider/x.test"
  enable_karpenter  = true
  karpenter_node    = { iam_role_additional_policies = { s3 = "arn:aws:iam::aws:policy/AmazonS3FullAccess" } }
"""
    facts = call("aws-ia/eks-blueprints-addons/aws", body)
    (node,) = Graph((facts,)).all(NodeRole)
    assert node.role.origin.address == "module.it.aws_iam_role.karpenter[0]"
    assert granted(facts, node.role)[0] == [*NODE_BASELINE, "AmazonS3FullAccess"]
    _, allowed = granted(facts, role(facts, "module.karpenter"))
    assert allowed["iam:PassRole"] == ["~"]
