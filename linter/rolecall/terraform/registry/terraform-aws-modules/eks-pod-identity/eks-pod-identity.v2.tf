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
  type    = any
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
  type    = any
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
      sid           = try(statement.value.sid, null)
      effect        = try(statement.value.effect, null)
      actions       = try(statement.value.actions, null)
      not_actions   = try(statement.value.not_actions, null)
      resources     = try(statement.value.resources, null)
      not_resources = try(statement.value.not_resources, null)
      dynamic "principals" {
        for_each = try(coalesce(statement.value.principals, []), [])
        content {
          type        = principals.value.type
          identifiers = principals.value.identifiers
        }
      }
      dynamic "not_principals" {
        for_each = try(coalesce(statement.value.not_principals, []), [])
        content {
          type        = not_principals.value.type
          identifiers = not_principals.value.identifiers
        }
      }
      dynamic "condition" {
        for_each = try(coalesce(statement.value.condition, []), [])
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
  cluster_name         = try(coalesce(each.value.cluster_name, null), var.association_defaults.cluster_name, null)
  namespace            = try(coalesce(each.value.namespace, null), var.association_defaults.namespace, null)
  service_account      = try(coalesce(each.value.service_account, null), var.association_defaults.service_account, null)
  role_arn             = aws_iam_role.this[0].arn
  target_role_arn      = try(coalesce(each.value.target_role_arn, null), var.association_defaults.target_role_arn, null)
  disable_session_tags = try(coalesce(each.value.disable_session_tags, null), var.association_defaults.disable_session_tags, null)
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
      sid           = try(statement.value.sid, null)
      effect        = try(statement.value.effect, null)
      actions       = try(statement.value.actions, null)
      not_actions   = try(statement.value.not_actions, null)
      resources     = try(statement.value.resources, null)
      not_resources = try(statement.value.not_resources, null)
      dynamic "principals" {
        for_each = try(coalesce(statement.value.principals, []), [])
        content {
          type        = principals.value.type
          identifiers = principals.value.identifiers
        }
      }
      dynamic "not_principals" {
        for_each = try(coalesce(statement.value.not_principals, []), [])
        content {
          type        = not_principals.value.type
          identifiers = not_principals.value.identifiers
        }
      }
      dynamic "condition" {
        for_each = try(coalesce(statement.value.condition, []), [])
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

resource "aws_iam_role_policy" "amazon_managed_service_prometheus" {
  count = var.create && var.attach_amazon_managed_service_prometheus_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    {
      Effect = "Allow"
      Action = [
        "aps:RemoteWrite", "aps:QueryMetrics", "aps:GetSeries", "aps:GetLabels", "aps:GetMetricMetadata",
      ]
      Resource = var.amazon_managed_service_prometheus_workspace_arns
    },
  ] })
}

resource "aws_iam_role_policy" "appmesh_controller" {
  count = var.create && var.attach_aws_appmesh_controller_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    {
      Effect = "Allow"
      Action = [
        "appmesh:List*", "appmesh:Describe*", "appmesh:Create*", "appmesh:Update*", "appmesh:Delete*",
      ]
      Resource = "*"
    },
    {
      Effect   = "Allow"
      Action   = "iam:CreateServiceLinkedRole"
      Resource = "arn:${local.partition}:iam::*:role/aws-service-role/appmesh.amazonaws.com/AWSServiceRoleForAppMesh"
      Condition = {
        StringLike = { "iam:AWSServiceName" = "appmesh.amazonaws.com" }
      }
    },
    {
      Effect = "Allow"
      Action = [
        "acm:ListCertificates", "acm:DescribeCertificate", "acm-pca:DescribeCertificateAuthority",
        "acm-pca:ListCertificateAuthorities",
      ]
      Resource = "*"
    },
    {
      Effect = "Allow"
      Action = [
        "servicediscovery:CreateService", "servicediscovery:DeleteService", "servicediscovery:GetService",
        "servicediscovery:GetInstance", "servicediscovery:RegisterInstance",
        "servicediscovery:DeregisterInstance", "servicediscovery:ListInstances",
        "servicediscovery:ListNamespaces", "servicediscovery:ListServices",
        "servicediscovery:GetInstancesHealthStatus", "servicediscovery:UpdateInstanceCustomHealthStatus",
        "servicediscovery:GetOperation", "route53:GetHealthCheck", "route53:CreateHealthCheck",
        "route53:UpdateHealthCheck", "route53:ChangeResourceRecordSets", "route53:DeleteHealthCheck",
      ]
      Resource = "*"
    },
  ] })
}

