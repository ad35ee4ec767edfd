# terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts-eks, versions 4.21.1 up to 6.0.0.
# Checked against terraform-aws-modules/terraform-aws-iam, modules/iam-role-for-service-accounts-eks, tags v4.21.1, v5.0.0 and v5.60.0.
# Each attach_… input creates a managed policy of its own; here it is an inline one with the same statements.
# Actions that only list or describe are patterns.
# role_policy_arns is a list in version 4 and a map from version 5 on.

variable "create_role" {
  type    = bool
  default = true
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
  default = null
}

variable "max_session_duration" {
  type    = number
  default = null
}

variable "role_policy_arns" {
  type    = any
  default = {}
}

variable "oidc_providers" {
  type    = any
  default = {}
}

variable "assume_role_condition_test" {
  type    = string
  default = "StringEquals"
}

variable "allow_self_assume_role" {
  type    = bool
  default = false
}

variable "attach_aws_gateway_controller_policy" {
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

variable "attach_ebs_csi_policy" {
  type    = bool
  default = false
}

variable "attach_efs_csi_policy" {
  type    = bool
  default = false
}

variable "attach_mountpoint_s3_csi_policy" {
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

variable "attach_fsx_lustre_csi_policy" {
  type    = bool
  default = false
}

variable "attach_fsx_openzfs_csi_policy" {
  type    = bool
  default = false
}

variable "attach_load_balancer_controller_policy" {
  type    = bool
  default = false
}

variable "attach_load_balancer_controller_targetgroup_binding_only_policy" {
  type    = bool
  default = false
}

variable "attach_amazon_managed_service_prometheus_policy" {
  type    = bool
  default = false
}

variable "attach_velero_policy" {
  type    = bool
  default = false
}

variable "attach_vpc_cni_policy" {
  type    = bool
  default = false
}

variable "attach_node_termination_handler_policy" {
  type    = bool
  default = false
}

variable "attach_cloudwatch_observability_policy" {
  type    = bool
  default = false
}

variable "attach_karpenter_controller_policy" {
  type    = bool
  default = false
}

variable "attach_appmesh_controller_policy" {
  type    = bool
  default = false
}

variable "attach_appmesh_envoy_proxy_policy" {
  type    = bool
  default = false
}

variable "cert_manager_hosted_zone_arns" {
  type    = list(string)
  default = ["arn:aws:route53:::hostedzone/*"]
}

variable "cluster_autoscaler_cluster_ids" {
  type    = list(string)
  default = []
}

variable "cluster_autoscaler_cluster_names" {
  type    = list(string)
  default = []
}

variable "ebs_csi_kms_cmk_ids" {
  type    = list(string)
  default = []
}

variable "mountpoint_s3_csi_bucket_arns" {
  type    = list(string)
  default = []
}

variable "mountpoint_s3_csi_kms_arns" {
  type    = list(string)
  default = []
}

variable "mountpoint_s3_csi_path_arns" {
  type    = list(string)
  default = []
}

variable "external_dns_hosted_zone_arns" {
  type    = list(string)
  default = ["arn:aws:route53:::hostedzone/*"]
}

variable "external_secrets_ssm_parameter_arns" {
  type    = list(string)
  default = ["arn:aws:ssm:*:*:parameter/*"]
}

variable "external_secrets_secrets_manager_arns" {
  type    = list(string)
  default = ["arn:aws:secretsmanager:*:*:secret:*"]
}

variable "external_secrets_kms_key_arns" {
  type    = list(string)
  default = ["arn:aws:kms:*:*:key/*"]
}

variable "external_secrets_secrets_manager_create_permission" {
  type    = bool
  default = false
}

variable "fsx_lustre_csi_service_role_arns" {
  type    = list(string)
  default = ["arn:aws:iam::*:role/aws-service-role/s3.data-source.lustre.fsx.amazonaws.com/*"]
}

variable "fsx_openzfs_csi_service_role_arns" {
  type    = list(string)
  default = ["arn:aws:iam::*:role/aws-service-role/fsx.amazonaws.com/*"]
}

variable "karpenter_controller_cluster_id" {
  type    = string
  default = "*"
}

variable "karpenter_controller_cluster_name" {
  type    = string
  default = "*"
}

variable "karpenter_tag_key" {
  type    = string
  default = "karpenter.sh/discovery"
}

variable "karpenter_controller_ssm_parameter_arns" {
  type    = list(string)
  default = ["arn:aws:ssm:*:*:parameter/aws/service/*"]
}

variable "karpenter_controller_node_iam_role_arns" {
  type    = list(string)
  default = ["*"]
}

variable "karpenter_subnet_account_id" {
  type    = string
  default = ""
}

variable "karpenter_sqs_queue_arn" {
  type    = string
  default = null
}

variable "enable_karpenter_instance_profile_creation" {
  type    = bool
  default = false
}

variable "load_balancer_controller_targetgroup_arns" {
  type    = list(string)
  default = ["arn:aws:elasticloadbalancing:*:*:targetgroup/*/*"]
}

variable "amazon_managed_service_prometheus_workspace_arns" {
  type    = list(string)
  default = ["*"]
}

variable "velero_s3_bucket_arns" {
  type    = list(string)
  default = ["*"]
}

variable "vpc_cni_enable_cloudwatch_logs" {
  type    = bool
  default = false
}

variable "vpc_cni_enable_ipv4" {
  type    = bool
  default = false
}

variable "vpc_cni_enable_ipv6" {
  type    = bool
  default = false
}

variable "node_termination_handler_sqs_queue_arns" {
  type    = list(string)
  default = ["*"]
}

data "aws_partition" "current" {}
data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

locals {
  account_id          = data.aws_caller_identity.current.account_id
  partition           = data.aws_partition.current.partition
  role_name_condition = var.role_name != null ? var.role_name : "${var.role_name_prefix}*"
  karpenter_cluster   = var.karpenter_controller_cluster_name != "*" ? var.karpenter_controller_cluster_name : var.karpenter_controller_cluster_id
}

data "aws_iam_policy_document" "trust" {
  count = var.create_role ? 1 : 0

  dynamic "statement" {
    for_each = var.allow_self_assume_role ? [1] : []
    content {
      sid     = "ExplicitSelfRoleAssumption"
      actions = ["sts:AssumeRole"]
      principals {
        type        = "AWS"
        identifiers = ["*"]
      }
      condition {
        test     = "ArnLike"
        variable = "aws:PrincipalArn"
        values   = ["arn:${local.partition}:iam::${local.account_id}:role${var.role_path}${local.role_name_condition}"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.oidc_providers
    content {
      actions = ["sts:AssumeRoleWithWebIdentity"]
      principals {
        type        = "Federated"
        identifiers = [statement.value.provider_arn]
      }
      condition {
        test     = var.assume_role_condition_test
        variable = "${replace(statement.value.provider_arn, "/^(.*provider/)/", "")}:sub"
        values   = [for account in statement.value.namespace_service_accounts : "system:serviceaccount:${account}"]
      }
      condition {
        test     = var.assume_role_condition_test
        variable = "${replace(statement.value.provider_arn, "/^(.*provider/)/", "")}:aud"
        values   = ["sts.amazonaws.com"]
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
  permissions_boundary = var.role_permissions_boundary_arn
  max_session_duration = var.max_session_duration
  managed_policy_arns = concat(
    [for key, arn in var.role_policy_arns : arn],
    var.attach_cloudwatch_observability_policy ? [for name in ["CloudWatchAgentServerPolicy", "AWSXrayWriteOnlyAccess"] : "arn:${local.partition}:iam::aws:policy/${name}"] : [],
  )
}

resource "aws_iam_role_policy" "aws_gateway_controller" {
  count = var.create_role && var.attach_aws_gateway_controller_policy ? 1 : 0
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

resource "aws_iam_role_policy" "cert_manager" {
  count = var.create_role && var.attach_cert_manager_policy ? 1 : 0
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
  count = var.create_role && var.attach_cluster_autoscaler_policy ? 1 : 0
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
    ], [for cluster in try(coalescelist(var.cluster_autoscaler_cluster_ids, var.cluster_autoscaler_cluster_names), []) : {
      Effect    = "Allow"
      Action    = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
      Resource  = "*"
      Condition = { StringEquals = { "autoscaling:ResourceTag/kubernetes.io/cluster/${cluster}" = "owned" } }
  }]) })
}

resource "aws_iam_role_policy" "ebs_csi" {
  count = var.create_role && var.attach_ebs_csi_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = concat([
    {
      Effect = "Allow"
      Action = [
        "ec2:DescribeAvailabilityZones", "ec2:DescribeInstances", "ec2:DescribeInstanceTypes",
        "ec2:DescribeSnapshots", "ec2:DescribeTags", "ec2:DescribeVolumes",
        "ec2:DescribeVolumesModifications",
      ]
      Resource = "*"
    },
    {
      Effect   = "Allow"
      Action   = ["ec2:CreateSnapshot", "ec2:ModifyVolume"]
      Resource = "arn:${local.partition}:ec2:*:*:volume/*"
    },
    {
      Effect   = "Allow"
      Action   = ["ec2:AttachVolume", "ec2:DetachVolume"]
      Resource = ["arn:${local.partition}:ec2:*:*:volume/*", "arn:${local.partition}:ec2:*:*:instance/*"]
    },
    {
      Effect   = "Allow"
      Action   = ["ec2:CreateVolume", "ec2:EnableFastSnapshotRestores"]
      Resource = "arn:${local.partition}:ec2:*:*:snapshot/*"
    },
    {
      Effect   = "Allow"
      Action   = "ec2:CreateTags"
      Resource = ["arn:${local.partition}:ec2:*:*:volume/*", "arn:${local.partition}:ec2:*:*:snapshot/*"]
      Condition = {
        StringEquals = { "ec2:CreateAction" = ["CreateVolume", "CreateSnapshot"] }
      }
    },
    {
      Effect   = "Allow"
      Action   = "ec2:DeleteTags"
      Resource = ["arn:${local.partition}:ec2:*:*:volume/*", "arn:${local.partition}:ec2:*:*:snapshot/*"]
    },
    {
      Effect   = "Allow"
      Action   = "ec2:CreateVolume"
      Resource = "arn:${local.partition}:ec2:*:*:volume/*"
      Condition = {
        StringLike = { "aws:RequestTag/ebs.csi.aws.com/cluster" = "true" }
      }
    },
    {
      Effect   = "Allow"
      Action   = "ec2:CreateVolume"
      Resource = "arn:${local.partition}:ec2:*:*:volume/*"
      Condition = {
        StringLike = { "aws:RequestTag/CSIVolumeName" = "*" }
      }
    },
    {
      Effect   = "Allow"
      Action   = "ec2:DeleteVolume"
      Resource = "arn:${local.partition}:ec2:*:*:volume/*"
      Condition = {
        StringLike = { "aws:ResourceTag/ebs.csi.aws.com/cluster" = "true" }
      }
    },
    {
      Effect   = "Allow"
      Action   = "ec2:DeleteVolume"
      Resource = "arn:${local.partition}:ec2:*:*:volume/*"
      Condition = {
        StringLike = { "aws:ResourceTag/CSIVolumeName" = "*" }
      }
    },
    {
      Effect   = "Allow"
      Action   = "ec2:DeleteVolume"
      Resource = "arn:${local.partition}:ec2:*:*:volume/*"
      Condition = {
        StringLike = { "ec2:ResourceTag/kubernetes.io/created-for/pvc/name" = "*" }
      }
    },
    {
      Effect   = "Allow"
      Action   = "ec2:CreateSnapshot"
      Resource = "arn:${local.partition}:ec2:*:*:snapshot/*"
      Condition = {
        StringLike = { "aws:RequestTag/CSIVolumeSnapshotName" = "*" }
      }
    },
    {
      Effect   = "Allow"
      Action   = "ec2:CreateSnapshot"
      Resource = "arn:${local.partition}:ec2:*:*:snapshot/*"
      Condition = {
        StringLike = { "aws:RequestTag/ebs.csi.aws.com/cluster" = "true" }
      }
    },
    {
      Effect   = "Allow"
      Action   = "ec2:DeleteSnapshot"
      Resource = "arn:${local.partition}:ec2:*:*:snapshot/*"
      Condition = {
        StringLike = { "aws:ResourceTag/CSIVolumeSnapshotName" = "*" }
      }
    },
    {
      Effect   = "Allow"
      Action   = "ec2:DeleteSnapshot"
      Resource = "arn:${local.partition}:ec2:*:*:snapshot/*"
      Condition = {
        StringLike = { "aws:ResourceTag/ebs.csi.aws.com/cluster" = "true" }
      }
    },
    ], [for statement in [
      {
        Effect   = "Allow"
        Action   = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
        Resource = var.ebs_csi_kms_cmk_ids
        Condition = {
          Bool = { "kms:GrantIsForAWSResource" = "true" }
        }
      },
      {
        Effect = "Allow"
        Action = [
          "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey",
        ]
        Resource = var.ebs_csi_kms_cmk_ids
      },
  ] : statement if length(var.ebs_csi_kms_cmk_ids) > 0]) })
}

resource "aws_iam_role_policy" "efs_csi" {
  count = var.create_role && var.attach_efs_csi_policy ? 1 : 0
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
        StringLike = { "aws:RequestTag/efs.csi.aws.com/cluster" = "true" }
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

resource "aws_iam_role_policy" "mountpoint_s3_csi" {
  count = var.create_role && var.attach_mountpoint_s3_csi_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = concat([
    {
      Effect   = "Allow"
      Action   = "s3:ListBucket"
      Resource = coalescelist(var.mountpoint_s3_csi_bucket_arns, ["arn:${local.partition}:s3:::*"])
    },
    {
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:DeleteObject"]
      Resource = var.mountpoint_s3_csi_path_arns
    },
    ], [for statement in [
      {
        Effect   = "Allow"
        Action   = ["kms:GenerateDataKey", "kms:Decrypt"]
        Resource = var.mountpoint_s3_csi_kms_arns
      },
  ] : statement if length(var.mountpoint_s3_csi_kms_arns) > 0]) })
}

resource "aws_iam_role_policy" "external_dns" {
  count = var.create_role && var.attach_external_dns_policy ? 1 : 0
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
      ]
      Resource = "*"
    },
  ] })
}

