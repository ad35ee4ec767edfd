# cloudposse/label/null, versions 0.24.0 to 0.x.
# Checked against cloudposse/terraform-null-label, main.tf and variables.tf, tag 0.25.0: what is enabled, and the id.
# Left out: id_length_limit (an id that it cuts ends in a hash), label_value_case other than the default, descriptors.

variable "context" {
  type = any
  default = {
    enabled             = true
    namespace           = null
    tenant              = null
    environment         = null
    stage               = null
    name                = null
    delimiter           = null
    attributes          = []
    tags                = {}
    label_order         = []
    regex_replace_chars = null
    id_length_limit     = null
  }
}

variable "enabled" {
  type    = bool
  default = null
}

variable "namespace" {
  type    = string
  default = null
}

variable "tenant" {
  type    = string
  default = null
}

variable "environment" {
  type    = string
  default = null
}

variable "stage" {
  type    = string
  default = null
}

variable "name" {
  type    = string
  default = null
}

variable "delimiter" {
  type    = string
  default = null
}

variable "attributes" {
  type    = list(string)
  default = []
}

variable "tags" {
  type    = map(string)
  default = {}
}

variable "label_order" {
  type    = list(string)
  default = null
}

variable "id_length_limit" {
  type    = number
  default = null
}

locals {
  enabled     = var.enabled == null ? lookup(var.context, "enabled", true) : var.enabled
  namespace   = var.namespace == null ? lookup(var.context, "namespace", null) : var.namespace
  tenant      = var.tenant == null ? lookup(var.context, "tenant", null) : var.tenant
  environment = var.environment == null ? lookup(var.context, "environment", null) : var.environment
  stage       = var.stage == null ? lookup(var.context, "stage", null) : var.stage
  name        = var.name == null ? lookup(var.context, "name", null) : var.name
  given       = var.delimiter == null ? lookup(var.context, "delimiter", null) : var.delimiter
  delimiter   = local.given == null ? "-" : local.given
  attributes  = compact(distinct(concat(lookup(var.context, "attributes", []), var.attributes)))
  tags        = merge(lookup(var.context, "tags", {}), var.tags)
  ordered     = var.label_order == null ? lookup(var.context, "label_order", null) : var.label_order
  order       = try(length(local.ordered), 0) == 0 ? ["namespace", "tenant", "environment", "stage", "name", "attributes"] : local.ordered

  formatted = {
    namespace   = local.namespace == null ? "" : lower(replace(local.namespace, "/[^-a-zA-Z0-9]/", ""))
    tenant      = local.tenant == null ? "" : lower(replace(local.tenant, "/[^-a-zA-Z0-9]/", ""))
    environment = local.environment == null ? "" : lower(replace(local.environment, "/[^-a-zA-Z0-9]/", ""))
    stage       = local.stage == null ? "" : lower(replace(local.stage, "/[^-a-zA-Z0-9]/", ""))
    name        = local.name == null ? "" : lower(replace(local.name, "/[^-a-zA-Z0-9]/", ""))
    attributes  = lower(replace(join(local.delimiter, local.attributes), "/[^-a-zA-Z0-9]/", ""))
  }

  id = local.enabled ? join(local.delimiter, [for part in local.order : local.formatted[part] if local.formatted[part] != ""]) : ""
}

output "enabled" {
  value = local.enabled
}

output "id" {
  value = local.id
}

output "id_full" {
  value = local.id
}

output "namespace" {
  value = local.enabled ? local.formatted.namespace : ""
}

output "tenant" {
  value = local.enabled ? local.formatted.tenant : ""
}

output "environment" {
  value = local.enabled ? local.formatted.environment : ""
}

output "stage" {
  value = local.enabled ? local.formatted.stage : ""
}

output "name" {
  value = local.enabled ? local.formatted.name : ""
}

output "delimiter" {
  value = local.enabled ? local.delimiter : ""
}

output "attributes" {
  value = local.enabled ? local.attributes : []
}

output "tags" {
  value = local.enabled ? merge({ Name = local.id }, local.tags) : {}
}

output "context" {
  value = {
    enabled     = local.enabled
    namespace   = local.namespace
    tenant      = local.tenant
    environment = local.environment
    stage       = local.stage
    name        = local.name
    delimiter   = local.delimiter
    attributes  = local.attributes
    tags        = local.tags
    label_order = local.order
  }
}
