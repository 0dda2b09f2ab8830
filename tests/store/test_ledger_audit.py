from __future__ import annotations

from typing import Any

import pytest

from clarion.core.delivery import Outcome, OutcomeClass
from clarion.core.states import DeliveryStatus
from clarion.store.contract.deliveries import Finish
from clarion.store.contract.ledger import Imbalance
from clarion.store.sql.store import SqlStore
from tests.store.builders import ENV, LEASE, NOW, a_push_page, a_user, an_event, an_event_id

EVENT = an_event_id(1)


async def settled(store: SqlStore) -> None:
    """Two events of an item and a push: one was sent, one died."""
    user = await a_user(store, "u1")
    for n, status in ((1, DeliveryStatus.SENT), (2, DeliveryStatus.DEAD)):
        event = an_event_id(n)
        await store.events.accept_many([an_event(event, a_push_page(event, user, 3))], NOW)
        worker = await store.work.start_worker([1], LEASE, NOW)
        (claim,) = await store.deliveries.claim(1, "fcm", worker, 10, NOW)
        outcome = Outcome(kind=OutcomeClass.ACCEPTED)
        await store.deliveries.finish(
            [Finish(claim=claim, status=status, outcome=outcome)], worker, NOW
        )


async def audited(store: SqlStore, env: int | None = None, limit: int = 1) -> list[Imbalance]:
    """Everything found, over all pages."""
    found: list[Imbalance] = []
    cursor: tuple[int, bytes] | None = (0, b"")
    while cursor is not None:
        page = await store.ledger.audit(env, cursor, limit)
        found += page.found
        cursor = page.cursor
    return found


async def harm(store: SqlStore, sql: str, *parameters: Any) -> None:
    await store._executor.write(lambda tx: tx.composed(sql, list(parameters)), 0)


async def test_what_was_settled_balances_before_and_after_folding(store: SqlStore) -> None:
    await settled(store)
    assert await audited(store) == []
    assert await store.events.fold_counts(100) > 0
    assert await audited(store) == []
    page = await store.ledger.audit(None, (0, b""), 10)
    assert (page.events, page.notifications) == (2, 2)


async def test_it_still_balances_after_an_erasure(store: SqlStore) -> None:
    await settled(store)
    await store.people.erase(ENV, "u1", NOW)
    assert await audited(store) == []


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            "update event_count set sent = sent + 1 where kind = 0 and event = ?",
            [("notifications sent", 2, 1)],
        ),
        (
            "update delivery set status = 7 where event = ?",
            [
                ("push deliveries sent", 1, 0),
                ("push deliveries dead", 0, 1),
                ("notification of workflow 1, user 1: sent", 2, 1),
                ("notification of workflow 1, user 1: dead", 0, 1),
            ],
        ),
        (
            "update notification set bucket = 4 where event = ?",
            [
                ("notifications sent", 1, 0),
                ("notifications dead", 0, 1),
                ("notification of workflow 1, user 1: bucket", 4, 3),
            ],
        ),
        (
            "update notification set open = 1, bucket = 1 where event = ?",
            [
                ("notifications open", 0, 1),
                ("notifications sent", 1, 0),
                ("notification of workflow 1, user 1: open", 1, 0),
            ],
        ),
        (
            "update item set archived_at = 1 where event = ?",
            [
                ("inbox of user 1, tenant 0: total", 2, 1),
                ("inbox of user 1, tenant 0: unread", 2, 1),
                ("inbox of user 1, tenant 0: unseen", 2, 1),
            ],
        ),
        (
            "delete from item where event = ?",
            [
                ("inbox deliveries sent", 1, 0),
                ("notification of workflow 1, user 1: sent", 2, 1),
                ("inbox of user 1, tenant 0: total", 2, 1),
                ("inbox of user 1, tenant 0: unread", 2, 1),
                ("inbox of user 1, tenant 0: unseen", 2, 1),
            ],
        ),
    ],
)
async def test_what_differs_is_named(
    store: SqlStore, sql: str, expected: list[tuple[str, int, int]]
) -> None:
    await settled(store)
    await harm(store, sql, EVENT)
    found = await audited(store)
    assert sorted((i.what, i.counted, i.found) for i in found) == sorted(expected)
    assert {i.event for i in found} <= {EVENT, b""}


async def test_an_environment_is_audited_by_itself(store: SqlStore) -> None:
    await settled(store)
    await harm(store, "update event_count set sent = sent + 1 where event = ?", EVENT)
    assert await audited(store, env=ENV) != []
    assert await audited(store, env=ENV + 1) == []
