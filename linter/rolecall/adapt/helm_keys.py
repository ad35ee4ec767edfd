"""Keys and files of keys among the values of a chart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.adapt.helm_values import MADE_UP
from rolecall.adapt.kubernetes_config import secret
from rolecall.adapt.kubernetes_pods import value_span
from rolecall.adapt.kubernetes_values import judged
from rolecall.model import ChartKeys, ConfigObject, Material, MaterialKind
from rolecall.secrets import is_credential_name, is_other_store, is_secret_shaped
from rolecall.tree import Entry, Mapping, Scalar, Sequence, known, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from collections.abc import Sequence as Many
    from typing import TypeAlias

    from rolecall.model import Origin
    from rolecall.span import Span
    from rolecall.tree import Node

    At: TypeAlias = Callable[[str, Span, Span], Origin]

_DEEPEST = 30
_MOST = 200_000
_BESIDE = 100
"""Of what stands around a key so much is looked at."""

_ENDPOINT = regex.compile(r"(?:^|[a-z0-9_.-])(?:endpoint|url|host|server)(?:[_-]?url|override)?$", re.IGNORECASE)
# Names and words, with which charts come, are no ids.
_ID_SHAPED = regex.compile(r"(?=[A-Z]*[0-9])[A-Z0-9]{16,128}")
_AWS_ADDRESS = regex.compile(r"amazonaws\.com|api\.aws", re.IGNORECASE)
_PROVIDER = frozenset({"provider", "type", "backend", "storagetype", "kind", "service", "driver", "store"})
_AWS_WORD = regex.compile(r"(?:^|[^a-z])(?:aws|amazon|route53|(?<!s)s3)(?:[^a-z]|$)|(?:^|[a-z])(?:Aws|AWS|S3)")
_REGION = regex.compile(r"(?:us|eu|ap|ca|sa|me|af|il|cn|mx)(?:-gov)?-[a-z]+-\d")


def keys(values: Mapping, display: str, at: At) -> Iterator[ChartKeys]:
    """Every key among values, with what is beside it."""
    for path, above, entries, place in _groups(values):
        key_id = _first(entries, (MaterialKind.KEY_ID, MaterialKind.OTHER), _is_id)
        secret_key = _first(entries, (MaterialKind.SECRET_KEY, MaterialKind.OTHER), _is_secret)
        if key_id is None and secret_key is None:
            continue
        around = (*above[-1:], entries)
        text = " ".join((*path, *(_text(entry) for group in around for entry in group)))
        span = (key_id or secret_key or (None, None, place))[2]
        yield ChartKeys(
            origin=at(".".join(path), span, place),
            display=display,
            key_id=key_id,
            secret=secret_key,
            names_aws=_names_aws(path, around, (key_id, secret_key)),
            elsewhere=is_other_store(text) or any(_leads_elsewhere(entry) for group in around for entry in group),
        )


def credentials_files(values: Mapping, at: At, text_of: Callable[[str], str | None]) -> Iterator[ConfigObject]:
    """The Secrets that charts make of files of keys: Velero's `credentials.secretContents`, and others like it."""
    for path, _, entries, place in _groups(values):
        files = tuple(entry for entry in entries if _is_file(entry))
        if not files:
            continue
        root = Mapping((Entry(known("stringData", place), Mapping(files, place)),), place)
        data, _ = secret(root, text_of)
        name = unknown(MADE_UP, files[0].key.span)
        origin = at(".".join(path), files[0].key.span, place)
        yield ConfigObject("Secret", "v1", name, None, (), (), origin, data, complete=False, made_by="Helm values")


def _is_file(entry: Entry) -> bool:
    value = entry.value
    if not isinstance(value, Scalar) or "aws_" not in value.display.lower():
        return False
    return judged(entry.key.known or "", value)[0].kind is MaterialKind.CREDENTIALS_FILE


