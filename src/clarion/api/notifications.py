"""Notifications: who was told, and who was not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from clarion.api.answers import After, Limit, PageInfo, Since, instant_of, when
from clarion.api.auth import Asker
from clarion.api.cursors import Cursors
from clarion.api.describing import route
from clarion.api.events import tag_of
from clarion.api.naming import Named, named, number_of
from clarion.api.problems import RefusedError
from clarion.api.services import Services
from clarion.api.why import STORY_EXAMPLE
from clarion.core.ids import (
    delivery_key,
    event_key,
    event_name,
    notification_key,
    notification_name,
)
from clarion.core.states import Bucket, DeliveryStatus
from clarion.core.workflow import CHANNEL_NUMBER, Channel
from clarion.errors import NotFoundError
from clarion.store.contract.catalog import WorkflowRow
from clarion.store.contract.events import EventRow
from clarion.store.contract.ledger import NotificationPage, NotificationQuery, NotificationRow
from clarion.store.contract.names import NameKind

_BUCKETS = {bucket.name.lower(): bucket for bucket in Bucket}
_STATUSES = {
    status.name.lower(): status for status in DeliveryStatus if status.name.lower() not in _BUCKETS
}
Text = Annotated[str | None, QueryParameter(max_length=256)]


class StepAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided for a step; `step` is null when a gate ended the whole notification."""

    step: int | None
    channel: str | None
    result: str
    reason: str
    scope: str | None
    until: str | None


class NotificationSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One event for one user under one workflow. `status`: open, held, sent, dead or skipped;
    what is held is due `until`. `steps` are what was decided first."""

    id: str
    event_id: str
    type: str | None
    workflow: str | None
    user: str | None
    tenant: str | None
    status: str
    until: str | None
    decided_at: str
    correlation_id: str | None
    steps: list[StepAnswer]


class NotificationAnswers(msgspec.Struct, frozen=True):
    """A page of notifications, newest first; it may be short although there are more."""

    data: list[NotificationSummary]
    page_info: PageInfo


SUMMARY_EXAMPLE: dict[str, Any] = {
    "id": "ntf_06jt0mbh2dng3fmbqk6l5abq8s0000004000000000000a",
    "event_id": "evt_06jt0mbh2dng3fmbqk6l5abq8s",
    "type": "comment.added",
    "workflow": "comment-added",
    "user": "u1",
    "tenant": None,
    "status": "sent",
    "until": None,
    "decided_at": "2026-01-02T03:04:05.678901Z",
    "correlation_id": None,
    "steps": [
        {
            "step": 0,
            "channel": "inbox",
            "result": "send",
            "reason": "level_all",
            "scope": None,
            "until": None,
        }
    ],
}


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
    status: Annotated[
        str | None, QueryParameter(description=f"One of {', '.join([*_BUCKETS, *_STATUSES])}.")
    ] = None,
    reason: Text = None,
    correlation_id: Text = None,
    tag: Annotated[str | None, QueryParameter(description="A tag, as `name:value`.")] = None,
    tenant: Text = None,
    q: Annotated[
        str | None,
        QueryParameter(
            description=(
                "Exactly an id of an event, a notification or a delivery, a user or an address of "
                "one (e-mail, phone, token), a tag's value, a correlation or a provider's id."
            )
        ),
    ] = None,
    since: Since = None,
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
    """Decisions, deliveries and attempts as one timeline, and the content as it was rendered, but
    for the links that open something for the user."""
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
        event=_event(filters.event),
        workflow=numbers["workflow"],
        channel=CHANNEL_NUMBER[Channel(filters.channel)] if filters.channel else None,
        bucket=bucket,
        delivery_status=delivery_status,
        reason=filters.reason,
        correlation=filters.correlation_id,
        tag=tag_of(filters.tag),
        tenant=numbers["tenant"],
        since=instant_of(filters.since, "since"),
        before=before,
        limit=limit,
    )


def _event(name: str | None) -> bytes | None:
    return None if name is None else event_key(name)


def _status(word: str | None) -> tuple[int | None, int | None]:
    if word is None:
        return None, None
    if word in _BUCKETS:
        return int(_BUCKETS[word]), None
    if word in _STATUSES:
        return None, int(_STATUSES[word])
    known = ", ".join([*_BUCKETS, *_STATUSES])
    raise RefusedError(400, f"status: it is one of {known}", parameter="status")


async def _search(
    services: Services, env: int, query: NotificationQuery, q: str | None, way: str | None
) -> tuple[str, NotificationPage]:
    """One page. A free search is tried as an id of ours, a user, an address of a user, a tag's
    value, a correlation id and a provider's id, in this order; the first way that finds something
    is kept for the pages that follow.
    """
    if q is None:
        return "", await services.store.ledger.search(env, query)
    ways: dict[str, dict[str, Any]] = {
        "id": _named_by(env, q),
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


async def summaries(
    services: Services, env: int, rows: Sequence[NotificationRow]
) -> list[NotificationSummary]:
    """Rows of the ledger as the lists show them, in their order."""
    if not rows:
        return []
    events = await services.store.events.rows(env, list({row.event for row in rows}))
    pins = {row.event: _pin(events.get(row.event), row.workflow) for row in rows}
    wanted = {(row.workflow, version) for row in rows if (version := pins[row.event])}
    flows = await services.store.catalog.workflow_versions(env, list(wanted))
    names = await named(
        services,
        env,
        users={row.user for row in rows},
        workflows={row.workflow for row in rows},
        tenants={row.tenant for row in rows},
    )
    held = [row for row in rows if row.bucket == Bucket.HELD]
    dues = await services.store.held.dues(env, [_key(row) for row in held])
    return [_summary(row, events.get(row.event), flows, names, dues.get(_key(row))) for row in rows]


def _key(row: NotificationRow) -> tuple[bytes, int, int]:
    return row.event, row.workflow, row.user


def _pin(event: EventRow | None, workflow: int) -> int | None:
    if event is None:
        return None
    return next((version for number, version, *_ in event.workflows if number == workflow), None)


def _summary(
    row: NotificationRow,
    event: EventRow | None,
    flows: dict[tuple[int, int], WorkflowRow],
    names: Named,
    due: int | None,
) -> NotificationSummary:
    flow = flows.get((row.workflow, _pin(event, row.workflow) or 0))
    channels = {step.index: step.channel.value for step in flow.workflow.sends} if flow else {}
    return NotificationSummary(
        id=notification_name(row.event, row.workflow, row.user),
        event_id=event_name(row.event),
        type=event.type if event else None,
        workflow=names.workflows.get(row.workflow),
        user=names.users.get(row.user),
        tenant=names.tenants.get(row.tenant),
        status=Bucket(row.bucket).name.lower(),
        until=when(due),
        decided_at=when(row.decided.at) or "",
        correlation_id=event.correlation if event else None,
        steps=[
            StepAnswer(
                step=step.step if step.step >= 0 else None,
                channel=channels.get(step.step),
                result=step.result.label,
                reason=str(step.reason),
                scope=step.scope or None,
                until=when(step.until),
            )
            for step in row.decided.steps
        ],
    )
