"""The modelled modules that make IAM roles for workloads: who may assume them, and what they may do."""

from __future__ import annotations

import pytest

from rolecall.model import InstanceProfile, OidcProvider, PodIdentityAssociation, Policy, PolicyAttachment, Role
from rolecall.terraform.registry_modules import find
from tests.registry_worlds import IAM, ISSUER, PROVIDER, call, conditions, granted, role, text, trusts
from tests.terraform_worlds import every, only, read

WEB = ["sts:AssumeRoleWithWebIdentity"]
TAGGED = ["sts:TagSession", "sts:AssumeRoleWithWebIdentity"]
SUB, AUD = f"{ISSUER}:sub", f"{ISSUER}:aud"
SHOP = "system:serviceaccount:shop:shop"
PROVIDERS = (
    f'  oidc_providers = {{ a = {{ provider_arn = "{PROVIDER}", namespace_service_accounts = ["shop:shop"] }} }}\n'
)
BOTH = [("StringEquals", SUB, [SHOP]), ("StringEquals", AUD, ["sts.amazonaws.com"])]
SELF = ("*", ["sts:AssumeRole"], [("ArnLike", "aws:PrincipalArn", ["arn:~:iam::~:role/shop"])])
SERVICE_ACCOUNTS = (f"{IAM}/iam-role-for-service-accounts-eks", f"{IAM}/iam-role-for-service-accounts")


@pytest.mark.parametrize("source", SERVICE_ACCOUNTS)
def test_a_role_for_service_accounts_binds_subject_and_audience(source: str) -> None:
    found = role(call(source, PROVIDERS))
    assert trusts(found) == [(PROVIDER, WEB, BOTH)]
    assert found.origin.address == "module.it.aws_iam_role.this[0]"
    assert found.origin.span.line == 1


def test_the_operator_is_the_users_in_both_versions() -> None:
    for source, argument in zip(SERVICE_ACCOUNTS, ("assume_role_condition_test", "trust_condition_test"), strict=True):
        ((_, _, found),) = trusts(role(call(source, f'{PROVIDERS}  {argument} = "StringLike"\n')))
        assert found == [("StringLike", SUB, [SHOP]), ("StringLike", AUD, ["sts.amazonaws.com"])]


def test_each_cluster_is_a_statement_whatever_is_known_of_it() -> None:
    body = """
  oidc_providers = {
    known = {
      provider_arn               = "arn:aws:iam::111122223333:oidc-provider/x.test"
      namespace_service_accounts = ["a:b", "c:*"]
    }
    unknown = { provider_arn = aws_iam_openid_connect_provider.x.arn, namespace_service_accounts = ["a:b"] }
  }
"""
    known, unknown = trusts(role(call(SERVICE_ACCOUNTS[0], body)))
    assert known[2][0] == ("StringEquals", "x.test:sub", ["system:serviceaccount:a:b", "system:serviceaccount:c:*"])
    assert unknown[0] == "~"
    assert [key for _, key, _ in unknown[2]] == ["~:sub", "~:aud"]


def test_accounts_that_are_not_known_leave_the_condition_open() -> None:
    body = f"""
  oidc_providers = {{ a = {{ provider_arn = "{PROVIDER}", namespace_service_accounts = var.accounts }} }}
"""
    found = role(call(SERVICE_ACCOUNTS[0], body))
    assert found.trust is not None
    subject, _ = found.trust.document.statements[0].conditions
    assert subject.values == ()
    assert subject.rest is not None


def test_a_role_that_may_assume_itself_says_so_in_a_statement_of_its_own() -> None:
    body = f'{PROVIDERS}  role_name = "shop"\n  allow_self_assume_role = true\n'
    assert trusts(role(call(SERVICE_ACCOUNTS[0], body))) == [SELF, (PROVIDER, WEB, BOTH)]


