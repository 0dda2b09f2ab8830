"""A task that is cut: its parts cover the audience, each walked on its own."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.errors import LostLeaseError
from clarion.store.contract.people import UserWrite
from clarion.store.contract.work import RANGE, REST, UNCUT, PageWrite, Task, TaskWrite
from clarion.store.sql.store import SqlStore
from tests.store.builders import ENV, LEASE, NOW, SECOND, a_notification, an_event
from tests.store.builders import an_event_id as an_id

EVENT = an_id(1)
LANES = [0, 1, 2, 3]


async def people_are(store: SqlStore, count: int) -> None:
    writes = [UserWrite(id=f"u{n:03}", changed={}) for n in range(count)]
    await store.people.write_users(ENV, writes, NOW)


async def asked(store: SqlStore, people: int, **fields: Any) -> tuple[int, Task]:
    """A worker, with the task of an event for everybody (numbers from 1 on) in hand."""
    await people_are(store, people)
    task = TaskWrite(workflow=1, lane=1, tenant=0, source="all", scope=0)
    await store.events.accept_many([an_event(EVENT, tasks=(task,), **fields)], NOW)
    worker = await store.work.start_worker(LANES, LEASE, NOW)
    return worker, await claimed(store, worker)


async def claimed(store: SqlStore, worker: int, now: int = NOW) -> Task:
    (task,) = await store.work.claim_tasks(LANES, worker, 1, now)
    return task


async def walked(store: SqlStore, task: Task) -> list[int]:
    """Everybody in the task's audience, told; the task is done then."""
    users = await store.work.audience(task, task.cursor, 1000)
    page = PageWrite(notifications=[a_notification(EVENT, user) for user in users])
    await store.work.write_page(task, page, task.hi, True, NOW)
    return users


async def test_marks_count_members_off_and_end_with_the_audience(store: SqlStore) -> None:
    _, task = await asked(store, 10)
    assert task.cut == UNCUT
    assert await store.work.marks(task, 0, 3, 10) == [3, 6, 9]
    assert await store.work.marks(task, 0, 3, 2) == [3, 6]
    assert await store.work.marks(task, 8, 3, 2) == []


async def test_marks_of_a_topic_follow_its_members_numbers(store: SqlStore) -> None:
    await people_are(store, 60)
    members = [f"u{n:03}" for n in (0, *range(40, 60))]
    await store.topics.subscribe(ENV, "dense", members, [], NOW)
    await store.topics.subscribe(ENV, "dense", [], ["u000"], NOW + SECOND)
    found = await store.topics.topic(ENV, "dense")
    assert found is not None
    task = TaskWrite(workflow=1, lane=1, tenant=0, source="topic", scope=found.number)
    await store.events.accept_many([an_event(EVENT, tasks=(task,))], NOW)
    worker = await store.work.start_worker(LANES, LEASE, NOW)
    marks = await store.work.marks(await claimed(store, worker), 0, 7, 10)
    assert marks == [46, 53, 60]


async def test_the_parts_of_a_cut_task_cover_its_audience(store: SqlStore) -> None:
    worker, task = await asked(store, 10)
    await store.work.cut(task, [3, 6], True)
    assert (await store.events.rows(ENV, [EVENT]))[EVENT].expanding == 3
    (first,) = await store.work.reclaim_tasks([1], worker)
    second, third = await claimed(store, worker), await claimed(store, worker)
    assert [t.cut for t in (first, second, third)] == [RANGE, RANGE, REST]
    told = [await walked(store, t) for t in (third, first, second)]
    assert told == [[7, 8, 9, 10], [1, 2, 3], [4, 5, 6]]
    assert (await store.events.rows(ENV, [EVENT]))[EVENT].expanding == 0
    assert (await store.events.counts(ENV, EVENT))[0].skipped == 10


async def test_a_task_is_cut_once_and_only_by_who_holds_it(store: SqlStore) -> None:
    worker, task = await asked(store, 10)
    await store.work.cut(task, [5], True)
    with pytest.raises(LostLeaseError):
        await store.work.cut(task, [3], True)
    rest = await claimed(store, worker)
    await store.work.give_back(rest, NOW, 0)
    with pytest.raises(LostLeaseError):
        await store.work.cut(rest, [7], False)
    assert (await store.events.rows(ENV, [EVENT]))[EVENT].expanding == 2


async def test_what_was_begun_is_not_cut_any_more(store: SqlStore) -> None:
    _, task = await asked(store, 10)
    await store.work.write_page(task, PageWrite(), 2, False, NOW)
    with pytest.raises(LostLeaseError):
        await store.work.cut(task, [5], True)


async def test_a_turn_is_the_events_so_that_others_get_between_its_ranges(store: SqlStore) -> None:
    worker, task = await asked(store, 10)
    await store.work.cut(task, [2, 4, 6, 8], False)
    other = TaskWrite(workflow=1, lane=1, tenant=0, source="all", scope=0)
    await store.events.accept_many([an_event(an_id(2), tasks=(other,))], NOW + SECOND)
    (first,) = await store.work.reclaim_tasks([1], worker)
    await store.work.give_back(first, NOW + 2 * SECOND, 0)
    order = [await claimed(store, worker, NOW + 3 * SECOND) for _ in range(3)]
    assert [(t.event, t.hi) for t in order][1:] == [(EVENT, 2), (EVENT, 4)]
    assert order[0].event == an_id(2)


async def test_what_waits_for_room_waits_with_all_its_ranges(store: SqlStore) -> None:
    worker, task = await asked(store, 10)
    await store.work.cut(task, [5], False)
    (first,) = await store.work.reclaim_tasks([1], worker)
    await store.work.postpone(first, NOW + SECOND)
    assert await store.work.claim_tasks(LANES, worker, 5, NOW) == []
    assert len(await store.work.claim_tasks(LANES, worker, 5, NOW + SECOND)) == 2


async def test_ranges_keep_the_place_of_their_event_in_its_order(store: SqlStore) -> None:
    worker, task = await asked(store, 10, ordering_key="k")
    second = TaskWrite(workflow=1, lane=1, tenant=0, source="all", scope=0)
    later = an_event(an_id(2), tasks=(second,), ordering_key="k")
    await store.events.accept_many([later], NOW)
    await store.work.cut(task, [5], False)
    (first,) = await store.work.reclaim_tasks([1], worker)
    await walked(store, first)
    rest = await claimed(store, worker)
    assert rest.event == EVENT
    assert await store.work.claim_tasks(LANES, worker, 5, NOW) == []
    await walked(store, rest)
    assert (await claimed(store, worker)).event == an_id(2)
