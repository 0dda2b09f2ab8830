"""Order by key: what leaves a line leaves it in the order in which its events were accepted."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from typing import Any

import pytest

from clarion.core.delivery import Outcome, OutcomeClass
from clarion.core.states import Bucket, DeliveryStatus
from clarion.core.workflow import CHANNEL_NUMBER, Channel
from clarion.store.contract.deliveries import Claim, Finish
from clarion.store.contract.events import Behind, EventWrite
from clarion.store.contract.work import PageWrite, Task, TaskWrite
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

HOOK = CHANNEL_NUMBER[Channel.WEBHOOK]
LANES = [0, 1, 2, 3]
WHOLE = TaskWrite(workflow=1, lane=1, tenant=0, source="all", scope=0)
ASIDE = 3
Line = tuple[str, int]


def ordered(n: int, key: str | None, *destinations: int, **changes: Any) -> EventWrite:
    """Event number `n` of a key with deliveries that were decided at once; behind an earlier event
    they are a task."""
    event = an_event_id(n)
    page = PageWrite(
        notifications=[a_notification(event, 1, bucket=Bucket.OPEN, open=len(destinations))],
        deliveries=[a_delivery(event, 1, d, ordering_key=key, **changes) for d in destinations],
    )
    behind = Behind(tasks=(WHOLE,), recipients=(1,))
    return an_event(event, page, ordering_key=key, behind=behind)


def walked(n: int, key: str, lane: int = 1) -> EventWrite:
    """Event number `n` of a key, all of it a task."""
    task = TaskWrite(workflow=1, lane=lane, tenant=0, source="all", scope=0)
    return an_event(an_event_id(n), ordering_key=key, tasks=(task,))


async def claimed(store: SqlStore, worker: int, limit: int = 10, now: int = NOW) -> list[Claim]:
    return await store.deliveries.claim(1, "fcm", worker, limit, now)


def ended(claim: Claim, status: DeliveryStatus = DeliveryStatus.SENT, **changes: Any) -> Finish:
    outcome = Outcome(kind=OutcomeClass.ACCEPTED, code="200")
    return Finish(claim=claim, status=status, outcome=outcome, started_at=NOW, ms=7, **changes)


def events_of(claims: list[Claim]) -> list[bytes]:
    return [claim.key.event for claim in claims]


def tasks_of(tasks: list[Task]) -> list[bytes]:
    return [task.event for task in tasks]


@pytest.fixture
async def worker(store: SqlStore) -> int:
    return await store.work.start_worker(LANES, LEASE, NOW)


async def test_one_of_a_line_leaves_at_a_time(store: SqlStore, worker: int) -> None:
    await store.events.accept_many([ordered(1, "k", 7), ordered(2, "k", 7)], NOW)
    first = await claimed(store, worker)
    assert events_of(first) == [an_event_id(1)]
    assert await claimed(store, worker) == []
    await store.deliveries.finish([ended(first[0])], worker, NOW)
    assert events_of(await claimed(store, worker)) == [an_event_id(2)]


async def test_a_retry_holds_its_own_line_only(store: SqlStore, worker: int) -> None:
    await store.events.accept_many(
        [ordered(1, "k", 7), ordered(2, "k", 7, 8), ordered(3, "other", 7), ordered(4, None, 7)],
        NOW,
    )
    claims = {claim.key.event: claim for claim in await claimed(store, worker)}
    assert set(claims) == {an_event_id(n) for n in (1, 2, 3, 4)}
    assert claims[an_event_id(2)].key.destination == 8
    again = ended(claims[an_event_id(1)], DeliveryStatus.READY, due=NOW + 5 * SECOND)
    await store.deliveries.finish([again], worker, NOW)
    assert await claimed(store, worker) == []
    assert await store.deliveries.next_due(1, "fcm") == NOW + 5 * SECOND
    later = await claimed(store, worker, now=NOW + 5 * SECOND)
    assert events_of(later) == [an_event_id(1)]


@pytest.mark.parametrize("status", [DeliveryStatus.DEAD, DeliveryStatus.EXPIRED])
async def test_whatever_end_frees_the_line(
    store: SqlStore, worker: int, status: DeliveryStatus
) -> None:
    await store.events.accept_many([ordered(1, "k", 7), ordered(2, "k", 7)], NOW)
    (first,) = await claimed(store, worker)
    quarantined = ended(first, status, attempted=False, cause="quarantined")
    await store.deliveries.finish([quarantined], worker, NOW)
    assert events_of(await claimed(store, worker)) == [an_event_id(2)]


async def test_a_canceled_event_frees_the_line_wherever_it_stands(
    store: SqlStore, worker: int
) -> None:
    await store.events.accept_many([ordered(n, "k", 7) for n in (1, 2, 3)], NOW)
    await store.events.cancel(ENV, [an_event_id(2)], None, NOW)
    (first,) = await claimed(store, worker)
    await store.deliveries.finish([ended(first)], worker, NOW)
    assert events_of(await claimed(store, worker)) == [an_event_id(3)]


async def test_what_was_being_sent_by_a_dead_worker_still_comes_first(
    store: SqlStore, worker: int
) -> None:
    await store.events.accept_many([ordered(1, "k", 7), ordered(2, "k", 7)], NOW)
    await claimed(store, worker)
    other = await store.work.start_worker(LANES, LEASE, NOW)
    (stranded,) = await store.deliveries.stranded([worker], 10)
    assert stranded.ordered
    assert await claimed(store, other) == []
    await store.deliveries.finish([ended(stranded)], other, NOW)
    assert events_of(await claimed(store, other)) == [an_event_id(2)]


async def test_urls_of_two_steps_are_two_lines(store: SqlStore, worker: int) -> None:
    await store.events.accept_many(
        [ordered(1, "k", 0, channel=HOOK, step=0), ordered(2, "k", 0, channel=HOOK, step=1)], NOW
    )
    assert len(await claimed(store, worker)) == 2


async def test_a_key_of_another_environment_is_another_key(store: SqlStore, worker: int) -> None:
    mine = ordered(1, "k", 7)
    event = an_event_id(2)
    page = PageWrite(
        notifications=[a_notification(event, 1, env=2, bucket=Bucket.OPEN, open=1)],
        deliveries=[a_delivery(event, 1, 7, env=2, ordering_key="k")],
    )
    theirs = an_event(event, page, env=2, ordering_key="k")
    await store.events.accept_many([mine, theirs], NOW)
    assert len(await claimed(store, worker)) == 2


async def test_events_of_a_key_are_expanded_one_after_the_other(
    store: SqlStore, worker: int
) -> None:
    await store.events.accept_many([walked(1, "k"), walked(2, "k", lane=0), walked(3, "o")], NOW)
    first, other = await store.work.claim_tasks(LANES, worker, 10, NOW)
    assert tasks_of([first, other]) == [an_event_id(1), an_event_id(3)]
    assert await store.work.claim_tasks(LANES, worker, 10, NOW) == []
    await store.work.write_page(first, PageWrite(), 1, True, NOW)
    assert tasks_of(await store.work.claim_tasks(LANES, worker, 10, NOW)) == [an_event_id(2)]


async def test_a_task_put_aside_does_not_block_for_ever(store: SqlStore, worker: int) -> None:
    await store.events.accept_many([walked(1, "k"), walked(2, "k")], NOW)
    (first,) = await store.work.claim_tasks(LANES, worker, 10, NOW)
    await store.work.give_back(first, NOW, ASIDE)
    assert tasks_of(await store.work.claim_tasks(LANES, worker, 10, NOW)) == [an_event_id(2)]


async def test_what_was_decided_at_once_waits_behind_what_expands(
    store: SqlStore, worker: int
) -> None:
    await store.events.accept_many([walked(1, "k")], NOW)
    await store.events.accept_many([ordered(2, "k", 7), ordered(3, "free", 7)], NOW)
    assert events_of(await claimed(store, worker)) == [an_event_id(3)]
    rows = await store.events.rows(ENV, [an_event_id(2)])
    assert rows[an_event_id(2)].expanding == 1
    (first,) = await store.work.claim_tasks(LANES, worker, 10, NOW)
    await store.work.write_page(first, PageWrite(), 1, True, NOW)
    assert tasks_of(await store.work.claim_tasks(LANES, worker, 10, NOW)) == [an_event_id(2)]


async def test_a_counter_nobody_uses_is_pruned_unless_something_expands(store: SqlStore) -> None:
    await store.events.accept_many([walked(1, "busy"), ordered(2, "idle", 7)], NOW)
    assert await store.events.prune_orders(NOW - 1, 10) == 0
    assert await store.events.prune_orders(NOW, 10) == 1
    assert await store.events.prune_orders(NOW, 10) == 0


@pytest.mark.parametrize("seed", range(8))
async def test_lines_keep_their_order_whatever_is_retried_by_whom(
    store: SqlStore, seed: int
) -> None:
    """Two workers claim and finish at random while events come in; a third of tries fail."""
    chance = random.Random(seed)
    workers = [await store.work.start_worker(LANES, LEASE, NOW) for _ in range(2)]
    wanted: defaultdict[Line, list[bytes]] = defaultdict(list)
    left: defaultdict[Line, list[bytes]] = defaultdict(list)
    in_hand: list[tuple[int, Claim]] = []
    numbers = {an_event_id(n): n for n in range(1, 31)}
    keys = {event: chance.choice(["a", "b", "c"]) for event in numbers}
    coming, now = list(keys), NOW
    while coming or any(len(left[line]) < len(wanted[line]) for line in wanted):
        now += SECOND
        if coming and chance.random() < 0.6:
            count = chance.randint(1, 4)
            group, coming = coming[:count], coming[count:]
            events = [ordered(numbers[event], keys[event], 7, 8) for event in group]
            await store.events.accept_many(events, now)
            for event in group:
                for destination in (7, 8):
                    wanted[keys[event], destination].append(event)
        worker = chance.choice(workers)
        in_hand += [(worker, c) for c in await claimed(store, worker, chance.randint(1, 5), now)]
        lines = [_line(claim, keys) for _, claim in in_hand]
        assert len(lines) == len(set(lines))
        chance.shuffle(in_hand)
        for worker, claim in in_hand[: chance.randint(0, len(in_hand))]:
            in_hand.remove((worker, claim))
            again = chance.random() < 0.33
            finish = ended(claim, DeliveryStatus.READY, due=now + chance.randint(0, 3) * SECOND)
            await store.deliveries.finish([finish if again else ended(claim)], worker, now)
            if not again:
                left[_line(claim, keys)].append(claim.key.event)
    assert left == wanted


def _line(claim: Claim, keys: dict[bytes, str]) -> Line:
    return keys[claim.key.event], claim.key.destination


async def test_lines_keep_their_order_while_all_work_at_once(store: SqlStore) -> None:
    """Events come in while two workers claim and finish, each in its own time."""
    count = 20
    keys = {an_event_id(n): "ab"[n % 2] for n in range(1, count + 1)}
    left: defaultdict[Line, list[bytes]] = defaultdict(list)
    under_way: set[Line] = set()

    async def accept(first: int) -> None:
        for n in range(first, count + 1, 2):
            await store.events.accept_many([ordered(n, keys[an_event_id(n)], 7, 8)], NOW)

    async def work(seed: int) -> None:
        chance = random.Random(seed)
        worker = await store.work.start_worker(LANES, LEASE, NOW)
        while sum(map(len, left.values())) < 2 * count:
            for claim in await claimed(store, worker, 2):
                line = _line(claim, keys)
                assert line not in under_way
                under_way.add(line)
                again = chance.random() < 0.3
                finish = ended(claim, DeliveryStatus.READY, due=NOW) if again else ended(claim)
                under_way.remove(line)
                if not again:
                    left[line].append(claim.key.event)
                await store.deliveries.finish([finish], worker, NOW)
            await asyncio.sleep(0)

    await asyncio.wait_for(asyncio.gather(accept(1), accept(2), work(1), work(2)), 30)
    assert left == {
        (key, destination): [event for event in keys if keys[event] == key]
        for key in "ab"
        for destination in (7, 8)
    }
