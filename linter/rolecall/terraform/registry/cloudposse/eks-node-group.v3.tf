# cloudposse/eks-node-group/aws, versions 2.0.0 up to 4.0.0.
# Checked against cloudposse/terraform-aws-eks-node-group, tags 2.0.0, 2.12.0, 3.0.0 and v3.4.0.
# Names are labels of cloudposse's; they are not modelled; of the context only enabled is. The CNI policy is the
# module's own, not AWS's, from 2.5.0 on.

variable "enabled" {
  type    = bool
  default = null
}

variable "context" {
  type    = any
  default = {}
}

variable "cluster_name" {
  type = string
}

variable "node_role_cni_policy_enabled" {
  type     = bool
  default  = true
  nullable = false
}

variable "node_role_arn" {
  type     = list(string)
  default  = []
  nullable = false
}

variable "node_role_policy_arns" {
  type     = list(string)
  default  = []
  nullable = false
}

variable "node_role_permissions_boundary" {
  type    = string
  default = null
}

variable "ami_type" {
  type    = string
  default = "AL2_x86_64"
}

variable "ami_image_id" {
  type     = list(string)
  default  = []
  nullable = false
}

variable "launch_template_id" {
  type     = list(string)
  default  = []
  nullable = false
}

variable "metadata_http_endpoint_enabled" {
  type     = bool
  default  = true
  nullable = false
}

variable "metadata_http_put_response_hop_limit" {
  type     = number
  default  = 2
  nullable = false
}

variable "metadata_http_tokens_required" {
  type     = bool
  default  = true
  nullable = false
}

data "aws_partition" "current" {}

locals {
  enabled     = coalesce(var.enabled, lookup(var.context, "enabled", true))
  partition   = data.aws_partition.current.partition
  create_role = length(var.node_role_arn) == 0
}

resource "aws_launch_template" "default" {
  count = local.enabled && length(var.launch_template_id) == 0 ? 1 : 0
  metadata_options {
    http_endpoint               = var.metadata_http_endpoint_enabled ? "enabled" : "disabled"
    http_put_response_hop_limit = var.metadata_http_put_response_hop_limit
    http_tokens                 = var.metadata_http_tokens_required ? "required" : "optional"
  }
}

resource "aws_eks_node_group" "default" {
  count         = local.enabled ? 1 : 0
  cluster_name  = var.cluster_name
  node_role_arn = local.create_role ? aws_iam_role.default[0].arn : try(var.node_role_arn[0], null)
  ami_type      = length(var.ami_image_id) == 0 ? var.ami_type : null
  launch_template {
    id = length(var.launch_template_id) == 0 ? aws_launch_template.default[0].id : var.launch_template_id[0]
  }
}

data "aws_iam_policy_document" "trust" {
  count = local.enabled && local.create_role ? 1 : 0
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "default" {
  count                = local.enabled && local.create_role ? 1 : 0
  assume_role_policy   = data.aws_iam_policy_document.trust[0].json
  permissions_boundary = var.node_role_permissions_boundary
  managed_policy_arns = concat(
    [for name in ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryReadOnly"] : "arn:${local.partition}:iam::aws:policy/${name}"],
    var.node_role_policy_arns,
  )
}

data "aws_iam_policy_document" "cni" {
  statement {
    actions = [
      "ec2:AssignIpv6Addresses", "ec2:AssignPrivateIpAddresses", "ec2:AttachNetworkInterface",
      "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeInstances",
      "ec2:DescribeInstanceTypes", "ec2:DescribeTags", "ec2:DescribeNetworkInterfaces",
      "ec2:DetachNetworkInterface", "ec2:ModifyNetworkInterfaceAttribute",
      "ec2:UnassignPrivateIpAddresses",
    ]
    resources = ["*"]
  }
  statement {
    actions   = ["ec2:CreateTags"]
    resources = ["arn:${data.aws_partition.current.partition}:ec2:*:*:network-interface/*"]
  }
}

resource "aws_iam_role_policy" "cni" {
  count  = local.enabled && local.create_role && var.node_role_cni_policy_enabled ? 1 : 0
  role   = aws_iam_role.default[0].name
  policy = data.aws_iam_policy_document.cni.json
}

output "eks_node_group_role_arn" {
  value = try(aws_iam_role.default[0].arn, null)
}

output "eks_node_group_role_name" {
  value = try(aws_iam_role.default[0].name, null)
}

output "eks_node_group_arn" {
  value = try(aws_eks_node_group.default[0].arn, null)
}

output "eks_node_group_id" {
  value = try(aws_eks_node_group.default[0].id, null)
}

output "eks_node_group_launch_template_id" {
  value = length(var.launch_template_id) == 0 ? try(aws_launch_template.default[0].id, null) : var.launch_template_id[0]
}
