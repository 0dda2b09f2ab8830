"""How many deliveries a second workers claim and finish in batches of 500, straight on the store;
and whether a claim gets slower with what was settled before."""

from __future__ import annotations

import asyncio
import contextlib
import random
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import msgspec

from bench.report import Report, machine, percentile
from clarion.clock import SECOND, SystemClock
from clarion.core.decision import DecisionRecord
from clarion.core.delivery import Outcome, OutcomeClass
from clarion.core.ids import new_event_id
from clarion.core.recipient import Standing
from clarion.core.states import Bucket, DeliveryStatus
from clarion.core.workflow import CHANNEL_NUMBER, Channel
from clarion.store.contract.deliveries import Claim, Finish
from clarion.store.contract.events import EventWrite
from clarion.store.contract.work import DeliveryWrite, NotificationWrite, PageWrite
from clarion.store.postgres.store import open_postgres
from clarion.store.sql.store import SqlStore
from clarion.store.sqlite.store import open_store
from clarion.testing.servers.postgres import Postgres

BATCH = 500
WORKERS = 3
ENV, WORKFLOW, LANE, ACCOUNT = 1, 1, 1, "fcm"
STORES = {
    "sqlite": "sqlite, WAL, synchronous=FULL",
    "postgres": "PostgreSQL 18, fsync on, synchronous_commit on",
}
_PUSH = CHANNEL_NUMBER[Channel.PUSH]


async def run(short: bool, store: str = "sqlite", settled: int = 0) -> Report:
    """Figures `deliveries_per_second` (claim and finish) and the times of one batch; with `settled`
    also the claim's p99 beside so many deliveries that are done."""
    count = 20_000 if short else 100_000
    async with _opened(store) as (opened, dsn):
        figures = await _round(opened, count, "")
        if settled:
            await _settle(opened, dsn, settled)
            figures |= await _round(opened, count, "_settled")
    settings = {"count": count, "batch": BATCH, "workers": WORKERS, "settled": settled}
    return Report(
        bench="claims", settings={**settings, **machine(), "store": STORES[store]}, figures=figures
    )


@contextlib.asynccontextmanager
async def _opened(kind: str) -> AsyncIterator[tuple[SqlStore, str]]:
    now = SystemClock().now()
    store: SqlStore
    if kind == "postgres":
        with Postgres(fsync=True) as server:
            store = await open_postgres(server.dsn(), now)
            yield store, server.dsn()
            await store.close()
        return
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "clarion.db", now, serve=True)
        yield store, ""
        await store.close()


