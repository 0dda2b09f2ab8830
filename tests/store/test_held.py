"""What waits is claimed, given back, and decided again once."""

from __future__ import annotations

import pytest

from clarion.core.recipient import ScopeKind, Setting
from clarion.core.states import Bucket
from clarion.store.contract.dead_letters import DeadLetterFilter
from clarion.store.contract.held import Context, Held, Resumed, Wait
from clarion.store.contract.work import PageWrite
from clarion.store.sql.store import SqlStore
from tests.store.builders import (
    ENV,
    NOW,
    SECOND,
    WORKFLOW,
    a_delivery,
    a_notification,
    a_record,
    a_user,
    an_event_id,
    an_item,
    some_content,
)
from tests.store.holding import (
    DUE,
    LANE,
    a_held_notification,
    a_wait,
    a_worker,
    accepted,
    bucket,
    claimed,
    imbalances,
    rows,
    sending,
    skipped,
    waiting,
)

QUIET = Setting(user=0, kind=ScopeKind.USER, scope=0, quiet=())


async def dues(store: SqlStore) -> list[int]:
    return [due for (due,) in await rows(store, "select due from waiting order by event")]


async def one_in_hand(store: SqlStore) -> tuple[int, Held]:
    """A worker, and what it claimed."""
    await waiting(store, 1, 1)
    worker = await a_worker(store)
    (held,) = await claimed(store, worker)
    return worker, held


async def test_what_is_due_is_claimed_the_longest_overdue_first(store: SqlStore) -> None:
    await waiting(store, 1, 1, due=DUE + 2)
    await waiting(store, 2, 1, due=DUE)
    await waiting(store, 3, 1, due=DUE + 1)
    worker = await a_worker(store)
    assert await claimed(store, worker, now=DUE - 1) == []
    first = await claimed(store, worker, limit=2, now=DUE + 2)
    assert [held.event for held in first] == [an_event_id(2), an_event_id(3)]
    assert [held.event for held in await claimed(store, worker, now=DUE + 2)] == [an_event_id(1)]


async def test_a_claim_says_all_that_was_written(store: SqlStore) -> None:
    await waiting(store, 1, 7, gates="presence,quiet", tenant=4, n=3)
    (held,) = await claimed(store, await a_worker(store))
    assert held == Held(
        env=ENV, event=an_event_id(1), workflow=WORKFLOW, user=7, step=1, n=3, first=1, last=2,
        kind=1, gates=("presence", "quiet"), lane=LANE, tenant=4, due=DUE, fence=1, crashes=1,
    )  # fmt: skip


async def test_each_lane_has_what_waits_in_it(store: SqlStore) -> None:
    await waiting(store, 1, 1, lane=2)
    await waiting(store, 2, 1, lane=3, due=DUE + 5)
    worker = await a_worker(store)
    assert await claimed(store, worker) == []
    assert (await store.held.next_due(2), await store.held.next_due(3)) == (DUE, DUE + 5)
    assert await store.held.next_due(LANE) is None
    assert len(await store.held.claim(2, worker, 10, DUE)) == 1
    assert await store.held.next_due(2) is None


async def test_a_buried_worker_claims_nothing(store: SqlStore) -> None:
    await waiting(store, 1, 1)
    worker = await a_worker(store)
    await store.work.stop_worker(worker, NOW)
    assert await claimed(store, worker) == []


async def test_what_a_worker_does_not_know_it_holds_is_handed_to_it_again(
    store: SqlStore,
) -> None:
    worker, held = await one_in_hand(store)
    other = await a_worker(store)
    assert await store.held.reclaim(LANE, other) == []
    (again,) = await store.held.reclaim(LANE, worker)
    assert (again.event, again.fence, again.crashes) == (held.event, held.fence + 1, 1)
    assert await store.held.resume([skipped(held)], PageWrite(), [], DUE) == 0
    assert await store.held.resume([skipped(again)], PageWrite(), [], DUE) == 1


