# aws-ia/eks-blueprints-addons/aws, versions 1.0.0 up to 2.0.0.
# Checked against aws-ia/terraform-aws-eks-blueprints-addons, tags v1.0.0, v1.16.4 and v1.24.3.
# Only the add-ons that get a role are here. The charts themselves, whose pods use these service accounts, are not
# modelled. Actions that only list or describe are patterns.

variable "cluster_name" {
  type = string
}

variable "oidc_provider_arn" {
  type = string
}

variable "create_kubernetes_resources" {
  type    = bool
  default = true
}

variable "eks_addons" {
  type    = any
  default = {}
}

variable "aws_for_fluentbit_cw_log_group" {
  type    = any
  default = {}
}

variable "aws_node_termination_handler_sqs" {
  type    = any
  default = {}
}

variable "aws_node_termination_handler_asg_arns" {
  type    = list(string)
  default = []
}

variable "cert_manager_route53_hosted_zone_arns" {
  type    = list(string)
  default = ["arn:aws:route53:::hostedzone/*"]
}

variable "external_dns_route53_zone_arns" {
  type    = list(string)
  default = []
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

variable "karpenter_enable_spot_termination" {
  type    = bool
  default = true
}

variable "karpenter_enable_instance_profile_creation" {
  type    = bool
  default = true
}

variable "karpenter_sqs" {
  type    = any
  default = {}
}

variable "karpenter_node" {
  type    = any
  default = {}
}

variable "enable_aws_cloudwatch_metrics" {
  type    = bool
  default = false
}

variable "aws_cloudwatch_metrics" {
  type    = any
  default = {}
}

variable "enable_aws_efs_csi_driver" {
  type    = bool
  default = false
}

variable "aws_efs_csi_driver" {
  type    = any
  default = {}
}

variable "enable_aws_for_fluentbit" {
  type    = bool
  default = false
}

variable "aws_for_fluentbit" {
  type    = any
  default = {}
}

variable "enable_aws_fsx_csi_driver" {
  type    = bool
  default = false
}

variable "aws_fsx_csi_driver" {
  type    = any
  default = {}
}

variable "enable_aws_load_balancer_controller" {
  type    = bool
  default = false
}

variable "aws_load_balancer_controller" {
  type    = any
  default = {}
}

variable "enable_aws_node_termination_handler" {
  type    = bool
  default = false
}

variable "aws_node_termination_handler" {
  type    = any
  default = {}
}

variable "enable_aws_privateca_issuer" {
  type    = bool
  default = false
}

variable "aws_privateca_issuer" {
  type    = any
  default = {}
}

variable "enable_cert_manager" {
  type    = bool
  default = false
}

variable "cert_manager" {
  type    = any
  default = {}
}

variable "enable_cluster_autoscaler" {
  type    = bool
  default = false
}

variable "cluster_autoscaler" {
  type    = any
  default = {}
}

variable "enable_external_dns" {
  type    = bool
  default = false
}

variable "external_dns" {
  type    = any
  default = {}
}

variable "enable_external_secrets" {
  type    = bool
  default = false
}

variable "external_secrets" {
  type    = any
  default = {}
}

variable "enable_karpenter" {
  type    = bool
  default = false
}

variable "karpenter" {
  type    = any
  default = {}
}

variable "enable_velero" {
  type    = bool
  default = false
}

variable "velero" {
  type    = any
  default = {}
}

variable "enable_aws_gateway_api_controller" {
  type    = bool
  default = false
}

variable "aws_gateway_api_controller" {
  type    = any
  default = {}
}

data "aws_partition" "current" {}
data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.name

  efs_arns              = lookup(var.aws_efs_csi_driver, "efs_arns", ["arn:${local.partition}:elasticfilesystem:${local.region}:${local.account_id}:file-system/*"])
  efs_access_point_arns = lookup(var.aws_efs_csi_driver, "efs_access_point_arns", ["arn:${local.partition}:elasticfilesystem:${local.region}:${local.account_id}:access-point/*"])
}

resource "aws_eks_addon" "this" {
  for_each                 = var.eks_addons
  cluster_name             = var.cluster_name
  addon_name               = lookup(each.value, "name", each.key)
  service_account_role_arn = lookup(each.value, "service_account_role_arn", null)
}

module "aws_cloudwatch_metrics" {
  source  = "aws-ia/eks-blueprints-addon/aws"
  version = "1.1.1"

  create                        = var.enable_aws_cloudwatch_metrics
  create_release                = var.create_kubernetes_resources
  name                          = lookup(var.aws_cloudwatch_metrics, "name", "aws-cloudwatch-metrics")
  namespace                     = lookup(var.aws_cloudwatch_metrics, "namespace", "amazon-cloudwatch")
  chart                         = lookup(var.aws_cloudwatch_metrics, "chart", "aws-cloudwatch-metrics")
  values                        = lookup(var.aws_cloudwatch_metrics, "values", [])
  set                           = lookup(var.aws_cloudwatch_metrics, "set", [])
  set_irsa_names                = ["serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn"]
  create_role                   = lookup(var.aws_cloudwatch_metrics, "create_role", true)
  role_name                     = lookup(var.aws_cloudwatch_metrics, "role_name", "aws-cloudwatch-metrics")
  role_name_use_prefix          = lookup(var.aws_cloudwatch_metrics, "role_name_use_prefix", true)
  role_path                     = lookup(var.aws_cloudwatch_metrics, "role_path", "/")
  role_permissions_boundary_arn = lookup(var.aws_cloudwatch_metrics, "role_permissions_boundary_arn", null)
  role_policies                 = merge(lookup(var.aws_cloudwatch_metrics, "role_policies", {}), { CloudWatchAgentServerPolicy = "arn:${local.partition}:iam::aws:policy/CloudWatchAgentServerPolicy" })
  create_policy                 = lookup(var.aws_cloudwatch_metrics, "create_policy", false)
  policy_statements             = lookup(var.aws_cloudwatch_metrics, "policy_statements", [])
  override_policy_documents     = lookup(var.aws_cloudwatch_metrics, "override_policy_documents", [])
  source_policy_documents       = concat(lookup(var.aws_cloudwatch_metrics, "source_policy_documents", []), [])
  trust_policy_statements       = lookup(var.aws_cloudwatch_metrics, "trust_policy_statements", null)
  oidc_providers = {
    this = {
      provider_arn    = var.oidc_provider_arn
      service_account = lookup(var.aws_cloudwatch_metrics, "service_account_name", "aws-cloudwatch-metrics")
    }
  }
}

