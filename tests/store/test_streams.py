"""What live streams read: on every member of the store's contract."""

from __future__ import annotations

from clarion.clock import SECOND
from clarion.store.contract.inbox import Counts
from clarion.store.sql.store import SqlStore
from tests.store.builders import ENV, NOW, a_user
from tests.store.test_inbox import fill, mark

USER = 7


async def changed(store: SqlStore, after: int) -> list[tuple[int, int]]:
    """(number of the change, number of the item) of what changed."""
    found = await store.streams.changes({(ENV, USER, 0): after})
    return [(one.seq, one.item.seq) for one in found.get((ENV, USER, 0), [])]


async def test_items_and_their_changes_take_numbers_of_one_line(store: SqlStore) -> None:
    await fill(store, 3)
    assert await changed(store, 0) == [(1, 1), (2, 2), (3, 3)]
    await mark(store, "read", 2)
    await mark(store, "read", 2)
    assert await changed(store, 0) == [(1, 1), (3, 3), (4, 2)]
    assert await changed(store, 3) == [(4, 2)]
    await store.inbox.mark_all(ENV, USER, 0, "archive", 2, NOW)
    assert await changed(store, 4) == [(5, 1), (6, 2)]
    assert await changed(store, 6) == []


async def test_what_expired_is_a_change_that_counts_no_more(store: SqlStore) -> None:
    await fill(store, 2, expires_at=NOW + SECOND)
    await store.inbox.expire(NOW + SECOND, 1)
    found = await store.streams.changes({(ENV, USER, 0): 2})
    assert [(one.seq, one.counted) for one in found[ENV, USER, 0]] == [(3, False)]


async def test_a_snoozed_item_that_comes_back_is_a_change(store: SqlStore) -> None:
    await fill(store, 1)
    await store.inbox.mark(ENV, USER, 0, [1], "snooze", NOW, NOW + SECOND)
    await store.inbox.wake(NOW + SECOND, 9)
    found = await store.streams.changes({(ENV, USER, 0): 1})
    assert [(one.seq, one.item.place) for one in found[ENV, USER, 0]] == [(3, 3)]


async def test_standings_are_told_of_many_inboxes(store: SqlStore) -> None:
    user = await a_user(store, "u1")
    asked = [(ENV, user, 0), (ENV, user, 3), (ENV, 99, 0)]
    found = await store.streams.standings(asked)
    assert [found[inbox].there for inbox in asked] == [True, True, False]
    assert found[ENV, user, 0].counts == Counts()
    assert not found[ENV, user, 0].behind


async def test_a_ticket_is_used_once(store: SqlStore) -> None:
    rows = [(ENV, USER, "a", NOW + SECOND), (ENV, USER, "b", NOW + 2 * SECOND)]
    assert await store.streams.use_tickets(rows) == {"a", "b"}
    assert await store.streams.use_tickets(rows[:1]) == set()
    assert await store.streams.prune(NOW + SECOND, 10) == 1
    assert await store.streams.use_tickets(rows[:1]) == {"a"}
    assert await store.streams.use_tickets(rows[1:]) == set()
