"""Events: how they come in (described here, answered by `intake`), how they stand, and how they
end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from clarion.api.answers import After, Limit, PageInfo, Since, instant_of, page_of, when
from clarion.api.auth import Asker
from clarion.api.cursors import Cursors
from clarion.api.describing import route
from clarion.api.estimates import estimate_of
from clarion.api.forms import forms_of, told_apart
from clarion.api.naming import Named, event_of, named
from clarion.api.problems import RefusedError
from clarion.api.reading import check_id
from clarion.api.services import Services
from clarion.core.ids import event_name, is_digest
from clarion.core.workflow import CHANNELS, Lane
from clarion.errors import NotFoundError
from clarion.store.contract.events import EventCounts, EventQuery, EventRow

EVENT_ID = "evt_06jt0mbh2dng3fmbqk6l5abq8s"


class NotificationCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Recipients of an event by what became of them; everyone is in exactly one bucket.
    `undecided` are those of a broadcast who have not looked."""

    recipients: int
    sent: int
    skipped: int
    held: int
    open: int
    dead: int
    undecided: int


class ChannelCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Deliveries of one channel."""

    sent: int
    open: int
    dead: int


class EventAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it stands. `status`: `accepted` until somebody is decided, `expanding` while
    people are decided or messages are under way, then `complete`; or `canceled`. `balanced`:
    complete, and every recipient counted in exactly one bucket. `estimate`, while messages wait: by
    channel, when the last of them leaves at the earliest, going by what waits with them and how
    fast it goes; null where nothing goes now. `put_aside`: parts of the audience
    that failed again and again and wait for a redrive; until then it stays `expanding`. `forms`: by
    workflow, `written` or `broadcast`. `paused_at`: since then its blast stands still. `data`
    is null once it is kept no longer.
    """

    id: str
    type: str
    status: str
    accepted_at: str
    expires_at: str | None
    canceled_at: str | None
    tenant: str | None
    actor: str | None
    about: str | None
    silent: bool
    correlation_id: str | None
    cancellation_key: str | None
    ordering_key: str | None
    tags: dict[str, str]
    workflows: list[str]
    forms: dict[str, str]
    lanes: list[str]
    counts: NotificationCounts
    deliveries: dict[str, ChannelCounts]
    balanced: bool
    put_aside: int
    estimate: dict[str, str | None] | None
    paused_at: str | None = None
    data: dict[str, Any] | None = None


class EventSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An event in a list."""

    id: str
    type: str
    accepted_at: str
    expires_at: str | None
    canceled_at: str | None
    correlation_id: str | None
    cancellation_key: str | None
    tags: dict[str, str]
    workflows: list[str]


class EventPage(msgspec.Struct, frozen=True):
    """A page of events, newest first."""

    data: list[EventSummary]
    page_info: PageInfo


class CancelByKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which events to cancel: all that were sent with this key."""

    cancellation_key: str


class CancelAnswer(msgspec.Struct, frozen=True):
    """Events that are canceled now. What was already on its way to a provider goes on."""

    canceled: list[str]


SUMMARY_EXAMPLE: dict[str, Any] = {
    "id": EVENT_ID,
    "type": "order.created",
    "accepted_at": "2026-01-02T03:04:05.678901Z",
    "expires_at": None,
    "canceled_at": None,
    "correlation_id": "8cef46a1",
    "cancellation_key": "order-1000000123",
    "tags": {"order": "1000000123"},
    "workflows": ["order-created"],
}
EVENT_ANSWER_EXAMPLE = {
    **SUMMARY_EXAMPLE,
    "status": "complete",
    "tenant": None,
    "actor": "u2",
    "about": None,
    "silent": False,
    "ordering_key": None,
    "forms": {"order-created": "written"},
    "lanes": ["transactional"],
    "counts": {
        "recipients": 2,
        "sent": 2,
        "skipped": 0,
        "held": 0,
        "open": 0,
        "dead": 0,
        "undecided": 0,
    },
    "deliveries": {"push": {"sent": 2, "open": 0, "dead": 0}},
    "balanced": True,
    "put_aside": 0,
    "estimate": None,
    "paused_at": None,
    "data": {"order_number": "1000000123", "store_id": "42"},
}


