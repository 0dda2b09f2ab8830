"""A user's own inbox: what is in it, and the marks the user sets."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import Body, FromPath, FromQuery, QueryParameter

from clarion.api.answers import After, Limit, PageInfo, page_of
from clarion.api.auth import Reader
from clarion.api.cursors import Cursors
from clarion.api.describing import example_of, inbox_route
from clarion.api.entries import (
    COUNTS_EXAMPLE,
    ENTRY_EXAMPLE,
    ITEM_ID,
    LIKES_EXAMPLE,
    Entry,
    InboxCounts,
    counts_of,
    entries_of,
)
from clarion.api.services import Services
from clarion.core.ids import item_key
from clarion.errors import NotFoundError, StandingError
from clarion.pipeline.hearsay import inboxes_of

Mark = Literal["seen", "read", "unread", "archive", "unarchive", "unsnooze"]
Status = Literal["all", "unread", "read", "unseen", "seen"]
Archived = Literal["exclude", "include", "only"]

Category = Annotated[
    str | None,
    QueryParameter(max_length=256, description="Only items of workflows that are in it now."),
]
Workflow = Annotated[
    str | None, QueryParameter(max_length=256, description="Only items of this workflow.")
]


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
    where it is now); what came later, or moved up since, stays as it is. With a `category` or a
    `workflow` only items of it are marked."""

    up_to: str
    place: int | None = None
    category: str | None = None
    workflow: str | None = None


class MarkedAllAnswer(msgspec.Struct, frozen=True):
    """How many items changed."""

    changed: int
    meta: InboxCounts


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
    snoozed: FromQuery[Archived] = "exclude",
    category: Category = None,
    workflow: Workflow = None,
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
        "more": [snoozed, category, workflow],
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
        snoozed=snoozed,
        workflows=await workflows_of(services, reader.env, category, workflow),
    )
    shown, info = page_of(
        rows, limit, cursors, filters, lambda row: [row.place], lambda row: row.fields
    )
    meta = await _counts(services, reader)
    return InboxPage(await entries_of(services, reader.env, reader.user, shown), meta, info)


@post(
    "/v1/inbox/{item:str}/{mark:str}",
    status_code=200,
    **inbox_route(
        "Mark an item", refuses=(404, 409), example={"entry": ENTRY_EXAMPLE, "meta": COUNTS_EXAMPLE}
    ),
)
async def mark_item(
    services: NamedDependency[Services],
    reader: NamedDependency[Reader],
    item: FromPath[str],
    mark: FromPath[Mark],
) -> MarkedAnswer:
    """Repeating changes nothing; read implies seen, and unread does not clear seen. What is snoozed
    can only be unsnoozed, which leaves it as it was."""
    return await marked(services, reader, item, mark)


async def marked(
    services: Services, reader: Reader, item: str, mark: str, value: int = 0
) -> MarkedAnswer:
    """Mark an item and say how it is now; NotFoundError, StandingError for one that is snoozed."""
    tenant, seq = item_key(item)
    if tenant != reader.tenant:
        raise NotFoundError("there is no such item in this inbox")
    rows = await services.store.inbox.mark(
        reader.env, reader.user, tenant, [seq], mark, services.clock.now(), value
    )
    if not rows:
        raise NotFoundError("there is no such item in this inbox")
    if rows[0].snoozed_until is not None and mark != "snooze":
        raise StandingError("the item is snoozed; unsnooze it first")
    _ring(services, reader)
    await services.looking.look(reader.env, reader.user, reader.tenant)
    (entry,) = await entries_of(services, reader.env, reader.user, rows)
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
    return await mark_up_to(services, reader, "seen", data)


@post("/v1/inbox/read-all", status_code=200, **_mark_all_route("read"))
async def mark_all_read(
    services: NamedDependency[Services], reader: NamedDependency[Reader], data: _UpTo
) -> MarkedAllAnswer:
    """All items up to this one; those that arrive meanwhile are left alone."""
    return await mark_up_to(services, reader, "read", data)


@post("/v1/inbox/archive-all", status_code=200, **_mark_all_route("archived"))
async def mark_all_archived(
    services: NamedDependency[Services], reader: NamedDependency[Reader], data: _UpTo
) -> MarkedAllAnswer:
    """All items up to this one; those that arrive meanwhile are left alone."""
    return await mark_up_to(services, reader, "archive", data)


ROUTES = (get_inbox, mark_item, mark_all_seen, mark_all_read, mark_all_archived)


async def mark_up_to(services: Services, reader: Reader, mark: str, data: UpTo) -> MarkedAllAnswer:
    """Mark everything up to an item; NotFoundError when it is not of this inbox."""
    tenant, seq = item_key(data.up_to)
    if tenant != reader.tenant:
        raise NotFoundError("there is no such item in this inbox")
    inbox = services.store.inbox
    place = data.place
    if place is None:
        place = await inbox.place(reader.env, reader.user, tenant, seq)
    changed = await inbox.mark_all(
        reader.env, reader.user, tenant, mark, place, services.clock.now(),
        await workflows_of(services, reader.env, data.category, data.workflow),
    )  # fmt: skip
    if changed:
        _ring(services, reader)
    await services.looking.look(reader.env, reader.user, reader.tenant)
    return MarkedAllAnswer(changed, await _counts(services, reader))


async def workflows_of(
    services: Services, env: int, category: str | None, workflow: str | None
) -> list[int] | None:
    """Numbers of the workflows that a list is narrowed to, None when it is not; unknown ones have
    no items."""
    if category is None and workflow is None:
        return None
    catalog = await services.catalogs.current(env)
    return [
        row.number
        for row in catalog.workflows
        if workflow in (None, row.workflow.key) and category in (None, row.workflow.category)
    ]


async def _counts(services: Services, reader: Reader) -> InboxCounts:
    return counts_of(await services.store.inbox.counts(reader.env, reader.user, reader.tenant))


def _ring(services: Services, reader: Reader) -> None:
    services.bus.tell(inboxes_of(reader.env), [reader.user])
