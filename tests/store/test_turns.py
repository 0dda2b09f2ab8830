"""Tenants of a lane take turns, whoever has how much."""

from __future__ import annotations

from collections import Counter
from typing import Any

from clarion.core.states import Bucket
from clarion.store.contract.deliveries import Claim
from clarion.store.contract.work import PageWrite, TaskWrite
from clarion.store.sql.store import SqlStore
from tests.store.builders import (
    ENV,
    LEASE,
    NOW,
    SECOND,
    a_delivery,
    a_notification,
    an_event,
    an_event_id,
)

LANES = [0, 1, 2, 3]


async def queued(store: SqlStore, n: int, rows: int, tenant: int, **changes: Any) -> None:
    """Event number `n` of a tenant, with as many deliveries."""
    event = an_event_id(n)
    env = changes.get("env", ENV)
    note = a_notification(event, 1, env=env, tenant=tenant, bucket=Bucket.OPEN, open=rows)
    page = PageWrite(
        notifications=[note],
        deliveries=[a_delivery(event, 1, d + 1, tenant=tenant, **changes) for d in range(rows)],
    )
    await store.events.accept_many([an_event(event, page, env=env, tenant=tenant)], NOW)


async def claimed(store: SqlStore, worker: int, limit: int, now: int = NOW) -> list[Claim]:
    return await store.deliveries.claim(1, "fcm", worker, limit, now)


async def test_a_small_tenant_is_served_beside_a_large_one(store: SqlStore) -> None:
    worker = await store.work.start_worker(LANES, LEASE, NOW)
    await queued(store, 1, 300, tenant=1)
    await queued(store, 2, 10, tenant=2)
    first = await claimed(store, worker, 20)
    assert Counter(claim.tenant for claim in first) == {1: 10, 2: 10}
    assert Counter(claim.tenant for claim in await claimed(store, worker, 20)) == {1: 20}


async def test_single_slots_go_round_the_tenants(store: SqlStore) -> None:
    worker = await store.work.start_worker(LANES, LEASE, NOW)
    for n, tenant in enumerate((0, 4, 9), start=1):
        await queued(store, n, 50, tenant=tenant)
    taken = [(await claimed(store, worker, 1))[0].tenant for _ in range(9)]
    assert taken[:3] == taken[3:6] == taken[6:]
    assert sorted(taken[:3]) == [0, 4, 9]


async def test_environments_take_turns_as_well(store: SqlStore) -> None:
    worker = await store.work.start_worker(LANES, LEASE, NOW)
    await queued(store, 1, 100, tenant=0)
    await queued(store, 2, 5, tenant=0, env=2)
    first = await claimed(store, worker, 10)
    assert Counter(claim.key.env for claim in first) == {ENV: 5, 2: 5}


async def test_one_tenant_alone_gets_all_there_is_room_for(store: SqlStore) -> None:
    worker = await store.work.start_worker(LANES, LEASE, NOW)
    await queued(store, 1, 30, tenant=3)
    assert [len(await claimed(store, worker, 20)) for _ in range(3)] == [20, 10, 0]


async def test_of_one_tenant_the_oldest_goes_first(store: SqlStore) -> None:
    worker = await store.work.start_worker(LANES, LEASE, NOW)
    await queued(store, 1, 2, tenant=3, due=NOW + 2)
    await queued(store, 2, 2, tenant=3, due=NOW + 1)
    claims = await claimed(store, worker, 2, NOW + 5)
    assert {claim.key.event for claim in claims} == {an_event_id(2)}


async def test_who_has_nothing_due_holds_up_nobody(store: SqlStore) -> None:
    worker = await store.work.start_worker(LANES, LEASE, NOW)
    for tenant in range(1, 41):
        await queued(store, tenant, 1, tenant=tenant, due=NOW + 60 * SECOND)
    await queued(store, 41, 1, tenant=41)
    assert await store.deliveries.next_due(1, "fcm") == NOW
    found: list[Claim] = []
    for _ in range(4):
        found += await claimed(store, worker, 1)
    assert [claim.tenant for claim in found] == [41]


async def test_tasks_of_tenants_take_turns(store: SqlStore) -> None:
    for n, tenant in enumerate((1, 1, 1, 2), start=1):
        task = TaskWrite(workflow=1, lane=1, tenant=tenant, source="all", scope=0)
        event = an_event(an_event_id(n), tenant=tenant, tasks=(task,))
        await store.events.accept_many([event], NOW)
    worker = await store.work.start_worker(LANES, LEASE, NOW)
    after, taken = (0, -1), []
    for _ in range(4):
        (task_,) = await store.work.claim_tasks([1], worker, 1, NOW, after)
        after = (task_.env, task_.tenant)
        taken.append(task_.tenant)
    assert taken == [1, 2, 1, 1]


async def test_waiting_is_no_crash_of_a_task(store: SqlStore) -> None:
    task = TaskWrite(workflow=1, lane=1, tenant=0, source="all", scope=0)
    await store.events.accept_many([an_event(an_event_id(1), tasks=(task,))], NOW)
    worker = await store.work.start_worker(LANES, LEASE, NOW)
    for turn in range(5):
        at = NOW + turn * SECOND
        (found,) = await store.work.claim_tasks(LANES, worker, 1, at)
        assert found.crashes == 1
        await store.work.postpone(found, at + SECOND)
        assert await store.work.claim_tasks(LANES, worker, 1, at) == []


async def test_what_waits_with_an_event_is_told(store: SqlStore) -> None:
    await queued(store, 1, 4, tenant=1, due=NOW + 7)
    await queued(store, 2, 3, tenant=2)
    (ahead,) = await store.deliveries.ahead(ENV, an_event_id(1))
    assert (ahead.lane, ahead.account, ahead.depth, ahead.due) == (1, "fcm", 7, NOW + 7)
    assert await store.deliveries.ahead(ENV, an_event_id(3)) == []
    assert await store.deliveries.depth(1, "fcm", 5) == 5
    assert await store.deliveries.depth(2, "fcm", 5) == 0
