"""Plans beside their configurations: one declaration, one entity, at its place in the source."""

from __future__ import annotations

import json
from dataclasses import replace
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from rolecall.graph.plans_values import Filling, agrees, moved
from rolecall.model import LaunchTemplate, NodeGroup, OidcProvider, PodIdentityAssociation, Role
from rolecall.span import Span
from rolecall.tree import Hole, Kind, Reference, Scalar
from tests.plans import ISSUER, configured, module, plan, references, resource, trust
from tests.worlds import BUILTIN, judge

if TYPE_CHECKING:
    from pathlib import Path

    from rolecall.engine import Judgement, World
    from rolecall.result import Diagnostic

RULES = {rule.name: rule for rule in BUILTIN}
WIDE = "trust-sub-wildcard-namespace"
HEAD = f"""
variable "subject" {{}}
variable "name" {{}}
locals {{
  issuer = "{ISSUER}"
}}
"""


def role(subject: str = "var.subject", name: str = '"app"', operator: str = "StringLike", head: str = "") -> str:
    """A role in HCL whose subject and name are these expressions."""
    return HEAD + dedent(
        f"""
        resource "aws_iam_role" "app" {{
          {head}
          name = {name}
          assume_role_policy = jsonencode({{
            Version = "2012-10-17"
            Statement = [{{
              Effect    = "Allow"
              Action    = "sts:AssumeRoleWithWebIdentity"
              Principal = {{ Federated = "arn:aws:iam::111122223333:oidc-provider/${{local.issuer}}" }}
              Condition = {{
                {operator} = {{ "${{local.issuer}}:sub" = {subject} }}
                StringEquals = {{ "${{local.issuer}}:aud" = "sts.amazonaws.com" }}
              }}
            }}]
          }})
        }}
        """
    )


def planned(
    subject: str, address: str = "aws_iam_role.app", operator: str = "StringLike", **values: str
) -> dict[str, Any]:
    """The same role in a plan."""
    return resource(address, {"name": "app", "assume_role_policy": trust(subject, operator), **values})


def write(root: Path, files: dict[str, Any]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1), encoding="utf-8")


def run(root: Path, files: dict[str, Any], *rules: str) -> tuple[World, Judgement]:
    write(root, files)
    world, judgement = judge(root, [RULES[name] for name in rules] if rules else BUILTIN)
    assert (*world.problems, *judgement.problems) == ()
    return world, judgement


def text(root: Path, span: Span) -> str:
    return (root / span.path).read_text(encoding="utf-8")[span.start : span.end]


def the_one(judgement: Judgement) -> Diagnostic:
    (found,) = judgement.diagnostics
    return found


def test_one_mistake_is_one_finding_at_its_place_in_the_source(tmp_path: Path) -> None:
    wide = "system:serviceaccount:pay:*"
    files = {"main.tf": role(f'"{wide}"'), "plan.json": plan([planned(wide)])}
    world, judgement = run(tmp_path, files)
    found = the_one(judgement)
    assert (found.rule.name, found.at.path) == (WIDE, "main.tf")
    last = found.labels[-1]
    assert (last.span.path, last.text) == ("plan.json", "what Terraform makes of it")
    assert text(tmp_path, last.span) == f'\\"{wide}\\"'
    assert len(world.graph.all(Role)) == 1


def test_what_only_the_plan_knows_is_found_at_the_expression_in_the_source(tmp_path: Path) -> None:
    wide = "system:serviceaccount:pay:*"
    world, judgement = run(tmp_path, {"main.tf": role(), "plan.json": plan([planned(wide)])})
    found = the_one(judgement)
    assert (found.rule.name, text(tmp_path, found.at)) == (WIDE, "var.subject")
    assert text(tmp_path, found.labels[-1].span) == f'\\"{wide}\\"'
    assert (*world.unevaluated, *judgement.unevaluated) == ()


def test_a_policy_that_the_configuration_cannot_read_is_the_plans(tmp_path: Path) -> None:
    wide = "system:serviceaccount:pay:*"
    source = 'variable "policy" {}\nresource "aws_iam_role" "app" {\n  assume_role_policy = var.policy\n}\n'
    world, judgement = run(tmp_path, {"main.tf": source, "plan.json": plan([planned(wide)])})
    found = the_one(judgement)
    assert (found.rule.name, text(tmp_path, found.at)) == (WIDE, 'resource "aws_iam_role" "app"')
    assert found.labels[-1].span.path == "plan.json"
    assert (*world.unevaluated, *judgement.unevaluated) == (), "it is evaluated"


