variable "teams" {
  type = map(object({
    accounts = list(string)
    path     = optional(string, "/apps/")
  }))
  default = {
    blue = { accounts = ["api", "jobs"] }
    red  = { accounts = ["web"], path = "/red/" }
  }
}

locals {
  issuer = "oidc.eks.eu-west-1.amazonaws.com/id/0123"
  names  = values(module.team)[*].first
}

module "team" {
  source   = "./team"
  for_each = var.teams

  name     = each.key
  accounts = each.value.accounts
  path     = each.value.path
  issuer   = local.issuer
}

module "workload" {
  source = "./workload"
  count  = 2

  namespace = "ns-${count.index}"
  accounts  = toset(["a", "b"])
  issuer    = local.issuer
}

module "off" {
  source = "./workload"
  count  = 0

  namespace = "none"
  accounts  = []
  issuer    = local.issuer
}

module "one" {
  source    = "./workload"
  namespace = "one"
  accounts  = ["x"]
  issuer    = trimprefix("https://${local.issuer}", "https://")
}

resource "aws_iam_role_policy_attachment" "one" {
  for_each   = module.one.roles
  role       = each.value
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}

resource "aws_iam_policy" "listed" {
  name   = join("-", local.names)
  policy = jsonencode({ Version = "2012-10-17", Statement = [for name in local.names : { Sid = name }] })
}

output "names" {
  value = local.names
}

output "blue" {
  value = module.team["blue"].roles
}

output "splat" {
  value = module.workload[*].subjects
}

output "indexed" {
  value = module.workload[1].subjects["b"]
}

output "looped" {
  value = { for team, made in module.team : upper(team) => keys(made.roles) }
}

output "nothing" {
  value = module.off[*].subjects
}

output "tried" {
  value = try(module.off[0].subjects, "none")
}
