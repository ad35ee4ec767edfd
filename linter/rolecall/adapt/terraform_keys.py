"""Access keys that Terraform makes, followed to every place of the configuration that is given a part of one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.adapt.terraform import block as one_block
from rolecall.adapt.terraform_user_data import texts
from rolecall.model import AccessKey, KeyFlow, KeyUse
from rolecall.syntax.embedded import parse
from rolecall.tree import Entry, Hole, Mapping, Scalar, Sequence, known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.adapt.terraform import Context, ModuleContext
    from rolecall.span import Span
    from rolecall.terraform.module import Block
    from rolecall.tree import Node, Reference

KEY = "aws_iam_access_key"

# The attributes of the resource that hold a part of the key. The encrypted ones can be read by the owner of the PGP
# key alone. https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_access_key
_MAIL = "ses_smtp_password_v4"
_PARTS = frozenset({"id", "secret", _MAIL})
# What nobody gets the key back from.
_ONE_WAY = frozenset(
    {
        *("sha1", "sha256", "sha512", "md5", "base64sha256", "base64sha512", "bcrypt", "uuidv5"),
        *("length", "can", "contains", "startswith", "endswith", "!", "==", "!=", "<", ">", "<=", ">=", "&&", "||"),
    }
)
# What hands on all that is in an object.
_WHOLE = frozenset(
    {"jsonencode", "yamlencode", "base64encode", "sensitive", "nonsensitive", "one", "try", "values", "element", "[0]"}
)
# Data sources that make a text of what they are given.
_RENDERING = frozenset({"template_file", "cloudinit_config", "template_cloudinit_config"})
# Arguments that say how many of a resource there are and when, not what is in it.
_META = frozenset({"count", "for_each", "depends_on", "provider", "triggers", "triggers_replace"})
_DEEPEST = 5

_KUBERNETES = ("kubernetes_", "kubectl_")
_USER_DATA = frozenset(
    {"aws_instance", "aws_launch_configuration", "aws_launch_template", "aws_spot_instance_request"},
)
_FILES = frozenset({"local_file", "local_sensitive_file"})
_STORES = {"aws_secretsmanager_secret_version": "Secrets Manager secret", "aws_ssm_parameter": "SSM parameter"}
_KINDS = {"configmap": "ConfigMap", "daemonset": "DaemonSet", "replicationcontroller": "ReplicationController"}


def access_keys(context: ModuleContext, found: tuple[tuple[Reference, KeyFlow], ...]) -> Iterator[AccessKey]:
    """The access keys that a module makes; `found` is what `flows` gives of all modules of the configuration."""
    for block in context.module.blocks("resource", KEY):
        own = tuple(dict.fromkeys(flow for reference, flow in found if _is_of(reference, block)))
        body = block.body()
        yield AccessKey(
            origin=context.origin(block),
            user=_user(context, body.scalar("user")),
            pgp_key=body.scalar("pgp_key"),
            status=body.scalar("status"),
            flows=tuple(flow for flow in own if flow.attribute != _MAIL),
            sends_mail=_sends_mail(context, block, own),
        )


def _user(context: Context, user: Scalar | None) -> Scalar | None:
    """The name of a key's user, where the user is a resource seen here and its name is known."""
    resource = context.target(user)
    name = resource.body().scalar("name") if resource is not None and resource.kind == "resource" else None
    return name if name is not None and name.known else user


def flows(context: ModuleContext) -> Iterator[tuple[Reference, KeyFlow]]:
    """What of access keys goes where in one module."""
    module = context.module
    for declared in module.declared("resource"):
        sink = _sink_of(declared.labels[0]) if declared.labels else None
        if sink is None:
            continue
        for block in module.instances(declared).blocks():
            body = block.body()
            use, target = sink(context, block, body)
            if use is KeyUse.USER_DATA:
                for text in texts(context, block, body):
                    yield from _found(context, Entry(known("user_data", text.span), text), block, use, target)
            for entry in body.entries:
                if entry.key.known not in _META:
                    yield from _found(context, entry, block, use, target)
    yield from _outputs(context)


