# terraform-aws-modules/eks/aws, versions 21.0.0 up to 22.0.0.
# Checked against terraform-aws-modules/terraform-aws-eks, tags v21.0.0 and v21.19.0.
# Node groups and Fargate profiles are calls of the modules beside this one. What only the cluster's own role gets
# beyond AWS's policies (its encryption key, custom tags of Auto Mode) is left out.

variable "create" {
  type    = bool
  default = true
}

variable "name" {
  type    = string
  default = ""
}

variable "kubernetes_version" {
  type    = string
  default = null
}

variable "ip_family" {
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

variable "addons" {
  type    = any
  default = null
}

variable "fargate_profiles" {
  type    = any
  default = null
}

variable "eks_managed_node_groups" {
  type    = any
  default = null
}

variable "self_managed_node_groups" {
  type    = any
  default = null
}

variable "access_entries" {
  type    = any
  default = {}
}

variable "compute_config" {
  type    = any
  default = null
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

variable "create_auto_mode_iam_resources" {
  type    = bool
  default = false
}

data "aws_partition" "current" {}

locals {
  partition     = data.aws_partition.current.partition
  iam_role_name = coalesce(var.iam_role_name, "${var.name}-cluster")
  auto_mode     = try(var.compute_config.enabled, false) == true || var.create_auto_mode_iam_resources
}

resource "aws_eks_cluster" "this" {
  count    = var.create ? 1 : 0
  name     = var.name
  version  = var.kubernetes_version
  role_arn = var.create_iam_role ? aws_iam_role.this[0].arn : var.iam_role_arn

  dynamic "compute_config" {
    for_each = try(var.compute_config.enabled, false) == true ? [var.compute_config] : []
    content {
      enabled       = true
      node_pools    = try(compute_config.value.node_pools, null)
      node_role_arn = try(length(compute_config.value.node_pools) > 0, false) ? try(aws_iam_role.eks_auto[0].arn, compute_config.value.node_role_arn, null) : null
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
  for_each                 = { for key, addon in merge({}, var.addons) : key => addon if var.create }
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
  name                 = var.node_iam_role_use_name_prefix ? null : coalesce(var.node_iam_role_name, "${var.name}-eks-auto")
  name_prefix          = var.node_iam_role_use_name_prefix ? "${coalesce(var.node_iam_role_name, "${var.name}-eks-auto")}-" : null
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
  version  = "21.19.0"
  for_each = { for key, value in merge({}, var.fargate_profiles) : key => value if var.create }

  cluster_name                  = aws_eks_cluster.this[0].name
  cluster_ip_family             = var.ip_family
  create                        = lookup(each.value, "create", null)
  name                          = coalesce(lookup(each.value, "name", null), each.key)
  selectors                     = lookup(each.value, "selectors", null)
  create_iam_role               = lookup(each.value, "create_iam_role", null)
  iam_role_arn                  = lookup(each.value, "iam_role_arn", null)
  iam_role_name                 = lookup(each.value, "iam_role_name", null)
  iam_role_use_name_prefix      = lookup(each.value, "iam_role_use_name_prefix", null)
  iam_role_path                 = lookup(each.value, "iam_role_path", null)
  iam_role_permissions_boundary = lookup(each.value, "iam_role_permissions_boundary", null)
  iam_role_attach_cni_policy    = lookup(each.value, "iam_role_attach_cni_policy", null)
  iam_role_additional_policies  = lookup(each.value, "iam_role_additional_policies", null)
  create_iam_role_policy        = lookup(each.value, "create_iam_role_policy", null)
  iam_role_policy_statements    = lookup(each.value, "iam_role_policy_statements", null)
}

module "eks_managed_node_group" {
  source   = "terraform-aws-modules/eks/aws//modules/eks-managed-node-group"
  version  = "21.19.0"
  for_each = { for key, value in merge({}, var.eks_managed_node_groups) : key => value if var.create }

  cluster_name                  = aws_eks_cluster.this[0].name
  cluster_ip_family             = var.ip_family
  create                        = lookup(each.value, "create", null)
  name                          = coalesce(lookup(each.value, "name", null), each.key)
  use_name_prefix               = lookup(each.value, "use_name_prefix", null)
  create_launch_template        = lookup(each.value, "create_launch_template", null)
  launch_template_id            = lookup(each.value, "launch_template_id", null)
  launch_template_name          = coalesce(lookup(each.value, "launch_template_name", null), each.key)
  metadata_options              = lookup(each.value, "metadata_options", null)
  iam_role_arn                  = lookup(each.value, "iam_role_arn", null)
  iam_role_name                 = lookup(each.value, "iam_role_name", null)
  iam_role_use_name_prefix      = lookup(each.value, "iam_role_use_name_prefix", null)
  iam_role_path                 = lookup(each.value, "iam_role_path", null)
  iam_role_permissions_boundary = lookup(each.value, "iam_role_permissions_boundary", null)
  iam_role_attach_cni_policy    = lookup(each.value, "iam_role_attach_cni_policy", null)
  iam_role_additional_policies  = lookup(each.value, "iam_role_additional_policies", null)
  create_iam_role_policy        = lookup(each.value, "create_iam_role_policy", null)
  iam_role_policy_statements    = lookup(each.value, "iam_role_policy_statements", null)
  ami_type                      = lookup(each.value, "ami_type", null)
  pre_bootstrap_user_data       = lookup(each.value, "pre_bootstrap_user_data", null)
  post_bootstrap_user_data      = lookup(each.value, "post_bootstrap_user_data", null)
  cloudinit_pre_nodeadm         = lookup(each.value, "cloudinit_pre_nodeadm", [])
  cloudinit_post_nodeadm        = lookup(each.value, "cloudinit_post_nodeadm", [])
  create_iam_role               = lookup(each.value, "create_iam_role", null)
  use_custom_launch_template    = lookup(each.value, "use_custom_launch_template", null)
  ami_id                        = lookup(each.value, "ami_id", null)
}

module "self_managed_node_group" {
  source   = "terraform-aws-modules/eks/aws//modules/self-managed-node-group"
  version  = "21.19.0"
  for_each = { for key, value in merge({}, var.self_managed_node_groups) : key => value if var.create }

  cluster_name                  = aws_eks_cluster.this[0].name
  cluster_ip_family             = var.ip_family
  create                        = lookup(each.value, "create", null)
  name                          = coalesce(lookup(each.value, "name", null), each.key)
  use_name_prefix               = lookup(each.value, "use_name_prefix", null)
  create_launch_template        = lookup(each.value, "create_launch_template", null)
  launch_template_id            = lookup(each.value, "launch_template_id", null)
  launch_template_name          = coalesce(lookup(each.value, "launch_template_name", null), each.key)
  metadata_options              = lookup(each.value, "metadata_options", null)
  iam_role_arn                  = lookup(each.value, "iam_role_arn", null)
  iam_role_name                 = lookup(each.value, "iam_role_name", null)
  iam_role_use_name_prefix      = lookup(each.value, "iam_role_use_name_prefix", null)
  iam_role_path                 = lookup(each.value, "iam_role_path", null)
  iam_role_permissions_boundary = lookup(each.value, "iam_role_permissions_boundary", null)
  iam_role_attach_cni_policy    = lookup(each.value, "iam_role_attach_cni_policy", null)
  iam_role_additional_policies  = lookup(each.value, "iam_role_additional_policies", null)
  create_iam_role_policy        = lookup(each.value, "create_iam_role_policy", null)
  iam_role_policy_statements    = lookup(each.value, "iam_role_policy_statements", null)
  ami_type                      = lookup(each.value, "ami_type", null)
  pre_bootstrap_user_data       = lookup(each.value, "pre_bootstrap_user_data", null)
  post_bootstrap_user_data      = lookup(each.value, "post_bootstrap_user_data", null)
  cloudinit_pre_nodeadm         = lookup(each.value, "cloudinit_pre_nodeadm", [])
  cloudinit_post_nodeadm        = lookup(each.value, "cloudinit_post_nodeadm", [])
  create_autoscaling_group      = lookup(each.value, "create_autoscaling_group", null)
  use_mixed_instances_policy    = lookup(each.value, "use_mixed_instances_policy", null)
  create_iam_instance_profile   = lookup(each.value, "create_iam_instance_profile", null)
  iam_instance_profile_arn      = lookup(each.value, "iam_instance_profile_arn", null)
  create_access_entry           = lookup(each.value, "create_access_entry", null)
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
