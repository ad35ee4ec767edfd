# terraform-aws-modules/eks/aws//modules/eks-managed-node-group, versions 18.0.0 up to 21.0.0.
# Checked against terraform-aws-modules/terraform-aws-eks, modules/eks-managed-node-group, tags v18.0.0, v18.31.2, v19.21.0 and v20.37.2.
# iam_role_additional_policies is a list in version 18 and a map from version 19 on; version 18 names an existing
# launch template, later ones give its id. cloudinit_pre_nodeadm and cloudinit_post_nodeadm came with 20.8.4.

variable "create" {
  type     = bool
  default  = true
  nullable = false
}

variable "cluster_name" {
  type    = string
  default = null
}

variable "name" {
  type    = string
  default = ""
}

variable "use_name_prefix" {
  type     = bool
  default  = true
  nullable = false
}

variable "create_launch_template" {
  type     = bool
  default  = true
  nullable = false
}

variable "use_custom_launch_template" {
  type     = bool
  default  = true
  nullable = false
}

variable "launch_template_id" {
  type    = string
  default = null
}

variable "launch_template_name" {
  type    = string
  default = null
}

variable "ami_id" {
  type     = string
  default  = ""
  nullable = false
}

variable "ami_type" {
  type    = string
  default = null
}

variable "metadata_options" {
  type = map(string)
  default = {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
  }
}

variable "create_iam_role" {
  type     = bool
  default  = true
  nullable = false
}

variable "iam_role_arn" {
  type    = string
  default = null
}

variable "cluster_ip_family" {
  type    = string
  default = "ipv4"
}

variable "iam_role_name" {
  type    = string
  default = null
}

variable "iam_role_use_name_prefix" {
  type     = bool
  default  = true
  nullable = false
}

variable "iam_role_path" {
  type    = string
  default = null
}

variable "iam_role_permissions_boundary" {
  type    = string
  default = null
}

variable "iam_role_attach_cni_policy" {
  type     = bool
  default  = true
  nullable = false
}

variable "iam_role_additional_policies" {
  type     = any
  default  = {}
  nullable = false
}

variable "create_iam_role_policy" {
  type     = bool
  default  = true
  nullable = false
}

variable "iam_role_policy_statements" {
  type = list(object({
    sid           = optional(string)
    effect        = optional(string)
    actions       = optional(list(string))
    not_actions   = optional(list(string))
    resources     = optional(list(string))
    not_resources = optional(list(string))
    principals = optional(list(object({
      type        = string
      identifiers = list(string)
    })))
    not_principals = optional(list(object({
      type        = string
      identifiers = list(string)
    })))
    conditions = optional(list(object({
      test     = string
      variable = string
      values   = list(string)
    })))
  }))
  default = []
}

variable "pre_bootstrap_user_data" {
  type    = string
  default = null
}

variable "post_bootstrap_user_data" {
  type    = string
  default = null
}

variable "cloudinit_pre_nodeadm" {
  type    = any
  default = []
}

variable "cloudinit_post_nodeadm" {
  type    = any
  default = []
}

data "aws_partition" "current" {}
data "aws_caller_identity" "current" {}

locals {
  partition     = data.aws_partition.current.partition
  iam_role_name = coalesce(var.iam_role_name, "${var.name}-eks-node-group")
  cni_policy    = var.cluster_ip_family == "ipv6" ? "arn:${local.partition}:iam::${data.aws_caller_identity.current.account_id}:policy/AmazonEKS_CNI_IPv6_Policy" : "arn:${local.partition}:iam::aws:policy/AmazonEKS_CNI_Policy"

  # What runs around the bootstrap, as texts; the module puts it in base64 with the bootstrap itself.
  scripts = concat([var.pre_bootstrap_user_data, var.post_bootstrap_user_data], [for part in concat(coalesce(var.cloudinit_pre_nodeadm, []), coalesce(var.cloudinit_post_nodeadm, [])) : try(part.content, null)])
}