def _outputs(context: ModuleContext) -> Iterator[tuple[Reference, KeyFlow]]:
    """What of access keys the outputs of one module show."""
    for block in context.module.blocks("output"):
        body = block.body()
        value, sensitive = body.entry("value"), body.scalar("sensitive")
        # Terraform shows the outputs of the root module only. Of one that is, or may be, sensitive only the use for
        # mail is of interest.
        shown = (sensitive is None or sensitive.boolean is False) and not context.module.prefix
        if value is not None:
            for reference, flow in _found(context, value, block, KeyUse.OUTPUT, f"output {block.labels[-1]}"):
                if flow.attribute == _MAIL or (shown and flow.carries_secret):
                    yield reference, flow


def _found(
    context: ModuleContext, entry: Entry, sink: Block, use: KeyUse, target: str
) -> Iterator[tuple[Reference, KeyFlow]]:
    for hole, places in _holes(context, entry.value, _DEEPEST):
        if any(step.partition("#")[0] in _ONE_WAY for step in hole.through):
            continue
        span = _place(context, sink, (*places, entry.value.span, entry.key.span))
        for reference in hole.references:
            attribute = _part(reference, hole)
            if attribute is not None:
                yield reference, KeyFlow(use, attribute, target, sink.address, span)


def _place(context: ModuleContext, sink: Block, places: tuple[Span, ...]) -> Span:
    """The narrowest place of a value in the block that it goes to, else where it is written in the user's own code.

    What came through a local is written there; the block itself holds only what names it.
    """
    module = context.module
    if module.place is None:
        return next((place for place in places if sink.whole.covers(place)), places[0])
    is_foreign = module.configuration.is_foreign
    return next((place for place in places if not is_foreign(place.path)), module.place)


def _part(reference: Reference, hole: Hole) -> str | None:
    """The part of an access key that a reference names; None for anything else."""
    if f"{KEY}." not in reference.address or reference.address.startswith("data."):
        return None
    attribute = re.sub(r"\[[^\]]*\]", "", reference.attribute).strip(".")
    if not attribute:
        whole = all(step.partition("#")[0] in _WHOLE for step in hole.through)
        return "" if whole else None
    return attribute if attribute in _PARTS else None


def _holes(context: Context, node: Node, depth: int) -> Iterator[tuple[Hole, tuple[Span, ...]]]:
    """The unknown parts of a value with their places, those included that a data source makes a text of."""
    for hole, places in _own_holes(node):
        yield hole, places
        for reference in hole.references if depth else ():
            labels = _labels(reference.address)
            if labels[-3:-2] == ["data"] and labels[-2] in _RENDERING:
                made = context.module.resolve(reference)
                for inner, _ in _holes(context, made.body(), depth - 1) if made is not None else ():
                    yield inner, places


def _own_holes(node: Node) -> Iterator[tuple[Hole, tuple[Span, ...]]]:
    """The unknown parts of a value, each with its place and the place of what it is a part of."""
    stack: list[Node] = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, Scalar):
            places = item.places if len(item.places) == len(item.parts) else (item.span,) * len(item.parts)
            for part, place in zip(item.parts, places, strict=True):
                if isinstance(part, Hole):
                    yield part, (place, item.span, *item.via)
            continue
        if item.rest is not None:
            yield item.rest, (item.span,)
        if isinstance(item, Sequence):
            stack.extend(reversed(item.items))
        else:
            stack.extend(value for entry in reversed(item.entries) for value in (entry.value, entry.key))


# Addresses ------------------------------------------------------------------------------------------------------------

_STEP = regex.compile(r'(?:^|\.)([^.\[]+)(\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\])?')


def _labels(address: str) -> list[str]:
    return [match[1] for match in _STEP.finditer(address)]


