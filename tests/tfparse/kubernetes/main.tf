locals {
  role = "arn:aws:iam::111122223333:role/app"
  accounts = {
    api  = { namespace = "prod", role = local.role }
    jobs = { namespace = "batch", role = null }
  }
}

resource "kubernetes_service_account_v1" "made" {
  for_each = local.accounts

  metadata {
    name      = each.key
    namespace = each.value.namespace
    annotations = each.value.role == null ? {} : {
      "eks.amazonaws.com/role-arn" = each.value.role
    }
  }
}

resource "kubernetes_deployment" "api" {
  metadata {
    name = "api"
  }

  spec {
    template {
      spec {
        service_account_name = "api"

        container {
          name = "api"

          dynamic "env" {
            for_each = { AWS_REGION = "eu-west-1", AWS_PROFILE = "x" }
            content {
              name  = env.key
              value = env.value
            }
          }
        }

        container {
          name = "second"
        }
      }
    }
  }
}

resource "kubernetes_manifest" "account" {
  manifest = {
    apiVersion = "v1"
    kind       = "ServiceAccount"
    metadata   = { name = "m", annotations = { "eks.amazonaws.com/role-arn" = local.role } }
  }
}

resource "kubectl_manifest" "account" {
  yaml_body = yamlencode({ kind = "ServiceAccount", metadata = { name = "k", annotations = { role = local.role } } })
}

resource "helm_release" "chart" {
  name  = "chart"
  chart = "c"

  set {
    name  = "serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn"
    value = local.role
  }

  set {
    name  = "region"
    value = "eu-west-1"
  }

  values = [
    yamlencode({ serviceAccount = { create = true, annotations = { "eks.amazonaws.com/role-arn" = local.role } } }),
    <<-EOT
      replicas: ${length(local.accounts)}
    EOT
  ]
}