@pytest.mark.parametrize(
    ("source", "switch"),
    [
        (SERVICE_ACCOUNTS[0], "create_role"),
        (SERVICE_ACCOUNTS[1], "create"),
        (f"{IAM}/iam-eks-role", "create_role"),
        (f"{IAM}/iam-github-oidc-role", "create"),
        (f"{IAM}/iam-role", "create"),
        ("terraform-aws-modules/eks-pod-identity/aws", "create"),
        ("cloudposse/eks-iam-role/aws", "enabled"),
    ],
)
def test_what_is_switched_off_makes_nothing(source: str, switch: str) -> None:
    issuer = '  eks_cluster_oidc_issuer_url = "https://x.test"\n'
    assert every(call(source, issuer), Role)
    assert call(source, f"{issuer}  {switch} = false\n").entities == ()


@pytest.mark.parametrize("module", ["iam-assumable-role", "iam-assumable-role-with-oidc"])
def test_the_modules_that_are_off_until_asked(module: str) -> None:
    body = f'  provider_url = "{ISSUER}"\n  trusted_role_services = ["pods.eks.amazonaws.com"]\n'
    known = find(f"{IAM}/{module}", None)
    assert known is not None
    assert call(f"{IAM}/{module}", body).entities == ()
    assert every(call(f"{IAM}/{module}", f"{body}  {known.switch} = true\n"), Role)


def test_version_five_gives_external_secrets_everything_and_later_ones_nothing_of_their_own() -> None:
    attach = f"{PROVIDERS}  attach_external_secrets_policy = true\n"
    old, new = (call(source, attach) for source in SERVICE_ACCOUNTS)
    _, allowed = granted(old, role(old))
    assert allowed["secretsmanager:GetSecretValue"] == ["arn:aws:secretsmanager:*:*:secret:*"]
    assert allowed["ssm:GetParameter"] == ["arn:aws:ssm:*:*:parameter/*"]
    assert allowed["kms:Decrypt"] == ["arn:aws:kms:*:*:key/*"]
    _, allowed = granted(new, role(new))
    assert sorted(allowed) == [
        "secretsmanager:BatchGetSecretValue",
        "secretsmanager:ListSecrets",
        "ssm:DescribeParameters",
    ]


def test_the_arns_that_are_given_bound_external_secrets() -> None:
    body = f"""{PROVIDERS}
  attach_external_secrets_policy        = true
  external_secrets_secrets_manager_arns = ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop-*"]
  external_secrets_ssm_parameter_arns   = []
  external_secrets_kms_key_arns         = [aws_kms_key.shop.arn]
"""
    for source in SERVICE_ACCOUNTS:
        facts = call(source, body)
        _, allowed = granted(facts, role(facts))
        assert allowed["secretsmanager:GetSecretValue"] == [
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop-*"
        ]
        assert "ssm:GetParameter" not in allowed
        assert allowed["kms:Decrypt"] == ["~"]


def test_velero_reaches_every_bucket_by_default_in_version_five_only() -> None:
    old = call(SERVICE_ACCOUNTS[0], f"{PROVIDERS}  attach_velero_policy = true\n")
    assert granted(old, role(old))[1]["s3:GetObject"] == ["*/*"]
    given = f'{PROVIDERS}  attach_velero_policy = true\n  velero_s3_bucket_arns = ["arn:aws:s3:::backup"]\n'
    for source in SERVICE_ACCOUNTS:
        facts = call(source, given)
        _, allowed = granted(facts, role(facts))
        assert allowed["s3:PutObject"] == ["arn:aws:s3:::backup/*"]
        assert allowed["s3:ListBucket"] == ["arn:aws:s3:::backup"]


