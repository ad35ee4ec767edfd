variable "enabled" {
  default = true
}

variable "mode" {
  default = null
}

locals {
  list = [{ name = "a", sizes = [1, 2] }, { name = "b", sizes = [3] }]
  map  = { x = { id = 1 }, y = { id = 2 } }

  arithmetic  = [1 + 2 * 3, (1 + 2) * 3, 7 % 4, -3, 10 / 4, 2 - 1 - 1]
  comparisons = [1 == 1.0, "a" == "a", 1 == "1", [] == [], null == null, 2 >= 2, 3 < 2, "a" != "b"]
  logic       = [true && !false, false || true, !true]
  chosen      = var.enabled ? "yes" : "no"
  nested      = var.mode == null ? (var.enabled ? "on" : "off") : var.mode
  mixed       = var.enabled ? 1 : "one"
  nothing     = var.enabled ? null : "x"
  indexes     = [local.list[0].name, local.list[1]["sizes"][0], local.map["x"].id, local.map.y.id]
  splats      = [local.list[*].name, local.list.*.name, local.list[*].sizes[0], var.mode[*], "x" [*]]
  splatted    = local.list[*].sizes[*]
  loops       = [for index, one in local.list : "${index}${one.name}" if one.name != "a"]
  objects     = { for key, one in local.map : upper(key) => one.id if one.id > 1 }
  grouped     = { for one in flatten([for l in local.list : [for s in l.sizes : { name = l.name, size = s }]]) : one.name => one.size... }
  sorted      = [for key, value in { b = 1, a = 2 } : "${key}=${value}"]
  sets        = [for key, value in toset(["b", "a"]) : "${key}${value}"]
  keys        = { (local.chosen) = 1, "b c" = 2, d = 3, "${local.chosen}-e" : 4 }
  tuples      = [1, "a", true, null, [2], { a = 1 }]
  numbers     = [1.50, 1e3, 100000000000000000000, 0.1]
  texts       = "${1}${true}${1.50}"
  unwrapped   = local.list
  lookups     = [try(local.map.z.id, "none"), can(local.map.z), lookup(local.map, "x", {}).id]
  spread      = merge([{ a = 1 }, { b = 2 }]...)
  heads       = concat([for l in local.list : l.name], var.enabled ? ["c"] : [])
}

resource "aws_iam_role" "counted" {
  count = var.enabled ? 2 : 0
  name  = "role-${count.index}"
}

resource "aws_iam_role" "off" {
  count = var.enabled ? 0 : 1
  name  = "off"
}

resource "aws_iam_role" "each" {
  for_each = { for one in local.list : one.name => one.sizes }
  name     = "${each.key}-${length(each.value)}"
}

output "counted" {
  value = aws_iam_role.counted[*].name
}


output "off" {
  value = join("", aws_iam_role.off[*].name)
}

output "tried" {
  value = try(aws_iam_role.off[0].name, "default")
}

output "each" {
  value = { for key, role in aws_iam_role.each : key => role.name }
}

output "values" {
  value = values(aws_iam_role.each)[*].name
}
