"""What waits and what is gathered, for tests of the store."""

from __future__ import annotations

from typing import Any

from clarion.core.ids import new_digest_id
from clarion.core.states import Bucket
from clarion.store.contract.held import STEP, WINDOW, Digest, Held, Resumed
from clarion.store.contract.work import JoinWrite, PageWrite, WaitWrite
from clarion.store.sql.store import SqlStore
from clarion.store.sql.tx import Row
from tests.store.builders import (
    ENV,
    LEASE,
    NOW,
    SECOND,
    WORKFLOW,
    a_delivery,
    a_notification,
    a_record,
    an_event,
    an_event_id,
)

LANE = 1
DUE = NOW + 600 * SECOND
TO_THE_END = 2**31


def a_digest_id(n: int) -> bytes:
    return new_digest_id(NOW + n * SECOND, n.to_bytes(10, "big"))


def a_wait(event: bytes, user: int, **changes: Any) -> WaitWrite:
    """Step 1 of a notification waits for ten minutes, in quiet hours."""
    values: dict[str, Any] = {
        "env": ENV,
        "event": event.hex(),
        "workflow": WORKFLOW,
        "user": user,
        "step": 1,
        "n": 1,
        "first": 1,
        "last": 2,
        "kind": STEP,
        "gates": "quiet",
        "lane": LANE,
        "tenant": 0,
        "due": DUE,
    }
    return WaitWrite(**(values | changes))


def a_join(event: bytes, user: int, digest: bytes, **changes: Any) -> JoinWrite:
    """An event that joins the digest of step 0 and an empty key, or opens it for ten minutes."""
    values: dict[str, Any] = {
        "env": ENV,
        "digest": digest.hex(),
        "user": user,
        "tenant": 0,
        "workflow": WORKFLOW,
        "step": 0,
        "key": "",
        "version": 1,
        "category": 1,
        "category_version": 1,
        "lane": LANE,
        "about": 0,
        "at": NOW,
        "due": DUE,
        "latest": DUE,
        "event": event.hex(),
        "actor": 0,
        "mention": "none",
        "first": 1,
        "last": TO_THE_END,
    }
    return JoinWrite(**(values | changes))


def a_held_notification(event: bytes, user: int, waiting: int = 1) -> Any:
    return a_notification(event, user, bucket=Bucket.HELD, waiting=waiting)


def a_waiting_page(event: bytes, *users: int, **changes: Any) -> PageWrite:
    """Notifications that each wait for one step."""
    return PageWrite(
        notifications=[a_held_notification(event, user) for user in users],
        waits=[a_wait(event, user, **changes) for user in users],
    )


def a_joining_page(event: bytes, user: int, digest: bytes, **changes: Any) -> PageWrite:
    """A notification that waits in a digest."""
    return PageWrite(
        notifications=[a_held_notification(event, user)],
        joins=[a_join(event, user, digest, **changes)],
    )


async def accepted(store: SqlStore, event: bytes, page: PageWrite, **changes: Any) -> bytes:
    await store.events.accept_many([an_event(event, page, **changes)], NOW)
    return event


async def waiting(store: SqlStore, number: int, *users: int, **changes: Any) -> bytes:
    """Event `number`, whose notifications wait."""
    event = an_event_id(number)
    return await accepted(store, event, a_waiting_page(event, *users, **changes))


async def joined(store: SqlStore, n: int, user: int = 1, **changes: Any) -> bytes:
    """Event `n`, whose notification joined a digest or opened number `n`."""
    event = an_event_id(n)
    return await accepted(store, event, a_joining_page(event, user, a_digest_id(n), **changes))


async def a_worker(store: SqlStore) -> int:
    return await store.work.start_worker([LANE], LEASE, NOW)


async def claimed(store: SqlStore, worker: int, limit: int = 100, now: int = DUE) -> list[Held]:
    return await store.held.claim(LANE, worker, limit, now)


def skipped(held: Held, n: int = 0) -> Resumed:
    """Decided again: nothing is to be sent."""
    return Resumed(held=held, decided=a_record(f"again {n}"), at=DUE)


def sending(held: Held) -> tuple[Resumed, PageWrite]:
    """Decided again: its step is to be sent by push."""
    page = PageWrite(deliveries=[a_delivery(held.event, held.user, held.user)])
    return Resumed(held=held, decided=a_record("again"), at=DUE, open=1), page


async def told(store: SqlStore, held: Held) -> Digest:
    """Tell the digest whose window was claimed, by one push."""
    closed = await store.held.close([(held.env, held.event)], DUE)
    page = PageWrite(
        notifications=[a_notification(held.event, held.user, bucket=Bucket.OPEN, open=1)],
        deliveries=[a_delivery(held.event, held.user, held.user)],
    )
    resumed = Resumed(held=held, decided=a_record(), at=DUE)
    digest = closed[held.event]
    assert held.kind == WINDOW
    assert await store.held.resume([resumed], page, [digest], DUE) == 1
    return digest


async def rows(store: SqlStore, sql: str, *parameters: Any) -> list[Row]:
    """Rows of a statement of the test's own, which may also change some."""
    return await store._executor.write(lambda tx: tx.composed(sql, list(parameters)), 0)


async def bucket(store: SqlStore, event: bytes, user: int = 1) -> Bucket:
    sql = 'select bucket from notification where event = ? and "user" = ?'
    ((found,),) = await rows(store, sql, event, user)
    return Bucket(found)


async def imbalances(store: SqlStore) -> list[tuple[str, int, int]]:
    """(what, counted, found) of all that the audit finds."""
    found: list[tuple[str, int, int]] = []
    cursor: tuple[int, bytes] | None = (0, b"")
    while cursor is not None:
        page = await store.ledger.audit(None, cursor, 500)
        found += [(one.what, one.counted, one.found) for one in page.found]
        cursor = page.cursor
    return found
