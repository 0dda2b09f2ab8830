"""The days of the ledger: made as they are needed, dropped when nothing in them is open."""

from __future__ import annotations

import asyncio

import asyncpg

from clarion.core.delivery import Outcome, OutcomeClass
from clarion.core.states import Bucket, DeliveryStatus
from clarion.store.contract.deliveries import Finish
from clarion.store.contract.events import EventQuery
from clarion.store.contract.ledger import NotificationQuery
from clarion.store.contract.retention import Walk
from clarion.store.contract.work import PageWrite
from clarion.store.postgres.days import DAY_MS, PARTITIONED, day_of
from clarion.store.postgres.store import PostgresStore, open_postgres
from tests.store.builders import (
    ENV,
    LEASE,
    NOW,
    WORKFLOW,
    a_delivery,
    a_notification,
    an_event,
    an_event_id,
    an_item_page,
)

DAY = DAY_MS * 1000
FAR = NOW + 40 * DAY


def on_day(n: int, days: int) -> bytes:
    return an_event_id(n, NOW + days * DAY)


def an_open_page(event: bytes) -> PageWrite:
    return PageWrite(
        notifications=[a_notification(event, 1, bucket=Bucket.OPEN, open=1)],
        deliveries=[a_delivery(event, 1, 1)],
    )


async def test_an_event_of_any_day_is_accepted(postgres_store: PostgresStore) -> None:
    events = [on_day(n, days) for n, days in enumerate((-400, 0, 40))]
    events += [bytes(16), b"\xff" * 16]
    await postgres_store.events.accept_many([an_event(event) for event in events], NOW)
    assert set(await postgres_store.events.rows(ENV, events)) == set(events)


async def test_a_new_day_is_made_once_by_all_who_need_it(dsn: str) -> None:
    stores = [await open_postgres(dsn, NOW) for _ in range(3)]
    events = [an_event_id(n, FAR) for n in range(9)]
    await asyncio.gather(
        *(stores[n % 3].events.accept_many([an_event(e)], FAR) for n, e in enumerate(events))
    )
    found = await stores[0].events.search(ENV, EventQuery(limit=20))
    assert [row.id for row in found] == sorted(events, reverse=True)
    for store in stores:
        await store.close()


async def test_a_day_that_is_over_and_done_is_dropped(postgres_store: PostgresStore) -> None:
    old, new = on_day(1, -30), on_day(2, 0)
    for event in (old, new):
        await postgres_store.events.accept_many(
            [an_event(event, an_item_page(event, 1), tags={"order": "7"})], NOW
        )
    dropped = await postgres_store.drop_days(NOW - 20 * DAY)
    assert day_of(old) in dropped
    assert set(await postgres_store.events.rows(ENV, [old, new])) == {new}
    assert await postgres_store.events.counts(ENV, old) == {}
    page = await postgres_store.ledger.audit(ENV, (0, b""), 10)
    assert (page.events, page.found) == (1, [])
    assert await postgres_store.drop_days(NOW - 20 * DAY) == []


async def test_a_day_with_open_work_stays(postgres_store: PostgresStore) -> None:
    event = on_day(1, -30)
    await postgres_store.events.accept_many([an_event(event, an_open_page(event))], NOW)
    assert day_of(event) not in await postgres_store.drop_days(NOW)
    assert set(await postgres_store.events.rows(ENV, [event])) == {event}


async def test_a_day_that_another_process_dropped_is_made_again(dsn: str) -> None:
    one, other = await open_postgres(dsn, NOW), await open_postgres(dsn, NOW)
    first, second = on_day(1, -30), on_day(2, -30)
    await one.events.accept_many([an_event(first)], NOW)
    assert day_of(first) in await other.drop_days(NOW)
    await one.events.accept_many([an_event(second)], NOW)
    assert set(await one.events.rows(ENV, [first, second])) == {second}
    await one.close()
    await other.close()


