"""Addresses of Terraform's blocks: the module calls on the way, then the block."""

from __future__ import annotations

import re


def calls(path: str) -> str:
    """The names of the calls in the path of a module, as `terraform init` writes them: `a.b`."""
    return ".".join(re.findall(r'module\.([^.\[\]"]+)', re.sub(r'\["(?:[^"\\]|\\.)*"\]', "", path)))


def key(text: str, *, number: bool) -> str:
    """The end of an instance's address: `[0]`, `["a"]`."""
    return f"[{text}]" if number else '["' + text.replace("\\", "\\\\").replace('"', '\\"') + '"]'
