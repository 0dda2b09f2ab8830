"""What a user does with the inbox beyond marks: put an item off, choose an action, ask for the
counts alone, ask for a ticket to a live stream."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import Body, FromPath, QueryParameter
from litestar.response import Response

from clarion.api.answers import when
from clarion.api.auth import Reader
from clarion.api.describing import example_of, inbox_route
from clarion.api.entries import COUNTS_EXAMPLE, ENTRY_EXAMPLE, InboxCounts, counts_of
from clarion.api.inbox import MarkedAnswer, marked
from clarion.api.services import Services
from clarion.api.tickets import Tickets
from clarion.clock import SECOND, from_rfc3339
from clarion.errors import InvalidError, NotFoundError

LONGEST_SNOOZE_DAYS = 366
LONGEST_NUMBER = 3


class Snooze(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When the item is to come back (RFC 3339), within a year."""

    until: str


class TicketAnswer(msgspec.Struct, frozen=True):
    """What opens one stream (`?ticket=`), until `expires_at`."""

    ticket: str
    expires_at: str


_EXAMPLE: dict[str, Any] = {
    "entry": ENTRY_EXAMPLE | {"snoozed_until": "2026-01-03T08:00:00.000000Z"},
    "meta": COUNTS_EXAMPLE,
}
_ACTED: dict[str, Any] = {
    "entry": ENTRY_EXAMPLE | {"interacted_at": "2026-01-02T09:00:00.000000Z", "chosen_action": 0},
    "meta": COUNTS_EXAMPLE,
}
_STREAM = (
    'retry: 3127\n\nid: 119\nevent: hello\ndata: {"seq":119,"meta":{"total":3,"unread":2,'
    '"unseen":1}}\n\n'
)
Ticket = Annotated[
    str | None,
    QueryParameter(max_length=1024, description="Of `POST /v1/inbox/ticket`, once."),
]
LastEventId = Annotated[
    str | None,
    QueryParameter(
        max_length=64, description="Where to go on; the header `Last-Event-ID` does the same."
    ),
]
_Snooze = Annotated[Snooze, Body(examples=example_of({"until": "2026-01-03T08:00:00Z"}))]


@post(
    "/v1/inbox/{item:str}/snooze",
    status_code=200,
    **inbox_route("Snooze an item", refuses=(404, 415, 422), example=_EXAMPLE),
)
async def snooze_item(
    services: NamedDependency[Services],
    reader: NamedDependency[Reader],
    item: FromPath[str],
    data: _Snooze,
) -> MarkedAnswer:
    """It leaves list and counts until then, and comes back at the top, as new and unread. Snoozing
    again moves the instant."""
    return await marked(services, reader, item, "snooze", _until(data.until, services.clock.now()))


@post(
    "/v1/inbox/{item:str}/actions/{n:str}",
    status_code=200,
    **inbox_route("Choose an action", refuses=(404, 409), example=_ACTED),
)
async def act_on_item(
    services: NamedDependency[Services],
    reader: NamedDependency[Reader],
    item: FromPath[str],
    n: FromPath[str],
) -> MarkedAnswer:
    """Records that the user chose the action with this number, from 0; the item is read then.
    Another choice replaces it."""
    if not (n.isascii() and n.isdigit() and len(n) <= LONGEST_NUMBER):
        raise InvalidError("an action is named by its number among the item's actions, from 0")
    return await marked(services, reader, item, "act", int(n))


@get("/v1/inbox/counts", **inbox_route("Count the inbox", example=COUNTS_EXAMPLE))
async def get_counts(
    services: NamedDependency[Services],
    reader: NamedDependency[Reader],
    request: Request[Any, Any, Any],
) -> Response[InboxCounts | None]:
    """For those who poll: with `If-None-Match` the answer is 304 while nothing changed in the
    inbox."""
    await services.looking.look(reader.env, reader.user, reader.tenant)
    counts = await services.store.inbox.counts(reader.env, reader.user, reader.tenant)
    etag = f'"{counts.seq:x}-{counts.total:x}-{counts.unread:x}-{counts.unseen:x}"'
    asked = [one.strip() for one in request.headers.get("if-none-match", "").split(",")]
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if etag in asked:
        return Response(None, status_code=304, headers=headers)
    return Response(counts_of(counts), headers=headers)


@post(
    "/v1/inbox/ticket",
    status_code=200,
    **inbox_route(
        "Get a ticket for a stream",
        example={"ticket": "eyJhbGciOi...", "expires_at": "2026-01-02T03:04:35.000000Z"},
    ),
)
async def post_ticket(
    tickets: NamedDependency[Tickets], reader: NamedDependency[Reader]
) -> TicketAnswer:
    """A browser's EventSource cannot send the token; it opens `/v1/inbox/stream?ticket=` with this,
    once and within 30 seconds."""
    ticket, until = tickets.make(reader)
    return TicketAnswer(ticket, when(until) or "")


@get(
    "/v1/inbox/stream",
    media_type="text/event-stream",
    **inbox_route("Follow the inbox live", refuses=(405,), example=_STREAM),
)
async def get_stream(
    ticket: Ticket = None,  # noqa: ARG001 - described here, read by `realtime`
    last_event_id: LastEventId = None,  # noqa: ARG001
) -> Response[str]:
    """Server-sent events: `hello`, then `item.created`, `item.updated`, `item.removed`,
    `counts.updated`, `feed.reset` (read the list again) and `session.expiring`. `/v1/inbox/ws` is
    the same over a WebSocket of the subprotocol `inbox.v1`. The page "The live inbox" of the
    documentation has all of it.
    """
    raise NotFoundError("this process serves no streams; it needs the role api or gateway")


ROUTES = (snooze_item, act_on_item, get_counts, post_ticket, get_stream)


def _until(text: str, now: int) -> int:
    try:
        until = from_rfc3339(text)
    except (ValueError, OverflowError):
        detail = "write the instant with an offset, as in 2026-01-02T03:04:05Z"
        raise InvalidError(detail, "/until") from None
    if not now < until <= now + LONGEST_SNOOZE_DAYS * 24 * 3600 * SECOND:
        raise InvalidError("the instant has to lie ahead, within a year", "/until")
    return until
