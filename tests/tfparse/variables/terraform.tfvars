given  = "from-tfvars"
listed = [{ name = "p" }, { name = "q", path = "/q/" }]
auto   = { from = "terraform.tfvars" }