def test_a_policy_that_the_plan_does_not_know_is_the_configurations(tmp_path: Path) -> None:
    address = "aws_iam_role.app"
    unknown = plan(
        [resource(address, {"name": "app"})],
        unknown={address: {"assume_role_policy": True}},
        configuration={"resources": [configured(address, {"assume_role_policy": references("local.issuer")})]},
    )
    world, judgement = run(tmp_path, {"main.tf": role('"system:serviceaccount:pay:*"'), "plan.json": unknown})
    assert (the_one(judgement).rule.name, the_one(judgement).at.path) == (WIDE, "main.tf")
    assert (*world.unevaluated, *judgement.unevaluated) == ()


def test_a_role_that_is_there_twice_is_not_ambiguous(tmp_path: Path) -> None:
    account = """
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: other
      namespace: pay
      annotations:
        eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/app
    """
    right = "system:serviceaccount:pay:app"
    files = {
        "sa.yaml": dedent(account),
        "main.tf": role(f'"{right}"'),
        "plan.json": plan([planned(right)]),
    }
    _, judgement = run(tmp_path, files)
    assert the_one(judgement).rule.name == "irsa-sub-mismatch"


def test_instances_that_only_the_plan_knows_stand_at_their_block(tmp_path: Path) -> None:
    source = 'variable "apps" {}\n' + role(name="each.key", head="for_each = var.apps")
    instances = [
        planned(f"system:serviceaccount:{key}:*", f'aws_iam_role.app["{key}"]', name=key) for key in ("a", "b")
    ]
    world, judgement = run(tmp_path, {"main.tf": source, "plan.json": plan(instances)})
    found = world.graph.all(Role)
    assert [(one.origin.address, one.name and one.name.known, one.origin.span.path) for one in found] == [
        ('aws_iam_role.app["a"]', "a", "main.tf"),
        ('aws_iam_role.app["b"]', "b", "main.tf"),
    ]
    assert the_one(judgement).at.path == "main.tf", "both instances are written once"


def test_a_reference_to_a_block_leads_to_its_instances(tmp_path: Path) -> None:
    source = dedent(
        """
        variable "apps" {}
        resource "aws_iam_role" "app" {
          for_each = var.apps
          name     = each.key
        }
        resource "aws_eks_pod_identity_association" "app" {
          for_each        = var.apps
          namespace       = "pay"
          service_account = each.key
          role_arn        = aws_iam_role.app[each.key].arn
        }
        """
    )
    pods = "aws_eks_pod_identity_association.app"
    value = plan(
        [
            *(resource(f'aws_iam_role.app["{key}"]', {"name": key}) for key in "ab"),
            *(resource(f'{pods}["{key}"]', {"namespace": "pay", "service_account": key}) for key in "ab"),
        ],
        unknown={f'{pods}["{key}"]': {"role_arn": True} for key in "ab"},
        configuration={
            "resources": [
                configured("aws_iam_role.app", {"name": references("each.key")}),
                configured(pods, {"role_arn": references("aws_iam_role.app", "each.key")}),
            ]
        },
    )
    world, _ = run(tmp_path, {"main.tf": source, "plan.json": value})
    bound = {
        one.service_account.known: [reference.address for hole in one.role.holes for reference in hole.references]
        for one in world.graph.all(PodIdentityAssociation)
        if one.service_account and one.role
    }
    assert bound == {"a": ['aws_iam_role.app["a"]'], "b": ['aws_iam_role.app["b"]']}


NODES = """
variable "tokens" {{}}
resource "aws_launch_template" "n" {{
  name = "n"
  metadata_options {{
    http_tokens = {tokens}
  }}
}}
resource "aws_eks_node_group" "g" {{
  cluster_name    = "prod"
  node_group_name = "g"
  node_role_arn   = "arn:aws:iam::111122223333:role/n"
  launch_template {{
    id      = aws_launch_template.n.id
    version = 1
  }}
}}
"""