@get(
    "/v1/events/{event:str}",
    **route("How an event stands", refuses=(404,), example=EVENT_ANSWER_EXAMPLE, tag="events"),
)
async def get_event(
    services: NamedDependency[Services], asker: NamedDependency[Asker], event: FromPath[str]
) -> EventAnswer:
    """Counts of recipients and deliveries, and whether they balance. The event is named by its id,
    or by the id it was sent with, also below."""
    key = await event_of(services, asker.env, event)
    row = await _row(services, asker.env, key)
    counts = await services.store.events.counts(asker.env, key)
    broadcasts = await services.store.broadcasts.of_event(asker.env, key)
    names = await _named(services, asker.env, [row])
    aside = await services.store.dead_letters.put_aside(asker.env, key) if row.expanding else []
    waits = any(c.open for c in counts.values())
    ahead = await services.store.deliveries.ahead(asker.env, key) if waits else []
    now = services.clock.now()
    estimate = estimate_of(ahead, (await services.pace()).accounts if ahead else {}, now)
    counts[0] = told_apart(row, broadcasts, counts.get(0, EventCounts()), now)
    forms = forms_of(row, broadcasts, names)
    return _answer(row, counts, names, forms, estimate, len(aside))


@get(
    "/v1/events",
    **route(
        "List events",
        tag="events",
        example={"data": [SUMMARY_EXAMPLE], "page_info": {"has_next": False}},
    ),
)
async def list_events(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    cursors: NamedDependency[Cursors],
    type_: Annotated[
        str | None, QueryParameter(name="type", description="Type of the event.")
    ] = None,
    tag: Annotated[str | None, QueryParameter(description="A tag, as `name:value`.")] = None,
    correlation_id: Annotated[
        str | None, QueryParameter(description="The producer's own id.")
    ] = None,
    since: Since = None,
    after: After = None,
    limit: Limit = 50,
) -> EventPage:
    """Newest first."""
    filters = {
        "list": "events",
        "env": asker.env,
        "type": type_,
        "tag": tag,
        "correlation": correlation_id,
        "since": since,
    }
    query = EventQuery(
        type=type_,
        tag=tag_of(tag),
        correlation=correlation_id,
        since=instant_of(since, "since"),
        before=cursors.open(filters, after)[0] if after else None,
        limit=limit,
    )
    rows = await services.store.events.search(asker.env, query)
    shown, info = page_of(rows, limit, cursors, filters, lambda row: [row.id])
    names = await _named(services, asker.env, shown)
    return EventPage([_summary(row, names) for row in shown], info)


@post(
    "/v1/events/{event:str}/cancel",
    status_code=200,
    **route(
        "Cancel an event", "trigger", refuses=(404,), example={"canceled": [EVENT_ID]}, tag="events"
    ),
)
async def cancel_event(
    services: NamedDependency[Services], asker: NamedDependency[Asker], event: FromPath[str]
) -> CancelAnswer:
    """Whoever is not told yet stays untold. Repeating changes nothing."""
    keys = [await event_of(services, asker.env, event)]
    found = await services.store.events.cancel(asker.env, keys, None, services.clock.now())
    if not found:
        raise NotFoundError(f"there is no event {event}")
    return CancelAnswer([event_name(key) for key in found])


@post(
    "/v1/events/cancel",
    status_code=200,
    **route(
        "Cancel events by their key",
        "trigger",
        refuses=(415,),
        example={"canceled": [EVENT_ID]},
        tag="events",
    ),
)
async def cancel_events(
    services: NamedDependency[Services], asker: NamedDependency[Asker], data: JSONBody[CancelByKey]
) -> CancelAnswer:
    """All events that were sent with this `cancellation_key`; none is no mistake."""
    key = check_id(data.cancellation_key, "/cancellation_key")
    found = await services.store.events.cancel(asker.env, [], key, services.clock.now())
    return CancelAnswer([event_name(event) for event in found])


