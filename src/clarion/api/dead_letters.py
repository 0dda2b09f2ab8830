"""Dead letters: deliveries that were given up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from clarion.api.answers import After, Limit, PageInfo, when
from clarion.api.auth import Asker
from clarion.api.cursors import Cursors
from clarion.api.describing import route
from clarion.api.naming import named
from clarion.api.services import Services
from clarion.core.ids import delivery_name, event_name, notification_name
from clarion.core.workflow import CHANNEL_NUMBER, Channel
from clarion.store.contract.deliveries import DeadLetterRow

SAME_INSTANT_LIMIT = 10_000


class DeadLetterAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that was given up. `outcome` and `code` are what the provider said last."""

    id: str
    notification_id: str
    event_id: str
    workflow: str | None
    user: str | None
    channel: str
    account: str
    cause: str
    at: str
    attempts: int
    outcome: str | None
    code: str | None
    detail: str | None


class DeadLetterPage(msgspec.Struct, frozen=True):
    """A page of dead letters, newest first."""

    data: list[DeadLetterAnswer]
    page_info: PageInfo


DEAD_LETTER_EXAMPLE = {
    "id": "dlv_06jt0mbh2dng3fmbqk6l5abq8s",
    "notification_id": "ntf_06jt0mbh2dng3fmbqk6l5abq8s",
    "event_id": "evt_06jt0mbh2dng3fmbqk6l5abq8s",
    "workflow": "order-created",
    "user": "u1",
    "channel": "push",
    "account": "fcm-main",
    "cause": "retry:UNAVAILABLE",
    "at": "2026-01-02T03:04:05.678901Z",
    "attempts": 4,
    "outcome": "retry",
    "code": "UNAVAILABLE",
    "detail": "the server is overloaded",
}


@get(
    "/v1/dead-letters",
    **route(
        "List dead letters",
        tag="what happened",
        example={
            "data": [DEAD_LETTER_EXAMPLE],
            "page_info": {"has_next": False, "end_cursor": None},
        },
    ),
)
async def list_dead_letters(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    cursors: NamedDependency[Cursors],
    cause: Annotated[str | None, QueryParameter(description="Why it was given up.")] = None,
    channel: FromQuery[Channel | None] = None,
    after: After = None,
    limit: Limit = 50,
) -> DeadLetterPage:
    """Newest first. A page is longer than `limit` when so many died in the same instant."""
    number = CHANNEL_NUMBER[channel] if channel else None
    filters = {"list": "dead-letters", "env": asker.env, "cause": cause, "channel": number}
    before = cursors.open(filters, after)[0] if after else None

    async def rows_of(count: int) -> list[DeadLetterRow]:
        return await services.store.deliveries.dead_letters(
            asker.env, cause=cause, channel=number, before=before, limit=count
        )

    rows = await rows_of(limit + 1)
    shown, more = whole_instants(rows, limit), len(rows) > limit
    if not shown and rows:
        same = await rows_of(SAME_INSTANT_LIMIT)
        shown = [row for row in same if row.at == rows[0].at]
        more = len(same) > len(shown) or len(same) == SAME_INSTANT_LIMIT
    info = PageInfo(False)
    if more:
        info = PageInfo(True, cursors.seal(filters, [shown[-1].at]))
    return DeadLetterPage(await _answers(services, asker.env, shown), info)


ROUTES = (list_dead_letters,)


def whole_instants(rows: Sequence[Any], limit: int) -> list[Any]:
    """The first rows (with an `at`), cut so that no instant is torn: the list goes on at an
    instant, not at a row.
    """
    if len(rows) <= limit:
        return list(rows)
    return [row for row in rows[:limit] if row.at > rows[limit].at]


async def _answers(
    services: Services, env: int, rows: Sequence[DeadLetterRow]
) -> list[DeadLetterAnswer]:
    names = await named(
        services,
        env,
        users={row.key.user for row in rows},
        workflows={row.key.workflow for row in rows},
    )
    return [
        DeadLetterAnswer(
            id=delivery_name(row.key),
            notification_id=notification_name(row.key.event, row.key.workflow, row.key.user),
            event_id=event_name(row.key.event),
            workflow=names.workflows.get(row.key.workflow),
            user=names.users.get(row.key.user),
            channel=row.key.channel.value,
            account=row.account,
            cause=row.cause,
            at=when(row.at) or "",
            attempts=row.attempts,
            outcome=row.outcome,
            code=row.code,
            detail=row.detail,
        )
        for row in rows
    ]
