# cloudposse/eks-iam-role/aws, versions 0.8.0 up to 1.2.0, and 2.0.0 up to 3.0.0.
# Checked against cloudposse/terraform-aws-eks-iam-role, tags 0.8.0, 1.0.0, 1.1.0, 2.0.0 and v2.2.1.
# The role's name is a label of cloudposse's; it is not modelled; enabled is read, context is not. The list of
# accounts came with 2.0.0 in this form.

variable "enabled" {
  type    = bool
  default = null
}

variable "service_account_name" {
  type    = string
  default = null
}

variable "service_account_namespace" {
  type    = string
  default = null
}

variable "service_account_namespace_name_list" {
  type    = list(string)
  default = []
}

variable "aws_account_number" {
  type    = string
  default = null
}

variable "aws_partition" {
  type    = string
  default = "aws"
}

variable "aws_iam_policy_document" {
  type    = any
  default = []
}

variable "eks_cluster_oidc_issuer_url" {
  type = string
}

variable "permissions_boundary" {
  type    = string
  default = null
}

variable "managed_policy_arns" {
  type    = set(string)
  default = []
}

data "aws_caller_identity" "current" {}

locals {
  enabled    = coalesce(var.enabled, true)
  issuer     = replace(var.eks_cluster_oidc_issuer_url, "https://", "")
  account    = coalesce(var.aws_account_number, data.aws_caller_identity.current.account_id)
  single     = var.service_account_name == null && var.service_account_namespace == null && length(var.service_account_namespace_name_list) > 0 ? [] : ["${coalesce(var.service_account_namespace, "*")}:${coalesce(var.service_account_name, "*")}"]
  has_policy = local.enabled && length(var.aws_iam_policy_document) > 0
}

data "aws_iam_policy_document" "trust" {
  count = local.enabled ? 1 : 0
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = ["arn:${var.aws_partition}:iam::${local.account}:oidc-provider/${local.issuer}"]
    }
    condition {
      test     = "StringLike"
      variable = "${local.issuer}:sub"
      values   = [for account in concat(local.single, var.service_account_namespace_name_list) : "system:serviceaccount:${account}"]
    }
    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "service_account" {
  count                = local.enabled ? 1 : 0
  assume_role_policy   = data.aws_iam_policy_document.trust[0].json
  permissions_boundary = var.permissions_boundary
  managed_policy_arns  = var.managed_policy_arns
}

resource "aws_iam_policy" "service_account" {
  count  = local.has_policy ? 1 : 0
  policy = try(var.aws_iam_policy_document[0], tostring(var.aws_iam_policy_document), "{}")
}

resource "aws_iam_role_policy_attachment" "service_account" {
  count      = local.has_policy ? 1 : 0
  role       = aws_iam_role.service_account[0].name
  policy_arn = aws_iam_policy.service_account[0].arn
}

output "service_account_role_arn" {
  value = try(aws_iam_role.service_account[0].arn, null)
}

output "service_account_role_name" {
  value = try(aws_iam_role.service_account[0].name, null)
}

output "service_account_role_unique_id" {
  value = try(aws_iam_role.service_account[0].unique_id, null)
}

output "service_account_policy_arn" {
  value = try(aws_iam_policy.service_account[0].arn, null)
}

output "service_account_policy_name" {
  value = try(aws_iam_policy.service_account[0].name, null)
}

output "service_account_policy_id" {
  value = try(aws_iam_policy.service_account[0].id, null)
}

output "service_account_name" {
  value = local.enabled ? var.service_account_name : null
}

output "service_account_namespace" {
  value = local.enabled ? var.service_account_namespace : null
}
