"""What Secrets and ConfigMaps hold, whoever makes them."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from rolecall import regex
from rolecall.adapt.kubernetes_pods import value_span
from rolecall.adapt.kubernetes_values import issued, judged, may_show, name_of
from rolecall.model import ConfigObject, Datum, Material, MaterialKind, Origin
from rolecall.syntax.embedded import substring
from rolecall.tree import Mapping, Scalar, known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.span import Span
    from rolecall.tree import Entry, Node

    Reader: TypeAlias = Callable[[Scalar, Scalar], Datum]
    TextOf: TypeAlias = Callable[[str], str | None]

Content: TypeAlias = tuple[tuple[Datum, ...], bool]

_UNKNOWN = Material(MaterialKind.UNKNOWN)
_GENERATORS = (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret"))
_SHORT = 500
_CHOICES = frozenset({"?:", "coalesce", "lookup", "try"})


def secret(root: Mapping, text_of: TextOf) -> Content:
    """A Secret: `stringData` over the decoded `data` (the API server merges them so)."""
    plain, encoded = root.mapping("stringData"), root.mapping("data")
    data = [*_entries(encoded, decoded), *_entries(plain, partial(_secret_text, text_of=text_of))]
    return _last(data), _whole(root, "data", "stringData")


def config_map(root: Mapping, text_of: TextOf) -> Content:
    """A ConfigMap: `data`, and the decoded `binaryData`."""
    data = [*_entries(root.mapping("data"), partial(_text, text_of=text_of))]
    data += [replace(datum, binary=True) for datum in _entries(root.mapping("binaryData"), decoded)]
    return _last(data), _whole(root, "data", "binaryData")


def sealed_secret(root: Mapping, _text_of: TextOf) -> Content:
    """A SealedSecret: the keys of the Secret that it becomes, their values sealed."""
    sealed = root.at("spec", "encryptedData")
    entries = sealed.entries if isinstance(sealed, Mapping) else ()
    data = [_sealed(entry.key) for entry in entries]
    template = root.at("spec", "template", "data")
    data += [_sealed(entry.key) for entry in template.entries] if isinstance(template, Mapping) else []
    return _last(data), isinstance(sealed, Mapping) and sealed.rest is None


def external_secret(root: Mapping, _text_of: TextOf) -> Content:
    """An ExternalSecret: the keys that it lists, their values elsewhere; `dataFrom` may bring any others."""
    spec = root.mapping("spec")
    template = root.at("spec", "target", "template", "data")
    if isinstance(template, Mapping):
        # A template replaces the fetched keys by its own unless it says `mergePolicy: Merge`.
        return _last([_sealed(entry.key) for entry in template.entries]), False
    keys = [name_of(item.get("secretKey")) for item in spec.mappings("data")] if spec else []
    return _last([_sealed(key) for key in keys if key]), spec is not None and not spec.items("dataFrom")


def generated(root: Mapping, unit: str, group: str, text_of: TextOf) -> Iterator[ConfigObject]:
    """The ConfigMaps and Secrets that a Kustomization makes, replaces or merges into."""
    namespace = name_of(root.get("namespace"))
    for key, kind in _GENERATORS:
        for item in root.mappings(key):
            name = name_of(item.get("name"))
            if name is None:
                continue
            data = [datum for literal in item.items("literals") for datum in _literal(literal, kind, text_of)]
            data += [_sealed(named) for file in item.items("files") if (named := _file_key(file)) is not None]
            elsewhere = any(item.get(source) is not None for source in ("envs", "env"))
            yield ConfigObject(
                kind=kind,
                api_version=root.text("apiVersion") or "",
                name=name,
                namespace=name_of(item.get("namespace")) or namespace,
                annotations=(),
                labels=(),
                origin=Origin(unit, f"{key} {name.display}", name.span, item.span, group),
                data=_last(data),
                complete=not elsewhere and item.text("behavior") != "merge",
                made_by="Kustomization",
            )


def _literal(node: object, kind: str, text_of: TextOf) -> Iterator[Datum]:
    """A generator's literal: `KEY=value`, with quotes around the value allowed."""
    if not isinstance(node, Scalar) or not node.parts or not isinstance(node.parts[0], str):
        return
    key, separator, rest = node.parts[0].partition("=")
    if separator:
        value = replace(node, parts=(rest.strip("'\""), *node.parts[1:]))
        read = _secret_text if kind == "Secret" else _text
        yield read(replace(node, parts=(key.strip(),)), value, text_of)


