"""How fast several processes on one store are together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clarion.core.workflow import Lane
from clarion.pipeline.lease import Lease
from clarion.pipeline.pace import FRESH_SECONDS, Pacing
from clarion.pipeline.rates import Rates, quantile
from clarion.store.sqlite.store import SqliteStore, open_store
from clarion.testing.clock import START, ManualClock


class Process:
    """What a process did, and what it tells of it."""

    def __init__(self, store: SqliteStore, clock: ManualClock) -> None:
        self.rates, self.clock = Rates(), clock
        self.lease = Lease(store, clock, Lane, seconds=30, heartbeat_seconds=5)
        self.pacing = Pacing(store, self.rates, self.lease, clock, alone=False)

    def did(self, count: int, waited_seconds: float) -> None:
        now = self.clock.now()
        self.rates.count(Lane.BULK, count, now)
        self.rates.count_account(Lane.BULK, "mail:eu", count, now)
        for _ in range(count):
            self.rates.waited(Lane.BULK, waited_seconds, now)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = open_store(tmp_path / "clarion.db", START, serve=True, inline=True)
    yield opened
    await opened.close()


@pytest.fixture
async def three(store: SqliteStore) -> list[Process]:
    clock = ManualClock()
    made = [Process(store, clock) for _ in range(3)]
    for process in made:
        await process.lease.start()
    return made


async def test_who_did_nothing_tells_what_the_others_did(three: list[Process]) -> None:
    first, second, asked = three
    first.did(90, 0.1)
    second.did(9, 8.0)
    for process in three:
        await process.pacing.step(False)
    pace = await asked.pacing.all()
    assert pace.lanes[Lane.BULK] == pytest.approx(11.0)
    assert pace.accounts == {(Lane.BULK, "mail:eu"): pytest.approx(11.0)}
    assert quantile(pace.waits[Lane.BULK], 0.5) == pytest.approx(0.1, rel=0.4)
    assert quantile(pace.waits[Lane.BULK], 0.99) == pytest.approx(8.0, rel=0.4)
    assert pace.processes == 2


async def test_nobody_counts_itself_twice(three: list[Process]) -> None:
    first, _, _ = three
    first.did(90, 0.1)
    await first.pacing.step(False)
    assert (await first.pacing.all()).lanes[Lane.BULK] == pytest.approx(10.0)


async def test_who_died_is_forgotten(three: list[Process]) -> None:
    first, _, asked = three
    first.did(90, 0.1)
    await first.pacing.step(False)
    first.clock.advance(FRESH_SECONDS + 1)
    assert not any((await asked.pacing.all()).lanes.values())


async def test_who_came_to_rest_says_so_once_and_then_nothing(
    three: list[Process], store: SqliteStore
) -> None:
    first, _, asked = three
    await first.pacing.step(False)
    assert await store.accounts.reports(0) == []
    first.did(90, 0.1)
    await first.pacing.step(False)
    first.clock.advance(FRESH_SECONDS)
    await first.pacing.step(False)
    assert not any((await asked.pacing.all()).lanes.values())
    (said,) = await store.accounts.reports(0)
    first.clock.advance(1)
    await first.pacing.step(False)
    assert await store.accounts.reports(0) == [said]