output "aws_cloudwatch_metrics" {
  value = module.aws_cloudwatch_metrics
}

data "aws_iam_policy_document" "aws_efs_csi_driver" {
  statement {
    actions   = ["ec2:DescribeAvailabilityZones"]
    resources = ["*"]
  }
  statement {
    actions   = ["elasticfilesystem:Describe*"]
    resources = concat(local.efs_arns, local.efs_access_point_arns)
  }
  statement {
    actions   = ["elasticfilesystem:CreateAccessPoint", "elasticfilesystem:TagResource"]
    resources = local.efs_arns
    condition {
      test     = "StringLike"
      variable = "aws:RequestTag/efs.csi.aws.com/cluster"
      values   = ["true"]
    }
  }
  statement {
    actions   = ["elasticfilesystem:DeleteAccessPoint"]
    resources = local.efs_access_point_arns
    condition {
      test     = "StringLike"
      variable = "aws:ResourceTag/efs.csi.aws.com/cluster"
      values   = ["true"]
    }
  }
  statement {
    actions = [
      "elasticfilesystem:ClientRootAccess", "elasticfilesystem:ClientWrite",
      "elasticfilesystem:ClientMount",
    ]
    resources = local.efs_arns
    condition {
      test     = "Bool"
      variable = "elasticfilesystem:AccessedViaMountTarget"
      values   = ["true"]
    }
  }
}

module "aws_efs_csi_driver" {
  source  = "aws-ia/eks-blueprints-addon/aws"
  version = "1.1.1"

  create                        = var.enable_aws_efs_csi_driver
  create_release                = var.create_kubernetes_resources
  name                          = lookup(var.aws_efs_csi_driver, "name", "aws-efs-csi-driver")
  namespace                     = lookup(var.aws_efs_csi_driver, "namespace", "kube-system")
  chart                         = lookup(var.aws_efs_csi_driver, "chart", "aws-efs-csi-driver")
  values                        = lookup(var.aws_efs_csi_driver, "values", [])
  set                           = lookup(var.aws_efs_csi_driver, "set", [])
  set_irsa_names                = ["controller.serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn", "node.serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn"]
  create_role                   = lookup(var.aws_efs_csi_driver, "create_role", true)
  role_name                     = lookup(var.aws_efs_csi_driver, "role_name", "aws-efs-csi-driver")
  role_name_use_prefix          = lookup(var.aws_efs_csi_driver, "role_name_use_prefix", true)
  role_path                     = lookup(var.aws_efs_csi_driver, "role_path", "/")
  role_permissions_boundary_arn = lookup(var.aws_efs_csi_driver, "role_permissions_boundary_arn", null)
  role_policies                 = lookup(var.aws_efs_csi_driver, "role_policies", {})
  policy_statements             = lookup(var.aws_efs_csi_driver, "policy_statements", [])
  override_policy_documents     = lookup(var.aws_efs_csi_driver, "override_policy_documents", [])
  source_policy_documents       = concat(lookup(var.aws_efs_csi_driver, "source_policy_documents", []), [data.aws_iam_policy_document.aws_efs_csi_driver.json])
  trust_policy_statements       = lookup(var.aws_efs_csi_driver, "trust_policy_statements", null)
  oidc_providers = {
    controller = {
      provider_arn    = var.oidc_provider_arn
      service_account = lookup(var.aws_efs_csi_driver, "controller_service_account_name", "efs-csi-controller-sa")
    }
    node = {
      provider_arn    = var.oidc_provider_arn
      service_account = lookup(var.aws_efs_csi_driver, "node_service_account_name", "efs-csi-node-sa")
    }
  }
}

output "aws_efs_csi_driver" {
  value = module.aws_efs_csi_driver
}

data "aws_iam_policy_document" "aws_for_fluentbit" {
  dynamic "statement" {
    for_each = lookup(var.aws_for_fluentbit_cw_log_group, "create", true) ? [1] : []
    content {
      actions   = ["logs:PutLogEvents"]
      resources = ["arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:${lookup(var.aws_for_fluentbit_cw_log_group, "name", "*")}:log-stream:*"]
    }
  }
  dynamic "statement" {
    for_each = lookup(var.aws_for_fluentbit_cw_log_group, "create", true) ? [1] : []
    content {
      actions = [
        "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams",
        "logs:PutRetentionPolicy",
      ]
      resources = ["arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:${lookup(var.aws_for_fluentbit_cw_log_group, "name", "*")}:*"]
    }
  }
  dynamic "statement" {
    for_each = length(lookup(var.aws_for_fluentbit, "s3_bucket_arns", [])) > 0 ? [1] : []
    content {
      actions = [
        "s3:ListBucket", "s3:PutObject", "s3:PutObjectAcl", "s3:GetObject", "s3:GetObjectAcl",
        "s3:DeleteObject", "s3:DeleteObjectVersion",
      ]
      resources = [lookup(var.aws_for_fluentbit, "s3_bucket_arns", [])]
    }
  }
}

