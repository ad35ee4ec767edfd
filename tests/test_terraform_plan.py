"""Terraform plans and states on their own: what they say, what they leave unknown, and where it stands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rolecall.model import (
    InstanceProfile,
    NodeGroup,
    OidcProvider,
    Plan,
    PodIdentityAssociation,
    PolicyAttachment,
    Role,
    ServiceAccount,
)
from rolecall.tree import Reference
from tests.plans import EC2, PATH, configured, module, plan, read, references, resource, trust
from tests.terraform_worlds import every, only

if TYPE_CHECKING:
    from rolecall.tree import Scalar


def leads_to(scalar: Scalar | None) -> list[Reference]:
    assert scalar is not None
    return [reference for hole in scalar.holes for reference in hole.references]


def test_resources_of_all_modules_are_read_under_their_addresses() -> None:
    inner = module(
        'module.a["x.y"].module.b[0]',
        [resource('module.a["x.y"].module.b[0].aws_iam_role.this["k"]', {"name": "inner", "assume_role_policy": EC2})],
    )
    outer = module('module.a["x.y"]', [resource('module.a["x.y"].aws_iam_role.this', {"name": "outer"})], [inner])
    facts = read(plan([resource("aws_iam_role.this[1]", {"name": "root"})], modules=[outer]))
    assert {role.origin.address: role.name.known for role in every(facts, Role) if role.name} == {
        "aws_iam_role.this[1]": "root",
        'module.a["x.y"].aws_iam_role.this': "outer",
        'module.a["x.y"].module.b[0].aws_iam_role.this["k"]': "inner",
    }
    assert {role.origin.unit for role in every(facts, Role)} == {PATH}


def test_a_policy_in_a_string_has_its_places_in_the_plan() -> None:
    value = plan(
        [resource("aws_iam_role.app", {"name": "app", "assume_role_policy": trust("system:serviceaccount:a:*")})]
    )
    role = only(read(value, indent=2), Role)
    text = json.dumps(value, indent=2)
    assert role.trust is not None
    (statement,) = role.trust.document.statements
    found = {text[one.span.start : one.span.end] for condition in statement.conditions for one in condition.values}
    assert found == {'\\"sts.amazonaws.com\\"', '\\"system:serviceaccount:a:*\\"'}
    assert text[role.origin.span.start : role.origin.span.end] == '"aws_iam_role.app"'


@pytest.mark.parametrize("text", ["${aws:PrincipalTag/team}", "${name}", "{{ name }}"])
def test_nothing_in_a_plan_is_a_template(text: str) -> None:
    role = only(read(plan([resource("aws_iam_role.app", {"name": text, "assume_role_policy": EC2})])), Role)
    assert role.name is not None
    assert role.name.known == text


def association(expression: dict[str, Any], **more: Any) -> PodIdentityAssociation:  # noqa: ANN401 - JSON
    """An association whose role is known only after apply, in a plan with a module that makes two roles."""
    name = "aws_eks_pod_identity_association.x"
    address = name + more.pop("key", "")
    children = [
        module(f'module.irsa["{key}"]', [resource(f'module.irsa["{key}"].aws_iam_role.this[0]', {"name": key})])
        for key in ("a", "b")
    ]
    output = references("aws_iam_role.this[0].arn", "aws_iam_role.this[0]", "aws_iam_role.this")
    made = configured("aws_iam_role.this", {"name": references("each.key")}, count_expression={"constant_value": 1})
    inside = {"outputs": {"arn": {"expression": output}}, "resources": [made]}
    return only(
        read(
            plan(
                [resource(address, {"namespace": "pay"})],
                modules=children,
                unknown={address: {"role_arn": True}},
                configuration={
                    "resources": [configured(name, {"role_arn": expression}, **more)],
                    "module_calls": {"irsa": {"module": inside, "for_each_expression": {}}},
                },
            )
        ),
        PodIdentityAssociation,
    )


def test_an_unknown_value_leads_through_a_modules_output_to_the_resource() -> None:
    found = association(references('module.irsa["a"].arn', 'module.irsa["a"]'))
    assert leads_to(found.role) == [Reference(PATH, 'module.irsa["a"].aws_iam_role.this[0]', "arn")]
    assert found.role is not None
    assert found.role.hole.why == 'known only after apply: module.irsa["a"].aws_iam_role.this[0].arn'


def test_each_value_of_all_instances_of_a_module_leads_to_the_instance_of_the_same_key() -> None:
    each = {"for_each_expression": references("module.irsa"), "key": '["b"]'}
    found = association(references("each.value.arn", "each.value"), **each)
    assert leads_to(found.role) == [Reference(PATH, 'module.irsa["b"].aws_iam_role.this[0]', "arn")]


def test_an_index_that_the_configuration_leaves_out_is_the_key_of_the_instance() -> None:
    found = association(references("module.irsa", "each.key"), key='["b"]', for_each_expression={})
    itself = Reference(PATH, 'aws_eks_pod_identity_association.x["b"]', "role_arn")
    assert leads_to(found.role) == [itself], "which output is not said"


@pytest.mark.parametrize(
    "texts",
    [
        ("module.irsa",),
        ("local.arn",),
        ("module.irsa.arn", "module.irsa"),
        ('module.irsa["a"].arn', 'module.irsa["a"]', 'module.irsa["b"].arn', 'module.irsa["b"]'),
        ("var.arn",),
        ("each.value.arn", "each.value"),
        ("data",),
        ("",),
    ],
)
def test_what_is_not_one_reference_leads_nowhere(texts: tuple[str, ...]) -> None:
    found = association(references(*texts))
    assert leads_to(found.role) == [Reference(PATH, "aws_eks_pod_identity_association.x", "role_arn")]


def test_a_modules_input_leads_to_what_the_call_gives() -> None:
    address = "module.m.aws_iam_role_policy_attachment.x"
    attached = {"role": references("var.role.name", "var.role"), "policy_arn": references("var.arn")}
    found = only(
        read(
            plan(
                [resource("aws_iam_role.node", {}), resource("aws_iam_policy.p", {"name": "p"})],
                modules=[module("module.m", [resource(address, {})])],
                unknown={address: {"role": True, "policy_arn": True}},
                configuration={
                    "resources": [configured("aws_iam_role.node", {}), configured("aws_iam_policy.p", {})],
                    "module_calls": {
                        "m": {
                            "expressions": {
                                "role": references("aws_iam_role.node"),
                                "arn": references("aws_iam_policy.p.arn", "aws_iam_policy.p"),
                            },
                            "module": {"resources": [configured("aws_iam_role_policy_attachment.x", attached)]},
                        }
                    },
                },
            )
        ),
        PolicyAttachment,
    )
    assert [one for role in found.roles for one in leads_to(role)] == [Reference(PATH, "aws_iam_role.node", "name")]
    assert leads_to(found.policy_arn) == [Reference(PATH, "aws_iam_policy.p", "arn")]


def test_inputs_that_need_each_other_end() -> None:
    address = "module.m.aws_iam_instance_profile.x"
    inside = {
        "outputs": {"a": {"expression": references("var.a")}},
        "resources": [configured("aws_iam_instance_profile.x", {"role": references("var.a")})],
    }
    call = {"expressions": {"a": references("module.m.a")}, "module": inside}
    found = only(
        read(
            plan(
                [],
                modules=[module("module.m", [resource(address, {"name": "x"})])],
                unknown={address: {"role": True}},
                configuration={"module_calls": {"m": call}},
            )
        ),
        InstanceProfile,
    )
    assert leads_to(found.role) == [Reference(PATH, address, "role")]


def profile(name: str | None, role: str | None) -> InstanceProfile:
    """A profile whose role is written as one reference to a role's name, with these values in the plan."""
    values = {} if role is None else {"role": role}
    unknown = {"aws_iam_instance_profile.p": {"role": True} if role is None else {}}
    unknown["aws_iam_role.r"] = {"name": True} if name is None else {}
    expression = references("aws_iam_role.r.name", "aws_iam_role.r")
    return only(
        read(
            plan(
                [
                    resource("aws_iam_role.r", {"name": name} if name else {}),
                    resource("aws_iam_instance_profile.p", values),
                ],
                unknown=unknown,
                configuration={
                    "resources": [
                        configured("aws_iam_role.r", {"name_prefix": {"constant_value": "r"}}),
                        configured("aws_iam_instance_profile.p", {"role": expression}),
                    ]
                },
            )
        ),
        InstanceProfile,
    )


