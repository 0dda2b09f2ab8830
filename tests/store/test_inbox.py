from __future__ import annotations

import pytest

from clarion.core.states import Bucket
from clarion.errors import InvalidError
from clarion.store.contract.inbox import Counts, ItemRow
from clarion.store.contract.work import PageWrite
from clarion.store.sql import inbox
from clarion.store.sql.store import SqlStore
from tests.store.builders import (
    ENV,
    NOW,
    SECOND,
    WORKFLOW,
    a_notification,
    an_event,
    an_event_id,
    an_item,
    an_item_page,
    some_content,
)

USER = 7


async def fill(store: SqlStore, count: int, expires_at: int | None = None) -> list[bytes]:
    """Give the user so many items; their events."""
    events = [an_event_id(n) for n in range(1, count + 1)]
    writes = [an_event(event, an_item_page(event, USER, expires_at=expires_at)) for event in events]
    await store.events.accept_many(writes, NOW)
    return events


async def page(
    store: SqlStore,
    status: str = "all",
    archived: str = "exclude",
    before: int | None = None,
    limit: int = 50,
    now: int = NOW,
) -> list[ItemRow]:
    return await store.inbox.page(
        ENV, USER, 0, status=status, archived=archived, before=before, limit=limit, now=now
    )


async def seqs(store: SqlStore, status: str = "all", archived: str = "exclude") -> list[int]:
    return [row.seq for row in await page(store, status, archived)]


async def mark(store: SqlStore, word: str, *numbers: int, now: int = NOW) -> list[ItemRow]:
    return await store.inbox.mark(ENV, USER, 0, list(numbers), word, now)


async def counts(store: SqlStore) -> tuple[int, int, int]:
    """(total, unread, unseen), after the audit found them true."""
    cursor: tuple[int, bytes] | None = (0, b"")
    while cursor is not None:
        checked = await store.ledger.audit(ENV, cursor, 100)
        assert checked.found == []
        cursor = checked.cursor
    found = await store.inbox.counts(ENV, USER, 0)
    return found.total, found.unread, found.unseen


async def test_items_come_newest_first_with_their_words(store: SqlStore) -> None:
    events = await fill(store, 3)
    rows = await page(store)
    assert [row.seq for row in rows] == [3, 2, 1]
    assert rows[0] == ItemRow(
        tenant=0,
        seq=3,
        event=events[2],
        workflow=WORKFLOW,
        step=0,
        fields={"title": f"for {USER}"},
        alert=True,
        created_at=NOW,
        expires_at=None,
        seen_at=None,
        read_at=None,
        archived_at=None,
        version=1,
        place=3,
    )
    assert [row.seq for row in await page(store, before=3, limit=1)] == [2]


async def test_personal_words_are_the_users_own(store: SqlStore) -> None:
    event = an_event_id(1)
    written = PageWrite(
        notifications=[a_notification(event, USER, bucket=Bucket.SENT, sent=1)],
        items=[an_item(event, USER, personal=1, alert=0)],
        contents=[some_content(event, "shared"), some_content(event, "own", user=USER)],
    )
    await store.events.accept_many([an_event(event, written)], NOW)
    (row,) = await page(store)
    assert (row.fields, row.alert) == ({"title": "own"}, False)


async def test_an_item_without_content_has_no_words(store: SqlStore) -> None:
    event = an_event_id(1)
    written = PageWrite(notifications=[a_notification(event, USER)], items=[an_item(event, USER)])
    await store.events.accept_many([an_event(event, written)], NOW)
    assert [row.fields for row in await page(store)] == [{}]


async def test_reading_implies_seeing_and_keeps_the_first_time(store: SqlStore) -> None:
    await fill(store, 2)
    (row,) = await mark(store, "read", 1, now=NOW + 1)
    assert (row.seen_at, row.read_at, row.version) == (NOW + 1, NOW + 1, 2)
    assert await mark(store, "read", 1, now=NOW + 9) == [row]
    assert await mark(store, "seen", 1, now=NOW + 9) == [row]
    assert await counts(store) == (2, 1, 1)


async def test_marking_unread_does_not_clear_seen(store: SqlStore) -> None:
    await fill(store, 1)
    await mark(store, "read", 1)
    (row,) = await mark(store, "unread", 1)
    assert (row.seen_at, row.read_at) == (NOW, None)
    assert await counts(store) == (1, 1, 0)


async def test_an_archived_item_is_not_counted_until_it_comes_back(store: SqlStore) -> None:
    await fill(store, 2)
    await mark(store, "archive", 1, 1)
    assert await counts(store) == (1, 1, 1)
    await mark(store, "read", 1)
    assert await counts(store) == (1, 1, 1)
    await mark(store, "unarchive", 1)
    assert await counts(store) == (2, 1, 1)
    await mark(store, "unarchive", 1)
    assert await counts(store) == (2, 1, 1)