resource "aws_launch_template" "this" {
  count       = var.create && var.create_launch_template && var.use_custom_launch_template ? 1 : 0
  name_prefix = "${try(coalesce(var.launch_template_name, null), "${var.name}-eks-node-group")}-"
  user_data   = join("\n", [for text in local.scripts : text if text != null])

  dynamic "metadata_options" {
    for_each = length(var.metadata_options) > 0 ? [var.metadata_options] : []
    content {
      http_endpoint               = try(metadata_options.value.http_endpoint, null)
      http_tokens                 = try(metadata_options.value.http_tokens, null)
      http_put_response_hop_limit = try(metadata_options.value.http_put_response_hop_limit, null)
    }
  }
}

resource "aws_eks_node_group" "this" {
  count                  = var.create ? 1 : 0
  cluster_name           = var.cluster_name
  node_role_arn          = var.create_iam_role ? aws_iam_role.this[0].arn : var.iam_role_arn
  node_group_name        = var.use_name_prefix ? null : var.name
  node_group_name_prefix = var.use_name_prefix ? "${var.name}-" : null
  ami_type               = var.ami_id != "" ? null : var.ami_type

  dynamic "launch_template" {
    for_each = var.use_custom_launch_template && (var.create_launch_template || var.launch_template_name != "") ? [1] : []
    content {
      id   = var.create_launch_template ? aws_launch_template.this[0].id : var.launch_template_id
      name = var.create_launch_template || var.launch_template_id != null ? null : var.launch_template_name
    }
  }
}

data "aws_iam_policy_document" "trust" {
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
  name                 = var.iam_role_use_name_prefix ? null : local.iam_role_name
  name_prefix          = var.iam_role_use_name_prefix ? "${local.iam_role_name}-" : null
  path                 = var.iam_role_path
  assume_role_policy   = data.aws_iam_policy_document.trust[0].json
  permissions_boundary = var.iam_role_permissions_boundary
  managed_policy_arns = concat(
    [for name in ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryReadOnly"] : "arn:${local.partition}:iam::aws:policy/${name}"],
    var.iam_role_attach_cni_policy ? [local.cni_policy] : [],
    [for key, arn in var.iam_role_additional_policies : arn],
  )
}

data "aws_iam_policy_document" "role" {
  count = var.create && var.create_iam_role && var.create_iam_role_policy && length(var.iam_role_policy_statements) > 0 ? 1 : 0

  dynamic "statement" {
    for_each = var.iam_role_policy_statements
    content {
      sid           = statement.value.sid
      effect        = statement.value.effect
      actions       = statement.value.actions
      not_actions   = statement.value.not_actions
      resources     = statement.value.resources
      not_resources = statement.value.not_resources
      dynamic "principals" {
        for_each = statement.value.principals != null ? statement.value.principals : []
        content {
          type        = principals.value.type
          identifiers = principals.value.identifiers
        }
      }
      dynamic "not_principals" {
        for_each = statement.value.not_principals != null ? statement.value.not_principals : []
        content {
          type        = not_principals.value.type
          identifiers = not_principals.value.identifiers
        }
      }
      dynamic "condition" {
        for_each = statement.value.conditions != null ? statement.value.conditions : []
        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

resource "aws_iam_role_policy" "this" {
  count  = var.create && var.create_iam_role && var.create_iam_role_policy && length(var.iam_role_policy_statements) > 0 ? 1 : 0
  role   = aws_iam_role.this[0].id
  policy = data.aws_iam_policy_document.role[0].json
}

output "iam_role_arn" {
  value = try(aws_iam_role.this[0].arn, var.iam_role_arn)
}

output "iam_role_name" {
  value = try(aws_iam_role.this[0].name, null)
}

output "node_group_arn" {
  value = try(aws_eks_node_group.this[0].arn, null)
}

output "node_group_id" {
  value = try(aws_eks_node_group.this[0].id, null)
}

output "launch_template_id" {
  value = try(aws_launch_template.this[0].id, null)
}

output "launch_template_arn" {
  value = try(aws_launch_template.this[0].arn, null)
}

output "launch_template_name" {
  value = try(aws_launch_template.this[0].name, null)
}