resource "aws_iam_role_policy" "external_secrets" {
  count = var.create_role && var.attach_external_secrets_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = concat([
    {
      Effect   = "Allow"
      Action   = "ssm:DescribeParameters"
      Resource = "*"
    },
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
    ], [for statement in [
      {
        Effect   = "Allow"
        Action   = ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"]
        Resource = var.external_secrets_ssm_parameter_arns
      },
      ] : statement if length(var.external_secrets_ssm_parameter_arns) > 0], [for statement in [
      {
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = var.external_secrets_kms_key_arns
      },
      ] : statement if length(var.external_secrets_kms_key_arns) > 0], [for statement in [
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
  ] : statement if var.external_secrets_secrets_manager_create_permission]) })
}

resource "aws_iam_role_policy" "fsx_lustre_csi" {
  count = var.create_role && var.attach_fsx_lustre_csi_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    {
      Effect   = "Allow"
      Action   = ["iam:CreateServiceLinkedRole", "iam:AttachRolePolicy", "iam:PutRolePolicy"]
      Resource = var.fsx_lustre_csi_service_role_arns
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

resource "aws_iam_role_policy" "fsx_openzfs_csi" {
  count = var.create_role && var.attach_fsx_openzfs_csi_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    {
      Effect   = "Allow"
      Action   = ["iam:CreateServiceLinkedRole", "iam:AttachRolePolicy", "iam:PutRolePolicy"]
      Resource = var.fsx_openzfs_csi_service_role_arns
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
        "fsx:CreateFileSystem", "fsx:UpdateFileSystem", "fsx:DeleteFileSystem", "fsx:DescribeFileSystems",
        "fsx:CreateVolume", "fsx:DeleteVolume", "fsx:DescribeVolumes", "fsx:CreateSnapshot",
        "fsx:DeleteSnapshot", "fsx:DescribeSnapshots", "fsx:TagResource", "fsx:ListTagsForResource",
      ]
      Resource = "*"
    },
  ] })
}

