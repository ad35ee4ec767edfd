"""Kubernetes manifests of a directory, written again as Terraform's `kubectl_manifest`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from pathlib import Path

_BETWEEN = re.compile(r"^---.*\n?", re.MULTILINE)
# Files that say what is made of the manifests beside them.
_NOT_ALONE = ("Chart", "kustomization", "values")


def rewritten(root: Path) -> bool:
    """Writes every manifest below a directory into a Terraform file; False where some of the files are more than that.

    What has no namespace belongs to the others of its directory: manifests of several directories are left alone.
    """
    files = sorted(path for path in root.rglob("*") if path.suffix in (".yaml", ".yml"))
    if len({path.parent for path in files}) != 1 or any(path.name.startswith(_NOT_ALONE) for path in root.rglob("*")):
        return False
    texts = []
    for path in files:
        found = _manifests(path.read_text(encoding="utf-8", errors="replace"))
        if found is None:
            return False
        texts += found
    for path in files:
        path.unlink()
    resources = (f'resource "kubectl_manifest" "it_{n}" {{\n{_body(text)}}}\n' for n, text in enumerate(texts))
    (root / "carried.tf").write_text("\n".join(resources), encoding="utf-8")
    return True


def _manifests(text: str) -> list[str] | None:
    """The texts of a file's manifests; None where it is a template, or holds something else."""
    try:
        documents: list[Any] = [document for document in yaml.safe_load_all(text) if document is not None]
    except yaml.YAMLError:
        return None
    parts = [part for part in _BETWEEN.split(text) if re.search(r"^[^#\s]", part, re.MULTILINE)]
    if "{{" in text or len(parts) != len(documents) or not all(map(_is_object, documents)):
        return None
    return parts


def _is_object(document: object) -> bool:
    if not isinstance(document, dict) or not {"apiVersion", "kind"} <= document.keys():
        return False
    kind, version = str(document["kind"]), str(document["apiVersion"])
    return not kind.endswith("List") and not version.startswith(("eksctl.io/", "skaffold/"))


def _body(text: str) -> str:
    escaped = text.rstrip().replace("${", "$${").replace("%{", "%%{")
    return f"  yaml_body = <<-CARRIED\n{escaped}\nCARRIED\n"
