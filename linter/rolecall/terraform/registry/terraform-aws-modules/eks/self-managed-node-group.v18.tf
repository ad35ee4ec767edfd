# terraform-aws-modules/eks/aws//modules/self-managed-node-group, versions 18.0.0 up to 20.0.0.
# Checked against terraform-aws-modules/terraform-aws-eks, modules/self-managed-node-group, tags v18.0.0, v18.31.2 and v19.21.0.

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

variable "launch_template_id" {
  type    = string
  default = null
}

variable "launch_template_name" {
  type    = string
  default = null
}

variable "create_autoscaling_group" {
  type     = bool
  default  = true
  nullable = false
}

variable "use_mixed_instances_policy" {
  type     = bool
  default  = false
  nullable = false
}

variable "platform" {
  type    = string
  default = null
}

variable "ami_type" {
  type     = string
  default  = "AL2_x86_64"
  nullable = false
}

variable "create_iam_instance_profile" {
  type     = bool
  default  = true
  nullable = false
}

variable "iam_instance_profile_arn" {
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

variable "metadata_options" {
  type = map(string)
  default = {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
  }
}

variable "pre_bootstrap_user_data" {
  type    = string
  default = null
}

variable "post_bootstrap_user_data" {
  type    = string
  default = null
}

data "aws_partition" "current" {}
data "aws_caller_identity" "current" {}

locals {
  partition     = data.aws_partition.current.partition
  iam_role_name = coalesce(var.iam_role_name, "${var.name}-node-group")
  cni_policy    = var.cluster_ip_family == "ipv6" ? "arn:${local.partition}:iam::${data.aws_caller_identity.current.account_id}:policy/AmazonEKS_CNI_IPv6_Policy" : "arn:${local.partition}:iam::aws:policy/AmazonEKS_CNI_Policy"

  # What runs around the bootstrap, as texts; the module puts it in base64 with the bootstrap itself.
  scripts = [var.pre_bootstrap_user_data, var.post_bootstrap_user_data]
}

resource "aws_launch_template" "this" {
  count       = var.create && var.create_launch_template ? 1 : 0
  name_prefix = "${try(coalesce(var.launch_template_name, null), "${var.name}-node-group")}-"
  user_data   = join("\n", [for text in local.scripts : text if text != null])
  iam_instance_profile {
    arn = var.create_iam_instance_profile ? aws_iam_instance_profile.this[0].arn : var.iam_instance_profile_arn
  }

  dynamic "metadata_options" {
    for_each = length(var.metadata_options) > 0 ? [var.metadata_options] : []
    content {
      http_endpoint               = try(metadata_options.value.http_endpoint, null)
      http_tokens                 = try(metadata_options.value.http_tokens, null)
      http_put_response_hop_limit = try(metadata_options.value.http_put_response_hop_limit, null)
    }
  }
}

locals {
  launch_template_id   = var.create_launch_template ? try(aws_launch_template.this[0].id, null) : var.launch_template_id
  launch_template_name = var.create_launch_template || var.launch_template_id != null ? null : var.launch_template_name
}

resource "aws_autoscaling_group" "this" {
  count       = var.create && var.create_autoscaling_group ? 1 : 0
  name        = var.use_name_prefix ? null : var.name
  name_prefix = var.use_name_prefix ? "${var.name}-" : null

  dynamic "launch_template" {
    for_each = var.use_mixed_instances_policy ? [] : [1]
    content {
      id   = local.launch_template_id
      name = local.launch_template_name
    }
  }
  dynamic "mixed_instances_policy" {
    for_each = var.use_mixed_instances_policy ? [1] : []
    content {
      launch_template {
        launch_template_specification {
          launch_template_id   = local.launch_template_id
          launch_template_name = local.launch_template_name
        }
      }
    }
  }
  tag {
    key                 = "kubernetes.io/cluster/${var.cluster_name}"
    value               = "owned"
    propagate_at_launch = true
  }
}

data "aws_iam_policy_document" "trust" {
  count = var.create && var.create_iam_instance_profile ? 1 : 0
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
  count                = var.create && var.create_iam_instance_profile ? 1 : 0
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

resource "aws_iam_instance_profile" "this" {
  count       = var.create && var.create_iam_instance_profile ? 1 : 0
  name        = var.iam_role_use_name_prefix ? null : local.iam_role_name
  name_prefix = var.iam_role_use_name_prefix ? "${local.iam_role_name}-" : null
  role        = aws_iam_role.this[0].name
}

data "aws_iam_policy_document" "role" {
  count = var.create && var.create_iam_instance_profile && var.create_iam_role_policy && length(var.iam_role_policy_statements) > 0 ? 1 : 0

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
  count  = var.create && var.create_iam_instance_profile && var.create_iam_role_policy && length(var.iam_role_policy_statements) > 0 ? 1 : 0
  role   = aws_iam_role.this[0].id
  policy = data.aws_iam_policy_document.role[0].json
}

output "iam_role_arn" {
  value = try(aws_iam_role.this[0].arn, null)
}

output "iam_role_name" {
  value = try(aws_iam_role.this[0].name, null)
}

output "iam_instance_profile_arn" {
  value = try(aws_iam_instance_profile.this[0].arn, var.iam_instance_profile_arn)
}

output "autoscaling_group_arn" {
  value = try(aws_autoscaling_group.this[0].arn, null)
}

output "autoscaling_group_id" {
  value = try(aws_autoscaling_group.this[0].id, null)
}

output "autoscaling_group_name" {
  value = try(aws_autoscaling_group.this[0].name, null)
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
