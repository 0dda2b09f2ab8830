"""A user's own inbox: what is in it, and the marks the user sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import Body, FromPath, FromQuery

from clarion.api.answers import After, Limit, PageInfo, page_of, when
from clarion.api.auth import Reader
from clarion.api.cursors import Cursors
from clarion.api.describing import example_of, inbox_route
from clarion.api.services import Services
from clarion.core.ids import event_name, item_key, item_name, notification_name
from clarion.errors import NotFoundError
from clarion.pipeline.contract import Told
from clarion.store.contract.inbox import Counts, ItemRow

Mark = Literal["seen", "read", "unread", "archive", "unarchive"]
Status = Literal["all", "unread", "read", "unseen", "seen"]
Archived = Literal["exclude", "include", "only"]


class Activity(msgspec.Struct, frozen=True):
    """An event that an item tells, and when it was added."""

    event_id: str
    at: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An item. `alert` is false where it only counts and does not ring. `version` grows with every
    change. `place` orders the items of an inbox; an item that moves to the top gets a higher one.

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
    version: int
    place: int
    updated_at: str
    aggregation_key: str | None = None
    total_activities: int | None = None
    total_actors: int | None = None
    actors: list[str] = []
    activities: list[Activity] = []


class InboxCounts(msgspec.Struct, frozen=True):
    """Items that are neither archived nor expired, and of them those unread and unseen."""

    total: int
    unread: int
    unseen: int


class InboxPage(msgspec.Struct, frozen=True):
    """A page of the inbox, newest first, with the counts of the whole."""

    entries: list[Entry]
    meta: InboxCounts
    page_info: PageInfo


class MarkedAnswer(msgspec.Struct, frozen=True):
    """The item as it is now."""

    entry: Entry
    meta: InboxCounts


class UpTo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The newest item the user has in front of them, with the `place` it was shown at (without it
    where it is now); what came later, or moved up since, stays as it is."""

    up_to: str
    place: int | None = None


class MarkedAllAnswer(msgspec.Struct, frozen=True):
    """How many items changed."""

    changed: int
    meta: InboxCounts


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
    "actions": [],
    "alert": True,
    "created_at": "2026-01-02T03:04:05.678901Z",
    "expires_at": None,
    "seen_at": None,
    "read_at": None,
    "archived_at": None,
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


@get(
    "/v1/inbox",
    **inbox_route(
        "Read the inbox",
        example={
            "entries": [LIKES_EXAMPLE, ENTRY_EXAMPLE],
            "meta": COUNTS_EXAMPLE,
            "page_info": {"has_next": False, "end_cursor": None},
        },
    ),
)
async def get_inbox(
    services: NamedDependency[Services],
    reader: NamedDependency[Reader],
    cursors: NamedDependency[Cursors],
    status: FromQuery[Status] = "all",
    archived: FromQuery[Archived] = "exclude",
    after: After = None,
    limit: Limit = 50,
) -> InboxPage:
    """Newest first. Reading marks nothing; broadcasts that are new are decided before."""
    await services.looking.look(reader.env, reader.user, reader.tenant)
    filters = {
        "list": "inbox",
        "owner": [reader.env, reader.user, reader.tenant],
        "status": status,
        "archived": archived,
    }
    rows = await services.store.inbox.page(
        reader.env,
        reader.user,
        reader.tenant,
        status=status,
        archived=archived,
        before=cursors.open(filters, after)[0] if after else None,
        limit=limit + 1,
        now=services.clock.now(),
    )
    shown, info = page_of(rows, limit, cursors, filters, lambda row: [row.place])
    meta = await _counts(services, reader)
    return InboxPage(await _entries(services, reader, shown), meta, info)