ROUTES = (get_event, list_events, cancel_event, cancel_events)


def tag_of(text: str | None) -> tuple[str, str] | None:
    """`name:value` of a query -> the tag; RefusedError 400 when it is none."""
    if text is None:
        return None
    name, colon, value = text.partition(":")
    if not name or not colon:
        raise RefusedError(400, "tag: write it as name:value", parameter="tag")
    return name, value


async def _row(services: Services, env: int, key: bytes) -> EventRow:
    rows = await services.store.events.rows(env, [key])
    if key not in rows:
        hint = "; while a digest is open, only /why?user=... knows it" if is_digest(key) else ""
        raise NotFoundError(f"there is no event {event_name(key)}{hint}")
    return rows[key]


async def _named(services: Services, env: int, rows: Sequence[EventRow]) -> Named:
    return await named(
        services,
        env,
        users={row.actor for row in rows},
        workflows={number for row in rows for number, *_ in row.workflows},
        tenants={row.tenant for row in rows},
        topics={row.about for row in rows},
    )


def _flows(row: EventRow, names: Named) -> list[str]:
    return [names.workflows.get(number, "") for number, *_ in row.workflows]


def _status(row: EventRow, total: EventCounts, recipients: int) -> str:
    if row.cancelled_at is not None:
        return "canceled"
    if row.expanding == 0 and total.open == 0 and total.held == 0:
        return "complete"
    return "expanding" if recipients else "accepted"


def _answer(
    row: EventRow,
    counts: dict[int, EventCounts],
    names: Named,
    forms: dict[str, str],
    estimate: dict[str, str | None] | None,
    put_aside: int,
) -> EventAnswer:
    total = counts.get(0, EventCounts())
    decided = total.open + total.held + total.sent + total.dead + total.skipped
    recipients = decided + total.undecided
    done = row.expanding == 0 and total.open == 0 and total.held == 0
    return EventAnswer(
        id=event_name(row.id),
        type=row.type,
        status=_status(row, total, recipients),
        accepted_at=when(row.accepted_at) or "",
        expires_at=when(row.expires_at),
        canceled_at=when(row.cancelled_at),
        tenant=names.tenants.get(row.tenant),
        actor=names.users.get(row.actor),
        about=names.topics.get(row.about),
        silent=row.silent,
        correlation_id=row.correlation,
        cancellation_key=row.cancellation,
        ordering_key=row.ordering_key,
        tags=row.tags,
        workflows=_flows(row, names),
        forms=forms,
        lanes=[Lane(lane).label for lane in sorted({flow[4] for flow in row.workflows})],
        counts=NotificationCounts(
            recipients=recipients,
            sent=total.sent,
            skipped=total.skipped,
            held=total.held,
            open=total.open,
            dead=total.dead,
            undecided=total.undecided,
        ),
        deliveries={
            CHANNELS[kind - 1].value: ChannelCounts(sent=c.sent, open=c.open, dead=c.dead)
            for kind, c in sorted(counts.items())
            if kind
        },
        balanced=done,
        put_aside=put_aside,
        estimate=estimate,
        paused_at=when(row.paused_at),
        data=row.data if row.data_kept else None,
    )


def _summary(row: EventRow, names: Named) -> EventSummary:
    return EventSummary(
        id=event_name(row.id),
        type=row.type,
        accepted_at=when(row.accepted_at) or "",
        expires_at=when(row.expires_at),
        canceled_at=when(row.cancelled_at),
        correlation_id=row.correlation,
        cancellation_key=row.cancellation,
        tags=row.tags,
        workflows=_flows(row, names),
    )
