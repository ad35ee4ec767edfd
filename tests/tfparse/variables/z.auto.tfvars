auto = { from = "z.auto.tfvars", count = 2 }