async def test_a_kind_of_data_goes_from_whole_days_and_the_rest_stays(
    postgres_store: PostgresStore,
) -> None:
    old, new, busy = on_day(1, -30), on_day(2, 0), on_day(3, -29)
    pages = [an_item_page(old, 1), an_item_page(new, 1), an_open_page(busy)]
    await postgres_store.events.accept_many(
        [an_event(e, page) for e, page in zip((old, new, busy), pages, strict=True)], NOW
    )
    kept = postgres_store.retention
    assert kept.by_day == {Walk.PAYLOADS, Walk.WORDS, Walk.ATTEMPTS, Walk.DECISIONS}
    assert await kept.empty_days(Walk.PAYLOADS, NOW - 20 * DAY) == 1
    rows = await postgres_store.events.rows(ENV, [old, new, busy])
    assert {event: row.data_kept for event, row in rows.items()} == {
        old: False, new: True, busy: True
    }  # fmt: skip
    assert await kept.empty_days(Walk.WORDS, NOW - 20 * DAY) == 1
    assert await postgres_store.ledger.contents(ENV, old, WORKFLOW, 1) == {}
    assert await kept.empty_days(Walk.WORDS, NOW - 20 * DAY) == 0
    again = an_event(on_day(4, -30), an_item_page(on_day(4, -30), 1))
    await postgres_store.events.accept_many([again], NOW)
    assert await kept.empty_days(Walk.WORDS, NOW - 20 * DAY) == 1


async def found_by_provider_id(store: PostgresStore, provider_id: str) -> int:
    page = await store.ledger.search(ENV, NotificationQuery(provider_id=provider_id, limit=10))
    return len(page.rows)


async def test_what_the_version_before_left_out_of_a_day_is_made_when_it_is_needed(
    dsn: str, postgres_store: PostgresStore
) -> None:
    """It makes a day, accepts and is stopped; a process that never heard of the day finishes."""
    event = on_day(1, -30)
    written = an_event(event, an_open_page(event))
    await postgres_store.events.accept_many([written], NOW)
    connection = await asyncpg.connect(dsn)
    await connection.execute(f"drop table provider_reference_{day_of(event)}")
    store = await open_postgres(dsn, NOW)
    await send_one(store, "p-1")
    assert await found_by_provider_id(store, "p-1") == 1
    await store.close()
    await connection.close()


async def test_what_the_version_before_left_of_a_day_is_dropped(
    dsn: str, postgres_store: PostgresStore
) -> None:
    event = on_day(1, -30)
    await postgres_store.events.accept_many([an_event(event)], NOW)
    connection = await asyncpg.connect(dsn)
    known = ", ".join(
        f"{table}_{day_of(event)}" for table in PARTITIONED if table != "provider_reference"
    )
    await connection.execute(f"drop table {known}")
    assert day_of(event) in await postgres_store.drop_days(NOW)
    left = await connection.fetchval(f"select to_regclass('provider_reference_{day_of(event)}')")
    assert left is None
    await connection.close()


async def test_provider_ids_go_with_an_event_of_a_day_that_stays(
    dsn: str, postgres_store: PostgresStore
) -> None:
    await postgres_store.keys.create("default", b"hash", "hint", "admin", NOW, None)
    done, held = an_event_id(1), an_event_id(2)
    await postgres_store.events.accept_many([an_event(done, an_open_page(done))], NOW)
    await send_one(postgres_store, "p-1")
    await postgres_store.events.accept_many([an_event(held, an_open_page(held))], NOW)
    connection = await asyncpg.connect(dsn)
    references = "select count(*) from provider_reference"
    assert await connection.fetchval(references) == 1
    assert await postgres_store.retention.events(ENV, an_event_id(0, NOW + DAY), 10, 100) == 1
    assert await connection.fetchval(references) == 0
    await connection.close()


async def send_one(store: PostgresStore, provider_id: str) -> None:
    worker = await store.work.start_worker([1], LEASE, NOW)
    (claim,) = await store.deliveries.claim(1, "fcm", worker, 10, NOW)
    outcome = Outcome(kind=OutcomeClass.ACCEPTED, code="200", provider_id=provider_id)
    finish = Finish(claim=claim, status=DeliveryStatus.SENT, outcome=outcome)
    assert await store.deliveries.finish([finish], worker, NOW) == 1
