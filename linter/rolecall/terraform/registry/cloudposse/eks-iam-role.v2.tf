# cloudposse/eks-iam-role/aws, versions 0.8.0 up to 1.2.0, and 2.0.0 up to 3.0.0.
# Checked against cloudposse/terraform-aws-eks-iam-role, tags 0.8.0, 1.0.0, 1.1.0, 2.0.0 and v2.2.1.
# The role's name is a label of cloudposse's, made of the inputs that all their modules have. The list of accounts came
# with 2.0.0 in this form; names are cut since then, and were refused by IAM before.

variable "enabled" { default = null }
variable "namespace" { default = null }
variable "tenant" { default = null }
variable "environment" { default = null }
variable "stage" { default = null }
variable "name" { default = null }
variable "delimiter" { default = null }
variable "attributes" { default = [] }
variable "tags" { default = {} }
variable "additional_tag_map" { default = {} }
variable "regex_replace_chars" { default = null }
variable "label_order" { default = null }
variable "id_length_limit" { default = null }
variable "label_key_case" { default = null }
variable "label_value_case" { default = null }
variable "descriptor_formats" { default = {} }
variable "labels_as_tags" { default = ["default"] }

variable "context" {
  default = {
    enabled     = true
    namespace   = null
    environment = null
    stage       = null
    name        = null
    delimiter   = null
    attributes  = []
    tags        = {}
  }
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

module "this" {
  source              = "cloudposse/label/null"
  version             = "0.25.0"
  enabled             = var.enabled
  namespace           = var.namespace
  tenant              = var.tenant
  environment         = var.environment
  stage               = var.stage
  name                = var.name
  delimiter           = var.delimiter
  attributes          = var.attributes
  tags                = var.tags
  additional_tag_map  = var.additional_tag_map
  regex_replace_chars = var.regex_replace_chars
  label_order         = var.label_order
  id_length_limit     = var.id_length_limit
  label_key_case      = var.label_key_case
  label_value_case    = var.label_value_case
  descriptor_formats  = var.descriptor_formats
  labels_as_tags      = var.labels_as_tags
  context             = var.context
}

locals {
  enabled    = module.this.enabled
  issuer     = replace(var.eks_cluster_oidc_issuer_url, "https://", "")
  account    = coalesce(var.aws_account_number, data.aws_caller_identity.current.account_id)
  single     = var.service_account_name == null && var.service_account_namespace == null && length(var.service_account_namespace_name_list) > 0 ? [] : ["${coalesce(var.service_account_namespace, "*")}:${coalesce(var.service_account_name, "*")}"]
  accounts   = concat(local.single, var.service_account_namespace_name_list)
  named      = replace(split(":", local.accounts[0])[1], "*", "all")
  in         = replace(split(":", local.accounts[0])[0], "*", "all")
  has_policy = local.enabled && length(var.aws_iam_policy_document) > 0
}

module "label" {
  source              = "cloudposse/label/null"
  version             = "0.25.0"
  attributes          = [trimsuffix("${local.named}@${local.in}", "@${local.named}")]
  regex_replace_chars = "/[^-a-zA-Z0-9@_]/"
  id_length_limit     = 64
  context             = module.this.context
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
      values   = [for account in local.accounts : "system:serviceaccount:${account}"]
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
  name                 = module.label.id
  assume_role_policy   = data.aws_iam_policy_document.trust[0].json
  permissions_boundary = var.permissions_boundary
  managed_policy_arns  = var.managed_policy_arns
}

resource "aws_iam_policy" "service_account" {
  count  = local.has_policy ? 1 : 0
  name   = module.label.id
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
