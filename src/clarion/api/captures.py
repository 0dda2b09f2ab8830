"""Captures: messages that the capture provider kept instead of sending them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from clarion.api.answers import After, Limit, PageInfo, page_of, when
from clarion.api.auth import Asker
from clarion.api.cursors import Cursors
from clarion.api.describing import route
from clarion.api.naming import named, number_of
from clarion.api.services import Services
from clarion.core.channel import Channel
from clarion.core.ids import delivery_name, event_name, notification_name
from clarion.store.contract.names import NameKind

LOOKED_AT = 2000
"""Captures that are looked at for a page of one channel."""


class CaptureAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it would have left."""

    id: int
    delivery_id: str
    notification_id: str
    event_id: str
    user: str | None
    channel: str
    account: str
    at: str
    message: dict[str, Any]


class CapturePage(msgspec.Struct, frozen=True):
    """A page of captured messages, newest first."""

    data: list[CaptureAnswer]
    page_info: PageInfo


CAPTURE_EXAMPLE = {
    "id": 7,
    "delivery_id": "dlv_06jt0mbh2dng3fmbqk6l5abq8s",
    "notification_id": "ntf_06jt0mbh2dng3fmbqk6l5abq8s",
    "event_id": "evt_06jt0mbh2dng3fmbqk6l5abq8s",
    "user": "u1",
    "channel": "email",
    "account": "capture",
    "at": "2026-01-02T03:04:05.678901Z",
    "message": {"subject": "Your order", "body": "..."},
}


@get(
    "/v1/captures",
    **route(
        "List captured messages",
        tag="what happened",
        example={"data": [CAPTURE_EXAMPLE], "page_info": {"has_next": False, "end_cursor": None}},
    ),
)
async def list_captures(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    cursors: NamedDependency[Cursors],
    user: Annotated[str | None, QueryParameter(description="Only messages to this user.")] = None,
    after: After = None,
    channel: FromQuery[Channel | None] = None,
    limit: Limit = 50,
) -> CapturePage:
    """Newest first. Channels without a provider of their own are captured, and nothing leaves. A
    page of one channel may be short, even empty, although there are more; one of large messages is
    shorter, too. Links that act for the user are masked (`***`) for keys without scope `admin`."""
    filters = {"list": "captures", "env": asker.env, "user": user}
    if channel is not None:
        filters["channel"] = channel.value
    number: int | None = None
    if user is not None:
        number = await number_of(services, asker.env, NameKind.USER, user)
        if number is None:
            return CapturePage([], PageInfo(False))
    before = cursors.open(filters, after)[0] if after else None
    looked = LOOKED_AT if channel is not None else limit
    rows = await services.store.ledger.captures(
        asker.env, user=number, before=before, limit=looked + 1
    )
    walked, info = page_of(rows, looked, cursors, filters, lambda row: [row.id])
    shown = [row for row in walked if channel in (None, row.key.channel)]
    if len(shown) > limit:
        shown = shown[:limit]
        info = PageInfo(True, cursors.seal(filters, [shown[-1].id]))
    fitting, cut = page_of(
        shown, limit, cursors, filters, lambda row: [row.id], lambda row: row.body
    )
    shown, info = [*fitting], cut if cut.has_next else info
    names = await named(services, asker.env, users={row.key.user for row in shown})
    data = [
        CaptureAnswer(
            id=row.id,
            delivery_id=delivery_name(row.key),
            notification_id=notification_name(row.key.event, row.key.workflow, row.key.user),
            event_id=event_name(row.key.event),
            user=names.users.get(row.key.user),
            channel=row.key.channel.value,
            account=row.account,
            at=when(row.at) or "",
            message=shown_to(services, asker, row.body),
        )
        for row in shown
    ]
    return CapturePage(data, info)


def shown_to(services: Services, asker: Asker, message: dict[str, Any]) -> dict[str, Any]:
    """The message; who may only read does not get links that act for the user it went to."""
    if "admin" in asker.scopes:
        return message
    masked: dict[str, Any] = services.linker.links.masked(message)
    return masked


ROUTES = (list_captures,)
