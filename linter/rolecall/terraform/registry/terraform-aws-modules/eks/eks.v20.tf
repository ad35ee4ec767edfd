# terraform-aws-modules/eks/aws, versions 20.0.0 up to 21.0.0.
# Checked against terraform-aws-modules/terraform-aws-eks, tags v20.0.0 and v20.37.2.
# Node groups and Fargate profiles are calls of the modules beside this one. What only the cluster's own role gets
# beyond AWS's policies (its encryption key, custom tags of Auto Mode) is left out.

variable "create" {
  type    = bool
  default = true
}

variable "cluster_name" {
  type    = string
  default = ""
}

variable "cluster_version" {
  type    = string
  default = null
}

variable "cluster_ip_family" {
  type    = string
  default = "ipv4"
}

variable "enable_irsa" {
  type    = bool
  default = true
}

variable "openid_connect_audiences" {
  type    = list(string)
  default = []
}

variable "create_iam_role" {
  type    = bool
  default = true
}

variable "iam_role_arn" {
  type    = string
  default = null
}

variable "iam_role_name" {
  type    = string
  default = null
}

variable "iam_role_use_name_prefix" {
  type    = bool
  default = true
}

variable "iam_role_path" {
  type    = string
  default = null
}

variable "iam_role_permissions_boundary" {
  type    = string
  default = null
}

variable "iam_role_additional_policies" {
  type    = any
  default = {}
}

variable "cluster_addons" {
  type    = any
  default = {}
}

variable "fargate_profiles" {
  type    = any
  default = {}
}

variable "eks_managed_node_groups" {
  type    = any
  default = {}
}

variable "self_managed_node_groups" {
  type    = any
  default = {}
}

variable "fargate_profile_defaults" {
  type    = any
  default = {}
}

variable "eks_managed_node_group_defaults" {
  type    = any
  default = {}
}

variable "self_managed_node_group_defaults" {
  type    = any
  default = {}
}

variable "access_entries" {
  type    = any
  default = {}
}

variable "cluster_compute_config" {
  type    = any
  default = {}
}

variable "create_node_iam_role" {
  type    = bool
  default = true
}

variable "node_iam_role_name" {
  type    = string
  default = null
}

variable "node_iam_role_use_name_prefix" {
  type    = bool
  default = true
}

variable "node_iam_role_path" {
  type    = string
  default = null
}

variable "node_iam_role_permissions_boundary" {
  type    = string
  default = null
}

variable "node_iam_role_additional_policies" {
  type    = map(string)
  default = {}
}

data "aws_partition" "current" {}

locals {
  partition     = data.aws_partition.current.partition
  iam_role_name = coalesce(var.iam_role_name, "${var.cluster_name}-cluster")
  auto_mode     = try(var.cluster_compute_config.enabled, false)
}

resource "aws_eks_cluster" "this" {
  count    = var.create ? 1 : 0
  name     = var.cluster_name
  version  = var.cluster_version
  role_arn = var.create_iam_role ? aws_iam_role.this[0].arn : var.iam_role_arn

  dynamic "compute_config" {
    for_each = try(var.cluster_compute_config.enabled, false) == true ? [var.cluster_compute_config] : []
    content {
      enabled       = true
      node_pools    = try(compute_config.value.node_pools, null)
      node_role_arn = try(length(compute_config.value.node_pools) > 0, false) ? try(compute_config.value.node_role_arn, aws_iam_role.eks_auto[0].arn, null) : null
    }
  }
}

resource "aws_iam_openid_connect_provider" "oidc_provider" {
  count          = var.create && var.enable_irsa ? 1 : 0
  url            = aws_eks_cluster.this[0].identity[0].oidc[0].issuer
  client_id_list = concat(["sts.amazonaws.com"], var.openid_connect_audiences)
}