def nodes(tokens: str) -> dict[str, Any]:
    template, group = "aws_launch_template.n", "aws_eks_node_group.g"
    return plan(
        [
            resource(template, {"name": "n", "metadata_options": [{"http_tokens": tokens}]}),
            resource(group, {"cluster_name": "prod", "node_group_name": "g", "launch_template": [{"version": "1"}]}),
        ],
        unknown={group: {"launch_template": [{"id": True}]}},
        configuration={
            "resources": [
                configured(template, {"metadata_options": [{"http_tokens": references("var.tokens")}]}),
                configured(group, {"launch_template": [{"id": references(f"{template}.id", template)}]}),
            ]
        },
    )


@pytest.mark.parametrize(
    ("written", "planned_tokens", "found"),
    [
        ('"required"', "optional", []),
        ('"optional"', "required", ['"optional"']),
        ("var.tokens", "optional", ["var.tokens"]),
        ("var.tokens", "required", []),
    ],
)
def test_what_the_source_says_counts_and_else_the_plan(
    tmp_path: Path, written: str, planned_tokens: str, found: list[str]
) -> None:
    files = {"main.tf": NODES.format(tokens=written), "plan.json": nodes(planned_tokens)}
    world, judgement = run(tmp_path, files, "imds-tokens-optional")
    assert [text(tmp_path, one.at) for one in judgement.diagnostics] == found
    assert len(world.graph.all(LaunchTemplate)) == len(world.graph.all(NodeGroup)) == 1


@pytest.mark.parametrize(("written", "found"), [('"${local.issuer}:aud" = "sts.amazonaws.com"', []), ("", ["main.tf"])])
def test_a_stale_plan_does_not_take_a_condition_away(tmp_path: Path, written: str, found: list[str]) -> None:
    """The source does not say whom the policy admits, and the plan does, but has no condition on the audience."""
    old = json.loads(trust("system:serviceaccount:pay:app", "StringLike"))
    del old["Statement"][0]["Condition"]["StringEquals"][f"{ISSUER}:aud"]
    stale = resource("aws_iam_role.app", {"name": "app", "assume_role_policy": json.dumps(old)})
    source = 'variable "principal" {}' + role().replace(
        '{ Federated = "arn:aws:iam::111122223333:oidc-provider/${local.issuer}" }', "var.principal"
    ).replace('"${local.issuer}:aud" = "sts.amazonaws.com"', written)
    _, judgement = run(tmp_path, {"main.tf": source, "plan.json": plan([stale])}, "trust-oidc-missing-aud")
    assert [one.at.path for one in judgement.diagnostics] == found


def test_what_only_the_plan_has_stays_in_it_and_is_joined_to_the_source(tmp_path: Path) -> None:
    """A registry module makes a node group; its role is the configuration's own."""
    source = dedent(
        """
        resource "aws_iam_role" "node" {
          name = "node"
        }
        resource "aws_iam_role_policy_attachment" "admin" {
          role       = aws_iam_role.node.name
          policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
        }
        """
    )
    group = "module.eks.aws_eks_node_group.this"
    value = plan(
        [
            resource("aws_iam_role.node", {"name": "node"}),
            resource("aws_iam_role_policy_attachment.admin", {"role": "node"}),
        ],
        modules=[module("module.eks", [resource(group, {"cluster_name": "prod"})])],
        unknown={group: {"node_role_arn": True}},
        configuration={
            "resources": [configured("aws_iam_role.node", {})],
            "module_calls": {
                "eks": {
                    "expressions": {"role": references("aws_iam_role.node.arn", "aws_iam_role.node")},
                    "module": {
                        "resources": [configured("aws_eks_node_group.this", {"node_role_arn": references("var.role")})]
                    },
                }
            },
        },
    )
    call = (
        'module "eks" {\n  source = "terraform-aws-modules/unknown/aws"\n}\nmodule "other" {\n  source = "x/y/aws"\n}\n'
    )
    world, judgement = run(tmp_path, {"main.tf": source + call, "plan.json": value}, "node-role-admin")
    found = the_one(judgement)
    assert [one.what for one in world.unevaluated if one.what.startswith("module.")] == ["module.other (x/y/aws)"]
    assert found.at.path == "main.tf"
    assert "plan.json" in {label.span.path for label in found.labels}
    assert [one.origin.span.path for one in world.graph.all(NodeGroup)] == ["plan.json"]


