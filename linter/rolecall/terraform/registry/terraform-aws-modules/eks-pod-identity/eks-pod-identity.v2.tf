# terraform-aws-modules/eks-pod-identity/aws, versions 1.0.0 up to 3.0.0.
# Checked against terraform-aws-modules/terraform-aws-eks-pod-identity, tags v1.0.0, v2.0.0 and v2.8.1.
# Each attach_… input creates a managed policy of its own, with policy_statements in it; here it is an inline one
# with the same statements, and policy_statements are one more. Actions that only list or describe are patterns.
# Associations came with 1.1.0.

variable "create" {
  type    = bool
  default = true
}

variable "trust_policy_conditions" {
  type    = any
  default = []
}

variable "trust_policy_statements" {
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
    condition = optional(list(object({
      test     = string
      variable = string
      values   = list(string)
    })))
  }))
  default = null
}

variable "name" {
  type    = string
  default = ""
}

variable "use_name_prefix" {
  type    = bool
  default = true
}

variable "path" {
  type    = string
  default = "/"
}

variable "max_session_duration" {
  type    = number
  default = null
}

variable "permissions_boundary_arn" {
  type    = string
  default = null
}

variable "additional_policy_arns" {
  type    = map(string)
  default = {}
}

variable "association_defaults" {
  type    = any
  default = {}
}

variable "associations" {
  type    = any
  default = {}
}

variable "source_policy_documents" {
  type    = list(string)
  default = []
}

variable "override_policy_documents" {
  type    = list(string)
  default = []
}

variable "policy_statements" {
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
    condition = optional(list(object({
      test     = string
      variable = string
      values   = list(string)
    })))
  }))
  default = null
}

variable "attach_custom_policy" {
  type    = bool
  default = false
}

variable "attach_aws_cloudwatch_observability_policy" {
  type    = bool
  default = false
}

variable "attach_amazon_managed_service_prometheus_policy" {
  type    = bool
  default = false
}

variable "attach_aws_appmesh_controller_policy" {
  type    = bool
  default = false
}

variable "attach_aws_appmesh_envoy_proxy_policy" {
  type    = bool
  default = false
}

variable "attach_aws_ebs_csi_policy" {
  type    = bool
  default = false
}

variable "attach_aws_efs_csi_policy" {
  type    = bool
  default = false
}

variable "attach_aws_fsx_lustre_csi_policy" {
  type    = bool
  default = false
}

variable "attach_aws_gateway_controller_policy" {
  type    = bool
  default = false
}

variable "attach_aws_lb_controller_policy" {
  type    = bool
  default = false
}

variable "attach_aws_lb_controller_targetgroup_binding_only_policy" {
  type    = bool
  default = false
}

variable "attach_aws_node_termination_handler_policy" {
  type    = bool
  default = false
}

variable "attach_aws_privateca_issuer_policy" {
  type    = bool
  default = false
}

variable "attach_aws_vpc_cni_policy" {
  type    = bool
  default = false
}

variable "attach_cert_manager_policy" {
  type    = bool
  default = false
}

variable "attach_cluster_autoscaler_policy" {
  type    = bool
  default = false
}

variable "attach_external_dns_policy" {
  type    = bool
  default = false
}

variable "attach_external_secrets_policy" {
  type    = bool
  default = false
}

variable "attach_mountpoint_s3_csi_policy" {
  type    = bool
  default = false
}

variable "attach_pganalyze_policy" {
  type    = bool
  default = false
}

variable "attach_velero_policy" {
  type    = bool
  default = false
}

variable "amazon_managed_service_prometheus_workspace_arns" {
  type    = list(string)
  default = []
}

variable "aws_ebs_csi_kms_arns" {
  type    = list(string)
  default = []
}

variable "aws_fsx_lustre_csi_service_role_arns" {
  type    = list(string)
  default = []
}

variable "aws_lb_controller_targetgroup_arns" {
  type    = list(string)
  default = []
}

variable "aws_node_termination_handler_sqs_queue_arns" {
  type    = list(string)
  default = []
}

variable "aws_privateca_issuer_acmca_arns" {
  type    = list(string)
  default = []
}

variable "aws_vpc_cni_enable_cloudwatch_logs" {
  type    = bool
  default = false
}

variable "aws_vpc_cni_enable_ipv4" {
  type    = bool
  default = false
}

variable "aws_vpc_cni_enable_ipv6" {
  type    = bool
  default = false
}

variable "cert_manager_hosted_zone_arns" {
  type    = list(string)
  default = []
}