def _file_key(node: Node) -> Scalar | None:
    """The key that a generator's file gets: what stands before `=`, else the file's name."""
    text = node.known if isinstance(node, Scalar) else None
    if not isinstance(node, Scalar) or not text:
        return None
    key, separator, _ = text.partition("=")
    return replace(node, parts=(key if separator else text.rpartition("/")[2],))


def _entries(mapping: Mapping | None, read: Reader) -> Iterator[Datum]:
    for entry in mapping.entries if mapping else ():
        if isinstance(entry.value, Scalar):
            yield read(entry.key, entry.value)
        else:
            yield _odd(entry)


def _text(key: Scalar, value: Scalar, text_of: TextOf) -> Datum:
    """A value in the clear."""
    material, kept = judged(key.known or "", value)
    place = _place(key, value, material, text_of)
    return Datum(key, place, material, _worth_keeping(kept, material), certain=material.is_key or not _either(value))


_KEY_LINE = regex.compile(r"aws_(?:access_key_id|secret_access_key|session_token)[ \t]*[=:][^\r\n]*", re.IGNORECASE)


def _place(key: Scalar, value: Scalar, material: Material, text_of: TextOf) -> Span:
    """The narrowest text: a value of one line, the lines of a file that hold the keys, else the key's name."""
    span = value_span(key, value)
    if span is value.span or not material.is_key:
        return span
    text = "".join(part if isinstance(part, str) else "\0" for part in value.parts)
    lines = list(_KEY_LINE.finditer(text))
    start, end = (lines[0].start(), lines[-1].end()) if lines else (0, len(text))
    start += len(text[start:end]) - len(text[start:end].lstrip())
    end = start + len(text[start:end].rstrip())
    if len(value.parts) == 1:
        # The line end that a block scalar adds is not written in its span.
        value = replace(value, parts=(text.rstrip(),))
    return substring(value, start, end, text_of)


def _secret_text(key: Scalar, value: Scalar, text_of: TextOf) -> Datum:
    """A Secret's value: kept only where its name or shape says that it is an address, a region, a name."""
    datum = _text(key, value, text_of)
    text = datum.value.known if datum.value else None
    public = text is not None and (datum.material.kind is MaterialKind.CONFIG_FILE or _is_public(key, text))
    return datum if public else replace(datum, value=None)


def decoded(key: Scalar, value: Scalar) -> Datum:
    """A value in base64, without the line end that `echo | base64` leaves in it."""
    span = value_span(key, value)
    text = value.known
    if text is None:
        return Datum(
            key, span, Material(MaterialKind.EMPTY) if value.is_null else issued(value, encoded=True) or _UNKNOWN
        )
    if not text.strip():
        return Datum(key, span, Material(MaterialKind.EMPTY))
    try:
        plain = base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, ValueError):
        return Datum(key, span, _UNKNOWN)
    datum = _secret_text(key, known(plain.rstrip("\r\n"), value.span), lambda _path: None)
    return replace(datum, span=value.span if datum.material.is_key else span)


def _either(value: Scalar) -> bool:
    """Whether a value is one of several, of which one is mostly empty: Terraform's `x ? y : ""`, `try(y, "")`."""
    through = value.holes[0].through if len(value.parts) == 1 and value.holes else ()
    return any(step.partition("#")[0] in _CHOICES for step in through)


def _is_public(key: Scalar, text: str) -> bool:
    name = (key.known or "").lower()
    words = ("endpoint", "url", "region", "host", "bucket", "profile", "role_arn", "role-arn", "token_file")
    return may_show(name, text) and any(word in name for word in words)


def _worth_keeping(value: Scalar, material: Material) -> Scalar | None:
    """Short values and AWS config files; a long text may hold anything."""
    if material.is_key:
        return None
    text = value.known
    if text is not None and material.kind is not MaterialKind.CONFIG_FILE and ("\n" in text or len(text) > _SHORT):
        return None
    return value


def _sealed(key: Scalar) -> Datum:
    return Datum(key, key.span, _UNKNOWN)


def _odd(entry: Entry) -> Datum:
    return Datum(entry.key, entry.key.span, _UNKNOWN)


def _last(data: list[Datum]) -> tuple[Datum, ...]:
    """One datum a key: the last one counts."""
    kept: dict[object, Datum] = {}
    for datum in data:
        kept[datum.key.known if datum.key.known is not None else datum.key] = datum
    return tuple(kept.values())


def _whole(root: Mapping, *keys: str) -> bool:
    """Whether all keys are seen: each part is a mapping without unknown entries and names."""
    for key in keys:
        node = root.get(key)
        if node is None or (isinstance(node, Scalar) and node.is_null):
            continue
        if not isinstance(node, Mapping) or node.rest is not None or any(e.key.known is None for e in node.entries):
            return False
    return root.rest is None
