# terraform-aws-modules/eks/aws//modules/karpenter, versions 18.31.0 up to 20.0.0.
# Checked against terraform-aws-modules/terraform-aws-eks, modules/karpenter, tags v18.31.0, v19.0.0 and v19.21.0.
# The controller's managed policy is an inline one here. Its role is made from 18.31.0 on, the IAM condition test
# from 19.12.0 on.

variable "create" {
  type    = bool
  default = true
}

variable "cluster_name" {
  type    = string
  default = ""
}

variable "create_irsa" {
  type    = bool
  default = true
}

variable "irsa_name" {
  type    = string
  default = null
}

variable "irsa_use_name_prefix" {
  type    = bool
  default = true
}

variable "irsa_path" {
  type    = string
  default = "/"
}

variable "irsa_max_session_duration" {
  type    = number
  default = null
}

variable "irsa_permissions_boundary_arn" {
  type    = string
  default = null
}

variable "policies" {
  type    = map(string)
  default = {}
}

variable "irsa_tag_key" {
  type    = string
  default = "karpenter.sh/discovery"
}

variable "irsa_tag_values" {
  type    = list(string)
  default = []
}

variable "irsa_ssm_parameter_arns" {
  type    = list(string)
  default = ["arn:aws:ssm:*:*:parameter/aws/service/*"]
}

variable "irsa_subnet_account_id" {
  type    = string
  default = ""
}

variable "irsa_oidc_provider_arn" {
  type    = string
  default = ""
}

variable "irsa_namespace_service_accounts" {
  type    = list(string)
  default = ["karpenter:karpenter"]
}

variable "irsa_assume_role_condition_test" {
  type    = string
  default = "StringEquals"
}

variable "enable_karpenter_instance_profile_creation" {
  type    = bool
  default = false
}

variable "enable_spot_termination" {
  type    = bool
  default = true
}

variable "queue_name" {
  type    = string
  default = null
}

variable "create_iam_role" {
  type    = bool
  default = true
}

variable "cluster_ip_family" {
  type    = string
  default = null
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
  default = "/"
}

variable "iam_role_permissions_boundary" {
  type    = string
  default = null
}

variable "iam_role_attach_cni_policy" {
  type    = bool
  default = true
}

variable "iam_role_additional_policies" {
  type    = any
  default = {}
}

variable "create_instance_profile" {
  type    = bool
  default = true
}

data "aws_partition" "current" {}
data "aws_caller_identity" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  queue_name = coalesce(var.queue_name, "Karpenter-${var.cluster_name}")
  cni_policy = var.cluster_ip_family == "ipv6" ? "arn:${local.partition}:iam::${data.aws_caller_identity.current.account_id}:policy/AmazonEKS_CNI_IPv6_Policy" : "arn:${local.partition}:iam::aws:policy/AmazonEKS_CNI_Policy"
  issuer     = replace(var.irsa_oidc_provider_arn, "/^(.*provider/)/", "")
  irsa_name  = coalesce(var.irsa_name, "KarpenterIRSA-${var.cluster_name}")
}

data "aws_iam_policy_document" "irsa_trust" {
  count = var.create && var.create_irsa ? 1 : 0
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [var.irsa_oidc_provider_arn]
    }
    condition {
      test     = var.irsa_assume_role_condition_test
      variable = "${local.issuer}:sub"
      values   = [for account in var.irsa_namespace_service_accounts : "system:serviceaccount:${account}"]
    }
    condition {
      test     = var.irsa_assume_role_condition_test
      variable = "${local.issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "irsa" {
  count                = var.create && var.create_irsa ? 1 : 0
  name                 = var.irsa_use_name_prefix ? null : local.irsa_name
  name_prefix          = var.irsa_use_name_prefix ? "${local.irsa_name}-" : null
  path                 = var.irsa_path
  assume_role_policy   = data.aws_iam_policy_document.irsa_trust[0].json
  permissions_boundary = var.irsa_permissions_boundary_arn
  max_session_duration = var.irsa_max_session_duration
  managed_policy_arns  = [for key, arn in var.policies : arn]
}

