"""The files of plans and states: how they are found, and what is made of states, and of what is broken or large."""

from __future__ import annotations

import codecs
import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from rolecall.facts import collect
from rolecall.kinds import is_plan
from rolecall.model import Cluster, LaunchTemplate, NodeGroup, OidcProvider, Plan, Role
from rolecall.problem import ProblemKind
from rolecall.source import Source
from rolecall.terraform import unit
from tests.plans import EC2, ISSUER, PATH, configured, module, plan, read, references, resource, trust
from tests.terraform_worlds import every, only
from tests.worlds import judge

if TYPE_CHECKING:
    from pathlib import Path

STATE = {
    "format_version": "1.0",
    "values": {
        "root_module": {
            "resources": [
                resource("aws_eks_cluster.c", {"name": "prod", "role_arn": "arn:aws:iam::111122223333:role/c"}),
                resource("aws_iam_openid_connect_provider.p", {"url": ISSUER, "client_id_list": ["sts.amazonaws.com"]}),
                resource(
                    "aws_launch_template.t",
                    {"id": "lt-1", "name": "nodes", "metadata_options": [{"http_tokens": "optional"}]},
                ),
                resource("aws_eks_node_group.g", {"launch_template": [{"id": "lt-1", "name": "nodes"}]}),
            ],
            "child_modules": [
                module(
                    "module.m",
                    [
                        resource(
                            "module.m.aws_iam_role.c[0]",
                            {"name": "c", "arn": "arn:aws:iam::111122223333:role/c", "assume_role_policy": EC2},
                        )
                    ],
                )
            ],
        }
    },
}


def raw_state() -> dict[str, Any]:
    """The same state as Terraform keeps it."""
    root: Any = STATE["values"]
    pending = [root["root_module"]]
    resources = []
    while pending:
        inner = pending.pop()
        pending += inner.get("child_modules", [])
        for one in inner["resources"]:
            instance = {"attributes": one["values"], "sensitive_attributes": []}
            if "[" in one["address"]:
                instance["index_key"] = 0
            own = {key: one[key] for key in ("mode", "type", "name")}
            if "address" in inner:
                own["module"] = inner["address"]
            resources.append({**own, "instances": [instance]})
    return {"version": 4, "terraform_version": "1.11.4", "lineage": "x", "resources": resources}


@pytest.mark.parametrize("state", [STATE, raw_state()], ids=["shown", "raw"])
def test_a_state_is_all_known(state: dict[str, Any]) -> None:
    facts = read(state, indent=1)
    role = only(facts, Role)
    assert role.origin.address == "module.m.aws_iam_role.c[0]"
    assert role.arn is not None
    assert role.arn.known == "arn:aws:iam::111122223333:role/c"
    cluster, provider = only(facts, Cluster), only(facts, OidcProvider)
    assert cluster.role is not None
    assert cluster.role.known == role.arn.known
    assert provider.url is not None
    assert provider.url.known == ISSUER
    template, group = only(facts, LaunchTemplate), only(facts, NodeGroup)
    assert template.name is not None
    assert group.launch_template is not None
    assert group.launch_template.known == template.name.known == "nodes"
    assert facts.problems == ()


def test_a_state_hides_what_its_paths_name() -> None:
    instance = {
        "attributes": {"secret": "s3cr3t", "user": "u"},
        "sensitive_attributes": [[{"type": "get_attr", "value": "secret"}]],
    }
    key = {"mode": "managed", "type": "aws_iam_access_key", "name": "k", "instances": [instance]}
    value = {"version": 4, "terraform_version": "1", "lineage": "x", "resources": [key]}
    text = json.dumps(value)
    assert [text[span.start : span.end] for span in only(read(value), Plan).secrets] == ['"s3cr3t"']


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_no_output_shows_what_terraform_calls_sensitive(tmp_path: Path, form: str) -> None:
    wide = trust("system:serviceaccount:pay:*", "StringLike")
    values = {"a": "hunter2", "assume_role_policy": wide, "z": "swordfish", "name": "app"}
    value = plan([resource("aws_iam_role.r", values, sensitive_values={"a": True, "z": True})])
    value["planned_values"] = {"outputs": {"o": {"sensitive": True, "value": "opensesame"}}, **value["planned_values"]}
    (tmp_path / "plan.json").write_text(json.dumps(value, separators=(",", ":")), encoding="utf-8")
    command = [sys.executable, "-m", "rolecall", "check", ".", "--format", form]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "trust-sub-wildcard-namespace" in done.stdout
    assert not [word for word in ("hunter2", "swordfish", "opensesame") if word in done.stdout + done.stderr]