resource "aws_iam_role_policy" "appmesh_envoy_proxy" {
  count = var.create && var.attach_aws_appmesh_envoy_proxy_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    {
      Effect   = "Allow"
      Action   = "appmesh:StreamAggregatedResources"
      Resource = "*"
    },
    {
      Effect   = "Allow"
      Action   = ["acm:ExportCertificate", "acm-pca:GetCertificateAuthorityCertificate"]
      Resource = "*"
    },
  ] })
}

resource "aws_iam_role_policy" "ebs_csi" {
  count = var.create && var.attach_aws_ebs_csi_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = concat([
    {
      Effect = "Allow"
      Action = [
        "ec2:CreateSnapshot", "ec2:AttachVolume", "ec2:DetachVolume", "ec2:ModifyVolume",
        "ec2:EnableFastSnapshotRestores", "ec2:DescribeAvailabilityZones", "ec2:DescribeInstances",
        "ec2:DescribeInstanceTypes", "ec2:DescribeSnapshots", "ec2:DescribeTags", "ec2:DescribeVolumes",
        "ec2:DescribeVolumesModifications", "ec2:DescribeVolumeStatus",
      ]
      Resource = "*"
    },
    {
      Effect   = "Allow"
      Action   = "ec2:CopyVolumes"
      Resource = "arn:${local.partition}:ec2:*:*:volume/vol-*"
    },
    {
      Effect   = "Allow"
      Action   = "ec2:CreateTags"
      Resource = ["arn:${local.partition}:ec2:*:*:volume/*", "arn:${local.partition}:ec2:*:*:snapshot/*"]
      Condition = {
        StringEquals = { "ec2:CreateAction" = ["CreateVolume", "CreateSnapshot", "CopyVolumes"] }
      }
    },
    {
      Effect   = "Allow"
      Action   = "ec2:DeleteTags"
      Resource = ["arn:${local.partition}:ec2:*:*:volume/*", "arn:${local.partition}:ec2:*:*:snapshot/*"]
    },
    {
      Effect   = "Allow"
      Action   = ["ec2:CreateVolume", "ec2:CopyVolumes"]
      Resource = "arn:${local.partition}:ec2:*:*:volume/*"
      Condition = {
        StringLike = { "aws:RequestTag/ebs.csi.aws.com/cluster" = "true" }
      }
    },
    {
      Effect   = "Allow"
      Action   = ["ec2:CreateVolume", "ec2:CopyVolumes"]
      Resource = "arn:${local.partition}:ec2:*:*:volume/*"
      Condition = {
        StringLike = { "aws:RequestTag/CSIVolumeName" = "*" }
      }
    },
    {
      Effect   = "Allow"
      Action   = "ec2:CreateVolume"
      Resource = "arn:${local.partition}:ec2:*:*:snapshot/*"
    },
    {
      Effect   = "Allow"
      Action   = "ec2:DeleteVolume"
      Resource = "*"
      Condition = {
        StringLike = { "ec2:ResourceTag/ebs.csi.aws.com/cluster" = "true" }
      }
    },
    {
      Effect   = "Allow"
      Action   = "ec2:DeleteVolume"
      Resource = "*"
      Condition = {
        StringLike = { "ec2:ResourceTag/CSIVolumeName" = "*" }
      }
    },
    {
      Effect   = "Allow"
      Action   = "ec2:DeleteVolume"
      Resource = "*"
      Condition = {
        StringLike = { "ec2:ResourceTag/kubernetes.io/created-for/pvc/name" = "*" }
      }
    },
    {
      Effect   = "Allow"
      Action   = ["ec2:DeleteSnapshot", "ec2:LockSnapshot"]
      Resource = "*"
      Condition = {
        StringLike = { "ec2:ResourceTag/CSIVolumeSnapshotName" = "*" }
      }
    },
    {
      Effect   = "Allow"
      Action   = ["ec2:DeleteSnapshot", "ec2:LockSnapshot"]
      Resource = "*"
      Condition = {
        StringLike = { "ec2:ResourceTag/ebs.csi.aws.com/cluster" = "true" }
      }
    },
    ], [for statement in [
      {
        Effect   = "Allow"
        Action   = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
        Resource = var.aws_ebs_csi_kms_arns
        Condition = {
          Bool = { "kms:GrantIsForAWSResource" = "true" }
        }
      },
      {
        Effect = "Allow"
        Action = [
          "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey",
        ]
        Resource = var.aws_ebs_csi_kms_arns
      },
  ] : statement if length(var.aws_ebs_csi_kms_arns) > 0]) })
}