module "aws_for_fluentbit" {
  source  = "aws-ia/eks-blueprints-addon/aws"
  version = "1.1.1"

  create                        = var.enable_aws_for_fluentbit
  create_release                = var.create_kubernetes_resources
  name                          = lookup(var.aws_for_fluentbit, "name", "aws-for-fluent-bit")
  namespace                     = lookup(var.aws_for_fluentbit, "namespace", "kube-system")
  chart                         = lookup(var.aws_for_fluentbit, "chart", "aws-for-fluent-bit")
  values                        = lookup(var.aws_for_fluentbit, "values", [])
  set                           = lookup(var.aws_for_fluentbit, "set", [])
  set_irsa_names                = ["serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn"]
  create_role                   = lookup(var.aws_for_fluentbit, "create_role", true)
  role_name                     = lookup(var.aws_for_fluentbit, "role_name", "aws-for-fluent-bit")
  role_name_use_prefix          = lookup(var.aws_for_fluentbit, "role_name_use_prefix", true)
  role_path                     = lookup(var.aws_for_fluentbit, "role_path", "/")
  role_permissions_boundary_arn = lookup(var.aws_for_fluentbit, "role_permissions_boundary_arn", null)
  role_policies                 = lookup(var.aws_for_fluentbit, "role_policies", {})
  policy_statements             = lookup(var.aws_for_fluentbit, "policy_statements", [])
  override_policy_documents     = lookup(var.aws_for_fluentbit, "override_policy_documents", [])
  source_policy_documents       = concat(lookup(var.aws_for_fluentbit, "source_policy_documents", []), [data.aws_iam_policy_document.aws_for_fluentbit.json])
  trust_policy_statements       = lookup(var.aws_for_fluentbit, "trust_policy_statements", null)
  oidc_providers = {
    this = {
      provider_arn    = var.oidc_provider_arn
      service_account = lookup(var.aws_for_fluentbit, "service_account_name", "aws-for-fluent-bit-sa")
    }
  }
}

output "aws_for_fluentbit" {
  value = module.aws_for_fluentbit
}

data "aws_iam_policy_document" "aws_fsx_csi_driver" {
  statement {
    actions   = ["iam:CreateServiceLinkedRole", "iam:AttachRolePolicy", "iam:PutRolePolicy"]
    resources = ["arn:${local.partition}:iam::*:role/aws-service-role/s3.data-source.lustre.fsx.amazonaws.com/*"]
  }
  statement {
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["arn:${local.partition}:iam::${local.account_id}:role/*"]
    condition {
      test     = "StringLike"
      variable = "iam:AWSServiceName"
      values   = ["fsx.amazonaws.com"]
    }
  }
  statement {
    actions   = ["s3:ListBucket"]
    resources = ["arn:${local.partition}:s3:::*"]
  }
  statement {
    actions   = ["fsx:CreateFileSystem", "fsx:DeleteFileSystem", "fsx:UpdateFileSystem"]
    resources = ["arn:${local.partition}:fsx:${local.region}:${local.account_id}:file-system/*"]
  }
  statement {
    actions   = ["fsx:DescribeFileSystems", "fsx:TagResource"]
    resources = ["arn:${local.partition}:fsx:${local.region}:${local.account_id}:*"]
  }
}

module "aws_fsx_csi_driver" {
  source  = "aws-ia/eks-blueprints-addon/aws"
  version = "1.1.1"

  create                        = var.enable_aws_fsx_csi_driver
  create_release                = var.create_kubernetes_resources
  name                          = lookup(var.aws_fsx_csi_driver, "name", "aws-fsx-csi-driver")
  namespace                     = lookup(var.aws_fsx_csi_driver, "namespace", "kube-system")
  chart                         = lookup(var.aws_fsx_csi_driver, "chart", "aws-fsx-csi-driver")
  values                        = lookup(var.aws_fsx_csi_driver, "values", [])
  set                           = lookup(var.aws_fsx_csi_driver, "set", [])
  set_irsa_names                = ["controller.serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn", "node.serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn"]
  create_role                   = lookup(var.aws_fsx_csi_driver, "create_role", true)
  role_name                     = lookup(var.aws_fsx_csi_driver, "role_name", "aws-fsx-csi-driver")
  role_name_use_prefix          = lookup(var.aws_fsx_csi_driver, "role_name_use_prefix", true)
  role_path                     = lookup(var.aws_fsx_csi_driver, "role_path", "/")
  role_permissions_boundary_arn = lookup(var.aws_fsx_csi_driver, "role_permissions_boundary_arn", null)
  role_policies                 = lookup(var.aws_fsx_csi_driver, "role_policies", {})
  policy_statements             = lookup(var.aws_fsx_csi_driver, "policy_statements", [])
  override_policy_documents     = lookup(var.aws_fsx_csi_driver, "override_policy_documents", [])
  source_policy_documents       = concat(lookup(var.aws_fsx_csi_driver, "source_policy_documents", []), [data.aws_iam_policy_document.aws_fsx_csi_driver.json])
  trust_policy_statements       = lookup(var.aws_fsx_csi_driver, "trust_policy_statements", null)
  oidc_providers = {
    controller = {
      provider_arn    = var.oidc_provider_arn
      service_account = lookup(var.aws_fsx_csi_driver, "controller_service_account_name", "aws-fsx-csi-controller-sa")
    }
    node = {
      provider_arn    = var.oidc_provider_arn
      service_account = lookup(var.aws_fsx_csi_driver, "node_service_account_name", "aws-fsx-csi-node-sa")
    }
  }
}

output "aws_fsx_csi_driver" {
  value = module.aws_fsx_csi_driver
}