@pytest.mark.parametrize(
    "data",
    [
        lambda text: text.encode(),
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
        lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
        lambda text: text.replace("\n", "\r\n").encode(),
    ],
    ids=["utf-8", "bom", "utf-16-le", "utf-16-be", "crlf"],
)
@pytest.mark.parametrize("name", ["plan.json", "tfplan", "prod.tfplan", "x.tfstate"])
def test_a_plan_is_found_by_what_it_says(tmp_path: Path, name: str, data: Any) -> None:  # noqa: ANN401 - a lambda
    text = json.dumps(plan([resource("aws_iam_role.r", {"name": "r", "assume_role_policy": EC2})]), indent=1)
    (tmp_path / name).write_bytes(data(text))
    (tmp_path / "other.json").write_text('{"format_version": "1.0", "values": [1]}')
    world, judgement = judge(tmp_path)
    assert (*world.problems, *judgement.problems) == ()
    assert [role.origin.unit for role in world.graph.all(Role)] == [name]
    assert dict(world.files) == {"Terraform plan": 1}


@pytest.mark.parametrize(
    "text",
    [
        '{"format_version": "1.0"}',
        '{"values": {"root_module": {}}}',
        '{"resources": [], "terraform_version": "1"}',
        '{"Statement": [{"Effect": "Allow"}]}',
    ],
)
def test_other_json_is_no_plan(text: str) -> None:
    assert not is_plan(text)


def whole() -> dict[str, Any]:
    """A plan with something of everything."""
    name = "aws_iam_role.r"
    child = module('module.m["a"]', [resource(f'module.m["a"].{name}[0]', {"name": "m", "assume_role_policy": EC2})])
    marks = {"arn": True, "inline_policy": [{"policy": True}]}
    values = {"name": "r", "assume_role_policy": trust("system:serviceaccount:a:b"), "inline_policy": [{"name": "x"}]}
    value = plan(
        [resource(name, values, sensitive_values={"tags": {"a": True}})],
        modules=[child],
        unknown={name: marks},
        configuration={
            "resources": [configured(name, {"inline_policy": [{"policy": references("module.m.x", "module.m")}]})],
            "module_calls": {
                "m": {
                    "expressions": {"a": references("var.b")},
                    "module": {
                        "outputs": {"x": {"expression": references("var.a")}},
                        "resources": [configured(name, {"assume_role_policy": references("var.a")})],
                    },
                }
            },
        },
    )
    value["planned_values"]["outputs"] = {"o": {"sensitive": True, "value": "x"}}
    return value


@pytest.mark.parametrize("value", [whole(), raw_state()], ids=["plan", "state"])
def test_a_plan_cut_off_anywhere_is_a_problem_with_its_place(value: dict[str, Any]) -> None:
    text = json.dumps(value)
    for length in range(2, len(text) - 1, 7):
        facts = collect(PATH, unit.adapt_plan(Source(PATH, text[:length])), (PATH,))
        assert facts.entities == ()
        (problem,) = facts.problems
        assert problem.kind is ProblemKind.SYNTAX
        assert problem.span is not None
        assert problem.span.start <= length


