"""What is old and done is forgotten with all its rows; what is not done stays."""

from __future__ import annotations

from clarion.core.states import DeliveryStatus
from clarion.store.contract.deliveries import Finish
from clarion.store.contract.inbox import Counts
from clarion.store.contract.work import PageWrite
from clarion.store.sql.retention import TABLES
from clarion.store.sql.store import SqlStore
from tests.store.builders import (
    ENV,
    LEASE,
    NOW,
    a_notification,
    a_push_page,
    a_user,
    an_event,
    an_event_id,
    an_item_page,
    some_content,
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


async def test_an_event_with_many_rows_goes_in_pieces(store: SqlStore) -> None:
    event, users = an_event_id(1), range(1, 41)
    page = PageWrite(
        notifications=[a_notification(event, user) for user in users],
        contents=[some_content(event, "own", user=user) for user in users],
    )
    await store.events.accept_many([an_event(event, page, tags={"order": "1"})], NOW)
    left = [await rows_of(store, event)]
    while await store.retention.events(ENV, BOUND, 10, 15):
        left.append(await rows_of(store, event))
    assert len(left) > 5
    assert left[0] - left[1] <= 15 + 1
    assert left == sorted(left, reverse=True)
    assert left[-1] == 0
    assert await store.retention.events(ENV, BOUND, 10, 15) == 0


async def test_items_that_went_are_no_imbalance(store: SqlStore) -> None:
    user = await a_user(store, "ada")
    event = an_event_id(1)
    await store.events.accept_many([an_event(event, an_item_page(event, user))], NOW)
    assert await store.retention.items(ENV, BOUND, 10) == 1
    assert await store.inbox.counts(ENV, user, 0) == Counts(seq=2)
    assert (await store.ledger.audit(ENV, (0, b""), 10)).found == []


async def test_an_environment_goes_without_the_others(store: SqlStore) -> None:
    mine, theirs = an_event_id(1), an_event_id(2)
    await store.events.accept_many([an_event(mine), an_event(theirs, env=2)], NOW)
    assert await store.retention.events(ENV, BOUND, 10, 100) == 1
    assert await store.events.rows(ENV, [mine]) == {}
    assert list(await store.events.rows(2, [theirs])) == [theirs]


async def test_fewer_days_of_an_environment_are_kept_until_they_are_taken_back(
    store: SqlStore,
) -> None:
    kept = store.retention
    assert await kept.overrides() == {}
    both = {"content_days": 7, "inbox_days": 30}
    assert await kept.override(ENV, {**both, "attempts_days": None}) == both
    assert await kept.override(2, {"content_days": 3}) == {"content_days": 3}
    assert await kept.override(ENV, {"content_days": None, "inbox_days": 9}) == {"inbox_days": 9}
    assert await kept.overrides() == {ENV: {"inbox_days": 9}, 2: {"content_days": 3}}
