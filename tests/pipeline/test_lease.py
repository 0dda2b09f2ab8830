"""A worker works while it is heard, and becomes a new one when it was taken for dead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clarion.core.workflow import Lane
from clarion.errors import UnavailableError
from clarion.pipeline.lease import Lease
from clarion.store.sqlite.store import SqliteStore, open_store
from clarion.testing.clock import ManualClock
from clarion.testing.embedded import Embedded
from clarion.testing.fakes.smtp import FakeSmtp
from tests.pipeline.builders import MAIL

SECONDS = 30.0


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def store(tmp_path: Path, clock: ManualClock) -> AsyncIterator[SqliteStore]:
    opened = open_store(tmp_path / "clarion.db", clock.now(), serve=False, inline=True)
    yield opened
    await opened.close()


def a_lease(store: SqliteStore, clock: ManualClock) -> Lease:
    return Lease(store, clock, [Lane.SOCIAL], seconds=SECONDS, heartbeat_seconds=5)


async def test_a_lease_ends_for_its_worker_before_it_ends_for_others(
    store: SqliteStore, clock: ManualClock
) -> None:
    lease = a_lease(store, clock)
    await lease.start()
    clock.advance(SECONDS * 2 / 3 - 1)
    before = lease.valid
    clock.advance(1)
    assert (before, lease.valid) == (True, False)
    assert await store.work.bury(0, clock.now()) == []


async def test_a_worker_that_was_taken_for_dead_gets_a_new_number(
    store: SqliteStore, clock: ManualClock
) -> None:
    lease = a_lease(store, clock)
    await lease.start()
    former = lease.worker
    clock.advance(SECONDS + 1)
    assert await store.work.bury(0, clock.now()) == [former]
    waiting = asyncio.create_task(lease.held())
    await asyncio.sleep(0)
    assert not waiting.done()
    assert await lease.step(False) == 5
    await waiting
    assert lease.valid
    assert lease.worker != former


async def test_while_the_store_is_away_it_asks_every_second_and_says_so_once(
    store: SqliteStore,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    lease = a_lease(store, clock)
    await lease.start()

    async def away(worker: int, now: int) -> bool:
        raise UnavailableError("the store is away")

    with monkeypatch.context() as patched:
        patched.setattr(store.work, "beat", away)
        assert [await lease.step(False) for _ in range(3)] == [1, 1, 1]
    assert await lease.step(False) == 5
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


async def test_nothing_is_sent_while_others_may_have_taken_it_over(
    wired: Embedded, mail_server: FakeSmtp
) -> None:
    """As after a process was stopped and continued: time has passed without a heartbeat."""
    await wired.workflow("note", MAIL)
    await wired.user("ada", email="ada@example.org")
    await wired.hold("lease")
    wired.clock.advance(3600)
    event = await wired.send("note", "ada")
    for _ in range(200):
        await asyncio.sleep(0)
    assert mail_server.mails == []
    wired.release("lease")
    assert (await wired.counts(await wired.settled(event))).sent == 1


async def test_what_was_claimed_under_a_former_number_is_not_ours_any_more(
    store: SqliteStore, clock: ManualClock
) -> None:
    lease = a_lease(store, clock)
    await lease.start()
    former = lease.worker
    assert lease.holds(former)
    clock.advance(SECONDS + 1)
    assert not lease.holds(former)
    await store.work.bury(0, clock.now())
    await lease.step(False)
    assert lease.valid
    assert not lease.holds(former)
    assert lease.holds(lease.worker)


async def test_a_worker_that_cannot_say_that_it_ends_ends_all_the_same(
    store: SqliteStore, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(worker: int, now: int) -> None:
        raise UnavailableError("the store is away; start it")

    lease = a_lease(store, clock)
    await lease.start()
    monkeypatch.setattr(store.work, "stop_worker", away)
    await lease.stop()
    clock.advance(SECONDS + 1)
    assert await store.work.bury(0, clock.now()) == [lease.worker]
