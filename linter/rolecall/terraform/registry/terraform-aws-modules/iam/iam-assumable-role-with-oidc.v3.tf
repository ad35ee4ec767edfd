# terraform-aws-modules/iam/aws//modules/iam-assumable-role-with-oidc, versions 2.18.0 up to 4.3.0.
# Checked against terraform-aws-modules/terraform-aws-iam, modules/iam-assumable-role-with-oidc, tags v2.18.0, v3.0.0, v3.16.0
# and v4.2.0. It cannot bind an audience. Before 3.8.0 the conditions of all issuers stood in one statement, so a role
# for several admitted nobody; here each has its own. The outputs were renamed in 4.0.0.

variable "create_role" {
  type    = bool
  default = false
}

variable "provider_url" {
  type    = string
  default = ""
}

variable "provider_urls" {
  type    = list(string)
  default = []
}

variable "aws_account_id" {
  type    = string
  default = ""
}

variable "role_name" {
  type    = string
  default = null
}

variable "role_name_prefix" {
  type    = string
  default = null
}

variable "role_path" {
  type    = string
  default = "/"
}

variable "role_permissions_boundary_arn" {
  type    = string
  default = ""
}

variable "max_session_duration" {
  type    = number
  default = 3600
}

variable "role_policy_arns" {
  type    = list(string)
  default = []
}

variable "oidc_fully_qualified_subjects" {
  type    = set(string)
  default = []
}

variable "oidc_subjects_with_wildcards" {
  type    = set(string)
  default = []
}

data "aws_partition" "current" {}
data "aws_caller_identity" "current" {}

locals {
  account = var.aws_account_id != "" ? var.aws_account_id : data.aws_caller_identity.current.account_id

  # Not compact(): what is known only after apply is no empty string.
  given = length(var.provider_urls) == 0 ? [var.provider_url] : concat(var.provider_urls, var.provider_url != "" ? [var.provider_url] : [])
  urls  = [for url in local.given : replace(url, "https://", "")]
}

data "aws_iam_policy_document" "trust" {
  count = var.create_role ? 1 : 0

  dynamic "statement" {
    for_each = local.urls
    content {
      actions = ["sts:AssumeRoleWithWebIdentity"]
      principals {
        type        = "Federated"
        identifiers = ["arn:${data.aws_partition.current.partition}:iam::${local.account}:oidc-provider/${statement.value}"]
      }
      dynamic "condition" {
        for_each = length(var.oidc_fully_qualified_subjects) > 0 ? [1] : []
        content {
          test     = "StringEquals"
          variable = "${statement.value}:sub"
          values   = var.oidc_fully_qualified_subjects
        }
      }
      dynamic "condition" {
        for_each = length(var.oidc_subjects_with_wildcards) > 0 ? [1] : []
        content {
          test     = "StringLike"
          variable = "${statement.value}:sub"
          values   = var.oidc_subjects_with_wildcards
        }
      }
    }
  }
}

resource "aws_iam_role" "this" {
  count                = var.create_role ? 1 : 0
  name                 = var.role_name
  name_prefix          = var.role_name_prefix
  path                 = var.role_path
  assume_role_policy   = data.aws_iam_policy_document.trust[0].json
  permissions_boundary = var.role_permissions_boundary_arn != "" ? var.role_permissions_boundary_arn : null
  max_session_duration = var.max_session_duration
  managed_policy_arns  = var.role_policy_arns
}

output "iam_role_arn" {
  value = try(aws_iam_role.this[0].arn, "")
}

output "iam_role_name" {
  value = try(aws_iam_role.this[0].name, "")
}

output "iam_role_path" {
  value = try(aws_iam_role.this[0].path, "")
}

output "iam_role_unique_id" {
  value = try(aws_iam_role.this[0].unique_id, "")
}

output "this_iam_role_arn" {
  value = try(aws_iam_role.this[0].arn, "")
}

output "this_iam_role_name" {
  value = try(aws_iam_role.this[0].name, "")
}

output "this_iam_role_path" {
  value = try(aws_iam_role.this[0].path, "")
}

output "this_iam_role_unique_id" {
  value = try(aws_iam_role.this[0].unique_id, "")
}
