variable "namespace" {
  type = string
}

variable "accounts" {
  type = set(string)
}

variable "issuer" {
  type = string
}

variable "path" {
  type    = string
  default = "/w/"
}

locals {
  subjects = { for account in var.accounts : account => "system:serviceaccount:${var.namespace}:${account}" }
}

module "role" {
  source   = "./role"
  for_each = local.subjects

  name    = "${var.namespace}.${each.key}"
  path    = var.path
  subject = each.value
  issuer  = var.issuer
}

output "subjects" {
  value = local.subjects
}

output "roles" {
  value = { for account, role in module.role : account => role.name }
}
