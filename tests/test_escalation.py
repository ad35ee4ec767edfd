"""Every escalation path: open, and closed by a Deny, by a resource, by a condition."""

from __future__ import annotations

import pytest

from rolecall.answer import Answer
from rolecall.iam import catalogue
from rolecall.iam.escalation import PATHS, Path, Reach, paths
from rolecall.iam.permissions import HeldPolicy, Permissions
from tests.policies import read, wrapped

EACH = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
Written = dict[str, object]


def may(*statements: Written, boundary: Permissions | None = None) -> Permissions:
    document = read(wrapped(*statements))
    return Permissions([HeldPolicy(document, document.span)], boundary)


def allow(action: object, resource: object = "*", **more: object) -> Written:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: object, resource: object = "*", **more: object) -> Written:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def needed(path: Path) -> list[str]:
    return [step.actions[0] for step in path.steps]


def of(path: Path, at: int, **more: object) -> Written:
    """An Allow for a step. What a path makes has a narrow name, so that no shorter path is open as well."""
    action = path.steps[at].actions[0]
    mine = f"arn:aws:{action.partition(':')[0]}:eu-west-1:111122223333:thing/mine-*"
    return allow(action, mine if path.steps[at].reach is Reach.ANY else "*", **more)


def whole(path: Path, but: int = -1) -> list[Written]:
    return [of(path, at) for at in range(len(path.steps)) if at != but]


def answer(path: Path, permissions: Permissions) -> Answer:
    return next((each.answer for each in paths(permissions) if each.path is path), Answer.NO)


@EACH
def test_a_path_is_open(path: Path) -> None:
    assert answer(path, may(*whole(path))) is Answer.YES


@EACH
def test_a_path_is_open_by_wildcards(path: Path) -> None:
    actions = [{**statement, "Action": f"{str(statement['Action'])[:-2].upper()}*"} for statement in whole(path)]
    assert answer(path, may(*actions)) is Answer.YES
    everything = [each.path for each in paths(may({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}))]
    assert any(set(needed(each)) <= set(needed(path)) or each.instead_of == path.name for each in everything)


@EACH
def test_every_step_is_needed(path: Path) -> None:
    for at in range(len(path.steps)):
        assert answer(path, may(*whole(path, but=at))) is Answer.NO


@EACH
def test_every_alternative_will_do(path: Path) -> None:
    for at, step in enumerate(path.steps):
        for action in step.actions:
            assert answer(path, may(*whole(path, but=at), {**of(path, at), "Action": action})) is Answer.YES


@EACH
def test_a_deny_closes_a_path(path: Path) -> None:
    for action in needed(path):
        assert answer(path, may(*whole(path), deny(action))) is Answer.NO
        assert answer(path, may(*whole(path), deny(f"{action.partition(':')[0]}:*"))) is Answer.NO
        assert answer(path, may(*whole(path), deny("s3:*"), deny(action, "arn:aws:other:::thing"))) is Answer.YES


@EACH
def test_narrow_resources_close_a_path(path: Path) -> None:
    for at, step in enumerate(path.steps):
        service = step.actions[0].partition(":")[0]
        # What makes something chooses its name, so that only resources of another service close these.
        service = "nothing" if step.reach is Reach.ANY else service
        narrow = allow(step.actions[0], f"arn:aws:{service}:eu-west-1:111122223333:thing/one")
        assert answer(path, may(*whole(path, but=at), narrow)) is Answer.NO


@EACH
def test_a_condition_closes_a_path_or_leaves_it_in_doubt(path: Path) -> None:
    never = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    tagged = {"StringEquals": {"aws:ResourceTag/team": "shop"}}
    region = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    for at in range(len(path.steps)):
        others = whole(path, but=at)
        assert answer(path, may(*others, of(path, at, Condition=never))) is Answer.NO
        assert answer(path, may(*others, of(path, at, Condition=tagged))) is Answer.UNKNOWN
        assert answer(path, may(*others, of(path, at, Condition=region))) is Answer.YES


@pytest.mark.parametrize("path", [path for path in PATHS if path.steps[0].passed_to], ids=lambda path: path.name)
def test_the_service_that_a_role_is_passed_to_counts(path: Path) -> None:
    others = whole(path, but=0)
    for service in path.steps[0].passed_to:
        passed = allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": service}})
        assert answer(path, may(passed, *others)) is Answer.YES
        kept = deny("iam:PassRole", Condition={"StringNotEquals": {"iam:PassedToService": "batch.amazonaws.com"}})
        assert answer(path, may(*whole(path), kept)) is Answer.NO
    elsewhere = allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "batch.amazonaws.com"}})
    assert answer(path, may(elsewhere, *others)) is Answer.NO
    assert answer(path, may(allow("iam:PassRole", "arn:aws:iam::*:role/app"), *others)) is Answer.NO
    assert answer(path, may(allow("iam:PassRole", "arn:aws:iam::*:role/*"), *others)) is Answer.YES


@EACH
def test_a_boundary_closes_a_path(path: Path) -> None:
    narrow = may(allow(["s3:*", "logs:*"]))
    assert paths(may(*whole(path), boundary=narrow)) == ()
    wide = may(allow("*"))
    assert answer(path, may(*whole(path), boundary=wide)) is Answer.YES


@EACH
def test_the_actions_of_a_path_are_actions_of_aws(path: Path) -> None:
    names = {action for step in path.steps for action in step.actions}
    assert {found.name for name in names if (found := catalogue.action(name)) is not None} == names


def test_a_path_that_holds_another_is_said_once() -> None:
    found = paths(may(allow(["eks:CreateAccessEntry", "eks:AssociateAccessPolicy"])))
    assert [each.path.name for each in found] == ["eks-access-entry"]
    found = paths(may(allow(["iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"])))
    assert [each.path.name for each in found] == ["codebuild-start-build"]


def test_names_are_given_once() -> None:
    names = [path.name for path in PATHS]
    assert len(names) == len(set(names))
    assert all(path.source.startswith("https://") for path in PATHS)
