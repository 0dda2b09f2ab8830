"""Inbox items that tell several events: one item, exact counts, on every store."""

from __future__ import annotations

import asyncio
from typing import Any

from clarion.core.states import Bucket
from clarion.core.workflow import CHANNEL_NUMBER, Channel
from clarion.store.contract.events import EventCounts
from clarion.store.contract.inbox import ItemRow, MemberRow
from clarion.store.contract.work import PageWrite, TaskWrite
from clarion.store.sql.store import SqlStore
from tests.store.builders import (
    ENV,
    LEASE,
    NOW,
    SECOND,
    WORKFLOW,
    a_member,
    a_member_page,
    a_notification,
    a_user,
    an_event,
    an_event_id,
    an_item,
    an_item_page,
)
from tests.store.test_ledger_audit import audited

USER = 7
INBOX = CHANNEL_NUMBER[Channel.INBOX]
WORKERS = 8


async def like(store: SqlStore, n: int, user: int = USER, **changes: Any) -> bytes:
    """Event number `n`, told with others."""
    event = an_event_id(n)
    written = an_event(event, a_member_page(event, user, **changes))
    await store.events.accept_many([written], NOW)
    return event


async def tell(store: SqlStore, n: int) -> bytes:
    """Event number `n`, told by an item of its own."""
    event = an_event_id(n)
    await store.events.accept_many([an_event(event, an_item_page(event, USER))], NOW)
    return event


async def entries(
    store: SqlStore, status: str = "all", archived: str = "exclude", **paging: Any
) -> list[ItemRow]:
    asked = {"before": None, "limit": 50, "now": NOW} | paging
    return await store.inbox.page(ENV, USER, 0, status=status, archived=archived, **asked)


async def the_item(store: SqlStore) -> ItemRow:
    (row,) = await entries(store)
    return row


async def mark(store: SqlStore, word: str, seq: int = 1, now: int = NOW) -> None:
    await store.inbox.mark(ENV, USER, 0, [seq], word, now)


async def members(store: SqlStore, seq: int = 1, limit: int = 100) -> list[MemberRow]:
    return (await store.inbox.members(ENV, USER, [(0, seq)], limit))[0, seq]


async def counts(store: SqlStore) -> tuple[int, int, int]:
    """(total, unread, unseen), after the audit found everything true."""
    assert await audited(store, limit=100) == []
    found = await store.inbox.counts(ENV, USER, 0)
    return found.total, found.unread, found.unseen


async def test_events_of_one_key_are_one_item(store: SqlStore) -> None:
    events = [await like(store, n, actor=actor) for n, actor in ((1, 3), (2, 4), (3, 3))]
    row = await the_item(store)
    assert (row.seq, row.event, row.aggregation_key) == (1, events[0], "7")
    assert (row.activities, row.actors, row.version) == (3, 2, 3)
    assert [one.event for one in await members(store)] == events[::-1]
    assert [one.actor for one in await members(store, limit=2)] == [3, 4]
    assert await counts(store) == (1, 1, 1)


async def test_each_event_counts_as_sent(store: SqlStore) -> None:
    for n in (1, 2):
        event = await like(store, n)
        found = await store.events.counts(ENV, event)
        assert found == {0: EventCounts(sent=1), INBOX: EventCounts(sent=1)}


async def test_what_has_another_key_step_workflow_tenant_or_user_is_another_item(
    store: SqlStore,
) -> None:
    await like(store, 1)
    await like(store, 2, key="8")
    await like(store, 3, step=1)
    event = an_event_id(4)
    written = PageWrite(
        notifications=[a_notification(event, USER, workflow=2, bucket=Bucket.SENT, sent=1)],
        members=[a_member(event, USER, workflow=2)],
    )
    await store.events.accept_many([an_event(event, written)], NOW)
    await like(store, 5, tenant=3)
    await like(store, 6, user=8)
    assert [row.activities for row in await entries(store)] == [1, 1, 1, 1]
    assert await counts(store) == (4, 4, 4)


async def test_new_activity_opens_the_item_again_at_the_top(store: SqlStore) -> None:
    await like(store, 1)
    await tell(store, 2)
    await mark(store, "read")
    assert await counts(store) == (2, 1, 1)
    await like(store, 3, created_at=NOW + SECOND)
    first, second = await entries(store)
    assert (first.seq, first.place, first.updated_at) == (1, 4, NOW + SECOND)
    assert (first.seen_at, first.read_at, second.seq) == (None, None, 2)
    assert await counts(store) == (2, 2, 2)
    assert [row.seq for row in await entries(store, limit=1)] == [1]
    assert [row.seq for row in await entries(store, before=3)] == [2]


