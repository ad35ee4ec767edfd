"""A Terraform directory as one unit: what its blocks declare about identity."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall.adapt import terraform_eks as eks
from rolecall.adapt import terraform_iam as iam
from rolecall.adapt import terraform_nodes as nodes
from rolecall.adapt import terraform_providers as providers
from rolecall.adapt.terraform import Context
from rolecall.adapt.terraform_documents import DATA_SOURCE, Documents
from rolecall.problem import Problem, Unevaluated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.adapt.terraform import Block
    from rolecall.facts import Said
    from rolecall.source import Source
    from rolecall.terraform.module import Module
    from rolecall.tree import Mapping
    from rolecall.workspace import Workspace

_RESOURCES: dict[str, Callable[[Context, Block, Mapping], Iterator[Said]]] = {
    "aws_autoscaling_group": nodes.autoscaling_group,
    "aws_eks_access_entry": eks.access_entry,
    "aws_eks_addon": eks.addon,
    "aws_eks_cluster": eks.cluster,
    "aws_eks_fargate_profile": eks.fargate_profile,
    "aws_eks_node_group": eks.node_group,
    "aws_eks_pod_identity_association": eks.pod_identity_association,
    "aws_iam_instance_profile": iam.instance_profile,
    "aws_iam_openid_connect_provider": iam.oidc_provider,
    "aws_iam_policy": iam.policy,
    "aws_iam_policy_attachment": iam.attachment,
    "aws_iam_role": iam.role,
    "aws_iam_role_policy": iam.role_policy,
    "aws_iam_role_policy_attachment": iam.attachment,
    "aws_iam_role_policy_attachments_exclusive": iam.attachment,
    "aws_launch_configuration": nodes.launch_template,
    "aws_launch_template": nodes.launch_template,
}
_CREDENTIALS = (("provider", ("aws",), providers.provider), ("terraform", (), providers.backend))
# Every directory has such blocks, few of them name credentials, and only those are parsed.
_KEYS = re.compile("access_key|secret_key|token")
# Module calls are many and are not evaluated: only this argument is looked at, without parsing the block.
_SOURCE = re.compile(r'^[ \t]*source[ \t]*=[ \t]*"([^"\n$%]+)"', re.MULTILINE)


def adapt(directory: str, sources: tuple[Source, ...], workspace: Workspace) -> Iterator[Said]:
    """The entities that a directory of Terraform files declares, and what of them could not be evaluated."""
    # Imported here: only a tree with Terraform in it needs the evaluator.
    from rolecall.terraform.module import load  # noqa: PLC0415

    module = load(directory, sources, workspace)
    yield from adapt_module(module, sources)


def adapt_plan(source: Source) -> Iterator[Said]:
    """The entities of a plan or a state in JSON."""
    from rolecall.terraform.plan import load  # noqa: PLC0415 - few trees have one

    plan = load(source, frozenset((*_RESOURCES, DATA_SOURCE, "aws_iam_policy")))
    if isinstance(plan, Problem):
        yield plan
        return
    yield plan.entity
    context = Context(plan, Documents(plan, lambda path: source.text if path == source.path else None))
    for block in plan.blocks("resource"):
        adapter = _RESOURCES.get(block.labels[0])
        if adapter is not None:
            yield from adapter(context, block, block.body())


def adapt_module(module: Module, sources: tuple[Source, ...]) -> Iterator[Said]:
    """The entities of a loaded module."""
    texts = {source.path: source for source in sources}

    def text_of(path: str) -> str | None:
        return texts[path].text if path in texts else module.files.get(path)

    context = Context(module, Documents(module, text_of))
    for declared in module.declared("resource"):
        adapter = _RESOURCES.get(declared.labels[0]) if declared.labels else None
        if adapter is not None:
            for block in module.instances(declared).blocks():
                yield from adapter(context, block, block.body())
    for kind, labels, reader in _CREDENTIALS:
        for declared in module.declared(kind, *labels):
            if _KEYS.search(text_of(declared.whole.path) or "", declared.whole.start, declared.whole.end):
                for block in module.instances(declared).blocks():
                    yield from reader(context, block, block.body())
    yield from iam.unused_documents(context, module.blocks("data", DATA_SOURCE))
    for call in module.declared("module"):
        source = _SOURCE.search(text_of(call.whole.path) or "", call.whole.start, call.whole.end)
        name = f"{call.address} ({source[1]})" if source else call.address
        yield Unevaluated(name, "modules are not evaluated yet", call.span)
    yield from module.problems