@pytest.mark.parametrize(
    ("policy", "action", "resources"),
    [
        ("cert_manager", "route53:ChangeResourceRecordSets", ["arn:aws:route53:::hostedzone/*"]),
        ("external_dns", "route53:ChangeResourceRecordSets", ["arn:aws:route53:::hostedzone/*"]),
        ("amazon_managed_service_prometheus", "aps:RemoteWrite", ["*"]),
        ("node_termination_handler", "sqs:ReceiveMessage", ["*"]),
        ("karpenter_controller", "iam:PassRole", ["*"]),
        ("aws_gateway_controller", "vpc-lattice:*", ["*"]),
        ("load_balancer_controller", "elasticloadbalancing:CreateListener", ["*"]),
        ("ebs_csi", "ec2:AttachVolume", ["arn:~:ec2:*:*:volume/*", "arn:~:ec2:*:*:instance/*"]),
        ("vpc_cni", "ec2:CreateTags", ["arn:~:ec2:*:*:network-interface/*"]),
        ("appmesh_envoy_proxy", "acm:ExportCertificate", ["*"]),
    ],
)
def test_the_policies_that_version_five_attaches(policy: str, action: str, resources: list[str]) -> None:
    facts = call(SERVICE_ACCOUNTS[0], f"{PROVIDERS}  attach_{policy}_policy = true\n")
    names, allowed = granted(facts, role(facts))
    assert names == []
    assert allowed[action] == resources


def test_policies_of_the_users_own_are_attached() -> None:
    body = f"""{PROVIDERS}
  role_policy_arns = {{ s3 = "arn:aws:iam::aws:policy/AmazonS3FullAccess" }}
  attach_cloudwatch_observability_policy = true
"""
    facts = call(SERVICE_ACCOUNTS[0], body)
    assert granted(facts, role(facts))[0] == [
        "AmazonS3FullAccess",
        "CloudWatchAgentServerPolicy",
        "AWSXrayWriteOnlyAccess",
    ]
    arn = role(facts).managed[0]
    assert arn.span.line == 5


def test_a_list_of_policies_as_in_version_four() -> None:
    body = f'{PROVIDERS}  role_policy_arns = ["arn:aws:iam::aws:policy/AmazonS3FullAccess"]\n'
    facts = call(SERVICE_ACCOUNTS[0], body, "~> 4.21")
    assert granted(facts, role(facts))[0] == ["AmazonS3FullAccess"]


def test_statements_given_to_version_six_are_permissions() -> None:
    body = f"""{PROVIDERS}
  permissions = {{ Read = {{ actions = ["s3:GetObject"], resources = ["*"] }} }}
  create_inline_policy = true
  inline_policy_permissions = {{ Write = {{ effect = "Deny", actions = ["s3:PutObject"], resources = ["*"] }} }}
"""
    facts = call(SERVICE_ACCOUNTS[1], body)
    assert granted(facts, role(facts))[1] == {"s3:GetObject": ["*"], "s3:PutObject": ["*"]}
    facts = call(SERVICE_ACCOUNTS[1], f"{body}  create_policy = false\n  attach_velero_policy = true\n")
    assert granted(facts, role(facts))[1] == {"s3:PutObject": ["*"]}


def test_statements_that_are_known_in_part_keep_what_is_known() -> None:
    body = """
  permissions = {
    Read = {
      actions   = ["s3:GetObject"]
      resources = var.arns
      condition = [{ test = "Bool", variable = "a:b", values = ["true"] }]
    }
  }
"""
    facts = call(SERVICE_ACCOUNTS[1], body)
    (attachment,) = every(facts, PolicyAttachment)
    assert attachment.document is not None
    (statement,) = attachment.document.statements
    assert text(statement.actions[0]) == "s3:GetObject"
    assert statement.resources_rest is not None
    assert conditions(statement) == [("Bool", "a:b", ["true"])]


