from __future__ import annotations

from typing import Any

import pytest

from clarion.core.delivery import Outcome, OutcomeClass
from clarion.core.states import Bucket, DeliveryStatus
from clarion.core.workflow import CHANNEL_NUMBER, Channel
from clarion.store.contract.deliveries import Finish
from clarion.store.contract.ledger import NotificationQuery
from clarion.store.contract.work import PageWrite
from clarion.store.sql import ledger_search
from clarion.store.sql.store import SqlStore
from tests.store.builders import (
    ENV,
    LEASE,
    NOW,
    SECOND,
    a_notification,
    a_push_page,
    a_record,
    an_event,
    an_event_id,
)

Found = list[tuple[int, int, int]]


async def search(store: SqlStore, **filters: Any) -> Found:
    """(event's number, workflow, user) of everything found, over all pages."""
    found: Found = []
    query = NotificationQuery(**filters)
    while True:
        page = await store.ledger.search(ENV, query)
        assert len(page.rows) <= query.limit
        found += [(int.from_bytes(r.event[9:], "big"), r.workflow, r.user) for r in page.rows]
        if page.cursor is None:
            return found
        query = NotificationQuery(**(filters | {"before": page.cursor}))


async def accept(
    store: SqlStore,
    n: int,
    users: list[int],
    workflows: tuple[int, ...] = (1,),
    page: PageWrite | None = None,
    decided: str = "",
    tenant: int = 0,
    **changes: Any,
) -> bytes:
    event = an_event_id(n)
    page = page or PageWrite(
        notifications=[
            a_notification(
                event, user, workflow=workflow, tenant=tenant, decided=decided or a_record()
            )
            for user in users
            for workflow in workflows
        ]
    )
    await store.events.accept_many([an_event(event, page, **changes)], NOW)
    return event


async def test_everything_comes_newest_first(store: SqlStore) -> None:
    await accept(store, 1, [5])
    await accept(store, 3, [1, 2], workflows=(1, 2))
    await accept(store, 2, [9])
    everything = [(3, 2, 2), (3, 2, 1), (3, 1, 2), (3, 1, 1), (2, 1, 9), (1, 1, 5)]
    assert await search(store) == everything
    for limit in (1, 2, 5, 6):
        assert await search(store, limit=limit) == everything
    assert (await store.ledger.search(ENV + 1, NotificationQuery())).rows == []


async def test_a_full_last_page_has_no_cursor(store: SqlStore) -> None:
    event = await accept(store, 1, [5, 6])
    page = await store.ledger.search(ENV, NotificationQuery(limit=2))
    assert (len(page.rows), page.cursor) == (2, None)
    page = await store.ledger.search(ENV, NotificationQuery(limit=2, event=event))
    assert (len(page.rows), page.cursor) == (2, None)


async def test_by_user_and_by_event(store: SqlStore) -> None:
    await accept(store, 1, [5, 6])
    second = await accept(store, 2, [5, 6], workflows=(1, 2))
    assert await search(store, user=5) == [(2, 2, 5), (2, 1, 5), (1, 1, 5)]
    assert await search(store, user=5, limit=1) == [(2, 2, 5), (2, 1, 5), (1, 1, 5)]
    assert await search(store, event=second) == [(2, 2, 6), (2, 2, 5), (2, 1, 6), (2, 1, 5)]
    assert await search(store, event=second, user=6, limit=1) == [(2, 2, 6), (2, 1, 6)]


async def test_by_tag_correlation_and_their_combination(store: SqlStore) -> None:
    await accept(store, 1, [5], tags={"order": "A", "shop": "1"}, correlation="c1")
    await accept(store, 2, [5], tags={"order": "B", "shop": "1"}, correlation="c1")
    await accept(store, 3, [5, 6], tags={"order": "A"}, correlation="c2")
    assert await search(store, tag=("order", "A")) == [(3, 1, 6), (3, 1, 5), (1, 1, 5)]
    assert await search(store, tag=("order", "A"), limit=1) == [(3, 1, 6), (3, 1, 5), (1, 1, 5)]
    assert await search(store, tag=("order", "A"), user=5) == [(3, 1, 5), (1, 1, 5)]
    assert await search(store, tag_value="1") == [(2, 1, 5), (1, 1, 5)]
    assert await search(store, correlation="c1") == [(2, 1, 5), (1, 1, 5)]
    assert await search(store, correlation="c1", tag=("order", "A")) == [(1, 1, 5)]
    assert await search(store, correlation="none") == []


