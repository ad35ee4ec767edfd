"""Clients of S3 that are given static keys in their own configuration, which no SDK's chain sees."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.adapt.kubernetes_pods import value_span
from rolecall.adapt.kubernetes_values import judged
from rolecall.model import BucketClient, MaterialKind
from rolecall.problem import Unevaluated
from rolecall.records import dataclass
from rolecall.secrets import decode
from rolecall.syntax import embedded
from rolecall.tree import Entry, Mapping, Scalar, known, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from rolecall.model import KubernetesObject, Origin
    from rolecall.span import Span
    from rolecall.tree import Node

    TextOf: TypeAlias = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class _Shape:
    """How clients write their keys: under these two names, in a mapping that also has one of `beside`.

    `endpoint` is where the store's address stands. Where `needs_endpoint`, the client has none of its own, so that one
    which is not written says nothing. `unless` switches the keys off if it is true.
    """

    key_id: str
    secret: str
    beside: tuple[str, ...] = ()
    endpoint: str = "endpoint"
    needs_endpoint: bool = False
    unless: str = ""
    providers: str = ""


_BUCKETS = ("bucket", "bucketnames", "bucket_name", "bucketName")
_SHAPES = (
    # thanos.io/tip/thanos/storage.md and grafana.com/docs/tempo/latest/configuration: both need the endpoint.
    _Shape("access_key", "secret_key", _BUCKETS, needs_endpoint=True),
    # grafana.com/docs/loki/latest/configure (s3_storage_config), grafana.com/docs/mimir/latest (s3).
    _Shape("access_key_id", "secret_access_key", (*_BUCKETS, "region", "s3", "endpoint")),
    # argo-workflows.readthedocs.io/en/latest/configure-artifact-repository and …/fields (S3Artifact).
    _Shape("accessKeySecret", "secretKeySecret", needs_endpoint=True, unless="useSDKCreds"),
)
# github.com/grafana/loki, production/helm/loki/values.yaml: what stands under `s3`.
_LOKI_CHART = _Shape("accessKeyId", "secretAccessKey", ("region", "endpoint"))
# cloudnative-pg.io/plugin-barman-cloud and …/documentation/current/appendixes/object_stores.
_BARMAN = _Shape("accessKeyId", "secretAccessKey", unless="inheritFromIAMRole")
# hadoop.apache.org/docs/stable/hadoop-aws/tools/hadoop-aws, with Spark's prefix or without.
_HADOOP = tuple(
    _Shape(
        f"{prefix}fs.s3a.access.key",
        f"{prefix}fs.s3a.secret.key",
        endpoint=f"{prefix}fs.s3a.endpoint",
        providers=f"{prefix}fs.s3a.aws.credentials.provider",
    )
    for prefix in ("", "spark.hadoop.")
)
# Those of Hadoop's credential providers that read the keys.
_READS_KEYS = regex.compile(r"(?:Simple|Temporary)AWSCredentialsProvider|^\s*$")
# spark.apache.org/docs/latest/configuration.html, "Dynamically Loading Spark Properties": spark-defaults.conf.
_PROPERTY = regex.compile(
    r"^[ \t]*+(?P<name>(?:spark\.hadoop\.)?fs\.s3a\.(?:access\.key|secret\.key|endpoint|aws\.credentials\.provider))"
    r"(?=[ \t=:])[ \t]*+[=:]?+[ \t]*+(?P<value>[^\s#][^\n]*+)",
    re.MULTILINE,
)
_WORDS = ("access_key", "accessKeySecret", "fs.s3a.access.key")
_GROUPS = ("argoproj.io/", "sparkoperator.k8s.io/", "postgresql.cnpg.io/", "barmancloud.cnpg.io/")
_AWS = "amazonaws.com"
_INSTALLING = ("Application", "ApplicationSet")
"""Of Argo CD, whose values are read as such."""
_OPEN = frozenset({MaterialKind.UNKNOWN, MaterialKind.PLACEHOLDER})


@dataclass(frozen=True, slots=True)
class _Holder:
    """What holds the settings, with where it stands."""

    display: str
    origin: Origin


def bucket_clients(named: KubernetesObject, root: Mapping, text_of: TextOf) -> Iterator[BucketClient | Unevaluated]:
    """The clients that an object configures: in the files of a ConfigMap or Secret, or in a custom resource."""
    holder = _Holder(named.display, named.origin)
    if named.kind in ("ConfigMap", "Secret"):
        for key in ("data", "stringData"):
            data = root.mapping(key)
            for entry in data.entries if data is not None else ():
                if not isinstance(entry.value, Scalar):
                    continue
                if named.kind == "Secret" and key == "data":
                    yield from _in_base64(holder, entry.value)
                else:
                    yield from _in_text(holder, entry.value, text_of)
    elif named.kind not in _INSTALLING and named.api_version.startswith(_GROUPS):
        yield from _found(holder, root.get("spec"))


def bucket_clients_of_values(
    values: Mapping, display: str, at: Callable[[str, Span, Span], Origin], text_of: TextOf
) -> Iterator[BucketClient | Unevaluated]:
    """The clients that a chart's values configure, as a tree or as a file in one of them."""
    holder = _Holder(f"the values of {display}", at("", values.span, values.span))
    yield from _found(holder, values)
    for node in walk((values,)):
        if isinstance(node, Scalar) and "\n" in node.display:
            yield from _in_text(holder, node, text_of)


