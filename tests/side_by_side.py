"""What parliament, cloudsplaining and rolecall say about the same IAM JSON, and why they differ: docs/side-by-side.md.

    python -m tests.side_by_side PYTHON [--check]

PYTHON is the interpreter of an environment in which parliament and cloudsplaining are installed. Fails where rolecall
says something else than what the explanations here are about; `--check` fails too where the page is out of date.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.fixtures import ROOT
from tests.side_by_side_cases import CASES, INTRODUCTION, Case
from tests.worlds import judge

PAGE = ROOT / "docs" / "side-by-side.md"

# Runs in the other environment: both tools through what they document as their Python interface. Each is given what it
# takes: parliament one policy, cloudsplaining an account's authorization details.
_THEIRS = """
import json, logging, sys
from importlib.metadata import version
logging.disable(logging.CRITICAL)
from parliament import analyze_policy_string
from cloudsplaining.scan.authorization_details import AuthorizationDetails
RISKS = ("PrivilegeEscalation", "ResourceExposure", "DataExfiltration", "CredentialsExposure", "ServiceWildcard",
         "InfrastructureModification")
TRUST = ("role_assumable_by_any_principal", "role_assumable_by_any_principal_with_conditions",
         "role_assumable_by_cross_account_principals", "role_assumable_by_compute_services")

def parliament(text):
    try:
        return sorted({finding.issue for finding in analyze_policy_string(text).findings})
    except Exception as error:
        return ["fails: " + type(error).__name__]

def cloudsplaining(details):
    try:
        found = AuthorizationDetails(json.loads(details))
        policies = [*found.results["inline_policies"].values(), *found.results["aws_managed_policies"].values()]
        said = [risk for risk in RISKS for policy in policies if policy[risk]["findings"]]
        role = found.role_detail_list.roles[0]
        trust = role.assume_role_policy_document
        said += [name for name in TRUST if trust is not None and getattr(trust, name)]
        return sorted(set(said))
    except Exception as error:
        return ["fails: " + type(error).__name__]

# One of them prints.
out, sys.stdout = sys.stdout, sys.stderr
cases = json.load(sys.stdin)
json.dump({
    "versions": {name: version(name) for name in ("parliament", "cloudsplaining")},
    "said": [[parliament(case["policy"]), cloudsplaining(case["details"])] for case in cases],
}, out)
"""


def details(case: Case) -> str:
    """An account's authorization details with the case's role, as text: a key may be written twice."""
    arn = "arn:aws:iam::111122223333:role/app"
    inline = f'[{{"PolicyName": "inline", "PolicyDocument": {case.permissions}}}]' if case.permissions else "[]"
    attached = [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in case.attached]
    role = (
        f'{{"Path": "/", "RoleName": "app", "RoleId": "AROAQ2W3E4R5T6Y7U2I3O", "Arn": "{arn}",'
        f' "CreateDate": "2024-03-05T09:12:44+00:00", "AssumeRolePolicyDocument": {case.trust},'
        f' "InstanceProfileList": [], "RolePolicyList": {inline}, "AttachedManagedPolicies": {json.dumps(attached)},'
        ' "Tags": []}'
    )
    return f'{{"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [{role}], "Policies": []}}'


def ours(case: Case) -> list[str]:
    """The rules that speak, every persona's."""
    with TemporaryDirectory() as directory:
        Path(directory, "details.json").write_text(details(case), encoding="utf-8")
        world, judgement = judge(Path(directory))
        if world.problems or judgement.problems:
            sys.exit(f"{case.name}: {(*world.problems, *judgement.problems)[0].message}")
        return sorted({found.rule.name for found in judgement.diagnostics})


def theirs(python: str) -> dict[str, Any]:
    """What the others say of each case, and their versions."""
    asked = [{"policy": case.permissions or case.trust, "details": details(case)} for case in CASES]
    done = subprocess.run([python, "-c", _THEIRS], input=json.dumps(asked), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def page(said: dict[str, Any]) -> str:
    """The page."""
    versions = " and ".join(f"{name} {version}" for name, version in said["versions"].items())
    parts = [
        "# Side by side",
        f"Written by `python -m tests.side_by_side`, with {versions}.",
        INTRODUCTION.strip(),
    ]
    for case, (parliament, cloudsplaining) in zip(CASES, said["said"], strict=True):
        written = case.permissions or case.trust
        parts += [
            f"## {case.name}",
            f"```json\n{_shown(written)}\n```",
            _table(_cell(parliament), _cell(cloudsplaining), _cell(ours(case))),
            case.why,
        ]
    return "\n\n".join(parts) + "\n"


def _shown(text: str) -> str:
    """A policy as it is written, or laid out where nothing is lost by that."""
    laid_out = json.dumps(json.loads(text), indent=2)
    return laid_out if json.dumps(json.loads(text)) == text else text.strip()


def _table(*cells: str) -> str:
    return f"| parliament | cloudsplaining | rolecall |\n| --- | --- | --- |\n| {' | '.join(cells)} |"


def _cell(said: list[str]) -> str:
    return ", ".join(f"`{one}`" for one in said) or "nothing"


def main() -> int:
    """Write the page, or compare it."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("python", metavar="PYTHON")
    arguments.add_argument("--check", action="store_true")
    options = arguments.parse_args()
    stale = [
        f"{case.name}: {ours(case)}, explained is {list(case.ours)}"
        for case in CASES
        if ours(case) != sorted(case.ours)
    ]
    text = page(theirs(options.python))
    if options.check:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            stale.append(f"{PAGE.relative_to(ROOT)} is out of date")
    else:
        PAGE.write_text(text, encoding="utf-8")
    for line in stale:
        sys.stderr.write(f"{line}\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