async def test_by_workflow_tenant_bucket_and_reason(store: SqlStore) -> None:
    await accept(store, 1, [5], workflows=(1, 2), tenant=4)
    await accept(store, 2, [5], decided=a_record('muted "x"'))
    await accept(store, 3, [5], decided=a_record("muted"))
    assert await search(store, workflow=2) == [(1, 2, 5)]
    assert await search(store, tenant=4) == [(1, 2, 5), (1, 1, 5)]
    assert await search(store, bucket=Bucket.SKIPPED, tenant=4, workflow=1) == [(1, 1, 5)]
    assert await search(store, bucket=Bucket.SENT) == []
    assert await search(store, reason="muted") == [(3, 1, 5)]
    assert await search(store, reason='muted "x"') == [(2, 1, 5)]
    assert await search(store, reason="end") == []


async def test_since_an_instant(store: SqlStore) -> None:
    for n in (1, 2, 3):
        await accept(store, n, [5], tags={"a": "b"})
    since = NOW + 2 * SECOND
    expected = [(3, 1, 5), (2, 1, 5)]
    assert await search(store, since=since) == expected
    assert await search(store, since=since, user=5) == expected
    assert await search(store, since=since, tag=("a", "b")) == expected


async def test_by_channel_delivery_status_and_provider_id(store: SqlStore) -> None:
    events = [an_event_id(n) for n in (1, 2, 3)]
    for n, event in enumerate(events, start=1):
        await accept(store, n, [], page=a_push_page(event, 5, 3))
    await accept(store, 4, [5])
    worker = await store.work.start_worker([1], LEASE, NOW)
    first, second = await store.deliveries.claim(1, "fcm", worker, 2, NOW)
    done = Finish(
        claim=first,
        status=DeliveryStatus.SENT,
        outcome=Outcome(kind=OutcomeClass.ACCEPTED, provider_id="p-1"),
    )
    await store.deliveries.finish([done], worker, NOW)
    every = [(3, 1, 5), (2, 1, 5), (1, 1, 5)]
    assert second.key.event == events[1]
    assert await search(store, channel=CHANNEL_NUMBER[Channel.PUSH]) == every
    assert await search(store, channel=CHANNEL_NUMBER[Channel.INBOX]) == every
    assert await search(store, channel=CHANNEL_NUMBER[Channel.SMS]) == []
    assert await search(store, delivery_status=DeliveryStatus.SENT) == [(1, 1, 5)]
    assert await search(store, delivery_status=DeliveryStatus.SENDING) == [(2, 1, 5)]
    assert await search(store, delivery_status=DeliveryStatus.READY) == [(3, 1, 5)]
    assert await search(store, provider_id="p-1") == [(1, 1, 5)]
    assert await search(store, provider_id="p-2") == []


@pytest.mark.parametrize("filters", [{}, {"tag": ("a", "b")}, {"user": 5}])
async def test_a_page_that_looked_at_enough_is_short_and_says_where_to_go_on(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, filters: dict[str, Any]
) -> None:
    monkeypatch.setattr(ledger_search, "LOOKED_AT", 5)
    monkeypatch.setattr(ledger_search, "CHUNK", 2)
    for n in range(1, 12):
        await accept(store, n, [5], workflows=(n,), tags={"a": "b"})
    query = NotificationQuery(workflow=1, **filters)
    page = await store.ledger.search(ENV, query)
    assert page.rows == []
    assert page.cursor is not None
    assert await search(store, workflow=1, **filters) == [(1, 1, 5)]
