resource "aws_eks_cluster" "live" {
  name     = "live"
  role_arn = "arn:aws:iam::111122223333:role/live-cluster"
  version  = "1.31"
  vpc_config { subnet_ids = ["subnet-1", "subnet-2"] }
}

resource "aws_eks_addon" "agent" {
  cluster_name = aws_eks_cluster.live.name
  addon_name   = "eks-pod-identity-agent"
}

resource "aws_eks_node_group" "live" {
  cluster_name  = aws_eks_cluster.live.name
  node_role_arn = aws_iam_role.nodes.arn
  launch_template { id = aws_launch_template.nodes.id }
}

resource "aws_launch_template" "nodes" {
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
}

resource "aws_iam_role" "nodes" {
  name = "nodes"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}
