"""A Terraform directory as one unit: what its blocks declare about identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall import regex, suppression
from rolecall.adapt import terraform_eks as eks
from rolecall.adapt import terraform_iam as iam
from rolecall.adapt import terraform_keys as keys
from rolecall.adapt import terraform_kubernetes as kubernetes
from rolecall.adapt import terraform_nodes as nodes
from rolecall.adapt import terraform_providers as providers
from rolecall.adapt.terraform import Context, ModuleContext
from rolecall.adapt.terraform_documents import DATA_SOURCE, Documents
from rolecall.adapt.terraform_modules import handed_out, unmade_role
from rolecall.adapt.terraform_user_data import user_data
from rolecall.problem import Problem, Unevaluated
from rolecall.terraform.foreign import Moved
from rolecall.terraform.parser_nodes import Literal
from rolecall.tree import Hole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from rolecall.adapt.terraform import Block
    from rolecall.facts import Said
    from rolecall.source import Source
    from rolecall.span import Span
    from rolecall.terraform.configuration import Configuration
    from rolecall.terraform.directory import Declared, Directory
    from rolecall.terraform.library import Library
    from rolecall.terraform.module import Module
    from rolecall.terraform.parser_nodes import Body
    from rolecall.tree import Mapping

    Adapter: TypeAlias = Callable[[Context, Block, Mapping], Iterator[Said]]


def _helm_release(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    # Imported here: it needs what reads Kubernetes' objects, and few trees have a release.
    from rolecall.adapt import terraform_helm  # noqa: PLC0415

    return terraform_helm.release(context, block, body)


_RESOURCES: dict[str, Adapter] = {
    "aws_autoscaling_group": nodes.autoscaling_group,
    "aws_ec2_instance_metadata_defaults": nodes.metadata_defaults,
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
    "aws_instance": user_data,
    "aws_kms_grant": iam.granted,
    "aws_lakeformation_permissions": iam.granted,
    "aws_launch_configuration": nodes.launch_template,
    "aws_launch_template": nodes.launch_template,
    "aws_spot_instance_request": user_data,
    "helm_release": _helm_release,
    **dict.fromkeys(iam.POLICIES_OF_RESOURCES, iam.resource_policy),
    **kubernetes.ADAPTERS,
}
_TYPES = frozenset({*_RESOURCES, keys.KEY})
# Of these nothing but user data is asked for, and most have none.
_INSTANCES = frozenset({"aws_instance", "aws_spot_instance_request"})
_CREDENTIALS = (("provider", ("aws",), providers.provider), ("terraform", (), providers.backend))
# Every directory has such blocks, few of them name credentials, and only those are parsed.
_KEYS = regex.compile("access_key|secret_key|token|default_tags")
_IDENTITIES = ("aws_eks_", "aws_iam_")
_USER_DATA = regex.compile("user_data")


def adapt(directory: str, sources: tuple[Source, ...], library: Library) -> Iterator[Said]:
    """The entities that a root module and the modules it calls declare, and what of them could not be evaluated."""
    # Imported here: only a tree with Terraform in it needs the evaluator.
    from rolecall.terraform.module import root_module  # noqa: PLC0415

    root = root_module(directory, sources, library)
    configuration = root.configuration
    documents = Documents(root.resolve, configuration.texts.get)
    adapted: list[Module] = []
    yield from _modules(root, documents, adapted)
    if any(module.declared("resource", keys.KEY) for module in adapted):
        yield from _keys(root, documents)
    for module in adapted:
        if not module.directory.foreign:
            context = ModuleContext(module, documents)
            unused = iam.unused_documents(context, module.blocks("data", DATA_SOURCE))
            yield from _own_places(module, unused)
            yield from _own_places(module, handed_out(context))
    yield from _turned_off(root)
    yield from _accepted(configuration, {source.path for source in sources})
    yield from configuration.unevaluated
    yield from configuration.problems


def adapt_plan(source: Source) -> Iterator[Said]:
    """The entities of a plan or a state in JSON."""
    from rolecall.terraform.plan import load  # noqa: PLC0415 - few trees have one

    plan = load(source, frozenset((*_RESOURCES, DATA_SOURCE, "aws_iam_policy")))
    if isinstance(plan, Problem):
        yield plan
        return
    yield plan.entity
    if plan.unevaluated is not None:
        yield plan.unevaluated
    context = Context(plan, Documents(plan.resolve, lambda path: source.text if path == source.path else None))
    for block in plan.blocks("resource"):
        adapter = _RESOURCES.get(block.labels[0])
        if adapter is not None:
            yield from adapter(context, block, block.body())


def _turned_off(root: Module) -> Iterator[Unevaluated]:
    """Says that all of a module that concerns identity is off by its variables' defaults: whoever uses it says more."""
    named = [one for one in root.declared("resource") if one.labels[:1] and one.labels[0].startswith(_IDENTITIES)]
    mine = [declared for declared in named if declared.labels[0] in _RESOURCES]
    if not mine or any(root.instances(declared).blocks() for declared in mine):
        return
    if not root.variables.are_given and any(_is_asked(root.parsed(declared)) for declared in mine):
        more = f" and {len(mine) - 1} more" if len(mine) > 1 else ""
        reason = "the defaults of its variables turn it off"
        yield Unevaluated(f"{mine[0].address}{more}", reason, mine[0].span, mine[0].span.path)