def _in_text(holder: _Holder, value: Scalar, text_of: TextOf) -> Iterator[BucketClient | Unevaluated]:
    if any(word in value.display for word in _WORDS):
        node = embedded.parse(value, text_of, yaml=True)
        yield from _found(holder, _properties(value, text_of) if node is None else node)


def _properties(value: Scalar, text_of: TextOf) -> Mapping | None:
    """What a file of properties sets of Hadoop's client."""
    text = value.known
    last = {match["name"]: match for match in _PROPERTY.finditer(text)} if text is not None else {}
    parts = ((match, match.span("name"), match.span("value")) for match in last.values())
    entries = (
        Entry(
            known(match["name"], embedded.substring(value, *name, text_of)),
            known(match["value"], embedded.substring(value, *setting, text_of)),
        )
        for match, name, setting in parts
    )
    return Mapping(tuple(entries), value.span) if last else None


def _in_base64(holder: _Holder, value: Scalar) -> Iterator[BucketClient | Unevaluated]:
    """A file in base64, all of whose places are the whole."""
    text = decode("".join(value.known.split())) if value.known is not None else None
    if text is not None:
        yield from _in_text(holder, known(text, value.span), lambda _path: None)


def _found(holder: _Holder, node: Node | None) -> Iterator[BucketClient | Unevaluated]:
    for part in walk((node,)) if node is not None else ():
        if not isinstance(part, Mapping):
            continue
        credentials = part.mapping("s3Credentials")
        if credentials is not None:
            yield from _client(holder, _BARMAN, credentials, part.get("endpointURL"))
        of_loki = part.mapping("s3")
        if of_loki is not None:
            yield from _client(holder, _LOKI_CHART, of_loki, of_loki.get("endpoint"))
        for shape in (*_SHAPES, *_HADOOP):
            yield from _client(holder, shape, part, part.get(shape.endpoint))


def _client(
    holder: _Holder, shape: _Shape, part: Mapping, endpoint: Node | None
) -> Iterator[BucketClient | Unevaluated]:
    key_id, secret = part.entry(shape.key_id), part.entry(shape.secret)
    if key_id is None or secret is None or _is_nothing(key_id.value) or _is_nothing(secret.value):
        return
    if shape.beside and all(_is_absent(part.get(name)) for name in shape.beside):
        return
    switch = part.scalar(shape.unless) if shape.unless else None
    providers = part.scalar(shape.providers) if shape.providers else None
    if (switch is not None and switch.boolean is not False) or not _reads_keys(providers):
        return
    store = None
    if endpoint is None or _is_nothing(endpoint):
        if shape.needs_endpoint:
            return
    elif isinstance(endpoint, Scalar) and _AWS in endpoint.display:
        store = endpoint
    else:
        return
    if any(_is_open(holder, entry) for entry in (key_id, secret)):
        what = f"the keys for S3 in {holder.display}"
        yield Unevaluated(what, "a template decides whether they are given", key_id.key.span)
        return
    written = any(_is_written(entry) for entry in (key_id, secret))
    yield BucketClient(holder.origin, holder.display, _key(key_id), _key(secret), store, written=written)


def _reads_keys(providers: Scalar | None) -> bool:
    return providers is None or (providers.known is not None and _READS_KEYS.search(providers.known) is not None)


def _key(entry: Entry) -> Scalar:
    """The name that a key stands under, with the place of its value if that is written there."""
    if not isinstance(entry.value, Scalar):
        return entry.key
    return replace(entry.key, span=value_span(entry.key, entry.value), places=())


def _is_written(entry: Entry) -> bool:
    """Whether the key itself stands there, and not what it is taken from."""
    value = entry.value
    return isinstance(value, Scalar) and judged(entry.key.known or "", value)[0].kind not in _OPEN


def _is_open(holder: _Holder, entry: Entry) -> bool:
    """Whether it is not known that a key is given: its value is an expression, or stands on a condition."""
    if holder.origin.is_possible(entry.key.span, holder.origin.span):
        return True
    value = entry.value
    if not isinstance(value, Scalar) or value.known is not None:
        return False
    # What a shell's variable fills in when it starts is given to it.
    filled_in = all(hole.written.startswith("${") for hole in value.holes)
    return not filled_in and judged(entry.key.known or "", value)[0].kind in _OPEN


def _is_absent(node: Node | None) -> bool:
    return node is None or _is_nothing(node)


def _is_nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and (node.is_null or node.is_empty)