resource "aws_iam_role_policy" "efs_csi" {
  count = var.create && var.attach_aws_efs_csi_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    {
      Effect = "Allow"
      Action = [
        "ec2:DescribeAvailabilityZones", "elasticfilesystem:DescribeAccessPoints",
        "elasticfilesystem:DescribeFileSystems", "elasticfilesystem:DescribeMountTargets",
      ]
      Resource = "*"
    },
    {
      Effect   = "Allow"
      Action   = "elasticfilesystem:CreateAccessPoint"
      Resource = "*"
      Condition = {
        StringLike = { "aws:RequestTag/efs.csi.aws.com/cluster" = "true" }
      }
    },
    {
      Effect   = "Allow"
      Action   = "elasticfilesystem:TagResource"
      Resource = "*"
      Condition = {
        StringLike = { "aws:ResourceTag/efs.csi.aws.com/cluster" = "true" }
      }
    },
    {
      Effect   = "Allow"
      Action   = "elasticfilesystem:DeleteAccessPoint"
      Resource = "*"
      Condition = {
        StringEquals = { "aws:ResourceTag/efs.csi.aws.com/cluster" = "true" }
      }
    },
  ] })
}

resource "aws_iam_role_policy" "fsx_lustre_csi" {
  count = var.create && var.attach_aws_fsx_lustre_csi_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    {
      Effect   = "Allow"
      Action   = ["iam:CreateServiceLinkedRole", "iam:AttachRolePolicy", "iam:PutRolePolicy"]
      Resource = coalescelist(var.aws_fsx_lustre_csi_service_role_arns, ["arn:${local.partition}:iam::*:role/aws-service-role/s3.data-source.lustre.fsx.amazonaws.com/*"])
    },
    {
      Effect   = "Allow"
      Action   = "iam:CreateServiceLinkedRole"
      Resource = "*"
      Condition = {
        StringLike = { "iam:AWSServiceName" = "fsx.amazonaws.com" }
      }
    },
    {
      Effect = "Allow"
      Action = [
        "s3:ListBucket", "fsx:CreateFileSystem", "fsx:DeleteFileSystem", "fsx:DescribeFileSystems",
        "fsx:TagResource", "fsx:UpdateFileSystem",
      ]
      Resource = "*"
    },
  ] })
}