data "aws_iam_policy_document" "aws_load_balancer_controller" {
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

module "aws_load_balancer_controller" {
  source  = "aws-ia/eks-blueprints-addon/aws"
  version = "1.1.1"

  create                        = var.enable_aws_load_balancer_controller
  create_release                = var.create_kubernetes_resources
  name                          = lookup(var.aws_load_balancer_controller, "name", "aws-load-balancer-controller")
  namespace                     = lookup(var.aws_load_balancer_controller, "namespace", "kube-system")
  chart                         = lookup(var.aws_load_balancer_controller, "chart", "aws-load-balancer-controller")
  values                        = lookup(var.aws_load_balancer_controller, "values", [])
  set                           = lookup(var.aws_load_balancer_controller, "set", [])
  set_irsa_names                = ["serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn"]
  create_role                   = lookup(var.aws_load_balancer_controller, "create_role", true)
  role_name                     = lookup(var.aws_load_balancer_controller, "role_name", "aws-load-balancer-controller")
  role_name_use_prefix          = lookup(var.aws_load_balancer_controller, "role_name_use_prefix", true)
  role_path                     = lookup(var.aws_load_balancer_controller, "role_path", "/")
  role_permissions_boundary_arn = lookup(var.aws_load_balancer_controller, "role_permissions_boundary_arn", null)
  role_policies                 = lookup(var.aws_load_balancer_controller, "role_policies", {})
  policy_statements             = lookup(var.aws_load_balancer_controller, "policy_statements", [])
  override_policy_documents     = lookup(var.aws_load_balancer_controller, "override_policy_documents", [])
  source_policy_documents       = concat(lookup(var.aws_load_balancer_controller, "source_policy_documents", []), [data.aws_iam_policy_document.aws_load_balancer_controller.json])
  trust_policy_statements       = lookup(var.aws_load_balancer_controller, "trust_policy_statements", null)
  oidc_providers = {
    this = {
      provider_arn    = var.oidc_provider_arn
      service_account = lookup(var.aws_load_balancer_controller, "service_account_name", "aws-load-balancer-controller-sa")
    }
  }
}

output "aws_load_balancer_controller" {
  value = module.aws_load_balancer_controller
}

data "aws_iam_policy_document" "aws_node_termination_handler" {
  statement {
    actions = [
      "autoscaling:DescribeAutoScalingInstances", "autoscaling:DescribeTags", "ec2:DescribeInstances",
    ]
    resources = ["*"]
  }
  statement {
    actions   = ["autoscaling:CompleteLifecycleAction"]
    resources = var.aws_node_termination_handler_asg_arns
  }
  statement {
    actions   = ["sqs:DeleteMessage", "sqs:ReceiveMessage"]
    resources = ["arn:${local.partition}:sqs:${local.region}:${local.account_id}:${lookup(var.aws_node_termination_handler_sqs, "queue_name", "aws-nth-${var.cluster_name}")}"]
  }
}

module "aws_node_termination_handler" {
  source  = "aws-ia/eks-blueprints-addon/aws"
  version = "1.1.1"

  create                        = var.enable_aws_node_termination_handler
  create_release                = var.create_kubernetes_resources
  name                          = lookup(var.aws_node_termination_handler, "name", "aws-node-termination-handler")
  namespace                     = lookup(var.aws_node_termination_handler, "namespace", "aws-node-termination-handler")
  chart                         = lookup(var.aws_node_termination_handler, "chart", "aws-node-termination-handler")
  values                        = lookup(var.aws_node_termination_handler, "values", [])
  set                           = lookup(var.aws_node_termination_handler, "set", [])
  set_irsa_names                = ["serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn"]
  create_role                   = lookup(var.aws_node_termination_handler, "create_role", true)
  role_name                     = lookup(var.aws_node_termination_handler, "role_name", "aws-node-termination-handler")
  role_name_use_prefix          = lookup(var.aws_node_termination_handler, "role_name_use_prefix", true)
  role_path                     = lookup(var.aws_node_termination_handler, "role_path", "/")
  role_permissions_boundary_arn = lookup(var.aws_node_termination_handler, "role_permissions_boundary_arn", null)
  role_policies                 = lookup(var.aws_node_termination_handler, "role_policies", {})
  policy_statements             = lookup(var.aws_node_termination_handler, "policy_statements", [])
  override_policy_documents     = lookup(var.aws_node_termination_handler, "override_policy_documents", [])
  source_policy_documents       = concat(lookup(var.aws_node_termination_handler, "source_policy_documents", []), [data.aws_iam_policy_document.aws_node_termination_handler.json])
  trust_policy_statements       = lookup(var.aws_node_termination_handler, "trust_policy_statements", null)
  oidc_providers = {
    this = {
      provider_arn    = var.oidc_provider_arn
      service_account = lookup(var.aws_node_termination_handler, "service_account_name", "aws-node-termination-handler-sa")
    }
  }
}

output "aws_node_termination_handler" {
  value = module.aws_node_termination_handler
}

data "aws_iam_policy_document" "aws_privateca_issuer" {
  statement {
    actions = [
      "acm-pca:DescribeCertificateAuthority", "acm-pca:GetCertificate", "acm-pca:IssueCertificate",
    ]
    resources = [lookup(var.aws_privateca_issuer, "acmca_arn", "arn:${local.partition}:acm-pca:${local.region}:${local.account_id}:certificate-authority/*")]
  }
}

module "aws_privateca_issuer" {
  source  = "aws-ia/eks-blueprints-addon/aws"
  version = "1.1.1"

  create                        = var.enable_aws_privateca_issuer
  create_release                = var.create_kubernetes_resources
  name                          = lookup(var.aws_privateca_issuer, "name", "aws-privateca-issuer")
  namespace                     = lookup(var.aws_privateca_issuer, "namespace", lookup(var.cert_manager, "namespace", "cert-manager"))
  chart                         = lookup(var.aws_privateca_issuer, "chart", "aws-privateca-issuer")
  values                        = lookup(var.aws_privateca_issuer, "values", [])
  set                           = lookup(var.aws_privateca_issuer, "set", [])
  set_irsa_names                = ["serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn"]
  create_role                   = lookup(var.aws_privateca_issuer, "create_role", true)
  role_name                     = lookup(var.aws_privateca_issuer, "role_name", "aws-privateca-issuer")
  role_name_use_prefix          = lookup(var.aws_privateca_issuer, "role_name_use_prefix", true)
  role_path                     = lookup(var.aws_privateca_issuer, "role_path", "/")
  role_permissions_boundary_arn = lookup(var.aws_privateca_issuer, "role_permissions_boundary_arn", null)
  role_policies                 = lookup(var.aws_privateca_issuer, "role_policies", {})
  policy_statements             = lookup(var.aws_privateca_issuer, "policy_statements", [])
  override_policy_documents     = lookup(var.aws_privateca_issuer, "override_policy_documents", [])
  source_policy_documents       = concat(lookup(var.aws_privateca_issuer, "source_policy_documents", []), [data.aws_iam_policy_document.aws_privateca_issuer.json])
  trust_policy_statements       = lookup(var.aws_privateca_issuer, "trust_policy_statements", null)
  oidc_providers = {
    controller = {
      provider_arn    = var.oidc_provider_arn
      service_account = lookup(var.aws_privateca_issuer, "service_account_name", "aws-privateca-issuer-sa")
    }
  }
}

output "aws_privateca_issuer" {
  value = module.aws_privateca_issuer
}

data "aws_iam_policy_document" "cert_manager" {
  statement {
    actions   = ["route53:GetChange"]
    resources = ["arn:${local.partition}:route53:::change/*"]
  }
  statement {
    actions   = ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"]
    resources = var.cert_manager_route53_hosted_zone_arns
  }
  statement {
    actions   = ["route53:ListHostedZonesByName"]
    resources = ["*"]
  }
}

module "cert_manager" {
  source  = "aws-ia/eks-blueprints-addon/aws"
  version = "1.1.1"

  create                        = var.enable_cert_manager
  create_release                = var.create_kubernetes_resources
  name                          = lookup(var.cert_manager, "name", "cert-manager")
  namespace                     = lookup(var.cert_manager, "namespace", "cert-manager")
  chart                         = lookup(var.cert_manager, "chart", "cert-manager")
  values                        = lookup(var.cert_manager, "values", [])
  set                           = lookup(var.cert_manager, "set", [])
  set_irsa_names                = ["serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn"]
  create_role                   = length(var.cert_manager_route53_hosted_zone_arns) > 0 && lookup(var.cert_manager, "create_role", true)
  role_name                     = lookup(var.cert_manager, "role_name", "cert-manager")
  role_name_use_prefix          = lookup(var.cert_manager, "role_name_use_prefix", true)
  role_path                     = lookup(var.cert_manager, "role_path", "/")
  role_permissions_boundary_arn = lookup(var.cert_manager, "role_permissions_boundary_arn", null)
  role_policies                 = lookup(var.cert_manager, "role_policies", {})
  allow_self_assume_role        = lookup(var.cert_manager, "allow_self_assume_role", true)
  policy_statements             = lookup(var.cert_manager, "policy_statements", [])
  override_policy_documents     = lookup(var.cert_manager, "override_policy_documents", [])
  source_policy_documents       = concat(lookup(var.cert_manager, "source_policy_documents", []), [data.aws_iam_policy_document.cert_manager.json])
  trust_policy_statements       = lookup(var.cert_manager, "trust_policy_statements", null)
  oidc_providers = {
    this = {
      provider_arn    = var.oidc_provider_arn
      service_account = lookup(var.cert_manager, "service_account_name", "cert-manager")
    }
  }
}

output "cert_manager" {
  value = module.cert_manager
}

data "aws_iam_policy_document" "cluster_autoscaler" {
  statement {
    actions = [
      "autoscaling:Describe*", "ec2:DescribeLaunchTemplateVersions", "ec2:DescribeInstanceTypes",
      "ec2:DescribeImages", "ec2:GetInstanceTypesFromInstanceRequirements", "eks:DescribeNodegroup",
    ]
    resources = ["*"]
  }
  statement {
    actions = [
      "autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup",
      "autoscaling:UpdateAutoScalingGroup",
    ]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "autoscaling:ResourceTag/kubernetes.io/cluster/${var.cluster_name}"
      values   = ["owned"]
    }
  }
}

