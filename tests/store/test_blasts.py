"""Prepared blasts in every member of the store."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from clarion.clock import SECOND
from clarion.core.ids import new_event_id
from clarion.store.contract.blasts import BlastRow, BlastState, BlastWrite, CutPage
from clarion.store.contract.events import EventWrite
from clarion.store.contract.work import Task, TaskWrite
from clarion.store.sql.store import SqlStore
from tests.store.builders import NOW

ENV = 1
LEASE = 30 * SECOND


def a_write(**fields: object) -> BlastWrite:
    body = {"env": ENV, "name": "sale", "type": "news", "asked": "{}", "plan": "{}", **fields}
    return msgspec.convert(body, BlastWrite)


def an_event(blast: int) -> EventWrite:
    task = TaskWrite(workflow=1, lane=3, tenant=0, source=f"blast:{blast}:0:users", scope=0)
    return EventWrite(
        env=ENV, id=new_event_id(NOW, bytes(10)), type="news", tenant=0, actor=0, about=0,
        silent=False, accepted_at=NOW, expires_at=None, correlation=None, cancellation=None,
        ordering_key=None, mentions="[]", audience="[]", data="{}", lane=3, tasks=(task,),
    )  # fmt: skip


async def in_hand(store: SqlStore) -> BlastRow:
    """A blast that worker 1 prepares."""
    number = (await store.blasts.begin(a_write(), NOW)).number
    row = await stands(store, number)
    fence = await store.blasts.take(row, 1, LEASE, NOW)
    return msgspec.structs.replace(row, fence=fence or 0)


async def armed(store: SqlStore, *pages: list[int]) -> BlastRow:
    """A blast whose only section holds these pages."""
    row = await in_hand(store)
    row = msgspec.structs.replace(row, state=BlastState.ARMED, armed_at=NOW, section=1)
    cut = [CutPage(section=0, users=users) for users in pages]
    assert await store.blasts.save(row, cut, LEASE, NOW)
    return await stands(store, row.number)


async def stands(store: SqlStore, number: int) -> BlastRow:
    row = await store.blasts.row(ENV, number)
    assert row is not None
    return row


async def test_numbers_go_up_in_each_environment(store: SqlStore) -> None:
    numbers = [(await store.blasts.begin(a_write(), NOW)).number for _ in range(3)]
    other = (await store.blasts.begin(a_write(env=2), NOW)).number
    assert (numbers, other) == ([1, 2, 3], 1)
    assert [row.number for row in await store.blasts.rows(ENV, None, 2)] == [3, 2]
    assert [row.number for row in await store.blasts.rows(ENV, 2, 2)] == [1]


async def test_a_key_is_of_the_first_and_refuses_another_body(store: SqlStore) -> None:
    first = await store.blasts.begin(a_write(keys=(("id:a", b"same"),)), NOW)
    again = await store.blasts.begin(a_write(keys=(("id:a", b"same"),)), NOW)
    other = await store.blasts.begin(a_write(keys=(("id:a", b"other"),)), NOW)
    assert (again.number, again.replayed) == (first.number, True)
    assert other.mismatch
    assert await store.blasts.by_keys(ENV, ["id:a", "id:b"]) == {"id:a": (1, b"same")}


async def test_an_old_fence_changes_nothing(store: SqlStore) -> None:
    row = await in_hand(store)
    assert await store.blasts.take(row, 2, LEASE, NOW + LEASE) == row.fence + 1
    page = CutPage(section=0, users=[1, 2])
    assert not await store.blasts.save(row, [page], LEASE, NOW)
    assert await store.blasts.cut(ENV, row.number, 0, 0, 9) == []


async def test_a_page_that_is_saved_twice_is_there_once(store: SqlStore) -> None:
    row = await in_hand(store)
    page = CutPage(section=0, users=[1, 2])
    assert await store.blasts.save(row, [page], LEASE, NOW)
    assert await store.blasts.save(row, [page], LEASE, NOW)
    assert await store.blasts.cut(ENV, row.number, 0, 0, 9) == [(2, [1, 2])]


async def test_pages_that_reach_into_a_range_are_found(store: SqlStore) -> None:
    row = await armed(store, [1, 5], [7, 9], [12, 20])
    find = store.blasts.overlapping
    assert await find(ENV, row.number, [0], 6, 8) == {7, 9}
    assert await find(ENV, row.number, [0], 5, 12) == {1, 5, 7, 9, 12, 20}
    assert await find(ENV, row.number, [0], 21, 30) == set()
    assert await find(ENV, row.number, [1], 1, 30) == set()
    assert await find(ENV, row.number, [], 1, 30) == set()
    assert await store.blasts.holds(ENV, row.number, 9) is True
    assert await store.blasts.holds(ENV, row.number, 8) is False


async def test_the_cut_is_walked_as_the_audience_of_a_task(store: SqlStore) -> None:
    row = await armed(store, [1, 5], [7, 9], [12, 20])
    task = Task(
        task=1, env=ENV, event=b"", workflow=1, lane=3, tenant=0,
        source=f"blast:{row.number}:0:users", scope=0, hi=12, cursor=0, excepted=(), fence=1,
        crashes=0,
    )  # fmt: skip
    walk = store.work.audience
    assert await walk(task, 0, 3) == [1, 5, 7]
    assert await walk(task, 7, 3) == [9, 12]
    assert await walk(task, 12, 3) == []
    assert task.topic == 0


@pytest.mark.parametrize("runners", [16])
async def test_of_many_who_fire_one_is_first(store: SqlStore, runners: int) -> None:
    row = await armed(store, [1])
    events = [
        msgspec.structs.replace(an_event(row.number), id=new_event_id(NOW, bytes([n] * 10)))
        for n in range(runners)
    ]
    answers = await asyncio.gather(
        *[store.blasts.fire(ENV, row.number, event, None, NOW) for event in events]
    )
    fired = {answer.event for answer in answers if answer is not None}
    assert len(fired) == 1
    there = await store.events.rows(ENV, [event.id for event in events])
    assert set(there) == fired


async def test_what_is_not_armed_is_not_fired(store: SqlStore) -> None:
    row = await in_hand(store)
    after = await store.blasts.fire(ENV, row.number, an_event(row.number), None, NOW)
    assert after is not None
    assert (after.state, after.event) == (BlastState.PREPARING, None)
    assert await store.blasts.fire(ENV, 99, an_event(99), None, NOW) is None


async def test_one_that_is_cancelled_while_it_is_prepared_is_not_saved(store: SqlStore) -> None:
    row = await in_hand(store)
    cancelled = await store.blasts.cancel(ENV, row.number, NOW)
    assert cancelled is not None
    assert cancelled.state is BlastState.CANCELED
    assert not await store.blasts.save(row, [], LEASE, NOW)


async def test_a_cut_is_dropped_in_pieces_and_the_blast_is_forgotten_afterwards(
    store: SqlStore,
) -> None:
    row = await armed(store, [1], [2], [3])
    await store.blasts.cancel(ENV, row.number, NOW)
    assert await store.blasts.drop_cuts(NOW - 1, 9) == 0
    assert await store.blasts.prune(NOW + 1, 9) == 0
    assert await store.blasts.drop_cuts(NOW, 2) == 2
    assert await store.blasts.drop_cuts(NOW, 2) == 1
    assert await store.blasts.holds(ENV, row.number, 1) is None
    assert await store.blasts.prune(NOW + 1, 9) == 1
    assert await store.blasts.row(ENV, row.number) is None


async def test_one_that_is_deleted_frees_its_keys(store: SqlStore) -> None:
    begun = await store.blasts.begin(a_write(keys=(("id:a", b"same"),)), NOW)
    assert await store.blasts.delete(ENV, begun.number)
    assert not await store.blasts.delete(ENV, begun.number)
    assert await store.blasts.row(ENV, begun.number) is None
    again = await store.blasts.begin(a_write(keys=(("id:a", b"other"),)), NOW)
    assert again.number == begun.number + 1


async def test_a_planned_one_is_due_at_its_instant(store: SqlStore) -> None:
    row = await armed(store, [1])
    await store.blasts.schedule(ENV, row.number, NOW + 5, True, NOW)
    assert await store.blasts.due(NOW + 4, 9) == []
    (due,) = await store.blasts.due(NOW + 5, 9)
    assert (due.number, due.forced) == (row.number, True)
    await store.blasts.unschedule(ENV, row.number, "why not", NOW)
    assert (await stands(store, row.number)).note == "why not"
    assert await store.blasts.due(NOW + 5, 9) == []
