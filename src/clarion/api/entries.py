"""Inbox items as browsers get them, by the list and by live streams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from clarion.api.answers import when
from clarion.api.services import Services
from clarion.core.ids import event_name, item_name, notification_name
from clarion.pipeline.contract import Told
from clarion.store.contract.inbox import Counts, ItemRow


class Activity(msgspec.Struct, frozen=True):
    """An event that an item tells, and when it was added."""

    event_id: str
    at: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An item. `alert` is false where it only counts and does not ring. `version` grows with every
    change. `place` orders the items of an inbox; an item that moves to the top gets a higher one.
    Each of the `actions` has an `id`; `chosen_action` is the number of the one that was chosen
    last, from 0.

    With an `aggregation_key` it tells so many events (`total_activities`, here the newest 10) by so
    many different actors (`total_actors`, here the names of at most 10, newest first); `event_id`
    and `notification_id` are of the first event it told. Otherwise these are null and empty.
    """

    id: str
    notification_id: str
    event_id: str
    title: str | None
    body: str | None
    url: str | None
    image: str | None
    actions: list[Any]
    alert: bool
    created_at: str
    expires_at: str | None
    seen_at: str | None
    read_at: str | None
    archived_at: str | None
    snoozed_until: str | None
    interacted_at: str | None
    chosen_action: int | None
    version: int
    place: int
    updated_at: str
    aggregation_key: str | None = None
    total_activities: int | None = None
    total_actors: int | None = None
    actors: list[str] = []
    activities: list[Activity] = []


class InboxCounts(msgspec.Struct, frozen=True):
    """Items that are neither archived, snoozed nor expired, and of them those unread and unseen."""

    total: int
    unread: int
    unseen: int


COUNTS_EXAMPLE = {"total": 3, "unread": 2, "unseen": 1}
ITEM_ID = "itm_00000000000000000000003o"
ENTRY_EXAMPLE: dict[str, Any] = {
    "id": ITEM_ID,
    "notification_id": "ntf_06jt0mbh2dng3fmbqk6l5abq8s",
    "event_id": "evt_06jt0mbh2dng3fmbqk6l5abq8s",
    "title": "Ana commented",
    "body": "Looks good",
    "url": "/docs/9",
    "image": None,
    "actions": [{"id": "open", "label": "Open", "url": "/docs/9"}],
    "alert": True,
    "created_at": "2026-01-02T03:04:05.678901Z",
    "expires_at": None,
    "seen_at": None,
    "read_at": None,
    "archived_at": None,
    "snoozed_until": None,
    "interacted_at": None,
    "chosen_action": None,
    "version": 1,
    "place": 120,
    "updated_at": "2026-01-02T03:04:05.678901Z",
    "aggregation_key": None,
    "total_activities": None,
    "total_actors": None,
    "actors": [],
    "activities": [],
}
LIKES_EXAMPLE: dict[str, Any] = ENTRY_EXAMPLE | {
    "id": "itm_00000000000000000000003c",
    "title": "Sydney and 19 others liked your post",
    "body": None,
    "url": "/posts/7",
    "version": 21,
    "place": 121,
    "updated_at": "2026-01-02T09:00:00.000000Z",
    "aggregation_key": "7",
    "total_activities": 23,
    "total_actors": 20,
    "actors": ["Sydney", "Ana"],
    "activities": [
        {"event_id": "evt_019b7c5f8e2071a08f6d2c4e9a1b3d5f", "at": "2026-01-02T09:00:00.000000Z"}
    ],
}


async def entries_of(
    services: Services, env: int, user: int, rows: Sequence[ItemRow]
) -> list[Entry]:
    """Items of one user as they are shown, in the order given."""
    told = await services.telling.tell(env, user, [*rows])
    return [entry_of(one, user) for one in told]


def entry_of(told: Told, user: int) -> Entry:
    """An item as it is shown."""
    row, fields = told.row, told.row.fields
    several = row.aggregation_key is not None
    return Entry(
        id=item_name(row.tenant, row.seq),
        notification_id=notification_name(row.event, row.workflow, user),
        event_id=event_name(row.event),
        title=fields.get("title"),
        body=fields.get("body"),
        url=fields.get("url"),
        image=fields.get("image"),
        actions=[_action(n, one) for n, one in enumerate(fields.get("actions") or [])],
        alert=row.alert,
        created_at=when(row.created_at) or "",
        expires_at=when(row.expires_at),
        seen_at=when(row.seen_at),
        read_at=when(row.read_at),
        archived_at=when(row.archived_at),
        snoozed_until=when(row.snoozed_until),
        interacted_at=when(row.interacted_at),
        chosen_action=row.chosen,
        version=row.version,
        place=row.place,
        updated_at=when(row.updated_at or row.created_at) or "",
        aggregation_key=row.aggregation_key,
        total_activities=row.activities if several else None,
        total_actors=row.actors if several else None,
        actors=list(told.actors),
        activities=[Activity(event_name(one.event), when(one.at) or "") for one in told.activities],
    )


def counts_of(counts: Counts) -> InboxCounts:
    """Counters as they are shown."""
    return InboxCounts(counts.total, counts.unread, counts.unseen)


def _action(n: int, action: dict[str, Any]) -> dict[str, Any]:
    """An action with an id: the template's own, or its number."""
    return {"id": str(n), **action}