def _is_asked(body: Body | None) -> bool:
    """Whether how often a block is there is more than a number that is written."""
    repeats = [body.argument(name) for name in ("count", "for_each")] if body is not None else []
    return any(argument is not None and not isinstance(argument.value, Literal) for argument in repeats)


def _accepted(configuration: Configuration, read: set[str]) -> Iterator[Said]:
    """What the comments of called modules accept: the files may not be among those that the user named."""
    for source in configuration.sources():
        if source.path not in read and "rolecall:" in source.text:
            yield from suppression.comments(source)


def _modules(module: Module, documents: Documents, adapted: list[Module]) -> Iterator[Said]:
    """The entities of a module, then of those that it calls."""
    adapted.append(module)
    context = ModuleContext(module, documents)
    yield from _own_places(module, _resources(context))
    if not module.directory.foreign:
        yield from _credentials(context)
    for declared in module.declared("module"):
        if _concerned(module, declared):
            for block in module.instances(declared).blocks():
                called = module.called(block)
                if not isinstance(called, Hole):
                    yield from unmade_role(context, block, called)
                    yield from _modules(called, documents, adapted)


def _keys(root: Module, documents: Documents) -> Iterator[Said]:
    """The access keys of all modules, each with where it goes in any of them."""
    contexts = tuple(ModuleContext(module, documents) for module in _every(root))
    flows = tuple(found for context in contexts for found in keys.flows(context))
    for context in contexts:
        yield from _own_places(context.module, keys.access_keys(context, flows))


def _every(module: Module) -> Iterator[Module]:
    """A module and all that it calls, also those that hold nothing that is adapted."""
    yield module
    for block in module.blocks("module"):
        called = module.called(block)
        if not isinstance(called, Hole):
            yield from _every(called)


def _concerned(module: Module, declared: Declared) -> bool:
    """Whether a call leads to anything that can be adapted, or to what is not evaluated; others are not even parsed."""
    located = module.configuration.located(module, declared)
    if isinstance(located, Hole):
        return False
    return module.configuration.any_below(located, f"{module.prefix}{declared.address}.", _holds_resources)


def _holds_resources(directory: Directory) -> bool:
    resources = directory.declared("resource")
    if any(declared.labels[:1] and declared.labels[0] in _TYPES for declared in resources):
        return True
    return not directory.foreign and (
        bool(directory.declared("data", DATA_SOURCE)) or next(_naming_credentials(directory), None) is not None
    )


def _resources(context: ModuleContext) -> Iterator[Said]:
    module = context.module
    for declared in module.declared("resource"):
        adapter = _RESOURCES.get(declared.labels[0]) if declared.labels else None
        if adapter is not None and not _is_idle(module, declared):
            for block in module.instances(declared).blocks():
                yield from adapter(context, block, block.body())


def _is_idle(module: Module, declared: Declared) -> bool:
    """Whether a block does not say what alone is asked of its type."""
    return declared.labels[0] in _INSTANCES and not module.directory.may_say(declared, _USER_DATA)


def _credentials(context: ModuleContext) -> Iterator[Said]:
    module = context.module
    for declared, reader in _naming_credentials(module.directory):
        for block in module.instances(declared).blocks():
            yield from reader(context, block, block.body())


def _naming_credentials(directory: Directory) -> Iterator[tuple[Declared, Adapter]]:
    """The blocks that may name credentials."""
    for kind, labels, reader in _CREDENTIALS:
        for declared in directory.declared(kind, *labels):
            if directory.may_say(declared, _KEYS):
                yield declared, reader


def _own_places(module: Module, said: Iterator[Said]) -> Iterator[Said]:
    """What a module says, without places in modules that are not the user's own."""
    configuration = module.configuration
    moved = Moved(configuration.is_foreign, module.place) if module.place else None
    for thing in said:
        if not configuration.has_foreign:
            yield thing
        elif moved is not None:
            yield moved(thing)
        else:
            yield Moved(configuration.is_foreign, _place(thing, configuration))(thing)


def _place(thing: Said, configuration: Configuration) -> Span:
    """Where a thing of the user's own module is declared."""
    origin = getattr(thing, "origin", None)
    own = origin.span if origin is not None else getattr(thing, "span", None)
    return own or next(configuration.sources()).span(0, 0)