resource "aws_iam_role_policy" "aws_gateway_controller" {
  count = var.create && var.attach_aws_gateway_controller_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    {
      Effect = "Allow"
      Action = [
        "vpc-lattice:*", "ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeTags",
        "ec2:DescribeSecurityGroups", "logs:CreateLogDelivery", "logs:GetLogDelivery",
        "logs:DescribeLogGroups", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies",
        "logs:UpdateLogDelivery", "logs:DeleteLogDelivery", "logs:ListLogDeliveries", "tag:GetResources",
        "firehose:TagDeliveryStream", "s3:GetBucketPolicy", "s3:PutBucketPolicy",
      ]
      Resource = "*"
    },
    {
      Effect   = "Allow"
      Action   = "iam:CreateServiceLinkedRole"
      Resource = "arn:${local.partition}:iam::*:role/aws-service-role/vpc-lattice.amazonaws.com/AWSServiceRoleForVpcLattice"
      Condition = {
        StringLike = { "iam:AWSServiceName" = "vpc-lattice.amazonaws.com" }
      }
    },
    {
      Effect   = "Allow"
      Action   = "iam:CreateServiceLinkedRole"
      Resource = "arn:${local.partition}:iam::*:role/aws-service-role/delivery.logs.amazonaws.com/AWSServiceRoleForLogDelivery"
      Condition = {
        StringLike = { "iam:AWSServiceName" = "delivery.logs.amazonaws.com" }
      }
    },
  ] })
}

resource "aws_iam_role_policy" "lb_controller" {
  count = var.create && var.attach_aws_lb_controller_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    {
      Effect   = "Allow"
      Action   = "iam:CreateServiceLinkedRole"
      Resource = "*"
      Condition = {
        StringEquals = { "iam:AWSServiceName" = "elasticloadbalancing.amazonaws.com" }
      }
    },
    {
      Effect = "Allow"
      Action = [
        "ec2:Describe*", "ec2:GetCoipPoolUsage", "ec2:GetSecurityGroupsForVpc",
        "elasticloadbalancing:Describe*",
      ]
      Resource = "*"
    },
    {
      Effect = "Allow"
      Action = [
        "cognito-idp:DescribeUserPoolClient", "acm:ListCertificates", "acm:DescribeCertificate",
        "iam:ListServerCertificates", "iam:GetServerCertificate", "waf-regional:GetWebACL",
        "waf-regional:GetWebACLForResource", "waf-regional:AssociateWebACL",
        "waf-regional:DisassociateWebACL", "wafv2:GetWebACL", "wafv2:GetWebACLForResource",
        "wafv2:AssociateWebACL", "wafv2:DisassociateWebACL", "shield:GetSubscriptionState",
        "shield:DescribeProtection", "shield:CreateProtection", "shield:DeleteProtection",
      ]
      Resource = "*"
    },
    {
      Effect = "Allow"
      Action = [
        "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress", "ec2:CreateSecurityGroup",
      ]
      Resource = "*"
    },
    {
      Effect   = "Allow"
      Action   = "ec2:CreateTags"
      Resource = "arn:${local.partition}:ec2:*:*:security-group/*"
      Condition = {
        StringEquals = { "ec2:CreateAction" = "CreateSecurityGroup" }
        Null         = { "aws:RequestTag/elbv2.k8s.aws/cluster" = "false" }
      }
    },
    {
      Effect   = "Allow"
      Action   = ["ec2:CreateTags", "ec2:DeleteTags"]
      Resource = "arn:${local.partition}:ec2:*:*:security-group/*"
      Condition = {
        Null = { "aws:RequestTag/elbv2.k8s.aws/cluster" = "true", "aws:ResourceTag/elbv2.k8s.aws/cluster" = "false" }
      }
    },
    {
      Effect = "Allow"
      Action = [
        "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress", "ec2:DeleteSecurityGroup",
      ]
      Resource = "*"
      Condition = {
        Null = { "aws:ResourceTag/elbv2.k8s.aws/cluster" = "false" }
      }
    },
    {
      Effect = "Allow"
      Action = [
        "elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:CreateTargetGroup",
      ]
      Resource = "*"
      Condition = {
        Null = { "aws:RequestTag/elbv2.k8s.aws/cluster" = "false" }
      }
    },
    {
      Effect = "Allow"
      Action = [
        "elasticloadbalancing:CreateListener", "elasticloadbalancing:DeleteListener",
        "elasticloadbalancing:CreateRule", "elasticloadbalancing:DeleteRule",
        "elasticloadbalancing:SetWebAcl", "elasticloadbalancing:ModifyListener",
        "elasticloadbalancing:AddListenerCertificates", "elasticloadbalancing:RemoveListenerCertificates",
        "elasticloadbalancing:ModifyRule", "elasticloadbalancing:SetRulePriorities",
      ]
      Resource = "*"
    },
    {
      Effect   = "Allow"
      Action   = ["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"]
      Resource = ["arn:${local.partition}:elasticloadbalancing:*:*:targetgroup/*/*", "arn:${local.partition}:elasticloadbalancing:*:*:loadbalancer/*"]
      Condition = {
        Null = { "aws:RequestTag/elbv2.k8s.aws/cluster" = "true", "aws:ResourceTag/elbv2.k8s.aws/cluster" = "false" }
      }
    },
    {
      Effect   = "Allow"
      Action   = ["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"]
      Resource = ["arn:${local.partition}:elasticloadbalancing:*:*:listener/*", "arn:${local.partition}:elasticloadbalancing:*:*:listener-rule/*"]
    },
    {
      Effect = "Allow"
      Action = [
        "elasticloadbalancing:ModifyLoadBalancerAttributes", "elasticloadbalancing:SetIpAddressType",
        "elasticloadbalancing:SetSecurityGroups", "elasticloadbalancing:SetSubnets",
        "elasticloadbalancing:DeleteLoadBalancer", "elasticloadbalancing:ModifyTargetGroup",
        "elasticloadbalancing:ModifyTargetGroupAttributes", "elasticloadbalancing:DeleteTargetGroup",
        "elasticloadbalancing:ModifyListenerAttributes", "elasticloadbalancing:ModifyCapacityReservation",
        "elasticloadbalancing:ModifyIpPools",
      ]
      Resource = "*"
      Condition = {
        Null = { "aws:ResourceTag/elbv2.k8s.aws/cluster" = "false" }
      }
    },
    {
      Effect   = "Allow"
      Action   = "elasticloadbalancing:AddTags"
      Resource = ["arn:${local.partition}:elasticloadbalancing:*:*:targetgroup/*/*", "arn:${local.partition}:elasticloadbalancing:*:*:loadbalancer/*"]
      Condition = {
        StringEquals = { "elasticloadbalancing:CreateAction" = ["CreateTargetGroup", "CreateLoadBalancer"] }
        Null         = { "aws:RequestTag/elbv2.k8s.aws/cluster" = "false" }
      }
    },
    {
      Effect = "Allow"
      Action = [
        "elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets",
      ]
      Resource = "arn:${local.partition}:elasticloadbalancing:*:*:targetgroup/*/*"
    },
  ] })
}