module "cluster_autoscaler" {
  source  = "aws-ia/eks-blueprints-addon/aws"
  version = "1.1.1"

  create                        = var.enable_cluster_autoscaler
  create_release                = var.create_kubernetes_resources
  name                          = lookup(var.cluster_autoscaler, "name", "cluster-autoscaler")
  namespace                     = lookup(var.cluster_autoscaler, "namespace", "kube-system")
  chart                         = lookup(var.cluster_autoscaler, "chart", "cluster-autoscaler")
  values                        = lookup(var.cluster_autoscaler, "values", [])
  set                           = lookup(var.cluster_autoscaler, "set", [])
  set_irsa_names                = ["rbac.serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn"]
  create_role                   = lookup(var.cluster_autoscaler, "create_role", true)
  role_name                     = lookup(var.cluster_autoscaler, "role_name", "cluster-autoscaler")
  role_name_use_prefix          = lookup(var.cluster_autoscaler, "role_name_use_prefix", true)
  role_path                     = lookup(var.cluster_autoscaler, "role_path", "/")
  role_permissions_boundary_arn = lookup(var.cluster_autoscaler, "role_permissions_boundary_arn", null)
  role_policies                 = lookup(var.cluster_autoscaler, "role_policies", {})
  policy_statements             = lookup(var.cluster_autoscaler, "policy_statements", [])
  override_policy_documents     = lookup(var.cluster_autoscaler, "override_policy_documents", [])
  source_policy_documents       = concat(lookup(var.cluster_autoscaler, "source_policy_documents", []), [data.aws_iam_policy_document.cluster_autoscaler.json])
  trust_policy_statements       = lookup(var.cluster_autoscaler, "trust_policy_statements", null)
  oidc_providers = {
    this = {
      provider_arn    = var.oidc_provider_arn
      service_account = lookup(var.cluster_autoscaler, "service_account_name", "cluster-autoscaler-sa")
    }
  }
}