@pytest.mark.parametrize(("forgiven", "crashes"), [(True, 1), (False, 2)])
async def test_what_is_given_back_is_claimed_when_it_is_due_again(
    store: SqlStore, forgiven: bool, crashes: int
) -> None:
    worker, held = await one_in_hand(store)
    later = DUE + 30 * SECOND
    await (store.held.postpone if forgiven else store.held.give_back)([held], later)
    assert await claimed(store, worker, now=later - 1) == []
    (again,) = await claimed(store, worker, now=later)
    assert (again.due, again.crashes, again.fence) == (later, crashes, 2)


async def test_who_lost_a_row_cannot_give_it_back(store: SqlStore) -> None:
    worker, held = await one_in_hand(store)
    (again,) = await store.held.reclaim(LANE, worker)
    await store.held.postpone([held], DUE + 1)
    assert await claimed(store, worker, now=DUE + 1) == []
    await store.held.postpone([again], DUE + 1)
    assert len(await claimed(store, worker, now=DUE + 1)) == 1


async def test_what_is_put_aside_waits_until_it_is_taken_up(store: SqlStore) -> None:
    worker, held = await one_in_hand(store)
    await store.held.put_aside([held], DUE)
    assert await claimed(store, worker, now=DUE + 3600 * SECOND) == []
    assert await store.held.next_due(LANE) is None
    every, other = DeadLetterFilter(), DeadLetterFilter(event=b"x" * 16)
    assert await store.held.aside(ENV, every) == 1
    assert await store.held.aside(ENV, DeadLetterFilter(channel=1)) == 0
    assert await store.held.take_up(ENV + 1, every, DUE) == []
    assert await store.held.take_up(ENV, other, DUE) == []
    assert len(await store.held.take_up(ENV, DeadLetterFilter(cause="put_aside"), DUE + 5)) == 1
    (again,) = await claimed(store, worker, now=DUE + 5)
    assert (again.due, again.crashes) == (DUE + 5, 1)


async def test_what_a_dead_worker_held_is_rescued(store: SqlStore) -> None:
    worker, _ = await one_in_hand(store)
    other = await a_worker(store)
    assert await store.held.rescue([other]) == 0
    assert await store.held.rescue([worker]) == 1
    (again,) = await claimed(store, other)
    assert (again.fence, again.crashes) == (2, 2)


async def test_what_was_in_hand_at_a_death_is_claimed_alone(store: SqlStore) -> None:
    for n in (1, 2, 3):
        await waiting(store, n, 1, due=DUE + n)
    worker = await a_worker(store)
    assert len(await claimed(store, worker, now=DUE + 9)) == 3
    await waiting(store, 4, 1, due=DUE)
    await store.held.rescue([worker])
    alone = [await claimed(store, await a_worker(store), now=DUE + 9) for _ in range(4)]
    # The fresh one stands before them by its time, and goes after the first suspect.
    found = [[held.event for held in batch] for batch in alone]
    assert sorted(found) == [[an_event_id(n)] for n in (1, 2, 3, 4)]
    assert all(held.crashes == 2 for batch in alone for held in batch if held.due != DUE)


async def test_a_death_beside_a_suspect_is_not_counted_for_those_given_back(
    store: SqlStore,
) -> None:
    for n in (1, 2):
        await waiting(store, n, 1, due=DUE + n)
    worker = await a_worker(store)
    await claimed(store, worker, now=DUE + 9)
    await store.held.rescue([worker])
    second = await a_worker(store)
    (suspect,) = await claimed(store, second, now=DUE + 9)
    await store.held.rescue([second])
    crashes: dict[bytes, int] = dict(await rows(store, "select event, crashes from waiting"))
    assert crashes == {suspect.event: 2, an_event_id(2): 1}


