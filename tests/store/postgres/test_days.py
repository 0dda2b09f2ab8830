"""The days of the ledger: made as they are needed, dropped when nothing in them is open."""

from __future__ import annotations

import asyncio

from clarion.core.states import Bucket
from clarion.store.contract.events import EventQuery
from clarion.store.contract.retention import Walk
from clarion.store.contract.work import PageWrite
from clarion.store.postgres.days import DAY_MS, day_of
from clarion.store.postgres.store import PostgresStore, open_postgres
from tests.store.builders import (
    ENV,
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