@pytest.mark.parametrize("junk", [None, True, 7, 1e99, "x", "", [], {}, [[]], [None], {"x": None}, {"references": [7]}])
@pytest.mark.parametrize("value", [whole(), raw_state(), STATE], ids=["plan", "raw", "state"])
def test_a_plan_of_any_shape_is_read_without_a_crash(value: dict[str, Any], junk: object) -> None:
    paths: list[tuple[str | int, ...]] = []
    pending: list[tuple[tuple[str | int, ...], object]] = [((), value)]
    while pending:
        path, node = pending.pop()
        inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        pending += [((*path, key), child) for key, child in inner]
        if path:
            paths.append(path)
    for path in paths:
        copy = json.loads(json.dumps(value))
        holder = copy
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = junk
        facts = collect(PATH, unit.adapt_plan(Source(PATH, json.dumps(copy))), (PATH,))
        assert facts.problems == (), path


@pytest.mark.parametrize("levels", [30, 90, 5_000, 100_000])
def test_modules_in_modules_are_read_or_refused(levels: int) -> None:
    head, tail = '{"child_modules": [', "]}"
    address = ".".join(["module.m"] * levels) + ".aws_iam_role.r"
    role = json.dumps(
        {"address": address, "mode": "managed", "type": "aws_iam_role", "name": "r", "values": {"name": "r"}}
    )
    inner = f'{{"resources": [{role if levels < 1000 else ""}]}}'
    text = f'{{"format_version": "1.2", "planned_values": {{"root_module": {head * levels}{inner}{tail * levels}}}}}'
    facts = collect(PATH, unit.adapt_plan(Source(PATH, text)), (PATH,))
    if levels < 50:
        assert only(facts, Role).origin.address == address
    else:
        assert [problem.kind for problem in facts.problems] == [ProblemKind.SYNTAX] * len(facts.problems)
        assert facts.problems or every(facts, Role)


@pytest.mark.parametrize("part", ['"configuration"', '"resource_changes"', '"planned_values"', '"other"'])
def test_a_tower_of_brackets_is_refused(part: str) -> None:
    text = f'{{{part}: {{"root_module": {"[" * 200_000}'
    facts = collect(PATH, unit.adapt_plan(Source(PATH, text)), (PATH,))
    assert [problem.kind for problem in facts.problems] == [ProblemKind.SYNTAX]


def large(count: int) -> str:
    """A plan of many roles, each with an attachment that leads to it."""
    roles = [
        resource(f"aws_iam_role.r{index}", {"name": f"r{index}", "assume_role_policy": EC2}) for index in range(count)
    ]
    attachments = [
        resource(f"aws_iam_role_policy_attachment.r{index}", {"policy_arn": "arn:aws:iam::aws:policy/A"})
        for index in range(count)
    ]
    configuration = [
        configured(one["address"], {"role": references(one["address"].replace("_policy_attachment", "") + ".name")})
        for one in attachments
    ]
    unknown = {one["address"]: {"role": True} for one in attachments}
    return json.dumps(plan([*roles, *attachments], unknown=unknown, configuration={"resources": configuration}))


def test_the_time_for_a_plan_grows_as_the_plan() -> None:
    def seconds(count: int) -> float:
        source = Source(PATH, large(count))
        start = time.process_time()
        facts = collect(PATH, unit.adapt_plan(source), (PATH,))
        assert len(facts.entities) == 2 * count + 1
        return time.process_time() - start

    seconds(10)
    assert seconds(2000) < 20 * max(seconds(250), 0.02), "eight times as much; were it quadratic, sixty-four times"


def test_a_state_file_of_an_old_version_is_not_evaluated() -> None:
    old = {
        "version": 3,
        "terraform_version": "0.11.14",
        "lineage": "a",
        "modules": [{"path": ["root"], "resources": {"aws_iam_role.r": {"type": "aws_iam_role", "primary": {}}}}],
    }
    source = Source("terraform.tfstate", json.dumps(old))
    assert is_plan(source.text)
    facts = collect(source.path, unit.adapt_plan(source), (source.path,))
    (said,) = facts.unevaluated
    assert (said.what, said.path) == ("Terraform state", "terraform.tfstate")
    assert said.span is not None
