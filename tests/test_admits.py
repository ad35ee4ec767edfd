"""`rolecall admits` as a user runs it: the answer, the places that decide, exit codes, batches with hostile lines."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.fixtures import FIXTURES
from tests.test_cli import rolecall

if TYPE_CHECKING:
    from pathlib import Path

ISSUER = "https://oidc.eks.eu-west-1.amazonaws.com/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9"
HOST = ISSUER.removeprefix("https://")
SUBJECT = "system:serviceaccount:pay:app"
TOKEN = ("--issuer", ISSUER, "--subject", SUBJECT)
TRUST: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{HOST}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {f"{HOST}:sub": SUBJECT, f"{HOST}:aud": "sts.amazonaws.com"}},
        },
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "sts:AssumeRole"},
    ],
}
TERRAFORM = """\
resource "aws_iam_openid_connect_provider" "this" {
  url            = "https://HOST"
  client_id_list = ["sts.amazonaws.com"]
}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::111122223333:oidc-provider/HOST"]
    }
    condition {
      test     = "StringLike"
      variable = "HOST:sub"
      values   = ["system:serviceaccount:pay:*"]
    }
  }
}
resource "aws_iam_role" "app" {
  name               = "pay-app"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
resource "aws_iam_role" "each" {
  for_each           = toset(["a", "b"])
  name               = "pay-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
""".replace("HOST", HOST)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "trust.json").write_text(json.dumps(TRUST, indent=2), encoding="utf-8")
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf").write_text(TERRAFORM, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("question", "code", "head"),
    [
        (TOKEN, 0, b"yes: the role of trust.json admits"),
        (("--issuer", HOST, "--subject", SUBJECT), 0, b"yes: "),
        ((*TOKEN, "--audience", "vault"), 1, b"no: the role of trust.json does not admit"),
        (("--issuer", ISSUER, "--subject", "system:serviceaccount:dev:app"), 1, b"no: "),
        (("--issuer", ISSUER + "0", "--subject", SUBJECT), 1, b"no: "),
        (("--principal", "arn:aws:iam::444455556666:role/deploy"), 0, b"yes: "),
        (("--principal", "444455556666"), 0, b"yes: "),
        (("--principal", "arn:aws:iam::111122223333:role/deploy"), 1, b"no: "),
        (("--service", "ec2.amazonaws.com"), 1, b"no: "),
    ],
)
def test_a_file(question: tuple[str, ...], code: int, head: bytes, tree: Path) -> None:
    done = rolecall(tree, "admits", "trust.json", *question)
    assert (done.returncode, done.stderr) == (code, b"")
    assert done.stdout.startswith(head)
    assert b" --> trust.json:" in done.stdout


def test_the_statement_and_the_condition_that_decide_are_shown(tree: Path) -> None:
    done = rolecall(tree, "admits", "trust.json", "--issuer", ISSUER, "--subject", "system:serviceaccount:dev:app")
    shown = done.stdout.decode()
    assert "not met: sub is system:serviceaccount:dev:app" in shown
    assert "444455556666" not in shown, "the other statement is about somebody else"


@pytest.mark.parametrize(
    "name",
    [
        "pay-app",
        "aws_iam_role.app",
        "aws_iam_role.app.arn",
        "arn:aws:iam::111122223333:role/pay-app",
        'aws_iam_role.each["a"]',
        "pay-b",
    ],
)
def test_a_role_of_a_tree(name: str, tree: Path) -> None:
    done = rolecall(tree, "admits", name, *TOKEN)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"infra/main.tf:7:" in done.stdout
    assert rolecall(tree, "admits", name, "infra", *TOKEN).returncode == 0


def test_an_audience_that_the_provider_does_not_take(tree: Path) -> None:
    done = rolecall(tree, "admits", "pay-app", *TOKEN, "--audience", "vault")
    assert done.returncode == 1
    assert b"the provider takes no token for another audience" in done.stdout
    assert b"infra/main.tf:3:" in done.stdout
    alone = rolecall(tree, "admits", "trust.json", "infra", *TOKEN, "--audience", "vault")
    assert alone.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("pay-ap", *TOKEN), "did you mean 'pay-app'?"),
        (("nothing.json", *TOKEN), "there is no role of that name"),
        (("aws_iam_role.each", *TOKEN), 'several roles of . are called so: role pay-a (aws_iam_role.each["a"], infra'),
        (("trust.json",), "say who asks"),
        (TOKEN, "say which role is asked"),
        (("trust.json", "--issuer", ISSUER), "say both"),
        (("trust.json", *TOKEN, "--service", "ec2.amazonaws.com"), "say who asks"),
        (("trust.json", "--issuer", "http://x.example", "--subject", "x"), "no https URL"),
        (("trust.json", "--principal", "arn:aws:iam::1:role/x"), "no ARN of a user"),
        (("trust.json", "--principal", f"arn:aws:iam::111122223333:oidc-provider/{HOST}"), "by issuer and subject"),
        (("trust.json", "--principal", "ec2.amazonaws.com"), "ask for it as one"),
        (("trust.json", "--service", "ec2"), "such as pods.eks.amazonaws.com"),
        (("trust.json", *TOKEN, "--format", "jsn"), "did you mean 'json'?"),
        (("permissions.json", *TOKEN), "permissions.json holds no trust policy"),
        (("broken.json", *TOKEN), "broken.json:1:"),
        (("two.json", *TOKEN), "holds several trust policies"),
        (("--batch", "missing.jsonl"), "cannot be read"),
    ],
)
def test_questions_that_cannot_be_put(arguments: tuple[str, ...], said: str, tree: Path) -> None:
    (tree / "permissions.json").write_text(
        '{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}', encoding="utf-8"
    )
    (tree / "broken.json").write_text('{"Statement": [', encoding="utf-8")
    roles = [{"RoleName": name, "AssumeRolePolicyDocument": TRUST} for name in ("one", "two")]
    (tree / "two.json").write_text(json.dumps({"Roles": roles}), encoding="utf-8")
    done = rolecall(tree, "admits", *arguments)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.decode().split())
    assert b"Traceback" not in done.stderr
    assert done.stdout == b""


def test_a_role_of_a_file_with_several(tree: Path) -> None:
    roles = [{"RoleName": name, "AssumeRolePolicyDocument": TRUST} for name in ("one", "two")]
    (tree / "two.json").write_text(json.dumps({"Roles": roles}, indent=1), encoding="utf-8")
    assert rolecall(tree, "admits", "two", "two.json", *TOKEN).returncode == 0


def test_unknown(tree: Path) -> None:
    main = tree / "infra" / "main.tf"
    text = main.read_text(encoding="utf-8").replace(f'"{HOST}:sub"', "var.key").replace("StringLike", "StringEquals")
    main.write_text(text + '\nvariable "key" {}\n', encoding="utf-8")
    done = rolecall(tree, "admits", "pay-app", *TOKEN)
    assert done.returncode == 3
    assert done.stdout.startswith(b"unknown: it cannot be told whether role pay-app admits")
    assert b"a variable without a default: var.key" in done.stdout


def test_an_issuer_that_is_not_known_until_apply(tree: Path) -> None:
    main = tree / "infra" / "main.tf"
    text = main.read_text(encoding="utf-8")
    text = text.replace(
        f'["arn:aws:iam::111122223333:oidc-provider/{HOST}"]', "[aws_iam_openid_connect_provider.this.arn]"
    )
    text = text.replace(f'"{HOST}:sub"', '"${aws_iam_openid_connect_provider.this.url}:sub"').replace(
        f'"https://{HOST}"', "aws_eks_cluster.x.identity[0].oidc[0].issuer"
    )
    main.write_text(text, encoding="utf-8")
    done = rolecall(tree, "admits", "pay-app", *TOKEN)
    assert done.returncode == 3
    assert b"(--issuer '*') the answer is yes" in b" ".join(done.stdout.split())
    assert rolecall(tree, "admits", "pay-app", "--issuer", "*", "--subject", SUBJECT).returncode == 0
    assert rolecall(tree, "admits", "pay-app", "--issuer", "*", "--subject", "x").returncode == 1


def test_standard_input(tree: Path) -> None:
    done = rolecall(tree, "admits", "-", *TOKEN, stdin=json.dumps(TRUST).encode())
    assert done.returncode == 0
    assert b" --> -:1:" in done.stdout


def test_json(tree: Path) -> None:
    done = rolecall(tree, "admits", "trust.json", *TOKEN, "--format", "json")
    found = json.loads(done.stdout)
    assert found["answer"] == "yes"
    assert found["because"][0]["text"] == "allows it"
    assert (found["because"][0]["path"], found["because"][0]["statement"]) == ("trust.json", 1)
    wrong = rolecall(tree, "admits", "trust.json", "--format", "json")
    assert wrong.returncode == 2
    assert list(json.loads(wrong.stdout)) == ["error"]


def test_a_policy_that_does_not_look_like_a_trust_policy(tree: Path) -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "*"}
    (tree / "odd.json").write_text(json.dumps({"Statement": statement}), encoding="utf-8")
    assert rolecall(tree, "admits", "odd.json", "--service", "ec2.amazonaws.com").returncode == 0


def test_the_configuration_excludes_files(tree: Path) -> None:
    (tree / "rolecall.toml").write_text('exclude = ["infra/**"]\n', encoding="utf-8")
    assert rolecall(tree, "admits", "pay-app", *TOKEN).returncode == 2


def test_the_demonstration(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "demo", tmp_path / "demo")
    done = rolecall(
        tmp_path, "admits", "payments", "demo", "--issuer", "*", "--subject", "system:serviceaccount:pay:payments"
    )
    assert (done.returncode, done.stderr) == (0, b"")


# Batches.


def batch(tree: Path, *lines: object, code: int = 0) -> list[dict[str, Any]]:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    done = rolecall(tree, "admits", "--batch", "-", stdin=text.encode("utf-8", "surrogatepass"))
    assert done.returncode == code, done.stderr
    assert b"Traceback" not in done.stderr
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


QUESTION: dict[str, Any] = {"policy": TRUST, "issuer": ISSUER, "subject": SUBJECT}


def test_a_batch(tree: Path) -> None:
    answers = batch(
        tree,
        QUESTION,
        {**QUESTION, "subject": "x"},
        {**QUESTION, "policy": json.dumps(TRUST)},
        {"file": "trust.json", "principal": "arn:aws:iam::444455556666:user/path/ada"},
        {"role": "pay-app", "service": "pods.eks.amazonaws.com", "comment": "no pod"},
        {"role": "pay-app", "issuer": ISSUER, "subject": SUBJECT, "audience": None},
        {"file": "infra/main.tf", "role": "pay-a", "issuer": "*", "subject": SUBJECT},
    )
    assert [answer["answer"] for answer in answers] == ["yes", "no", "yes", "yes", "no", "yes", "yes"]
    assert all(answer["because"] for answer in answers)
    assert answers[1]["because"][0]["path"] == "-"
    assert answers[1]["because"][0]["line"] == 2


def test_places_in_a_batch_are_those_of_its_file(tree: Path) -> None:
    line = json.dumps({**QUESTION, "subject": "system:serviceaccount:dev:app"})
    (tree / "q.jsonl").write_text(f"\n{line}\n", encoding="utf-8")
    done = rolecall(tree, "admits", "--batch", "q.jsonl")
    reason = json.loads(done.stdout)["because"][0]
    assert (reason["path"], reason["line"]) == ("q.jsonl", 2)
    assert line[reason["column"] - 1 : reason["end_column"] - 1] == f'"{SUBJECT}"'


def test_expectations(tree: Path) -> None:
    answers = batch(tree, {**QUESTION, "expect": "yes"}, {**QUESTION, "subject": "x", "expect": "no"})
    assert [answer["expected"] for answer in answers] == ["yes", "no"]
    answers = batch(tree, {**QUESTION, "expect": "no"}, {**QUESTION, "expect": "yes"}, code=1)
    assert [answer["answer"] for answer in answers] == ["yes", "yes"]


KEY = "AKIA" + "QZ3TPXW7LKM2NVRS"
DEEP = '{"policy": ' + "[" * 100_000 + "]" * 100_000 + "}"
HUGE = '{"policy": "' + "x" * 2_000_000 + '"}'


HOSTILE: list[tuple[object, str]] = [
    ("not json", "not valid JSON"),
    ('{"policy": ', "the text ends"),
    ("[1, 2]", "not a JSON object"),
    ('"text"', "not a JSON object"),
    ("{} {}", "text after the end"),
    (DEEP, "nested deeper"),
    (HUGE, "more than 1000000 bytes"),
    ({"policy": TRUST}, "say who asks"),
    ({"issuer": ISSUER, "subject": SUBJECT}, "policy, file or role"),
    ({**QUESTION, "file": "trust.json"}, "which is meant"),
    ({**QUESTION, "policy": {}}, "no Statement"),
    ({**QUESTION, "policy": []}, "no Statement"),
    ({**QUESTION, "policy": 7}, "cannot be read"),
    ({**QUESTION, "policy": "{"}, "cannot be read"),
    ({**QUESTION, "subject": ["x"]}, "subject is not a text"),
    ({**QUESTION, "subject": ""}, "empty"),
    ({**QUESTION, "subject": "${var.subject}"}, "placeholder"),
    ({**QUESTION, "audiance": "x"}, "did you mean 'audience'?"),
    ({**QUESTION, "expect": "perhaps"}, "none of yes, no, unknown"),
    ({**QUESTION, "principal": "arn:aws:iam::111122223333:root"}, "say who asks"),
    ({"file": "../secret.json", "issuer": ISSUER, "subject": SUBJECT}, "no such file below"),
    ({"file": "/etc/passwd", "issuer": ISSUER, "subject": SUBJECT}, "no such file below"),
    ({"file": "infra", "issuer": ISSUER, "subject": SUBJECT}, "no such file below"),
    ({"file": "infra/main.tf", "issuer": ISSUER, "subject": SUBJECT}, "several trust policies"),
    ({"role": "nobody", "issuer": ISSUER, "subject": SUBJECT}, "no role of that name"),
    ({**QUESTION, KEY: KEY}, "a key that is none of"),
    ({**QUESTION, "issuer": KEY}, "no https URL"),
    ({**QUESTION, "expect": KEY}, "none of yes"),
]


def test_a_hostile_line_is_an_error_of_its_own(tree: Path) -> None:
    answers = batch(tree, *(one for line, _ in HOSTILE for one in (line, QUESTION)), code=2)
    assert [answer.get("answer") for answer in answers] == [None, "yes"] * len(HOSTILE)
    assert [answer["line"] for answer in answers] == list(range(1, len(answers) + 1))
    for (_, said), answer in zip(HOSTILE, answers[::2], strict=True):
        assert said in answer["error"]
    assert KEY not in json.dumps(answers)


def test_bytes_that_are_no_text(tree: Path) -> None:
    done = rolecall(tree, "admits", "--batch", "-", stdin=b"\xff\xfe\n" + json.dumps(QUESTION).encode() + b"\n")
    assert done.returncode == 2
    assert [json.loads(line).get("answer") for line in done.stdout.splitlines()] == [None, "yes"]


def test_secrets_are_masked(tree: Path) -> None:
    policy = json.loads(json.dumps(TRUST).replace(SUBJECT, KEY))
    answers = batch(tree, {**QUESTION, "policy": policy, "subject": KEY}, {**QUESTION, "policy": policy})
    assert [answer["answer"] for answer in answers] == ["yes", "no"]
    assert KEY not in json.dumps(answers)
    (tree / "key.json").write_text(json.dumps(policy, indent=1), encoding="utf-8")
    done = rolecall(tree, "admits", "key.json", "--issuer", ISSUER, "--subject", KEY)
    assert done.returncode == 0
    assert KEY.encode() not in done.stdout + done.stderr


def test_what_a_terminal_would_obey_is_shown(tree: Path) -> None:
    done = rolecall(tree, "admits", "trust.json", "--issuer", ISSUER, "--subject", "x\x1b[2J")
    assert done.returncode == 1
    assert b"\x1b" not in done.stdout + done.stderr