def wide_of(directory: str) -> str:
    return f"system:serviceaccount:{directory.rpartition('/')[2]}:*"


def test_of_two_equal_configurations_the_one_beside_the_plan_is_meant(tmp_path: Path) -> None:
    files: dict[str, Any] = {f"envs/{env}/main.tf": role() for env in ("dev", "prod")}
    files["envs/prod/plan.json"] = plan([planned("system:serviceaccount:prod:*")])
    _, judgement = run(tmp_path, files)
    assert the_one(judgement).at.path == "envs/prod/main.tf"


def test_of_two_configurations_the_one_with_the_plans_names_is_meant(tmp_path: Path) -> None:
    files: dict[str, Any] = {f"envs/{env}/main.tf": role(name=f'"{env}"') for env in ("dev", "prod")}
    files["plan.json"] = plan([planned("system:serviceaccount:prod:*", name="prod")])
    _, judgement = run(tmp_path, files)
    assert the_one(judgement).at.path == "envs/prod/main.tf"


def test_a_plan_that_fits_two_configurations_stands_for_itself(tmp_path: Path) -> None:
    files: dict[str, Any] = {f"envs/{env}/main.tf": role() for env in ("dev", "prod")}
    files["plan.json"] = plan([planned("system:serviceaccount:prod:*")])
    world, judgement = run(tmp_path, files)
    assert the_one(judgement).at.path == "plan.json"
    assert len(world.graph.all(Role)) == 3


def test_a_plan_of_something_else_is_not_joined(tmp_path: Path) -> None:
    own = [
        planned("system:serviceaccount:x:y"),
        *(planned("system:serviceaccount:x:y", f"aws_iam_role.r{n}", name=f"r{n}") for n in range(3)),
    ]
    other = role(name="var.name") + "".join(
        f'resource "aws_iam_role" "o{n}" {{\n  name = "o{n}"\n}}\n' for n in range(3)
    )
    world, _ = run(tmp_path, {"tf/main.tf": other, "plan.json": plan(own)})
    assert len(world.graph.all(Role)) == 8


def test_plans_of_two_workspaces_are_two_roles_at_one_place(tmp_path: Path) -> None:
    files: dict[str, Any] = {"main.tf": role(name="var.name")}
    for name in ("dev", "prod"):
        files[f"{name}.json"] = plan([planned(f"system:serviceaccount:{name}:*", name=name)])
    world, judgement = run(tmp_path, files)
    assert {one.name.known for one in world.graph.all(Role) if one.name} == {"dev", "prod"}
    assert {one.origin.span.path for one in world.graph.all(Role)} == {"main.tf"}
    assert text(tmp_path, the_one(judgement).at) == "var.subject"


def test_a_plan_and_the_state_of_one_configuration_are_one(tmp_path: Path) -> None:
    arn = "arn:aws:iam::111122223333:role/app"
    state = {
        "format_version": "1.0",
        "values": {"root_module": {"resources": [planned("system:serviceaccount:pay:*", arn=arn)]}},
    }
    files = {"main.tf": role(), "plan.json": plan([planned("system:serviceaccount:pay:*")]), "state.json": state}
    world, judgement = run(tmp_path, files)
    (found,) = world.graph.all(Role)
    assert found.arn is not None
    assert found.arn.known == arn
    assert the_one(judgement).at.path == "main.tf"


def test_a_set_is_filled_whatever_its_order(tmp_path: Path) -> None:
    source = dedent(
        """
        variable "audience" {}
        resource "aws_iam_openid_connect_provider" "p" {
          url            = "https://token.actions.githubusercontent.com"
          client_id_list = [var.audience, "sts.amazonaws.com"]
        }
        """
    )
    clients = {"url": "https://token.actions.githubusercontent.com", "client_id_list": ["sts.amazonaws.com", "zone"]}
    value = plan([resource("aws_iam_openid_connect_provider.p", clients)])
    world, _ = run(tmp_path, {"main.tf": source, "plan.json": value})
    (found,) = world.graph.all(OidcProvider)
    assert [one.known for one in found.client_ids] == ["zone", "sts.amazonaws.com"]
    assert {one.span.path for one in found.client_ids} == {"main.tf"}


