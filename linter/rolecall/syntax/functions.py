"""CloudFormation templates before they are evaluated: the short forms of functions in YAML, and what tells one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.tree import Mapping

if TYPE_CHECKING:
    from rolecall.tree import Node

_LONG = (
    *("And", "Base64", "Cidr", "Equals", "FindInMap", "GetAZs", "GetAtt", "If", "ImportValue", "Join", "Length"),
    *("Not", "Or", "Select", "Split", "Sub", "ToJsonString", "Transform"),
)
FUNCTIONS = {"!Ref": "Ref", "!Condition": "Condition", **{f"!{name}": f"Fn::{name}" for name in _LONG}}
"""The short forms with the long ones.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""


def recognises(root: Node) -> bool:
    """Whether a tree is a template: it says so, or has resources with types such as `AWS::IAM::Role`."""
    if not isinstance(root, Mapping) or root.get("Resources") is None or root.get("apiVersion") is not None:
        return False
    resources = root.mapping("Resources")
    return root.get("AWSTemplateFormatVersion") is not None or (
        resources is not None
        and any(isinstance(entry.value, Mapping) and _has_type(entry.value) for entry in resources.entries)
    )


def _has_type(resource: Mapping) -> bool:
    kind = resource.scalar("Type")
    return kind is not None and "::" in (kind.known or "")