variable "cluster_autoscaler_cluster_names" {
  type    = list(string)
  default = []
}

variable "external_dns_hosted_zone_arns" {
  type    = list(string)
  default = []
}

variable "external_secrets_ssm_parameter_arns" {
  type    = list(string)
  default = []
}

variable "external_secrets_secrets_manager_arns" {
  type    = list(string)
  default = []
}

variable "external_secrets_kms_key_arns" {
  type    = list(string)
  default = []
}

variable "external_secrets_create_permission" {
  type    = bool
  default = false
}

variable "mountpoint_s3_csi_bucket_arns" {
  type    = list(string)
  default = []
}

variable "mountpoint_s3_csi_bucket_path_arns" {
  type    = list(string)
  default = []
}

variable "velero_s3_bucket_arns" {
  type    = list(string)
  default = []
}

variable "velero_s3_bucket_path_arns" {
  type    = list(string)
  default = []
}

variable "velero_kms_arns" {
  type    = list(string)
  default = []
}

data "aws_partition" "current" {}

locals {
  partition = data.aws_partition.current.partition
}

data "aws_iam_policy_document" "trust" {
  count = var.create ? 1 : 0
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }
    dynamic "condition" {
      for_each = var.trust_policy_conditions
      content {
        test     = condition.value.test
        variable = condition.value.variable
        values   = condition.value.values
      }
    }
  }

  dynamic "statement" {
    for_each = var.trust_policy_statements != null ? var.trust_policy_statements : []
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
        for_each = statement.value.condition != null ? statement.value.condition : []
        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

resource "aws_iam_role" "this" {
  count                = var.create ? 1 : 0
  name                 = var.use_name_prefix ? null : var.name
  name_prefix          = var.use_name_prefix ? "${var.name}-" : null
  path                 = var.path
  assume_role_policy   = data.aws_iam_policy_document.trust[0].json
  permissions_boundary = var.permissions_boundary_arn
  max_session_duration = var.max_session_duration
  managed_policy_arns = concat(
    [for key, arn in var.additional_policy_arns : arn],
    var.attach_aws_cloudwatch_observability_policy ? [for name in ["CloudWatchAgentServerPolicy", "AWSXrayWriteOnlyAccess"] : "arn:${local.partition}:iam::aws:policy/${name}"] : [],
  )
}

resource "aws_eks_pod_identity_association" "this" {
  for_each             = { for key, association in var.associations : key => association if var.create }
  cluster_name         = lookup(each.value, "cluster_name", lookup(var.association_defaults, "cluster_name", null))
  namespace            = lookup(each.value, "namespace", lookup(var.association_defaults, "namespace", null))
  service_account      = lookup(each.value, "service_account", lookup(var.association_defaults, "service_account", null))
  role_arn             = aws_iam_role.this[0].arn
  target_role_arn      = lookup(each.value, "target_role_arn", lookup(var.association_defaults, "target_role_arn", null))
  disable_session_tags = lookup(each.value, "disable_session_tags", lookup(var.association_defaults, "disable_session_tags", null))
}

locals {
  attached = anytrue([
    var.attach_custom_policy,
    var.attach_amazon_managed_service_prometheus_policy,
    var.attach_aws_appmesh_controller_policy,
    var.attach_aws_appmesh_envoy_proxy_policy,
    var.attach_aws_ebs_csi_policy,
    var.attach_aws_efs_csi_policy,
    var.attach_aws_fsx_lustre_csi_policy,
    var.attach_aws_gateway_controller_policy,
    var.attach_aws_lb_controller_policy,
    var.attach_aws_lb_controller_targetgroup_binding_only_policy,
    var.attach_aws_node_termination_handler_policy,
    var.attach_aws_privateca_issuer_policy,
    var.attach_aws_vpc_cni_policy,
    var.attach_cert_manager_policy,
    var.attach_cluster_autoscaler_policy,
    var.attach_external_dns_policy,
    var.attach_external_secrets_policy,
    var.attach_mountpoint_s3_csi_policy,
    var.attach_pganalyze_policy,
    var.attach_velero_policy,
  ])
}

data "aws_iam_policy_document" "base" {
  count = var.create && local.attached && (length(concat(var.source_policy_documents, var.override_policy_documents)) > 0 || var.policy_statements != null) ? 1 : 0

  source_policy_documents   = var.source_policy_documents
  override_policy_documents = var.override_policy_documents

  dynamic "statement" {
    for_each = var.policy_statements != null ? var.policy_statements : []
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
        for_each = statement.value.condition != null ? statement.value.condition : []
        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

resource "aws_iam_role_policy" "base" {
  count  = var.create && local.attached && (length(concat(var.source_policy_documents, var.override_policy_documents)) > 0 || var.policy_statements != null) ? 1 : 0
  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.base[0].json
}

data "aws_iam_policy_document" "amazon_managed_service_prometheus" {
  statement {
    actions = [
      "aps:RemoteWrite", "aps:QueryMetrics", "aps:GetSeries", "aps:GetLabels", "aps:GetMetricMetadata",
    ]
    resources = var.amazon_managed_service_prometheus_workspace_arns
  }
}

resource "aws_iam_role_policy" "amazon_managed_service_prometheus" {
  count  = var.create && var.attach_amazon_managed_service_prometheus_policy ? 1 : 0
  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.amazon_managed_service_prometheus.json
}

data "aws_iam_policy_document" "appmesh_controller" {
  statement {
    actions = [
      "appmesh:List*", "appmesh:Describe*", "appmesh:Create*", "appmesh:Update*", "appmesh:Delete*",
    ]
    resources = ["*"]
  }
  statement {
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["arn:${local.partition}:iam::*:role/aws-service-role/appmesh.amazonaws.com/AWSServiceRoleForAppMesh"]
    condition {
      test     = "StringLike"
      variable = "iam:AWSServiceName"
      values   = ["appmesh.amazonaws.com"]
    }
  }
  statement {
    actions = [
      "acm:ListCertificates", "acm:DescribeCertificate", "acm-pca:DescribeCertificateAuthority",
      "acm-pca:ListCertificateAuthorities",
    ]
    resources = ["*"]
  }
  statement {
    actions = [
      "servicediscovery:CreateService", "servicediscovery:DeleteService", "servicediscovery:GetService",
      "servicediscovery:GetInstance", "servicediscovery:RegisterInstance",
      "servicediscovery:DeregisterInstance", "servicediscovery:ListInstances",
      "servicediscovery:ListNamespaces", "servicediscovery:ListServices",
      "servicediscovery:GetInstancesHealthStatus", "servicediscovery:UpdateInstanceCustomHealthStatus",
      "servicediscovery:GetOperation", "route53:GetHealthCheck", "route53:CreateHealthCheck",
      "route53:UpdateHealthCheck", "route53:ChangeResourceRecordSets", "route53:DeleteHealthCheck",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "appmesh_controller" {
  count  = var.create && var.attach_aws_appmesh_controller_policy ? 1 : 0
  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.appmesh_controller.json
}

data "aws_iam_policy_document" "appmesh_envoy_proxy" {
  statement {
    actions   = ["appmesh:StreamAggregatedResources"]
    resources = ["*"]
  }
  statement {
    actions   = ["acm:ExportCertificate", "acm-pca:GetCertificateAuthorityCertificate"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "appmesh_envoy_proxy" {
  count  = var.create && var.attach_aws_appmesh_envoy_proxy_policy ? 1 : 0
  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.appmesh_envoy_proxy.json
}

data "aws_iam_policy_document" "ebs_csi" {
  statement {
    actions = [
      "ec2:CreateSnapshot", "ec2:AttachVolume", "ec2:DetachVolume", "ec2:ModifyVolume",
      "ec2:EnableFastSnapshotRestores", "ec2:DescribeAvailabilityZones", "ec2:DescribeInstances",
      "ec2:DescribeInstanceTypes", "ec2:DescribeSnapshots", "ec2:DescribeTags", "ec2:DescribeVolumes",
      "ec2:DescribeVolumesModifications", "ec2:DescribeVolumeStatus",
    ]
    resources = ["*"]
  }
  statement {
    actions   = ["ec2:CopyVolumes"]
    resources = ["arn:${local.partition}:ec2:*:*:volume/vol-*"]
  }
  statement {
    actions   = ["ec2:CreateTags"]
    resources = ["arn:${local.partition}:ec2:*:*:volume/*", "arn:${local.partition}:ec2:*:*:snapshot/*"]
    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["CreateVolume", "CreateSnapshot", "CopyVolumes"]
    }
  }
  statement {
    actions   = ["ec2:DeleteTags"]
    resources = ["arn:${local.partition}:ec2:*:*:volume/*", "arn:${local.partition}:ec2:*:*:snapshot/*"]
  }
  statement {
    actions   = ["ec2:CreateVolume", "ec2:CopyVolumes"]
    resources = ["arn:${local.partition}:ec2:*:*:volume/*"]
    condition {
      test     = "StringLike"
      variable = "aws:RequestTag/ebs.csi.aws.com/cluster"
      values   = ["true"]
    }
  }
  statement {
    actions   = ["ec2:CreateVolume", "ec2:CopyVolumes"]
    resources = ["arn:${local.partition}:ec2:*:*:volume/*"]
    condition {
      test     = "StringLike"
      variable = "aws:RequestTag/CSIVolumeName"
      values   = ["*"]
    }
  }
  statement {
    actions   = ["ec2:CreateVolume"]
    resources = ["arn:${local.partition}:ec2:*:*:snapshot/*"]
  }
  statement {
    actions   = ["ec2:DeleteVolume"]
    resources = ["*"]
    condition {
      test     = "StringLike"
      variable = "ec2:ResourceTag/ebs.csi.aws.com/cluster"
      values   = ["true"]
    }
  }
  statement {
    actions   = ["ec2:DeleteVolume"]
    resources = ["*"]
    condition {
      test     = "StringLike"
      variable = "ec2:ResourceTag/CSIVolumeName"
      values   = ["*"]
    }
  }
  statement {
    actions   = ["ec2:DeleteVolume"]
    resources = ["*"]
    condition {
      test     = "StringLike"
      variable = "ec2:ResourceTag/kubernetes.io/created-for/pvc/name"
      values   = ["*"]
    }
  }
  statement {
    actions   = ["ec2:DeleteSnapshot", "ec2:LockSnapshot"]
    resources = ["*"]
    condition {
      test     = "StringLike"
      variable = "ec2:ResourceTag/CSIVolumeSnapshotName"
      values   = ["*"]
    }
  }
  statement {
    actions   = ["ec2:DeleteSnapshot", "ec2:LockSnapshot"]
    resources = ["*"]
    condition {
      test     = "StringLike"
      variable = "ec2:ResourceTag/ebs.csi.aws.com/cluster"
      values   = ["true"]
    }
  }
  dynamic "statement" {
    for_each = length(var.aws_ebs_csi_kms_arns) > 0 ? [1] : []
    content {
      actions   = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
      resources = var.aws_ebs_csi_kms_arns
      condition {
        test     = "Bool"
        variable = "kms:GrantIsForAWSResource"
        values   = ["true"]
      }
    }
  }
  dynamic "statement" {
    for_each = length(var.aws_ebs_csi_kms_arns) > 0 ? [1] : []
    content {
      actions = [
        "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey",
      ]
      resources = var.aws_ebs_csi_kms_arns
    }
  }
}

resource "aws_iam_role_policy" "ebs_csi" {
  count  = var.create && var.attach_aws_ebs_csi_policy ? 1 : 0
  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.ebs_csi.json
}

data "aws_iam_policy_document" "efs_csi" {
  statement {
    actions = [
      "ec2:DescribeAvailabilityZones", "elasticfilesystem:DescribeAccessPoints",
      "elasticfilesystem:DescribeFileSystems", "elasticfilesystem:DescribeMountTargets",
    ]
    resources = ["*"]
  }
  statement {
    actions   = ["elasticfilesystem:CreateAccessPoint"]
    resources = ["*"]
    condition {
      test     = "StringLike"
      variable = "aws:RequestTag/efs.csi.aws.com/cluster"
      values   = ["true"]
    }
  }
  statement {
    actions   = ["elasticfilesystem:TagResource"]
    resources = ["*"]
    condition {
      test     = "StringLike"
      variable = "aws:ResourceTag/efs.csi.aws.com/cluster"
      values   = ["true"]
    }
  }
  statement {
    actions   = ["elasticfilesystem:DeleteAccessPoint"]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/efs.csi.aws.com/cluster"
      values   = ["true"]
    }
  }
}

resource "aws_iam_role_policy" "efs_csi" {
  count  = var.create && var.attach_aws_efs_csi_policy ? 1 : 0
  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.efs_csi.json
}

data "aws_iam_policy_document" "fsx_lustre_csi" {
  statement {
    actions   = ["iam:CreateServiceLinkedRole", "iam:AttachRolePolicy", "iam:PutRolePolicy"]
    resources = coalescelist(var.aws_fsx_lustre_csi_service_role_arns, ["arn:${local.partition}:iam::*:role/aws-service-role/s3.data-source.lustre.fsx.amazonaws.com/*"])
  }
  statement {
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["*"]
    condition {
      test     = "StringLike"
      variable = "iam:AWSServiceName"
      values   = ["fsx.amazonaws.com"]
    }
  }
  statement {
    actions = [
      "s3:ListBucket", "fsx:CreateFileSystem", "fsx:DeleteFileSystem", "fsx:DescribeFileSystems",
      "fsx:TagResource", "fsx:UpdateFileSystem",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "fsx_lustre_csi" {
  count  = var.create && var.attach_aws_fsx_lustre_csi_policy ? 1 : 0
  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.fsx_lustre_csi.json
}

data "aws_iam_policy_document" "aws_gateway_controller" {
  statement {
    actions = [
      "vpc-lattice:*", "ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeTags",
      "ec2:DescribeSecurityGroups", "logs:CreateLogDelivery", "logs:GetLogDelivery",
      "logs:DescribeLogGroups", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies",
      "logs:UpdateLogDelivery", "logs:DeleteLogDelivery", "logs:ListLogDeliveries", "tag:GetResources",
      "firehose:TagDeliveryStream", "s3:GetBucketPolicy", "s3:PutBucketPolicy",
    ]
    resources = ["*"]
  }
  statement {
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["arn:${local.partition}:iam::*:role/aws-service-role/vpc-lattice.amazonaws.com/AWSServiceRoleForVpcLattice"]
    condition {
      test     = "StringLike"
      variable = "iam:AWSServiceName"
      values   = ["vpc-lattice.amazonaws.com"]
    }
  }
  statement {
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["arn:${local.partition}:iam::*:role/aws-service-role/delivery.logs.amazonaws.com/AWSServiceRoleForLogDelivery"]
    condition {
      test     = "StringLike"
      variable = "iam:AWSServiceName"
      values   = ["delivery.logs.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "aws_gateway_controller" {
  count  = var.create && var.attach_aws_gateway_controller_policy ? 1 : 0
  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.aws_gateway_controller.json
}

data "aws_iam_policy_document" "lb_controller" {
  statement {
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "iam:AWSServiceName"
      values   = ["elasticloadbalancing.amazonaws.com"]
    }
  }
  statement {
    actions = [
      "ec2:Describe*", "ec2:GetCoipPoolUsage", "ec2:GetSecurityGroupsForVpc",
      "elasticloadbalancing:Describe*",
    ]
    resources = ["*"]
  }
  statement {
    actions = [
      "cognito-idp:DescribeUserPoolClient", "acm:ListCertificates", "acm:DescribeCertificate",
      "iam:ListServerCertificates", "iam:GetServerCertificate", "waf-regional:GetWebACL",
      "waf-regional:GetWebACLForResource", "waf-regional:AssociateWebACL",
      "waf-regional:DisassociateWebACL", "wafv2:GetWebACL", "wafv2:GetWebACLForResource",
      "wafv2:AssociateWebACL", "wafv2:DisassociateWebACL", "shield:GetSubscriptionState",
      "shield:DescribeProtection", "shield:CreateProtection", "shield:DeleteProtection",
    ]
    resources = ["*"]
  }
  statement {
    actions = [
      "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress", "ec2:CreateSecurityGroup",
    ]
    resources = ["*"]
  }
  statement {
    actions   = ["ec2:CreateTags"]
    resources = ["arn:${local.partition}:ec2:*:*:security-group/*"]
    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["CreateSecurityGroup"]
    }
    condition {
      test     = "Null"
      variable = "aws:RequestTag/elbv2.k8s.aws/cluster"
      values   = ["false"]
    }
  }
  statement {
    actions   = ["ec2:CreateTags", "ec2:DeleteTags"]
    resources = ["arn:${local.partition}:ec2:*:*:security-group/*"]
    condition {
      test     = "Null"
      variable = "aws:RequestTag/elbv2.k8s.aws/cluster"
      values   = ["true"]
    }
    condition {
      test     = "Null"
      variable = "aws:ResourceTag/elbv2.k8s.aws/cluster"
      values   = ["false"]
    }
  }
  statement {
    actions = [
      "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress", "ec2:DeleteSecurityGroup",
    ]
    resources = ["*"]
    condition {
      test     = "Null"
      variable = "aws:ResourceTag/elbv2.k8s.aws/cluster"
      values   = ["false"]
    }
  }
  statement {
    actions = [
      "elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:CreateTargetGroup",
    ]
    resources = ["*"]
    condition {
      test     = "Null"
      variable = "aws:RequestTag/elbv2.k8s.aws/cluster"
      values   = ["false"]
    }
  }
  statement {
    actions = [
      "elasticloadbalancing:CreateListener", "elasticloadbalancing:DeleteListener",
      "elasticloadbalancing:CreateRule", "elasticloadbalancing:DeleteRule",
      "elasticloadbalancing:SetWebAcl", "elasticloadbalancing:ModifyListener",
      "elasticloadbalancing:AddListenerCertificates", "elasticloadbalancing:RemoveListenerCertificates",
      "elasticloadbalancing:ModifyRule", "elasticloadbalancing:SetRulePriorities",
    ]
    resources = ["*"]
  }
  statement {
    actions   = ["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"]
    resources = ["arn:${local.partition}:elasticloadbalancing:*:*:targetgroup/*/*", "arn:${local.partition}:elasticloadbalancing:*:*:loadbalancer/*"]
    condition {
      test     = "Null"
      variable = "aws:RequestTag/elbv2.k8s.aws/cluster"
      values   = ["true"]
    }
    condition {
      test     = "Null"
      variable = "aws:ResourceTag/elbv2.k8s.aws/cluster"
      values   = ["false"]
    }
  }
  statement {
    actions   = ["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"]
    resources = ["arn:${local.partition}:elasticloadbalancing:*:*:listener/*", "arn:${local.partition}:elasticloadbalancing:*:*:listener-rule/*"]
  }
  statement {
    actions = [
      "elasticloadbalancing:ModifyLoadBalancerAttributes", "elasticloadbalancing:SetIpAddressType",
      "elasticloadbalancing:SetSecurityGroups", "elasticloadbalancing:SetSubnets",
      "elasticloadbalancing:DeleteLoadBalancer", "elasticloadbalancing:ModifyTargetGroup",
      "elasticloadbalancing:ModifyTargetGroupAttributes", "elasticloadbalancing:DeleteTargetGroup",
      "elasticloadbalancing:ModifyListenerAttributes", "elasticloadbalancing:ModifyCapacityReservation",
      "elasticloadbalancing:ModifyIpPools",
    ]
    resources = ["*"]
    condition {
      test     = "Null"
      variable = "aws:ResourceTag/elbv2.k8s.aws/cluster"
      values   = ["false"]
    }
  }
  statement {
    actions   = ["elasticloadbalancing:AddTags"]
    resources = ["arn:${local.partition}:elasticloadbalancing:*:*:targetgroup/*/*", "arn:${local.partition}:elasticloadbalancing:*:*:loadbalancer/*"]
    condition {
      test     = "StringEquals"
      variable = "elasticloadbalancing:CreateAction"
      values   = ["CreateTargetGroup", "CreateLoadBalancer"]
    }
    condition {
      test     = "Null"
      variable = "aws:RequestTag/elbv2.k8s.aws/cluster"
      values   = ["false"]
    }
  }
  statement {
    actions = [
      "elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets",
    ]
    resources = ["arn:${local.partition}:elasticloadbalancing:*:*:targetgroup/*/*"]
  }
}

resource "aws_iam_role_policy" "lb_controller" {
  count  = var.create && var.attach_aws_lb_controller_policy ? 1 : 0
  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.lb_controller.json
}

data "aws_iam_policy_document" "lb_controller_targetgroup_only" {
  statement {
    actions = [
      "ec2:DescribeSecurityGroups", "ec2:DescribeInstances", "ec2:DescribeVpcs",
      "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress",
      "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth",
    ]
    resources = ["*"]
  }
  statement {
    actions = [
      "elasticloadbalancing:ModifyTargetGroup", "elasticloadbalancing:ModifyTargetGroupAttributes",
      "elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets",
    ]
    resources = var.aws_lb_controller_targetgroup_arns
  }
}

resource "aws_iam_role_policy" "lb_controller_targetgroup_only" {
  count  = var.create && var.attach_aws_lb_controller_targetgroup_binding_only_policy ? 1 : 0
  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.lb_controller_targetgroup_only.json
}

data "aws_iam_policy_document" "node_termination_handler" {
  statement {
    actions = [
      "autoscaling:CompleteLifecycleAction", "autoscaling:DescribeAutoScalingInstances",
      "autoscaling:DescribeTags", "ec2:DescribeInstances",
    ]
    resources = ["*"]
  }
  statement {
    actions   = ["sqs:DeleteMessage", "sqs:ReceiveMessage"]
    resources = var.aws_node_termination_handler_sqs_queue_arns
  }
}

resource "aws_iam_role_policy" "node_termination_handler" {
  count  = var.create && var.attach_aws_node_termination_handler_policy ? 1 : 0
  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.node_termination_handler.json
}

data "aws_iam_policy_document" "aws_privateca_issuer" {
  statement {
    actions = [
      "acm-pca:DescribeCertificateAuthority", "acm-pca:GetCertificate", "acm-pca:IssueCertificate",
    ]
    resources = var.aws_privateca_issuer_acmca_arns
  }
}

resource "aws_iam_role_policy" "aws_privateca_issuer" {
  count  = var.create && var.attach_aws_privateca_issuer_policy ? 1 : 0
  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.aws_privateca_issuer.json
}

data "aws_iam_policy_document" "vpc_cni" {
  statement {
    actions   = ["ec2:CreateTags"]
    resources = ["arn:${local.partition}:ec2:*:*:network-interface/*"]
  }
  dynamic "statement" {
    for_each = var.aws_vpc_cni_enable_ipv4 ? [1] : []
    content {
      actions = [
        "ec2:AssignPrivateIpAddresses", "ec2:AttachNetworkInterface", "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface", "ec2:DescribeInstances", "ec2:DescribeTags",
        "ec2:DescribeNetworkInterfaces", "ec2:DescribeInstanceTypes", "ec2:DescribeSubnets",
        "ec2:DetachNetworkInterface", "ec2:ModifyNetworkInterfaceAttribute",
        "ec2:UnassignPrivateIpAddresses",
      ]
      resources = ["*"]
    }
  }
  dynamic "statement" {
    for_each = var.aws_vpc_cni_enable_ipv6 ? [1] : []
    content {
      actions = [
        "ec2:AssignIpv6Addresses", "ec2:DescribeInstances", "ec2:DescribeTags",
        "ec2:DescribeNetworkInterfaces", "ec2:DescribeInstanceTypes",
      ]
      resources = ["*"]
    }
  }
  dynamic "statement" {
    for_each = var.aws_vpc_cni_enable_cloudwatch_logs ? [1] : []
    content {
      actions = [
        "logs:DescribeLogGroups", "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents",
      ]
      resources = ["*"]
    }
  }
}

resource "aws_iam_role_policy" "vpc_cni" {
  count  = var.create && var.attach_aws_vpc_cni_policy ? 1 : 0
  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.vpc_cni.json
}

data "aws_iam_policy_document" "cert_manager" {
  statement {
    actions   = ["route53:GetChange"]
    resources = ["arn:${local.partition}:route53:::change/*"]
  }
  statement {
    actions   = ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"]
    resources = var.cert_manager_hosted_zone_arns
  }
  statement {
    actions   = ["route53:ListHostedZonesByName"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "cert_manager" {
  count  = var.create && var.attach_cert_manager_policy ? 1 : 0
  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.cert_manager.json
}

data "aws_iam_policy_document" "cluster_autoscaler" {
  statement {
    actions = [
      "autoscaling:Describe*", "ec2:DescribeLaunchTemplateVersions", "ec2:DescribeInstanceTypes",
      "ec2:DescribeImages", "ec2:GetInstanceTypesFromInstanceRequirements", "eks:DescribeNodegroup",
    ]
    resources = ["*"]
  }
  dynamic "statement" {
    for_each = var.cluster_autoscaler_cluster_names
    content {
      actions = [
        "autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup",
      ]
      resources = ["*"]
      condition {
        test     = "StringEquals"
        variable = "autoscaling:ResourceTag/kubernetes.io/cluster/${statement.value}"
        values   = ["owned"]
      }
    }
  }
}

resource "aws_iam_role_policy" "cluster_autoscaler" {
  count  = var.create && var.attach_cluster_autoscaler_policy ? 1 : 0
  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.cluster_autoscaler.json
}

data "aws_iam_policy_document" "external_dns" {
  statement {
    actions   = ["route53:ChangeResourceRecordSets"]
    resources = var.external_dns_hosted_zone_arns
  }
  statement {
    actions = [
      "route53:ListHostedZones", "route53:ListResourceRecordSets", "route53:ListTagsForResources",
      "route53:ListTagsForResource",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "external_dns" {
  count  = var.create && var.attach_external_dns_policy ? 1 : 0
  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.external_dns.json
}

data "aws_iam_policy_document" "external_secrets" {
  statement {
    actions   = ["kms:Decrypt"]
    resources = coalescelist(var.external_secrets_kms_key_arns, ["arn:${local.partition}:kms:*:*:key/*"])
  }
  dynamic "statement" {
    for_each = length(var.external_secrets_ssm_parameter_arns) > 0 ? [1] : []
    content {
      actions   = ["ssm:DescribeParameters"]
      resources = ["*"]
    }
  }
  dynamic "statement" {
    for_each = length(var.external_secrets_ssm_parameter_arns) > 0 ? [1] : []
    content {
      actions   = ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"]
      resources = var.external_secrets_ssm_parameter_arns
    }
  }
  dynamic "statement" {
    for_each = length(var.external_secrets_secrets_manager_arns) > 0 ? [1] : []
    content {
      actions   = ["secretsmanager:ListSecrets", "secretsmanager:BatchGetSecretValue"]
      resources = ["*"]
    }
  }
  dynamic "statement" {
    for_each = length(var.external_secrets_secrets_manager_arns) > 0 ? [1] : []
    content {
      actions = [
        "secretsmanager:GetResourcePolicy", "secretsmanager:GetSecretValue",
        "secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds",
      ]
      resources = var.external_secrets_secrets_manager_arns
    }
  }
  dynamic "statement" {
    for_each = length(var.external_secrets_secrets_manager_arns) > 0 && var.external_secrets_create_permission ? [1] : []
    content {
      actions = [
        "secretsmanager:CreateSecret", "secretsmanager:PutSecretValue", "secretsmanager:TagResource",
      ]
      resources = var.external_secrets_secrets_manager_arns
    }
  }
  dynamic "statement" {
    for_each = length(var.external_secrets_secrets_manager_arns) > 0 && var.external_secrets_create_permission ? [1] : []
    content {
      actions   = ["secretsmanager:DeleteSecret"]
      resources = var.external_secrets_secrets_manager_arns
      condition {
        test     = "StringEquals"
        variable = "secretsmanager:ResourceTag/managed-by"
        values   = ["external-secrets"]
      }
    }
  }
}

resource "aws_iam_role_policy" "external_secrets" {
  count  = var.create && var.attach_external_secrets_policy ? 1 : 0
  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.external_secrets.json
}

data "aws_iam_policy_document" "mountpoint_s3_csi" {
  statement {
    actions   = ["s3:ListBucket"]
    resources = coalescelist(var.mountpoint_s3_csi_bucket_arns, ["arn:${local.partition}:s3:::*"])
  }
  statement {
    actions   = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:DeleteObject"]
    resources = var.mountpoint_s3_csi_bucket_path_arns
  }
}

resource "aws_iam_role_policy" "mountpoint_s3_csi" {
  count  = var.create && var.attach_mountpoint_s3_csi_policy ? 1 : 0
  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.mountpoint_s3_csi.json
}

data "aws_iam_policy_document" "pganalyze" {
  statement {
    actions   = ["cloudwatch:GetMetricStatistics", "rds:Describe*"]
    resources = ["*"]
  }
  statement {
    actions   = ["logs:GetLogEvents"]
    resources = ["arn:${local.partition}:logs:*:*:log-group:RDSOSMetrics:log-stream:*"]
  }
  statement {
    actions   = ["rds:DownloadDBLogFilePortion"]
    resources = ["arn:${local.partition}:rds:*:*:db:*"]
  }
}

resource "aws_iam_role_policy" "pganalyze" {
  count  = var.create && var.attach_pganalyze_policy ? 1 : 0
  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.pganalyze.json
}

data "aws_iam_policy_document" "velero" {
  statement {
    actions = [
      "ec2:DescribeVolumes", "ec2:DescribeSnapshots", "ec2:CreateTags", "ec2:CreateVolume",
      "ec2:CreateSnapshot", "ec2:DeleteSnapshot",
    ]
    resources = ["*"]
  }
  statement {
    actions = [
      "s3:GetObject", "s3:DeleteObject", "s3:PutObject", "s3:PutObjectTagging",
      "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts",
    ]
    resources = var.velero_s3_bucket_path_arns
  }
  statement {
    actions   = ["s3:ListBucket"]
    resources = coalescelist(var.velero_s3_bucket_arns, ["arn:${local.partition}:s3:::*"])
  }
  dynamic "statement" {
    for_each = length(var.velero_kms_arns) > 0 ? [1] : []
    content {
      actions = [
        "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey",
        "kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant", "kms:RetireGrant",
        "kms:ListRetirableGrants",
      ]
      resources = var.velero_kms_arns
    }
  }
}

resource "aws_iam_role_policy" "velero" {
  count  = var.create && var.attach_velero_policy ? 1 : 0
  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.velero.json
}

output "iam_role_arn" {
  value = try(aws_iam_role.this[0].arn, null)
}

output "iam_role_name" {
  value = try(aws_iam_role.this[0].name, null)
}

output "iam_role_path" {
  value = try(aws_iam_role.this[0].path, null)
}

output "iam_role_unique_id" {
  value = try(aws_iam_role.this[0].unique_id, null)
}

output "associations" {
  value = aws_eks_pod_identity_association.this
}