async def test_a_step_that_is_decided_again_is_sent(store: SqlStore) -> None:
    _, held = await one_in_hand(store)
    assert await bucket(store, held.event) is Bucket.HELD
    resumed, page = sending(held)
    assert await store.held.resume([resumed], page, [], DUE) == 1
    assert await bucket(store, held.event) is Bucket.OPEN
    counts = (await store.events.counts(ENV, held.event))[0]
    assert (counts.open, counts.held) == (1, 0)
    kept = await store.held.decisions(ENV, held.event, WORKFLOW, 1)
    assert kept == [(1, 1, DUE, resumed.decided)]
    assert await store.held.waits(ENV, held.event, WORKFLOW, 1) == []
    assert await imbalances(store) == []


async def test_a_step_may_be_held_again(store: SqlStore) -> None:
    worker, held = await one_in_hand(store)
    later = DUE + 60 * SECOND
    page = PageWrite(waits=[a_wait(held.event, 1, n=2, gates="quiet,cap", due=later)])
    again = Resumed(held=held, decided=a_record("again"), at=DUE, waiting=1)
    assert await store.held.resume([again], page, [], DUE) == 1
    assert await bucket(store, held.event) is Bucket.HELD
    assert await store.held.waits(ENV, held.event, WORKFLOW, 1) == [
        Wait(step=1, due=later, gates=("quiet", "cap"), kind=1)
    ]
    assert await imbalances(store) == []
    (second,) = await claimed(store, worker, now=later)
    assert (second.n, second.fence) == (2, 1)
    assert await store.held.resume([skipped(held)], PageWrite(), [], later) == 0


async def test_an_old_fence_changes_nothing(store: SqlStore) -> None:
    worker, held = await one_in_hand(store)
    await store.held.reclaim(LANE, worker)
    before = await rows(store, "select * from waiting")
    resumed, page = sending(held)
    page.waits.append(a_wait(held.event, 1, step=2))
    assert await store.held.resume([resumed], page, [], DUE) == 0
    assert await rows(store, "select * from waiting") == before
    assert await rows(store, "select * from ready") == []
    assert await store.held.decisions(ENV, held.event, WORKFLOW, 1) == []
    assert await imbalances(store) == []


async def test_of_a_batch_only_the_rows_with_an_old_fence_are_left_out(store: SqlStore) -> None:
    await waiting(store, 1, 1, 2, 3)
    worker = await a_worker(store)
    batch = await claimed(store, worker)
    await rows(store, 'update waiting set fence = fence + 1 where "user" = 2')
    both = [sending(held) for held in batch]
    page = PageWrite(deliveries=[one for _, page in both for one in page.deliveries])
    assert await store.held.resume([one for one, _ in both], page, [], DUE) == 2
    sent = await rows(store, 'select "user" from delivery order by "user"')
    assert sent == [(1,), (3,)]
    assert await bucket(store, an_event_id(1), 2) is Bucket.HELD
    assert await imbalances(store) == []


async def test_the_same_is_not_resumed_twice(store: SqlStore) -> None:
    _, held = await one_in_hand(store)
    resumed, page = sending(held)
    assert await store.held.resume([resumed], page, [], DUE) == 1
    assert await store.held.resume([resumed], page, [], DUE) == 0
    assert len(await rows(store, "select * from ready")) == 1
    assert await imbalances(store) == []


async def test_a_notification_with_several_waits_is_held_until_the_last_is_over(
    store: SqlStore,
) -> None:
    event = an_event_id(1)
    page = PageWrite(
        notifications=[a_held_notification(event, 1, waiting=2)],
        waits=[a_wait(event, 1), a_wait(event, 1, step=2, due=DUE + 1)],
    )
    await accepted(store, event, page)
    worker = await a_worker(store)
    for now, stands in ((DUE, Bucket.HELD), (DUE + 1, Bucket.SKIPPED)):
        (held,) = await claimed(store, worker, now=now)
        await store.held.resume([skipped(held)], PageWrite(), [], now)
        assert await bucket(store, event) is stands
    assert await imbalances(store) == []