resource "aws_iam_role_policy" "lb_controller_targetgroup_only" {
  count = var.create && var.attach_aws_lb_controller_targetgroup_binding_only_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    {
      Effect = "Allow"
      Action = [
        "ec2:DescribeSecurityGroups", "ec2:DescribeInstances", "ec2:DescribeVpcs",
        "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress",
        "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth",
      ]
      Resource = "*"
    },
    {
      Effect = "Allow"
      Action = [
        "elasticloadbalancing:ModifyTargetGroup", "elasticloadbalancing:ModifyTargetGroupAttributes",
        "elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets",
      ]
      Resource = var.aws_lb_controller_targetgroup_arns
    },
  ] })
}

resource "aws_iam_role_policy" "node_termination_handler" {
  count = var.create && var.attach_aws_node_termination_handler_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    {
      Effect = "Allow"
      Action = [
        "autoscaling:CompleteLifecycleAction", "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeTags", "ec2:DescribeInstances",
      ]
      Resource = "*"
    },
    {
      Effect   = "Allow"
      Action   = ["sqs:DeleteMessage", "sqs:ReceiveMessage"]
      Resource = var.aws_node_termination_handler_sqs_queue_arns
    },
  ] })
}

resource "aws_iam_role_policy" "aws_privateca_issuer" {
  count = var.create && var.attach_aws_privateca_issuer_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    {
      Effect = "Allow"
      Action = [
        "acm-pca:DescribeCertificateAuthority", "acm-pca:GetCertificate", "acm-pca:IssueCertificate",
      ]
      Resource = var.aws_privateca_issuer_acmca_arns
    },
  ] })
}

