"""Fan-out work: claimed under a fence, walked in number order, each page once."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.core.states import Bucket
from clarion.errors import LostLeaseError
from clarion.store.contract.dead_letters import DeadLetterFilter
from clarion.store.contract.events import EventCounts
from clarion.store.contract.work import PageWrite, Task, TaskWrite
from clarion.store.sql.store import SqlStore
from tests.store.builders import (
    ENV,
    LEASE,
    NOW,
    SECOND,
    a_notification,
    a_user,
    an_event,
    an_event_id,
    an_item,
    some_content,
)

EVENT = an_event_id(1)
EVERYBODY: dict[str, Any] = {"source": "all", "scope": 0}
WAITING, ASIDE = 0, 3


async def asked(store: SqlStore, *tasks: dict[str, Any], event: bytes = EVENT) -> int:
    """An event with these tasks; the number of a worker."""
    usual: dict[str, Any] = {"workflow": 1, "lane": 1, "tenant": 0, **EVERYBODY}
    written = tuple(TaskWrite(**(usual | task)) for task in tasks or ({},))
    await store.events.accept_many([an_event(event, tasks=written)], NOW)
    return await store.work.start_worker([0, 1, 2, 3], LEASE, NOW)


async def claimed(store: SqlStore, worker: int, now: int = NOW, limit: int = 10) -> list[Task]:
    return await store.work.claim_tasks([0, 1, 2, 3], worker, limit, now)


def a_page(*users: int) -> PageWrite:
    return PageWrite(
        notifications=[a_notification(EVENT, u, bucket=Bucket.SENT, sent=1) for u in users],
        items=[an_item(EVENT, u) for u in users],
        contents=[some_content(EVENT, "for all")],
    )


async def expanding(store: SqlStore) -> int:
    return (await store.events.rows(ENV, [EVENT]))[EVENT].expanding


async def test_a_task_is_claimed_once_and_the_most_urgent_first(store: SqlStore) -> None:
    worker = await asked(store, {"lane": 3}, {"lane": 0}, {"lane": 2})
    first = await claimed(store, worker, limit=2)
    assert [task.lane for task in first] == [0, 2]
    assert [task.lane for task in await claimed(store, worker)] == [3]
    assert await claimed(store, worker) == []
    assert {(task.fence, task.crashes, task.cursor) for task in first} == {(1, 1, 0)}


async def test_a_task_of_another_lane_is_left(store: SqlStore) -> None:
    worker = await asked(store, {"lane": 3})
    assert await store.work.claim_tasks([0, 1], worker, 10, NOW) == []


async def test_a_page_moves_the_cursor_and_the_counts(store: SqlStore) -> None:
    worker = await asked(store)
    (task,) = await claimed(store, worker)
    await store.work.write_page(task, a_page(1, 2), 2, False, NOW)
    assert await expanding(store) == 1
    await store.work.write_page(task, a_page(3), 3, True, NOW)
    assert await expanding(store) == 0
    assert (await store.events.counts(ENV, EVENT))[0] == EventCounts(sent=3)
    assert (await store.inbox.counts(ENV, 3, 0)).unread == 1
    assert await claimed(store, worker) == []


async def test_a_page_written_again_changes_nothing(store: SqlStore) -> None:
    worker = await asked(store)
    (task,) = await claimed(store, worker)
    await store.work.write_page(task, a_page(1, 2), 2, False, NOW)
    await store.work.write_page(task, a_page(1, 2), 2, False, NOW)
    await store.work.write_page(task, a_page(2, 3), 3, True, NOW)
    assert (await store.events.counts(ENV, EVENT))[0] == EventCounts(sent=3)
    for user in (1, 2, 3):
        assert (await store.inbox.counts(ENV, user, 0)).total == 1


async def test_an_old_fence_writes_nothing(store: SqlStore) -> None:
    worker = await asked(store)
    (stale,) = await claimed(store, worker)
    await store.work.give_back(stale, NOW, WAITING)
    (fresh,) = await claimed(store, worker)
    with pytest.raises(LostLeaseError):
        await store.work.write_page(stale, a_page(1), 1, True, NOW)
    assert await store.events.counts(ENV, EVENT) == {}
    await store.work.give_back(stale, NOW, WAITING)
    assert await claimed(store, worker) == []
    await store.work.write_page(fresh, a_page(1), 1, True, NOW)
    with pytest.raises(LostLeaseError):
        await store.work.write_page(fresh, a_page(2), 2, True, NOW)
    assert await expanding(store) == 0


async def test_a_page_that_comes_again_late_does_not_move_the_cursor_back(store: SqlStore) -> None:
    worker = await asked(store, {})
    (task,) = await claimed(store, worker)
    await store.work.write_page(task, a_page(1), 1, False, NOW)
    await store.work.write_page(task, a_page(2), 2, False, NOW)
    await store.work.write_page(task, a_page(1), 1, False, NOW)
    await store.work.give_back(task, NOW, 0)
    (again,) = await claimed(store, worker)
    assert again.cursor == 2


async def test_a_task_whose_claim_was_not_answered_is_found_again(store: SqlStore) -> None:
    worker = await asked(store, {})
    (lost,) = await claimed(store, worker)
    (found,) = await store.work.reclaim_tasks([lost.lane], worker)
    assert (found.task, found.crashes) == (lost.task, lost.crashes)
    with pytest.raises(LostLeaseError):
        await store.work.write_page(lost, a_page(1), 1, True, NOW)
    await store.work.write_page(found, a_page(1), 1, True, NOW)
    assert await store.work.reclaim_tasks([lost.lane], worker) == []


async def test_who_was_buried_claims_no_task(store: SqlStore) -> None:
    worker = await asked(store, {})
    await store.work.stop_worker(worker, NOW)
    assert await claimed(store, worker) == []


async def test_a_failed_page_does_not_harm_others_written_with_it(store: SqlStore) -> None:
    worker = await asked(store, {}, {"workflow": 2})
    one, two = await claimed(store, worker)
    await store.work.give_back(one, NOW, WAITING)
    with pytest.raises(LostLeaseError):
        await store.work.write_page(one, a_page(1), 1, True, NOW)
    await store.work.write_page(two, a_page(2), 2, True, NOW)
    assert (await store.events.counts(ENV, EVENT))[0] == EventCounts(sent=1)


async def test_a_page_ends_the_count_of_crashes(store: SqlStore) -> None:
    worker = await asked(store)
    (task,) = await claimed(store, worker)
    await store.work.give_back(task, NOW, WAITING)
    (task,) = await claimed(store, worker)
    assert task.crashes == 2
    await store.work.write_page(task, a_page(1), 1, False, NOW)
    await store.work.give_back(task, NOW + SECOND, WAITING)
    assert await claimed(store, worker) == []
    (task,) = await claimed(store, worker, NOW + SECOND)
    assert (task.crashes, task.cursor) == (1, 1)


async def test_what_was_put_aside_is_taken_up_when_somebody_says_so(store: SqlStore) -> None:
    worker = await asked(store)
    (task,) = await claimed(store, worker)
    await store.work.give_back(task, NOW, ASIDE)
    assert await claimed(store, worker, NOW + 10**12) == []
    other = await store.work.start_worker([1], LEASE, NOW)
    await store.work.bury(other, NOW)
    assert await claimed(store, other) == []
    (aside,) = await store.dead_letters.put_aside(ENV)
    assert (aside.task, aside.event, aside.at) == (task.task, task.event, NOW)
    letters = store.dead_letters
    assert await letters.take_up(ENV, DeadLetterFilter(cause="retry:503"), NOW) == []
    assert await letters.take_up(ENV, DeadLetterFilter(event=b"x" * 16), NOW) == []
    assert await letters.take_up(ENV, DeadLetterFilter(cause="put_aside"), NOW) == [task.lane]
    (again,) = await claimed(store, other)
    assert again.crashes == 1


async def test_a_rescue_frees_the_tasks_of_others_and_keeps_their_cursor(
    store: SqlStore,
) -> None:
    old = await asked(store, {}, {"workflow": 2})
    one, _ = await claimed(store, old)
    await store.work.write_page(one, a_page(1, 2), 2, False, NOW)
    assert await store.work.bury(0, NOW) == []
    new = await store.work.start_worker([1], LEASE, NOW)
    assert await store.work.bury(new, NOW) == [old]
    assert await store.work.rescue_tasks([old]) == 2
    found = {task.workflow: task for task in await claimed(store, new)}
    assert (found[1].cursor, found[1].crashes, found[1].fence) == (2, 1, 2)
    assert (found[2].cursor, found[2].crashes) == (0, 2)


async def users_of(store: SqlStore, task: Task, after: int = 0, limit: int = 10) -> list[int]:
    return await store.work.audience(task, after, limit)


async def test_an_audience_is_walked_in_number_order(store: SqlStore) -> None:
    numbers = [await a_user(store, f"u{n}") for n in range(5)]
    await store.people.erase(ENV, "u2", NOW)
    worker = await asked(store, {"excepted": (numbers[3],)})
    (task,) = await claimed(store, worker)
    assert await users_of(store, task) == [numbers[0], numbers[1], numbers[4]]
    assert await users_of(store, task, limit=2) == numbers[:2]
    assert await users_of(store, task, after=numbers[1]) == [numbers[4]]


async def test_an_audience_is_who_is_subscribed_now(store: SqlStore) -> None:
    names = [f"u{n}" for n in range(4)]
    await store.topics.subscribe(ENV, "t", names, [], NOW)
    await store.topics.subscribe(ENV, "t", [], ["u1"], NOW + 1)
    topic = await store.topics.topic(ENV, "t")
    assert topic is not None
    worker = await asked(store, {"source": "topic", "scope": topic.number})
    (task,) = await claimed(store, worker)
    assert await users_of(store, task) == [1, 3, 4]


async def test_an_audience_may_be_a_tenant_or_a_list(store: SqlStore) -> None:
    for name in ("u1", "u2", "u3"):
        await a_user(store, name)
    await store.people.join(ENV, "acme", "u2", True, NOW)
    tasks = tuple(
        TaskWrite(workflow=n, lane=1, tenant=1, source=source, scope=scope)
        for n, (source, scope) in enumerate((("all", 1), ("users", 0)), start=1)
    )
    await store.events.accept_many([an_event(EVENT, tasks=tasks, recipients=(1, 3, 9))], NOW)
    worker = await store.work.start_worker([1], LEASE, NOW)
    tenant, listed = await claimed(store, worker)
    assert await users_of(store, tenant) == [2]
    assert await users_of(store, listed) == [1, 3, 9]


async def test_a_range_bounds_its_audience(store: SqlStore) -> None:
    for n in range(6):
        await a_user(store, f"u{n}")
    worker = await asked(store, {"lo": 2, "hi": 3}, {"lo": 4})
    low, high = await claimed(store, worker)
    assert await users_of(store, low, low.cursor) == [2, 3]
    assert await users_of(store, high, high.cursor) == [4, 5, 6]


def a_key(event: bytes, user: int = 1, key: str = "k", until: int = NOW + SECOND) -> Any:
    return (ENV, event.hex(), 1, user, key, until)


async def test_a_dedupe_key_is_held_for_its_window(store: SqlStore) -> None:
    one, two = an_event_id(1), an_event_id(2)
    assert await store.work.reserve([a_key(one), a_key(one, 2)], NOW) == {}
    assert await store.work.reserve([a_key(one)], NOW) == {}
    taken = await store.work.reserve([a_key(two), a_key(two, 3)], NOW + SECOND - 1)
    assert taken == {(1, 1, "k"): NOW + SECOND}
    late = a_key(two, until=NOW + 2 * SECOND)
    assert await store.work.reserve([late], NOW + SECOND) == {}
    taken = await store.work.reserve([a_key(one)], NOW + SECOND)
    assert taken == {(1, 1, "k"): NOW + 2 * SECOND}


async def test_of_two_events_that_ask_at_once_the_earlier_gets_the_key(store: SqlStore) -> None:
    one, two = an_event_id(1), an_event_id(2)
    rows = [a_key(two), a_key(one), a_key(two, key="other")]
    assert await store.work.reserve(rows, NOW) == {(1, 1, "k"): NOW + SECOND}
    assert await store.work.reserve([a_key(one), a_key(two, key="other")], NOW) == {}


async def test_keys_past_their_window_are_pruned(store: SqlStore) -> None:
    await store.work.reserve([a_key(EVENT, user) for user in range(5)], NOW)
    assert await store.work.prune_dedupe(NOW, 10) == 0
    assert await store.work.prune_dedupe(NOW + SECOND, 3) == 3
    assert await store.work.prune_dedupe(NOW + SECOND, 3) == 2


async def test_workers_have_numbers_of_their_own(store: SqlStore) -> None:
    one, two = [await store.work.start_worker([1], LEASE, NOW) for _ in range(2)]
    assert one != two
    await store.work.stop_worker(one, NOW)


async def test_a_worker_that_renews_in_time_lives(store: SqlStore) -> None:
    worker = await store.work.start_worker([1], LEASE, NOW)
    assert await store.work.beat(worker, NOW + LEASE)
    assert await store.work.bury(0, NOW + 2 * LEASE) == []
    assert await store.work.bury(0, NOW + 2 * LEASE + 1) == [worker]
    assert not await store.work.beat(worker, NOW + 2 * LEASE + 1)


async def test_the_dead_are_named_until_nothing_is_left_in_their_hands(store: SqlStore) -> None:
    lapsed, stopped, alive = [
        await store.work.start_worker([1], lease, NOW) for lease in (LEASE, 9 * LEASE, 9 * LEASE)
    ]
    await store.work.stop_worker(stopped, NOW)
    later = NOW + 2 * LEASE
    assert await store.work.bury(0, later) == [lapsed, stopped]
    await store.work.rescued([stopped], later)
    assert await store.work.bury(0, later) == [lapsed]
    await store.work.rescued([lapsed], later)
    assert await store.work.bury(0, later) == []
    assert await store.work.beat(alive, later)


async def test_one_worker_leads_until_its_term_is_over(store: SqlStore) -> None:
    assert await store.work.lead("keeper", 1, LEASE, NOW)
    assert not await store.work.lead("keeper", 2, LEASE, NOW + LEASE)
    assert await store.work.lead("keeper", 1, LEASE, NOW + LEASE)
    assert not await store.work.lead("keeper", 2, LEASE, NOW + 2 * LEASE)
    assert await store.work.lead("keeper", 2, LEASE, NOW + 2 * LEASE + 1)
    assert not await store.work.lead("keeper", 1, LEASE, NOW + 2 * LEASE + 1)
    assert await store.work.lead("another", 1, LEASE, NOW)