resource "aws_iam_role_policy" "karpenter_controller" {
  count = var.create_role && var.attach_karpenter_controller_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = concat([
    {
      Effect = "Allow"
      Action = [
        "ec2:CreateFleet", "ec2:CreateLaunchTemplate", "ec2:CreateTags", "ec2:Describe*",
        "pricing:GetProducts",
      ]
      Resource = "*"
    },
    {
      Effect   = "Allow"
      Action   = ["ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"]
      Resource = "*"
      Condition = {
        StringEquals = { "ec2:ResourceTag/${var.karpenter_tag_key}" = local.karpenter_cluster }
      }
    },
    {
      Effect   = "Allow"
      Action   = "ec2:RunInstances"
      Resource = "arn:${local.partition}:ec2:*:${local.account_id}:launch-template/*"
      Condition = {
        StringEquals = { "ec2:ResourceTag/${var.karpenter_tag_key}" = local.karpenter_cluster }
      }
    },
    {
      Effect = "Allow"
      Action = "ec2:RunInstances"
      Resource = [
        "arn:${local.partition}:ec2:*::image/*", "arn:${local.partition}:ec2:*:${local.account_id}:instance/*", "arn:${local.partition}:ec2:*:${local.account_id}:spot-instances-request/*",
        "arn:${local.partition}:ec2:*:${local.account_id}:security-group/*", "arn:${local.partition}:ec2:*:${local.account_id}:volume/*", "arn:${local.partition}:ec2:*:${local.account_id}:network-interface/*",
        "arn:${local.partition}:ec2:*:${coalesce(var.karpenter_subnet_account_id, local.account_id)}:subnet/*",
      ]
    },
    {
      Effect   = "Allow"
      Action   = "ssm:GetParameter"
      Resource = var.karpenter_controller_ssm_parameter_arns
    },
    {
      Effect   = "Allow"
      Action   = "iam:PassRole"
      Resource = var.karpenter_controller_node_iam_role_arns
    },
    {
      Effect   = "Allow"
      Action   = "eks:DescribeCluster"
      Resource = "arn:${local.partition}:eks:${data.aws_region.current.name}:${local.account_id}:cluster/${local.karpenter_cluster}"
    },
    ], [for statement in [
      {
        Effect = "Allow"
        Action = [
          "iam:AddRoleToInstanceProfile", "iam:CreateInstanceProfile", "iam:DeleteInstanceProfile",
          "iam:GetInstanceProfile", "iam:RemoveRoleFromInstanceProfile", "iam:TagInstanceProfile",
        ]
        Resource = "*"
      },
      ] : statement if var.enable_karpenter_instance_profile_creation], [for statement in [
      {
        Effect = "Allow"
        Action = [
          "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage",
        ]
        Resource = var.karpenter_sqs_queue_arn
      },
  ] : statement if var.karpenter_sqs_queue_arn != null]) })
}

