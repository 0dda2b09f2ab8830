"""Plays seeds and says what was wrong in each."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import logging
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from clarion.pipeline import composing, fanout
from clarion.testing.simulation.invariants import Violation, violations
from clarion.testing.simulation.world import World

SMALL = (
    (composing, "INLINE_RECIPIENTS", 3),
    (fanout, "PAGE_RECIPIENTS", 5),
    (fanout, "CHUNK_RECIPIENTS", 2),
    (fanout, "TURN_PAGES", 2),
)
"""Sizes that worlds play with, so that a dozen people fill several pages."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a seed. `digest` is the same whenever it is played; `seconds` is virtual time;
    `trace` holds lines for people."""

    seed: int
    violations: list[Violation]
    digest: str
    seconds: float
    turns: int
    deliveries: int
    asks: int
    faults: dict[str, int]
    trace: list[str]


def play(seed: int) -> Report:
    """Play one seed to its end and check it."""
    with _small(), _quiet(), _uncollected():
        world = World(seed)
        try:
            world.play()
            found = violations(world)
            return _report(world, found)
        finally:
            world.dispose()


def _report(world: World, found: list[Violation]) -> Report:
    trace = [_line(note) for note in world.notes]
    digest = hashlib.sha256("\n".join(trace).encode())
    digest.update(str((world.loop.trace, world.loop.turns, world.loop.now)).encode())
    faults = Counter(world.counts)
    return Report(
        seed=world.seed,
        violations=found,
        digest=digest.hexdigest(),
        seconds=world.loop.time(),
        turns=world.loop.turns,
        deliveries=world.disk.select("select count(*) from delivery")[0][0],
        asks=len(world.asks),
        faults=dict(sorted(faults.items())),
        trace=trace,
    )


def _line(note: tuple[Any, ...]) -> str:
    at, *words = note
    return f"{at / 1e6:12.6f}  {' '.join(str(word) for word in words)}"


@contextlib.contextmanager
def _small() -> Iterator[None]:
    """Play with small sizes."""
    usual = [(module, name, getattr(module, name)) for module, name, _ in SMALL]
    for module, name, size in SMALL:
        setattr(module, name, size)
    try:
        yield
    finally:
        for module, name, size in usual:
            setattr(module, name, size)


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """A world is short: its rubbish is taken out once, at its end."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.collect(0)
        if collecting:
            gc.enable()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """A storm fills the log with what it should: nobody reads it."""
    logs = [logging.getLogger("clarion"), logging.getLogger("asyncio")]
    usual = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for log, level in zip(logs, usual, strict=True):
            log.setLevel(level)