async def _round(store: SqlStore, count: int, suffix: str) -> dict[str, float]:
    for _ in range(count // BATCH):
        await store.events.accept_many([_event()], SystemClock().now())
    claims: list[float] = []
    finishes: list[float] = []
    began = time.perf_counter()
    done = sum(await asyncio.gather(*(_work(store, claims, finishes) for _ in range(WORKERS))))
    seconds = time.perf_counter() - began
    if done != count:
        raise RuntimeError(f"{count} deliveries were made and {done} finished")
    return {
        f"deliveries_per_second{suffix}": done / seconds,
        f"claim_ms_p50{suffix}": percentile(claims, 0.50),
        f"claim_ms_p99{suffix}": percentile(claims, 0.99),
        f"finish_ms_p50{suffix}": percentile(finishes, 0.50),
        f"finish_ms_p99{suffix}": percentile(finishes, 0.99),
    }


async def _work(store: SqlStore, claims: list[float], finishes: list[float]) -> int:
    worker = await store.work.start_worker([LANE], 3_600 * SECOND, SystemClock().now())
    done = 0
    while True:
        began = time.perf_counter()
        batch = await store.deliveries.claim(LANE, ACCOUNT, worker, BATCH, SystemClock().now())
        claims.append((time.perf_counter() - began) * 1000)
        if not batch:
            return done
        ends = [_finish(claim) for claim in batch]
        began = time.perf_counter()
        done += await store.deliveries.finish(ends, worker, SystemClock().now())
        finishes.append((time.perf_counter() - began) * 1000)


def _finish(claim: Claim) -> Finish:
    """Accepted under an id of its own, in the form of FCM's."""
    name = f"projects/x/messages/0:{SystemClock().now()}%{random.getrandbits(64):016x}"
    ended = Outcome(kind=OutcomeClass.ACCEPTED, code="200", provider_id=name)
    return Finish(claim=claim, status=DeliveryStatus.SENT, outcome=ended, ms=40)


def _event() -> EventWrite:
    """An event with a push to each of BATCH users."""
    now = SystemClock().now()
    event = new_event_id(now, random.randbytes(10))
    page = PageWrite(
        notifications=[_notification(event.hex(), user) for user in range(1, BATCH + 1)],
        deliveries=[_delivery(event.hex(), user, now) for user in range(1, BATCH + 1)],
    )
    return EventWrite(
        env=ENV, id=event, type="bench", tenant=0, actor=0, about=0, silent=False, accepted_at=now,
        expires_at=None, correlation=None, cancellation=None, ordering_key=None, mentions="[]",
        audience="[]", data="{}", lane=LANE, page=page,
    )  # fmt: skip


def _notification(event: str, user: int) -> NotificationWrite:
    return NotificationWrite(ENV, event, WORKFLOW, user, 0, Bucket.OPEN, 1, 0, 0, 0, _DECIDED)


def _delivery(event: str, user: int, now: int) -> DeliveryWrite:
    return DeliveryWrite(
        ENV, event, WORKFLOW, user, 0, _PUSH, user, ACCOUNT, LANE, 0, now, now, None, None
    )


_DECIDED = msgspec.json.encode(
    DecisionRecord(
        decider=1, at=0, user_version=1, settings_version=0, defaults_version=0,
        standing=Standing.KNOWN, topic=0, mention="", duplicate=False, in_thread=True, paused=False,
        cancelled=False, whens={}, destinations={}, steps=(),
    )
).decode()  # fmt: skip


async def _settle(store: SqlStore, dsn: str, settled: int) -> None:
    """Settled deliveries: written by the server itself where it can, else the long way."""
    if dsn:
        await _settle_postgres(dsn, settled)
        return
    for _ in range(settled // BATCH // 20):
        for _ in range(20):
            await store.events.accept_many([_event()], SystemClock().now())
        await _work(store, [], [])


async def _settle_postgres(dsn: str, settled: int) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for _ in range(settled // 100_000):
            now = SystemClock().now()
            event = new_event_id(now - SECOND, random.randbytes(10))
            await connection.execute(_SETTLED_NOTIFICATIONS, event, _DECIDED)
            await connection.execute(_SETTLED_DELIVERIES, event, now)
        await connection.execute("vacuum analyze")
        await connection.execute("checkpoint")
    finally:
        await connection.close()


_SETTLED_NOTIFICATIONS = f"""
insert into notification (
    env, event, workflow, "user", tenant, bucket, open, waiting, sent, dead, decided
)
select {ENV}, $1, {WORKFLOW}, n, 0, {int(Bucket.SENT)}, 0, 0, 1, 0, $2
from generate_series(1, 100000) as n
"""
_SETTLED_DELIVERIES = f"""
insert into delivery (
    env, event, workflow, "user", step, channel, destination, status, account, lane, attempts,
    created_at, updated_at, provider_id, last_outcome, last_code, last_detail, last_ms
)
select {ENV}, $1, {WORKFLOW}, n, 0, {_PUSH}, n, {int(DeliveryStatus.SENT)}, '{ACCOUNT}', {LANE}, 1,
    $2, $2, 'projects/x/messages/0:' || n, 'accepted', '200', '', 40
from generate_series(1, 100000) as n
"""