resource "aws_iam_role_policy" "vpc_cni" {
  count = var.create && var.attach_aws_vpc_cni_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = concat([
    {
      Effect   = "Allow"
      Action   = "ec2:CreateTags"
      Resource = "arn:${local.partition}:ec2:*:*:network-interface/*"
    },
    ], [for statement in [
      {
        Effect = "Allow"
        Action = [
          "ec2:AssignPrivateIpAddresses", "ec2:AttachNetworkInterface", "ec2:CreateNetworkInterface",
          "ec2:DeleteNetworkInterface", "ec2:DescribeInstances", "ec2:DescribeTags",
          "ec2:DescribeNetworkInterfaces", "ec2:DescribeInstanceTypes", "ec2:DescribeSubnets",
          "ec2:DetachNetworkInterface", "ec2:ModifyNetworkInterfaceAttribute",
          "ec2:UnassignPrivateIpAddresses",
        ]
        Resource = "*"
      },
      ] : statement if var.aws_vpc_cni_enable_ipv4], [for statement in [
      {
        Effect = "Allow"
        Action = [
          "ec2:AssignIpv6Addresses", "ec2:DescribeInstances", "ec2:DescribeTags",
          "ec2:DescribeNetworkInterfaces", "ec2:DescribeInstanceTypes",
        ]
        Resource = "*"
      },
      ] : statement if var.aws_vpc_cni_enable_ipv6], [for statement in [
      {
        Effect = "Allow"
        Action = [
          "logs:DescribeLogGroups", "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents",
        ]
        Resource = "*"
      },
  ] : statement if var.aws_vpc_cni_enable_cloudwatch_logs]) })
}

resource "aws_iam_role_policy" "cert_manager" {
  count = var.create && var.attach_cert_manager_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    {
      Effect   = "Allow"
      Action   = "route53:GetChange"
      Resource = "arn:${local.partition}:route53:::change/*"
    },
    {
      Effect   = "Allow"
      Action   = ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"]
      Resource = var.cert_manager_hosted_zone_arns
    },
    {
      Effect   = "Allow"
      Action   = "route53:ListHostedZonesByName"
      Resource = "*"
    },
  ] })
}

resource "aws_iam_role_policy" "cluster_autoscaler" {
  count = var.create && var.attach_cluster_autoscaler_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = concat([
    {
      Effect = "Allow"
      Action = [
        "autoscaling:Describe*", "ec2:DescribeLaunchTemplateVersions", "ec2:DescribeInstanceTypes",
        "ec2:DescribeImages", "ec2:GetInstanceTypesFromInstanceRequirements", "eks:DescribeNodegroup",
      ]
      Resource = "*"
    },
    ], [for cluster in var.cluster_autoscaler_cluster_names : {
      Effect    = "Allow"
      Action    = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
      Resource  = "*"
      Condition = { StringEquals = { "autoscaling:ResourceTag/kubernetes.io/cluster/${cluster}" = "owned" } }
  }]) })
}

resource "aws_iam_role_policy" "external_dns" {
  count = var.create && var.attach_external_dns_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    {
      Effect   = "Allow"
      Action   = "route53:ChangeResourceRecordSets"
      Resource = var.external_dns_hosted_zone_arns
    },
    {
      Effect = "Allow"
      Action = [
        "route53:ListHostedZones", "route53:ListResourceRecordSets", "route53:ListTagsForResources",
        "route53:ListTagsForResource",
      ]
      Resource = "*"
    },
  ] })
}