def _is_of(reference: Reference, block: Block) -> bool:
    """Whether a reference names a block. One without a key stands for all instances of a block."""
    if reference.unit != block.module.unit:
        return False
    ours, theirs = (list(_STEP.finditer(address)) for address in (block.address, reference.address))
    return len(ours) == len(theirs) and all(
        one[1] == other[1] and (one[2] == other[2] or not one[2] or not other[2])
        for one, other in zip(ours, theirs, strict=True)
    )


def _sends_mail(context: ModuleContext, block: Block, own: tuple[KeyFlow, ...]) -> bool:
    """Whether the key's password for SES' SMTP is used, by what is followed or not, and its secret is not."""
    name = re.escape(block.labels[-1])
    used = re.compile(rf"\b{KEY}\.{name}\b[^\s,}}]*\.((?:encrypted_)?{_MAIL}|secret)\b")
    written = (one for kind in ("resource", "output", "locals", "module") for one in context.module.declared(kind))
    paths = {one.whole.path for one in written}
    found = {match[1] for path in paths for match in used.finditer(context.documents.text_of(path) or "")}
    found.update(flow.attribute for flow in own)
    return "secret" not in found and any(_MAIL in one for one in found)


# Places ---------------------------------------------------------------------------------------------------------------


def _sink_of(kind: str) -> Callable[[Context, Block, Mapping], tuple[KeyUse, str]] | None:
    """What tells the use and the name of a place of this type; None for one that is not followed."""
    if kind == "helm_release":
        return _release
    if kind.startswith(_KUBERNETES):
        return _object
    if kind in _USER_DATA:
        return _instance
    if kind in _FILES:
        return _file
    return _store if kind in _STORES else None


def _release(context: Context, block: Block, body: Mapping) -> tuple[KeyUse, str]:
    del context
    return KeyUse.CLUSTER, f"Helm release {_named(body, block)}"


def _object(context: Context, block: Block, body: Mapping) -> tuple[KeyUse, str]:
    """A Kubernetes object: the resource type is its kind, or its manifest says it."""
    manifest = body.get("manifest") or body.get("yaml_body")
    if isinstance(manifest, Scalar):
        manifest = parse(manifest, context.documents.text_of, yaml=True)
    kind = _kind(block.labels[0])
    if isinstance(manifest, Mapping):
        kind, body = manifest.text("kind") or "", manifest
    metadata = one_block(body, "metadata")
    if not kind or metadata is None or metadata.text("name") is None:
        return KeyUse.CLUSTER, f"the object of {block.address}"
    return KeyUse.CLUSTER, f"{kind} {_named(metadata, block)}"


def _kind(resource: str) -> str:
    """`kubernetes_secret_v1` makes a Secret."""
    stem = re.sub(r"^(?:kubernetes|kubectl)_|_v\d\w*$|_data$", "", re.sub(r"_v\d\w*$|_data$", "", resource))
    return _KINDS.get(stem.replace("_", ""), "".join(word.capitalize() for word in stem.split("_")))


def _named(body: Mapping, block: Block) -> str:
    name, namespace = body.text("name"), body.text("namespace")
    if name is None:
        return block.address
    return f"{namespace}/{name}" if namespace else name


def _instance(context: Context, block: Block, body: Mapping) -> tuple[KeyUse, str]:
    del context, body
    return KeyUse.USER_DATA, f"the user data of {block.address}"


def _file(context: Context, block: Block, body: Mapping) -> tuple[KeyUse, str]:
    del context
    name = body.text("filename")
    return KeyUse.FILE, f"the file {name}" if name else f"the file of {block.address}"


def _store(context: Context, block: Block, body: Mapping) -> tuple[KeyUse, str]:
    del context
    kind = block.labels[0]
    name = body.text("name") or block.address
    plain = kind == "aws_ssm_parameter" and body.text("type") in ("String", "StringList")
    return (KeyUse.PARAMETER if plain else KeyUse.STORE), f"{_STORES[kind]} {name}"