HERE = Span("main.tf", 0, 5, 1, 1, 1, 6)
THERE = Span("plan.json", 0, 5, 1, 1, 1, 6)


def scalar(*parts: str | Hole, span: Span = HERE) -> Scalar:
    return Scalar(parts, Kind.STRING, span)


HOLE = Hole("unknown")


@pytest.mark.parametrize(
    ("parts", "value", "fits"),
    [
        (("a",), "a", True),
        (("a",), "b", False),
        ((HOLE,), "", True),
        (("a", HOLE), "abc", True),
        (("a", HOLE), "b", False),
        ((HOLE, "c"), "abc", True),
        ((HOLE, "c"), "acb", False),
        (("a", HOLE, "c"), "ac", True),
        (("ab", HOLE, "bc"), "abc", False),
        (("a", HOLE, "b", HOLE, "c"), "aXbYc", True),
        (("a", HOLE, "b", HOLE, "c"), "aXYc", False),
        ((HOLE, "b", HOLE), "abc", True),
    ],
)
def test_a_partly_known_text_is_what_its_known_parts_admit(
    parts: tuple[str | Hole, ...], value: str, *, fits: bool
) -> None:
    mine, theirs = scalar(*parts), scalar(value, span=THERE)
    assert agrees(mine, theirs) is fits
    assert agrees(theirs, mine) is fits
    filled = Filling(frozenset(), frozenset(), {}).value(mine, theirs, HERE)
    assert filled == (mine if not fits or mine.known else scalar(value))


def test_a_reference_to_another_block_is_not_replaced_by_its_name() -> None:
    mine = scalar(Hole("known only after apply", (Reference(".", "aws_launch_template.n", "id"),)))
    filling = Filling(frozenset({"aws_launch_template.n"}), frozenset(), {})
    assert filling.value(mine, scalar("lt-0123", span=THERE), HERE) == mine


def test_what_is_moved_has_one_place() -> None:
    assert moved((replace(scalar("a", span=THERE), via=(THERE,)), THERE), HERE) == (scalar("a"), HERE)


def test_a_role_of_a_module_is_one_with_its_instances_in_the_plan(tmp_path: Path) -> None:
    wide = "system:serviceaccount:pay:*"
    call = 'module "m" {\n  source   = "./m"\n  for_each = toset(["a", "b"])\n  subject  = ""\n  name     = ""\n}\n'
    children = [module(f'module.m["{key}"]', [planned(wide, f'module.m["{key}"].aws_iam_role.app')]) for key in "ab"]
    files = {"main.tf": call, "m/main.tf": role(f'"{wide}"'), "plan.json": plan([], modules=children)}
    world, judgement = run(tmp_path, files)
    found = the_one(judgement)
    assert [(label.span.path, label.text) for label in (found.labels[0], *found.labels[-2:])] == [
        ("m/main.tf", found.labels[0].text),
        ("main.tf", "called here"),
        ("plan.json", "what Terraform makes of it"),
    ]
    assert [one.origin.address for one in world.graph.all(Role)] == [
        'module.m["a"].aws_iam_role.app',
        'module.m["b"].aws_iam_role.app',
    ]


def test_instances_whose_keys_only_the_plan_knows_stand_at_their_block(tmp_path: Path) -> None:
    source = 'variable "stage" {}\n' + role(
        name="each.key", head='for_each = toset(["a-${var.stage}", "b-${var.stage}"])'
    )
    instances = [
        planned(f"system:serviceaccount:{key}:*", f'aws_iam_role.app["{key}"]', name=key)
        for key in ("a-live", "b-live")
    ]
    world, judgement = run(tmp_path, {"main.tf": source, "plan.json": plan(instances)})
    found = world.graph.all(Role)
    assert [(one.origin.address, one.name and one.name.known, one.origin.span.path) for one in found] == [
        ('aws_iam_role.app["a-live"]', "a-live", "main.tf"),
        ('aws_iam_role.app["b-live"]', "b-live", "main.tf"),
    ]
    assert the_one(judgement).at.path == "main.tf"