OIDC = f'  create_role = true\n  provider_url = "https://{ISSUER}"\n'


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ("", []),
        (f'  oidc_fully_qualified_subjects = ["{SHOP}"]\n', [("StringEquals", SUB, [SHOP])]),
        (
            '  oidc_subjects_with_wildcards = ["system:serviceaccount:shop:*"]\n',
            [("StringLike", SUB, ["system:serviceaccount:shop:*"])],
        ),
        (
            f'  oidc_fully_qualified_subjects = ["{SHOP}"]\n  oidc_subjects_with_wildcards = ["*"]\n',
            [("StringEquals", SUB, [SHOP]), ("StringLike", SUB, ["*"])],
        ),
        (
            f'  oidc_fully_qualified_subjects = ["{SHOP}"]\n  oidc_fully_qualified_audiences = ["sts.amazonaws.com"]\n',
            [("StringEquals", SUB, [SHOP]), ("StringLike", AUD, ["sts.amazonaws.com"])],
        ),
        (
            '  provider_trust_policy_conditions = [{ test = "Bool", variable = "a:b", values = ["true"] }]\n',
            [("Bool", "a:b", ["true"])],
        ),
    ],
)
def test_an_assumable_role_binds_what_it_is_given(inputs: str, expected: list[tuple[str, str, list[str]]]) -> None:
    found = role(call(f"{IAM}/iam-assumable-role-with-oidc", OIDC + inputs))
    assert trusts(found) == [(f"arn:~:iam::~:oidc-provider/{ISSUER}", TAGGED[::-1], expected)]


@pytest.mark.parametrize("version", ["2.18.0", "~> 3.6", "4.2.0"])
def test_an_assumable_role_of_old_binds_no_audience(version: str) -> None:
    facts = call(
        f"{IAM}/iam-assumable-role-with-oidc", f'{OIDC}  oidc_fully_qualified_subjects = ["{SHOP}"]\n', version
    )
    assert trusts(role(facts)) == [(f"arn:~:iam::~:oidc-provider/{ISSUER}", WEB, [("StringEquals", SUB, [SHOP])])]


def test_an_assumable_role_has_a_statement_for_each_issuer_known_or_not() -> None:
    module = f"{IAM}/iam-assumable-role-with-oidc"
    several = (
        '  create_role = true\n  provider_urls = ["https://a.test", "b.test"]\n  aws_account_id = "111122223333"\n'
    )
    assert [principal for principal, _, _ in trusts(role(call(module, several)))] == [
        "arn:~:iam::111122223333:oidc-provider/a.test",
        "arn:~:iam::111122223333:oidc-provider/b.test",
    ]
    unknown = "  create_role = true\n  provider_url = aws_eks_cluster.shop.identity[0].oidc[0].issuer\n"
    assert trusts(role(call(module, unknown))) == [("arn:~:iam::~:oidc-provider/~", TAGGED[::-1], [])]


def test_an_eks_role_has_no_audience_on_purpose() -> None:
    module = f"{IAM}/iam-eks-role"
    found = role(call(module, '  cluster_service_accounts = { shop = ["shop:shop", "a:b"] }\n'))
    ((_, actions, bound),) = trusts(found)
    assert actions == WEB
    assert bound == [("StringEquals", "~:sub", [SHOP, "system:serviceaccount:a:b"])]
    known = find(module, None)
    assert known is not None
    assert known.no_audience


GITHUB = "token.actions.githubusercontent.com"


def test_a_github_role_prefixes_repositories_and_compares_with_wildcards() -> None:
    found = role(
        call(f"{IAM}/iam-github-oidc-role", '  subjects = ["acme/shop:*", "repo:acme/x:ref:refs/heads/main"]\n')
    )
    assert trusts(found) == [
        (
            f"arn:~:iam::~:oidc-provider/{GITHUB}",
            TAGGED,
            [
                ("ForAllValues:StringEquals", f"{GITHUB}:iss", [f"https://{GITHUB}"]),
                ("ForAllValues:StringEquals", f"{GITHUB}:aud", ["sts.amazonaws.com"]),
                ("StringLike", f"{GITHUB}:sub", ["repo:acme/shop:*", "repo:acme/x:ref:refs/heads/main"]),
            ],
        )
    ]


