# cloudposse/eks-cluster/aws, versions 2.0.0 up to 5.0.0.
# Checked against cloudposse/terraform-aws-eks-cluster, tags 2.0.0, 4.0.0 and v4.11.0.
# Names are labels of cloudposse's; they are not modelled; of the context only enabled is. Entries for nodes came
# with 4.0.0, Auto Mode after it.

variable "enabled" {
  type    = bool
  default = null
}

variable "context" {
  type    = any
  default = {}
}

variable "kubernetes_version" {
  type    = string
  default = "1.21"
}

variable "oidc_provider_enabled" {
  type    = bool
  default = false
}

variable "create_eks_service_role" {
  type    = bool
  default = true
}

variable "eks_cluster_service_role_arn" {
  type    = string
  default = null
}

variable "permissions_boundary" {
  type    = string
  default = null
}

variable "addons" {
  type    = any
  default = []
}

variable "auto_mode_compute_config" {
  type    = any
  default = {}
}

variable "access_entries_for_nodes" {
  type     = map(list(string))
  default  = {}
  nullable = false
}

data "aws_partition" "current" {}

locals {
  enabled   = coalesce(var.enabled, lookup(var.context, "enabled", true))
  partition = data.aws_partition.current.partition
  auto_mode = lookup(var.auto_mode_compute_config, "enabled", false) == true
}

resource "aws_eks_cluster" "default" {
  count    = local.enabled ? 1 : 0
  version  = var.kubernetes_version
  role_arn = var.create_eks_service_role ? aws_iam_role.default[0].arn : var.eks_cluster_service_role_arn
  dynamic "compute_config" {
    for_each = local.auto_mode ? [var.auto_mode_compute_config] : []
    content {
      enabled       = true
      node_role_arn = try(compute_config.value.node_role_arn, null)
    }
  }
}

resource "aws_iam_openid_connect_provider" "default" {
  count          = local.enabled && var.oidc_provider_enabled ? 1 : 0
  url            = aws_eks_cluster.default[0].identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "trust" {
  count = local.enabled && var.create_eks_service_role ? 1 : 0
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["eks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "default" {
  count                = local.enabled && var.create_eks_service_role ? 1 : 0
  assume_role_policy   = data.aws_iam_policy_document.trust[0].json
  permissions_boundary = var.permissions_boundary
  managed_policy_arns  = [for name in ["AmazonEKSClusterPolicy", "AmazonEKSServicePolicy"] : "arn:${local.partition}:iam::aws:policy/${name}"]
}

resource "aws_eks_addon" "cluster" {
  for_each                 = { for addon in var.addons : addon.addon_name => addon if local.enabled }
  cluster_name             = aws_eks_cluster.default[0].name
  addon_name               = each.key
  service_account_role_arn = lookup(each.value, "service_account_role_arn", null)
  dynamic "pod_identity_association" {
    for_each = lookup(each.value, "pod_identity_association", {})
    content {
      service_account = pod_identity_association.key
      role_arn        = pod_identity_association.value
    }
  }
}

resource "aws_eks_access_entry" "linux" {
  count         = local.enabled ? length(lookup(var.access_entries_for_nodes, "EC2_LINUX", [])) : 0
  cluster_name  = aws_eks_cluster.default[0].name
  principal_arn = var.access_entries_for_nodes.EC2_LINUX[count.index]
  type          = "EC2_LINUX"
}

resource "aws_eks_access_entry" "windows" {
  count         = local.enabled ? length(lookup(var.access_entries_for_nodes, "EC2_WINDOWS", [])) : 0
  cluster_name  = aws_eks_cluster.default[0].name
  principal_arn = var.access_entries_for_nodes.EC2_WINDOWS[count.index]
  type          = "EC2_WINDOWS"
}

output "eks_cluster_id" {
  value = try(aws_eks_cluster.default[0].id, null)
}

output "eks_cluster_arn" {
  value = try(aws_eks_cluster.default[0].arn, null)
}

output "eks_cluster_endpoint" {
  value = try(aws_eks_cluster.default[0].endpoint, null)
}

output "eks_cluster_version" {
  value = try(aws_eks_cluster.default[0].version, null)
}

output "eks_cluster_identity_oidc_issuer" {
  value = try(aws_eks_cluster.default[0].identity[0].oidc[0].issuer, null)
}

output "eks_cluster_identity_oidc_issuer_arn" {
  value = try(aws_iam_openid_connect_provider.default[0].arn, null)
}

output "eks_cluster_role_arn" {
  value = var.create_eks_service_role ? try(aws_iam_role.default[0].arn, null) : var.eks_cluster_service_role_arn
}
