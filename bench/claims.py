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

import msgspec

from bench.report import Report, cpu_seconds, machine, percentile
from bench.settled import settle
from clarion.assemble.server import calm_collector
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
WARM_UP = 10_000
ROUNDS_SETTLED = 3
ENV, WORKFLOW, LANE, ACCOUNT = 1, 1, 1, "fcm"
STORES = {
    "sqlite": "sqlite, WAL, synchronous=FULL",
    "postgres": "PostgreSQL 18, fsync on, synchronous_commit on",
}
_PUSH = CHANNEL_NUMBER[Channel.PUSH]


class _Opened(msgspec.Struct, frozen=True):
    """A store, with DSN and process of its server where it has one."""

    store: SqlStore
    dsn: str = ""
    pid: int = 0


async def run(short: bool, store: str = "sqlite", settled: int = 0) -> Report:
    """Figures `deliveries_per_second` (claim and finish), processor time for each, and the times of
    one batch; with `settled` all of them again beside so many deliveries that are done, and how
    many times longer a claim then takes."""
    count = 20_000 if short else 100_000
    rounds = ROUNDS_SETTLED if settled else 1
    async with _opened(store) as opened:
        await _rounds(opened, WARM_UP, 1)
        figures = await _rounds(opened, count, rounds)
        if settled:
            figures["settle_seconds"] = await _settle(opened, settled)
            await _rounds(opened, WARM_UP, 1)
            again = await _rounds(opened, count, rounds)
            for part in ("p50", "p99"):
                name = f"claim_ms_{part}"
                figures[f"{name}_settled_to_empty"] = again[name] / figures[name]
            figures |= {f"{name}_settled": value for name, value in again.items()}
    settings = {
        "count": count, "rounds": rounds, "batch": BATCH, "workers": WORKERS, "settled": settled,
        **machine(), "store": STORES[store],
    }  # fmt: skip
    return Report(bench="claims", settings=settings, figures=figures)


@contextlib.asynccontextmanager
async def _opened(kind: str) -> AsyncIterator[_Opened]:
    now = SystemClock().now()
    store: SqlStore
    if kind == "postgres":
        with Postgres(fsync=True) as server:
            store = await open_postgres(server.dsn(), now)
            yield _Opened(store, server.dsn(), server.pid)
            await store.close()
        return
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "clarion.db", now, serve=True)
        yield _Opened(store)
        await store.close()


async def _settle(opened: _Opened, settled: int) -> float:
    """Seconds it took. Written by the server itself where there is one, else the long way."""
    began = time.perf_counter()
    if opened.dsn:
        await settle(opened.dsn, settled, _DECIDED)
    else:
        for _ in range(settled // WARM_UP):
            await _rounds(opened, WARM_UP, 1)
    return time.perf_counter() - began


async def _rounds(opened: _Opened, count: int, rounds: int) -> dict[str, float]:
    """Make `count` deliveries, then claim and finish them; so many times."""
    claims: list[float] = []
    finishes: list[float] = []
    seconds = ours = theirs = 0.0
    for _ in range(rounds):
        for _ in range(count // BATCH):
            await opened.store.events.accept_many([_event()], SystemClock().now())
        calm_collector()
        began, ours_before, theirs_before = _now(opened)
        workers = [_work(opened.store, claims, finishes) for _ in range(WORKERS)]
        done = sum(await asyncio.gather(*workers))
        if done != count:
            raise RuntimeError(f"{count} deliveries were made and {done} finished")
        ended, ours_after, theirs_after = _now(opened)
        seconds += ended - began
        ours += ours_after - ours_before
        theirs += theirs_after - theirs_before
    made = count * rounds
    return {
        "deliveries_per_second": made / seconds,
        "client_cpu_microseconds": ours / made * 1e6,
        "server_cpu_microseconds": theirs / made * 1e6,
        "claim_ms_p50": percentile(claims, 0.50),
        "claim_ms_p99": percentile(claims, 0.99),
        "finish_ms_p50": percentile(finishes, 0.50),
        "finish_ms_p99": percentile(finishes, 0.99),
    }


def _now(opened: _Opened) -> tuple[float, float, float]:
    """Seconds: the clock, our processor time, the server's with its background work."""
    theirs = cpu_seconds(opened.pid) if opened.pid else 0.0
    return time.perf_counter(), time.process_time(), theirs


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
