"""Broadcasts with defaults, for tests of the store."""

from __future__ import annotations

from typing import Any

from clarion.core.ids import new_event_id
from clarion.store.contract.broadcasts import SOURCE, BroadcastWrite, LookWrite
from clarion.store.contract.events import EventCounts
from clarion.store.contract.ledger import Imbalance
from clarion.store.contract.names import NameKind
from clarion.store.contract.work import ItemWrite, NotificationWrite, PageWrite, TaskWrite
from clarion.store.sql.store import SqlStore
from tests.store.builders import (
    ENV,
    LEASE,
    NOW,
    WORKFLOW,
    a_notification,
    an_event,
    an_item,
    some_content,
)

LANE = 2


async def published(
    store: SqlStore, topic: str = "show", at: int = NOW, n: int = 1, **fields: Any
) -> bytes:
    """Id of event number `n`, which is a broadcast to a topic."""
    number = (await store.names.mint(ENV, NameKind.TOPIC, [topic]))[topic]
    event = new_event_id(at, n.to_bytes(10, "big"))
    values: dict[str, Any] = {
        "topic": number,
        "tenant": 0,
        "workflow": WORKFLOW,
        "step": 0,
        "lane": LANE,
        "expires_at": None,
        "defaults_version": 0,
    }
    one = BroadcastWrite(**(values | fields))
    task = TaskWrite(
        workflow=WORKFLOW, lane=LANE, tenant=one.tenant, source=SOURCE, scope=number, hi=0,
        excepted=one.excepted,
    )  # fmt: skip
    workflows = ((WORKFLOW, 1, 1, 1, LANE),)
    write = an_event(
        event, accepted_at=at, broadcasts=(one,), tasks=(task,), workflows=workflows, lane=LANE
    )
    await store.events.accept_many([write], at)
    return event


async def count_all(store: SqlStore, limit: int = 2) -> None:
    """Count the members of all broadcasts that nobody counts."""
    worker = await store.work.start_worker([LANE], LEASE, NOW)
    for task in await store.work.claim_tasks([LANE], worker, 100, NOW + LEASE):
        done = False
        while not done:
            _, done = await store.broadcasts.count(task, limit)


async def undecided(store: SqlStore, event: bytes) -> int:
    return (await store.events.counts(ENV, event)).get(0, EventCounts()).undecided


async def audited(store: SqlStore) -> list[Imbalance]:
    """What the audit finds."""
    found: list[Imbalance] = []
    cursor: tuple[int, bytes] | None = (0, b"")
    while cursor is not None:
        page = await store.ledger.audit(None, cursor, 100)
        found += page.found
        cursor = page.cursor
    return found


async def marker_of(store: SqlStore, user: int, tenant: int = 0) -> int:
    """How far an inbox is decided."""
    newest, behind = await store.broadcasts.behind(ENV, [user], tenant)
    return behind.get(user, newest or await store.broadcasts.newest(ENV))


def told(event: bytes, user: int, at: int = NOW, **fields: Any) -> PageWrite:
    """The rows of a broadcast that was decided for a user: an item."""
    return PageWrite(
        notifications=[a_notification(event, user, bucket=3, sent=1)],
        items=[an_item(event, user, created_at=at, **fields)],
        contents=[some_content(event, "Part 1")],
    )


def a_look(
    user: int, *pages: PageWrite, marker: int = 1, before: int = 0, tenant: int = 0
) -> LookWrite:
    """A look of a user that comes to these pages, and moves the marker."""
    notifications: list[NotificationWrite] = [n for page in pages for n in page.notifications]
    items: list[ItemWrite] = [i for page in pages for i in page.items]
    contents = [c for page in pages for c in page.contents]
    whole = PageWrite(notifications=notifications, items=items, contents=contents)
    return LookWrite(env=ENV, tenant=tenant, markers={user: (before, marker)}, page=whole)
