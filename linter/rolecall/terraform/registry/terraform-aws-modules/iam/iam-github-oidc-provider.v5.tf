# terraform-aws-modules/iam/aws//modules/iam-github-oidc-provider, versions 5.3.0 up to 6.0.0.
# Checked against terraform-aws-modules/terraform-aws-iam, modules/iam-github-oidc-provider, tags v5.3.0 and v5.60.0.

variable "create" {
  type    = bool
  default = true
}

variable "client_id_list" {
  type    = list(string)
  default = []
}

variable "url" {
  type    = string
  default = "https://token.actions.githubusercontent.com"
}

data "aws_partition" "current" {}

resource "aws_iam_openid_connect_provider" "this" {
  count          = var.create ? 1 : 0
  url            = var.url
  client_id_list = coalescelist(var.client_id_list, ["sts.${data.aws_partition.current.dns_suffix}"])
}

output "arn" {
  value = try(aws_iam_openid_connect_provider.this[0].arn, null)
}

output "url" {
  value = try(aws_iam_openid_connect_provider.this[0].url, null)
}