resource "aws_iam_role_policy" "external_secrets" {
  count = var.create && var.attach_external_secrets_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = concat([
    {
      Effect   = "Allow"
      Action   = "kms:Decrypt"
      Resource = coalescelist(var.external_secrets_kms_key_arns, ["arn:${local.partition}:kms:*:*:key/*"])
    },
    ], [for statement in [
      {
        Effect   = "Allow"
        Action   = "ssm:DescribeParameters"
        Resource = "*"
      },
      {
        Effect   = "Allow"
        Action   = ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"]
        Resource = var.external_secrets_ssm_parameter_arns
      },
      ] : statement if length(var.external_secrets_ssm_parameter_arns) > 0], [for statement in [
      {
        Effect   = "Allow"
        Action   = ["secretsmanager:ListSecrets", "secretsmanager:BatchGetSecretValue"]
        Resource = "*"
      },
      {
        Effect = "Allow"
        Action = [
          "secretsmanager:GetResourcePolicy", "secretsmanager:GetSecretValue",
          "secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds",
        ]
        Resource = var.external_secrets_secrets_manager_arns
      },
      ] : statement if length(var.external_secrets_secrets_manager_arns) > 0], [for statement in [
      {
        Effect = "Allow"
        Action = [
          "secretsmanager:CreateSecret", "secretsmanager:PutSecretValue", "secretsmanager:TagResource",
        ]
        Resource = var.external_secrets_secrets_manager_arns
      },
      {
        Effect   = "Allow"
        Action   = "secretsmanager:DeleteSecret"
        Resource = var.external_secrets_secrets_manager_arns
        Condition = {
          StringEquals = { "secretsmanager:ResourceTag/managed-by" = "external-secrets" }
        }
      },
  ] : statement if length(var.external_secrets_secrets_manager_arns) > 0 && var.external_secrets_create_permission]) })
}

resource "aws_iam_role_policy" "mountpoint_s3_csi" {
  count = var.create && var.attach_mountpoint_s3_csi_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    {
      Effect   = "Allow"
      Action   = "s3:ListBucket"
      Resource = coalescelist(var.mountpoint_s3_csi_bucket_arns, ["arn:${local.partition}:s3:::*"])
    },
    {
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:DeleteObject"]
      Resource = var.mountpoint_s3_csi_bucket_path_arns
    },
  ] })
}

resource "aws_iam_role_policy" "pganalyze" {
  count = var.create && var.attach_pganalyze_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    {
      Effect   = "Allow"
      Action   = ["cloudwatch:GetMetricStatistics", "rds:Describe*"]
      Resource = "*"
    },
    {
      Effect   = "Allow"
      Action   = "logs:GetLogEvents"
      Resource = "arn:${local.partition}:logs:*:*:log-group:RDSOSMetrics:log-stream:*"
    },
    {
      Effect   = "Allow"
      Action   = "rds:DownloadDBLogFilePortion"
      Resource = "arn:${local.partition}:rds:*:*:db:*"
    },
  ] })
}

resource "aws_iam_role_policy" "velero" {
  count = var.create && var.attach_velero_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = concat([
    {
      Effect = "Allow"
      Action = [
        "ec2:DescribeVolumes", "ec2:DescribeSnapshots", "ec2:CreateTags", "ec2:CreateVolume",
        "ec2:CreateSnapshot", "ec2:DeleteSnapshot",
      ]
      Resource = "*"
    },
    {
      Effect = "Allow"
      Action = [
        "s3:GetObject", "s3:DeleteObject", "s3:PutObject", "s3:PutObjectTagging",
        "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts",
      ]
      Resource = var.velero_s3_bucket_path_arns
    },
    {
      Effect   = "Allow"
      Action   = "s3:ListBucket"
      Resource = coalescelist(var.velero_s3_bucket_arns, ["arn:${local.partition}:s3:::*"])
    },
    ], [for statement in [
      {
        Effect = "Allow"
        Action = [
          "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey",
          "kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant", "kms:RetireGrant",
          "kms:ListRetirableGrants",
        ]
        Resource = var.velero_kms_arns
      },
  ] : statement if length(var.velero_kms_arns) > 0]) })
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
