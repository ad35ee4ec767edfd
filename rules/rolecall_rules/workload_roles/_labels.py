"""Places of findings about the roles of workloads."""

from rolecall.graph.views import WorkloadRole
from rolecall.rule import Label
from rolecall.span import Span


def why(workload: WorkloadRole, *more: Label, beside: Span) -> tuple[Label, ...]:
    """What makes a role one of pods, then more places; none that is the primary one."""
    found = (*(Label(span, words) for span, words in workload.because[:2]), *more)
    return tuple(label for label in found if not label.span.overlaps(beside))
