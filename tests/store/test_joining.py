"""Events gather in the open digest of their user, step and key."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.core.states import Bucket
from clarion.store.contract.held import WINDOW, DigestEntryRow, Wait
from clarion.store.contract.work import PageWrite
from clarion.store.sql.store import SqlStore
from tests.store.builders import ENV, NOW, SECOND, WORKFLOW, a_user, an_event_id
from tests.store.holding import (
    DUE,
    TO_THE_END,
    a_digest_id,
    a_held_notification,
    a_join,
    a_worker,
    accepted,
    bucket,
    claimed,
    imbalances,
    joined,
    rows,
    told,
    waiting,
)

FIRST = a_digest_id(1)


async def gathered(store: SqlStore) -> dict[bytes, set[bytes]]:
    """Events by digest."""
    found: dict[bytes, set[bytes]] = {}
    for digest, event in await rows(store, "select digest, event from digest_entry"):
        found.setdefault(digest, set()).add(event)
    return found


async def due_of(store: SqlStore, digest: bytes) -> tuple[int, int]:
    """When a digest closes, as it says itself and as its window waits."""
    ((own,),) = await rows(store, "select due from digest where digest = ?", digest)
    ((waits,),) = await rows(store, "select due from waiting where event = ?", digest)
    return own, waits


async def test_the_first_opens_a_digest_and_the_others_join_it(store: SqlStore) -> None:
    events = {await joined(store, n) for n in (1, 2, 3)}
    assert await gathered(store) == {FIRST: events}
    assert await rows(store, "select event, kind from waiting") == [(FIRST, WINDOW)]
    assert {await bucket(store, event) for event in events} == {Bucket.HELD}
    assert await imbalances(store) == []


async def test_several_of_one_page_join_one_digest(store: SqlStore) -> None:
    events = [an_event_id(n) for n in (1, 2)]
    pages = {n: a_join(event, 1, a_digest_id(n)) for n, event in enumerate(events, 1)}
    page = PageWrite(
        notifications=[a_held_notification(event, 1) for event in events],
        joins=[*pages.values()],
    )
    await accepted(store, events[0], page)
    assert await gathered(store) == {FIRST: {*events}}


@pytest.mark.parametrize(
    "other", [{"key": "p2"}, {"step": 3}, {"workflow": 2}, {"tenant": 5}], ids=str
)
async def test_what_has_another_key_is_gathered_apart(
    store: SqlStore, other: dict[str, Any]
) -> None:
    first, second = await joined(store, 1), await joined(store, 2, **other)
    assert await gathered(store) == {FIRST: {first}, a_digest_id(2): {second}}


async def test_users_have_digests_of_their_own(store: SqlStore) -> None:
    await joined(store, 1, 1)
    await joined(store, 2, 2)
    assert len(await gathered(store)) == 2


async def test_a_window_knows_what_it_tells_and_when(store: SqlStore) -> None:
    await joined(store, 1)
    worker = await a_worker(store)
    assert await claimed(store, worker, now=DUE - 1) == []
    (held,) = await claimed(store, worker)
    assert (held.kind, held.event, held.step, held.n) == (WINDOW, FIRST, 0, 0)
    assert (held.first, held.last) == (1, TO_THE_END)


async def test_what_comes_after_the_end_opens_another(store: SqlStore) -> None:
    first = await joined(store, 1)
    (held,) = await claimed(store, await a_worker(store))
    second = await joined(store, 2)  # claimed, not closed yet
    await told(store, held)
    third = await joined(store, 3)
    assert await gathered(store) == {FIRST: {first, second}, a_digest_id(3): {third}}
    assert await imbalances(store) == []


async def test_closing_again_answers_the_same(store: SqlStore) -> None:
    await joined(store, 1)
    one = await store.held.close([(ENV, FIRST)], DUE)
    assert one == await store.held.close([(ENV, FIRST)], DUE + 5)
    assert one[FIRST].closed_at == DUE


async def test_each_event_moves_a_sliding_end_up_to_the_latest(store: SqlStore) -> None:
    latest = NOW + 25 * SECOND
    ends = [NOW + n * 10 * SECOND for n in (1, 2, 3)]
    seen = []
    for n, due in enumerate(ends, 1):
        await joined(store, n, due=due, latest=latest)
        seen.append(await due_of(store, FIRST))
    assert seen == [(end, end) for end in (ends[0], ends[1], latest)]


async def test_an_end_that_does_not_slide_stays_where_it_is(store: SqlStore) -> None:
    await joined(store, 1)
    for n, due in ((2, DUE + 5), (3, DUE - 5)):
        await joined(store, n, due=due, latest=due)
        assert await due_of(store, FIRST) == (DUE, DUE)


async def test_counts_are_of_all_and_entries_the_newest(store: SqlStore) -> None:
    for n in range(1, 131):
        await joined(store, n, actor=n % 7, at=NOW + n, mention="user" if n == 3 else "none")
    digest = (await store.held.close([(ENV, FIRST)], DUE))[FIRST]
    assert (digest.count, digest.actor_count) == (130, 7)
    assert (digest.first_at, digest.last_at) == (NOW + 1, NOW + 130)
    assert len(digest.entries) == 100
    assert digest.entries[0] == DigestEntryRow(an_event_id(130), 130 % 7, "none", NOW + 130)
    assert digest.pinned == (WORKFLOW, 1, 1, 1, 1)


async def test_what_is_taken_back_leaves_an_open_digest(store: SqlStore) -> None:
    first, second = await joined(store, 1), await joined(store, 2)
    await store.events.cancel(ENV, [first], None, NOW + 5)
    assert await bucket(store, first) is Bucket.SKIPPED
    assert await bucket(store, second) is Bucket.HELD
    digest = (await store.held.digests(ENV, [FIRST]))[FIRST]
    assert [entry.event for entry in digest.entries] == [second]
    assert (digest.count, digest.due, digest.closed_at) == (1, DUE, None)
    assert await imbalances(store) == []


async def test_it_leaves_the_digests_of_all_its_users(store: SqlStore) -> None:
    event = an_event_id(1)
    page = PageWrite(
        notifications=[a_held_notification(event, user) for user in (1, 2, 3)],
        joins=[a_join(event, user, a_digest_id(user)) for user in (1, 2, 3)],
    )
    await accepted(store, event, page)
    await store.events.cancel(ENV, [event], None, NOW + 5)
    counts = (await store.events.counts(ENV, event))[0]
    assert (counts.held, counts.skipped) == (0, 3)
    assert await imbalances(store) == []


async def test_what_is_taken_back_stays_in_a_digest_that_is_closed(store: SqlStore) -> None:
    event = await joined(store, 1)
    (held,) = await claimed(store, await a_worker(store))
    await told(store, held)
    await store.events.cancel(ENV, [event], None, NOW + 5)
    assert await gathered(store) == {FIRST: {event}}
    assert (await store.held.digests(ENV, [FIRST]))[FIRST].count == 1
    assert await imbalances(store) == []


async def test_a_notification_says_in_which_digest_it_waits(store: SqlStore) -> None:
    event = await joined(store, 1)
    assert await store.held.waits(ENV, event, WORKFLOW, 1) == [
        Wait(step=0, due=DUE, gates=(), kind=WINDOW, digest=FIRST)
    ]
    await store.events.cancel(ENV, [event], None, NOW + 5)
    assert await store.held.waits(ENV, event, WORKFLOW, 1) == []


async def test_a_digest_of_an_erased_user_is_due_at_once(store: SqlStore) -> None:
    user = await a_user(store, "u1")
    await joined(store, 1, user)
    await store.people.erase(ENV, "u1", NOW + 5)
    ((due,),) = await rows(store, "select due from waiting")
    assert due == NOW + 5


async def test_a_cancelled_event_does_not_hurry_the_digest_it_waited_in(store: SqlStore) -> None:
    event = await joined(store, 1)
    await joined(store, 2)
    await waiting(store, 3, 1)
    await store.events.cancel(ENV, [event], None, NOW + 5)
    assert await due_of(store, FIRST) == (DUE, DUE)
