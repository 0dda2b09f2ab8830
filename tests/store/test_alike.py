"""People who get the same are written as one, and like everybody else."""

from __future__ import annotations

import pytest

from clarion.core.states import Bucket
from clarion.store.contract.events import EventCounts
from clarion.store.contract.work import AlikeWrite, PageWrite
from clarion.store.sql.alike import one_by_one
from clarion.store.sql.store import SqlStore
from tests.store.builders import ENV, NOW, a_notification, a_record, an_item, some_content
from tests.store.test_work import EVENT, asked, claimed


def alike(*users: int, told: bool = True, tenant: int = 0) -> AlikeWrite:
    bucket = Bucket.SENT if told else Bucket.SKIPPED
    note = a_notification(
        EVENT, 0, bucket=bucket, sent=int(told), tenant=tenant, decided=a_record('a "word"\\')
    )
    item = an_item(EVENT, 0, tenant=tenant) if told else None
    return AlikeWrite(users=list(users), notification=note, item=item)


@pytest.mark.parametrize("tenant", [0, 7])
async def test_each_gets_a_notification_an_item_and_a_count(store: SqlStore, tenant: int) -> None:
    worker = await asked(store)
    (task,) = await claimed(store, worker)
    page = PageWrite(
        alike=[alike(2, 5, tenant=tenant), alike(1, 4, told=False), alike(3, tenant=tenant)],
        contents=[some_content(EVENT, "for all")],
    )
    await store.work.write_page(task, page, 5, True, NOW)
    counts = await store.events.counts(ENV, EVENT)
    assert counts == {0: EventCounts(sent=3, skipped=2), 1: EventCounts(sent=3)}
    unread = [(await store.inbox.counts(ENV, user, tenant)).unread for user in range(1, 6)]
    assert unread == [0, 1, 1, 0, 1]
    assert (await store.ledger.audit(ENV, (0, b""), 10)).found == []


async def test_who_was_there_before_is_left_out_and_the_others_are_told(store: SqlStore) -> None:
    worker = await asked(store)
    (task,) = await claimed(store, worker)
    before = PageWrite(notifications=[a_notification(EVENT, 2)])
    await store.work.write_page(task, before, 0, False, NOW)
    page = PageWrite(
        alike=[alike(1, 2, 3)],
        notifications=[a_notification(EVENT, 4, bucket=Bucket.SENT, sent=1)],
        items=[an_item(EVENT, 4)],
    )
    for _ in range(2):
        await store.work.write_page(task, page, 4, False, NOW)
    counts = await store.events.counts(ENV, EVENT)
    assert counts == {0: EventCounts(sent=3, skipped=1), 1: EventCounts(sent=3)}
    totals = [(await store.inbox.counts(ENV, user, 0)).total for user in range(1, 5)]
    assert totals == [1, 0, 1, 1]


async def test_items_go_on_with_the_numbers_of_their_inboxes(store: SqlStore) -> None:
    worker = await asked(store, {}, {"workflow": 2})
    one, two = await claimed(store, worker)
    first = PageWrite(
        notifications=[a_notification(EVENT, 2, workflow=2, bucket=Bucket.SENT, sent=1)],
        items=[an_item(EVENT, 2, workflow=2)],
    )
    await store.work.write_page(two, first, 2, True, NOW)
    await store.work.write_page(one, PageWrite(alike=[alike(1, 2, 3)]), 3, True, NOW)
    assert [(await store.inbox.counts(ENV, user, 0)).total for user in (1, 2, 3)] == [1, 2, 1]


def test_one_by_one_everybody_has_rows_of_their_own() -> None:
    page = one_by_one(PageWrite(alike=[alike(1, 2), alike(3, told=False)]))
    assert page.alike == []
    assert [note.user for note in page.notifications] == [1, 2, 3]
    assert [item.user for item in page.items] == [1, 2]