def test_a_known_name_is_joined_to_the_role_that_the_configuration_refers_to() -> None:
    assert leads_to(profile("r", "r").role) == [Reference(PATH, "aws_iam_role.r", "name")]
    assert leads_to(profile(None, None).role) == [Reference(PATH, "aws_iam_role.r", "name")]


def test_a_value_that_shows_to_be_made_of_the_reference_is_not_the_reference() -> None:
    made = profile("r", "r-2").role
    assert made is not None
    assert made.known == "r-2", "a template around the name"
    assert leads_to(profile("r", None).role) == [Reference(PATH, "aws_iam_instance_profile.p", "role")]


def test_what_the_provider_chooses_is_not_written() -> None:
    """As in HCL: an argument that is not set is absent, and not an unknown value of it."""
    address = "aws_iam_role.r"
    marks = {"arn": True, "name": True, "inline_policy": True, "managed_policy_arns": True}
    found = only(
        read(
            plan(
                [resource(address, {"name_prefix": "r-", "path": "/"})],
                unknown={address: marks},
                configuration={"resources": [configured(address, {"name_prefix": {"constant_value": "r-"}})]},
            )
        ),
        Role,
    )
    assert found.name is not None
    assert found.name.parts[0] == "r-"
    assert (found.inline, found.inline_rest, found.managed, found.managed_rest) == ((), None, (), None)


