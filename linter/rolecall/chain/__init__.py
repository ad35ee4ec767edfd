"""The credential chain: for one container what the EKS webhook injects, then where each AWS SDK finds credentials.

`chain_of(container, graph)` gives a `Chain`: every source in order, present, possible or absent, with the places that
make it so; for each SDK which one wins, what may come before it, and who the container then is.
"""

from __future__ import annotations

from rolecall.chain.build import chain_of
from rolecall.chain.resolve import resolve
from rolecall.chain.sdks import SDKS, Flaw, Sdk, Source
from rolecall.chain.steps import Chain, Identity, Outcome, Step
from rolecall.chain.webhook import Injection, Mechanism, injection

__all__ = [
    "SDKS",
    "Chain",
    "Flaw",
    "Identity",
    "Injection",
    "Mechanism",
    "Outcome",
    "Sdk",
    "Source",
    "Step",
    "chain_of",
    "injection",
    "resolve",
]