data "aws_iam_policy_document" "irsa" {
  statement {
    actions = [
      "ec2:CreateLaunchTemplate", "ec2:CreateFleet", "ec2:CreateTags", "ec2:Describe*",
      "pricing:GetProducts",
    ]
    resources = ["*"]
  }
  statement {
    actions   = ["ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "ec2:ResourceTag/${var.irsa_tag_key}"
      values   = coalescelist(var.irsa_tag_values, [var.cluster_name])
    }
  }
  statement {
    actions   = ["ec2:RunInstances"]
    resources = ["arn:${local.partition}:ec2:*:${local.account_id}:launch-template/*"]
    condition {
      test     = "StringEquals"
      variable = "ec2:ResourceTag/${var.irsa_tag_key}"
      values   = coalescelist(var.irsa_tag_values, [var.cluster_name])
    }
  }
  statement {
    actions = ["ec2:RunInstances"]
    resources = [
      "arn:${local.partition}:ec2:*::image/*",
      "arn:${local.partition}:ec2:*::snapshot/*",
      "arn:${local.partition}:ec2:*:${local.account_id}:instance/*",
      "arn:${local.partition}:ec2:*:${local.account_id}:spot-instances-request/*",
      "arn:${local.partition}:ec2:*:${local.account_id}:security-group/*",
      "arn:${local.partition}:ec2:*:${local.account_id}:volume/*",
      "arn:${local.partition}:ec2:*:${local.account_id}:network-interface/*",
      "arn:${local.partition}:ec2:*:${coalesce(var.irsa_subnet_account_id, local.account_id)}:subnet/*",
    ]
  }
  statement {
    actions   = ["ssm:GetParameter"]
    resources = var.irsa_ssm_parameter_arns
  }
  statement {
    actions   = ["eks:DescribeCluster"]
    resources = ["arn:${local.partition}:eks:*:${local.account_id}:cluster/${var.cluster_name}"]
  }
  statement {
    actions   = ["iam:PassRole"]
    resources = [var.create_iam_role ? aws_iam_role.this[0].arn : var.iam_role_arn]
  }
  dynamic "statement" {
    for_each = var.enable_spot_termination ? [1] : []
    content {
      actions = [
        "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage",
      ]
      resources = ["arn:${local.partition}:sqs:*:${local.account_id}:${local.queue_name}"]
    }
  }
  dynamic "statement" {
    for_each = var.enable_karpenter_instance_profile_creation ? [1] : []
    content {
      actions = [
        "iam:AddRoleToInstanceProfile", "iam:CreateInstanceProfile", "iam:DeleteInstanceProfile",
        "iam:GetInstanceProfile", "iam:RemoveRoleFromInstanceProfile", "iam:TagInstanceProfile",
      ]
      resources = ["*"]
    }
  }
}

resource "aws_iam_role_policy" "irsa" {
  count  = var.create && var.create_irsa ? 1 : 0
  role   = aws_iam_role.irsa[0].name
  policy = data.aws_iam_policy_document.irsa.json
}

data "aws_iam_policy_document" "node_trust" {
  count = var.create && var.create_iam_role ? 1 : 0
  statement {
    sid     = "EKSNodeAssumeRole"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  count                = var.create && var.create_iam_role ? 1 : 0
  name                 = var.iam_role_use_name_prefix ? null : coalesce(var.iam_role_name, "Karpenter-${var.cluster_name}")
  name_prefix          = var.iam_role_use_name_prefix ? "${coalesce(var.iam_role_name, "Karpenter-${var.cluster_name}")}-" : null
  path                 = var.iam_role_path
  assume_role_policy   = data.aws_iam_policy_document.node_trust[0].json
  permissions_boundary = var.iam_role_permissions_boundary
  managed_policy_arns = concat(
    [for name in ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryReadOnly"] : "arn:${local.partition}:iam::aws:policy/${name}"],
    var.iam_role_attach_cni_policy ? [local.cni_policy] : [],
    [for key, arn in var.iam_role_additional_policies : arn],
  )
}

resource "aws_iam_instance_profile" "this" {
  count       = var.create && var.create_instance_profile ? 1 : 0
  name        = var.iam_role_use_name_prefix ? null : coalesce(var.iam_role_name, "Karpenter-${var.cluster_name}")
  name_prefix = var.iam_role_use_name_prefix ? "${coalesce(var.iam_role_name, "Karpenter-${var.cluster_name}")}-" : null
  role        = var.create_iam_role ? aws_iam_role.this[0].name : try(replace(var.iam_role_arn, "/^(.*role/)/", ""), null)
}

output "irsa_arn" {
  value = try(aws_iam_role.irsa[0].arn, null)
}

output "irsa_name" {
  value = try(aws_iam_role.irsa[0].name, null)
}

output "role_arn" {
  value = try(aws_iam_role.this[0].arn, var.iam_role_arn)
}

output "role_name" {
  value = try(aws_iam_role.this[0].name, null)
}

output "instance_profile_arn" {
  value = try(aws_iam_instance_profile.this[0].arn, null)
}

output "instance_profile_id" {
  value = try(aws_iam_instance_profile.this[0].id, null)
}

output "instance_profile_name" {
  value = try(aws_iam_instance_profile.this[0].name, null)
}

output "queue_name" {
  value = var.create && var.enable_spot_termination ? local.queue_name : null
}
