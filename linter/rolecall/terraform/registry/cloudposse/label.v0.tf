# cloudposse/label/null, versions 0.24.0 to 0.x.
# Checked against cloudposse/terraform-null-label, main.tf and variables.tf, tags 0.24.1 and 0.25.0; its outputs were
# compared with Terraform's. Of a `tenant` 0.24 knows nothing, and nobody can give it one.
# Left out: the output `descriptors`.

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
    additional_tag_map  = {}
    regex_replace_chars = null
    label_order         = []
    id_length_limit     = null
    label_key_case      = null
    label_value_case    = null
    descriptor_formats  = {}
    labels_as_tags      = ["unset"]
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

variable "additional_tag_map" {
  type    = map(string)
  default = {}
}

variable "regex_replace_chars" {
  type    = string
  default = null
}

variable "label_order" {
  type    = list(string)
  default = null
}

variable "id_length_limit" {
  type    = number
  default = null
}

variable "label_key_case" {
  type    = string
  default = null
}

variable "label_value_case" {
  type    = string
  default = null
}

variable "descriptor_formats" {
  type    = any
  default = {}
}

variable "labels_as_tags" {
  type    = set(string)
  default = ["default"]
}

locals {
  # What is given here wins over the context; attributes and maps are joined. Of `labels_as_tags` the first wins.
  input = {
    enabled             = var.enabled == null ? lookup(var.context, "enabled", true) : var.enabled
    namespace           = var.namespace == null ? lookup(var.context, "namespace", null) : var.namespace
    tenant              = var.tenant == null ? lookup(var.context, "tenant", null) : var.tenant
    environment         = var.environment == null ? lookup(var.context, "environment", null) : var.environment
    stage               = var.stage == null ? lookup(var.context, "stage", null) : var.stage
    name                = var.name == null ? lookup(var.context, "name", null) : var.name
    delimiter           = var.delimiter == null ? lookup(var.context, "delimiter", null) : var.delimiter
    attributes          = compact(distinct(concat(coalesce(lookup(var.context, "attributes", []), []), coalesce(var.attributes, []))))
    tags                = merge(lookup(var.context, "tags", {}), var.tags)
    additional_tag_map  = merge(lookup(var.context, "additional_tag_map", {}), var.additional_tag_map)
    regex_replace_chars = var.regex_replace_chars == null ? lookup(var.context, "regex_replace_chars", null) : var.regex_replace_chars
    label_order         = var.label_order == null ? lookup(var.context, "label_order", null) : var.label_order
    id_length_limit     = var.id_length_limit == null ? lookup(var.context, "id_length_limit", null) : var.id_length_limit
    label_key_case      = var.label_key_case == null ? lookup(var.context, "label_key_case", null) : var.label_key_case
    label_value_case    = var.label_value_case == null ? lookup(var.context, "label_value_case", null) : var.label_value_case
    descriptor_formats  = merge(lookup(var.context, "descriptor_formats", {}), var.descriptor_formats)
    labels_as_tags      = try(contains(var.context.labels_as_tags, "unset"), true) ? var.labels_as_tags : var.context.labels_as_tags
  }

  delimiter     = local.input.delimiter == null ? "-" : local.input.delimiter
  default_order = ["namespace", "environment", "stage", "name", "attributes"]
  order         = local.input.label_order == null ? local.default_order : coalescelist(local.input.label_order, local.default_order)
  removed       = coalesce(local.input.regex_replace_chars, "/[^-a-zA-Z0-9]/")
  limit         = local.input.id_length_limit == null ? 0 : local.input.id_length_limit
  key_case      = local.input.label_key_case == null ? "title" : local.input.label_key_case
  value_case    = local.input.label_value_case == null ? "lower" : local.input.label_value_case

  kept = {
    for key in ["namespace", "tenant", "environment", "stage", "name"] :
    key => local.input[key] == null ? "" : replace(local.input[key], local.removed, "")
  }
  labels = {
    for key, text in local.kept : key =>
    local.value_case == "none" ? text : local.value_case == "title" ? title(lower(text)) : local.value_case == "upper" ? upper(text) : lower(text)
  }
  kept_attributes = compact(distinct([for text in local.input.attributes : replace(text, local.removed, "")]))
  attributes = compact(distinct([
    for text in local.kept_attributes :
    local.value_case == "none" ? text : local.value_case == "title" ? title(lower(text)) : local.value_case == "upper" ? upper(text) : lower(text)
  ]))

  parts = merge(local.labels, { attributes = join(local.delimiter, local.attributes) })
  full  = join(local.delimiter, [for key in local.order : local.parts[key] if length(local.parts[key]) > 0])
  # An id that is too long ends in five characters of its hash, in the case of the labels.
  room      = local.limit - (5 + length(local.delimiter))
  truncated = local.room <= 0 ? "" : "${trimsuffix(substr(local.full, 0, local.room), local.delimiter)}${local.delimiter}"
  digest    = "${md5(local.full)}qrstuvwxyz"
  cased     = local.value_case == "title" ? title(local.digest) : local.value_case == "upper" ? upper(local.digest) : local.value_case == "lower" ? lower(local.digest) : local.digest
  short     = substr("${local.truncated}${replace(local.cased, local.removed, "")}", 0, local.limit)
  id        = local.limit != 0 && length(local.full) > local.limit ? local.short : local.full

  tagged         = merge(local.parts, { name = local.id })
  labels_as_tags = contains(local.input.labels_as_tags, "default") ? keys(local.tagged) : local.input.labels_as_tags
  generated = {
    for key in setintersection(keys(local.tagged), local.labels_as_tags) :
    (local.key_case == "upper" ? upper(key) : local.key_case == "lower" ? lower(key) : title(lower(key))) => local.tagged[key]
    if length(local.tagged[key]) > 0
  }
  tags = merge(local.generated, local.input.tags)
}

output "enabled" {
  value = local.input.enabled
}

output "id" {
  value = local.input.enabled ? local.id : ""
}

output "id_full" {
  value = local.input.enabled ? local.full : ""
}

output "namespace" {
  value = local.input.enabled ? local.labels.namespace : ""
}

output "tenant" {
  value = local.input.enabled ? local.labels.tenant : ""
}

output "environment" {
  value = local.input.enabled ? local.labels.environment : ""
}

output "stage" {
  value = local.input.enabled ? local.labels.stage : ""
}

output "name" {
  value = local.input.enabled ? local.labels.name : ""
}

output "delimiter" {
  value = local.input.enabled ? local.delimiter : ""
}

output "attributes" {
  value = local.input.enabled ? local.attributes : []
}

output "tags" {
  value = local.input.enabled ? local.tags : {}
}

output "additional_tag_map" {
  value = local.input.additional_tag_map
}

output "label_order" {
  value = local.order
}

output "regex_replace_chars" {
  value = local.removed
}

output "id_length_limit" {
  value = local.limit
}

output "context" {
  value = local.input
}

output "normalized_context" {
  value = merge(local.labels, {
    enabled             = local.input.enabled
    delimiter           = local.delimiter
    attributes          = local.attributes
    tags                = local.tags
    additional_tag_map  = local.input.additional_tag_map
    label_order         = local.order
    regex_replace_chars = local.removed
    id_length_limit     = local.limit
    label_key_case      = local.key_case
    label_value_case    = local.value_case
    labels_as_tags      = local.labels_as_tags
    descriptor_formats  = local.input.descriptor_formats
  })
}

output "tags_as_list_of_maps" {
  value = flatten([
    for key in keys(local.tags) : merge({ key = key, value = local.tags[key] }, local.input.additional_tag_map)
  ])
}