def test_without_the_configuration_nothing_is_taken_for_not_written() -> None:
    address = "aws_iam_role.r"
    value = plan([resource(address, {})], unknown={address: {"inline_policy": True, "managed_policy_arns": True}})
    del value["configuration"]
    found = only(read(value), Role)
    assert found.inline_rest is not None
    assert found.managed_rest is not None


def test_an_unknown_value_in_a_block_is_known_by_the_block() -> None:
    address = "aws_eks_node_group.g"
    found = only(
        read(
            plan(
                [resource(address, {"launch_template": [{"version": "1"}]}), resource("aws_launch_template.t", {})],
                unknown={address: {"launch_template": [{"id": True, "name": True}]}},
                configuration={
                    "resources": [
                        configured(address, {"launch_template": [{"id": references("aws_launch_template.t.id")}]}),
                        configured("aws_launch_template.t", {}),
                    ]
                },
            )
        ),
        NodeGroup,
    )
    assert leads_to(found.launch_template)[0] == Reference(PATH, "aws_launch_template.t", "id")


def test_sensitive_values_are_unknown_and_their_places_are_kept() -> None:
    value = plan(
        [
            resource("aws_iam_role.r", {"name": "quiet-name"}, sensitive_values={"name": True}),
            resource(
                "aws_db_instance.d",
                {"password": "hunter2", "x": ["a", "b"]},
                sensitive_values={"password": True, "x": [False, True]},
            ),
        ]
    )
    value["planned_values"]["outputs"] = {"o": {"sensitive": True, "value": {"k": "deep"}}, "p": {"value": "open"}}
    facts = read(value)
    role = only(facts, Role)
    assert role.name is not None
    assert (role.name.known, role.name.hole.reason) == (None, "a sensitive value")
    text = json.dumps(value)
    hidden = [text[span.start : span.end] for span in only(facts, Plan).secrets]
    assert sorted(hidden) == ['"b"', '"deep"', '"hunter2"', '"quiet-name"']


