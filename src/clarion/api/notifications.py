"""Notifications: who was told, and who was not."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from clarion.api.answers import After, Limit, PageInfo, Since, instant_of
from clarion.api.auth import Asker
from clarion.api.cursors import Cursors
from clarion.api.describing import route
from clarion.api.events import tag_of
from clarion.api.naming import event_of, number_of
from clarion.api.problems import RefusedError
from clarion.api.services import Services
from clarion.api.summaries import SUMMARY_EXAMPLE, NotificationSummary, summaries
from clarion.api.why import STORY_EXAMPLE
from clarion.core.ids import (
    delivery_key,
    event_key,
    notification_key,
)
from clarion.core.states import Bucket, DeliveryStatus
from clarion.core.workflow import CHANNEL_NUMBER, Channel
from clarion.errors import NotFoundError
from clarion.store.contract.ledger import NotificationPage, NotificationQuery
from clarion.store.contract.names import NameKind

_BUCKETS = {bucket.name.lower(): bucket for bucket in Bucket}
_STATUSES = {
    status.name.lower(): status for status in DeliveryStatus if status.name.lower() not in _BUCKETS
}
GIVEN_UP = "given_up"
"""Notifications of which any message could not be delivered, or may not have been."""

Status = Annotated[
    str | None,
    QueryParameter(
        description=(
            f"Where it stands: {', '.join(_BUCKETS)}; or of any of its messages:"
            f" {', '.join(_STATUSES)}, or `{GIVEN_UP}` for those that bounced, failed, died or may"
            " not have arrived, whatever came of the others."
        )
    ),
]
Text = Annotated[str | None, QueryParameter(max_length=256)]


class NotificationAnswers(msgspec.Struct, frozen=True):
    """A page of notifications, newest first; it may be short although there are more."""

    data: list[NotificationSummary]
    page_info: PageInfo


class _Filters(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The filters as they were asked; the cursor is bound to them."""

    user: str | None = None
    event: str | None = None
    workflow: str | None = None
    channel: str | None = None
    status: str | None = None
    reason: str | None = None
    correlation_id: str | None = None
    tag: str | None = None
    tenant: str | None = None
    q: str | None = None
    since: str | None = None
    until: str | None = None


@get(
    "/v1/notifications",
    **route(
        "List notifications",
        refuses=(404,),
        tag="what happened",
        example={"data": [SUMMARY_EXAMPLE], "page_info": {"has_next": False, "end_cursor": None}},
    ),
)
async def list_notifications(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    cursors: NamedDependency[Cursors],
    user: Text = None,
    event: Text = None,
    workflow: Text = None,
    channel: FromQuery[Channel | None] = None,
    status: Status = None,
    reason: Text = None,
    correlation_id: Text = None,
    tag: Annotated[str | None, QueryParameter(description="A tag, as `name:value`.")] = None,
    tenant: Text = None,
    q: Annotated[
        str | None,
        QueryParameter(
            description=(
                "Exactly an id of an event (ours, or the one it was sent with), a notification or "
                "a delivery, a user or an address of one (e-mail, phone, token), a tag's value, "
                "a correlation or a provider's id."
            )
        ),
    ] = None,
    since: Since = None,
    until: Annotated[
        str | None, QueryParameter(description="Only what is older (RFC 3339).")
    ] = None,
    after: After = None,
    limit: Limit = 50,
) -> NotificationAnswers:
    """Newest first. All filters hold together."""
    filters = _Filters(
        user=user,
        event=event,
        workflow=workflow,
        channel=channel.value if channel else None,
        status=status,
        reason=reason,
        correlation_id=correlation_id,
        tag=tag,
        tenant=tenant,
        q=q,
        since=since,
        until=until,
    )
    bound = {"list": "notifications", "env": asker.env, **msgspec.to_builtins(filters)}
    way, position = None, None
    if after:
        way, *place = cursors.open(bound, after)
        position = (place[0], place[1], place[2])
    query = await _query(services, asker.env, filters, position, limit)
    if query is None:
        return NotificationAnswers([], PageInfo(False))
    way, page = await _search(services, asker.env, query, filters.q, way)
    cursor = cursors.seal(bound, [way, *page.cursor]) if page.cursor else None
    data = await summaries(services, asker.env, page.rows)
    return NotificationAnswers(data, PageInfo(page.cursor is not None, cursor))


