"""What is old and done is forgotten with all its rows; what is not done stays."""

from __future__ import annotations

from clarion.core.states import DeliveryStatus
from clarion.store.contract.deliveries import Finish
from clarion.store.sql.retention import TABLES
from clarion.store.sql.store import SqlStore
from tests.store.builders import (
    ENV,
    LEASE,
    NOW,
    a_push_page,
    a_user,
    an_event,
    an_event_id,
    an_item_page,
)

DAY = 24 * 3600 * 1_000_000
LATER = NOW + 10 * DAY
BOUND = (LATER // 1000).to_bytes(6, "big")


async def rows_of(store: SqlStore, event: bytes) -> int:
    """Rows of an event over all tables of the ledger."""
    found = 0
    for table in (*TABLES, "event"):
        sql = f"select count(*) from {table} where env = ? and event = ?"
        counted = await store._executor.read(
            lambda tx, sql=sql: tx.composed(sql, [ENV, event])  # type: ignore[misc]
        )
        found += counted[0][0]
    return found


async def test_an_old_event_that_is_done_goes_with_all_its_rows(store: SqlStore) -> None:
    await store.keys.create("default", b"hash", "hint", "admin", NOW, None)
    user = await a_user(store, "ada")
    old, new = an_event_id(1), an_event_id(2, at=LATER)
    for event in (old, new):
        written = an_event(event, an_item_page(event, user), tags={"order": "1"})
        await store.events.accept_many([written], NOW)
    assert (await store.inbox.counts(ENV, user, 0)).total == 2
    assert await store.retention.items(ENV, BOUND, 10) == 1
    assert await store.retention.events(ENV, BOUND, 10, 1000) == 1
    assert await rows_of(store, old) == 0
    assert await rows_of(store, new) > 0
    assert (await store.inbox.counts(ENV, user, 0)).total == 1
    assert (
        await store.retention.items(ENV, BOUND, 10)
        == await store.retention.events(ENV, BOUND, 10, 1000)
        == 0
    )


async def test_an_event_with_work_left_stays_until_it_is_done(store: SqlStore) -> None:
    await store.keys.create("default", b"hash", "hint", "admin", NOW, None)
    user = await a_user(store, "ada")
    event = an_event_id(1)
    await store.events.accept_many([an_event(event, a_push_page(event, user, 7))], NOW)
    await store.retention.days(LATER)
    assert await store.retention.events(ENV, BOUND, 10, 1000) == 0
    assert list(await store.events.rows(ENV, [event])) == [event]
    worker = await store.work.start_worker([1], LEASE, NOW)
    (claim,) = await store.deliveries.claim(1, "fcm", worker, 10, NOW)
    await store.deliveries.finish([Finish(claim=claim, status=DeliveryStatus.SENT)], worker, NOW)
    await store.retention.days(LATER)
    await store.retention.events(ENV, BOUND, 10, 1000)
    assert await rows_of(store, event) == 0
    assert await store.events.rows(ENV, [event]) == {}


async def test_keys_are_walked_in_slices_and_those_of_old_events_go(store: SqlStore) -> None:
    events = [
        an_event(an_event_id(n, at=LATER if n == 2 else None), keys=((f"key-{n}", b"f"),))
        for n in range(4)
    ]
    await store.events.accept_many(events, NOW)
    after: tuple[int, str] | None = (0, "")
    slices = 0
    while after is not None:
        after = await store.retention.keys(BOUND, after, 3)
        slices += 1
    assert slices == 2
    assert list(await store.events.by_keys(ENV, [f"key-{n}" for n in range(4)])) == ["key-2"]