async def test_an_item_that_was_seen_counts_as_unseen_only(store: SqlStore) -> None:
    await like(store, 1)
    await mark(store, "seen")
    assert await counts(store) == (1, 1, 0)
    await like(store, 2)
    assert await counts(store) == (1, 1, 1)


async def test_an_archived_item_comes_back(store: SqlStore) -> None:
    await like(store, 1)
    await mark(store, "archive")
    assert await counts(store) == (0, 0, 0)
    await like(store, 2)
    assert (await the_item(store)).activities == 2
    assert await counts(store) == (1, 1, 1)


async def test_without_reopen_new_activity_is_only_counted(store: SqlStore) -> None:
    await like(store, 1, reopen=0)
    await tell(store, 2)
    await mark(store, "read")
    await mark(store, "archive")
    await like(store, 3, reopen=0)
    assert [row.seq for row in await entries(store)] == [2]
    (row,) = await entries(store, archived="only")
    assert (row.place, row.read_at, row.activities) == (1, NOW, 2)
    assert await counts(store) == (1, 1, 1)


async def test_a_page_brings_several_events_and_items_at_once(store: SqlStore) -> None:
    await like(store, 1, actor=2)
    writes = [
        an_event(an_event_id(n), a_member_page(an_event_id(n), user, actor=actor))
        for n, user, actor in ((2, USER, 2), (3, 9, 2), (4, USER, 5), (6, USER, 5))
    ]
    plain = an_event_id(5)
    writes.append(an_event(plain, an_item_page(plain, USER)))
    await store.events.accept_many(writes, NOW)
    assert [(row.seq, row.place) for row in await entries(store)] == [(1, 3), (2, 2)]
    (row, _) = await entries(store)
    assert (row.activities, row.actors) == (4, 2)
    assert await counts(store) == (2, 2, 2)


async def test_a_repeated_page_adds_nothing(store: SqlStore) -> None:
    event = await like(store, 1)
    worker = await store.work.start_worker([1], LEASE, NOW)
    walked = an_event_id(2)
    walk = TaskWrite(workflow=WORKFLOW, lane=1, tenant=0, source="all", scope=0)
    await store.events.accept_many([an_event(walked, tasks=(walk,))], NOW)
    (task,) = await store.work.claim_tasks([1], worker, 1, NOW)
    await store.work.write_page(task, a_member_page(walked, USER), USER, False, NOW)
    await store.work.write_page(task, a_member_page(walked, USER), USER, True, NOW)
    assert [one.event for one in await members(store)] == [walked, event]
    assert (await the_item(store)).version == 2
    assert await counts(store) == (1, 1, 1)


async def test_workers_beside_each_other_lose_no_member(store: SqlStore) -> None:
    """Each also adds to an inbox of its own and marks the item meanwhile."""

    async def work(worker: int) -> None:
        for n in range(5):
            event = an_event_id(100 * worker + n)
            page = PageWrite(
                notifications=[
                    a_notification(event, user, bucket=Bucket.SENT, sent=1)
                    for user in (USER, 100 + worker, 200)
                ],
                members=[a_member(event, user, actor=n) for user in (USER, 100 + worker)],
                items=[an_item(event, 200)],
            )
            await store.events.accept_many([an_event(event, page)], NOW)
            await mark(store, ("seen", "read", "archive")[n % 3])

    await asyncio.gather(*(work(worker) for worker in range(WORKERS)))
    (row,) = await entries(store, archived="include")
    assert (row.activities, row.actors) == (5 * WORKERS, 5)
    assert len(await members(store)) == 5 * WORKERS
    await like(store, 999)
    assert await counts(store) == (1, 1, 1)
    assert (await store.inbox.counts(ENV, 200, 0)).total == 5 * WORKERS


async def test_adding_and_taking_back_beside_each_other_stays_exact(store: SqlStore) -> None:
    events = [await like(store, n, actor=n) for n in range(1, WORKERS + 1)]
    await asyncio.gather(
        *(store.events.cancel(ENV, [event], None, NOW) for event in events),
        *(like(store, 100 + n, actor=n) for n in range(1, WORKERS + 1)),
    )
    shown = await entries(store)
    assert sum(row.activities for row in shown) == WORKERS
    assert sum(row.actors for row in shown) == WORKERS
    assert await counts(store) == (len(shown), len(shown), len(shown))


async def test_what_is_cancelled_is_told_no_more(store: SqlStore) -> None:
    events = [await like(store, n, actor=actor) for n, actor in ((1, 3), (2, 4), (3, 3))]
    await mark(store, "read")
    await store.events.cancel(ENV, [events[1]], None, NOW + 1)
    row = await the_item(store)
    assert (row.activities, row.actors, row.read_at) == (2, 1, NOW)
    await store.events.cancel(ENV, [events[0], events[1]], None, NOW + 2)
    row = await the_item(store)
    assert (row.activities, row.actors) == (1, 1)
    assert [one.event for one in await members(store)] == [events[2]]
    assert await counts(store) == (1, 0, 0)