def test_the_role_of_version_six() -> None:
    module = f"{IAM}/iam-role"
    open_ = f'  enable_oidc = true\n  oidc_provider_urls = ["https://{ISSUER}"]\n'
    principal = f"arn:~:iam::~:oidc-provider/{ISSUER}"
    assert trusts(role(call(module, open_))) == [(principal, TAGGED, [])]
    both = f'{open_}  oidc_subjects = ["{SHOP}"]\n  oidc_wildcard_subjects = ["*"]\n  oidc_audiences = ["a"]\n'
    assert trusts(role(call(module, both))) == [
        (principal, TAGGED, [("StringEquals", SUB, [SHOP]), ("StringLike", SUB, ["*"]), ("StringEquals", AUD, ["a"])])
    ]
    account = f'{open_}  oidc_account_id = "111122223333"\n'
    assert trusts(role(call(module, account)))[0][0] == f"arn:~:iam::111122223333:oidc-provider/{ISSUER}"
    ((_, _, found),) = trusts(
        role(call(module, '  enable_github_oidc = true\n  oidc_wildcard_subjects = ["acme/*"]\n'))
    )
    assert found[1:] == [
        ("ForAllValues:StringEquals", f"{GITHUB}:aud", ["sts.amazonaws.com"]),
        ("StringLike", f"{GITHUB}:sub", ["repo:acme/*"]),
    ]
    pods = """
  trust_policy_permissions = {
    Pods = {
      actions    = ["sts:AssumeRole"]
      principals = [{ type = "Service", identifiers = ["pods.eks.amazonaws.com"] }]
    }
  }
"""
    assert trusts(role(call(module, pods))) == [("pods.eks.amazonaws.com", ["sts:AssumeRole"], [])]


def test_an_assumable_role_asks_pods_for_a_second_factor_unless_told_not_to() -> None:
    module, body = (
        f"{IAM}/iam-assumable-role",
        '  create_role = true\n  trusted_role_services = ["pods.eks.amazonaws.com"]\n',
    )
    both = ["sts:AssumeRole", "sts:TagSession"]
    factor = [
        ("Bool", "aws:MultiFactorAuthPresent", ["true"]),
        ("NumericLessThan", "aws:MultiFactorAuthAge", ["86400"]),
    ]
    assert trusts(role(call(module, body))) == [("pods.eks.amazonaws.com", both, factor)]
    assert trusts(role(call(module, f"{body}  role_requires_mfa = false\n"))) == [("pods.eks.amazonaws.com", both, [])]
    older = call(module, f"{body}  role_requires_mfa = false\n", "~> 4.10")
    assert trusts(role(older)) == [("pods.eks.amazonaws.com", ["sts:AssumeRole"], [])]


def test_an_assumable_role_with_a_trust_policy_of_the_users_own() -> None:
    body = """
  create_role = true
  create_instance_profile = true
  attach_admin_policy = true
  custom_role_policy_arns = ["arn:aws:iam::aws:policy/AmazonS3FullAccess"]
  custom_role_trust_policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
"""
    module = f"{IAM}/iam-assumable-role"
    facts = call(module, f"{body}  create_custom_role_trust_policy = true\n")
    assert trusts(role(facts)) == [("ec2.amazonaws.com", ["sts:AssumeRole"], [])]
    assert granted(facts, role(facts))[0] == ["AmazonS3FullAccess", "AdministratorAccess"]
    assert only(facts, InstanceProfile).role is not None
    assert trusts(role(call(module, body, "5.29.0"))) == [("ec2.amazonaws.com", ["sts:AssumeRole"], [])]
    assert trusts(role(call(module, body)))[0][0] == ""


@pytest.mark.parametrize("module", ["iam-github-oidc-provider", "iam-oidc-provider"])
def test_providers_accept_the_sts_audience_unless_given_others(module: str) -> None:
    provider = only(call(f"{IAM}/{module}", ""), OidcProvider)
    assert text(provider.url) == f"https://{GITHUB}"
    assert [text(client) for client in provider.client_ids] == ["sts.~"]
    given = only(call(f"{IAM}/{module}", f'  url = "https://{ISSUER}"\n  client_id_list = ["a"]\n'), OidcProvider)
    assert [text(client) for client in given.client_ids] == ["a"]


