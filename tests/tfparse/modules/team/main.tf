variable "name" {
  type = string
}

variable "accounts" {
  type = list(string)
}

variable "path" {
  type     = string
  default  = "/"
  nullable = false
}

variable "issuer" {
  type = string
}

locals {
  full = { for account in var.accounts : account => "${var.name}-${account}" }
}

module "workload" {
  source    = "../workload"
  namespace = var.name
  accounts  = var.accounts
  issuer    = var.issuer
  path      = var.path
}

output "first" {
  value = one(slice(values(local.full), 0, 1))
}

output "roles" {
  value = module.workload.roles
}