output "cluster_autoscaler" {
  value = module.cluster_autoscaler
}

data "aws_iam_policy_document" "external_dns" {
  statement {
    actions   = ["route53:ChangeResourceRecordSets", "route53:ListTagsForResource"]
    resources = var.external_dns_route53_zone_arns
  }
  statement {
    actions   = ["route53:ListHostedZones", "route53:ListResourceRecordSets"]
    resources = ["*"]
  }
}

module "external_dns" {
  source  = "aws-ia/eks-blueprints-addon/aws"
  version = "1.1.1"

  create                        = var.enable_external_dns
  create_release                = var.create_kubernetes_resources
  name                          = lookup(var.external_dns, "name", "external-dns")
  namespace                     = lookup(var.external_dns, "namespace", "external-dns")
  chart                         = lookup(var.external_dns, "chart", "external-dns")
  values                        = lookup(var.external_dns, "values", [])
  set                           = lookup(var.external_dns, "set", [])
  set_irsa_names                = ["serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn"]
  create_role                   = lookup(var.external_dns, "create_role", true) && length(var.external_dns_route53_zone_arns) > 0
  role_name                     = lookup(var.external_dns, "role_name", "external-dns")
  role_name_use_prefix          = lookup(var.external_dns, "role_name_use_prefix", true)
  role_path                     = lookup(var.external_dns, "role_path", "/")
  role_permissions_boundary_arn = lookup(var.external_dns, "role_permissions_boundary_arn", null)
  role_policies                 = lookup(var.external_dns, "role_policies", {})
  policy_statements             = lookup(var.external_dns, "policy_statements", [])
  override_policy_documents     = lookup(var.external_dns, "override_policy_documents", [])
  source_policy_documents       = concat(lookup(var.external_dns, "source_policy_documents", []), [data.aws_iam_policy_document.external_dns.json])
  trust_policy_statements       = lookup(var.external_dns, "trust_policy_statements", null)
  oidc_providers = {
    this = {
      provider_arn    = var.oidc_provider_arn
      service_account = lookup(var.external_dns, "service_account_name", "external-dns-sa")
    }
  }
}

output "external_dns" {
  value = module.external_dns
}

data "aws_iam_policy_document" "external_secrets" {
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
      actions   = ["ssm:GetParameter", "ssm:GetParameters"]
      resources = var.external_secrets_ssm_parameter_arns
    }
  }
  dynamic "statement" {
    for_each = length(var.external_secrets_secrets_manager_arns) > 0 ? [1] : []
    content {
      actions   = ["secretsmanager:ListSecrets"]
      resources = ["*"]
    }
  }
  dynamic "statement" {
    for_each = length(var.external_secrets_secrets_manager_arns) > 0 ? [1] : []
    content {
      actions = [
        "secretsmanager:GetResourcePolicy", "secretsmanager:GetSecretValue",
        "secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds",
        "secretsmanager:BatchGetSecretValue",
      ]
      resources = var.external_secrets_secrets_manager_arns
    }
  }
  dynamic "statement" {
    for_each = length(var.external_secrets_kms_key_arns) > 0 ? [1] : []
    content {
      actions   = ["kms:Decrypt"]
      resources = var.external_secrets_kms_key_arns
    }
  }
}

module "external_secrets" {
  source  = "aws-ia/eks-blueprints-addon/aws"
  version = "1.1.1"

  create                        = var.enable_external_secrets
  create_release                = var.create_kubernetes_resources
  name                          = lookup(var.external_secrets, "name", "external-secrets")
  namespace                     = lookup(var.external_secrets, "namespace", "external-secrets")
  chart                         = lookup(var.external_secrets, "chart", "external-secrets")
  values                        = lookup(var.external_secrets, "values", [])
  set                           = lookup(var.external_secrets, "set", [])
  set_irsa_names                = ["serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn"]
  create_role                   = lookup(var.external_secrets, "create_role", true)
  role_name                     = lookup(var.external_secrets, "role_name", "external-secrets")
  role_name_use_prefix          = lookup(var.external_secrets, "role_name_use_prefix", true)
  role_path                     = lookup(var.external_secrets, "role_path", "/")
  role_permissions_boundary_arn = lookup(var.external_secrets, "role_permissions_boundary_arn", null)
  role_policies                 = lookup(var.external_secrets, "role_policies", {})
  policy_statements             = lookup(var.external_secrets, "policy_statements", [])
  override_policy_documents     = lookup(var.external_secrets, "override_policy_documents", [])
  source_policy_documents       = concat(lookup(var.external_secrets, "source_policy_documents", []), [data.aws_iam_policy_document.external_secrets.json])
  trust_policy_statements       = lookup(var.external_secrets, "trust_policy_statements", null)
  oidc_providers = {
    this = {
      provider_arn    = var.oidc_provider_arn
      service_account = lookup(var.external_secrets, "service_account_name", "external-secrets-sa")
    }
  }
}