def test_a_policy_module_and_the_role_that_it_is_given_to() -> None:
    facts = read(f"""
        module "policy" {{
          source = "{IAM}/iam-policy"
          name   = "shop"
          policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = "sqs:*", Resource = "*" }}] }})
        }}
        module "role" {{
          source   = "{IAM}/iam-role-for-service-accounts"
          name     = "shop"
          policies = {{ shop = module.policy.arn }}
        }}
    """)
    assert text(only(facts, Policy).name) == "shop"
    assert granted(facts, role(facts))[1] == {"sqs:*": ["*"]}


def test_pod_identity_trusts_every_pod_of_the_account_unless_bounded() -> None:
    module = "terraform-aws-modules/eks-pod-identity/aws"
    body = """
  name = "shop"
  association_defaults = { cluster_name = "shop", namespace = "shop" }
  associations = {
    one = { service_account = "a" }
    two = { namespace = "other", service_account = "b", disable_session_tags = true }
  }
  policy_statements = [{ sid = "A", actions = ["s3:GetObject"], resources = ["*"] }]
  attach_custom_policy = true
"""
    facts = call(module, body)
    both = ["sts:AssumeRole", "sts:TagSession"]
    assert trusts(role(facts)) == [("pods.eks.amazonaws.com", both, [])]
    assert [
        (text(found.cluster), text(found.namespace), text(found.service_account), text(found.disable_session_tags))
        for found in every(facts, PodIdentityAssociation)
    ] == [("shop", "shop", "a", ""), ("shop", "other", "b", "true")]
    assert granted(facts, role(facts))[1] == {"s3:GetObject": ["*"]}
    bounded = f"""{body}
  trust_policy_conditions = [{{
    test     = "StringEquals"
    variable = "aws:RequestTag/kubernetes-namespace"
    values   = ["shop"]
  }}]
  trust_policy_statements = [{{
    actions    = ["sts:TagSession"]
    principals = [{{ type = "AWS", identifiers = ["111122223333"] }}]
  }}]
"""
    assert trusts(role(call(module, bounded))) == [
        ("pods.eks.amazonaws.com", both, [("StringEquals", "aws:RequestTag/kubernetes-namespace", ["shop"])]),
        ("111122223333", ["sts:TagSession"], []),
    ]


def test_pod_identity_lets_external_secrets_decrypt_with_every_key_by_default() -> None:
    facts = call(
        "terraform-aws-modules/eks-pod-identity/aws", '  name = "es"\n  attach_external_secrets_policy = true\n'
    )
    assert granted(facts, role(facts))[1] == {"kms:Decrypt": ["arn:~:kms:*:*:key/*"]}


@pytest.mark.parametrize(
    ("inputs", "subjects"),
    [
        ('service_account_name = "app"\n  service_account_namespace = "shop"', ["shop:app"]),
        ('service_account_name = "app"', ["*:app"]),
        ('service_account_namespace = "shop"', ["shop:*"]),
        ("", ["*:*"]),
        ('service_account_namespace_name_list = ["a:b", "c:d"]', ["a:b", "c:d"]),
        ('service_account_name = "app"\n  service_account_namespace_name_list = ["a:b"]', ["*:app", "a:b"]),
    ],
)
@pytest.mark.parametrize("version", ["", "~> 1.1.0"])
def test_cloudposse_fills_what_is_not_given_with_wildcards(inputs: str, subjects: list[str], version: str) -> None:
    body = f'  eks_cluster_oidc_issuer_url = "https://{ISSUER}"\n  context = module.this.context\n  {inputs}\n'
    found = role(call("cloudposse/eks-iam-role/aws", body, version))
    assert trusts(found) == [
        (
            f"arn:aws:iam::~:oidc-provider/{ISSUER}",
            WEB,
            [
                ("StringLike", SUB, [f"system:serviceaccount:{subject}" for subject in subjects]),
                ("StringEquals", AUD, ["sts.amazonaws.com"]),
            ],
        )
    ]


