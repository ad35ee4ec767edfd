"""What `aws iam get-account-authorization-details` prints: an account's roles, instance profiles and policies.

The format: docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html. Users and groups are
nobody's workload and are passed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.iam.managed import is_managed_name, managed_name
from rolecall.syntax.document import Document
from rolecall.syntax.json_sparse import WHOLE, Items, Keys, read
from rolecall.tree import Mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.source import Source

ROLES, POLICIES = "RoleDetailList", "Policies"
_MARK = f'"{ROLES}"'


def document(source: Source) -> Document | None:
    """What concerns us of an account's details, which may be tens of megabytes; None where a text is not that."""
    if _MARK not in source.text:
        return None
    root = read(source, _WANTED)
    return Document(root, root.span) if isinstance(root, Mapping) and root.get(ROLES) is not None else None


def versions(policy: Mapping) -> Iterator[Mapping]:
    """The version of a policy that counts: its default one."""
    default = policy.text("DefaultVersionId")
    for version in policy.mappings("PolicyVersionList"):
        given = version.text("VersionId")
        if version.text("IsDefaultVersion") == "true" or (default is not None and given == default):
            yield version


def concerns_us(policy: Mapping) -> bool:
    """Whether a policy is read: not where AWS manages it and its statements are known here anyway."""
    name = managed_name(policy.scalar("Arn"))
    return name is None or not is_managed_name(name)


def _is_ours(policy: Any) -> bool:  # noqa: ANN401 - any JSON
    """The same of a plain value."""
    arn = policy.get("Arn") if isinstance(policy, dict) else None
    if not isinstance(arn, str) or ":iam::aws:policy/" not in arn:
        return True
    return not is_managed_name(arn.rpartition("/")[2])


def _is_default(version: Any) -> bool:  # noqa: ANN401 - any JSON
    return not isinstance(version, dict) or version.get("IsDefaultVersion") is not False


_WANTED = Keys(
    {
        ROLES: Items(
            Keys(
                {
                    "RoleName": WHOLE,
                    "Arn": WHOLE,
                    "AssumeRolePolicyDocument": WHOLE,
                    "RolePolicyList": WHOLE,
                    "AttachedManagedPolicies": WHOLE,
                    "PermissionsBoundary": WHOLE,
                    "InstanceProfileList": Items(Keys({"InstanceProfileName": WHOLE, "Arn": WHOLE})),
                }
            )
        ),
        POLICIES: Items(
            Keys(
                {
                    "PolicyName": WHOLE,
                    "Arn": WHOLE,
                    "DefaultVersionId": WHOLE,
                    "PolicyVersionList": Items(
                        Keys({"Document": WHOLE, "VersionId": WHOLE, "IsDefaultVersion": WHOLE}), _is_default
                    ),
                }
            ),
            _is_ours,
        ),
    }
)
