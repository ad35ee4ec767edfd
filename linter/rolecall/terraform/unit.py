"""A Terraform directory as one unit: what its blocks declare about identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt import terraform_eks as eks
from rolecall.adapt import terraform_iam as iam
from rolecall.adapt import terraform_nodes as nodes
from rolecall.adapt import terraform_providers as providers
from rolecall.adapt.terraform import Context
from rolecall.adapt.terraform_documents import DATA_SOURCE, Documents
from rolecall.problem import Unevaluated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.facts import Said
    from rolecall.source import Source
    from rolecall.terraform.module import Block, Module
    from rolecall.tree import Mapping
    from rolecall.workspace import Workspace

_RESOURCES: dict[str, Callable[[Context, Block, Mapping], Iterator[Said]]] = {
    "aws_autoscaling_group": nodes.autoscaling_group,
    "aws_eks_access_entry": eks.access_entry,
    "aws_eks_addon": eks.addon,
    "aws_eks_cluster": eks.cluster,
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


def adapt(directory: str, sources: tuple[Source, ...], workspace: Workspace) -> Iterator[Said]:
    """The entities that a directory of Terraform files declares, and what of them could not be evaluated."""
    # Imported here: only a tree with Terraform in it needs the evaluator.
    from rolecall.terraform.module import load  # noqa: PLC0415

    module = load(directory, sources, workspace)
    yield from adapt_module(module, sources)


def adapt_module(module: Module, sources: tuple[Source, ...]) -> Iterator[Said]:
    """The entities of a loaded module."""
    texts = {source.path: source for source in sources}

    def text_of(path: str) -> str | None:
        return texts[path].text if path in texts else None

    context = Context(module, Documents(module, text_of))
    for block in module.blocks("resource"):
        reader = _RESOURCES.get(block.labels[0]) if block.labels else None
        if reader is not None:
            yield from reader(context, block, block.body())
    for block in module.blocks("provider", "aws"):
        yield from providers.provider(context, block, block.body())
    for block in module.blocks("terraform"):
        yield from providers.backend(context, block, block.body())
    yield from iam.unused_documents(context, module.blocks("data", DATA_SOURCE))
    for call in {block.declared: block for block in module.blocks("module")}.values():
        source = call.body().text("source")
        name = call.declared.address
        yield Unevaluated(f"{name} ({source})" if source else name, "modules are not evaluated yet", call.span)
    yield from module.problems
