"""Measure the IAM engine: roles analysed, questions to trust policies; with cloudsplaining beside it if it is there.

Run it with the interpreter of an environment in which rolecall is installed:

    python -m tests.benchmarks.iam [--roles 2000] [--cloudsplaining PYTHON]

PYTHON is the interpreter of an environment in which cloudsplaining is installed. Each analyses the same authorisation
details, so many roles of 10 policies, in a process of its own; both are timed in CPU seconds, without start-up and
without reading files.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rolecall.adapt.policy import policy_document
from rolecall.iam.breadth import broad, data
from rolecall.iam.catalogue import expand
from rolecall.iam.escalation import paths
from rolecall.iam.managed import managed_document
from rolecall.iam.permissions import HeldPolicy, Permissions
from rolecall.problem import Problem
from rolecall.source import Source
from rolecall.syntax.json import document

ROLES, POLICIES = 2_000, 10
MOST_SECONDS = 5.0
MANAGED = ("AmazonS3ReadOnlyAccess", "CloudWatchAgentServerPolicy", "AmazonEKSWorkerNodePolicy", "AmazonSQSFullAccess")
SERVICES = ("s3", "ec2", "sqs", "sns", "dynamodb", "kms", "ssm", "iam", "eks", "lambda", "logs", "secretsmanager")

_CLOUDSPLAINING = """
import json, sys, time
from cloudsplaining.scan.authorization_details import AuthorizationDetails
with open(sys.argv[1]) as file:
    details = json.load(file)
started = time.process_time()
AuthorizationDetails(details).results
print(time.process_time() - started)
"""


def statement(chosen: random.Random) -> dict[str, Any]:
    """A statement as people write them: exact actions and wildcards, everything or named resources."""
    service = chosen.choice(SERVICES)
    names = [found.name for found in expand(f"{service}:*")]
    actions = [chosen.choice(names) for _ in range(chosen.randint(1, 6))]
    if chosen.random() < 0.3:
        actions.append(f"{actions[0][: len(service) + 1 + chosen.randint(3, 6)]}*")
    resource = "*" if chosen.random() < 0.4 else f"arn:aws:{service}:eu-west-1:111122223333:app-{chosen.randint(1, 99)}"
    found: dict[str, Any] = {
        "Effect": "Deny" if chosen.random() < 0.05 else "Allow",
        "Action": actions,
        "Resource": resource,
    }
    if chosen.random() < 0.2:
        found["Condition"] = {"StringEquals": {"aws:ResourceTag/team": "shop"}}
    return found


def details(count: int = ROLES) -> dict[str, Any]:
    """What `aws iam get-account-authorization-details` says of the roles; the same each time."""
    chosen = random.Random(4)  # noqa: S311 - no secret
    roles = []
    for number in range(count):
        policies = [
            {
                "PolicyName": f"p{index}",
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement(chosen) for _ in range(3)]},
            }
            for index in range(POLICIES - 1)
        ]
        name = chosen.choice(MANAGED)
        roles.append(
            {
                "Path": "/",
                "RoleName": f"role-{number}",
                "RoleId": f"AROA{number:016}",
                "Arn": f"arn:aws:iam::111122223333:role/role-{number}",
                "CreateDate": "2024-01-01T00:00:00Z",
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
                "InstanceProfileList": [],
                "Tags": [],
                "RolePolicyList": policies,
                "AttachedManagedPolicies": [{"PolicyName": name, "PolicyArn": f"arn:aws:iam::aws:policy/{name}"}],
            }
        )
    return {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": roles, "Policies": []}


def held(role: dict[str, Any]) -> list[HeldPolicy]:
    """The policies of a role, parsed and adapted."""
    found = []
    for policy in role["RolePolicyList"]:
        parsed = document(Source("policy.json", json.dumps(policy["PolicyDocument"])))
        if isinstance(parsed, Problem):
            sys.exit(parsed.message)
        read = policy_document(parsed.root)
        found.append(HeldPolicy(read, read.span))
    for attached in role["AttachedManagedPolicies"]:
        managed = managed_document(attached["PolicyName"])
        if managed is not None:
            found.append(HeldPolicy(managed, managed.span, attached["PolicyName"]))
    return found


def analyse(world: dict[str, Any]) -> float:
    """CPU seconds for breadth, data and escalation paths of every role, parsing apart."""
    roles = [held(role) for role in world["RoleDetailList"]]
    started = time.process_time()
    found = 0
    for policies in roles:
        may = Permissions(policies)
        found += len(broad(may)) + len(data(may)) + len(paths(may))
    seconds = time.process_time() - started
    print(f"{len(roles)} roles of {POLICIES} policies: {seconds:.2f} s, {found} things said")
    return seconds


def main() -> None:
    """Print what was measured; fail where it is slower than we promise."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--cloudsplaining", metavar="PYTHON")
    arguments.add_argument("--roles", type=int, default=ROLES)
    options = arguments.parse_args()
    world = details(options.roles)
    seconds = analyse(world)
    if options.cloudsplaining:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "details.json")
            path.write_text(json.dumps(world), encoding="utf-8")
            command = [options.cloudsplaining, "-c", _CLOUDSPLAINING, str(path)]
            theirs = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-1])
        print(f"cloudsplaining: {theirs:.2f} s; ratio ours/theirs {seconds / theirs:.3f}")
    if options.roles <= ROLES and seconds > MOST_SECONDS:
        sys.exit(f"more than {MOST_SECONDS} s for {ROLES} roles")


if __name__ == "__main__":
    main()