async def test_the_context_of_a_wait_says_what_was_seen_and_read_meanwhile(
    store: SqlStore,
) -> None:
    user, event = await a_user(store, "u1"), an_event_id(1)
    page = PageWrite(
        notifications=[a_notification(event, user, bucket=Bucket.HELD, waiting=1, sent=1)],
        items=[an_item(event, user)],
        contents=[some_content(event, "news")],
        waits=[a_wait(event, user)],
    )
    await accepted(store, event, page)
    (held,) = await claimed(store, await a_worker(store))
    key = (event, WORKFLOW, user)
    assert (await store.held.contexts([held]))[key] == Context()
    await store.inbox.mark_all(ENV, user, 0, "seen", 2**40, NOW)
    assert (await store.held.contexts([held]))[key] == Context(seen=True)
    await store.inbox.mark_all(ENV, user, 0, "read", 2**40, NOW)
    assert (await store.held.contexts([held]))[key] == Context(seen=True, read=True)


async def test_what_has_no_item_was_neither_seen_nor_read(store: SqlStore) -> None:
    _, held = await one_in_hand(store)
    assert await store.held.contexts([held]) == {(held.event, WORKFLOW, 1): Context()}


async def test_what_waits_for_a_cancelled_event_is_due_at_once(store: SqlStore) -> None:
    event, _ = await waiting(store, 1, 1), await waiting(store, 2, 1)
    await store.events.cancel(ENV, [event], None, NOW + 5)
    assert await dues(store) == [NOW + 5, DUE]


async def test_what_waits_for_an_erased_user_is_due_at_once(store: SqlStore) -> None:
    user, other = await a_user(store, "u1"), await a_user(store, "u2")
    await waiting(store, 1, user)
    await waiting(store, 2, other)
    await store.people.erase(ENV, "u1", NOW + 5)
    assert await dues(store) == [NOW + 5, DUE]


async def test_a_changed_setting_is_heeded_by_what_the_former_ones_held(store: SqlStore) -> None:
    user = await a_user(store, "u1")
    for n, gates in enumerate(("quiet", "pause", "presence,quiet", "cap", ""), 1):
        await waiting(store, n, user, gates=gates)
    await waiting(store, 6, user + 1, gates="quiet")
    await store.settings.write(ENV, user, [QUIET], [], NOW + 5)
    assert await dues(store) == [NOW + 5, NOW + 5, NOW + 5, DUE, DUE, DUE]


async def test_what_is_overdue_is_not_put_off_by_a_change(store: SqlStore) -> None:
    user = await a_user(store, "u1")
    await waiting(store, 1, user, due=NOW - 5)
    await store.settings.write(ENV, user, [QUIET], [], NOW + 5)
    assert await dues(store) == [NOW - 5]


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("update notification set waiting = 2", ("waiting", 2, 1)),
        ("delete from waiting", ("waiting", 1, 0)),
    ],
)
async def test_the_audit_finds_a_wait_that_is_counted_wrongly(
    store: SqlStore, sql: str, what: tuple[str, int, int]
) -> None:
    user = await a_user(store, "u1")
    await waiting(store, 1, user)
    assert await imbalances(store) == []
    await rows(store, sql)
    word, counted, found = what
    expected = (f"notification of workflow 1, user {user}: {word}", counted, found)
    assert expected in await imbalances(store)


async def test_what_is_under_way_ends_before_the_notification_counts_as_held(
    store: SqlStore,
) -> None:
    event = an_event_id(1)
    page = PageWrite(
        notifications=[a_notification(event, 1, bucket=Bucket.OPEN, open=1, waiting=1)],
        deliveries=[a_delivery(event, 1, 5, step=0)],
        waits=[a_wait(event, 1)],
    )
    await accepted(store, event, page)
    assert await bucket(store, event) is Bucket.OPEN
    await store.events.cancel(ENV, [event], None, NOW)
    assert await bucket(store, event) is Bucket.HELD
    assert await imbalances(store) == []
