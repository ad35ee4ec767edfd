variable "given" {
  default = "default"
}

variable "defaulted" {
  type    = list(string)
  default = ["a", 1]
}

variable "number" {
  type    = number
  default = "3"
}

variable "many" {
  type    = set(string)
  default = ["b", "a", "b"]
}

variable "deep" {
  type = object({
    name = string
    size = optional(number, 2)
    tags = optional(map(string), {})
    more = optional(object({ hops = optional(number, 1) }), {})
  })
  default = { name = "x", extra = true }
}

variable "listed" {
  type = list(object({ name = string, path = optional(string, "/") }))
}

variable "nulled" {
  type    = string
  default = null
}

variable "auto" {
  type = map(string)
}

resource "aws_iam_role" "given" {
  name                 = "${var.given}-${var.number}"
  path                 = var.nulled
  max_session_duration = var.number * 1200
  tags                 = merge(var.auto, var.deep.tags)
}

resource "aws_iam_role" "many" {
  for_each = var.many
  name     = each.value
}

resource "aws_iam_role" "listed" {
  for_each = { for one in var.listed : one.name => one }
  name     = each.key
  path     = each.value.path
}

output "defaulted" {
  value = var.defaulted
}

output "deep" {
  value = var.deep
}

output "nulled" {
  value = coalesce(var.nulled, "nothing")
}

output "auto" {
  value = var.auto
}