resource "aws_iam_role_policy" "load_balancer_controller" {
  count = var.create_role && var.attach_load_balancer_controller_policy ? 1 : 0
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

resource "aws_iam_role_policy" "load_balancer_controller_targetgroup_only" {
  count = var.create_role && var.attach_load_balancer_controller_targetgroup_binding_only_policy ? 1 : 0
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
      Resource = var.load_balancer_controller_targetgroup_arns
    },
  ] })
}

resource "aws_iam_role_policy" "appmesh_controller" {
  count = var.create_role && var.attach_appmesh_controller_policy ? 1 : 0
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
  count = var.create_role && var.attach_appmesh_envoy_proxy_policy ? 1 : 0
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

resource "aws_iam_role_policy" "amazon_managed_service_prometheus" {
  count = var.create_role && var.attach_amazon_managed_service_prometheus_policy ? 1 : 0
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

resource "aws_iam_role_policy" "node_termination_handler" {
  count = var.create_role && var.attach_node_termination_handler_policy ? 1 : 0
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
      Resource = var.node_termination_handler_sqs_queue_arns
    },
  ] })
}

resource "aws_iam_role_policy" "velero" {
  count = var.create_role && var.attach_velero_policy ? 1 : 0
  role  = aws_iam_role.this[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
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
      Resource = [for arn in var.velero_s3_bucket_arns : "${arn}/*"]
    },
    {
      Effect   = "Allow"
      Action   = "s3:ListBucket"
      Resource = var.velero_s3_bucket_arns
    },
  ] })
}

resource "aws_iam_role_policy" "vpc_cni" {
  count = var.create_role && var.attach_vpc_cni_policy ? 1 : 0
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
      ] : statement if var.vpc_cni_enable_ipv4], [for statement in [
      {
        Effect = "Allow"
        Action = [
          "ec2:AssignIpv6Addresses", "ec2:DescribeInstances", "ec2:DescribeTags",
          "ec2:DescribeNetworkInterfaces", "ec2:DescribeInstanceTypes",
        ]
        Resource = "*"
      },
      ] : statement if var.vpc_cni_enable_ipv6], [for statement in [
      {
        Effect = "Allow"
        Action = [
          "logs:DescribeLogGroups", "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents",
        ]
        Resource = "*"
      },
  ] : statement if var.vpc_cni_enable_cloudwatch_logs]) })
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
