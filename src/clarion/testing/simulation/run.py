"""Plays seeds and says what was wrong in each."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import logging
import traceback
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from clarion.pipeline import (
    admission,
    audiences,
    broadcasting,
    catalog_watch,
    chunks,
    cutting,
    fanout,
    looking,
    paging,
    resume,
    turns,
    writing,
)
from clarion.pipeline.blasts import firing, keeping, preparing
from clarion.pipeline.keepers import folder, pruner
from clarion.store.sql import broadcasts
from clarion.testing.simulation.invariants import Violation, violations
from clarion.testing.simulation.weather import Weather, weather_of
from clarion.testing.simulation.world import World, world_chance

SMALL = (
    (audiences, "INLINE_RECIPIENTS", 3),
    (paging, "PAGE_RECIPIENTS", 5),
    (paging, "PAGE_ALIKE", 5),
    (chunks, "CHUNK_RECIPIENTS", 2),
    (chunks, "MOST_RECIPIENTS", 4),
    (cutting, "STEP", 2),
    (cutting, "MOST_RANGES", 4),
    (cutting, "MOST_MARKS", 6),
    (cutting, "MARKS_A_LOOK", 2),
    (turns, "TURN_RECIPIENTS", 12),
    (turns, "LEAST_COST", 1),
    (fanout, "IDLE_SECONDS", 4.0),
    (broadcasting, "COUNTED_AT_ONCE", 2),
    (looking, "AT_ONCE", 2),
    (looking, "PASSED_BY", 2),
    (broadcasts, "FEW", 2),
    (resume, "BATCH", 4),
    (resume, "LONGEST_IDLE_SECONDS", 6.0),
    (writing, "SPREAD_SECONDS", 5),
    (admission, "IDLE_SECONDS", 12.0),
    (preparing, "PAGE_RECIPIENTS", 3),
    (preparing, "RANGE_RECIPIENTS", 4),
    (preparing, "IDLE_SECONDS", 9.0),
    (keeping, "IDLE_SECONDS", 9.0),
    (firing, "PARK_ROWS", 3),
    (folder, "IDLE_SECONDS", 9.0),
    (pruner, "IDLE_SECONDS", 17.0),
    (catalog_watch, "LOOK_SECONDS", 6.0),
)
"""Sizes and pauses that worlds play with: a dozen people fill several pages, and idle stages look
less often, which is most of what a world would do."""


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
    with played_small(), _quiet(), _uncollected():
        world = World(seed)
        try:
            return _report(world, _played(world))
        finally:
            world.dispose()


def weather(seed: int) -> Weather:
    """The weather of a seed, without playing it."""
    return weather_of(world_chance(seed))


def _played(world: World) -> list[Violation]:
    try:
        world.play()
        return violations(world)
    except Exception as error:  # noqa: BLE001 - the others are played nevertheless
        where = traceback.extract_tb(error.__traceback__)[-1]
        message = f"{type(error).__name__}: {error} ({where.name}, line {where.lineno})"
        return [Violation("the world can be played", message)]


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
def played_small() -> Iterator[None]:
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