data "aws_iam_policy_document" "cluster_trust" {
  count = var.create && var.create_iam_role ? 1 : 0
  statement {
    sid     = "EKSClusterAssumeRole"
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "Service"
      identifiers = ["eks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  count                = var.create && var.create_iam_role ? 1 : 0
  name                 = var.iam_role_use_name_prefix ? null : local.iam_role_name
  name_prefix          = var.iam_role_use_name_prefix ? "${local.iam_role_name}-" : null
  path                 = var.iam_role_path
  assume_role_policy   = data.aws_iam_policy_document.cluster_trust[0].json
  permissions_boundary = var.iam_role_permissions_boundary
  managed_policy_arns = concat(
    [for name in ["AmazonEKSClusterPolicy"] : "arn:${local.partition}:iam::aws:policy/${name}"],
    local.auto_mode ? [for name in ["AmazonEKSComputePolicy", "AmazonEKSBlockStoragePolicy", "AmazonEKSLoadBalancingPolicy", "AmazonEKSNetworkingPolicy"] : "arn:${local.partition}:iam::aws:policy/${name}"] : [],
    [for key, arn in var.iam_role_additional_policies : arn],
  )
}

resource "aws_eks_addon" "this" {
  for_each                 = { for key, addon in var.cluster_addons : key => addon if var.create }
  cluster_name             = aws_eks_cluster.this[0].name
  addon_name               = lookup(each.value, "name", each.key)
  service_account_role_arn = lookup(each.value, "service_account_role_arn", null)

  dynamic "pod_identity_association" {
    for_each = lookup(each.value, "pod_identity_association", [])
    content {
      role_arn        = pod_identity_association.value.role_arn
      service_account = pod_identity_association.value.service_account
    }
  }
}

resource "aws_eks_access_entry" "this" {
  for_each      = { for key, entry in var.access_entries : key => entry if var.create }
  cluster_name  = aws_eks_cluster.this[0].name
  principal_arn = each.value.principal_arn
  type          = lookup(each.value, "type", "STANDARD")
}

data "aws_iam_policy_document" "node_trust" {
  count = var.create && var.create_node_iam_role && local.auto_mode ? 1 : 0
  statement {
    sid     = "EKSAutoNodeAssumeRole"
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "eks_auto" {
  count                = var.create && var.create_node_iam_role && local.auto_mode ? 1 : 0
  name                 = var.node_iam_role_use_name_prefix ? null : coalesce(var.node_iam_role_name, "${var.cluster_name}-eks-auto")
  name_prefix          = var.node_iam_role_use_name_prefix ? "${coalesce(var.node_iam_role_name, "${var.cluster_name}-eks-auto")}-" : null
  path                 = var.node_iam_role_path
  assume_role_policy   = data.aws_iam_policy_document.node_trust[0].json
  permissions_boundary = var.node_iam_role_permissions_boundary
  managed_policy_arns = concat(
    [for name in ["AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"] : "arn:${local.partition}:iam::aws:policy/${name}"],
    [for key, arn in var.node_iam_role_additional_policies : arn],
  )
}

module "fargate_profile" {
  source   = "terraform-aws-modules/eks/aws//modules/fargate-profile"
  version  = "20.37.2"
  for_each = { for key, value in var.fargate_profiles : key => value if var.create }

  cluster_name                  = aws_eks_cluster.this[0].name
  cluster_ip_family             = var.cluster_ip_family
  create                        = lookup(each.value, "create", true)
  name                          = lookup(each.value, "name", each.key)
  selectors                     = lookup(each.value, "selectors", lookup(var.fargate_profile_defaults, "selectors", []))
  create_iam_role               = lookup(each.value, "create_iam_role", lookup(var.fargate_profile_defaults, "create_iam_role", true))
  iam_role_arn                  = lookup(each.value, "iam_role_arn", lookup(var.fargate_profile_defaults, "iam_role_arn", null))
  iam_role_name                 = lookup(each.value, "iam_role_name", lookup(var.fargate_profile_defaults, "iam_role_name", null))
  iam_role_use_name_prefix      = lookup(each.value, "iam_role_use_name_prefix", lookup(var.fargate_profile_defaults, "iam_role_use_name_prefix", true))
  iam_role_path                 = lookup(each.value, "iam_role_path", lookup(var.fargate_profile_defaults, "iam_role_path", null))
  iam_role_permissions_boundary = lookup(each.value, "iam_role_permissions_boundary", lookup(var.fargate_profile_defaults, "iam_role_permissions_boundary", null))
  iam_role_attach_cni_policy    = lookup(each.value, "iam_role_attach_cni_policy", lookup(var.fargate_profile_defaults, "iam_role_attach_cni_policy", true))
  iam_role_additional_policies  = lookup(each.value, "iam_role_additional_policies", lookup(var.fargate_profile_defaults, "iam_role_additional_policies", {}))
  create_iam_role_policy        = lookup(each.value, "create_iam_role_policy", lookup(var.fargate_profile_defaults, "create_iam_role_policy", true))
  iam_role_policy_statements    = lookup(each.value, "iam_role_policy_statements", lookup(var.fargate_profile_defaults, "iam_role_policy_statements", []))
}

module "eks_managed_node_group" {
  source   = "terraform-aws-modules/eks/aws//modules/eks-managed-node-group"
  version  = "20.37.2"
  for_each = { for key, value in var.eks_managed_node_groups : key => value if var.create }

  cluster_name                  = aws_eks_cluster.this[0].name
  cluster_ip_family             = var.cluster_ip_family
  create                        = lookup(each.value, "create", true)
  name                          = lookup(each.value, "name", each.key)
  use_name_prefix               = lookup(each.value, "use_name_prefix", lookup(var.eks_managed_node_group_defaults, "use_name_prefix", true))
  create_launch_template        = lookup(each.value, "create_launch_template", lookup(var.eks_managed_node_group_defaults, "create_launch_template", true))
  launch_template_id            = lookup(each.value, "launch_template_id", lookup(var.eks_managed_node_group_defaults, "launch_template_id", null))
  launch_template_name          = lookup(each.value, "launch_template_name", lookup(var.eks_managed_node_group_defaults, "launch_template_name", each.key))
  metadata_options              = lookup(each.value, "metadata_options", lookup(var.eks_managed_node_group_defaults, "metadata_options", { http_endpoint = "enabled", http_tokens = "required", http_put_response_hop_limit = 2 }))
  iam_role_arn                  = lookup(each.value, "iam_role_arn", lookup(var.eks_managed_node_group_defaults, "iam_role_arn", null))
  iam_role_name                 = lookup(each.value, "iam_role_name", lookup(var.eks_managed_node_group_defaults, "iam_role_name", null))
  iam_role_use_name_prefix      = lookup(each.value, "iam_role_use_name_prefix", lookup(var.eks_managed_node_group_defaults, "iam_role_use_name_prefix", true))
  iam_role_path                 = lookup(each.value, "iam_role_path", lookup(var.eks_managed_node_group_defaults, "iam_role_path", null))
  iam_role_permissions_boundary = lookup(each.value, "iam_role_permissions_boundary", lookup(var.eks_managed_node_group_defaults, "iam_role_permissions_boundary", null))
  iam_role_attach_cni_policy    = lookup(each.value, "iam_role_attach_cni_policy", lookup(var.eks_managed_node_group_defaults, "iam_role_attach_cni_policy", true))
  iam_role_additional_policies  = lookup(each.value, "iam_role_additional_policies", lookup(var.eks_managed_node_group_defaults, "iam_role_additional_policies", {}))
  create_iam_role_policy        = lookup(each.value, "create_iam_role_policy", lookup(var.eks_managed_node_group_defaults, "create_iam_role_policy", true))
  iam_role_policy_statements    = lookup(each.value, "iam_role_policy_statements", lookup(var.eks_managed_node_group_defaults, "iam_role_policy_statements", []))
  ami_type                      = lookup(each.value, "ami_type", lookup(var.eks_managed_node_group_defaults, "ami_type", null))
  pre_bootstrap_user_data       = lookup(each.value, "pre_bootstrap_user_data", lookup(var.eks_managed_node_group_defaults, "pre_bootstrap_user_data", null))
  post_bootstrap_user_data      = lookup(each.value, "post_bootstrap_user_data", lookup(var.eks_managed_node_group_defaults, "post_bootstrap_user_data", null))
  cloudinit_pre_nodeadm         = lookup(each.value, "cloudinit_pre_nodeadm", lookup(var.eks_managed_node_group_defaults, "cloudinit_pre_nodeadm", []))
  cloudinit_post_nodeadm        = lookup(each.value, "cloudinit_post_nodeadm", lookup(var.eks_managed_node_group_defaults, "cloudinit_post_nodeadm", []))
  create_iam_role               = lookup(each.value, "create_iam_role", lookup(var.eks_managed_node_group_defaults, "create_iam_role", true))
  use_custom_launch_template    = lookup(each.value, "use_custom_launch_template", lookup(var.eks_managed_node_group_defaults, "use_custom_launch_template", true))
  ami_id                        = lookup(each.value, "ami_id", lookup(var.eks_managed_node_group_defaults, "ami_id", ""))
}

module "self_managed_node_group" {
  source   = "terraform-aws-modules/eks/aws//modules/self-managed-node-group"
  version  = "20.37.2"
  for_each = { for key, value in var.self_managed_node_groups : key => value if var.create }

  cluster_name                  = aws_eks_cluster.this[0].name
  cluster_ip_family             = var.cluster_ip_family
  create                        = lookup(each.value, "create", true)
  name                          = lookup(each.value, "name", each.key)
  use_name_prefix               = lookup(each.value, "use_name_prefix", lookup(var.self_managed_node_group_defaults, "use_name_prefix", true))
  create_launch_template        = lookup(each.value, "create_launch_template", lookup(var.self_managed_node_group_defaults, "create_launch_template", true))
  launch_template_id            = lookup(each.value, "launch_template_id", lookup(var.self_managed_node_group_defaults, "launch_template_id", null))
  launch_template_name          = lookup(each.value, "launch_template_name", lookup(var.self_managed_node_group_defaults, "launch_template_name", each.key))
  metadata_options              = lookup(each.value, "metadata_options", lookup(var.self_managed_node_group_defaults, "metadata_options", { http_endpoint = "enabled", http_tokens = "required", http_put_response_hop_limit = 2 }))
  iam_role_arn                  = lookup(each.value, "iam_role_arn", lookup(var.self_managed_node_group_defaults, "iam_role_arn", null))
  iam_role_name                 = lookup(each.value, "iam_role_name", lookup(var.self_managed_node_group_defaults, "iam_role_name", null))
  iam_role_use_name_prefix      = lookup(each.value, "iam_role_use_name_prefix", lookup(var.self_managed_node_group_defaults, "iam_role_use_name_prefix", true))
  iam_role_path                 = lookup(each.value, "iam_role_path", lookup(var.self_managed_node_group_defaults, "iam_role_path", null))
  iam_role_permissions_boundary = lookup(each.value, "iam_role_permissions_boundary", lookup(var.self_managed_node_group_defaults, "iam_role_permissions_boundary", null))
  iam_role_attach_cni_policy    = lookup(each.value, "iam_role_attach_cni_policy", lookup(var.self_managed_node_group_defaults, "iam_role_attach_cni_policy", true))
  iam_role_additional_policies  = lookup(each.value, "iam_role_additional_policies", lookup(var.self_managed_node_group_defaults, "iam_role_additional_policies", {}))
  create_iam_role_policy        = lookup(each.value, "create_iam_role_policy", lookup(var.self_managed_node_group_defaults, "create_iam_role_policy", true))
  iam_role_policy_statements    = lookup(each.value, "iam_role_policy_statements", lookup(var.self_managed_node_group_defaults, "iam_role_policy_statements", []))
  ami_type                      = lookup(each.value, "ami_type", lookup(var.self_managed_node_group_defaults, "ami_type", "AL2_x86_64"))
  pre_bootstrap_user_data       = lookup(each.value, "pre_bootstrap_user_data", lookup(var.self_managed_node_group_defaults, "pre_bootstrap_user_data", null))
  post_bootstrap_user_data      = lookup(each.value, "post_bootstrap_user_data", lookup(var.self_managed_node_group_defaults, "post_bootstrap_user_data", null))
  cloudinit_pre_nodeadm         = lookup(each.value, "cloudinit_pre_nodeadm", lookup(var.self_managed_node_group_defaults, "cloudinit_pre_nodeadm", []))
  cloudinit_post_nodeadm        = lookup(each.value, "cloudinit_post_nodeadm", lookup(var.self_managed_node_group_defaults, "cloudinit_post_nodeadm", []))
  create_autoscaling_group      = lookup(each.value, "create_autoscaling_group", lookup(var.self_managed_node_group_defaults, "create_autoscaling_group", true))
  use_mixed_instances_policy    = lookup(each.value, "use_mixed_instances_policy", lookup(var.self_managed_node_group_defaults, "use_mixed_instances_policy", false))
  platform                      = lookup(each.value, "platform", lookup(var.self_managed_node_group_defaults, "platform", null))
  create_iam_instance_profile   = lookup(each.value, "create_iam_instance_profile", lookup(var.self_managed_node_group_defaults, "create_iam_instance_profile", true))
  iam_instance_profile_arn      = lookup(each.value, "iam_instance_profile_arn", lookup(var.self_managed_node_group_defaults, "iam_instance_profile_arn", null))
  create_access_entry           = lookup(each.value, "create_access_entry", lookup(var.self_managed_node_group_defaults, "create_access_entry", true))
}

output "cluster_arn" {
  value = try(aws_eks_cluster.this[0].arn, null)
}

output "cluster_name" {
  value = try(aws_eks_cluster.this[0].name, null)
}

output "cluster_id" {
  value = try(aws_eks_cluster.this[0].cluster_id, null)
}

output "cluster_endpoint" {
  value = try(aws_eks_cluster.this[0].endpoint, null)
}

output "cluster_version" {
  value = try(aws_eks_cluster.this[0].version, null)
}

output "cluster_certificate_authority_data" {
  value = try(aws_eks_cluster.this[0].certificate_authority[0].data, null)
}

output "cluster_oidc_issuer_url" {
  value = try(aws_eks_cluster.this[0].identity[0].oidc[0].issuer, null)
}

output "oidc_provider" {
  value = try(replace(aws_eks_cluster.this[0].identity[0].oidc[0].issuer, "https://", ""), null)
}

output "oidc_provider_arn" {
  value = try(aws_iam_openid_connect_provider.oidc_provider[0].arn, null)
}

output "cluster_iam_role_arn" {
  value = try(aws_iam_role.this[0].arn, null)
}

output "cluster_iam_role_name" {
  value = try(aws_iam_role.this[0].name, null)
}

output "node_iam_role_arn" {
  value = try(aws_iam_role.eks_auto[0].arn, null)
}

output "node_iam_role_name" {
  value = try(aws_iam_role.eks_auto[0].name, null)
}

output "access_entries" {
  value = aws_eks_access_entry.this
}

output "cluster_addons" {
  value = aws_eks_addon.this
}

output "fargate_profiles" {
  value = module.fargate_profile
}

output "eks_managed_node_groups" {
  value = module.eks_managed_node_group
}

output "self_managed_node_groups" {
  value = module.self_managed_node_group
}
