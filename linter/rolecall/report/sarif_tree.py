"""sarif-om's objects as plain data: it has a model of the format, and no serialiser that is fast."""

from __future__ import annotations

from typing import Any

import attr

# An absent level means `warning`; said outright, no reader has to know.
_ALWAYS = frozenset({"level", "newlineSequences"})


def serialised(thing: Any) -> Any:  # noqa: ANN401 - sarif-om has no types
    """The tree of an object of sarif-om: attributes under their names in the format, defaults left out."""
    if isinstance(thing, (list, tuple)):
        return [serialised(item) for item in thing]
    if isinstance(thing, dict):
        return {key: serialised(value) for key, value in thing.items()}
    if not attr.has(type(thing)):
        return thing
    tree: dict[str, Any] = {}
    for field in attr.fields(type(thing)):
        value = getattr(thing, field.name)
        name = field.metadata["schema_property_name"]
        if value is not None and (name in _ALWAYS or not _is_default(value, field.default)):
            tree[name] = serialised(value)
    return tree


def _is_default(value: object, default: Any) -> bool:  # noqa: ANN401 - attrs' own
    if hasattr(default, "factory"):
        return bool(value == default.factory())
    return type(value) is type(default) and bool(value == default)
