"""A list of work shared among processes: the results are those of doing it here, one after the other, only sooner."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")
R = TypeVar("R")

PATIENCE = 0.05
"""Seconds of work after which the rest is shared; starting processes for less is not worth its time."""

_MOST_SHARES = 255
"""A share is asked for by a number of one byte."""

_SHARES_OF_A_PROCESS = 64
"""More of them even out shares that take longer than others; fewer keep together what has much in common."""


def mapped(
    work: Callable[[T], R],
    items: Sequence[T],
    *,
    cores: int | None = None,
    patience: float = PATIENCE,
    meanwhile: Callable[[], object] | None = None,
) -> list[R]:
    """What `work` makes of each item, in order.

    `work` has to be a function of its item alone, and its result plain data; what it remembers in a process of its own
    is lost. Whatever a process does not deliver, because it was killed or its result cannot be pickled, is worked out
    here, where an exception is raised as it would be without processes. `cores` are the processor cores to use (all,
    unless given), `patience` is in seconds. `meanwhile`: something else to do here while other processes work, which is
    reason enough to start them at once.
    """
    cores = (_cores() if _may_fork() else 1) if cores is None else cores
    if meanwhile is not None and items and cores > 1:
        return _shared(work, items, cores, meanwhile)
    results: list[R] = []
    end_of_patience = time.monotonic() + patience
    for number, item in enumerate(items):
        if cores > 1 and number + 1 < len(items) and time.monotonic() > end_of_patience:
            return results + _shared(work, items[number:], cores)
        results.append(work(item))
    return results


def _cores() -> int:
    """The processor cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def _may_fork() -> bool:
    """Whether this process can be copied: on Linux, while it has a single thread."""
    return sys.platform == "linux" and len(sys._current_frames()) == 1  # noqa: SLF001 - documented; counts all threads


def _shared(
    work: Callable[[T], R], items: Sequence[T], cores: int, meanwhile: Callable[[], object] = lambda: None
) -> list[R]:
    size = -(-len(items) // min(_MOST_SHARES, cores * _SHARES_OF_A_PROCESS))
    shares = [items[start : start + size] for start in range(0, len(items), size)]
    # Whoever is free reads the number of the next share.
    numbers, writing = os.pipe()
    os.write(writing, bytes(range(len(shares))))
    os.close(writing)

    def taken() -> Iterator[tuple[int, list[R]]]:
        while number := os.read(numbers, 1):
            yield number[0], [work(item) for item in shares[number[0]]]

    children: dict[int, int] = {}
    try:
        for _ in range(min(cores - 1, len(shares))):
            child, results_of_child = _started(taken)
            children[child] = results_of_child
        meanwhile()
        results = dict(taken())
        while children:
            child = next(iter(children))
            results.update(_received(children[child]))
            os.waitpid(child, 0)
            del children[child]
    finally:
        os.close(numbers)
        for child in children:
            os.kill(child, 9)
            os.waitpid(child, 0)
    return [
        result
        for number, share in enumerate(shares)
        for result in (results[number] if number in results else [work(item) for item in share])
    ]


def _started(taken: Callable[[], Iterator[tuple[int, list[R]]]]) -> tuple[int, int]:
    """A process that takes shares while there are any, and the end of a pipe from which its results can be read."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    status = 1
    try:
        os.close(reading)
        _send(taken(), writing)
        status = 0
    finally:
        # Past everything that waits for the end of the program: it is the parent's.
        os._exit(status)


def _send(results: Iterator[tuple[int, list[R]]], writing: int) -> None:
    import pickle  # noqa: PLC0415 - only where work is shared

    sent: dict[int, bytes] = {}
    for number, result in results:
        try:
            sent[number] = pickle.dumps(result, pickle.HIGHEST_PROTOCOL)
        except Exception:  # noqa: BLE001, S112 - the parent works it out
            continue
    with os.fdopen(writing, "wb") as stream:
        pickle.dump(sent, stream, pickle.HIGHEST_PROTOCOL)


def _received(reading: int) -> Iterator[tuple[int, list[R]]]:
    """The results of a child; nothing if it ended too early to send them."""
    import pickle  # noqa: PLC0415 - only where work is shared

    with os.fdopen(reading, "rb") as stream:
        data = stream.read()
    try:
        sent = pickle.loads(data)  # noqa: S301 - it comes from a copy of this process
    except (EOFError, pickle.UnpicklingError):
        return
    for number, result in sent.items():
        yield number, pickle.loads(result)  # noqa: S301 - likewise
