"""Clients of S3 that are given static keys in their own configuration, which no SDK's chain sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.model import BucketClient
from rolecall.records import dataclass
from rolecall.syntax import embedded
from rolecall.tree import Mapping, Scalar, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.model import KubernetesObject
    from rolecall.tree import Node


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


_BUCKETS = ("bucket", "bucketnames", "bucket_name", "bucketName")
_SHAPES = (
    # thanos.io/tip/thanos/storage.md and grafana.com/docs/tempo/latest/configuration: both need the endpoint.
    _Shape("access_key", "secret_key", _BUCKETS, needs_endpoint=True),
    # grafana.com/docs/loki/latest/configure (s3_storage_config), grafana.com/docs/mimir/latest (s3).
    _Shape("access_key_id", "secret_access_key", (*_BUCKETS, "region", "s3", "endpoint")),
    # argo-workflows.readthedocs.io/en/latest/configure-artifact-repository and …/fields (S3Artifact).
    _Shape("accessKeySecret", "secretKeySecret", needs_endpoint=True, unless="useSDKCreds"),
)
# cloudnative-pg.io/plugin-barman-cloud and …/documentation/current/appendixes/object_stores.
_BARMAN = _Shape("accessKeyId", "secretAccessKey", unless="inheritFromIAMRole")
# hadoop.apache.org/docs/stable/hadoop-aws/tools/hadoop-aws, with Spark's prefix or without.
_HADOOP = (
    _Shape("fs.s3a.access.key", "fs.s3a.secret.key", endpoint="fs.s3a.endpoint"),
    _Shape("spark.hadoop.fs.s3a.access.key", "spark.hadoop.fs.s3a.secret.key", endpoint="spark.hadoop.fs.s3a.endpoint"),
)
_WORDS = ("access_key", "accessKeySecret", "fs.s3a.access.key")
_GROUPS = ("argoproj.io/", "sparkoperator.k8s.io/", "postgresql.cnpg.io/", "barmancloud.cnpg.io/")
_AWS = "amazonaws.com"


def bucket_clients(
    named: KubernetesObject, root: Mapping, text_of: Callable[[str], str | None]
) -> Iterator[BucketClient]:
    """The clients that an object configures: in the files of a ConfigMap or Secret, or in a custom resource."""
    if named.kind in ("ConfigMap", "Secret"):
        for key in ("data", "stringData"):
            data = root.mapping(key)
            for entry in data.entries if data is not None else ():
                if isinstance(entry.value, Scalar) and any(word in entry.value.display for word in _WORDS):
                    yield from _found(named, embedded.parse(entry.value, text_of, yaml=True))
    elif named.api_version.startswith(_GROUPS):
        yield from _found(named, root.get("spec"))


def _found(named: KubernetesObject, node: Node | None) -> Iterator[BucketClient]:
    for part in walk((node,)) if node is not None else ():
        if not isinstance(part, Mapping):
            continue
        credentials = part.mapping("s3Credentials")
        if credentials is not None:
            yield from _client(named, _BARMAN, credentials, part.get("endpointURL"))
        for shape in (*_SHAPES, *_HADOOP):
            yield from _client(named, shape, part, part.get(shape.endpoint))


def _client(named: KubernetesObject, shape: _Shape, part: Mapping, endpoint: Node | None) -> Iterator[BucketClient]:
    key_id, secret = part.entry(shape.key_id), part.entry(shape.secret)
    if key_id is None or secret is None or _is_nothing(key_id.value) or _is_nothing(secret.value):
        return
    if shape.beside and all(part.get(name) is None for name in shape.beside):
        return
    switch = part.scalar(shape.unless) if shape.unless else None
    if switch is not None and switch.boolean is not False:
        return
    if endpoint is None or _is_nothing(endpoint):
        if not shape.needs_endpoint:
            yield BucketClient(named.origin, named.display, key_id.key, secret.key)
    elif isinstance(endpoint, Scalar) and _AWS in endpoint.display:
        yield BucketClient(named.origin, named.display, key_id.key, secret.key, endpoint)


def _is_nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and (node.is_null or node.is_empty)