_Group = tuple[tuple[str, ...], tuple[tuple[Entry, ...], ...], tuple[Entry, ...], "Span"]


def _groups(values: Mapping) -> Iterator[_Group]:
    """The entries that stand beside each other, with the path to them and those around them.

    A list of names with values, as of environment variables, is such a group too.
    """
    stack: list[tuple[tuple[str, ...], tuple[tuple[Entry, ...], ...], Node]] = [((), (), values)]
    for _ in range(_MOST):
        if not stack:
            return
        path, above, node = stack.pop()
        if isinstance(node, Scalar) or len(path) > _DEEPEST:
            continue
        if isinstance(node, Sequence):
            named = tuple(_named(node.items))
            if named:
                yield path, above, named, node.span
            stack.extend((path, above, item) for item in reversed(node.items))
            continue
        yield path, above, node.entries, node.span
        here = tuple(entry for entry in node.entries if isinstance(entry.value, Scalar))[:_BESIDE]
        stack.extend(
            ((*path, entry.key.known or ""), (here,), entry.value)
            for entry in reversed(node.entries)
            if not isinstance(entry.value, Scalar)
        )


def _named(items: Many[Node]) -> Iterator[Entry]:
    for item in items:
        name, value = (item.scalar("name"), item.scalar("value")) if isinstance(item, Mapping) else (None, None)
        if name is not None and value is not None:
            yield Entry(name, value)


def _first(
    entries: tuple[Entry, ...], kinds: tuple[MaterialKind, ...], wanted: Callable[[str], bool]
) -> tuple[Scalar, Material, Span] | None:
    """The first key of these names that holds something of these kinds, the surer kind first."""
    found: list[tuple[Scalar, Material, Span]] = []
    for entry in entries:
        name = entry.key.known or ""
        if not isinstance(entry.value, Scalar) or not is_credential_name(name) or not wanted(name):
            continue
        material, _ = judged(name, entry.value)
        text = entry.value.known
        if material.kind is MaterialKind.OTHER and text is not None and is_secret_shaped(text):
            material = Material(MaterialKind.SECRET_KEY)
        if material.kind is MaterialKind.OTHER and wanted is _is_id and not (text and _ID_SHAPED.fullmatch(text)):
            continue
        if material.kind in kinds:
            found.append((entry.key, material, value_span(entry.key, entry.value)))
    return next((one for kind in kinds for one in found if one[1].kind is kind), None)


def _is_secret(name: str) -> bool:
    return "secret" in name.lower()


def _is_id(name: str) -> bool:
    lower = name.lower()
    return "secret" not in lower and "token" not in lower


def _names_aws(
    path: tuple[str, ...],
    around: tuple[tuple[Entry, ...], ...],
    found: tuple[tuple[Scalar, Material, Span] | None, ...],
) -> bool:
    """Whether the names say AWS or S3, or something beside them does: a provider, a region."""
    names = (*path, *(one[0].known or "" for one in found if one is not None))
    if any(_AWS_WORD.search(name) for name in names):
        return True
    return any(_says_aws(entry) for group in around for entry in group)


def _says_aws(entry: Entry) -> bool:
    name, text = (entry.key.known or "").lower(), entry.value.known if isinstance(entry.value, Scalar) else None
    if text is None:
        return False
    if name in _PROVIDER:
        return text.lower() in ("aws", "s3", "amazon", "velero.io/aws")
    return "region" in name and _REGION.match(text) is not None


def _leads_elsewhere(entry: Entry) -> bool:
    """Whether a value is the address of something that is not AWS."""
    text = entry.value.known if isinstance(entry.value, Scalar) else None
    if not text or _AWS_ADDRESS.search(text):
        return False
    return _ENDPOINT.search(entry.key.known or "") is not None and text.lower() not in ("true", "false")


def _text(entry: Entry) -> str:
    value = entry.value.known if isinstance(entry.value, Scalar) else None
    return f"{entry.key.known or ''} {value or ''}"