output "external_secrets" {
  value = module.external_secrets
}

data "aws_iam_policy_document" "karpenter" {
  statement {
    actions   = ["ec2:Describe*", "pricing:GetProducts"]
    resources = ["*"]
  }
  statement {
    actions = [
      "ec2:CreateFleet", "ec2:CreateLaunchTemplate", "ec2:CreateTags", "ec2:DeleteLaunchTemplate",
      "ec2:RunInstances",
    ]
    resources = ["arn:${local.partition}:ec2:${local.region}:${local.account_id}:*", "arn:${local.partition}:ec2:${local.region}::image/*"]
  }
  statement {
    actions   = ["iam:PassRole"]
    resources = [try(aws_iam_role.karpenter[0].arn, var.karpenter_node.iam_role_arn, "")]
  }
  statement {
    actions   = ["ssm:GetParameter"]
    resources = ["arn:${local.partition}:ssm:${local.region}::parameter/aws/service/*"]
  }
  statement {
    actions   = ["eks:DescribeCluster"]
    resources = ["arn:${local.partition}:eks:*:${local.account_id}:cluster/${var.cluster_name}"]
  }
  statement {
    actions   = ["ec2:TerminateInstances"]
    resources = ["arn:${local.partition}:ec2:${local.region}:${local.account_id}:instance/*"]
    condition {
      test     = "StringLike"
      variable = "ec2:ResourceTag/kubernetes.io/cluster/${var.cluster_name}"
      values   = ["*"]
    }
  }
  dynamic "statement" {
    for_each = var.karpenter_enable_spot_termination ? [1] : []
    content {
      actions = [
        "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage",
      ]
      resources = ["arn:${local.partition}:sqs:${local.region}:${local.account_id}:${lookup(var.karpenter_sqs, "queue_name", "karpenter-${var.cluster_name}")}"]
    }
  }
  dynamic "statement" {
    for_each = var.karpenter_enable_instance_profile_creation ? [1] : []
    content {
      actions = [
        "iam:AddRoleToInstanceProfile", "iam:CreateInstanceProfile", "iam:DeleteInstanceProfile",
        "iam:GetInstanceProfile", "iam:RemoveRoleFromInstanceProfile", "iam:TagInstanceProfile",
        "iam:ListInstanceProfiles",
      ]
      resources = ["*"]
    }
  }
}

module "karpenter" {
  source  = "aws-ia/eks-blueprints-addon/aws"
  version = "1.1.1"

  create                        = var.enable_karpenter
  create_release                = var.create_kubernetes_resources
  name                          = lookup(var.karpenter, "name", "karpenter")
  namespace                     = lookup(var.karpenter, "namespace", "karpenter")
  chart                         = lookup(var.karpenter, "chart", "karpenter")
  values                        = lookup(var.karpenter, "values", [])
  set                           = lookup(var.karpenter, "set", [])
  set_irsa_names                = ["serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn"]
  create_role                   = lookup(var.karpenter, "create_role", true)
  role_name                     = lookup(var.karpenter, "role_name", "karpenter")
  role_name_use_prefix          = lookup(var.karpenter, "role_name_use_prefix", true)
  role_path                     = lookup(var.karpenter, "role_path", "/")
  role_permissions_boundary_arn = lookup(var.karpenter, "role_permissions_boundary_arn", null)
  role_policies                 = lookup(var.karpenter, "role_policies", {})
  policy_statements             = lookup(var.karpenter, "policy_statements", [])
  override_policy_documents     = lookup(var.karpenter, "override_policy_documents", [])
  source_policy_documents       = concat(lookup(var.karpenter, "source_policy_documents", []), [data.aws_iam_policy_document.karpenter.json])
  trust_policy_statements       = lookup(var.karpenter, "trust_policy_statements", null)
  oidc_providers = {
    this = {
      provider_arn    = var.oidc_provider_arn
      service_account = lookup(var.karpenter, "service_account_name", "karpenter")
    }
  }
}

data "aws_iam_policy_document" "velero" {
  statement {
    actions = [
      "ec2:CreateSnapshot", "ec2:CreateSnapshots", "ec2:CreateTags", "ec2:CreateVolume",
      "ec2:DeleteSnapshot",
    ]
    resources = ["arn:${local.partition}:ec2:${local.region}:${local.account_id}:instance/*", "arn:${local.partition}:ec2:${local.region}::snapshot/*", "arn:${local.partition}:ec2:${local.region}:${local.account_id}:volume/*"]
  }
  statement {
    actions   = ["ec2:DescribeSnapshots", "ec2:DescribeVolumes"]
    resources = ["*"]
  }
  statement {
    actions = [
      "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts",
      "s3:PutObject",
    ]
    resources = ["${var.velero.s3_backup_location}/*"]
  }
  statement {
    actions   = ["s3:ListBucket"]
    resources = [split("/", var.velero.s3_backup_location)[0]]
  }
}

module "velero" {
  source  = "aws-ia/eks-blueprints-addon/aws"
  version = "1.1.1"