def test_a_document_that_is_read_only_during_apply_is_read_as_far_as_it_is_known() -> None:
    data, address = "data.aws_iam_policy_document.t", "aws_iam_role.r"
    statement = {
        "actions": ["sts:AssumeRole"],
        "effect": None,
        "principals": [{"type": "AWS", "identifiers": ["*"]}],
        "condition": [{"test": "StringEquals", "values": ["x"]}],
        "resources": None,
    }
    marks = {"json": True, "statement": [{"condition": [{"variable": True, "values": [False]}]}]}
    written = {"principals": [{}], "condition": [{"variable": references("var.key"), "test": {"constant_value": "x"}}]}
    found = only(
        read(
            plan(
                [resource(address, {"name": "r"}), resource(data, {"statement": [statement]})],
                unknown={address: {"assume_role_policy": True}, data: marks},
                configuration={
                    "resources": [
                        configured(address, {"assume_role_policy": references(f"{data}.json", data)}),
                        configured(data, {"statement": [written]}),
                    ]
                },
            )
        ),
        Role,
    )
    assert found.trust is not None
    (one,) = found.trust.document.statements
    assert [principal.value.known for principal in one.principals] == ["*"]
    (condition,) = one.conditions
    assert condition.key.known is None
    assert leads_to(condition.key) == [Reference(PATH, data, "statement[0].condition[0].variable")]


def test_a_policy_that_is_wholly_unknown_says_why() -> None:
    address = "aws_iam_role.r"
    expression = references("aws_iam_openid_connect_provider.p.arn", "aws_iam_openid_connect_provider.p", "local.x")
    value = plan(
        [resource(address, {"name": "r"})],
        unknown={address: {"assume_role_policy": True}},
        configuration={"resources": [configured(address, {"assume_role_policy": expression})]},
    )
    facts = read(value)
    assert only(facts, Role).trust is None
    (said,) = facts.unevaluated
    assert (said.what, said.reason) == (
        "trust policy of aws_iam_role.r",
        "known only after apply: aws_iam_role.r.assume_role_policy",
    )


def test_kubernetes_objects_and_releases_of_a_plan_are_read() -> None:
    role = {"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/app"}
    metadata = {"name": "one", "namespace": "pay", "annotations": role}
    manifest = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {**metadata, "name": "two"}}
    settings = [
        {"name": "serviceAccount.name", "value": "three"},
        {
            "name": "serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn",
            "value": "arn:aws:iam::111122223333:role/app",
        },
    ]
    facts = read(
        plan(
            [
                resource("kubernetes_service_account_v1.a", {"metadata": [metadata]}),
                resource("kubernetes_manifest.b", {"manifest": manifest}),
                resource("helm_release.c", {"name": "c", "namespace": "pay", "chart": "c", "set": settings}),
            ]
        )
    )
    assert {one.name.known for one in every(facts, ServiceAccount) if one.name} == {"one", "two", "three"}


@pytest.mark.parametrize(
    ("source", "silent"),
    [("terraform-aws-modules/iam/aws//modules/iam-eks-role", True), ("./iam-eks-role", False)],
)
def test_a_module_of_the_registry_is_known_by_its_call(source: str, *, silent: bool) -> None:
    facts = read(
        plan(
            [],
            modules=[
                module("module.m", [resource("module.m.aws_iam_role.r", {"name": "r", "assume_role_policy": EC2})])
            ],
            configuration={"module_calls": {"m": {"source": source, "version_constraint": "~> 5.0"}}},
        )
    )
    trust_policy = only(facts, Role).trust
    assert trust_policy is not None
    assert trust_policy.no_audience is silent


@pytest.mark.parametrize(
    ("key", "declared", "name"),
    [
        ("aws", {"aws"}, "aws"),
        ("aws.west", {"aws", "aws.west"}, "aws"),
        ("aws.other", {"aws", "aws.other"}, "aws.other"),
        ("module.oidc:aws", {"aws"}, None),
        ("module.oidc:aws", {"aws", "module.oidc:aws"}, "module.oidc:aws"),
        ("", {"aws"}, None),
    ],
)
def test_a_plan_says_which_provider_configuration_makes_a_resource(
    key: str, declared: set[str], name: str | None
) -> None:
    address = "aws_iam_openid_connect_provider.it"
    made = plan(
        [resource(address, {"url": "https://x.test"})],
        configuration={"resources": [configured(address, {}, **({"provider_config_key": key} if key else {}))]},
    )
    made["configuration"]["provider_config"] = {
        one: {"expressions": {"profile": {"constant_value": one}}} if "other" in one else {} for one in declared
    }
    (found,) = [one for one in read(made).entities if isinstance(one, OidcProvider)]
    assert (found.configuration, found.certain) == (name, name is not None)