async def test_lists_are_filtered_by_state(store: SqlStore) -> None:
    await fill(store, 4)
    await mark(store, "seen", 2)
    await mark(store, "read", 3)
    await mark(store, "archive", 4)
    assert await seqs(store) == [3, 2, 1]
    assert await seqs(store, "unread") == [2, 1]
    assert await seqs(store, "read") == [3]
    assert await seqs(store, "unseen") == [1]
    assert await seqs(store, "seen") == [3, 2]
    assert await seqs(store, archived="include") == [4, 3, 2, 1]
    assert await seqs(store, archived="only") == [4]


async def test_missing_items_and_other_inboxes_are_left_out(store: SqlStore) -> None:
    await fill(store, 1)
    assert [row.seq for row in await mark(store, "read", 1, 99)] == [1]
    assert await store.inbox.mark(ENV, USER, 5, [1], "read", NOW) == []
    assert await store.inbox.counts(ENV, USER, 5) == Counts()


@pytest.mark.parametrize(
    ("word", "expected"), [("seen", (5, 5, 2)), ("read", (5, 2, 2)), ("archive", (2, 2, 2))]
)
async def test_marking_all_stops_at_the_cut_off(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, word: str, expected: tuple[int, int, int]
) -> None:
    monkeypatch.setattr(inbox, "CHUNK", 2)
    await fill(store, 5)
    assert await store.inbox.mark_all(ENV, USER, 0, word, 3, NOW) == 3
    assert await counts(store) == expected
    assert await store.inbox.mark_all(ENV, USER, 0, word, 3, NOW) == 0


async def test_marking_all_leaves_the_archived_alone(store: SqlStore) -> None:
    await fill(store, 2)
    await mark(store, "archive", 1)
    assert await store.inbox.mark_all(ENV, USER, 0, "read", 9, NOW) == 1
    (row,) = await page(store, archived="only")
    assert row.read_at is None


async def test_unknown_marks_are_refused(store: SqlStore) -> None:
    with pytest.raises(InvalidError):
        await mark(store, "hide", 1)
    with pytest.raises(InvalidError):
        await store.inbox.mark_all(ENV, USER, 0, "unread", 1, NOW)


async def test_expired_items_are_hidden_at_once_and_uncounted_by_the_keeper(
    store: SqlStore,
) -> None:
    await fill(store, 3, expires_at=NOW + SECOND)
    await mark(store, "read", 1)
    await mark(store, "archive", 2)
    assert len(await page(store, now=NOW + SECOND)) == 0
    assert await store.inbox.expire(NOW, 10) == []
    assert len(await store.inbox.expire(NOW + SECOND, 2)) == 2
    assert len(await store.inbox.expire(NOW + SECOND, 2)) == 1
    assert await store.inbox.expire(NOW + SECOND, 2) == []
    assert await counts(store) == (0, 0, 0)
    await mark(store, "unarchive", 2)
    assert await counts(store) == (0, 0, 0)


async def test_the_items_of_a_notification_are_found(store: SqlStore) -> None:
    events = await fill(store, 2)
    await mark(store, "read", 2)
    (row,) = await store.inbox.notification_marks(ENV, events[1], WORKFLOW, USER)
    assert (row.seq, row.read_at) == (2, NOW)
    assert await store.inbox.notification_marks(ENV, events[1], WORKFLOW, 99) == []


async def test_a_snoozed_item_comes_back_as_new_at_the_top(store: SqlStore) -> None:
    await fill(store, 2)
    await mark(store, "read", 1)
    await store.inbox.mark(ENV, USER, 0, [1], "snooze", NOW, NOW + SECOND)
    assert [row.seq for row in await page(store)] == [2]
    assert (await store.inbox.counts(ENV, USER, 0)).total == 1
    assert await store.inbox.wake(NOW, 10) == []
    assert await store.inbox.wake(NOW + SECOND, 10) == [(ENV, USER)]
    assert await store.inbox.wake(NOW + SECOND, 10) == []
    first, second = await page(store)
    assert (first.seq, first.read_at, first.snoozed_until, second.seq) == (1, None, None, 2)
    assert first.updated_at == NOW + SECOND
    counts = await store.inbox.counts(ENV, USER, 0)
    assert (counts.total, counts.unread, counts.unseen) == (2, 2, 2)


async def test_what_is_snoozed_takes_no_other_mark(store: SqlStore) -> None:
    await fill(store, 1)
    await store.inbox.mark(ENV, USER, 0, [1], "snooze", NOW, NOW + SECOND)
    (row,) = await store.inbox.mark(ENV, USER, 0, [1], "archive", NOW)
    assert (row.archived_at, row.version) == (None, 2)
    assert await store.inbox.mark_all(ENV, USER, 0, "read", 9, NOW) == 0
