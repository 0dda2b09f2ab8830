"""Kinds of data are taken off events that stay, in steps that may end anywhere."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from clarion.core.delivery import Outcome, OutcomeClass
from clarion.core.states import Bucket, DeliveryStatus
from clarion.core.workflow import Category, Channel, SendStep, Workflow
from clarion.store.contract.deliveries import Finish
from clarion.store.contract.retention import Walk
from clarion.store.contract.work import PageWrite
from clarion.store.sql.store import SqlStore
from clarion.store.sql.tx import Row, Tx
from tests.store.builders import (
    ENV,
    LEASE,
    NOW,
    WORKFLOW,
    a_delivery,
    a_notification,
    a_push_page,
    a_user,
    an_event,
    an_event_id,
    an_item_page,
    some_content,
)

BOUND = (NOW // 1000 + 3_600_000).to_bytes(6, "big")
USERS = 25
FLOW = Workflow(
    key="flow",
    on="order.created",
    steps=(SendStep(index=0, channel=Channel.INBOX), SendStep(index=1, channel=Channel.PUSH)),
)


async def count(store: SqlStore, table: str, where: str = "1 = 1") -> int:
    rows = await store._executor.read(
        lambda tx: tx.composed(f"select count(*) from {table} where {where}", [])
    )
    found: int = rows[0][0]
    return found


async def walked(store: SqlStore, walk: Walk, before: bytes = BOUND) -> int:
    """Walk to the end in small steps; how many there were."""
    steps = 0
    while await store.retention.forget(ENV, walk, before, 3, 4):
        steps += 1
    return steps


def a_wide_page(event: bytes, bucket: Bucket = Bucket.SENT) -> PageWrite:
    """Words of their own for everybody, pushed."""
    users = range(1, USERS + 1)
    return PageWrite(
        notifications=[
            a_notification(event, user, bucket=bucket, open=int(bucket is Bucket.OPEN))
            for user in users
        ],
        contents=[some_content(event, f"for {user}", step=1, user=user) for user in users],
    )


async def test_payloads_go_in_steps_and_events_stay(store: SqlStore) -> None:
    events = [an_event_id(n) for n in range(10)]
    written = [an_event(event, data='{"a": 1}') for event in events]
    await store.events.accept_many(written, NOW)
    assert await walked(store, Walk.PAYLOADS, events[7]) >= 3
    rows = await store.events.rows(ENV, events)
    assert [rows[event].data_kept for event in events] == [False] * 7 + [True] * 3
    assert rows[events[0]].data == {}
    assert rows[events[9]].data == {"a": 1}


async def test_an_event_with_work_left_is_met_again_once_it_is_done(store: SqlStore) -> None:
    user = await a_user(store, "ada")
    events = [an_event_id(n) for n in range(4)]
    pages = [an_item_page(event, user) for event in events]
    pages[1] = a_push_page(events[1], user, 7)
    written = [an_event(event, page) for event, page in zip(events, pages, strict=True)]
    await store.events.accept_many(written, NOW)
    await walked(store, Walk.PAYLOADS)
    rows = await store.events.rows(ENV, events)
    assert [rows[event].data_kept for event in events] == [False, True, False, False]
    worker = await store.work.start_worker([1], LEASE, NOW)
    (claim,) = await store.deliveries.claim(1, "fcm", worker, 10, NOW)
    await store.deliveries.finish([Finish(claim=claim, status=DeliveryStatus.SENT)], worker, NOW)
    await walked(store, Walk.PAYLOADS)
    assert await count(store, "event_payload") == 0


async def test_words_of_the_inbox_stay_while_those_of_other_channels_go(store: SqlStore) -> None:
    await store.catalog.put_categories(ENV, [Category(key="transactional")], NOW)
    (flow,) = await store.catalog.put_workflows(ENV, [FLOW], NOW)
    user = await a_user(store, "ada")
    event = an_event_id(1)
    page = an_item_page(event, user)
    page.contents.extend(
        [some_content(event, "push", step=1), some_content(event, "own", step=1, user=user)]
    )
    pinned = ((flow.number, flow.version, 1, 1, 1),)
    await store.events.accept_many([an_event(event, page, workflows=pinned)], NOW)
    assert flow.number == WORKFLOW
    await walked(store, Walk.CONTENTS)
    assert await count(store, "content") == await count(store, "content", "step = 0") == 1
    (item,) = await store.inbox.notification_marks(ENV, event, WORKFLOW, user)
    assert item.fields == {"title": f"for {user}"}
    await walked(store, Walk.WORDS)
    assert await count(store, "content") == 0


async def test_a_large_event_is_done_bit_by_bit(store: SqlStore) -> None:
    event = an_event_id(1)
    await store.events.accept_many([an_event(event, a_wide_page(event))], NOW)
    assert await walked(store, Walk.WORDS) >= USERS // 4
    assert await count(store, "content") == 0
    assert await walked(store, Walk.RECORDS) >= USERS // 4
    rows = await store.ledger.of_event(ENV, event, 7)
    assert [(row.decided.decider, row.decided.at, row.decided.steps) for row in rows] == [
        (0, NOW, ())
    ]
    assert await count(store, "notification", "length(decided) > 70") == 0


async def test_attempts_and_decisions_go_by_themselves(store: SqlStore) -> None:
    event = an_event_id(1)
    page = a_push_page(event, 1, 7)
    page.deliveries.append(a_delivery(event, 1, 8))
    page.notifications[0] = a_notification(event, 1, bucket=Bucket.OPEN, open=2, sent=1)
    await store.events.accept_many([an_event(event, page)], NOW)
    worker = await store.work.start_worker([1], LEASE, NOW)
    claims = await store.deliveries.claim(1, "fcm", worker, 10, NOW)
    failed = Outcome(kind=OutcomeClass.PERMANENT, code="gone", detail="no such device")
    ends = [
        Finish(claim=claim, status=DeliveryStatus.FAILED, outcome=failed, cause="permanent:gone")
        for claim in claims
    ]
    await store.deliveries.finish(ends, worker, NOW)
    await store._executor.write(
        lambda tx: tx.composed(
            "insert into decision values (?, ?, 1, 1, 0, 1, ?, '{}') returning 1",
            [ENV, event, NOW],
        ),
        3,
    )
    attempts = await count(store, "attempt")
    assert attempts > 0
    await walked(store, Walk.ATTEMPTS)
    await walked(store, Walk.DECISIONS)
    assert await count(store, "attempt") == await count(store, "decision") == 0
    deliveries, _ = await store.ledger.deliveries(ENV, event, 1, 1)
    assert [row.detail for row in deliveries] == ["no such device"] * 2
    assert (await store.ledger.audit(ENV, (0, b""), 10)).found == []


@pytest.mark.parametrize("walk", list(Walk))
async def test_a_walk_over_nothing_is_over(store: SqlStore, walk: Walk) -> None:
    assert await walked(store, walk) == 0
    event = an_event_id(1)
    await store.events.accept_many([an_event(event)], NOW)
    assert await walked(store, walk) == 1
    assert await walked(store, walk) == 0


async def _insert_digest(tx: Tx, row: list[Any]) -> list[Row]:
    return await tx.composed(
        "insert into digest values (?, ?, 1, 0, 1, 1, ?, 1, 1, 1, 1, 0, ?, ?, ?, ?, ?) returning 1",
        row,
    )


async def test_an_open_digest_keeps_its_words_and_a_told_one_goes_with_its_rows(
    store: SqlStore,
) -> None:
    told, opened = an_event_id(1), an_event_id(2)
    for digest, closed, part in ((told, NOW, Bucket.SENT), (opened, None, 0)):
        row = [ENV, digest, digest.hex(), NOW, NOW, NOW, closed, int(part)]
        await store._executor.write(partial(_insert_digest, row=row), 3)
        page = PageWrite(
            notifications=[a_notification(digest, 1)],
            contents=[some_content(digest, "own", user=1)],
        )
        await store.events.accept_many([an_event(digest[:15] + b"e", page)], NOW)
    await walked(store, Walk.WORDS)
    assert await count(store, "content") == 1
    while await store.retention.events(ENV, BOUND, 10, 2):
        pass
    assert await count(store, "digest") == await count(store, "notification") == 1
    assert await store.ledger.of_event(ENV, told, 1) == []