@get(
    "/v1/notifications/{notification:str}",
    **route(
        "The story of a notification", refuses=(404,), example=STORY_EXAMPLE, tag="what happened"
    ),
)
async def get_notification(
    services: NamedDependency[Services], asker: NamedDependency[Asker], notification: FromPath[str]
) -> dict[str, Any]:
    """Decisions, deliveries and attempts as one timeline, and the content as it was rendered for
    this user, but for the links that open something. `wanted` is the user's own locale of then.
    Content that is not `certain` may have been that of another locale: what decided it has changed
    since, or is not kept.
    """
    event, workflow, user = notification_key(notification)
    story = await services.explaining.notification(asker.env, event, workflow, user)
    return {**story, "content": services.linker.links.masked(story["content"])}


ROUTES = (list_notifications, get_notification)


async def _query(
    services: Services,
    env: int,
    filters: _Filters,
    before: tuple[bytes, int, int] | None,
    limit: int,
) -> NotificationQuery | None:
    """The store's query; None when a filter names what does not exist, so nothing matches."""
    numbers: dict[str, int | None] = {"user": None, "workflow": None, "tenant": None}
    for name, kind in (
        ("user", NameKind.USER),
        ("workflow", NameKind.WORKFLOW),
        ("tenant", NameKind.TENANT),
    ):
        text = getattr(filters, name)
        if text is not None:
            numbers[name] = await number_of(services, env, kind, text)
            if numbers[name] is None:
                return None
    bucket, delivery_status = _status(filters.status)
    return NotificationQuery(
        user=numbers["user"],
        event=None if filters.event is None else await event_of(services, env, filters.event),
        workflow=numbers["workflow"],
        channel=CHANNEL_NUMBER[Channel(filters.channel)] if filters.channel else None,
        bucket=bucket,
        delivery_status=delivery_status,
        given_up=filters.status == GIVEN_UP,
        reason=filters.reason,
        correlation=filters.correlation_id,
        tag=tag_of(filters.tag),
        tenant=numbers["tenant"],
        since=instant_of(filters.since, "since"),
        until=instant_of(filters.until, "until"),
        before=before,
        limit=limit,
    )


def _status(word: str | None) -> tuple[int | None, int | None]:
    """A bucket, or the status of any message; neither for GIVEN_UP."""
    if word is None or word == GIVEN_UP:
        return None, None
    if word in _BUCKETS:
        return int(_BUCKETS[word]), None
    if word in _STATUSES:
        return None, int(_STATUSES[word])
    known = ", ".join([*_BUCKETS, *_STATUSES, GIVEN_UP])
    raise RefusedError(400, f"status: it is one of {known}", parameter="status")


async def _search(
    services: Services, env: int, query: NotificationQuery, q: str | None, way: str | None
) -> tuple[str, NotificationPage]:
    """One page. A free search is tried as an id of ours, the sender's id of an event, a user, an
    address of a user, a tag's value, a correlation id and a provider's id, in this order; the
    first way that finds something is kept for the pages that follow.
    """
    if q is None:
        return "", await services.store.ledger.search(env, query)
    ways: dict[str, dict[str, Any]] = {
        "id": _named_by(env, q),
        "sent_as": await _sent_as(services, env, q),
        "user": {"user": await number_of(services, env, NameKind.USER, q)},
        "address": await _holder(services, env, q),
        **{name: {name: q} for name in ("tag_value", "correlation", "provider_id")},
    }
    open_ways = [name for name, fields in ways.items() if _narrows(query, fields)]
    page = NotificationPage(rows=[], cursor=None)
    for name in [way] if way in open_ways else open_ways:
        page = await services.store.ledger.search(env, msgspec.structs.replace(query, **ways[name]))
        if page.rows or page.cursor:
            return name, page
    return way or "", page


async def _sent_as(services: Services, env: int, name: str) -> dict[str, Any]:
    """The event that its sender named so; nothing where there is none."""
    try:
        return {"event": await event_of(services, env, name)}
    except NotFoundError:
        return {}


async def _holder(services: Services, env: int, address: str) -> dict[str, Any]:
    """Who has the address, the first of several; nothing where nobody has."""
    numbers = await services.store.people.holders(env, address, 1)
    return {"user": numbers[0]} if numbers else {}


def _narrows(query: NotificationQuery, fields: dict[str, Any]) -> bool:
    """Whether there is something to look for, and no other filter asks for something else."""
    return bool(fields) and all(
        value is not None and getattr(query, name) in (None, value)
        for name, value in fields.items()
    )


def _named_by(env: int, text: str) -> dict[str, Any]:
    """The key that an id of an event, a notification or a delivery stands for; else nothing."""
    try:
        if text.startswith("evt_"):
            return {"event": event_key(text)}
        if text.startswith("ntf_"):
            event, workflow, user = notification_key(text)
            return {"event": event, "workflow": workflow, "user": user}
        if text.startswith("dlv_"):
            key = delivery_key(text, env)
            return {"event": key.event, "workflow": key.workflow, "user": key.user}
    except NotFoundError:
        return {}
    return {}