async def test_an_item_with_nothing_left_to_tell_goes(store: SqlStore) -> None:
    event = await like(store, 1)
    await store.events.cancel(ENV, [event], None, NOW)
    assert await entries(store) == []
    assert await counts(store) == (0, 0, 0)
    assert (await store.events.counts(ENV, event))[0] == EventCounts(sent=1)
    await like(store, 2)
    row = await the_item(store)
    assert (row.seq, row.activities) == (3, 1)
    assert await counts(store) == (1, 1, 1)


async def test_a_notification_shows_the_item_that_told_it(store: SqlStore) -> None:
    await like(store, 1)
    event = await like(store, 2, created_at=NOW + 5)
    (row,) = await store.inbox.notification_marks(ENV, event, WORKFLOW, USER)
    assert (row.seq, row.told_at, row.retracted_at, row.activities) == (1, NOW + 5, None, 2)
    await store.events.cancel(ENV, [event], None, NOW + 9)
    (row,) = await store.inbox.notification_marks(ENV, event, WORKFLOW, USER)
    assert (row.retracted_at, row.activities) == (NOW + 9, 1)


async def test_it_expires_with_the_last_of_what_it_tells(store: SqlStore) -> None:
    await like(store, 1, expires_at=NOW + 2)
    last = await like(store, 2, expires_at=NOW + 9)
    await like(store, 3, expires_at=NOW + 5)
    assert (await the_item(store)).expires_at == NOW + 9
    await store.events.cancel(ENV, [last], None, NOW)
    assert (await the_item(store)).expires_at == NOW + 5
    await like(store, 4)
    assert (await the_item(store)).expires_at is None


async def test_after_its_expiry_a_new_item_begins(store: SqlStore) -> None:
    await like(store, 1, expires_at=NOW + 2)
    await store.inbox.expire(NOW + 2, 10)
    await like(store, 2, created_at=NOW + 2)
    (row,) = await entries(store, now=NOW + 2)
    assert (row.seq, row.activities) == (3, 1)
    assert await counts(store) == (1, 1, 1)


async def test_marking_all_goes_by_the_places(store: SqlStore) -> None:
    await like(store, 1)
    await tell(store, 2)
    await tell(store, 3)
    assert await store.inbox.place(ENV, USER, 0, 1) == 1
    await like(store, 4)
    assert await store.inbox.place(ENV, USER, 0, 1) == 4
    assert await store.inbox.place(ENV, USER, 0, 99) == 99
    assert await store.inbox.mark_all(ENV, USER, 0, "read", 3, NOW) == 2
    assert [row.seq for row in await entries(store, "unread")] == [1]
    assert await store.inbox.mark_all(ENV, USER, 0, "read", 4, NOW) == 1
    assert await counts(store) == (1 + 2, 0, 0)


async def test_an_item_is_kept_as_long_as_something_happens(store: SqlStore) -> None:
    await store.keys.create("default", b"hash", "hint", "admin", NOW, None)
    await like(store, 1)
    await like(store, 2, created_at=NOW + 10 * SECOND)
    before = an_event_id(0, NOW + 5 * SECOND)[:6]
    assert await store.retention.items(ENV, before, 10) == 0
    before = an_event_id(0, NOW + 11 * SECOND)[:6]
    assert await store.retention.items(ENV, before, 10) == 1
    assert await members(store) == []
    found = await store.inbox.counts(ENV, USER, 0)
    assert (found.total, found.unread, found.unseen) == (0, 0, 0)
    await like(store, 30)
    row = await the_item(store)
    assert (row.seq, row.activities) == (4, 1)


async def test_the_books_balance_after_an_erasure(store: SqlStore) -> None:
    user = await a_user(store, "u1")
    await like(store, 1, user=user)
    await like(store, 2, user=user)
    await store.people.erase(ENV, "u1", NOW)
    assert await store.inbox.members(ENV, user, [(0, 1)], 9) == {(0, 1): []}
    assert await audited(store) == []


async def test_a_lost_member_is_found_by_the_audit(store: SqlStore) -> None:
    event = await like(store, 1)
    await store._executor.write(
        lambda tx: tx.composed("delete from item_member where event = ?", [event]), 0
    )
    assert {one.what for one in await audited(store)} == {
        "inbox deliveries sent",
        f"notification of workflow {WORKFLOW}, user {USER}: sent",
    }