@post(
    "/v1/inbox/{item:str}/{mark:str}",
    status_code=200,
    **inbox_route(
        "Mark an item", refuses=(404,), example={"entry": ENTRY_EXAMPLE, "meta": COUNTS_EXAMPLE}
    ),
)
async def mark_item(
    services: NamedDependency[Services],
    reader: NamedDependency[Reader],
    item: FromPath[str],
    mark: FromPath[Mark],
) -> MarkedAnswer:
    """Repeating changes nothing; read implies seen, and unread does not clear seen."""
    tenant, seq = item_key(item)
    if tenant != reader.tenant:
        raise NotFoundError("there is no such item in this inbox")
    rows = await services.store.inbox.mark(
        reader.env, reader.user, tenant, [seq], mark, services.clock.now()
    )
    if not rows:
        raise NotFoundError("there is no such item in this inbox")
    _ring(services, reader)
    await services.looking.look(reader.env, reader.user, reader.tenant)
    (entry,) = await _entries(services, reader, rows)
    return MarkedAnswer(entry, await _counts(services, reader))


def _mark_all_route(word: str) -> dict[str, Any]:
    example = {"changed": 2, "meta": COUNTS_EXAMPLE}
    return inbox_route(f"Mark all as {word}", refuses=(404, 415), example=example)


_UpTo = Annotated[UpTo, Body(examples=example_of({"up_to": ITEM_ID, "place": 120}))]


@post("/v1/inbox/seen-all", status_code=200, **_mark_all_route("seen"))
async def mark_all_seen(
    services: NamedDependency[Services], reader: NamedDependency[Reader], data: _UpTo
) -> MarkedAllAnswer:
    """All items up to this one; those that arrive meanwhile are left alone."""
    return await _mark_all(services, reader, "seen", data)


@post("/v1/inbox/read-all", status_code=200, **_mark_all_route("read"))
async def mark_all_read(
    services: NamedDependency[Services], reader: NamedDependency[Reader], data: _UpTo
) -> MarkedAllAnswer:
    """All items up to this one; those that arrive meanwhile are left alone."""
    return await _mark_all(services, reader, "read", data)


@post("/v1/inbox/archive-all", status_code=200, **_mark_all_route("archived"))
async def mark_all_archived(
    services: NamedDependency[Services], reader: NamedDependency[Reader], data: _UpTo
) -> MarkedAllAnswer:
    """All items up to this one; those that arrive meanwhile are left alone."""
    return await _mark_all(services, reader, "archive", data)


ROUTES = (get_inbox, mark_item, mark_all_seen, mark_all_read, mark_all_archived)


async def _mark_all(services: Services, reader: Reader, mark: str, data: UpTo) -> MarkedAllAnswer:
    tenant, seq = item_key(data.up_to)
    if tenant != reader.tenant:
        raise NotFoundError("there is no such item in this inbox")
    inbox = services.store.inbox
    place = data.place
    if place is None:
        place = await inbox.place(reader.env, reader.user, tenant, seq)
    changed = await inbox.mark_all(
        reader.env, reader.user, tenant, mark, place, services.clock.now()
    )
    if changed:
        _ring(services, reader)
    await services.looking.look(reader.env, reader.user, reader.tenant)
    return MarkedAllAnswer(changed, await _counts(services, reader))


async def _counts(services: Services, reader: Reader) -> InboxCounts:
    counts: Counts = await services.store.inbox.counts(reader.env, reader.user, reader.tenant)
    return InboxCounts(counts.total, counts.unread, counts.unseen)


def _ring(services: Services, reader: Reader) -> None:
    services.bus.ring(f"inbox:{reader.env}:{reader.user}")


async def _entries(services: Services, reader: Reader, rows: Sequence[ItemRow]) -> list[Entry]:
    told = await services.telling.tell(reader.env, reader.user, [*rows])
    return [_entry(one, reader.user) for one in told]


def _entry(told: Told, user: int) -> Entry:
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
        actions=fields.get("actions") or [],
        alert=row.alert,
        created_at=when(row.created_at) or "",
        expires_at=when(row.expires_at),
        seen_at=when(row.seen_at),
        read_at=when(row.read_at),
        archived_at=when(row.archived_at),
        version=row.version,
        place=row.place,
        updated_at=when(row.updated_at or row.created_at) or "",
        aggregation_key=row.aggregation_key,
        total_activities=row.activities if several else None,
        total_actors=row.actors if several else None,
        actors=list(told.actors),
        activities=[Activity(event_name(one.event), when(one.at) or "") for one in told.activities],
    )