@pytest.mark.parametrize(
    ("inputs", "name"),
    [
        ('namespace = "eg"\n stage = "prod"\n service_account_name = "app"', "eg-prod-app@shop"),
        ('namespace = "eg"\n tenant = "t"\n name = "n"\n service_account_name = "shop"', "eg-n-shop"),
        ('context = { enabled = true, namespace = "cx", attributes = ["a"], tags = {} }', "cx-a-all@shop"),
        (
            'namespace = "a-very-long-namespace-of-somebody"\n stage = "production-eu"\n name = "n-a-long-a"',
            "a-very-long-namespace-of-somebody-production-eu-n-a-long-a-da050",
        ),
    ],
)
def test_the_name_of_a_role_of_cloudposse_is_its_label(inputs: str, name: str) -> None:
    body = f'  eks_cluster_oidc_issuer_url = "x.test"\n  service_account_namespace = "shop"\n  {inputs}\n'
    found = role(call("cloudposse/eks-iam-role/aws", body))
    assert found.name is not None
    assert found.name.known == name


def test_the_context_of_cloudposse_switches_off() -> None:
    context = "  context = { enabled = false, attributes = [], tags = {} }\n  node_role_arn = []\n"
    for module in ("eks-iam-role", "eks-node-group", "eks-cluster"):
        assert call(f"cloudposse/{module}/aws", context).entities == ()


# What Terraform says of the module itself, version 0.25.0.
@pytest.mark.parametrize(
    ("inputs", "name"),
    [
        ('namespace = "Eg"\n stage = "prod"\n name = "App.1"\n attributes = ["x", "Y", "x"]', "eg-prod-app1-x-y"),
        ('namespace = "eg"\n tenant = "t1"\n environment = "ue2"\n stage = "prod"\n name = "app"', "eg-ue2-prod-app"),
        ('tenant = "t1"\n name = "app"\n label_order = ["name", "tenant"]\n delimiter = "_"', "app_t1"),
        (
            'namespace = "eg"\n stage = "production"\n name = "a-very-long-name-that-is-cut"\n id_length_limit = 20',
            "eg-production-1df0e8",
        ),
        (
            'namespace = "eg"\n stage = "prod"\n name = "Long"\n id_length_limit = 10\n label_value_case = "title"',
            "Eg-P-Add16",
        ),
    ],
)
def test_a_label_of_cloudposse_is_what_terraform_makes_it(inputs: str, name: str) -> None:
    facts = read(
        f'module "label" {{\n  source = "cloudposse/label/null"\n {inputs}\n}}\n'
        'resource "aws_iam_role" "it" {\n  name = module.label.id\n  assume_role_policy = "{}"\n}\n'
    )
    assert text(role(facts).name) == name


def test_cloudposse_takes_a_policy_as_a_list_or_a_string() -> None:
    document = 'jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })'
    for given in (f"[{document}]", document):
        body = f'  eks_cluster_oidc_issuer_url = "x.test"\n  aws_iam_policy_document = {given}\n'
        facts = call("cloudposse/eks-iam-role/aws", body)
        assert granted(facts, role(facts))[1] == {"s3:*": ["*"]}


def test_what_a_module_puts_into_a_text_stands_where_the_user_wrote_it() -> None:
    found = role(call(SERVICE_ACCOUNTS[0], PROVIDERS))
    assert found.trust is not None
    subject, audience = found.trust.document.statements[0].conditions
    place = subject.values[0].span
    assert (place.line, place.column) == (3, 1 + PROVIDERS.index('shop:shop"'))
    assert audience.values[0].span == found.origin.span