  create                        = var.enable_velero
  create_release                = var.create_kubernetes_resources
  name                          = lookup(var.velero, "name", "velero")
  namespace                     = lookup(var.velero, "namespace", "velero")
  chart                         = lookup(var.velero, "chart", "velero")
  values                        = lookup(var.velero, "values", [])
  set                           = lookup(var.velero, "set", [])
  set_irsa_names                = ["serviceAccount.server.annotations.eks\\.amazonaws\\.com/role-arn"]
  create_role                   = lookup(var.velero, "create_role", true)
  role_name                     = lookup(var.velero, "role_name", "velero")
  role_name_use_prefix          = lookup(var.velero, "role_name_use_prefix", true)
  role_path                     = lookup(var.velero, "role_path", "/")
  role_permissions_boundary_arn = lookup(var.velero, "role_permissions_boundary_arn", null)
  role_policies                 = lookup(var.velero, "role_policies", {})
  policy_statements             = lookup(var.velero, "policy_statements", [])
  override_policy_documents     = lookup(var.velero, "override_policy_documents", [])
  source_policy_documents       = concat(lookup(var.velero, "source_policy_documents", []), [data.aws_iam_policy_document.velero.json])
  trust_policy_statements       = lookup(var.velero, "trust_policy_statements", null)
  oidc_providers = {
    controller = {
      provider_arn    = var.oidc_provider_arn
      service_account = lookup(var.velero, "service_account_name", "velero-server")
    }
  }
}

output "velero" {
  value = module.velero
}

data "aws_iam_policy_document" "aws_gateway_api_controller" {
  statement {
    actions = [
      "vpc-lattice:*", "iam:CreateServiceLinkedRole", "ec2:DescribeVpcs", "ec2:DescribeSubnets",
      "ec2:DescribeTags", "ec2:DescribeSecurityGroups", "logs:CreateLogDelivery", "logs:GetLogDelivery",
      "logs:UpdateLogDelivery", "logs:DeleteLogDelivery", "logs:ListLogDeliveries", "tag:GetResources",
    ]
    resources = ["*"]
  }
}

module "aws_gateway_api_controller" {
  source  = "aws-ia/eks-blueprints-addon/aws"
  version = "1.1.1"

  create                        = var.enable_aws_gateway_api_controller
  create_release                = var.create_kubernetes_resources
  name                          = lookup(var.aws_gateway_api_controller, "name", "aws-gateway-api-controller")
  namespace                     = lookup(var.aws_gateway_api_controller, "namespace", "aws-application-networking-system")
  chart                         = lookup(var.aws_gateway_api_controller, "chart", "aws-gateway-api-controller")
  values                        = lookup(var.aws_gateway_api_controller, "values", [])
  set                           = lookup(var.aws_gateway_api_controller, "set", [])
  set_irsa_names                = ["serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn"]
  create_role                   = lookup(var.aws_gateway_api_controller, "create_role", true)
  role_name                     = lookup(var.aws_gateway_api_controller, "role_name", "aws-gateway-api-controller")
  role_name_use_prefix          = lookup(var.aws_gateway_api_controller, "role_name_use_prefix", true)
  role_path                     = lookup(var.aws_gateway_api_controller, "role_path", "/")
  role_permissions_boundary_arn = lookup(var.aws_gateway_api_controller, "role_permissions_boundary_arn", null)
  role_policies                 = lookup(var.aws_gateway_api_controller, "role_policies", {})
  policy_statements             = lookup(var.aws_gateway_api_controller, "policy_statements", [])
  override_policy_documents     = lookup(var.aws_gateway_api_controller, "override_policy_documents", [])
  source_policy_documents       = concat(lookup(var.aws_gateway_api_controller, "source_policy_documents", []), [data.aws_iam_policy_document.aws_gateway_api_controller.json])
  trust_policy_statements       = lookup(var.aws_gateway_api_controller, "trust_policy_statements", null)
  oidc_providers = {
    this = {
      provider_arn    = var.oidc_provider_arn
      service_account = lookup(var.aws_gateway_api_controller, "service_account_name", "gateway-api-controller")
    }
  }
}

output "aws_gateway_api_controller" {
  value = module.aws_gateway_api_controller
}

data "aws_iam_policy_document" "karpenter_trust" {
  count = var.enable_karpenter && lookup(var.karpenter_node, "create_iam_role", true) ? 1 : 0
  statement {
    sid     = "KarpenterNodeAssumeRole"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "karpenter" {
  count              = var.enable_karpenter && lookup(var.karpenter_node, "create_iam_role", true) ? 1 : 0
  name               = lookup(var.karpenter_node, "iam_role_use_name_prefix", true) ? null : lookup(var.karpenter_node, "iam_role_name", "karpenter-${var.cluster_name}")
  name_prefix        = lookup(var.karpenter_node, "iam_role_use_name_prefix", true) ? "${lookup(var.karpenter_node, "iam_role_name", "karpenter-${var.cluster_name}")}-" : null
  assume_role_policy = data.aws_iam_policy_document.karpenter_trust[0].json
  managed_policy_arns = concat(
    [for name in ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryReadOnly", "AmazonEKS_CNI_Policy"] : "arn:${local.partition}:iam::aws:policy/${name}"],
    [for key, arn in lookup(var.karpenter_node, "iam_role_additional_policies", {}) : arn],
  )
}

resource "aws_iam_instance_profile" "karpenter" {
  count       = var.enable_karpenter && lookup(var.karpenter_node, "create_instance_profile", true) ? 1 : 0
  name        = lookup(var.karpenter_node, "iam_role_use_name_prefix", true) ? null : lookup(var.karpenter_node, "instance_profile_name", "karpenter-${var.cluster_name}")
  name_prefix = lookup(var.karpenter_node, "iam_role_use_name_prefix", true) ? "karpenter-${var.cluster_name}-" : null
  role        = try(aws_iam_role.karpenter[0].name, var.karpenter_node.iam_role_name, "")
}

output "karpenter" {
  value = merge(module.karpenter, {
    node_iam_role_arn          = try(aws_iam_role.karpenter[0].arn, "")
    node_iam_role_name         = try(aws_iam_role.karpenter[0].name, "")
    node_instance_profile_name = try(aws_iam_instance_profile.karpenter[0].name, "")
  })
}
