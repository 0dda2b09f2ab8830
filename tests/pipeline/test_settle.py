"""Settle: outcomes in batches, kept until the store has them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from clarion.core.delivery import DeliveryKey
from clarion.core.states import DeliveryStatus
from clarion.core.workflow import Channel, Lane
from clarion.errors import UnavailableError
from clarion.pipeline.lease import Lease
from clarion.pipeline.rates import Rates
from clarion.pipeline.settle import Settler
from clarion.store.contract.deliveries import Claim, Finish
from clarion.store.sqlite.store import open_store
from clarion.testing.clock import START, ManualClock
from clarion.testing.embedded import Embedded
from clarion.testing.fakes.fcm import FakeFcm
from tests.pipeline.builders import PUSH


async def many_phones(server: Embedded, count: int) -> list[str]:
    await server.workflow("news", PUSH)
    names = [f"u{n:03}" for n in range(count)]
    for name in names:
        await server.device(name, f"phone-of-{name}")
    return names


def a_finish(seq: int, *, ordered: bool = False) -> Finish:
    key = DeliveryKey(1, bytes(16), 1, seq, 0, Channel.PUSH, seq)
    claim = Claim(
        seq=seq,
        fence=1,
        account="push-main",
        key=key,
        attempts=0,
        crashes=1,
        tenant=0,
        expires_at=None,
        created_at=START,
        ordered=ordered,
    )
    return Finish(claim=claim, status=DeliveryStatus.SENT)


class Kept:
    """A settler whose store writes to a list, and fails as told."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("clarion.pipeline.settle.PAUSE_SECONDS", 0.001)
        self.store = open_store(tmp_path / "s.db", START, serve=False)
        self.batches: list[list[int]] = []
        self.failures: list[Exception] = []
        self.mended = asyncio.Event()
        self.wrote = asyncio.Event()
        self.poison: set[int] = set()
        monkeypatch.setattr(self.store.deliveries, "finish", self._finish)
        clock = ManualClock()
        lease = Lease(self.store, clock, [Lane.SOCIAL], seconds=30, heartbeat_seconds=5)
        self.settler = Settler(Lane.SOCIAL, lease, self.store, clock, Rates())

    async def _finish(self, finishes: list[Finish], worker: int, now: int, lane: int) -> int:
        if self.failures:
            failure = self.failures.pop(0)
            if not self.failures:
                self.mended.set()
            raise failure
        seqs = [finish.claim.seq for finish in finishes]
        if self.poison & set(seqs):
            raise RuntimeError("this one cannot be written")
        self.batches.append(seqs)
        self.wrote.set()
        return len(seqs)

    async def written(self, count: int) -> None:
        """Wait until so many batches are."""
        async with asyncio.timeout(5):
            while len(self.batches) < count:
                self.wrote.clear()
                await self.wrote.wait()

    async def settled(self, count: int) -> list[int]:
        """Settle as many from the start, then stop; what the store got."""
        self.settler.start()
        for seq in range(count):
            await self.settler.settle(a_finish(seq))
        return await self.stopped()

    async def stopped(self) -> list[int]:
        """Stop; what the store got."""
        async with asyncio.timeout(5):
            await self.settler.stop()
        await self.store.close()
        return sorted(seq for batch in self.batches for seq in batch)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    return Kept(tmp_path, monkeypatch)


async def test_what_waits_is_written_together(kept: Kept) -> None:
    assert await kept.settled(1_050) == list(range(1_050))
    assert [len(batch) for batch in kept.batches] == [500, 500, 50]


async def test_an_outcome_by_itself_is_written_at_once_and_the_next_ones_together(
    kept: Kept,
) -> None:
    kept.settler.start()
    await kept.settler.settle(a_finish(0))
    await kept.written(1)
    for seq in range(1, 4):
        await kept.settler.settle(a_finish(seq))
        await asyncio.sleep(0)
    await kept.written(2)
    assert kept.batches == [[0], [1, 2, 3]]
    await kept.stopped()


async def test_an_outcome_that_others_wait_for_does_not_wait(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.pipeline.settle.GATHER_SECONDS", 3_600)
    kept.settler.start()
    await kept.settler.settle(a_finish(0))
    await kept.written(1)
    await kept.settler.settle(a_finish(1))
    await kept.settler.settle(a_finish(2, ordered=True))
    await kept.written(2)
    assert kept.batches == [[0], [1, 2]]
    await kept.stopped()


async def test_an_outcome_waits_until_the_store_can_be_written(kept: Kept) -> None:
    kept.failures = [UnavailableError("full")]
    kept.settler.start()
    await kept.settler.settle(a_finish(0))
    await kept.mended.wait()
    assert await kept.stopped() == [0]


async def test_one_bad_outcome_does_not_hold_up_the_others(kept: Kept) -> None:
    kept.poison = {3}
    assert await kept.settled(6) == [0, 1, 2, 4, 5]


async def test_an_outcome_written_alone_waits_for_the_store_too(kept: Kept) -> None:
    kept.poison = {3}
    kept.settler.start()
    for seq in range(6):
        await kept.settler.settle(a_finish(seq))
    kept.failures = [RuntimeError("the batch"), UnavailableError("full"), UnavailableError("full")]
    await kept.mended.wait()
    assert await kept.stopped() == [0, 1, 2, 4, 5]


async def test_too_many_waiting_outcomes_hold_their_senders_back(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.pipeline.settle.WAITING_LIMIT", 2)
    for seq in range(2):
        await kept.settler.settle(a_finish(seq))
    third = asyncio.create_task(kept.settler.settle(a_finish(2)))
    await asyncio.sleep(0)
    assert not third.done()
    kept.settler.start()
    await asyncio.wait_for(third, 5)
    assert await kept.stopped() == [0, 1, 2]


async def test_counts_follow_every_outcome(wired: Embedded, fcm: FakeFcm) -> None:
    names = await many_phones(wired, 60)
    fcm.fail("phone-of-u007", 404, "UNREGISTERED")
    event = await wired.told("news", *names)
    counts = await wired.counts(event)
    assert (counts.sent, counts.dead) == (59, 1)
