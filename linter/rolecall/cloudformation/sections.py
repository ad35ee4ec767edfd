"""The sections of a template by name: parameters, mappings, conditions, resources."""

from __future__ import annotations

from rolecall.records import dataclass
from rolecall.tree import Mapping, Node, Scalar


@dataclass(frozen=True, slots=True)
class Sections:
    """What a template declares, as it is written; of equal names the last one counts."""

    unit: str
    parameters: dict[str, Mapping]
    mappings: dict[str, Mapping]
    conditions: dict[str, Node]
    resources: dict[str, tuple[Scalar, Mapping]]

    @staticmethod
    def of(unit: str, root: Mapping) -> Sections:
        """The sections of a template."""
        resources = root.mapping("Resources")
        conditions = root.mapping("Conditions")
        return Sections(
            unit,
            _mappings(root.mapping("Parameters")),
            _mappings(root.mapping("Mappings")),
            {entry.key.known: entry.value for entry in conditions.entries if entry.key.known is not None}
            if conditions is not None
            else {},
            {
                entry.key.known: (entry.key, entry.value)
                for entry in (resources.entries if resources is not None else ())
                if entry.key.known is not None and isinstance(entry.value, Mapping)
            },
        )


def _mappings(section: Mapping | None) -> dict[str, Mapping]:
    return {
        entry.key.known: entry.value
        for entry in (section.entries if section is not None else ())
        if entry.key.known is not None and isinstance(entry.value, Mapping)
    }
